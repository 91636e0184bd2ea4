"""What became of every old grid: how much of it went into which all-subject grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

COLUMNS = ("layer", "old_id", "grid_code", "area_m2", "weight", "share_of_old", "share_of_new")
NOT_LAYERS = frozenset({"nest_id", "geometry", "weight", "unit_id", "grid_code"})
"""Columns of an atom that are no layer; every other column is one."""


def layer_columns(atoms: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Give the keys of the layers an atom frame is labelled with, in their order."""
    return tuple(str(name) for name in atoms.columns if name not in NOT_LAYERS)


def crosswalk(atoms: gpd.GeoDataFrame, *, layers: Sequence[str] | None = None) -> pd.DataFrame:
    """Say how much of every old grid went into every new one.

    atoms: faces with one column a layer, ``grid_code`` and, if there are households, ``weight``; metric CRS.
    Gives one row for each layer, old grid and new grid that share land: ``area_m2`` and ``weight`` of that land,
    ``share_of_old`` = area / area of the old grid **within the nest** (what lies outside has no new grid, and the shares of
    each old grid therefore sum to 1), ``share_of_new`` = area / area of the new grid (they sum to less than 1 where the layer
    does not cover it). Without households ``weight`` is the area. Layers in their order, then by old and new grid.
    """
    land = pd.DataFrame({"grid_code": atoms["grid_code"].to_numpy(), "area_m2": atoms.geometry.area.to_numpy()})
    land["weight"] = atoms["weight"].to_numpy() if "weight" in atoms.columns else land["area_m2"]
    parts = []
    for layer in layers if layers is not None else layer_columns(atoms):
        rows = land.assign(old_id=atoms[layer].to_numpy()).dropna(subset=["old_id"])
        moved = rows.groupby(["old_id", "grid_code"], sort=True)[["area_m2", "weight"]].sum().reset_index()
        moved.insert(0, "layer", layer)
        parts.append(moved)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS[:5]))
    return with_shares(table, land.groupby("grid_code")["area_m2"].sum())


def with_shares(table: pd.DataFrame, area_of_new: pd.Series) -> pd.DataFrame:
    """Add (or renew) the two shares of a crosswalk.

    table: columns layer, old_id, grid_code, area_m2, weight, every row of each old grid.
    area_of_new: m² of each new grid, by grid_code.
    """
    table = table[list(COLUMNS[:5])].copy()
    of_old = table.groupby(["layer", "old_id"])["area_m2"].transform("sum")
    table["share_of_old"] = table["area_m2"] / of_old
    table["share_of_new"] = table["area_m2"] / table["grid_code"].map(area_of_new).to_numpy()
    return table
