"""Which tables a write changes, so that only what was worked out from those is worked out again."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from gridmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb
    from numpy.typing import NDArray

TOPICS = {
    "divisions": ("divisions", "districts", "streets", "communities"),
    "land": ("compounds", "buildings", "micro_units", "roads", "waters", "restricted_areas"),
    "layers": ("layer_versions", "grids_departmental"),
    "grids": ("grid_versions", "grid_version_states", "grid_periods", "grids_unified", "grid_merge_map"),
    "people": (
        "staff", "grid_assignments", "party_orgs", "service_centres", "property_companies", "owners_committees", "patrols",
        "assessments", "budgets", "departments", "duties",
    ),
    "casework": (
        "incidents", "incident_cells", "incident_days", "incident_events", "whistles", "whistle_responses", "mediations",
    ),
    "rules": ("settings", "sla_rules", "matter_types", "matter_numberings", "seed_violations"),
}  # fmt: skip
"""Tables that a page asks about together. Any table is also a topic by its own name."""

VIEWS = {
    "grid_version_filing": ("grid_versions", "grid_version_states", "version_steps"),
    "grids_now": ("grids_unified", "grid_periods"),
    "merge_map_now": ("grid_merge_map", "grid_periods"),
    "layers_now": ("grids_departmental", "layer_versions"),
}

DAILY = frozenset({"incidents", "incident_cells", "incident_days", "incident_events"})
"""Tables of which it is noted on which days the cases were reported that a write concerns, where it says so (concerns)."""

_EPOCH, _LAST = date(1970, 1, 1), date(2170, 1, 1)
"""Changes of days before and after these are counted as of these."""

_CHANGE = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|MERGE\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|COPY"
    r"|(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TEMP\s+)?TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+\"?(\w+)",
    re.IGNORECASE,
)
_READS = re.compile(r"\s*(?:SELECT|FROM|WITH|DESCRIBE|EXPLAIN)\b", re.IGNORECASE)
_ROWS = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")


class Writer:
    """A cursor of DuckDB inside a write, which notes the tables that its statements change.

    It serves one write after the other as long as they write only rows: a new cursor costs as much as the write of a row.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._planned: dict[str, str] = {}
        self.changed: set[str] = set()
        self.days: frozenset[date] | None = None
        """Days on which the cases were reported that the next statements concern; None: it is not known."""
        self.daily: dict[str, set[date]] = {}
        """DAILY tables that were changed only for cases of known days."""
        self.anything = False
        """A statement changed what cannot be told."""
        self.only_rows = True
        """Nothing but rows was written or read: the cursor has no frame or temporary table of its own."""

    def begin(self) -> None:
        """Begin a transaction, of which nothing is noted yet."""
        self.changed, self.daily, self.days = set(), {}, None
        self.anything = False
        self._cursor.begin()

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

    def insert(self, table: str, row: Mapping[str, object]) -> None:
        """Write one row: column by name, None left out."""
        given = {name: value for name, value in row.items() if value is not None}
        into, places = f"INSERT INTO {table} ({', '.join(given)})", ", ".join("?" * len(given))
        values = [value for value in map(_literal, given.values()) if value is not None]
        if len(values) < len(given):
            self.execute(f"{into} VALUES ({places})", list(given.values()))
            return
        if into not in self._planned:
            self._planned[into] = f"planned_{len(self._planned)}"
            self._cursor.execute(f"PREPARE {self._planned[into]} AS {into} VALUES ({places})")
        self._cursor.execute(f"EXECUTE {self._planned[into]}({', '.join(values)})")
        self._change(table)

    def _note(self, query: str) -> None:
        found = _CHANGE.findall(query)
        for name in found:
            self._change(name.lower())
        self.anything |= not found and _READS.match(query) is None
        self.only_rows &= _ROWS.match(query) is not None

    def _change(self, table: str) -> None:
        if self.days is not None and table in DAILY:
            self.daily.setdefault(table, set()).update(self.days)
        else:
            self.changed.add(table)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever else a cursor has
        if name in {"append", "sql", "query", "from_query"}:
            raise AttributeError(name)  # they could change a table unseen
        if name == "register":
            self.only_rows = False
        return getattr(self._cursor, name)


def insert(cursor: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, object]) -> None:
    """Write one row with the cursor of a write(): column by name, None left out.

    The statement is planned once for each set of columns, as planning costs more than writing.
    """
    cast("Writer", cursor).insert(table, row)


def concerns(cursor: duckdb.DuckDBPyConnection, *reported: date) -> None:
    """Say when the cases were reported that the next statements of a write() change, so that answers about other days are kept.

    reported: dates or times. It holds until it is said anew or the write ends; without any, all days are concerned again.
    """
    days = {one.date() if isinstance(one, datetime) else one for one in reported}
    cast("Writer", cursor).days = frozenset(days) or None


def _literal(value: object) -> str | None:
    """Write a value as SQL does, in the type that its column has; None for what is only safe as a parameter."""
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'::DOUBLE"
    if isinstance(value, datetime) and value.tzinfo is None:
        return f"TIMESTAMP '{value}'"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"DATE '{value}'"
    if isinstance(value, str) and "\0" not in value:
        return "'" + value.replace("'", "''") + "'"
    return None


class Versions:
    """How often each table was changed since the file was opened, and of DAILY tables, for the cases of which days."""

    def __init__(self, opened: str, tables: Iterable[str]) -> None:
        self._opened = opened
        self._tables = frozenset(tables)
        self._changes: Counter[str] = Counter()
        self._whole: Counter[str] = Counter()
        """Changes of DAILY tables that concern any day."""
        self._days: dict[str, NDArray[np.int64]] = {name: np.zeros(_day(_LAST) + 1, np.int64) for name in DAILY}

    def count(self, writer: Writer) -> None:
        """Count a committed write; names that are no tables of the store (temporary ones) are passed over."""
        whole = self._tables if writer.anything else self._tables & writer.changed
        daily = {name: days for name, days in writer.daily.items() if name not in whole}
        for name, days in daily.items():
            self._days[name][[_day(day) for day in days]] += 1
        self._whole = self._whole + Counter(whole & DAILY)
        # a new counter takes the place of the old one, so that a reader in another thread never sees half of a write
        self._changes = self._changes + Counter([*whole, *daily])

    def of(self, *topics: str, start: date | None = None, end: date | None = None) -> str:
        """Give a text that changes with every committed write to the tables of these topics, or to any without a topic.

        start, end: with either, of DAILY tables only writes count that may concern cases reported from start (included) to end
        (left out). Raises StoreError for a topic that is neither one of TOPICS nor a table.
        """
        changes = self._changes
        if not topics:
            return f"{self._opened}-{changes.total()}"
        names = sorted({table for topic in topics for table in TOPICS.get(topic, (topic,))})
        unknown = [name for name in names if name not in self._tables]
        if unknown:
            raise StoreError("There is no table {table}.", table=unknown[0])
        if start is None and end is None:
            return f"{self._opened}-{'.'.join(str(changes[name]) for name in names)}"
        held = slice(0 if start is None else _day(start), None if end is None else _day(_last(end)) + 1)
        counts = [f"{self._whole[name]}+{self._days[name][held].sum()}" if name in DAILY else changes[name] for name in names]
        return f"{self._opened}-{'.'.join(map(str, counts))}"

    def read_by(self, query: str) -> tuple[str, ...]:
        """Name the tables of the store that a query reads, also through views, in alphabetical order."""
        words = {word.lower() for word in _WORD.findall(query)}
        seen = {table for view, tables in VIEWS.items() if view in words for table in tables}
        return tuple(sorted((words & self._tables) | seen))


def _day(moment: date) -> int:
    """Give the number of a moment's day, from _EPOCH; what lies outside the numbered days counts as the first or the last."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return (min(max(day, _EPOCH), _LAST) - _EPOCH).days


def _last(end: date) -> date:
    """Give the last day before an end that is left out."""
    return (end - timedelta(microseconds=1)) if isinstance(end, datetime) else end - timedelta(days=1)
