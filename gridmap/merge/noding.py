"""Cuts the plane along all borders of many polygons at once: every face, once, on the 0.1 mm grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.merge import arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray


def faces(polygons: NDArray[np.object_], lines: NDArray[np.object_] | None = None) -> NDArray[np.object_]:
    """Give every bounded face of the plane cut along the rings of ``polygons`` and along ``lines`` (metres).

    Faces are valid simple Polygons without repeated points, a valid coverage, sorted by where they lie (west to east, then
    south to north). Borders meet by snap rounding (GEOS): nothing moves farther than 0.1 mm.
    Raises MergeError where the polygons span more than 214 km.
    """
    found = arcs.edges(polygons, lines)
    pieces = arcs.arcs(found)
    if len(pieces) == 0:
        return np.array([], dtype=object)
    noded = shapely.union_all(pieces, grid_size=1.0)
    cut = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return in_order(metres(cut, found.origin))


def metres(shapes: NDArray[np.object_], origin: NDArray[np.int64]) -> NDArray[np.object_]:
    """Give shapes in grid units from ``origin`` back in metres; the same vertex gives the same number everywhere."""
    return np.asarray(shapely.transform(shapes, lambda xy: (np.round(xy) + origin) / arcs.UNITS))


def in_order(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give polygons in normal form, sorted by their bounds and then by their bytes, so that equal inputs give equal outputs."""
    shapes = np.asarray(shapely.normalize(shapes))
    x0, y0, x1, y1 = shapely.bounds(shapes).T
    order = np.lexsort((shapely.area(shapes), y1, x1, y0, x0))
    return shapes[order]


def inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give one point inside each polygon, as far from its borders as is cheaply found."""
    return np.asarray(shapely.point_on_surface(shapes))
