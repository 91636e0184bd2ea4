"""Who acts on a case: a name, what they are, at which level, where, and for which department."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("community", "street", "district")
"""社区、街道、区: the three levels a case passes through (speech R37), the lowest first."""

ROLES = ("resident", "worker", "desk", "department", "supervisor", "leader", "system")


@dataclass(frozen=True)
class Hand:
    """One person, or system, that acts on cases.

    role: one of ROLES; a desk (受理台) belongs to a level, a department (部门) carries its dept_id, a worker (网格员) their
    staff_id. territory: the division or grid code they answer for; everything whose code starts with it is theirs.
    """

    name: str
    role: str
    territory: str = ""
    level: str | None = None
    dept: str | None = None
    staff: str | None = None

    @property
    def rank(self) -> int:
        """Give how high the hand stands, 0 being the community; a hand without a level stands lowest."""
        return LEVELS.index(self.level) if self.level in LEVELS else -1

    def reaches(self, place: str | None) -> bool:
        """Say whether a place (a code) lies in the hand's territory; one that is not known lies in the district's only."""
        if place is None:
            return len(self.territory) <= 6
        return place.startswith(self.territory)
