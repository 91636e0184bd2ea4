"""The log of actions: who did what to which object when, each entry sealed with the one before.

An entry's digest is SHA-256 over its fields and the digest before it, so that no entry can be changed, taken out or put in
without breaking all that follow. Whoever notes the newest digest elsewhere also sees whether the end was cut off.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd

from gridmap.errors import GridmapError
from gridmap.store import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.access.actor import Actor
    from gridmap.access.book import Book

FIELDS = ("seq", "at", "actor", "role", "action", "object", "detail", "address", "previous")
"""What a digest seals, in this order."""

NOTHING = "0" * 64
"""The digest before the first entry."""

_LONGEST = 2000


def record(self: Book, actor: Actor, action: str, object_: str = "", detail: str = "", *, address: str = "") -> int:
    """Write one entry and give its number. object_: what it was done to, as code, id or file name."""
    with self.write() as book:
        last = book.execute("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        entry = {
            "seq": (last[0] if last else 0) + 1,
            "at": now().isoformat(" "),
            "actor": actor.name,
            "role": actor.role,
            "action": action,
            "object": object_[:_LONGEST],
            "detail": detail[:_LONGEST],
            "address": address[:64],
            "previous": last[1] if last else NOTHING,
        }
        book.execute(
            "INSERT INTO audit (seq, at, actor, role, action, object, detail, address, previous, digest) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*entry.values(), _digest(entry)],
        )
        return int(entry["seq"])


@contextmanager
def acting(self: Book, actor: Actor, action: str, object_: str = "", *, address: str = "") -> Iterator[None]:
    """Write down that an action begins, and how it ended: a trace is there before the deed, whatever happens during it."""
    number = self.record(actor, action, object_, "begun", address=address)
    try:
        yield
    except BaseException as error:
        why = error.sentence("en") if isinstance(error, GridmapError) else type(error).__name__
        self.record(actor, action, object_, f"not done (see {number}): {why}", address=address)
        raise
    self.record(actor, action, object_, f"done (see {number})", address=address)


def actions(
    self: Book,
    *,
    words: str = "",
    actor: str = "",
    action: str = "",
    start: object = None,
    end: object = None,
    limit: int = 1000,
) -> pd.DataFrame:
    """Give entries, the newest first. words: a text in object or detail; start, end: half-open, naive UTC+8.

    Columns: seq, at, actor, role, action, object, detail, address, digest.
    """
    found = self.rows(
        "SELECT seq, at, actor, role, action, object, detail, address, digest FROM audit "
        "WHERE (? = '' OR instr(object || ' ' || detail, ?) > 0) AND (? = '' OR actor = ?) AND (? = '' OR action = ?) "
        "AND (? IS NULL OR at >= ?) AND (? IS NULL OR at < ?) ORDER BY seq DESC LIMIT ?",
        words, words, actor, actor, action, action,
        *(None if when is None else str(when) for when in (start, start, end, end)), limit,
    )  # fmt: skip
    return pd.DataFrame(found, columns=["seq", "at", "actor", "role", "action", "object", "detail", "address", "digest"])


def head(self: Book) -> tuple[int, str]:
    """Give number and digest of the newest entry; (0, zeros) before the first."""
    row = self.row("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1")
    return (row["seq"], row["digest"]) if row else (0, NOTHING)


def broken(self: Book, *, head: str | None = None) -> int | None:
    """Give the number of the first entry that was changed, taken out or put in; None when the log is whole.

    head: a digest noted earlier that has to be in the log still; where it is not, its end was cut off, and the number after the
    last entry is given.
    """
    previous, expected, seen = NOTHING, 1, head in {None, NOTHING}
    for row in self.rows("SELECT * FROM audit ORDER BY seq"):
        if row["seq"] != expected or row["previous"] != previous or row["digest"] != _digest(row):
            return expected
        previous, expected = row["digest"], expected + 1
        seen = seen or previous == head
    return None if seen else expected


def _digest(entry: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps([entry[name] for name in FIELDS], ensure_ascii=False).encode()).hexdigest()
