"""The strip of figures at the head of a page, in one query over the columns it touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.kpi import cache
from gridmap.kpi import filters as filtering

if TYPE_CHECKING:
    from gridmap.kpi.filters import Filters
    from gridmap.store import Store

LEAST = 10
"""A rate over fewer cases is hidden: it says more about chance than about work."""


def _resident(limit: str, step: str | None = None) -> str:
    """Count resident-reported cases older than a limit, or those of them that took a step within it."""
    done = f" AND {step} <= reported_at + INTERVAL {limit}" if step else ""
    return f"count(*) FILTER (is_resident_reported AND duplicate_of IS NULL AND reported_at <= $as_of - INTERVAL {limit}{done})"


_DUE = "due_at <= $as_of AND NOT deferred"

_SUMS = {
    "reported": "count(*)",
    "closed": "count(closed_at)",
    "open": "count(*) FILTER (closed_at IS NULL AND status IS DISTINCT FROM 'void')",
    "overdue": "count(*) FILTER (closed_at IS NULL AND due_at < $as_of AND status IS DISTINCT FROM 'void')",
    "orphans": "count(*) FILTER ({grid} IS NULL)",
    "due": f"count(*) FILTER ({_DUE})",
    "due_closed": f"count(*) FILTER ({_DUE} AND closed_at IS NOT NULL)",
    "due_on_time": f"count(*) FILTER ({_DUE} AND closed_at <= due_at)",
    "resident_1min": _resident("1 MINUTE"),
    "accept_1min": _resident("1 MINUTE", "accepted_at"),
    "resident_1h": _resident("1 HOUR"),
    "arrive_1h": _resident("1 HOUR", "arrived_at"),
    "resident_1day": _resident("24 HOUR"),
    "close_1day": _resident("24 HOUR", "closed_at"),
    "asked": "count(satisfied)",
    "satisfied": "count(*) FILTER (satisfied)",
}

_COUNTS = {
    "reported": terms.key("Reported"),
    "closed": terms.key("Closed"),
    "open": terms.key("Open"),
    "overdue": terms.key("Overdue"),
    "orphans": terms.key("In no grid"),
}
_RATES = {
    "closing_rate": (terms.key("Closing rate"), "due_closed", "due"),
    "on_time_rate": (terms.key("On-time closing rate"), "due_on_time", "due"),
    "accept_1min": (terms.key("Accepted within 1 minute"), "accept_1min", "resident_1min"),
    "arrive_1h": (terms.key("On site within 1 hour"), "arrive_1h", "resident_1h"),
    "close_1day": (terms.key("Closed within 1 day"), "close_1day", "resident_1day"),
    "satisfied": (terms.key("Satisfied"), "satisfied", "asked"),
}


@dataclass(frozen=True)
class Figure:
    """One figure: its id, its English name (a catalogue key), its value, and over how many cases.

    value: a count, or a rate 0-1; None where there is nothing to count or the rate is hidden. n: the rate's denominator, None
    for a count.
    hidden: the rate is over fewer than 10 cases.
    """

    id: str
    name: str
    value: float | None
    n: int | None = None
    hidden: bool = False

    @property
    def is_rate(self) -> bool:
        """Say whether value is a rate 0-1 rather than a count."""
        return self.n is not None


def rate(id_: str, name: str, part: int, whole: int) -> Figure:
    """Make the figure of a rate: hidden below LEAST cases, empty over none."""
    shown = whole >= LEAST
    return Figure(id_, name, part / whole if shown else None, whole, hidden=0 < whole < LEAST)


def strip(db: Store, filters: Filters) -> dict[str, Figure]:
    """Give the figures of the incidents meant, by id.

    Counts: reported, closed, open (without void), overdue (open past its due time), orphans (in no grid).
    Rates: closing_rate = closed / due and on_time_rate = closed by their due time / due (due: due_at passed, not deferred;
    dossier §2.8); accept_1min, arrive_1h, close_1day over resident-reported cases that are no duplicates and older than the
    limit, a step never taken counting as late (3个1, R40); satisfied over those asked. Raises StoreError when the store holds
    no incidents.
    """
    moment = filtering.as_of(db, filters)

    def ask() -> dict[str, Figure]:
        found = filtering.where(filters)
        sums = ", ".join(sql.format(grid=found.grid) for sql in _SUMS.values())
        query = f"SELECT {sums} FROM incidents WHERE {found.condition}"
        row = db.cursor().execute(query, found.parameters | {"as_of": moment}).fetchone() or ()
        got = dict(zip(_SUMS, (int(value) for value in row), strict=True))
        counted = {key: Figure(key, name, got[key]) for key, name in _COUNTS.items()}
        return counted | {key: rate(key, name, got[part], got[whole]) for key, (name, part, whole) in _RATES.items()}

    return dict(cache.once(db, ("strip", filters, moment), ask))
