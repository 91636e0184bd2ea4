"""What should worry a leader now: whistles nobody answered, matters that come back, rules without a figure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmap import terms

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from gridmap.store import Store

_WHISTLES = """
SELECT w.whistle_id, w.community_code, r.dept_id, d.name_zh, d.name_en, w.blown_at, r.required_by,
  coalesce(r.required_by < $now, false) AS late
FROM whistles w JOIN whistle_responses r USING (whistle_id) LEFT JOIN departments d USING (dept_id)
WHERE r.reported_at IS NULL AND w.blown_at <= $now
ORDER BY w.blown_at
"""

_REPEATS = """
SELECT i.grid_code, g.name_zh AS grid_name, i.community_code, i.matter_code, m.name_zh, m.name_en, i.n
FROM (
  SELECT grid_code, any_value(community_code) AS community_code, matter_code, count(*) AS n FROM incidents
  WHERE reported_at > $since AND reported_at <= $now AND grid_code IS NOT NULL AND duplicate_of IS NULL
  GROUP BY grid_code, matter_code HAVING count(*) >= $times
) i
LEFT JOIN grids_now g USING (grid_code)
LEFT JOIN (SELECT matter_code, any_value(name_zh) AS name_zh, any_value(name_en) AS name_en FROM matter_types GROUP BY 1) m
  USING (matter_code)
ORDER BY i.n DESC, i.grid_code, i.matter_code
"""


def open_whistles(store: Store, now: datetime) -> pd.DataFrame:
    """List calls to a department that has not reported in yet (dossier R45), the oldest first.

    Columns: whistle_id, community_code, dept_id, name_zh, name_en, blown_at, required_by, late. A call without a limit, which
    the rules leave blank, is never late.
    """
    return store.cursor().execute(_WHISTLES, {"now": now}).df()


def repeats(store: Store, now: datetime, *, times: int = 3, days: int = 30) -> pd.DataFrame:
    """List matters that came back in one grid at least ``times`` in ``days`` (dossier K33), the most frequent first.

    Columns: grid_code, grid_name, community_code, matter_code, name_zh, name_en, n. Duplicates of one report count once.
    """
    return store.cursor().execute(_REPEATS, {"now": now, "since": now - timedelta(days=days), "times": times}).df()


def blanks(store: Store) -> list[str]:
    """Name the figures that the rules leave blank and nobody has set yet, in the current language."""
    column = {"zh": "name_zh", "en": "name_en"}[terms.language()]
    rows = store.cursor().execute(
        f"SELECT coalesce({column}, key) FROM settings WHERE is_blank_in_seed AND value IS NULL ORDER BY key"  # noqa: S608  ours
    )
    return [row[0] for row in rows.fetchall()]
