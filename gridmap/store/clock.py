"""The one clock of the store: China's time, without a zone, as the dossier's tables keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OFFSET = timedelta(hours=8)


def now() -> datetime:
    """Give the time now in UTC+8 as a naive datetime, to the second."""
    return (datetime.now(UTC) + OFFSET).replace(tzinfo=None, microsecond=0)
