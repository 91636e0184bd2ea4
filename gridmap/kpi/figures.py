"""The strip of figures at the head of a page, in one query over the columns it touches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gridmap import terms
from gridmap.kpi import cache, places
from gridmap.kpi import filters as filtering

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from gridmap.kpi.filters import Filters
    from gridmap.store import Store

READS = ("incidents", "settings")

LEAST = 10
"""A rate over fewer cases is hidden: it says more about chance than about work."""


# Every case is described by a few yes/no answers; cases with the same answers are counted together, in one pass and aggregate,
# and the figures are sums over the few dozen kinds of cases that there are: half the work of sixteen filtered counts. What is
# asked of residents' reports only goes into one number and is counted beside, so that it is worked out for them alone.
_LIMITS = {"accept": ("accepted_at", "accept_limit_minutes", 60), "arrive": ("arrived_at", "arrive_limit_minutes", 60)}
_LIMITS["close"] = ("closed_at", "close_limit_hours", 3600)

_RESIDENT = " + ".join(
    f"CASE WHEN reported_at > $ripe_{name} OR $limit_{name} IS NULL THEN 0"
    f" WHEN epoch_us({column}) - epoch_us(reported_at) <= $limit_{name} THEN {2 * 4**place} ELSE {4**place} END"
    for place, (name, (column, _, _)) in enumerate(_LIMITS.items())
)
"""Two bits a limit: 0 too young to be judged, 1 late, 2 in time."""

_ANSWERS = {
    "closed": "closed_at IS NOT NULL",
    "due": "due_at <= $as_of AND NOT deferred",
    "in_time": "closed_at <= due_at",
    "orphan": "{grid} IS NULL",
    "satisfied": "satisfied",
}

_SUMS = {
    "reported": "closed IS NOT NULL",
    "closed": "closed",
    "open": "NOT closed",
    "overdue": "due AND NOT closed",
    "orphans": "orphan",
    "due": "due",
    "due_closed": "due AND closed",
    "due_on_time": "due AND in_time",
    "ripe_accept": "resident & 3 > 0",
    "accept_1min": "resident & 2 > 0",
    "ripe_arrive": "(resident >> 2) & 3 > 0",
    "arrive_1h": "(resident >> 2) & 2 > 0",
    "ripe_close": "(resident >> 4) & 3 > 0",
    "close_1day": "(resident >> 4) & 2 > 0",
    "asked": "satisfied IS NOT NULL",
    "satisfied": "satisfied",
}

_SUMMED = ", ".join(f"coalesce(sum(cases) FILTER ({sql}), 0)::BIGINT AS {name}" for name, sql in _SUMS.items())

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
    "accept_1min": (terms.key("Accepted within 1 minute"), "accept_1min", "ripe_accept"),
    "arrive_1h": (terms.key("On site within 1 hour"), "arrive_1h", "ripe_arrive"),
    "close_1day": (terms.key("Closed within 1 day"), "close_1day", "ripe_close"),
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
    limit, a step never taken counting as late (3个1, R40); satisfied over those asked. A store without incidents counts none.
    """
    if filtering.last_report(db) is None:
        return _figures([0] * len(_SUMS))
    moment = filtering.as_of(db, filters)

    def ask() -> dict[str, Figure]:
        if filtering.only_placed(filters):
            every = replace(filters, area=None)
            rows = places.answered(
                db,
                ("strip", every, moment),
                filters.area,
                lambda: _everywhere(db, every, moment),
                reads=READS,
                days=filters.days,
            )
            if rows is not None:
                return _figures(rows.iloc[0].tolist() if len(rows) else [0] * len(_SUMS))
        found = filtering.where(filters)
        query = f"SELECT {_SUMMED} FROM ({_kinds(found)})"
        return _figures(
            db.cursor().execute(query, {**found.parameters, "as_of": moment, **_limits(db, moment)}).fetchone() or ()
        )

    return dict(cache.once(db, ("strip", filters, moment), ask, reads=READS, days=filters.days))


def work_out(db: Store, filters: Filters) -> None:
    """Work out the strip for every place, so that no reader who drills down waits for it. filters: time alone."""
    moment = filtering.as_of(db, filters)
    places.work_out(db, ("strip", filters, moment), lambda: _everywhere(db, filters, moment), reads=READS, days=filters.days)


def _kinds(found: filtering.Where, place: str = "") -> str:
    """Count the cases of each kind, then the reports of residents by what is asked of them. place: columns to count by, too."""
    answers = ", ".join(f"{sql.format(grid=found.grid)} AS {name}" for name, sql in _ANSWERS.items())
    return f"""
        SELECT {place} {answers}, NULL AS resident, count(*) AS cases FROM incidents WHERE {found.condition} GROUP BY ALL
        UNION ALL BY NAME
        SELECT {place} {_RESIDENT} AS resident, count(*) AS cases FROM incidents
        WHERE {found.condition} AND is_resident_reported AND duplicate_of IS NULL GROUP BY ALL"""


def _figures(sums: Sequence[Any]) -> dict[str, Figure]:
    got = dict(zip(_SUMS, (int(value) for value in sums), strict=True))
    counted = {key: Figure(key, name, got[key]) for key, name in _COUNTS.items()}
    return counted | {key: rate(key, name, got[part], got[whole]) for key, (name, part, whole) in _RATES.items()}


def _everywhere(db: Store, filters: Filters, moment: datetime) -> pd.DataFrame:
    """Give the sums for every place. filters: with no place."""
    found = filtering.where(filters)
    placed = f"street_code, community_code, {found.grid} AS grid_code,"
    query = f"""
        WITH kinds AS ({_kinds(found, placed)})
        SELECT {places.PLACE} AS place, {_SUMMED} FROM ({places.ROWS.format(rows="kinds")}) {places.groups()}"""
    return db.cursor().execute(query, {**found.parameters, "as_of": moment, **_limits(db, moment)}).df()


def _limits(db: Store, moment: datetime) -> dict[str, object]:
    """Give the limits of the 3个1 in microseconds, and the moments before which a report is old enough to be judged by them."""
    known = dict(db.cursor().execute("SELECT key, TRY_CAST(value AS DOUBLE) FROM settings").fetchall())
    found: dict[str, object] = {}
    for name, (_, key, seconds) in _LIMITS.items():
        limit = known.get(key)
        found[f"limit_{name}"] = None if limit is None else round(limit * seconds * 1_000_000)
        found[f"ripe_{name}"] = moment if limit is None else moment - timedelta(seconds=limit * seconds)
    return found
