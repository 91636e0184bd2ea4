"""Backup while people work, and a form that a newer DuckDB reads."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from duckdb_extensions import import_extension

from gridmap import errors
from gridmap.errors import StoreError
from gridmap.store import copying, verify

if TYPE_CHECKING:
    from gridmap.store.database import Store


def backup(self: Store, target: Path | str) -> Path:
    """Write a whole, consistent copy of the database to a new file; readers go on, writes wait for the time of the copy.

    The copy is written beside the target and renamed at the end. Then every block of the copy is read, as
    a backup of a damaged file helps nobody. Raises StoreError when the target exists or cannot be written, or when the database
    is damaged.
    """
    target = Path(target).resolve()
    if target.exists():
        raise StoreError("{file} exists already; name a new file.", file=target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        with self.pause():
            done = subprocess.run(  # noqa: S603 - our own program and two paths
                [sys.executable, copying.__file__, str(self.path), str(part)], capture_output=True, text=True, check=False
            )
        if done.returncode:
            raise StoreError(
                "The copy {file} could not be written: {why}",
                file=target.name,
                why=done.stderr.strip().rpartition("\n")[2][-200:],
            )
        if _is_torn(part):  # its source is damaged: better said now than on the day it is needed
            raise StoreError(errors.DAMAGED)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        part.with_name(part.name + ".wal").unlink(missing_ok=True)
    return target


def _is_torn(path: Path) -> bool:
    import_extension("spatial")
    with duckdb.connect(path, read_only=True, config={"memory_limit": "1GB", "threads": 1}) as copy:
        copy.execute("LOAD spatial")
        return bool(verify.unreadable(copy))


def export(self: Store, folder: Path | str) -> Path:
    """Write every table as Parquet with the schema as SQL, which a newer DuckDB reads with IMPORT DATABASE.

    Geometry is written as GeoParquet. The folder must be new or empty; it appears whole or not at all. Raises StoreError
    otherwise.
    """
    folder = Path(folder).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise StoreError("The folder {folder} is not empty.", folder=folder.name)
    part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        with self.pause() as cursor:
            cursor.execute(f"EXPORT DATABASE '{_quoted(part)}' (FORMAT parquet, COMPRESSION zstd)")
        for script in part.glob("*.sql"):  # paths of the hidden folder become those of the final one
            script.write_text(script.read_text("utf-8").replace(str(part), str(folder)), "utf-8")
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
