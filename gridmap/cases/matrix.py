"""The responsibility matrix: who leads which matter at which level (R46). One lead a cell; gaps and doubles are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.cases.hands import LEVELS
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from gridmap.store import Store

_CELLS = """
    WITH matters AS (
        SELECT matter_code, any_value(name_zh) AS name_zh, any_value(name_en) AS name_en, any_value(class_zh) AS class_zh,
            any_value(class_en) AS class_en, any_value(default_dept_id) AS usual
        FROM matter_types GROUP BY matter_code
    ), levels AS (SELECT unnest(['community', 'street', 'district']) AS level), set_ AS (
        SELECT matter_code, level, list(dept_id ORDER BY dept_id) AS depts FROM responsibilities GROUP BY ALL
    )
    SELECT m.* EXCLUDE usual, l.level,
        coalesce(s.depts, CASE WHEN l.level <> 'community' AND m.usual IS NOT NULL THEN [m.usual] ELSE [] END) AS depts,
        s.depts IS NOT NULL AS is_set
    FROM matters m CROSS JOIN levels l LEFT JOIN set_ s ON s.matter_code = m.matter_code AND s.level = l.level
    ORDER BY m.matter_code, list_position(['community', 'street', 'district'], l.level)"""


def matrix(db: Store) -> pd.DataFrame:
    """Give every cell: matter_code, name_zh, name_en, class_zh, class_en, level, depts (list of dept_id), is_set.

    A cell that nobody set has the matter's usual department at street and district; in the community its own people handle it.
    """
    return db.cursor().execute(_CELLS).df()


def lead(db: Store, matter: str | None, level: str) -> str | None:
    """Give the department that leads a matter at a level, or None in a gap and where two claim it."""
    rows = db.cursor().execute(f"SELECT depts FROM ({_CELLS}) WHERE matter_code = ? AND level = ?", [matter, level]).fetchone()
    return rows[0][0] if rows and len(rows[0]) == 1 else None


def gaps(cells: pd.DataFrame) -> pd.DataFrame:
    """Give the cells of street and district that nobody leads."""
    return cells[(cells["depts"].str.len() == 0) & (cells["level"] != "community")]


def doubles(cells: pd.DataFrame) -> pd.DataFrame:
    """Give the cells that more than one department leads."""
    return cells[cells["depts"].str.len() > 1]


def put(db: Store, matter: str, level: str, depts: Sequence[str], *, source: str) -> None:
    """Set who leads a matter at a level; an empty list makes the cell a usual one again.

    Raises CaseError when the level, matter or a department is unknown.
    """
    cursor = db.cursor()
    known = {row[0] for row in cursor.execute("SELECT dept_id FROM departments").fetchall()}
    if level not in LEVELS or set(depts) - known:
        raise CaseError("There is no department {dept}.", dept=", ".join(sorted(set(depts) - known)) or level)
    if not cursor.execute("SELECT 1 FROM matter_types WHERE matter_code = ?", [matter]).fetchone():
        raise CaseError("There is no matter {code}.", code=matter)
    with db.write() as write:
        write.execute("DELETE FROM responsibilities WHERE matter_code = ? AND level = ?", [matter, level])
        for dept in dict.fromkeys(depts):
            write.execute("INSERT INTO responsibilities VALUES (?, ?, ?, ?)", [matter, level, dept, source])
