"""Incidents on their way in: in time order, each in exactly one grid, none twice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from gridmap import terms
from gridmap.errors import StoreError
from gridmap.store import places

if TYPE_CHECKING:
    from datetime import date, datetime

    import duckdb
    from numpy.typing import NDArray

    from gridmap.store.cells import CellIndex
    from gridmap.store.database import Store

DIGITS = 7
"""Decimals of a degree that are kept: 1 cm."""

RESIDENT = ("resident", "hotline")
"""Channels that count as reported by residents where the source does not say (the 3个1 rule is about these)."""


@dataclass(frozen=True)
class Period:
    """A stretch of time in which one version of the grids was in force."""

    version: int
    start: datetime
    end: datetime | None


def periods(cursor: duckdb.DuckDBPyConnection) -> list[Period]:
    """Give when which version was in force, oldest first."""
    rows = cursor.execute("SELECT version, valid_from, valid_to FROM grid_periods ORDER BY period").fetchall()
    return [Period(*row) for row in rows]


class Placing:
    """Gives each chunk of one load its grids, communities, streets and tiles, and counts those in none.

    A point outside all grids keeps the community and street its source names and gets no grid: it is counted in
    ``unassigned`` and listed by kpi K34. An incident without a point keeps the grid code of its source when the grids in
    force have it.
    """

    def __init__(
        self,
        store: Store,
        cursor: duckdb.DuckDBPyConnection,
        reader: duckdb.DuckDBPyConnection,
        given: list[str],
        arrow: pa.Table | None,
    ) -> None:
        for column in ("incident_id", "reported_at"):
            if column not in given:
                raise StoreError("The table {table} needs the column {column}.", table="incidents", column=column)
        self.unassigned, self._counting = 0, Lock()
        self.order = "" if _in_order(reader, arrow) else "ORDER BY reported_at"
        self._cursor = cursor
        self._again: list[str] = []
        self._there, self._twice = _known(cursor, reader, arrow)
        self._periods = periods(cursor)
        self._attribution = Attribution(store, cursor)

    def place(self, table: pa.Table) -> pa.Table:
        """Give the chunk with lon, lat rounded and grid_code, day_grid_code, community_code, street_code, cell filled."""
        if self._there or self._twice:
            table = self._fresh(table)
        pieces = [pa.Table.from_batches([batch]) for batch in table.to_batches()]
        if len(pieces) < 2:
            return self._placed(table)
        with ThreadPoolExecutor(os.cpu_count()) as beside:
            return pa.concat_tables(beside.map(self._placed, pieces))

    def _placed(self, table: pa.Table) -> pa.Table:
        """Place one piece; several are placed side by side."""
        lon, lat = _coordinate(table, "lon"), _coordinate(table, "lat")
        _round(lon, lat)
        placed = self._attribution.now(lon, lat)
        columns = {
            "grid_code": placed.grid,
            "day_grid_code": self._attribution.of_day(lon, lat, _times(table), self._periods, placed.grid),
            "community_code": placed.community,
            "street_code": placed.street,
        }
        for name, values in columns.items():
            own = name in {"community_code", "street_code"} and name in table.column_names
            table = _replace(table, name, pc.coalesce(values.cast(pa.string()), _text(table, name)) if own else values)
        tile = places.tiles(lon, lat)
        for name, numbers in (("lon", lon), ("lat", lat)):
            table = _replace(table, name, pa.array(numbers, mask=np.isnan(numbers)))
        table = _replace(table, "cell", pa.array(tile, mask=tile < 0))
        if self._periods:
            with self._counting:
                self.unassigned += placed.grid.null_count
        return _residents(table)

    def _fresh(self, table: pa.Table) -> pa.Table:
        """Leave out rows that the store has, and all but the first of those that share an id."""
        ids = table.column("incident_id").cast(pa.string())
        keep = np.ones(table.num_rows, bool)
        for row in np.flatnonzero(pc.is_in(ids, value_set=pa.array([*self._there, *self._twice], pa.string())).to_numpy()):
            name = ids[int(row)].as_py()
            if name in self._there:
                keep[row] = False
                self._again.append(name)
            else:
                self._there.add(name)
        return table.filter(pa.array(keep))

    def finish(self, batch: str) -> int:
        """Write down which rows were there already; give their number."""
        if self._again:
            self._cursor.execute(
                "INSERT INTO set_aside SELECT ?, 'incidents', unnest(?::VARCHAR[]), ?, 'incident_id'",
                [batch, self._again, terms.key("The incident is in the store already, or twice in this load.")],
            )
        return len(self._again)


@dataclass(frozen=True)
class Placed:
    """Codes of each point as dictionary-encoded text, null where there is none."""

    grid: pa.Array
    community: pa.Array
    street: pa.Array


class Attribution:
    """Turns points into codes by the grids in force, or by the communities where there are none."""

    def __init__(self, store: Store, cursor: duckdb.DuckDBPyConnection) -> None:
        self._store, self._cursor, self._looking = store, cursor, Lock()
        row = cursor.execute("SELECT version FROM grid_periods WHERE valid_to IS NULL").fetchone()
        self.version: int | None = row[0] if row else None
        self._parents = {
            code: (community, street)
            for code, community, street in cursor.execute(
                "SELECT grid_code, community_code, street_code FROM grids_unified WHERE version = ? "
                "UNION ALL SELECT community_code, community_code, street_code FROM communities",
                [self.version],
            ).fetchall()
        }

    def now(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Placed:
        """Place points by the grids in force; where a point lies in no grid, by its community."""
        grid = self._by(self.version, lon, lat) if self.version is not None else pa.nulls(len(lon), pa.string())
        if self.version is not None and not grid.null_count:
            return Placed(grid, self._parent(grid, 0), self._parent(grid, 1))
        community = self._by(None, lon, lat)
        if self.version is None:
            return Placed(grid, community, self._parent(community, 1))
        return Placed(
            grid,
            _first(self._parent(grid, 0), community),
            _first(self._parent(grid, 1), self._parent(community, 1)),
        )

    def of_day(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        when: NDArray[np.datetime64],
        known: list[Period],
        grid: pa.Array,
    ) -> pa.Array:
        """Place points by the grids of their day; before the first version, by the first."""
        if not known:
            return grid
        spoken = np.full(len(lon), known[0].version, np.int64)
        for period in known:
            spoken[when >= np.datetime64(period.start)] = period.version
        if (spoken == self.version).all():
            return grid
        codes = np.full(len(lon), None, object)
        for version in np.unique(spoken):
            mine = spoken == version
            codes[mine] = self._by(int(version), lon[mine], lat[mine]).to_pylist()
        return pa.array(codes, pa.string()).dictionary_encode()

    def _by(self, version: int | None, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pa.Array:
        with self._looking:
            found = places.kept_index(self._store, self._cursor, version)
        return pa.nulls(len(lon), pa.string()) if found is None else coded(found, lon, lat)

    def _parent(self, codes: pa.Array, which: int) -> pa.Array:
        if not pa.types.is_dictionary(codes.type):
            return pa.array([None if code is None else self._parents[code][which] for code in codes.to_pylist()], pa.string())
        words = pa.array([self._parents[code][which] for code in codes.dictionary.to_pylist()], pa.string())
        return words.dictionary_encode().take(codes.indices)


def _first(codes: pa.Array, others: pa.Array) -> pa.Array:
    """Give each point's code, or where it has none the other."""
    return pc.coalesce(codes.cast(pa.string()), others.cast(pa.string())).dictionary_encode()


def coded(index: CellIndex, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pa.Array:
    """Give each point's code by an index, dictionary-encoded; null for none."""
    found = index.locate(lon, lat)
    return pa.DictionaryArray.from_arrays(pa.array(found, mask=found < 0), pa.array(index.codes, pa.string()))


def days(table: pa.Table) -> list[date]:
    """Give the days on which the incidents of a table were reported; none where they are texts, which the database reads."""
    if _is_text(table.column("reported_at")):
        return []
    every = _times(table).astype("datetime64[D]")
    found = np.unique(every[np.append(True, every[1:] != every[:-1])[: len(every)]])  # most stand side by side
    listed: list[date] = found[~np.isnat(found)].tolist()
    return listed


def _in_order(reader: duckdb.DuckDBPyConnection, arrow: pa.Table | None) -> bool:
    """Say whether what is offered is already in the order of reported_at."""
    last: int | None = None
    if arrow is not None and arrow.schema.field("reported_at").type == pa.timestamp("us"):
        batches = iter(arrow.select(["reported_at"]).to_batches())
    else:
        query = "SELECT TRY_CAST(reported_at AS TIMESTAMP) AS t FROM offered"
        batches = iter(reader.execute(query).to_arrow_reader(1_000_000))
    for batch in batches:
        if batch.column(0).null_count:
            return False
        times = batch.column(0).cast(pa.int64()).to_numpy()
        if len(times) and ((last is not None and times[0] < last) or (times[1:] < times[:-1]).any()):
            return False
        last = int(times[-1]) if len(times) else last
    return True


def _known(
    cursor: duckdb.DuckDBPyConnection, reader: duckdb.DuckDBPyConnection, arrow: pa.Table | None
) -> tuple[set[str], set[str]]:
    """Give the ids of the load that the store has already, and those that occur twice in it."""
    ids = "(SELECT incident_id::VARCHAR AS incident_id FROM offered WHERE incident_id IS NOT NULL)"
    twice = []
    if arrow is None or not _ascending(arrow.column("incident_id")):
        hashes = np.sort(reader.execute(f"SELECT hash(incident_id) AS h FROM {ids}").fetchnumpy()["h"])
        if (hashes[1:] == hashes[:-1]).any():  # seldom; sorting the hashes costs a fifth of grouping the texts
            twice = reader.execute(f"SELECT incident_id FROM {ids} GROUP BY 1 HAVING count(*) > 1").fetchall()
    if cursor.execute("SELECT 1 FROM incidents LIMIT 1").fetchone() is None:
        return set(), {row[0] for row in twice}
    cursor.register("offered_ids", reader.execute(f"SELECT incident_id FROM {ids}").to_arrow_table())
    there = cursor.execute("SELECT incident_id FROM incidents SEMI JOIN offered_ids USING (incident_id)").fetchall()
    cursor.unregister("offered_ids")
    return {row[0] for row in there}, {row[0] for row in twice}


def _ascending(ids: pa.ChunkedArray) -> bool:
    """Say whether ids are numbered in order, as most systems export them: none can come twice then."""
    return bool(ids.type == pa.string() and not ids.null_count and pc.all(pc.less(ids[:-1], ids[1:])).as_py() is not False)


def _coordinate(table: pa.Table, name: str) -> NDArray[np.float64]:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.array(pc.cast(table.column(name), pa.float64()).to_numpy(), dtype=np.float64)


@njit(cache=True, nogil=True)
def _round(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
    """Round points to the decimals that are kept, in place; a point that is none on Earth becomes NaN."""
    scale = 10.0**DIGITS
    for i in range(len(lon)):
        if abs(lon[i]) <= 180 and abs(lat[i]) <= 90:
            lon[i] = np.rint(lon[i] * scale) / scale
            lat[i] = np.rint(lat[i] * scale) / scale
        else:
            lon[i] = lat[i] = np.nan


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _times(table: pa.Table) -> NDArray[np.datetime64]:
    """Give when incidents were reported; a text that is no time is set aside later, by the rules of the table."""
    said = table.column("reported_at")
    if _is_text(said):
        read = pd.to_datetime(said.to_pandas(), errors="coerce", format="ISO8601", utc=True).dt.tz_localize(None)
        return np.asarray(read.to_numpy(dtype="datetime64[us]"))
    return np.asarray(pc.cast(said, pa.timestamp("us"), safe=False).to_numpy())


def _text(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).cast(pa.string()).combine_chunks()


def _replace(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)


def _residents(table: pa.Table) -> pa.Table:
    if "is_resident_reported" in table.column_names or "channel" not in table.column_names:
        return table
    channel = table.column("channel").combine_chunks()
    if pa.types.is_dictionary(channel.type):  # each different one once
        flags = pc.is_in(channel.dictionary, value_set=pa.array(RESIDENT)).take(channel.indices).fill_null(fill_value=False)
    else:
        flags = pc.is_in(channel.cast(pa.string()), value_set=pa.array(RESIDENT))
    return _replace(table, "is_resident_reported", flags)
