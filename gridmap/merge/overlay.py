"""Lays departmental layers over each other and over the nest, once, and gives the atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import terms
from gridmap.errors import MergeError
from gridmap.merge import layers as layer_checks
from gridmap.merge import noding, slivers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

NEST = "nest_id"
RESERVED = frozenset({NEST, "geometry", "weight", "unit_id", "grid_code"})
"""Columns of atoms that are no layer."""


def overlay(
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    nest: gpd.GeoDataFrame,
    sliver_m2: float = slivers.SLIVER_M2,
    sliver_m: float = slivers.SLIVER_M,
    progress: Callable[[str, float], None] | None = None,
) -> gpd.GeoDataFrame:
    """Give the atoms: the faces of all layers laid over the nest, slivers dissolved within their nest unit.

    layers: key -> polygons, index = old grid id; nest: polygons, index = nest id; all in one CRS in metres.
    Atoms have one column a layer (the old id, or None where the layer has no grid), ``nest_id`` and ``geometry``: simple
    valid Polygons, a valid coverage that fills the nest, in a fixed order. ``faces`` and ``slivers.dissolve`` are the two
    steps; the second also gives the report of what was dissolved.
    Raises MergeError or InputError as ``faces`` does.
    """
    cut = faces(layers, nest=nest, progress=progress)
    return slivers.dissolve(cut, sliver_m2=sliver_m2, sliver_m=sliver_m, progress=progress).atoms


def faces(
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    nest: gpd.GeoDataFrame,
    progress: Callable[[str, float], None] | None = None,
) -> gpd.GeoDataFrame:
    """Give every face of all layers laid over the nest, as ``overlay`` does but with its slivers.

    All borders are noded in one pass on a 0.1 mm grid, so faces near a street's border are the same whether the street is
    overlaid alone or with the whole city. Where a layer overlaps itself (``clean`` prevents it) the lowest id wins.
    Raises MergeError where a layer is empty, repeats an id, is not in metres or not in the nest's CRS, has a reserved name,
    or where none meets the nest (in one street some may be absent); InputError where one has no CRS.
    """
    tell = progress or _silent
    tell(terms.key("Cutting along all borders"), 0.0)
    system = layer_checks.require(nest, NEST)
    for key, frame in layers.items():
        if key in RESERVED:
            raise MergeError("A layer cannot be called {layer}; the name is taken.", layer=key)
        layer_checks.same(layer_checks.require(frame, key), system, key)
    # Sorted, so that the order of rows makes no difference where a layer overlaps itself.
    nest = nest.sort_index(key=lambda ids: ids.astype(str))
    layers = {key: frame.sort_index(key=lambda ids: ids.astype(str)) for key, frame in layers.items()}
    base = layer_checks.parts(nest)
    found = {key: layer_checks.parts(frame) for key, frame in layers.items()}
    if found and not any(_meets(parts, base) for parts in found.values()):
        raise MergeError("No layer meets the nest; are the coordinate systems right?")
    cut, rows = noding.named_faces([base, *found.values()])
    tell(terms.key("Naming the pieces"), 0.6)
    within = rows[:, 0] >= 0
    cut, rows = cut[within], rows[within]
    columns = {key: named(layers[key].index, rows[:, number]) for number, key in enumerate(layers, start=1)}
    columns[NEST] = named(nest.index, rows[:, 0])
    tell(terms.key("Naming the pieces"), 1.0)
    return gpd.GeoDataFrame(columns, geometry=cut, crs=nest.crs)


def _meets(parts: layer_checks.Parts, base: layer_checks.Parts) -> bool:
    """Say whether the box of one of the polygons meets the nest's."""
    west, south, east, north = shapely.total_bounds(base.polygons)
    low, high = np.split(shapely.bounds(parts.polygons), 2, axis=1)
    return bool(((low <= (east, north)) & (high >= (west, south))).all(axis=1).any())


def named(index: pd.Index, rows: NDArray[np.int64]) -> pd.Series:
    """Give the ids that stand at ``rows`` of an index, None where the row is -1."""
    ids = np.array([*index, None], dtype=object)
    return pd.Series(ids[rows], dtype=object)  # not text: None must stay None


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""
