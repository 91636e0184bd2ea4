"""Put a backup back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
from duckdb_extensions import import_extension

from gridmap.errors import StoreError
from gridmap.store import database


def restore(source: Path | str, target: Path | str) -> Path:
    """Put a backup in the place of a database that no process has open.

    The backup is opened and read first, then copied and renamed, so that a kill leaves the old or the new file, never half of
    one. The old file is kept beside it as ``<name>.before-restore``.
    Raises StoreError when the backup is missing or no database of gridmap, or the target is open.
    """
    source, target = Path(source).resolve(), Path(target).resolve()
    if database.is_open(target):
        raise StoreError("The database {file} is open elsewhere; close it first.", file=target.name)
    if not source.exists():
        raise StoreError("There is no backup {file}.", file=source.name)
    import_extension("spatial")
    for path in (source, target):
        if not path.exists():
            continue
        try:
            with duckdb.connect(path, read_only=path == source) as connection:
                connection.execute("LOAD spatial")
                connection.execute("SELECT value FROM store_meta").fetchall()
        except duckdb.Error as error:  # a target that is damaged is what a restore is for
            if database.is_held(error):
                raise StoreError("The database {file} is open elsewhere; close it first.", file=path.name) from error
            if path == source:
                raise StoreError("{file} is no backup of a gridmap database.", file=path.name) from error
    part = target.with_name(f".{target.name}.restoring")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if target.exists():
        target.replace(target.with_name(target.name + ".before-restore"))
        target.with_name(target.name + ".wal").unlink(missing_ok=True)
    part.replace(target)
    return target
