"""Rows into tables: typed, in chunks, once; what the schema's constraints refuse is set aside with its reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq

from gridmap import crs, terms
from gridmap.errors import StoreError
from gridmap.store import clock, columns, incidents, tallies, topics
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    import duckdb
    import pandas as pd

    from gridmap.store.database import Store

ROW_GROUP = 122_880
"""Rows that DuckDB keeps together."""

CHUNK = 8 * ROW_GROUP
"""Rows worked on at a time: bounds the memory of a load. Whole row groups of DuckDB, so that none is begun twice."""

_FEW = 200_000
"""Rows of a chunk of events up to which the days of their cases are looked up."""

KEPT_UNIQUE = {"incidents": "incident_id", "incident_events": "event_id"}
"""Tables too large for a PRIMARY KEY index (schema 0005): rows are only added, never replaced."""

LOADING = key("Storing the rows")

DIVISIONS = {"districts": "district", "streets": "street", "communities": "community"}


@dataclass(frozen=True)
class Loaded:
    """What became of a load.

    Rows kept, rows set aside (table set_aside says why), incidents in no grid, columns the table does not have.
    """

    rows: int
    set_aside: int = 0
    unassigned: int = 0
    ignored: tuple[str, ...] = ()
    already: bool = False
    """The batch had been loaded before, and nothing was changed."""


@dataclass(frozen=True)
class Table:
    """What the schema says about a table."""

    name: str
    columns: tuple[columns.Column, ...]
    key: tuple[str, ...]
    checks: tuple[str, ...]
    parents: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]

    @property
    def geometry(self) -> str | None:
        """The table's geometry column."""
        return next((column.name for column in self.columns if column.kind.startswith("GEOMETRY")), None)


def describe(cursor: duckdb.DuckDBPyConnection, name: str) -> Table:
    """Read a table's columns and constraints from the database. Raises StoreError when there is no such table."""
    rows = cursor.execute(
        "SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns() "
        "WHERE table_name = ? AND NOT internal AND database_name = current_database() ORDER BY column_index",
        [name],
    ).fetchall()
    if not rows:
        raise StoreError("There is no table {table}.", table=name)
    constraints = cursor.execute(
        "SELECT constraint_type, expression, constraint_column_names, referenced_table, referenced_column_names "
        "FROM duckdb_constraints() WHERE table_name = ?",
        [name],
    ).fetchall()
    key = next((tuple(row[2]) for row in constraints if row[0] == "PRIMARY KEY"), ())
    return Table(
        name,
        tuple(columns.Column(row[0], row[1], not row[2], row[3]) for row in rows),
        key,
        tuple(row[1] for row in constraints if row[0] == "CHECK"),
        tuple((tuple(row[2]), row[3], tuple(row[4])) for row in constraints if row[0] == "FOREIGN KEY"),
    )


def tables(self: Store) -> list[str]:
    """Give the names of the tables that load() fills."""
    rows = self.cursor().execute("SELECT table_name FROM duckdb_tables() ORDER BY table_oid").fetchall()
    keeping = {
        "schema_migrations",
        "store_meta",
        "batches",
        "set_aside",
        "watched_references",
        "divisions",
        "layer_notes",
        "intake_profiles",
        "incident_cells",
        "incident_days",
    }
    return [row[0] for row in rows if row[0] not in keeping]


def load(
    self: Store,
    table: str,
    source: pd.DataFrame | pa.Table | Path | str,
    *,
    batch: str,
    progress: Callable[[str, float], None] | None = None,
) -> Loaded:
    """Load a frame, an Arrow table or a (Geo)Parquet file into a table, as one transaction.

    table: a table of the schema. Rows with a key that is there already replace the old ones (only the columns given);
    incidents and incident_events only grow.
    source: columns are matched by name; missing ones stay empty, others are named in Loaded.ignored. A GeoDataFrame's geometry
    (any CRS) goes into the table's geometry column in EPSG:4490. Incidents are placed by lon and lat (EPSG:4490) or geometry.
    batch: name of this load; the same name again changes nothing and gives the first answer with already=True.
    Load parents first: districts, streets, communities, then the rest.

    Raises StoreError when the table is unknown, a required column is missing, or the file cannot be read.
    """
    with self.write() as cursor:
        done = cursor.execute("SELECT rows, set_aside, unassigned, what FROM batches WHERE batch = ?", [batch]).fetchone()
        if done is not None:
            if done[3] != table:
                raise StoreError(
                    "The batch {batch} was used for {table} before; give this load another name.", batch=batch, table=done[3]
                )
            return Loaded(done[0], done[1], done[2], already=True)
        target = describe(cursor, table)
        reader = self.cursor()
        total, given, arrow = _offer(reader, target, source)
        names = {column.name for column in target.columns}
        missing = [column.name for column in target.columns if column.required and column.name not in given]
        placed = incidents.Placing(self, cursor, reader, given, arrow) if table == "incidents" else None
        if missing:
            raise StoreError("The table {table} needs the column {column}.", table=table, column=", ".join(missing))
        kept = aside = seen = 0
        for chunk in _chunks(reader, arrow, placed.order if placed else ""):
            part = placed.place(chunk) if placed else chunk
            topics.concerns(cursor, *_days(cursor, target, part))
            added, refused = _insert(cursor, target, part, batch)
            kept, aside, seen = kept + added, aside + refused, seen + chunk.num_rows
            if progress:
                progress(LOADING, seen / max(total, 1))
        if placed:
            aside += placed.finish(batch)
            tallies.pack(cursor)
        reader.close()
        unassigned = placed.unassigned if placed else 0
        cursor.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)", [batch, table, kept, aside, unassigned, clock.now()])
        if table == "communities":
            self._indexes.pop("communities", None)
    return Loaded(kept, aside, unassigned, tuple(sorted(set(given) - names - {"geometry"})))


def _offer(
    reader: duckdb.DuckDBPyConnection, target: Table, source: pd.DataFrame | pa.Table | Path | str
) -> tuple[int, list[str], pa.Table | None]:
    """Make the source a view ``offered`` of the reader; give its rows, columns, and itself unless it stays in its file."""
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            spatial = b"geo" in (pq.read_schema(path).metadata or {})
        except (OSError, pa.ArrowException) as error:
            raise StoreError("The file {file} cannot be read as Parquet.", file=path.name) from error
        if not spatial:
            quoted = str(path).replace("'", "''")
            reader.execute(f"CREATE OR REPLACE TEMP VIEW offered AS SELECT * FROM read_parquet('{quoted}')")
            return pq.read_metadata(path).num_rows, list(pq.read_schema(path).names), None
        source = gpd.read_parquet(path)
    arrow = source if isinstance(source, pa.Table) else _to_arrow(source, target)
    reader.register("offered", arrow)
    return arrow.num_rows, list(arrow.column_names), arrow


def _to_arrow(frame: pd.DataFrame, target: Table) -> pa.Table:
    names = {column.name for column in target.columns}
    if frame.index.name in names and frame.index.name not in frame.columns:
        frame = frame.reset_index()
    if not isinstance(frame, gpd.GeoDataFrame):
        return pa.Table.from_pandas(frame, preserve_index=False)
    crs.require(frame, target.name)
    stored = frame.geometry.to_crs(crs.STORED)
    plain = frame.drop(columns=[frame.geometry.name])
    if target.name == "incidents":
        plain = plain.assign(lon=stored.x, lat=stored.y)
        return pa.Table.from_pandas(plain, preserve_index=False)
    if "area_m2" in names and "area_m2" not in plain.columns:
        plain = plain.assign(area_m2=metric(frame).area)
    arrow = pa.Table.from_pandas(plain, preserve_index=False)
    return arrow.append_column(target.geometry or "geometry", pa.array(stored.to_wkb(), pa.binary()))


def metric(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give the geometry in a metric CRS: its own, or the 3° zone of its middle."""
    if crs.is_metric(crs.require(frame, "")):
        return frame.geometry
    stored = frame.geometry.to_crs(crs.STORED)
    west, _, east, _ = stored.total_bounds
    return stored.to_crs(crs.zone((west + east) / 2))


def _chunks(reader: duckdb.DuckDBPyConnection, arrow: pa.Table | None, order: str) -> Iterator[pa.Table]:
    """Give what is offered in the order asked for, in chunks of batches of a row group each."""
    if arrow is not None and not order:
        first = 0
        while left := arrow.num_rows - first:
            count = CHUNK if left > CHUNK + ROW_GROUP else left  # a small rest goes with the last one
            yield _in_row_groups(arrow.slice(first, count))
            first += count
        return
    for batch in reader.execute(f"SELECT * FROM offered {order}").to_arrow_reader(CHUNK):
        if batch.num_rows:
            yield _in_row_groups(pa.Table.from_batches([batch]))


def _in_row_groups(table: pa.Table) -> pa.Table:
    """Give a table in batches of a row group each: DuckDB gives batches to its threads, and one large batch to one of them."""
    return pa.Table.from_batches(table.combine_chunks().to_batches(ROW_GROUP), table.schema)


def _insert(cursor: duckdb.DuckDBPyConnection, target: Table, part: pa.Table, batch: str) -> tuple[int, int]:
    """Insert one chunk; give the rows kept and the rows set aside."""
    offered = set(part.column_names)
    given = [column for column in target.columns if column.name in offered]
    ready = {column.name for column in given if columns.as_it_is(column, part.column(column.name))}
    cursor.register("chunk", part)
    cells = [
        f'"{column.name}"' if column.name in ready
        else f'{columns.typed(column)} AS "{column.name}"' if column.name in offered
        else f'NULL::{column.kind} AS "{column.name}"'
        for column in target.columns
    ]  # fmt: skip
    raw = [f'"{one.name}" AS "raw_{one.name}"' for one in given if one.kind != "VARCHAR" and one.name not in ready]
    typed = f"(SELECT {', '.join([*cells, *raw])} FROM chunk)"
    reasons, sentences = _reasons(target, given, ready)
    refused = 0
    if _any_refused(cursor, target, typed, reasons):
        typed = f"(SELECT *, row_number() OVER () AS row_ FROM {typed})"
        refused = _set_aside(cursor, target, typed, _Judging(reasons, sentences, batch))
        typed = f"(SELECT * FROM {typed} WHERE row_ NOT IN (SELECT row_ FROM judged))"
    names = ", ".join(f'"{column.name}"' for column in given)
    if target.name in DIVISIONS:
        level = DIVISIONS[target.name]
        cursor.execute(f"INSERT INTO divisions SELECT \"{target.key[0]}\", '{level}' FROM {typed} ON CONFLICT DO NOTHING")
    counted = None
    with ThreadPoolExecutor(1) as beside:
        if target.name == "incidents":
            as_offered = not refused and ready.issuperset(tallies.COUNTED)
            query = f"SELECT {', '.join(tallies.COUNTED)} FROM {typed}"
            counted = beside.submit(tallies.counted, part if as_offered else cursor.execute(query).to_arrow_table())
        cursor.execute(f"INSERT INTO {target.name} ({names}) SELECT {names} FROM {typed}{_conflict(target, given)}")
    if counted is not None:
        tallies.add(cursor, counted.result())
    cursor.unregister("chunk")
    return part.num_rows - refused, refused


def _days(cursor: duckdb.DuckDBPyConnection, target: Table, part: pa.Table) -> list[date]:
    """Give the days on which the cases of a chunk were reported; none where that is not known, or costs more than it spares."""
    if target.name == "incidents":
        return incidents.days(part)
    if target.name != "incident_events" or part.num_rows > _FEW or "incident_id" not in part.column_names:
        return []
    cursor.register("happened", part.select(["incident_id"]))
    rows = cursor.execute(
        "SELECT DISTINCT reported_at::DATE FROM incidents "
        "SEMI JOIN (SELECT incident_id::VARCHAR AS incident_id FROM happened) USING (incident_id)"
    ).fetchall()
    cursor.unregister("happened")
    return [row[0] for row in rows]


def _any_refused(cursor: duckdb.DuckDBPyConnection, target: Table, typed: str, reasons: str) -> bool:
    """Say whether a chunk has rows to set aside at all: most have none, and then one pass is enough."""
    keys = ", ".join(f'"{name}"' for name in target.key)
    repeats = f"count(*) - count(DISTINCT ({keys}))" if target.key else "0"
    row = cursor.execute(f"SELECT count({reasons}) + {repeats} FROM {typed}").fetchone()
    return bool(row and row[0])


@dataclass(frozen=True)
class _Judging:
    """One CASE that names the first constraint a row breaks, the sentence of each, and the batch it is written down for."""

    reasons: str
    sentences: dict[str, tuple[str, str]]
    batch: str


def _set_aside(cursor: duckdb.DuckDBPyConnection, target: Table, typed: str, judging: _Judging) -> int:
    """Judge each row of a chunk (temp table judged), write down why, and give the number of rows set aside."""
    label = _label(target)
    cursor.execute(
        f'CREATE OR REPLACE TEMP TABLE judged AS SELECT row_, broken_ AS reason, "{label}" AS label '
        f"FROM (SELECT *, {judging.reasons} AS broken_ FROM {typed}) WHERE broken_ IS NOT NULL"
    )
    if target.key:
        keys = ", ".join(f'"{name}"' for name in target.key)
        cursor.execute(
            f"INSERT INTO judged SELECT row_, 'repeat', \"{label}\" FROM {typed} "
            "WHERE row_ NOT IN (SELECT row_ FROM judged) "
            f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY row_ DESC) > 1"
        )
    for code, (sentence, detail) in judging.sentences.items():
        cursor.execute(
            "INSERT INTO set_aside SELECT ?, ?, label, ?, ? FROM judged WHERE reason = ?",
            [judging.batch, target.name, sentence, detail, code],
        )
    row = cursor.execute("SELECT count(*) FROM judged").fetchone()
    return int(row[0]) if row else 0


def _label(target: Table) -> str:
    return target.key[-1] if target.key else KEPT_UNIQUE[target.name]


def _conflict(target: Table, given: list[columns.Column]) -> str:
    if not target.key:
        return ""
    others = [column.name for column in given if column.name not in target.key]
    keys = ", ".join(f'"{name}"' for name in target.key)
    if not others:
        return f" ON CONFLICT ({keys}) DO NOTHING"
    return f" ON CONFLICT ({keys}) DO UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in others)


def _reasons(target: Table, given: list[columns.Column], ready: set[str]) -> tuple[str, dict[str, tuple[str, str]]]:
    """Give one CASE that names the first constraint a row breaks, and the sentence of each. ready: see columns."""
    cases: list[str] = []
    sentences = {"repeat": (terms.key("The key occurs again further down; the last row was kept."), _label(target))}

    def when(condition: str, code: str, sentence: str, detail: str) -> None:
        cases.append(f"WHEN {condition} THEN '{code}'")
        sentences[code] = (sentence, detail)

    for column in given:
        if column.kind != "VARCHAR" and column.name not in ready:
            when(
                f'"raw_{column.name}" IS NOT NULL AND "{column.name}" IS NULL',
                f"cast:{column.name}",
                terms.key("A value cannot be read as its column's kind."),
                f"{column.name} ({column.kind})",
            )
    for column in target.columns:
        if column.required and column.name not in ready:
            when(
                f'"{column.name}" IS NULL',
                f"empty:{column.name}",
                terms.key("A value that must be there is empty."),
                column.name,
            )
    for number, check in enumerate(target.checks):
        when(f"NOT ({check})", f"check:{number}", terms.key("A rule of the table is broken."), check)
    own = {f'"{column.name}"' for column in given}
    for own_keys, parent, parents in target.parents:
        if target.name in DIVISIONS and own_keys == target.key:
            continue
        if not all(f'"{name}"' in own for name in own_keys):
            continue
        left = ", ".join(f'"{name}"' for name in own_keys)
        right = ", ".join(f'"{name}"' for name in parents)
        filled = " AND ".join(f'"{name}" IS NOT NULL' for name in own_keys)
        one = len(own_keys) == 1
        there = f"{left} NOT IN (SELECT {right} FROM {parent})" if one else f"({left}) NOT IN (SELECT ({right}) FROM {parent})"
        when(
            f"{filled} AND {there}",
            f"parent:{own_keys[0]}",
            terms.key("A value refers to a row that is not there."),
            f"{own_keys[0]} -> {parent}",
        )
    return (f"CASE {' '.join(cases)} END" if cases else "NULL"), sentences
