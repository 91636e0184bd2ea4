"""Cuts the plane along all borders of many polygons at once: every face, once, on the 0.1 mm grid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.merge import arcs, kernel, labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gridmap.merge import layers

NEAR_M = 0.001
"""Metres within which borders may have to do with each other."""


def faces(polygons: NDArray[np.object_], lines: NDArray[np.float64] | None = None) -> NDArray[np.object_]:
    """Give every bounded face of the plane cut along the rings of ``polygons`` and along ``lines`` (n, 2, 2; metres).

    Faces are valid simple Polygons without repeated points, a valid coverage, sorted by where they lie (west to east, then
    south to north). Borders meet by snap rounding: nothing moves farther than 0.1 mm.
    Raises MergeError where the polygons span more than 214 km.
    """
    found = arcs.edges(polygons, lines)
    graph = kernel.node(found) if kernel.fits(found) else None
    if graph is None:
        return in_order(metres(by_geos(found), found.origin))
    return _settled(kernel.faces(graph, found.origin, arcs.UNITS))[0]


def named_faces(parts: Sequence[layers.Parts]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give the faces of several layers laid over each other, as ``faces`` does, and each face's row in each layer, -1 for none.

    Where a layer overlaps itself its lowest row wins. Raises MergeError as ``faces`` does.
    """
    polygons = np.concatenate([part.polygons for part in parts])
    found = arcs.edges(polygons)
    graph = kernel.node(found) if kernel.fits(found) else None
    if graph is None:
        cut = in_order(in_halves(polygons, snapped))
        points = shapely.STRtree(inside(cut))
        rows_of = np.column_stack([owners(points, part) for part in parts])
        return cut[(rows_of >= 0).any(axis=1)], rows_of[(rows_of >= 0).any(axis=1)]
    layer = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part.polygons) for part in parts])
    rows = np.concatenate([part.of for part in parts]).astype(np.int32)
    bad = np.zeros(len(parts), bool)
    traced, west, east = kernel.bordered(found, graph, layer=layer, row=rows, bad=bad)
    origin = found.origin
    del found, graph  # as large as what is now drawn
    with ThreadPoolExecutor(1) as beside:  # faces are named while they are drawn
        naming = beside.submit(labels.spread, traced.left, traced.count, west, east, bad)
        cut, order = _settled(kernel.polygons(traced, origin, arcs.UNITS))
        rows_of = naming.result()[order].astype(np.int64)
    if bad.any():
        points = shapely.STRtree(inside(cut))
        for k in np.flatnonzero(bad).tolist():
            rows_of[:, k] = owners(points, parts[k])
    kept = (rows_of >= 0).any(axis=1)
    return cut[kept], rows_of[kept]


def owners(points: NDArray[np.object_] | shapely.STRtree, parts: layers.Parts) -> NDArray[np.int64]:
    """Give for each point the lowest row whose polygon holds it, or -1. points: or a tree of them, where it is asked again."""
    tree = points if isinstance(points, shapely.STRtree) else shapely.STRtree(points)
    hit, at = tree.query(parts.polygons, predicate="intersects")  # GEOS prepares what it looks up, not what is in the tree
    row = np.full(len(tree), np.iinfo(np.int64).max)
    np.minimum.at(row, at, parts.of[hit])
    return np.where(row == np.iinfo(np.int64).max, -1, row)


def by_geos(found: arcs.Edges) -> NDArray[np.object_]:
    """Give the faces in grid units, noded by GEOS: the reference the kernel is held against, and what stands in for it."""
    return snapped(arcs.arcs(found))


def snapped(pieces: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the faces of LineStrings in grid units, noded and polygonized by GEOS on the grid."""
    if len(pieces) == 0:
        return np.array([], dtype=object)
    noded = shapely.union(shapely.multilinestrings(pieces[::2]), shapely.multilinestrings(pieces[1::2]), grid_size=1.0)
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def in_halves(polygons: NDArray[np.object_], cut: Callable[[NDArray[np.object_]], NDArray[np.object_]]) -> NDArray[np.object_]:
    """Give the faces (metres) that lie in a polygon, as ``cut`` gives them of arcs in grid units, by two threads.

    One finds the faces that begin west of a line, from all polygons as far as one reaches that begins there; the other those
    east of it.
    """
    west, _, east, _ = shapely.bounds(polygons).T
    middle = float(np.median((west + east) / 2))
    far = east[west < middle].max(initial=middle)

    def half(chosen: NDArray[np.bool_]) -> NDArray[np.object_]:
        found = arcs.edges(polygons[chosen])
        return metres(cut(arcs.arcs(found)), found.origin)

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(half, (west <= far + NEAR_M, east >= middle - NEAR_M))
    return np.concatenate([left[shapely.bounds(left)[:, 0] < middle], right[shapely.bounds(right)[:, 0] >= middle]])


def metres(shapes: NDArray[np.object_], origin: NDArray[np.int64]) -> NDArray[np.object_]:
    """Give shapes in grid units from ``origin`` back in metres; the same vertex gives the same number everywhere."""
    return np.asarray(shapely.transform(shapes, lambda xy: (np.round(xy) + origin) / arcs.UNITS))


def in_order(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give polygons in normal form, sorted by where they lie, so that equal inputs give equal outputs."""
    return sorted_by_place(shapes)[0]


def sorted_by_place(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give polygons in normal form, sorted by their bounds, their area and their bytes, and the order that sorts them."""
    shapes = np.asarray(shapely.normalize(shapes))
    order = np.lexsort(shapely.bounds(shapes).T[::-1])
    shapes, within = _settled(shapes[order])
    return shapes, order[within]


def _settled(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give polygons that are sorted by their bounds such that those with the same bounds are sorted by area, then by bytes."""
    bounds = shapely.bounds(shapes)
    twin = (bounds[1:] == bounds[:-1]).all(axis=1)
    order = np.arange(len(shapes))
    if twin.any():  # the two halves of a square have their bounds in common
        tied = np.union1d(np.flatnonzero(twin), np.flatnonzero(twin) + 1)
        group = np.cumsum(np.append(True, ~twin))[tied]
        written = np.unique(shapely.to_wkb(shapes[tied]), return_inverse=True)[1].ravel()
        order[tied] = tied[np.lexsort((written, shapely.area(shapes[tied]), group))]
    return shapes[order], order


def inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give one point inside each polygon, as far from its borders as is cheaply found."""
    return np.asarray(shapely.point_on_surface(shapes))
