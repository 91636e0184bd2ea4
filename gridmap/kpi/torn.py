"""Grids that lie over each other: what three indicators of borders ask first, worked out once for them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.kpi import cache

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from gridmap.store import Store

_TORN = """
    WITH grids AS NOT MATERIALIZED (
        SELECT * FROM grids_unified WHERE version = $version
    ), edges AS (
        SELECT unnest(ST_Dump(ST_CoverageInvalidEdges_Agg(geom))).geom AS edge FROM grids
    ), wrong AS MATERIALIZED (
        SELECT edge FROM edges WHERE NOT ST_IsEmpty(edge)
    )
    SELECT DISTINCT grid_code, community_code, street_code FROM grids JOIN wrong ON ST_Intersects(geom, edge)"""


def give(db: Store, cursor: duckdb.DuckDBPyConnection, version: int | None) -> None:
    """Give a cursor the table ``torn``: grid_code, community_code, street_code of the grids at an edge that is not sound.

    Where grids overlap, the edge of one of them runs through the other, or along it without being its edge. In a sound coverage
    there is none: then the area of a union is the sum of areas, and no two grids need be laid over each other, which for all
    neighbours of a city takes a minute.
    """

    def ask() -> pa.Table:
        return db.cursor().execute(_TORN, {"version": version}).to_arrow_table()

    cursor.register("torn", cache.once(db, ("torn", version), ask, reads=db.tables_read("grids_unified")))
