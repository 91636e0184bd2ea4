"""Which limit a matter has: the most exact rule that is written for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmap.cases import calendar, clocks
from gridmap.cases.remembered import remembered
from gridmap.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.store import Store


def find(db: Store, matter: str | None, channel: str | None) -> tuple[tuple[float, str] | None, bool]:
    """Give the limit for closing, as (value, unit), and whether it may be paused; (None, False) where no rule is written.

    A rule a person set for the matter goes first; then matter and channel, matter, channel, and the general one.
    """
    found = remembered(db, "limits", ("sla_rules",), lambda: _closing(db))
    meant = [rule for rule in found if rule[0] in (matter, None) and rule[1] in (channel, None)]
    if not meant or meant[0][2] is None:
        return None, False
    _, _, value, unit, pausable = meant[0]
    return (float(value), unit if unit in clocks.UNITS else "hour"), pausable


def _closing(db: Store) -> list[tuple[Any, ...]]:
    """Give every limit for closing, the most exact first: matter, channel, value, unit, pausable."""
    text = (
        "SELECT matter_code, channel, limit_value, limit_unit, coalesce(pausable, false) FROM sla_rules WHERE stage = 'close' "
        "ORDER BY matter_code IS NULL, NOT starts_with(rule_id, 'set-'), channel IS NULL, rule_id"
    )
    return db.cursor().execute(text).fetchall()


def names(db: Store) -> dict[str, str]:
    """Give the Chinese name of every matter by its code."""
    text = "SELECT matter_code, name_zh FROM matter_types"
    return remembered(db, "matter names", ("matter_types",), lambda: dict(db.cursor().execute(text).fetchall()))


def rules(db: Store) -> clocks.Rules:
    """Give calendar and settings of the clocks."""
    return remembered(db, "clock rules", ("settings", "calendar_days"), lambda: _read(db))


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
