"""Copy a database file.

Run as a program of its own: closing the file in the process that holds it would drop DuckDB's lock on it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb


def copy(source: Path, target: Path) -> None:
    """Copy the file and its write-ahead log, and fold the log into the copy."""
    shutil.copyfile(source, target)
    log = source.with_name(source.name + ".wal")
    if log.exists():
        shutil.copyfile(log, target.with_name(target.name + ".wal"))
    with duckdb.connect(target) as connection:
        connection.execute("CHECKPOINT")


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
