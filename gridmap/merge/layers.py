"""What every step asks of a layer before it works on it: one metric CRS, unique names, valid polygons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap import crs
from gridmap.errors import MergeError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    Ints = NDArray[np.int64]

POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7

MANY = 500
"""Shapes from which on threads pay."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The simple valid polygons of a layer: ``polygons`` and, for each, the row ``of`` the frame it came from."""

    polygons: NDArray[np.object_]
    of: Ints


def parts(frame: gpd.GeoDataFrame) -> Parts:
    """Give a layer's polygons, made valid by structure, as single parts; rows without area give none."""
    shapes = np.asarray(frame.geometry.array)
    bad = ~_valid(shapes) & ~shapely.is_missing(shapes)
    if bad.any():
        shapes = shapes.copy()
        shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    if (shapely.get_type_id(shapes) == POLYGON).all():  # nothing to take apart, and no copy
        single, of = shapes, np.arange(len(shapes))
    else:
        single, of = shapely.get_parts(shapes, return_index=True)
    if (shapely.get_type_id(single) == COLLECTION).any():
        single, deeper = shapely.get_parts(single, return_index=True)
        of = of[deeper]
    kept = (shapely.get_type_id(single) == POLYGON) & (shapely.area(single) > 0)
    return Parts(single[kept], of[kept].astype(np.int64))


def _valid(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which shapes are valid, asked by two threads where they are many."""
    if len(shapes) < MANY:
        return np.asarray(shapely.is_valid(shapes))
    with ThreadPoolExecutor(2) as pool:
        return np.concatenate(list(pool.map(shapely.is_valid, np.array_split(shapes, 2))))


def require(frame: gpd.GeoDataFrame, name: str) -> CRS:
    """Give a layer's CRS once it is fit to work on.

    Raises MergeError when it has no grids, repeated ids, no coordinate system (InputError) or one not in metres.
    """
    system = crs.require(frame, name)
    if not crs.is_metric(system):
        raise MergeError("The layer {layer} is not in metres; bring it into the merge's coordinate system first.", layer=name)
    if len(frame) == 0:
        raise MergeError("The layer {layer} has no grids.", layer=name)
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()][0]
        raise MergeError("The layer {layer} has more than one grid with the id {id}.", layer=name, id=twice)
    return system


def same(system: CRS, other: CRS, name: str) -> None:
    """Raise MergeError where a layer's CRS is not the nest's."""
    if system != other:
        raise MergeError("The layer {layer} is in another coordinate system than the nest.", layer=name)
