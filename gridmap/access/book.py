"""The book of accounts, sessions and actions: one small SQLite file beside the district's database.

It is a file of its own, so that accounts can be managed while the server holds the database, and so that putting back an old
backup of the database erases no trace of what was done.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridmap import errors
from gridmap.access import accounts, audit, sessions
from gridmap.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "access.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  name TEXT PRIMARY KEY,
  shown TEXT NOT NULL,
  role TEXT NOT NULL,
  territory TEXT NOT NULL DEFAULT '',
  password TEXT,                 -- argon2id; none where somebody else's service says who it is
  must_change INTEGER NOT NULL DEFAULT 0,
  changed_at TEXT,               -- when the password was set
  expires_at TEXT,               -- the account works until then
  failed INTEGER NOT NULL DEFAULT 0,
  locked_until TEXT,
  closed INTEGER NOT NULL DEFAULT 0,
  made_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,           -- SHA-256 of the token in the cookie: the book alone opens nothing
  account TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  address TEXT,
  browser TEXT,
  ended TEXT                     -- signed out | revoked | rotated
);
CREATE INDEX IF NOT EXISTS sessions_by_account ON sessions (account);
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  address TEXT NOT NULL,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_open: dict[Path, Book] = {}
_opening = threading.Lock()


class Book:
    """The open book, made by open_book; any thread may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        fresh = not path.exists()
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise AccessError("{file} is damaged or no book of accounts; put back its backup.", file=path.name) from error
        if fresh:
            path.chmod(0o600)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Give the rows of a query."""
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values).fetchall()]

    def row(self, query: str, *values: object) -> dict[str, Any] | None:
        """Give the first row of a query, or None."""
        found = self.rows(query, *values)
        return found[0] if found else None

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a transaction of its own, which holds against other processes too."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.OperationalError):  # a full disk takes it back by itself
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and errors.is_out_of_room(error):
                    raise AccessError(errors.NO_ROOM) from error
                if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname.startswith("SQLITE_IOERR"):
                    raise AccessError(
                        "The disk refused {file}, and nothing of this was kept: {why}", file=self.path.name, why=error
                    ) from error
                raise

    def copy(self, target: Path) -> None:
        """Write a whole copy of the book to a new file."""
        with self._lock, sqlite3.connect(target) as other:
            self._connection.backup(other)
            other.execute("PRAGMA journal_mode=DELETE")
        other.close()
        target.chmod(0o600)

    def close(self) -> None:
        """Close the file."""
        with _opening:
            self._connection.close()
            _open.pop(self.path, None)

    # What stands in the book, each in the module named for it.
    account = accounts.account
    add = accounts.add
    change = accounts.change
    set_password = accounts.set_password
    sign_in = accounts.sign_in
    invite = accounts.invite
    claim = accounts.claim
    is_new = accounts.is_new
    accounts = accounts.accounts
    begin = sessions.begin
    look = sessions.look
    end = sessions.end
    end_all = sessions.end_all
    sessions = sessions.sessions
    record = audit.record
    acting = audit.acting
    actions = audit.actions
    head = audit.head
    broken = audit.broken


def open_book(folder: Path | str) -> Book:
    """Open the book of a district's folder, making it when needed; the same folder gives the same Book within a process.

    Raises AccessError when the file is damaged.
    """
    path = Path(folder).resolve() / FILE
    with _opening:
        if path not in _open:
            path.parent.mkdir(parents=True, exist_ok=True)
            _open[path] = Book(path)
        return _open[path]


def restore_book(source: Path, folder: Path) -> None:
    """Put a copy of a book in the place of a folder's; the old one is kept beside it. The server must not be running.

    Raises AccessError when the copy is no book.
    """
    target = folder.resolve() / FILE
    tried = Book(source)
    tried.close()
    if target in _open:
        _open[target].close()
    part = target.with_name(f".{FILE}.restoring")
    shutil.copyfile(source, part)
    for name in (f"{FILE}-wal", f"{FILE}-shm"):
        target.with_name(name).unlink(missing_ok=True)
    if target.exists():
        target.replace(target.with_name(f"{FILE}.before-restore"))
    part.chmod(0o600)
    part.replace(target)
