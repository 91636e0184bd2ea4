"""The code tables that come with the program: departments, matter types, numberings, violations, limits, duties, settings."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gridmap import settings
from gridmap.errors import StoreError

if TYPE_CHECKING:
    from gridmap.store.database import Store

TABLES = (
    "departments",
    "duties",
    "matter_types",
    "matter_numberings",
    "seed_violations",
    "sla_rules",
    "matter_synonyms",
    "settings",
)
"""In the order in which they may be loaded. Each is a UTF-8 file data/reference/<table>.csv with the table's columns."""

_KEEP = {"settings": ("value",)}
"""Columns that belong to the district once it has filled them in: a newer program does not overwrite them."""


def seed(store: Store) -> None:
    """Bring the code tables to what the program ships, each file once for each of its contents."""
    for table in TABLES:
        path = settings.REFERENCE / f"{table}.csv"
        batch = f"reference {table} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        if store.cursor().execute("SELECT 1 FROM batches WHERE batch = ?", [batch]).fetchone():
            continue
        reader = store.cursor()
        frame = reader.read_csv(str(path), header=True, all_varchar=True).df()
        keep = _KEEP.get(table)
        if keep:
            known = {row[0] for row in reader.execute(f"SELECT key FROM {table} WHERE value IS NOT NULL").fetchall()}
            frame = frame[~frame["key"].isin(known)]
        store.load(table, frame, batch=batch)


def fill_in(self: Store, key: str, value: str | None) -> None:
    """Fill in a setting, or empty it (None): it is shown as not set then, and nothing that needs it gives a figure.

    Raises StoreError when there is no such setting, or when its unit is a number's and the value is none.
    """
    with self.write() as cursor:
        row = cursor.execute("SELECT unit FROM settings WHERE key = ?", [key]).fetchone()
        if row is None:
            raise StoreError("There is no setting {key}.", key=key)
        if value is not None and row[0] not in {"text", "yes/no"}:
            try:
                float(value)
            except ValueError as error:
                raise StoreError("The setting {key} needs a number, not {value}.", key=key, value=value) from error
        cursor.execute("UPDATE settings SET value = ? WHERE key = ?", [value, key])
