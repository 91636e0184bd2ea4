"""How many incidents stand in each square of the map, and in each community on each day, counted as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridmap.store import topics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import Any

    import duckdb

TALLY_ZOOM = 18
"""Zoom of the web-mercator tiles that table incident_cells counts in: about 120 m across at 40° north."""

_SHIFT = 4
"""Bits from a stored cell (places.ZOOM) to a tally's: two a zoom level."""

_SPARE = 200_000
"""Rows that may be added, beside half of those there are, before a tally is packed again."""

COUNTED = ("reported_at", "cell", "status", "street_code", "community_code")
"""Columns of incidents that the tallies are made of."""

_KEYS = {
    "incident_cells": f"date_trunc('month', reported_at)::DATE AS month, cell >> {_SHIFT} AS cell",
    "incident_days": "reported_at::DATE AS day",
}
"""Each tally, and what it counts by beside street and community."""

_MEANT = {"incident_cells": "cell IS NOT NULL AND status IS DISTINCT FROM 'void'"}
_MEANT["incident_days"] = "status IS DISTINCT FROM 'void'"


def _counted(tally: str, rows: str, sign: int = 1) -> str:
    return (
        f"SELECT {_KEYS[tally]}, street_code, community_code, {sign} * count(*) AS n "
        f"FROM {rows} WHERE {_MEANT[tally]} GROUP BY ALL"
    )


def counted(rows: pa.Table) -> dict[str, pa.Table]:
    """Count incidents for each tally, without asking the database.

    rows: the columns COUNTED as the store has them, texts as such or as dictionaries. Codes are counted by their numbers in the
    dictionaries and days by theirs, which costs a third of grouping texts and dates.
    """
    status, words = _numbered(rows["status"])
    void = words.index("void").as_py()
    if void >= 0:
        rows = rows.filter(pc.fill_null(pc.not_equal(status, void), fill_value=True))
    day = rows["reported_at"].cast(pa.date32(), safe=False).cast(pa.int32())
    (street, streets), (community, communities) = _numbered(rows["street_code"]), _numbered(rows["community_code"])
    cell = pc.shift_right(rows["cell"], _SHIFT)
    numbers = pa.table({"month": _months(day), "day": day, "cell": cell, "street_code": street, "community_code": community})
    tallies = {}
    for tally, by in (("incident_cells", ["month", "cell"]), ("incident_days", ["day"])):
        meant = numbers.filter(pc.is_valid(cell)) if "cell" in by and cell.null_count else numbers
        found = meant.group_by([*by, "street_code", "community_code"], use_threads=False).aggregate([([], "count_all")])
        named = {name: found[name].cast(pa.date32()) if name in {"month", "day"} else found[name] for name in by}
        for name, codes in (("street_code", streets), ("community_code", communities)):
            named[name] = codes.take(found[name].combine_chunks())
        tallies[tally] = pa.table(named | {"n": found["count_all"]})
    return tallies


def add(cursor: duckdb.DuckDBPyConnection, tallies: Mapping[str, pa.Table]) -> None:
    """Add what was counted to the tallies."""
    for tally, rows in tallies.items():
        cursor.register("counted", rows)
        cursor.execute(f"INSERT INTO {tally} SELECT * FROM counted")
        cursor.unregister("counted")


def _numbered(texts: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.Array]:
    """Give texts as numbers, and the different texts that these count."""
    coded = (texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()).unify_dictionaries()
    words = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], pa.string())
    return pa.chunked_array([part.indices for part in coded.chunks], pa.int32()), words


def _months(day: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the first day of each day's month, days counted from 1970: looked up, as there are few."""
    first, last = (end.as_py() or 0 for end in pc.min_max(day).values())
    days = np.arange(first, last + 1).astype("datetime64[D]")
    months = pa.array(days.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32))
    return pc.take(months, pc.subtract(day, first))


def count_one(cursor: duckdb.DuckDBPyConnection, row: Mapping[str, Any], *, sign: int = 1) -> None:
    """Add one incident to the tallies, or with sign -1 take it out of them. row: the columns of count().

    An incident that becomes void or moves is taken out as it was before its change and added again as it is after it.
    """
    if row["status"] == "void":
        return
    place = {"street_code": row["street_code"], "community_code": row["community_code"], "n": sign}
    day = row["reported_at"].replace(hour=0, minute=0, second=0, microsecond=0)
    topics.insert(cursor, "incident_days", {"day": day} | place)
    if row["cell"] is not None:
        topics.insert(cursor, "incident_cells", {"month": day.replace(day=1), "cell": row["cell"] >> _SHIFT} | place)


def span(cursor: duckdb.DuckDBPyConnection) -> tuple[datetime, datetime] | None:
    """Give the times of the first and the last report, or None when there are no incidents.

    The tally of days says where to look: until a database is opened again after a load, DuckDB reads the whole column for its
    ends.
    """
    row = cursor.execute("SELECT min(day), max(day) FROM incident_days WHERE n > 0").fetchone()
    first, last = row or (None, None)
    begin = _end(cursor, "min(reported_at)", "reported_at < $day + INTERVAL 1 DAY", first)
    return None if begin is None else (begin, _end(cursor, "max(reported_at)", "reported_at >= $day", last) or begin)


def _end(cursor: duckdb.DuckDBPyConnection, end: str, near: str, day: date | None) -> datetime | None:
    """Give an end of the incidents, sought near a day first: all cases of that day may have moved since or be void now."""
    query, found = f"SELECT {end} FROM incidents", None
    if day is not None:
        found = cursor.execute(f"{query} WHERE {near}", {"day": day}).fetchone()
    if found is None or found[0] is None:
        found = cursor.execute(query).fetchone()
    return found[0] if found else None


def pack(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring each tally back to one row for what it counts by, when enough was added since the last time."""
    for tally in _KEYS:
        now, packed = cursor.execute(
            f"SELECT (SELECT count(*) FROM {tally}), (SELECT value::BIGINT FROM store_meta WHERE key = '{tally}')"
        ).fetchall()[0]
        if now > 1.5 * packed + _SPARE:
            _replace(cursor, tally, f"SELECT * EXCLUDE n, sum(n) AS n FROM {tally} GROUP BY ALL HAVING sum(n) <> 0")


def recount(cursor: duckdb.DuckDBPyConnection) -> None:
    """Count all incidents anew: their communities changed."""
    for tally in _KEYS:
        _replace(cursor, tally, _counted(tally, "incidents"))


def _replace(cursor: duckdb.DuckDBPyConnection, tally: str, query: str) -> None:
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE packed AS {query} ORDER BY ALL")
    cursor.execute(f"DELETE FROM {tally}")
    cursor.execute(f"INSERT INTO {tally} SELECT * FROM packed")
    cursor.execute("DROP TABLE packed")
    cursor.execute(f"UPDATE store_meta SET value = (SELECT count(*) FROM {tally}) WHERE key = '{tally}'")


def wrong(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Say, for each tally that is not right, how many of its places hold another number than the incidents do."""
    found = {}
    for tally in _KEYS:
        row = cursor.execute(
            "SELECT count(*) FROM (SELECT * EXCLUDE n FROM ("
            f"SELECT * FROM {tally} UNION ALL {_counted(tally, 'incidents', -1)}) GROUP BY ALL HAVING sum(n) <> 0)"
        ).fetchone()
        if row and row[0]:
            found[tally] = int(row[0])
    return found
