"""Sessions in the book: kept on the server, ended by time, by signing out or by an administrator."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmap.store import now

if TYPE_CHECKING:
    from gridmap.access import accounts
    from gridmap.access.book import Book

LONGEST = timedelta(hours=12)
"""A session ends after a working day, whatever happens in it."""

IDLE = timedelta(hours=2)
"""A session ends when nothing was asked in it for so long."""

_NOTED = timedelta(minutes=1)
"""How exactly the book knows when a session was last used."""

_SLACK = timedelta(minutes=5)
"""A clock may be put right by so much before sessions from its future end."""

KEPT = timedelta(days=30)
"""Ended sessions are listed for so long."""


@dataclass(frozen=True)
class Session:
    """One session that works: whose, by which id (not the token), until when."""

    id: str
    account: accounts.Account
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    browser: str


def begin(self: Book, account: accounts.Account, *, address: str = "", browser: str = "", instead_of: str | None = None) -> str:
    """Open a session and give its token, which is kept nowhere on the server.

    instead_of: the token the browser came with, which ends: a token from before signing in is never one after it.
    """
    token, at = secrets.token_urlsafe(32), now()
    with self.write() as book:
        if instead_of:
            self.end(instead_of, why="rotated")
        book.execute("DELETE FROM sessions WHERE ends_at < ?", [(at - KEPT).isoformat(" ")])
        book.execute(
            "INSERT INTO sessions (id, account, opened_at, seen_at, ends_at, address, browser) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                _id(token), account.name, at.isoformat(" "), at.isoformat(" "), (at + LONGEST).isoformat(" "),
                address[:64], browser[:200],
            ],
        )  # fmt: skip
    return token


def look(self: Book, token: str | None = None, *, id_: str | None = None) -> Session | None:
    """Give the session of a token (or of an id), or None when there is none, it has ended, or its account does not work.

    A session lasts 12 hours, and 2 without being used; using it is noted once a minute.
    """
    key = _id(token) if token else id_
    row = self.row("SELECT * FROM sessions WHERE id = ? AND ended IS NULL", key) if key else None
    account = self.account(row["account"]) if row else None
    if row is None or account is None or not account.works:
        return None
    opened, seen, ends = (datetime.fromisoformat(row[name]) for name in ("opened_at", "seen_at", "ends_at"))
    at = now()
    if at >= ends or at >= seen + IDLE or at < opened - _SLACK:
        return None
    if at >= seen + _NOTED:
        with self.write() as book:
            book.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [at.isoformat(" "), row["id"]])
    return Session(row["id"], account, opened, seen, ends, row["address"] or "", row["browser"] or "")


def end(self: Book, token: str | None = None, *, id_: str | None = None, why: str = "signed out") -> None:
    """End a session by its token or its id."""
    with self.write() as book:
        book.execute("UPDATE sessions SET ended = ? WHERE id = ? AND ended IS NULL", [why, _id(token) if token else id_])


def end_all(self: Book, account: str, *, why: str = "revoked") -> None:
    """End every session of an account."""
    with self.write() as book:
        book.execute("UPDATE sessions SET ended = ? WHERE account = ? AND ended IS NULL", [why, account])


def sessions(self: Book) -> list[Session]:
    """Give the sessions that work, the last used first."""
    ids = self.rows("SELECT id FROM sessions WHERE ended IS NULL ORDER BY seen_at DESC")
    return [found for row in ids if (found := self.look(id_=row["id"]))]


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
