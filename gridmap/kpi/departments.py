"""Incidents seen by a department's old grids, through the crosswalk of the version in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gridmap.errors import InputError
from gridmap.kpi import cache, questions

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.kpi.filters import Filters
    from gridmap.store import Store


def by_department(db: Store, filters: Filters, layer: str, *, weight: Literal["area", "households"] = "area") -> pd.DataFrame:
    """Share the incidents of each all-subject grid among the old grids of a layer that it was made from.

    weight: by the area or the households of the pieces; a grid whose pieces have no households is shared by area.
    Columns: dgrid_id, name_zh, n (not a whole number where an old grid was divided); one row with an empty dgrid_id holds
    incidents in no grid or in grids that the layer does not reach, so that the sum is that of counts(). Formula: n(o) = Σ_g
    n(g) · w(g,o) / Σ_o' w(g,o').
    Raises InputError when the version's crosswalk has no such layer, or filters name another version's grids.
    """
    if filters.version is not None:
        raise InputError("Old grids can be asked for by the version in force only.")
    known = [row[0] for row in db.cursor().execute("SELECT DISTINCT layer_key FROM merge_map_now ORDER BY 1").fetchall()]
    if layer not in known:
        raise InputError("The grids in force were not made from a layer {layer}.", layer=layer)

    def ask() -> pd.DataFrame:
        cursor, table, found = questions.source(db, filters)
        piece = (
            "CASE WHEN sum(m.households) OVER g > 0 THEN m.households ELSE m.overlap_m2 END"
            if weight == "households"
            else "m.overlap_m2"
        )
        query = f"""
            WITH counted AS (SELECT grid_code, count(*) AS n FROM {table} WHERE {found.condition} GROUP BY 1),
            pieces AS (
                SELECT m.grid_code, m.dgrid_id, {piece} AS piece FROM merge_map_now m WHERE m.layer_key = $layer
                WINDOW g AS (PARTITION BY m.grid_code)
            ),
            shares AS (SELECT grid_code, dgrid_id, piece / sum(piece) OVER (PARTITION BY grid_code) AS share FROM pieces),
            spread AS (
                SELECT s.dgrid_id, sum(c.n * coalesce(s.share, 1)) AS n
                FROM counted c LEFT JOIN shares s ON s.grid_code = c.grid_code GROUP BY 1
            )
            SELECT s.dgrid_id, l.name_zh, s.n FROM spread s
            LEFT JOIN layers_now l ON l.layer_key = $layer AND l.dgrid_id = s.dgrid_id ORDER BY s.dgrid_id NULLS LAST"""
        return cursor.execute(query, {**found.parameters, "layer": layer}).df()

    return cache.once(db, ("by_department", filters, layer, weight), ask, reads=("incidents", "grids", "layers"))
