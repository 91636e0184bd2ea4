"""Whistles 社区吹哨、部门报到: which are open, who was called and when they came, how departments compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from gridmap.store import Store

_CALLS = """
    SELECT w.whistle_id, w.incident_id, w.community_code, w.reason, w.blown_at, w.blown_by, w.closed_at, r.dept_id,
        coalesce(r.required_by, w.blown_at + to_seconds(60 * (
            SELECT TRY_CAST(value AS DOUBLE) FROM settings WHERE key = 'whistle_limit_minutes'))) AS required_by,
        r.reported_at, r.left_at, r.street_rating
    FROM whistles w JOIN whistle_responses r USING (whistle_id)
    WHERE starts_with(coalesce(w.community_code, $place), $place)"""


def calls(db: Store, place: str, *, open_only: bool = True, limit: int = 500) -> pd.DataFrame:
    """List calls to departments, the newest whistle first: one row a whistle and department.

    Columns: whistle_id, incident_id, community_code, reason (the kind), blown_at, blown_by, closed_at, dept_id, required_by (as
    indicator K28 sees it: its own, else by the setting, else none), reported_at, left_at, street_rating.
    """
    alive = " AND w.closed_at IS NULL" if open_only else ""
    text = f"{_CALLS}{alive} ORDER BY w.blown_at DESC, r.dept_id LIMIT $limit"
    return db.cursor().execute(text, {"place": place, "limit": limit}).df()


def unanswered(db: Store, place: str) -> pd.DataFrame:
    """List the calls of open whistles that nobody has answered, the oldest first; columns as calls()."""
    text = f"{_CALLS} AND w.closed_at IS NULL AND r.reported_at IS NULL ORDER BY w.blown_at, r.dept_id"
    return db.cursor().execute(text, {"place": place}).df()


def ranking(db: Store, place: str, start: datetime, end: datetime) -> pd.DataFrame:
    """Compare departments by the whistles blown between two moments.

    Columns dept_id, called, came, judged (calls with a limit that has passed or was met), in_time, on_time (in_time / judged),
    minutes (median from whistle to arrival), rating (mean). The most called stand first.
    """
    text = f"""
        SELECT dept_id, count(*) AS called, count(reported_at) AS came,
            count(*) FILTER (required_by IS NOT NULL AND (required_by <= $end OR reported_at IS NOT NULL)) AS judged,
            count(*) FILTER (reported_at <= required_by) AS in_time, in_time / nullif(judged, 0) AS on_time,
            median(epoch(reported_at - blown_at) / 60) AS minutes, avg(street_rating) AS rating
        FROM ({_CALLS}) WHERE blown_at >= $start AND blown_at < $end GROUP BY 1 ORDER BY called DESC, dept_id"""
    return db.cursor().execute(text, {"place": place, "start": start, "end": end}).df()
