"""One log of everything cleaning and overlaying changed, from the logs of the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS
    from shapely import Geometry

SMALLEST_M2 = 0.01
"""Ground below this, left over where two computed borders differ by 0.1 mm, is no change."""


WHOLE = ("lost", "cut", "repaired")
"""Changes that concern the whole of a grid, wherever it lies."""


def nothing(crs: CRS | None) -> gpd.GeoDataFrame:
    """Give a log without a row, as `clean` gives one."""
    texts = {name: pd.Series(dtype=object) for name in ("id", "what", "to", "why")}
    numbers = {name: pd.Series(dtype=float) for name in ("area_m2", "before_m2", "after_m2")}
    counts = {name: pd.Series(dtype="Int64") for name in ("parts_before", "parts_after")}
    return gpd.GeoDataFrame({**texts, **numbers, **counts}, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def of_street(edits: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, *, ground: Geometry) -> gpd.GeoDataFrame:
    """Give one layer's edits in one street without those that only the street's own border makes.

    edits: as `clean` gives; layer: the layer as it came; ground: the units here and next door, as one.
    A grid that goes on next door is not cut there: of ground ``cut`` off, one row a grid remains, for what lies in no unit at
    all. Pieces that a street parts and that ``kept`` their grid are no change and go.
    """
    edits = _before(edits, layer)
    outside = (edits["what"] == "cut").to_numpy()
    rest = edits[~outside & (edits["what"] != "kept").to_numpy()]
    ids = pd.Index(edits["id"][outside].unique())
    if len(ids) == 0:
        return rest
    shapes = shapely.make_valid(layer.geometry[ids].to_numpy(), method="structure", keep_collapsed=False)
    shapely.prepare(ground)
    beyond = np.flatnonzero(~shapely.covers(ground, shapes))
    over = shapely.difference(shapes[beyond], ground)
    real = shapely.area(over) > SMALLEST_M2
    first = edits[outside].drop_duplicates("id").set_index("id").loc[ids[beyond[real]]].reset_index(names="id")
    first = first.assign(area_m2=shapely.area(over[real])).set_geometry(gpd.GeoSeries(over[real], crs=edits.crs))
    joined: gpd.GeoDataFrame = pd.concat([rest, first[rest.columns]], ignore_index=True)
    return joined


def _before(edits: gpd.GeoDataFrame, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say of each edit's grid what it was before, whole, not only what came near this street."""
    at = layer.index.get_indexer(pd.Index(edits["id"]))
    shapes = layer.geometry.to_numpy()[at]
    area = np.where(at >= 0, shapely.area(shapes), np.nan)
    parts = pd.Series(np.where(at >= 0, shapely.get_num_geometries(shapes), np.nan), index=edits.index).astype("Int64")
    return edits.assign(before_m2=area, parts_before=parts)


def of_slivers(report: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give dissolved slivers as edits: ``what`` is ``dissolved``, ``layer`` the layers whose old grid changed there."""
    gone = report[report["atom"].notna()]
    return gpd.GeoDataFrame(
        {
            "layer": gone["layers"].to_numpy(),
            "id": None,
            "what": "dissolved",
            "to": None,
            "why": gone["why"].to_numpy(),
            "area_m2": gone["area_m2"].to_numpy(),
        },
        geometry=gone.geometry.to_numpy(),
        crs=report.crs,
    )


def together(streets: Sequence[pd.DataFrame], held: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Give one log of all streets' edits, in which a grid that lies in several streets is still one grid.

    held: for every street what each grid has there: layer, id, area_m2, parts. ``after_m2`` is the sum over streets;
    ``parts_after`` is unknown (NA) for a grid in several. A grid lost in one street and held in another is not lost, and what
    several streets say of the same ground outside the nest is said once.
    """
    log = pd.concat(streets, ignore_index=True)
    if log.empty:
        return log
    grids = pd.concat(held, ignore_index=True).groupby(["layer", "id"])
    after = grids.agg(area_m2=("area_m2", "sum"), streets=("area_m2", "size"), parts=("parts", "sum")).reset_index()
    at = pd.MultiIndex.from_frame(after[["layer", "id"]]).get_indexer(pd.MultiIndex.from_frame(log[["layer", "id"]]))
    known = at >= 0
    log.loc[known, "after_m2"] = after["area_m2"].to_numpy()[at[known]]
    parts = after["parts"].where(after["streets"] == 1).astype("Int64").array
    log["parts_after"] = log["parts_after"].astype("Int64")
    log.loc[known, "parts_after"] = parts[at[known]]
    log = log[~((log["what"] == "lost").to_numpy() & known)]
    whole = log["what"].isin(WHOLE)
    return log[~(whole & log.duplicated(["layer", "id", "what"]))]
