"""Incidents and indicators seen by a department's old grids, through the crosswalk of the version in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gridmap.errors import InputError
from gridmap.kpi import cache, questions, runner
from gridmap.kpi.filters import Filters
from gridmap.kpi.indicator import indicator

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.store import Store

Weight = Literal["area", "households"]

_EVERYTHING = Filters()


def departments(db: Store) -> list[str]:
    """Name the departmental layers that the grids in force were made from, by their keys."""
    query = "SELECT DISTINCT layer_key FROM merge_map_now ORDER BY 1"
    return cache.once(
        db, ("departments",), lambda: [row[0] for row in db.cursor().execute(query).fetchall()], reads=db.tables_read(query)
    )


def by_department(db: Store, filters: Filters, layer: str, *, weight: Weight = "area") -> pd.DataFrame:
    """Share the incidents of each all-subject grid among the old grids of a layer that it was made from.

    weight: by the area or the households of the pieces; a grid whose pieces have no households is shared by area.
    Columns: dgrid_id, name_zh, n (not a whole number where an old grid was divided); one row with an empty dgrid_id holds
    incidents in no grid or in grids that the layer does not reach, so that the sum is that of counts(). Formula: n(o) = Σ_g
    n(g) · w(g,o) / Σ_o' w(g,o').
    Raises InputError when the version's crosswalk has no such layer, or filters name another version's grids.
    """
    pieces = _pieces(db, filters, layer, weight)
    return _spread(questions.counts(db, filters), pieces, ["n"])


def run_by_department(
    db: Store, id_: str, filters: Filters = _EVERYTHING, *, layer: str, weight: Weight = "area"
) -> pd.DataFrame:
    """Give an indicator for the old grids of a layer: part and n of each all-subject grid shared among those it was made from.

    Columns: dgrid_id, name_zh, part, n, value, hidden, as run() gives them; part and n sum to those of run(), a row with an
    empty dgrid_id holding what belongs to no grid. Raises InputError as by_department() does, and for an indicator whose parts
    cannot be added up (a mix).
    """
    wanted = indicator(id_)
    pieces = _pieces(db, filters, layer, weight)
    if wanted.kind == "mix":
        raise InputError("The parts of {id} cannot be shared among old grids.", id=id_)
    rows = runner.run(db, id_, filters, by=("grid_code",))
    figures = ["part", "n", "value"] if wanted.kind == "sum" else ["part", "n"]
    found = _spread(rows[["grid_code", *figures]].astype(dict.fromkeys(figures, float)), pieces, figures)
    if wanted.kind != "sum":
        found["value"] = found["part"] if wanted.kind == "count" else found["part"] / found["n"].where(found["n"] > 0)
    return runner.hide(wanted, found)


def _pieces(db: Store, filters: Filters, layer: str, weight: Weight) -> pd.DataFrame:
    """Give the shares of each grid that its old grids have: grid_code, dgrid_id, name_zh, share (summing to 1 a grid)."""
    if filters.version is not None:
        raise InputError("Old grids can be asked for by the version in force only.")
    if layer not in departments(db):
        raise InputError("The grids in force were not made from a layer {layer}.", layer=layer)
    piece = "m.overlap_m2"
    if weight == "households":
        piece = "CASE WHEN sum(m.households) OVER g > 0 THEN coalesce(m.households, 0) ELSE m.overlap_m2 END"
    query = f"""
        WITH pieces AS (
            SELECT m.grid_code, m.dgrid_id, {piece} AS piece FROM merge_map_now m WHERE m.layer_key = $layer
            WINDOW g AS (PARTITION BY m.grid_code)
        )
        SELECT p.grid_code, p.dgrid_id, l.name_zh, piece / sum(piece) OVER (PARTITION BY p.grid_code) AS share
        FROM pieces p LEFT JOIN layers_now l ON l.layer_key = $layer AND l.dgrid_id = p.dgrid_id"""

    def ask() -> pd.DataFrame:
        return db.cursor().execute(query, {"layer": layer}).df()

    return cache.once(db, ("pieces", layer, weight), ask, reads=("grids", "layers"))


def _spread(rows: pd.DataFrame, pieces: pd.DataFrame, figures: list[str]) -> pd.DataFrame:
    shared = rows.merge(pieces, on="grid_code", how="left")
    for name in figures:
        shared[name] *= shared["share"].fillna(1)
    return shared.groupby(["dgrid_id", "name_zh"], dropna=False, as_index=False)[figures].sum()
