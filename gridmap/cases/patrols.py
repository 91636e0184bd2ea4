"""Plans of patrols: who walks which grid on which days of the week, and how much of it was done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridmap import store, terms
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd

    from gridmap.store import Store

WEEKDAYS = (
    terms.key("Monday"),
    terms.key("Tuesday"),
    terms.key("Wednesday"),
    terms.key("Thursday"),
    terms.key("Friday"),
    terms.key("Saturday"),
    terms.key("Sunday"),
)

_HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


def plan(db: Store, grid: str, weekdays: Iterable[int], starts_at: str, *, staff: str | None = None, note: str = "") -> int:
    """Plan a patrol of a grid on days of the week, and give how many were added; what is planned already stays as it is.

    weekdays: 1 (Monday) to 7; starts_at: such as 09:00. Raises CaseError for no day, another hour, or a grid not in force.
    """
    days = sorted(set(weekdays))
    if not days or not set(days) <= set(range(1, 8)) or not _HOUR.fullmatch(starts_at):
        raise CaseError("A patrol is planned for days of the week and an hour such as 09:00.")
    if not db.cursor().execute("SELECT 1 FROM grids_now WHERE grid_code = ?", [grid]).fetchone():
        raise CaseError("There is no grid or community {code}.", code=grid)
    with db.write() as cursor:
        return sum(
            (
                cursor.execute(
                    "INSERT INTO patrol_plans VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [f"{grid}-{day}-{starts_at}", grid, staff, day, starts_at, note or None],
                ).fetchone()
                or (0,)
            )[0]
            for day in days
        )


def withdraw(db: Store, plan_id: str) -> None:
    """Take a planned patrol back."""
    with db.write() as cursor:
        cursor.execute("DELETE FROM patrol_plans WHERE plan_id = ?", [plan_id])


def planned(db: Store, place: str, *, staff: str | None = None, weekday: int | None = None) -> pd.DataFrame:
    """List the planned patrols of a territory: plan_id, grid_code, staff_id, name, weekday, starts_at, note_zh.

    staff, weekday: only what this person walks, only what this day has.
    """
    return (
        db.cursor()
        .execute(
            """
            SELECT p.plan_id, p.grid_code, p.staff_id, coalesce(s.name_masked, p.staff_id) AS name, p.weekday, p.starts_at,
                p.note_zh
            FROM patrol_plans p LEFT JOIN staff s USING (staff_id)
            WHERE starts_with(p.grid_code, $place) AND coalesce(p.staff_id = $staff, $staff IS NULL)
                AND ($weekday IS NULL OR p.weekday = $weekday)
            ORDER BY p.grid_code, p.weekday, p.starts_at""",
            {"place": place, "staff": staff, "weekday": weekday},
        )
        .df()
    )


def today(db: Store, staff: str | None, now: datetime | None = None) -> pd.DataFrame:
    """List the patrols a person has to walk today, as planned() does, with done: whether one was begun in that grid today."""
    at = now or store.now()
    found = planned(db, "", staff=staff, weekday=at.isoweekday())
    walked = (
        db.cursor()
        .execute(
            "SELECT DISTINCT grid_code FROM patrols WHERE started_at >= ? AND staff_id = ?",
            [at.replace(hour=0, minute=0, second=0, microsecond=0), staff],
        )
        .fetchall()
    )
    return found.assign(done=found["grid_code"].isin([row[0] for row in walked]))


def kept(db: Store, place: str) -> pd.DataFrame:
    """Give each grid of a territory its patrols planned a week and those of the last seven days: grid_code, planned, done."""
    return (
        db.cursor()
        .execute(
            """
            WITH planned AS (SELECT grid_code, count(*) AS planned FROM patrol_plans GROUP BY 1), done AS (
                SELECT grid_code, count(*) AS done FROM patrols WHERE started_at > $now - INTERVAL 7 DAY GROUP BY 1
            )
            SELECT g.grid_code, coalesce(p.planned, 0) AS planned, coalesce(d.done, 0) AS done
            FROM grids_now g LEFT JOIN planned p USING (grid_code) LEFT JOIN done d USING (grid_code)
            WHERE starts_with(g.grid_code, $place) ORDER BY 1""",
            {"now": store.now(), "place": place},
        )
        .df()
    )
