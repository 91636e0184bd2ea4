"""Small look-ups of the work: who is who, which departments answer a whistle, who may be given a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.store import Store

PARTIES = ("enforcement", "utility")
"""Roles of the departments that answer a whistle: the eight and the four of R44."""


def departments(db: Store) -> dict[str, tuple[str, str]]:
    """Give every department: id -> (Chinese name, English name)."""
    rows = db.cursor().execute("SELECT dept_id, name_zh, coalesce(name_en, name_zh) FROM departments ORDER BY rowid").fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def parties(db: Store) -> list[str]:
    """Give the departments and companies that can be called by a whistle."""
    rows = db.cursor().execute("SELECT dept_id FROM departments WHERE dept_role IN ? ORDER BY rowid", [list(PARTIES)])
    return [row[0] for row in rows.fetchall()]


def person(db: Store, staff: str) -> str:
    """Give a person's masked name, or the id where there is none."""
    row = db.cursor().execute("SELECT name_masked FROM staff WHERE staff_id = ?", [staff]).fetchone()
    return row[0] or staff if row else staff


def workers(db: Store, place: str | None, *, but: str | None = None) -> pd.DataFrame:
    """List who can be given a case in a place, those of its own grid first: staff_id, name, post, grid_code, near.

    place: a grid, community or street code. but: left out, because who found a case does not handle it.
    """
    code = place or ""
    return (
        db.cursor()
        .execute(
            """
            SELECT DISTINCT ON (a.staff_id) a.staff_id, coalesce(s.name_masked, a.staff_id) AS name, a.post, a.grid_code,
                a.grid_code = $place AS near
            FROM grid_assignments a LEFT JOIN staff s USING (staff_id)
            WHERE a.staff_id IS NOT NULL AND a.end_on IS NULL AND a.post IN ('full_time', 'part_time', 'enforcement')
                AND starts_with(a.grid_code, $within) AND a.staff_id IS DISTINCT FROM $but
            ORDER BY near DESC, a.staff_id LIMIT 200""",
            {"place": code, "within": code[:12], "but": but},
        )
        .df()
        .sort_values(["near", "staff_id"], ascending=[False, True], ignore_index=True)
    )
