"""Grid codes: a nest unit's code and three digits, counted west to east and north to south."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap import codes
from gridmap.errors import MergeError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

SAME_LAND_M2 = 1.0
"""A grid whose land differs by no more than this from one of the plan before is that grid."""

DRAWN_ALIKE_M = 1e-6
"""Vertices no farther apart than this, as a way to degrees and back leaves them, are the same."""


def reading_order(shapes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Give the places of grids in reading order: bands from north to south, within a band west to east.

    A grid stands where its centroid is. A band starts at the northernmost grid not yet placed and takes every grid whose
    centroid lies less than half the median height of the grids south of it, so that grids standing side by side are
    counted west to east though none is exactly level with the next (rule: dossier §2.2, digits 13-15; the band is ours).
    """
    if len(shapes) == 0:
        return np.zeros(0, dtype=np.intp)
    bounds = shapely.bounds(shapes)
    band_m = float(np.median(bounds[:, 3] - bounds[:, 1])) / 2
    centre = shapely.centroid(shapes)
    x, y = shapely.get_x(centre).round(3), shapely.get_y(centre).round(3)
    southward = np.lexsort((x, -y))
    band = np.zeros(len(shapes), dtype=np.intp)
    top = y[southward[0]]
    row = 0
    for place in southward:
        if top - y[place] >= band_m and top != y[place]:
            top, row = y[place], row + 1
        band[place] = row
    return np.lexsort((-y, x, band))


def number(grids: gpd.GeoDataFrame, *, previous: gpd.GeoDataFrame | None = None) -> pd.Series:
    """Give every grid its code: the nest unit's code and 001-999 in reading order.

    grids: columns nest_id, geometry. previous: the plan before, columns grid_code, nest_id, geometry, same CRS; a grid
    that covers the same land (within 1 m²) keeps its code, and the others take, in reading order, numbers the plan before
    never used, then retired ones, so that an old code does not come to mean other land while there is room.
    Returns codes on the grids' index. Raises MergeError when a nest unit would need more than 999 grids.
    """
    given = np.full(len(grids), "", dtype=object)
    home, nests = pd.factorize(grids["nest_id"], sort=True)
    shapes = grids.geometry.to_numpy()
    for unit, nest_id in enumerate(nests):
        here = np.flatnonzero(home == unit)
        if len(here) > codes.SEQUENCE_MAX:
            raise MergeError(
                "{nest} would get {grids} grids; a code has room for 999. Raise the norm or divide {nest}.",
                nest=nest_id,
                grids=len(here),
            )
        before = None if previous is None else previous[previous["nest_id"] == nest_id]
        kept = {} if before is None or before.empty else unchanged(grids.iloc[here], before)
        used = set() if before is None else {int(str(code)[-codes.SEQUENCE_DIGITS :]) for code in before["grid_code"]}
        held = {int(code[-codes.SEQUENCE_DIGITS :]) for code in kept.values()}
        free = itertools.chain((n for n in range(1, codes.SEQUENCE_MAX + 1) if n not in used), sorted(used - held))
        for place in here[reading_order(shapes[here])]:
            label = grids.index[place]
            given[place] = kept[label] if label in kept else codes.grid_code(str(nest_id), next(free))
    return pd.Series(given, index=grids.index, dtype=object)


def unchanged(grids: gpd.GeoDataFrame, previous: gpd.GeoDataFrame) -> dict[object, str]:
    """Find the grids that cover the same land as one of the plan before, within 1 m² of difference.

    Returns the previous code by the grid's index label.
    """
    new, old = grids.geometry.to_numpy(), previous.geometry.to_numpy()
    mine, theirs = shapely.STRtree(old).query(new)
    close = np.abs(shapely.area(new[mine]) - shapely.area(old[theirs])) <= SAME_LAND_M2
    mine, theirs = mine[close], theirs[close]
    # The same vertices, as nearly all have, differ by less than their perimeter times DRAWN_ALIKE_M; only the others are cut.
    same = shapely.equals_exact(new[mine], old[theirs], DRAWN_ALIKE_M, normalize=True)
    odd = ~same
    same[odd] = shapely.area(shapely.symmetric_difference(new[mine[odd]], old[theirs[odd]])) <= SAME_LAND_M2
    old_codes = previous["grid_code"].to_numpy()
    # Grids below 1 m² could match twice: the first match of each keeps the code, and no code is given twice.
    found: dict[object, str] = {}
    for i, j in zip(mine[same], theirs[same], strict=True):
        code = str(old_codes[j])
        if grids.index[i] not in found and code not in found.values():
            found[grids.index[i]] = code
    return found
