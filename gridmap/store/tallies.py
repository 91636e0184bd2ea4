"""How many incidents stand in each square of the map, counted as they are written: what density maps read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

TALLY_ZOOM = 18
"""Zoom of the web-mercator tiles that table incident_cells counts in: about 120 m across at 40° north."""

_SHIFT = 4
"""Bits from a stored cell (places.ZOOM) to a tally's: two a zoom level."""

_SPARE = 200_000
"""Rows that may be added, beside half of those there are, before the table is packed again."""

_COUNTED = (
    f"SELECT date_trunc('month', reported_at)::DATE AS month, cell >> {_SHIFT} AS cell, street_code, community_code, "
    "{sign} * count(*) AS n FROM {rows} WHERE cell IS NOT NULL AND status IS DISTINCT FROM 'void' GROUP BY ALL"
)


def count(cursor: duckdb.DuckDBPyConnection, rows: str, parameters: object = None, *, sign: int = 1) -> None:
    """Add the incidents of a query to the tally, or with sign -1 take them out of it.

    rows: a table, or a query in brackets, with reported_at, cell, status, street_code and community_code. A row that becomes
    void, moves or is deleted is taken out before its change and added again after it.
    """
    cursor.execute(f"INSERT INTO incident_cells {_COUNTED.format(sign=sign, rows=rows)}", parameters)


def pack(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring the tally back to one row for a month, square and community, when enough was added since the last time."""
    now, packed = cursor.execute(
        "SELECT (SELECT count(*) FROM incident_cells), (SELECT value::BIGINT FROM store_meta WHERE key = 'incident_cells')"
    ).fetchall()[0]
    if now > 1.5 * packed + _SPARE:
        _replace(
            cursor,
            "SELECT month, cell, street_code, community_code, sum(n) AS n FROM incident_cells GROUP BY ALL HAVING sum(n) <> 0",
        )


def recount(cursor: duckdb.DuckDBPyConnection) -> None:
    """Count all incidents anew: their communities changed."""
    _replace(cursor, _COUNTED.format(sign=1, rows="incidents"))


def _replace(cursor: duckdb.DuckDBPyConnection, query: str) -> None:
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE packed_cells AS {query} ORDER BY ALL")
    cursor.execute("DELETE FROM incident_cells")
    cursor.execute("INSERT INTO incident_cells SELECT * FROM packed_cells")
    cursor.execute("DROP TABLE packed_cells")
    cursor.execute("UPDATE store_meta SET value = (SELECT count(*) FROM incident_cells) WHERE key = 'incident_cells'")


def wrong(cursor: duckdb.DuckDBPyConnection) -> int:
    """Say how many squares, months and communities hold another number than the incidents do."""
    row = cursor.execute(
        "SELECT count(*) FROM (SELECT month, cell, street_code, community_code FROM ("
        f"SELECT * FROM incident_cells UNION ALL {_COUNTED.format(sign=-1, rows='incidents')}) GROUP BY ALL HAVING sum(n) <> 0)"
    ).fetchone()
    return int(row[0]) if row else 0
