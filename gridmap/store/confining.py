"""The database as somebody sees it who may see only a part of it."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gridmap.store.database import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import duckdb

SPACE = "confined"
"""An attached database in memory that holds nothing but views, one schema for each part."""

MOST = 128
"""Parts kept ready at once, with the answers worked out for them."""


_IN_ORDER = ("incidents", "departments", "plan_drafts", "meetings")
"""Tables whose rows are also asked for in the order they were written."""


class Confined(Store):
    """A store whose cursors find, under the names of tables and views, only the rows of one part.

    Reading is what it confines. A write goes to the whole database, so whoever writes asks for the right to do so first.
    """

    def __init__(self, whole: Store, scope: str, conditions: Mapping[str, str]) -> None:
        self.path, self.scope, self._whole = whole.path, scope, whole
        self.cache: dict[object, object] = {}
        self._connection, self._writing, self._versions = whole._connection, whole._writing, whole._versions  # noqa: SLF001  our own
        self._indexes = {}
        self._path = _prepare(self._connection.cursor(), scope, conditions)

    @property
    def shared(self) -> dict[object, object]:
        """What the whole keeps in common with its parts."""
        return self._whole.shared

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a cursor that finds only the part's rows. For reading."""
        cursor = self._connection.cursor()
        cursor.execute(f"SET search_path = '{self._path}'")
        return cursor

    def data_version(self, *about: str, start: date | None = None, end: date | None = None) -> str:
        """Give the whole database's version and the part: what is kept under it is never shown to another part."""
        return f"{self._whole.data_version(*about, start=start, end=end)}@{self.scope}"

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor inside the one write transaction of the whole database."""
        with self._whole.write() as cursor:
            yield cursor

    def close(self) -> None:
        """Close the whole database."""
        self._whole.close()


def _by_the_whole(name: str) -> Any:  # noqa: ANN401  whatever the method gives
    def call(self: Confined, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        return getattr(self._whole, name)(*args, **options)

    call.__doc__ = f"Do Store.{name} on the whole database."
    return call


for _name in (
    "load",
    "save_layer",
    "save_profile",
    "rollback_layer",
    "draft",
    "propose",
    "approve",
    "publish",
    "rollback",
    "fill_in",
    "backup",
    "export",
    "verify",
):
    setattr(Confined, _name, _by_the_whole(_name))


def within(whole: Store, scope: str, conditions: Mapping[str, str]) -> Store:
    """Give the store confined to a part.

    scope: the part's code, letters and digits. conditions: for each table a condition over its rows, which may name other
    tables, but only those before it (they are confined too); a table without one is empty.
    """
    with whole._writing:  # noqa: SLF001  our own: one thread makes a part
        kept = whole.cache.setdefault("confined", OrderedDict())
        assert isinstance(kept, OrderedDict)  # noqa: S101  for the type checker
        if scope not in kept:
            kept[scope] = Confined(whole, scope, conditions)
            while len(kept) > MOST:
                kept.popitem(last=False)
        kept.move_to_end(scope)
        found: Store = kept[scope]
        return found


def _prepare(cursor: duckdb.DuckDBPyConnection, scope: str, conditions: Mapping[str, str]) -> str:
    """Make the part's views and give the search path that finds them first."""
    if not scope.isalnum():
        raise ValueError(scope)
    row = cursor.execute("SELECT current_database()").fetchone()
    main = f'"{row[0] if row else ""}".main'
    place = f'{SPACE}."s{scope}"'
    cursor.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {SPACE}")
    cursor.execute(f"DROP SCHEMA IF EXISTS {place} CASCADE")
    cursor.execute(f"CREATE SCHEMA {place}")
    tables = [
        row[0]
        for row in cursor.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal AND NOT temporary"
        ).fetchall()
    ]
    path = f"{place},{main}"
    cursor.execute(f"SET search_path = '{path}'")
    for table in [*(name for name in conditions if name in tables), *(name for name in tables if name not in conditions)]:
        rows = "*, rowid" if table in _IN_ORDER else "*"
        cursor.execute(
            f'CREATE VIEW {place}."{table}" AS SELECT {rows} FROM {main}."{table}" WHERE {conditions.get(table, "false")}'
        )
    views = cursor.execute(
        "SELECT view_name, sql FROM duckdb_views() WHERE database_name = ? AND NOT internal ORDER BY view_oid",
        [row[0] if row else ""],
    ).fetchall()
    for name, sql in views:
        body = sql.split(" AS ", 1)[1]
        cursor.execute(f'CREATE VIEW {place}."{name}" AS {body}')
    return path
