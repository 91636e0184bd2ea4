"""Which tables a write changes, so that only what was worked out from those is worked out again."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from gridmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

TOPICS = {
    "divisions": ("divisions", "districts", "streets", "communities"),
    "land": ("compounds", "buildings", "micro_units", "roads", "waters", "restricted_areas"),
    "layers": ("layer_versions", "grids_departmental"),
    "grids": ("grid_versions", "grid_version_states", "grid_periods", "grids_unified", "grid_merge_map"),
    "people": (
        "staff", "grid_assignments", "party_orgs", "service_centres", "property_companies", "owners_committees", "patrols",
        "assessments", "budgets", "departments", "duties",
    ),
    "casework": ("incidents", "incident_events", "whistles", "whistle_responses", "mediations"),
    "rules": ("settings", "sla_rules", "matter_types", "matter_numberings", "seed_violations"),
}  # fmt: skip
"""Tables that a page asks about together. Any table is also a topic by its own name."""

VIEWS = {
    "grids_now": ("grids_unified", "grid_periods"),
    "merge_map_now": ("grid_merge_map", "grid_periods"),
    "layers_now": ("grids_departmental", "layer_versions"),
}

_CHANGE = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|MERGE\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|COPY"
    r"|(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TEMP\s+)?TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+\"?(\w+)",
    re.IGNORECASE,
)
_READS = re.compile(r"\s*(?:SELECT|FROM|WITH|DESCRIBE|EXPLAIN)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")


class Writer:
    """A cursor of DuckDB inside a write, which notes the tables that its statements change."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.changed: set[str] = set()
        self.anything = False
        """A statement changed what cannot be told."""
        self._cursor = cursor

    def execute(self, query: str, parameters: object = None) -> Self:
        """Run one statement, as a cursor does."""
        self._note(query)
        self._cursor.execute(query, parameters)
        return self

    def executemany(self, query: str, parameters: object = None) -> Self:
        """Run one statement for many rows, as a cursor does."""
        self._note(query)
        self._cursor.executemany(query, parameters)
        return self

    def _note(self, query: str) -> None:
        found = _CHANGE.findall(query)
        self.changed.update(name.lower() for name in found)
        self.anything |= not found and _READS.match(query) is None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever else a cursor has
        if name in {"append", "sql", "query", "from_query"}:
            raise AttributeError(name)  # they could change a table unseen
        return getattr(self._cursor, name)


class Versions:
    """How often each table was changed since the file was opened."""

    def __init__(self, opened: str, tables: Iterable[str]) -> None:
        self._opened = opened
        self._tables = frozenset(tables)
        self._changes: Counter[str] = Counter()

    def count(self, writer: Writer) -> None:
        """Count a committed write; names that are no tables of the store (temporary ones) are passed over."""
        changed = self._tables if writer.anything else self._tables & writer.changed
        # a new counter takes the place of the old one, so that a reader in another thread never sees half of a write
        self._changes = self._changes + Counter(changed)

    def of(self, *topics: str) -> str:
        """Give a text that changes with every committed write to the tables of these topics, or to any without a topic.

        Raises StoreError for a topic that is neither one of TOPICS nor a table.
        """
        changes = self._changes
        if not topics:
            return f"{self._opened}-{changes.total()}"
        names = sorted({table for topic in topics for table in TOPICS.get(topic, (topic,))})
        unknown = [name for name in names if name not in self._tables]
        if unknown:
            raise StoreError("There is no table {table}.", table=unknown[0])
        return f"{self._opened}-{'.'.join(str(changes[name]) for name in names)}"

    def read_by(self, query: str) -> tuple[str, ...]:
        """Name the tables of the store that a query reads, also through views, in alphabetical order."""
        words = {word.lower() for word in _WORD.findall(query)}
        seen = {table for view, tables in VIEWS.items() if view in words for table in tables}
        return tuple(sorted((words & self._tables) | seen))
