"""The code tables that come with the program: departments, matter types, numberings, violations, limits, duties, settings."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from gridmap import settings

if TYPE_CHECKING:
    from gridmap.store.database import Store

TABLES = ("departments", "duties", "matter_types", "matter_numberings", "seed_violations", "sla_rules", "settings")
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
