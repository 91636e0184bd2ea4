"""Cuts the plane along all borders of many polygons at once: every face, once, on the 0.1 mm grid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.merge import arcs, kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridmap.merge import layers


WORTH = 10_000
"""Polygons from which on threads pay."""


def faces(polygons: NDArray[np.object_], lines: NDArray[np.object_] | None = None) -> NDArray[np.object_]:
    """Give every bounded face of the plane cut along the rings of ``polygons`` and along ``lines`` (metres).

    Faces are valid simple Polygons without repeated points, a valid coverage, sorted by where they lie (west to east, then
    south to north). Borders meet by snap rounding: nothing moves farther than 0.1 mm.
    Raises MergeError where the polygons span more than 214 km.
    """
    found = arcs.edges(polygons, lines)
    graph = kernel.node(found) if kernel.fits(found) else None
    if graph is None:
        return in_order(metres(by_geos(found), found.origin))
    return in_order(kernel.faces(graph, (graph.xy + found.origin) / arcs.UNITS).polygons)


def named_faces(parts: Sequence[layers.Parts]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give the faces of several layers laid over each other, as ``faces`` does, and each face's row in each layer, -1 for none.

    Where a layer overlaps itself its lowest row wins. Raises MergeError as ``faces`` does.
    """
    polygons = np.concatenate([part.polygons for part in parts])
    found = arcs.edges(polygons)
    graph = kernel.node(found) if kernel.fits(found) else None
    if graph is None:
        cut = in_order(metres(by_geos(found), found.origin))
        points = inside(cut)
        return cut, np.column_stack([owners(points, part) for part in parts])
    layer = np.repeat(np.arange(len(parts)), [len(part.polygons) for part in parts])
    rows = np.concatenate([part.of for part in parts])
    place = (graph.xy + found.origin) / arcs.UNITS
    polygons, named, bad = kernel.named_faces(found, graph, place, layer=layer, row=rows, layers=len(parts))
    rows_of = np.asarray(named, np.int64)
    cut, order = sorted_by_place(polygons)
    rows_of = rows_of[order]
    for k in np.flatnonzero(bad).tolist():
        rows_of[:, k] = owners(inside(cut), parts[k])
    kept = (rows_of >= 0).any(axis=1)
    return cut[kept], rows_of[kept]


def owners(points: NDArray[np.object_], parts: layers.Parts) -> NDArray[np.int64]:
    """Give for each point the lowest row whose polygon holds it, or -1."""
    tree = shapely.STRtree(parts.polygons)
    at, hit = tree.query(points, predicate="intersects")
    row = np.full(len(points), np.iinfo(np.int64).max)
    np.minimum.at(row, at, parts.of[hit])
    return np.where(row == np.iinfo(np.int64).max, -1, row)


def by_geos(found: arcs.Edges) -> NDArray[np.object_]:
    """Give the faces in grid units, noded by GEOS: the reference the kernel is held against, and what stands in for it."""
    pieces = arcs.arcs(found)
    if len(pieces) == 0:
        return np.array([], dtype=object)
    noded = shapely.union(shapely.multilinestrings(pieces[::2]), shapely.multilinestrings(pieces[1::2]), grid_size=1.0)
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def metres(shapes: NDArray[np.object_], origin: NDArray[np.int64]) -> NDArray[np.object_]:
    """Give shapes in grid units from ``origin`` back in metres; the same vertex gives the same number everywhere."""
    return np.asarray(shapely.transform(shapes, lambda xy: (np.round(xy) + origin) / arcs.UNITS))


def in_order(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give polygons in normal form, sorted by where they lie, so that equal inputs give equal outputs."""
    return sorted_by_place(shapes)[0]


def sorted_by_place(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give polygons in normal form, sorted by their bounds, their area and their bytes, and the order that sorts them."""
    shapes = _normal(shapes)
    keys = np.column_stack([shapely.bounds(shapes), shapely.area(shapes)])
    order = np.lexsort(keys.T[[4, 3, 2, 1, 0]])
    twin = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
    if twin.any():  # the two halves of a square have all these in common
        rank = np.zeros(len(shapes), np.int64)
        tied = np.union1d(order[1:][twin], order[:-1][twin])
        bytes_of = shapely.to_wkb(shapes[tied])
        rank[tied] = np.argsort(np.argsort(bytes_of, kind="stable"))
        order = np.lexsort((rank, *keys.T[[4, 3, 2, 1, 0]]))
    return shapes[order], order


def _normal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give shapes in normal form, many of them by several threads."""
    if len(shapes) < WORTH:
        return np.asarray(shapely.normalize(shapes))
    with ThreadPoolExecutor(kernel.THREADS) as pool:
        return np.concatenate(list(pool.map(shapely.normalize, np.array_split(shapes, kernel.THREADS))))


def inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give one point inside each polygon, as far from its borders as is cheaply found."""
    return np.asarray(shapely.point_on_surface(shapes))
