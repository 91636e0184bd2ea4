"""The one clock of the store: China's time, without a zone, as the dossier's tables keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OFFSET = timedelta(hours=8)


def now() -> datetime:
    """Give the time now in UTC+8 as a naive datetime, to the second."""
    return (datetime.now(UTC) + OFFSET).replace(tzinfo=None, microsecond=0)


def local(moment: datetime) -> datetime:
    """Give a moment as the store keeps it: in UTC+8 and without a zone; one that says no zone is taken for China's."""
    if moment.tzinfo is None:
        return moment.replace(microsecond=0)
    return (moment.astimezone(UTC) + OFFSET).replace(tzinfo=None, microsecond=0)
