"""A case as its events leave it: what happened, told once, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gridmap.cases.hands import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gridmap.cases.hands import Hand


@dataclass(frozen=True)
class Event:
    """One thing that happened to a case; never changed once written. data: what was said with it, as JSON holds it."""

    seq: int
    action: str
    at: datetime
    hand: Hand
    data: Mapping[str, Any] = field(default_factory=dict)
    from_level: str | None = None
    to_level: str | None = None


@dataclass(frozen=True)
class Case:
    """A case as its events leave it. Times are naive UTC+8; limit is (value, unit) of clocks.UNITS, counted from the report."""

    id: str
    reported_at: datetime
    matter: str | None = None
    channel: str | None = None
    resident: bool = False
    petition: bool = False
    on_the_spot: bool = False
    grid: str | None = None
    place: str | None = None
    """The smallest code that is known: grid, else community, else street."""
    status: str = "new"
    level: str = "community"
    top: str = "community"
    reporter: str | None = None
    handler: str | None = None
    dept: str | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    handled_at: datetime | None = None
    handled_by: str | None = None
    closed_at: datetime | None = None
    limit: tuple[float, str] | None = None
    pausable: bool = False
    until: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    awaiting: tuple[str, str, datetime | None] | None = None
    """What waits for approval: defer or carry, who asked, until when."""
    deferred: bool = False
    checked: bool = False
    returns: int = 0
    reopened: int = 0
    called: Mapping[str, str] = field(default_factory=dict)
    """Departments of the last whistle, each called, there or gone."""
    whistles: int = 0
    mediating: str | None = None
    mediations: int = 0
    duplicate_of: str | None = None
    resolved: bool | None = None
    satisfied: bool | None = None
    seq: int = 0
    last_at: datetime | None = None
    loaded: bool = False
    """It came with a load, and nothing was done here yet."""
    taken: Event | None = None
    """The event by which a loaded case was taken over; it is written down with the first move made here."""

    @property
    def carried(self) -> bool:
        """Say whether the case is carried over (挂账): its clock stands."""
        return bool(self.pauses) and self.pauses[-1][1] is None

    @property
    def rank(self) -> int:
        """Give the level the case is at, 0 being the community."""
        return LEVELS.index(self.level)
