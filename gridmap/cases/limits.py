"""Which limit a matter has: the most exact rule that is written for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.cases import calendar, clocks

if TYPE_CHECKING:
    import duckdb

    from gridmap.store import Store

_EXACT = """
    SELECT limit_value, limit_unit, coalesce(pausable, false) FROM sla_rules
    WHERE stage = 'close' AND (matter_code = $matter OR matter_code IS NULL) AND (channel = $channel OR channel IS NULL)
    ORDER BY matter_code IS NULL, channel IS NULL, rule_id LIMIT 1"""


def find(cursor: duckdb.DuckDBPyConnection, matter: str | None, channel: str | None) -> tuple[tuple[float, str] | None, bool]:
    """Give the limit for closing, as (value, unit), and whether it may be paused; (None, False) where no rule is written.

    A rule for matter and channel goes before one for the matter, that before one for the channel, that before the general one.
    """
    row = cursor.execute(_EXACT, {"matter": matter, "channel": channel}).fetchone()
    if row is None or row[0] is None:
        return None, False
    return (float(row[0]), row[1] if row[1] in clocks.UNITS else "hour"), bool(row[2])


def rules(db: Store) -> clocks.Rules:
    """Read calendar and settings of the clocks from the store."""
    keys = {"accept_limit_minutes": 1.0, "arrive_limit_minutes": 60.0, "close_limit_hours": 24.0}
    found = dict(db.cursor().execute("SELECT key, value FROM settings WHERE value IS NOT NULL").fetchall())
    accept, arrive, close = (float(found.get(key, usual)) for key, usual in keys.items())
    day = found.get("one_day_is_working_day")
    return clocks.Rules(calendar.read(db), accept, arrive, close, None if day is None else day.lower() in {"yes", "true", "1"})
