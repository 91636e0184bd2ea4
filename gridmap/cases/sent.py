"""What is told to other systems: the outbox, tried again with growing pauses until it is taken or given up."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmap import store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gridmap.store import Store

PAUSES = (1, 5, 15, 60, 240, 720, 1440)
"""Minutes between one try and the next; after the last the news is given up and stays in the outbox with its trouble."""


@dataclass(frozen=True)
class News:
    """One piece of news on its way: where it goes, what it says, the signature its receiver can check."""

    hook_id: str
    incident_id: str
    seq: int
    url: str
    body: bytes
    signature: str


def due(db: Store, now: datetime, *, most: int = 50) -> list[News]:
    """Give the news that are to be sent now, the oldest first."""
    rows = (
        db.cursor()
        .execute(
            "SELECT o.hook_id, o.incident_id, o.seq, h.url, o.body, h.secret FROM outbox o JOIN hooks h USING (hook_id) "
            "WHERE o.next_at <= ? AND h.stopped_at IS NULL ORDER BY o.next_at, o.incident_id, o.seq LIMIT ?",
            [now, most],
        )
        .fetchall()
    )
    return [
        News(hook, case, seq, url, body.encode(), hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest())
        for hook, case, seq, url, body, secret in rows
    ]


def deliver(db: Store, send: Callable[[News], None], *, now: datetime | None = None) -> tuple[int, int]:
    """Send what is due through ``send``, which raises OSError when the other side does not take it; give (told, failed).

    What failed is tried again after the pauses of PAUSES; what was told is never sent again. A process that dies between the
    telling and its note sends once more: receivers tell news apart by case and seq.
    """
    told = failed = 0
    for news in due(db, now or store.now()):
        at = now or store.now()
        try:
            send(news)
        except OSError as error:
            failed += 1
            _note(db, news, at, trouble=str(error)[:200])
        else:
            told += 1
            _note(db, news, at, trouble=None)
    return told, failed


def _note(db: Store, news: News, at: datetime, *, trouble: str | None) -> None:
    where, key = "WHERE hook_id = ? AND incident_id = ? AND seq = ?", [news.hook_id, news.incident_id, news.seq]
    with db.write() as cursor:
        if trouble is None:
            cursor.execute(
                f"UPDATE outbox SET tries = tries + 1, told_at = ?, next_at = NULL, trouble = NULL {where}", [at, *key]
            )
            return
        row = cursor.execute(f"SELECT tries FROM outbox {where}", key).fetchone()
        tries = row[0] if row else 0
        again = at + timedelta(minutes=PAUSES[tries]) if tries < len(PAUSES) else None
        cursor.execute(f"UPDATE outbox SET tries = tries + 1, next_at = ?, trouble = ? {where}", [again, trouble, *key])
