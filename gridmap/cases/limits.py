"""Which limit a matter has: the most exact rule that is written for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gridmap.cases import calendar, clocks
from gridmap.errors import CaseError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from gridmap.store import Store

_EXACT = """
    SELECT limit_value, limit_unit, coalesce(pausable, false) FROM sla_rules
    WHERE stage = 'close' AND (matter_code = $matter OR matter_code IS NULL) AND (channel = $channel OR channel IS NULL)
    ORDER BY matter_code IS NULL, NOT starts_with(rule_id, 'set-'), channel IS NULL, rule_id LIMIT 1"""


def find(cursor: duckdb.DuckDBPyConnection, matter: str | None, channel: str | None) -> tuple[tuple[float, str] | None, bool]:
    """Give the limit for closing, as (value, unit), and whether it may be paused; (None, False) where no rule is written.

    A rule a person set for the matter goes first; then matter and channel, matter, channel, and the general one.
    """
    row = cursor.execute(_EXACT, {"matter": matter, "channel": channel}).fetchone()
    if row is None or row[0] is None:
        return None, False
    return (float(row[0]), row[1] if row[1] in clocks.UNITS else "hour"), bool(row[2])


def names(db: Store) -> dict[str, str]:
    """Give the Chinese name of every matter by its code, looked up again when the matters were written."""
    version = db.data_version("matter_types")
    kept = cast("tuple[str, dict[str, str]] | None", db.cache.get("matter names"))
    if kept is None or kept[0] != version:
        kept = (version, dict(db.cursor().execute("SELECT matter_code, name_zh FROM matter_types").fetchall()))
        db.cache["matter names"] = kept
    return kept[1]


def rules(db: Store) -> clocks.Rules:
    """Give calendar and settings of the clocks, read again when either was written."""
    version = db.data_version("settings", "calendar_days")
    kept = cast("tuple[str, clocks.Rules] | None", db.cache.get("clock rules"))
    if kept is None or kept[0] != version:
        kept = (version, _read(db))
        db.cache["clock rules"] = kept
    return kept[1]


def _read(db: Store) -> clocks.Rules:
    keys = {"accept_limit_minutes": 1.0, "arrive_limit_minutes": 60.0, "close_limit_hours": 24.0}
    found = dict(db.cursor().execute("SELECT key, value FROM settings WHERE value IS NOT NULL").fetchall())
    accept, arrive, close = (float(found.get(key, usual)) for key, usual in keys.items())
    day = found.get("one_day_is_working_day")
    return clocks.Rules(calendar.read(db), accept, arrive, close, None if day is None else day.lower() in {"yes", "true", "1"})


def listed(db: Store) -> pd.DataFrame:
    """List the rules: rule_id, matter_code, channel, stage, limit_value, limit_unit, pausable, source."""
    text = (
        "SELECT rule_id, matter_code, channel, stage, limit_value, limit_unit, coalesce(pausable, false) AS pausable, source "
        "FROM sla_rules ORDER BY matter_code NULLS FIRST, channel NULLS FIRST, stage"
    )
    found = db.cursor().execute(text).df().astype(object)
    return found.where(found.notna(), None)


def put(db: Store, matter: str, value: float, unit: str, *, pausable: bool, source: str) -> None:
    """Set the limit for closing a matter, whatever the channel. Raises CaseError for an unknown unit or a limit of nothing."""
    if unit not in clocks.UNITS or value <= 0:
        raise CaseError("A limit is more than nothing, in one of the known units.")
    with db.write() as cursor:
        cursor.execute(
            "INSERT INTO sla_rules (rule_id, matter_code, stage, limit_value, limit_unit, pausable, source) "
            "VALUES (?, ?, 'close', ?, ?, ?, ?) ON CONFLICT (rule_id) DO UPDATE SET limit_value = excluded.limit_value, "
            "limit_unit = excluded.limit_unit, pausable = excluded.pausable, source = excluded.source",
            [f"set-{matter}", matter, value, unit, pausable, source],
        )
