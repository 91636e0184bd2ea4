"""Accounts in the book: who may sign in, as what, until when."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gridmap import codes, terms
from gridmap.access import passwords
from gridmap.access.actor import ROLES, Actor
from gridmap.errors import AccessError
from gridmap.store import now

if TYPE_CHECKING:
    from gridmap.access.book import Book

TRIES = 5
"""Wrong passwords in a row after which an account is locked."""

LOCKED = timedelta(minutes=15)
"""For how long."""

ONE_TIME = timedelta(hours=72)
"""How long a one-time password works."""

_NAME = re.compile(r"[\w.@-]{2,40}")
WRONG = terms.key("Name or password is wrong, or the account is locked.")


@dataclass(frozen=True)
class Account:
    """One account as the book has it; times are naive UTC+8."""

    name: str
    shown: str
    role: str
    territory: str
    must_change: bool
    closed: bool
    failed: int
    locked_until: datetime | None
    expires_at: datetime | None
    changed_at: datetime | None
    made_at: datetime

    @property
    def actor(self) -> Actor:
        """Give who acts through it."""
        return Actor(self.name, self.role, self.territory)

    @property
    def works(self) -> bool:
        """Say whether it can be used: not closed, not expired."""
        return not self.closed and (self.expires_at is None or now() < self.expires_at)

    @property
    def locked(self) -> bool:
        """Say whether it is locked now. A lock that ends later than one can was made before a change of the clock: none."""
        return self.locked_until is not None and now() < self.locked_until <= now() + LOCKED


def accounts(self: Book) -> list[Account]:
    """Give all accounts by name."""
    return [_account(row) for row in self.rows("SELECT * FROM accounts ORDER BY name")]


def account(self: Book, name: str) -> Account | None:
    """Give an account, or None."""
    row = self.row("SELECT * FROM accounts WHERE name = ?", name)
    return _account(row) if row else None


def add(self: Book, name: str, role: str, territory: str = "", *, shown: str = "", expires_at: datetime | None = None) -> str:
    """Add an account and give its one-time password, which has to be changed at the first sign-in, within 72 hours.

    Raises AccessError for a name that is taken or not 2-40 letters, digits and . _ @ -, an unknown role, or a territory that is
    no code.
    """
    _judge(name, role, territory)
    password = passwords.one_time()
    with self.write() as book:
        if book.execute("SELECT 1 FROM accounts WHERE name = ?", [name]).fetchone():
            raise AccessError("There is an account {name} already.", name=name)
        book.execute(
            "INSERT INTO accounts (name, shown, role, territory, password, must_change, changed_at, expires_at, made_at) "
            "VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)",
            [name, shown or name, role, territory, passwords.keep(password), _text(now()), _text(expires_at), _text(now())],
        )
    return password


def change(self: Book, name: str, **values: object) -> str | None:
    """Change an account: role, territory, shown, closed, expires_at; reset=True gives it a new one-time password.

    What the account may do changes at once; closing it or resetting its password ends its sessions. The last open administrator
    stays one. Gives the one-time password where one was made. Raises AccessError when it cannot be done.
    """
    known = self.account(name)
    if known is None:
        raise AccessError("There is no account {name}.", name=name)
    _judge(name, str(values.get("role", known.role)), str(values.get("territory", known.territory)))
    password = passwords.one_time() if values.pop("reset", False) else None
    with self.write() as book:
        for key in ("role", "territory", "shown", "closed", "expires_at"):
            if key in values:
                value = values[key]
                kept = _text(value) if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value
                book.execute(f"UPDATE accounts SET {key} = ? WHERE name = ?", [kept, name])  # noqa: S608  one of five names
        if password:
            book.execute(
                "UPDATE accounts SET password = ?, must_change = 1, failed = 0, locked_until = NULL, changed_at = ? "
                "WHERE name = ?",
                [passwords.keep(password), _text(now()), name],
            )
        if (
            known.role == "administrator"
            and not book.execute(
                "SELECT 1 FROM accounts WHERE role = 'administrator' AND NOT closed AND length(territory) <= ? "
                "AND (expires_at IS NULL OR expires_at > ?)",
                [codes.DISTRICT, _text(now())],
            ).fetchone()
        ):
            raise AccessError("{name} is the last administrator and stays one.", name=name)
        if password or values.get("closed"):
            self.end_all(name)
    return password


def set_password(self: Book, name: str, old: str, new: str) -> None:
    """Change a password by its owner. Raises AccessError when the old one is wrong or the new one will not do."""
    self.sign_in(name, old)
    passwords.judge(new, name)
    if new == old:
        raise AccessError("The new password is the old one.")
    with self.write() as book:
        book.execute(
            "UPDATE accounts SET password = ?, must_change = 0, changed_at = ? WHERE name = ?",
            [passwords.keep(new), _text(now()), name],
        )
        self.end_all(name)


def sign_in(self: Book, name: str, password: str) -> Account:
    """Give the account that name and password open.

    Every refusal says the same, so that nobody learns which names exist. Five wrong passwords in a row lock the account for 15
    minutes. Raises AccessError.
    """
    row = self.row("SELECT * FROM accounts WHERE name = ?", name) or {}
    right = passwords.fits(row.get("password"), password)
    if not row:
        raise AccessError(WRONG)
    known = _account(row)
    if known.locked:
        raise AccessError(WRONG)
    if not right:
        with self.write() as book:
            book.execute("UPDATE accounts SET failed = failed + 1 WHERE name = ?", [name])
            book.execute(
                "UPDATE accounts SET locked_until = ?, failed = 0 WHERE name = ? AND failed >= ?",
                [_text(now() + LOCKED), name, TRIES],
            )
        raise AccessError(WRONG)
    if not known.works:
        raise AccessError(WRONG)
    if known.must_change and known.changed_at and now() > known.changed_at + ONE_TIME:
        raise AccessError("The one-time password is no longer valid; ask the administrator for a new one.")
    with self.write() as book:
        book.execute("UPDATE accounts SET failed = 0, locked_until = NULL WHERE name = ?", [name])
    return known


def is_new(self: Book) -> bool:
    """Say whether there is no account yet: the first administrator has to be set up."""
    return self.row("SELECT 1 FROM accounts LIMIT 1") is None


def invite(self: Book) -> str:
    """Make the one-time token with which the first administrator is set up; an earlier one no longer works."""
    token = secrets.token_urlsafe(24)
    with self.write() as book:
        book.execute("INSERT OR REPLACE INTO facts VALUES ('invitation', ?)", [_digest(token)])
    return token


def claim(self: Book, token: str, name: str, password: str) -> Account:
    """Make the first administrator with the one-time token. Raises AccessError when the token is wrong or was used."""
    _judge(name, "administrator", "")
    passwords.judge(password, name)
    with self.write() as book:
        row = book.execute("SELECT value FROM facts WHERE key = 'invitation'").fetchone()
        if row is None or not secrets.compare_digest(row[0], _digest(token)) or not self.is_new():
            raise AccessError("This invitation is not valid; the server prints a new one when it starts.")
        book.execute("DELETE FROM facts WHERE key = 'invitation'")
        book.execute(
            "INSERT INTO accounts (name, shown, role, password, changed_at, made_at) VALUES (?, ?, 'administrator', ?, ?, ?)",
            [name, name, passwords.keep(password), _text(now()), _text(now())],
        )
    found = self.account(name)
    assert found is not None  # noqa: S101  written above
    return found


def _judge(name: str, role: str, territory: str) -> None:
    if not _NAME.fullmatch(name):
        raise AccessError("An account's name has 2 to 40 letters, digits and . _ @ -")
    if role not in ROLES:
        raise AccessError("There is no role {role}; there are: {roles}.", role=role, roles=", ".join(ROLES))
    if territory:
        codes.level(territory)


def _account(row: dict[str, Any]) -> Account:
    times = {key: _time(row[key]) for key in ("locked_until", "expires_at", "changed_at")}
    return Account(
        name=row["name"],
        shown=row["shown"],
        role=row["role"],
        territory=row["territory"],
        must_change=bool(row["must_change"]),
        closed=bool(row["closed"]),
        failed=row["failed"],
        made_at=datetime.fromisoformat(row["made_at"]),
        **times,
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(" ")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
