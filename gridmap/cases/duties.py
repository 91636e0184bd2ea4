"""The six duties of the grid (R28): one visit is entered once, and counts for the duty it served and the households seen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmap import codes, store, terms
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from datetime import date, datetime

    import duckdb
    import pandas as pd

    from gridmap.cases.hands import Hand
    from gridmap.store import Store

DUTIES = {
    "info": terms.key("Collecting basic information"),
    "opinion": terms.key("Gathering public opinion"),
    "hazard": terms.key("Checking for hazards"),
    "dispute": terms.key("Settling disputes"),
    "policy": terms.key("Explaining policy and law"),
    "service": terms.key("Running errands for residents"),
}


@dataclass(frozen=True)
class Visit:
    """One round or visit: which of DUTIES it served, and the households seen on it."""

    duties: tuple[str, ...]
    households: int = 0
    note: str = ""


def log(db: Store, hand: Hand, visit: Visit, *, place: str | None, now: datetime | None = None) -> str:
    """Write down one visit once, for every duty it served, and give its id. Raises CaseError as write() does."""
    with db.write() as cursor:
        return write(cursor, hand, visit, place=place, at=now or store.now())


def write(
    cursor: duckdb.DuckDBPyConnection, hand: Hand, visit: Visit, *, place: str | None, at: datetime, case: str | None = None
) -> str:
    """Write down one visit inside the transaction of cursor, with the case that was found on it, and give its id.

    The households seen are counted with the first duty only, so that no sum counts them twice. Raises CaseError for an unknown
    duty, for none, or when no place is known.
    """
    served = list(dict.fromkeys(visit.duties))
    unknown = next((duty for duty in served if duty not in DUTIES), None)
    if unknown is not None:
        raise CaseError("There is no duty {duty}.", duty=unknown)
    if not served:
        raise CaseError("Say which of the six duties the visit served.")
    code = place or hand.territory
    if len(code) < codes.COMMUNITY:
        raise CaseError("Say where it is: a point on the map, an address, or a community.")
    name = f"D{uuid.uuid4().hex[:16]}"
    for number, duty in enumerate(served):
        row = {
            "log_id": f"{name}-{number + 1}",
            "duty_id": duty,
            "grid_code": code if len(code) == codes.GRID else None,
            "community_code": code[: codes.COMMUNITY],
            "staff_id": hand.staff,
            "done_at": at,
            "households": 0 if number else visit.households,
            "incident_id": case,
            "note_zh": visit.note or None,
        }
        store.insert(cursor, "duty_logs", row)
    return name


def today(db: Store, hand: Hand, now: datetime | None = None) -> dict[str, int]:
    """Count what a hand's territory (a worker: themself) did for each duty today."""
    at = now or store.now()
    mine, value = ("staff_id = ?", hand.staff) if hand.staff else ("starts_with(community_code, ?)", hand.territory)
    rows = db.cursor().execute(
        f"SELECT duty_id, count(*) FROM duty_logs WHERE {mine} AND done_at >= ? GROUP BY 1",
        [value, at.replace(hour=0, minute=0)],
    )
    done = dict(rows.fetchall())
    return {duty: done.get(duty, 0) for duty in DUTIES}


def by_grid(db: Store, place: str, start: date, end: date) -> pd.DataFrame:
    """Give each grid's duties between two days (end left out): grid_code, one column a duty, visited, households, coverage.

    coverage: households visited, each log's count, at most those the grid has / households of the grid; None without a count.
    Length of tracks is not among the columns: nobody is ranked by mileage.
    """
    parts = ", ".join(f"count(*) FILTER (duty_id = '{duty}') AS {duty}" for duty in DUTIES)
    return (
        db.cursor()
        .execute(
            f"""
            WITH done AS (
                SELECT grid_code, {parts}, coalesce(sum(households), 0)::BIGINT AS visited FROM duty_logs
                WHERE done_at >= $start AND done_at < $end AND grid_code IS NOT NULL GROUP BY 1
            )
            SELECT g.grid_code, d.* EXCLUDE grid_code, g.households,
                least(1.0, coalesce(d.visited, 0) / nullif(g.households, 0)) AS coverage
            FROM grids_now g LEFT JOIN done d USING (grid_code)
            WHERE starts_with(g.grid_code, $place) ORDER BY 1""",
            {"place": place, "start": start, "end": end},
        )
        .df()
    )


def grid_of(db: Store, staff: str | None) -> str | None:
    """Give the grid that a person has a post on today, the first where there are several."""
    row = (
        db.cursor()
        .execute(
            "SELECT grid_code FROM grid_assignments WHERE staff_id = ? AND end_on IS NULL "
            "ORDER BY post <> 'full_time', grid_code",
            [staff],
        )
        .fetchone()
    )
    return row[0] if row else None
