"""From an edited plan back to grids: dissolved, numbered so that what stayed keeps its code, with old and new told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import MergeError
from gridmap.merge import numbering
from gridmap.merge.crosswalk import crosswalk
from gridmap.merge.partition import dissolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.finding import Finding


@dataclass(frozen=True)
class Composed:
    """A plan ready to be kept: grids, crosswalk and atoms as DESIGN §4 lists them; ``changes`` against the plan before.

    changes: one row a pair of old and new grid that share land and of which either changed: old_grid, new_grid, change (new,
    reshaped, removed, same), area_m2, households, share_of_old, share_of_new. norm: passed on. findings: of merge.check,
    once made.
    """

    grids: gpd.GeoDataFrame
    crosswalk: pd.DataFrame
    atoms: gpd.GeoDataFrame
    changes: pd.DataFrame
    norm: tuple[float, float] | None
    findings: Sequence[Finding] = ()


def compose(
    atoms: gpd.GeoDataFrame,
    *,
    layers: Sequence[str],
    previous: gpd.GeoDataFrame,
    norm: tuple[float, float] | None = None,
) -> Composed:
    """Make grids of labelled atoms.

    atoms: metric CRS, columns nest_id, weight, a column a layer, ``grid_code`` (a code, or any name for a new grid), geometry.
    previous: grid_code, nest_id, geometry of the plan before, same CRS; a grid on the same land keeps its code.
    Raises MergeError when a grid lies in two nest units or in separate parts.
    """
    place, names = pd.factorize(atoms["grid_code"].astype(str))
    nests = atoms.groupby(place)["nest_id"].nunique()
    if (nests > 1).any():
        raise MergeError("Grid {grid} lies in more than one community.", grid=names[int(np.argmax(nests))])
    shapes = dissolve(atoms.geometry.to_numpy(), place.astype(np.int64))
    first = np.unique(place, return_index=True)[1]
    grids = gpd.GeoDataFrame(
        {
            "nest_id": atoms["nest_id"].astype(str).to_numpy()[first],
            "weight": np.bincount(place, weights=atoms["weight"].to_numpy(float)),
            "area_m2": shapely.area(shapes),
        },
        geometry=shapes,
        crs=atoms.crs,
    )
    grids.insert(0, "grid_code", numbering.number(grids, previous=previous).to_numpy())
    done = atoms.assign(grid_code=grids["grid_code"].to_numpy()[place])
    changes = _changes(done, grids, previous)
    table = crosswalk(done, layers=layers)
    return Composed(grids.sort_values("grid_code", ignore_index=True), table, done, changes, norm)


def _changes(atoms: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, previous: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say how much of every old grid went into which new one; every atom lies in one old grid."""
    middle = shapely.point_on_surface(atoms.geometry.to_numpy())
    atom, old = shapely.STRtree(previous.geometry.to_numpy()).query(middle, predicate="intersects")
    table = pd.DataFrame({
        "old_grid": previous["grid_code"].astype(str).to_numpy()[old],
        "new_grid": atoms["grid_code"].to_numpy()[atom],
        "area_m2": atoms.geometry.area.to_numpy()[atom],
        "households": atoms["weight"].to_numpy(float)[atom],
    })  # fmt: skip
    table = table.groupby(["old_grid", "new_grid"], as_index=False).sum()
    kept = set(numbering.unchanged(grids, previous).values())
    table["share_of_old"] = table["area_m2"] / table.groupby("old_grid")["area_m2"].transform("sum")
    table["share_of_new"] = table["area_m2"] / table.groupby("new_grid")["area_m2"].transform("sum")
    before, after = set(previous["grid_code"].astype(str)), set(grids["grid_code"])
    table["change"] = np.select(
        [table["new_grid"].isin(kept) & (table["old_grid"] == table["new_grid"]), ~table["new_grid"].isin(before),
         ~table["old_grid"].isin(after)],
        ["same", "new", "removed"], "reshaped",
    )  # fmt: skip
    columns = ["old_grid", "new_grid", "change", "area_m2", "households", "share_of_old", "share_of_new"]
    return table.loc[table["change"] != "same", columns].reset_index(drop=True)
