"""Ground that no grid claims: how wide it is, how it is divided, and to whom each piece goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi

from gridmap.merge import arcs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gridmap.merge.slivers import Borders

    Ints = NDArray[np.int64]

UNOWNED = -1

MOST_POINTS = 20_000
"""Points that the edges along one gap are sampled at, at the most."""


def wide(shapes: NDArray[np.object_], width_m: float) -> NDArray[np.bool_]:
    """Say which polygons are somewhere wider than ``width_m``: a disc of that diameter fits in."""
    if not np.isfinite(width_m):
        return np.zeros(len(shapes), bool)
    found = shapely.area(shapes) > np.pi * width_m**2 / 4
    found[found] = ~shapely.is_empty(shapely.buffer(shapes[found], -width_m / 2, join_style="mitre"))
    return found


def dividers(cut: NDArray[np.object_], owner: Ints, open_faces: Ints, borders: Borders, width_m: float) -> NDArray[np.object_]:
    """Give the lines along which unclaimed faces are to be divided before they are given away.

    A face that is wide in one place and narrow in another is cut where it narrows, so that a park keeps its shape while the
    thin gap that runs on from it is closed. A gap that runs along three grids or more, each for farther than it is wide, is cut
    halfway between them. owner: the grid of each face, negative where it has none; open_faces: those to divide.
    """
    lines: list[NDArray[np.object_]] = []
    along = _grids_along(cut, owner, open_faces, borders)
    rims = _rims(cut, owner, open_faces[along[open_faces] > 2])
    for face in open_faces:
        gap = cut[face]
        narrow = gap
        if wide(cut[face : face + 1], width_m)[0]:
            core = shapely.buffer(shapely.buffer(gap, -width_m / 2, join_style="mitre"), width_m, quad_segs=4)
            narrow = shapely.difference(gap, core)
            lines.append(shapely.get_parts(shapely.line_merge(shapely.intersection(shapely.boundary(core), gap))))
        if face in rims:
            pieces = [piece for piece in shapely.get_parts(narrow) if piece.area > 1e-6]
            lines.extend(halfway(piece, *rims[face], max(2 * piece.area / piece.length, 0.05)) for piece in pieces)
    found = [part[shapely.get_type_id(part) == 1] for part in lines if len(part)]
    return np.concatenate(found) if found else np.array([], dtype=object)


def _rims(cut: NDArray[np.object_], owner: Ints, faces: Ints) -> dict[int, tuple[NDArray[np.float64], Ints]]:
    """Give for each of ``faces`` the edges it shares with grids: their ends in metres (n, 2, 2), and the grids (n)."""
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
    kept = np.flatnonzero(chosen[face] & (grid >= 0))
    kept = kept[np.argsort(face[kept], kind="stable")]
    if len(kept) == 0:
        return {}
    ends = (found.xy[found.ends[edge[kept]]] + found.origin) / arcs.UNITS
    begin = np.flatnonzero(np.diff(face[kept], prepend=-1))
    last = np.append(begin[1:], len(kept))
    return {int(face[kept[a]]): (ends[a:b], grid[kept[a:b]]) for a, b in zip(begin, last, strict=True)}


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


def halfway(gap: shapely.Geometry, ends: NDArray[np.float64], grid: Ints, step_m: float) -> NDArray[np.object_]:
    """Give lines that divide a narrow gap between the grids along it, each point to the nearest (Voronoi).

    ends, grid: the edges along the gap and the grid behind each; step_m: how densely they are sampled, or less densely where
    that would take more than MOST_POINTS.
    """
    ends, grid = _beside(gap, ends, grid, 1 + 4 * step_m)
    if len(ends) == 0:
        return np.array([], dtype=object)
    step_m = max(step_m, float(np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum()) / MOST_POINTS)
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    count = np.maximum(1, np.ceil(length / step_m)).astype(np.int64)
    of = np.repeat(np.arange(len(ends)), count)
    share = (np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[of]
    centre = ends[0, 0]
    points = ends[of, 0] + share[:, None] * (ends[of, 1] - ends[of, 0]) - centre
    # Four points far off in every direction give each ridge two ends.
    far = 20 * (1 + np.ptp(points, axis=0).max()) * np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])
    mesh = Voronoi(np.concatenate([points, far]))
    sides = np.concatenate([grid[of], np.full(4, UNOWNED)])[mesh.ridge_points]
    ridge = np.asarray(mesh.ridge_vertices)
    split = (sides[:, 0] != sides[:, 1]) & (sides >= 0).all(axis=1) & (ridge >= 0).all(axis=1)
    segments = shapely.linestrings(mesh.vertices[ridge[split]] + centre)
    shapely.prepare(gap)
    segments = segments[shapely.intersects(gap, segments)]
    if len(segments) == 0:
        return np.array([], dtype=object)
    # A short end that sticks out of the gap dangles in its grid and bounds nothing; only long ones are cut off.
    over = shapely.length(segments) > 2 * step_m
    segments[over] = shapely.intersection(segments[over], gap)
    merged = shapely.line_merge(shapely.multilinestrings(_lines(segments)))
    return np.asarray(shapely.simplify(shapely.get_parts(merged), step_m / 8))


def _beside(gap: shapely.Geometry, ends: NDArray[np.float64], grid: Ints, reach_m: float) -> tuple[NDArray[np.float64], Ints]:
    """Give what of the edges lies in the gap's box or ``reach_m`` around it: in a narrow gap nothing else is nearest."""
    x0, y0, x1, y1 = np.asarray(shapely.bounds(gap)) + reach_m * np.array([-1, -1, 1, 1])
    low, high = ends.min(axis=1), ends.max(axis=1)
    near = np.flatnonzero((low <= (x1, y1)).all(axis=1) & (high >= (x0, y0)).all(axis=1))
    cut = np.asarray(shapely.clip_by_rect(shapely.linestrings(ends[near]), x0, y0, x1, y1), dtype=object)
    kept = (shapely.get_type_id(cut) == 1) & (shapely.length(cut) > 0)
    return shapely.get_coordinates(cut[kept]).reshape(-1, 2, 2), grid[near[kept]]


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
