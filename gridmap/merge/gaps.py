"""Ground that no grid claims: how wide it is, how it is divided, and to whom each piece goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.merge import arcs, halving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gridmap.merge.slivers import Borders

    Ints = NDArray[np.int64]

UNOWNED = -1

POLYGON = 3

LEAST_M2 = 1e-6
"""Square metres: what is left of a gap beside its wide places and smaller than this is nothing."""


def wide(shapes: NDArray[np.object_], width_m: float) -> NDArray[np.bool_]:
    """Say which polygons are somewhere wider than ``width_m``: a disc of that diameter fits in."""
    if not np.isfinite(width_m):
        return np.zeros(len(shapes), bool)
    found = shapely.area(shapes) > np.pi * width_m**2 / 4
    found[found] = ~shapely.is_empty(shapely.buffer(shapes[found], -width_m / 2, join_style="mitre"))
    return found


def dividers(cut: NDArray[np.object_], owner: Ints, open_faces: Ints, borders: Borders, width_m: float) -> NDArray[np.float64]:
    """Give the lines (n, 2, 2) along which unclaimed faces are to be divided before they are given away.

    A face that is wide in one place and narrow in another is cut where it narrows, so that a park keeps its shape while the
    thin gap that runs on from it is closed. A gap that runs along three grids or more, each for farther than it is wide, is cut
    halfway between them. owner: the grid of each face, negative where it has none; open_faces: those to divide.
    """
    lines: list[NDArray[np.float64]] = []
    pieces: list[NDArray[np.object_]] = []
    several = _grids_along(cut, owner, open_faces, borders) > 2
    broad = open_faces[wide(cut[open_faces], width_m)]
    for face in broad:
        gap = cut[face]
        core = shapely.buffer(shapely.buffer(gap, -width_m / 2, join_style="mitre"), width_m, quad_segs=4)
        lines.append(arcs.segments(_lines(shapely.intersection(shapely.boundary(core), gap))))
        if several[face]:
            narrow = shapely.get_parts(shapely.difference(gap, core))
            pieces.append(narrow[(shapely.get_type_id(narrow) == POLYGON) & (shapely.area(narrow) > LEAST_M2)])
    thin = open_faces[several[open_faces]]
    pieces.append(cut[np.setdiff1d(thin, broad)])
    lines.append(halving.halfway(np.concatenate(pieces), *_rims(cut, owner, thin)))
    return np.concatenate(lines)


def _rims(cut: NDArray[np.object_], owner: Ints, faces: Ints) -> tuple[NDArray[np.float64], Ints]:
    """Give the edges that ``faces`` share with grids: their ends in metres (n, 2, 2), and the grids (n)."""
    found = arcs.edges(cut)
    order = np.argsort(found.edge, kind="stable")
    first = np.flatnonzero(np.diff(found.edge[order], prepend=-1))
    two = np.diff(first, append=len(order)) == 2
    one, other = found.owner[order[first[two]]], found.owner[order[first[two] + 1]]
    edge = found.edge[order[first[two]]]
    face, grid = np.concatenate([one, other]), owner[np.concatenate([other, one])]
    edge = np.concatenate([edge, edge])
    chosen = np.zeros(len(cut), bool)
    chosen[faces] = True
    kept = chosen[face] & (grid >= 0)
    return (found.xy[found.ends[edge[kept]]] + found.origin) / arcs.UNITS, grid[kept]


def _grids_along(cut: NDArray[np.object_], owner: Ints, faces: Ints, borders: Borders) -> Ints:
    """Give for each of ``faces`` (0 for others) how many grids border it for over a metre and over twice its mean width."""
    chosen = np.zeros(len(cut), bool)
    chosen[faces] = True
    face, other = np.concatenate([borders.a, borders.b]), np.concatenate([borders.b, borders.a])
    here = chosen[face] & (owner[other] >= 0)
    pair, which = np.unique(np.column_stack([face[here], owner[other[here]]]), axis=0, return_inverse=True)
    metres = np.bincount(which.ravel(), np.concatenate([borders.metres, borders.metres])[here], minlength=len(pair))
    mean = np.zeros(len(cut))
    mean[faces] = 4 * shapely.area(cut[faces]) / shapely.length(cut[faces])
    return np.bincount(pair[metres > np.maximum(1.0, mean[pair[:, 0]]), 0], minlength=len(cut))


def _lines(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the line strings among shapes and their parts."""
    single = shapely.get_parts(shapes)
    return np.asarray(single[(shapely.get_type_id(single) == 1) & (shapely.length(single) > 0)])


def give(faces: Ints, owner: Ints, borders: Borders) -> Iterator[tuple[int, int]]:
    """Give each of ``faces`` to the grid it shares the longest border with, changing ``owner``; yield (face, grid).

    In rounds, so that a face that touches only others of its kind gets its turn when they have a grid.
    """
    waiting = np.zeros(len(owner), bool)
    waiting[faces] = True
    face, other = np.concatenate([borders.a, borders.b]), np.concatenate([borders.b, borders.a])
    metres = np.concatenate([borders.metres, borders.metres])
    while True:
        now = waiting[face] & (owner[other] >= 0)
        if not now.any():
            return
        pair, which = np.unique(np.column_stack([face[now], owner[other[now]]]), axis=0, return_inverse=True)
        length = np.bincount(which.ravel(), metres[now])
        order = np.lexsort((pair[:, 1], -length, pair[:, 0]))
        best = pair[order[np.flatnonzero(np.diff(pair[order, 0], prepend=-1))]]
        for one, grid in best.tolist():
            owner[one] = grid
            waiting[one] = False
            yield one, grid


def give_whole(faces: Ints, owner: Ints, borders: Borders) -> int:
    """Give a piece made of ``faces`` as one to the other grid it shares the longest border with, and say which; -1 for none."""
    member = np.zeros(len(owner), bool)
    member[faces] = True
    face, other = np.concatenate([borders.a, borders.b]), np.concatenate([borders.b, borders.a])
    metres = np.concatenate([borders.metres, borders.metres])
    out = member[face] & (owner[other] >= 0) & (owner[other] != owner[face])
    if not out.any():
        return UNOWNED
    grid = int(np.bincount(owner[other[out]], metres[out]).argmax())
    owner[faces] = grid
    return grid


def pieces(owner: Ints, borders: Borders) -> Ints:
    """Give each face the lowest face of the connected piece of its grid that it belongs to."""
    same = (owner[borders.a] == owner[borders.b]) & (owner[borders.a] >= 0)
    links = coo_array((np.ones(same.sum(), np.int8), (borders.a[same], borders.b[same])), shape=(len(owner), len(owner)))
    _, label = connected_components(links, directed=False)
    first = np.full(len(owner), len(owner))
    np.minimum.at(first, label, np.arange(len(owner)))
    return first[label]
