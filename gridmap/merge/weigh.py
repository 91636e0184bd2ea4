"""How many households each atom holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap.errors import MergeError

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.merge.objective import Floats


def weigh(atoms: gpd.GeoDataFrame, weights: gpd.GeoDataFrame, column: str) -> pd.Series:
    """Count the households of each atom: points are counted where they lie, polygons are spread evenly over their area.

    atoms: polygons that do not overlap. weights: points or polygons in the same CRS, ``column`` holding households;
    an empty cell or geometry counts as none. A point on a border goes to one atom only, the first by its corner.
    What lies outside every atom is not counted. Returns a Series named ``weight`` with the atoms' index.
    Raises MergeError for another CRS, a missing column, text or negative figures, or lines.
    """
    if weights.crs != atoms.crs:
        raise MergeError("The households are in another coordinate system ({one}) than the layers ({two}).",
                         one=str(weights.crs), two=str(atoms.crs))  # fmt: skip
    if column not in weights.columns:
        raise MergeError("The households have no column {column}.", column=column)
    try:
        figures = pd.to_numeric(weights[column]).to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise MergeError("The column {column} holds something other than numbers.", column=column) from error
    figures = np.where(np.isfinite(figures), figures, 0.0)
    if (figures < 0).any():
        raise MergeError("The column {column} holds a number below zero.", column=column)
    shapes = weights.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (figures > 0)
    shapes, figures = shapes[there], figures[there]
    kind = shapely.get_dimensions(shapes)
    if (kind == 1).any():
        raise MergeError("Households must be points or polygons, not lines.")
    ground = atoms.geometry.to_numpy()
    total = _points(ground, shapes[kind == 0], figures[kind == 0]) + _areas(ground, shapes[kind == 2], figures[kind == 2])
    return pd.Series(total, index=atoms.index, name="weight")


def _points(ground: np.ndarray, points: np.ndarray, figures: Floats) -> Floats:
    """Count points: each in the atom whose lower left corner comes first, so that the order of atoms does not matter."""
    total = np.zeros(len(ground))
    if not len(points):
        return total
    parts, of_point = shapely.get_parts(points, return_index=True)
    figures = (figures / shapely.get_num_geometries(points))[of_point]
    box = shapely.bounds(ground)
    rank = np.empty(len(ground), np.int64)
    rank[np.lexsort((box[:, 3], box[:, 2], box[:, 1], box[:, 0]))] = np.arange(len(ground))
    point, atom = shapely.STRtree(ground).query(parts, predicate="intersects")
    order = np.lexsort((rank[atom], point))
    point, first = np.unique(point[order], return_index=True)
    np.add.at(total, atom[order][first], figures[point])
    return total


def _areas(ground: np.ndarray, shapes: np.ndarray, figures: Floats) -> Floats:
    """Spread polygons: each atom gets the share of the polygon's area that lies in it."""
    total = np.zeros(len(ground))
    if not len(shapes):
        return total
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    area = shapely.area(shapes)
    shape, atom = shapely.STRtree(ground).query(shapes, predicate="intersects")
    shapely.prepare(ground)
    whole = shapely.covers(ground[atom], shapes[shape])
    share = np.ones(len(shape))
    share[~whole] = shapely.area(shapely.intersection(shapes[shape[~whole]], ground[atom[~whole]])) / area[shape[~whole]]
    np.add.at(total, atom, np.where(area[shape] > 0, share, 0.0) * figures[shape])
    return total
