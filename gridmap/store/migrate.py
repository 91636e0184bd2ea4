"""The schema as numbered .sql files, each applied once, in one transaction, in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gridmap.errors import StoreError
from gridmap.store import clock

if TYPE_CHECKING:
    import duckdb

FOLDER = Path(__file__).with_name("schema")


def migrations(folder: Path = FOLDER) -> dict[int, Path]:
    """Give the migration files of this program by number, in order."""
    return {int(path.name.split("_")[0]): path for path in sorted(folder.glob("[0-9]*_*.sql"))}


def applied(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Give the numbers of the migrations a database has had; none for an empty file."""
    known = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'schema_migrations'").fetchone()
    if known is None:
        return []
    return [row[0] for row in connection.execute("SELECT number FROM schema_migrations ORDER BY number").fetchall()]


def migrate(connection: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> list[int]:
    """Bring a database to this program's schema and give the numbers applied now.

    Raises StoreError when the database has migrations this program does not know (it was written by a newer one).
    """
    files = migrations(folder)
    done = applied(connection)
    newer = [number for number in done if number not in files]
    if newer:
        raise StoreError("The database was written by a newer gridmap (schema {number}); update this one.", number=max(newer))
    todo = [number for number in files if number not in done]
    for number in todo:
        connection.begin()
        try:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER, name VARCHAR, applied_at TIMESTAMP)"
            )
            connection.execute(files[number].read_text("utf-8"))
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?, ?)", [number, files[number].stem, clock.now()])
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    return todo
