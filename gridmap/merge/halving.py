"""Divides gaps that run along several grids, each point to about the nearest, by triangles between their rims.

A gap's rim is sampled; every sample belongs to the grid whose edge it lies on. The constrained Delaunay triangles of a gap
span it from rim to rim, so a line through the middles of their sides that join different grids runs halfway between them;
where three grids meet, three lines meet in the triangle's middle. A line that reaches the rim ends where one grid's edge ends
and the other's begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.merge import hashing, triangles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

NOBODY = -1

POSITIVE = np.int64(2**63 - 1)

MOST_POINTS = 20_000
"""Points that the rim of one gap is sampled at, at the most, beyond the vertices it has."""

STEP = 4.0
"""How far apart the samples of a rim are, in widths of the gap."""


@dataclass(frozen=True, slots=True)
class _Samples:
    """Samples of rims: where; whose (NOBODY: nobody's); whether one grid ends and another begins there; gap; the next one."""

    xy: Floats
    grid: Ints
    turn: NDArray[np.bool_]
    gap: Ints
    after: Ints


def halfway(gaps: NDArray[np.object_], ends: Floats, grid: Ints) -> Floats:
    """Give lines (n, 2, 2) that divide gaps between the grids along them.

    gaps: Polygons in metres; ends (n, 2, 2), grid (n): edges of grids, by the very vertices the gaps have.
    """
    if len(gaps) == 0 or len(ends) == 0:
        return np.empty((0, 2, 2))
    rim, begins = _sampled(gaps, ends, grid)
    corner, same = _triangles(rim, begins)
    grids, xy = rim.grid.copy(), rim.xy[corner]
    _spread(grids, corner, xy)
    along = np.sort(np.minimum(same, same[rim.after]) << 32 | np.maximum(same, same[rim.after]))
    return _lines(corner, xy, grids, rim.turn, along)


def _triangles(rim: _Samples, begins: Ints) -> tuple[Ints, Ints]:
    """Give the triangles of gaps by their samples (n, 3), and for each sample the one that stands for it.

    begins: where each ring begins (rings + 1). Gaps in which no ear was found are left to GEOS.
    """
    gap, size = rim.gap[begins[:-1]], np.diff(begins)
    own, cut = triangles.triangles(rim.xy, begins, gap)
    same = np.arange(len(rim.xy), dtype=np.int64)
    left = ~cut[gap]
    rest = np.flatnonzero(np.repeat(left, size))
    if len(rest) == 0:
        return own.astype(np.int64), same
    rings, sizes = gap[left], size[left]
    closed = np.insert(rim.xy[rest], np.cumsum(sizes), rim.xy[begins[:-1][left]], axis=0)
    shell = np.flatnonzero(np.diff(rings, prepend=-1))
    offsets = np.append(0, np.cumsum(sizes + 1)), np.append(shell, len(rings))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, closed, offsets)
    theirs, of = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons), return_index=True)
    xy = shapely.get_coordinates(theirs).reshape(-1, 4, 2)[:, :3].reshape(-1, 2)
    keys = np.concatenate([_key(rim.xy[rest], rim.gap[rest]), _key(xy, np.repeat(rings[shell][of], 3))])
    found, place = hashing.unique(keys)
    first = np.full(len(found), NOBODY)
    first[place[: len(rest)][::-1]] = rest[::-1]
    same[rest] = first[place[: len(rest)]]
    corner = first[place[len(rest) :]].reshape(-1, 3)
    return np.concatenate([own, corner[(corner >= 0).all(axis=1)]]), same


def _sampled(gaps: NDArray[np.object_], ends: Floats, grid: Ints) -> tuple[_Samples, Ints]:
    """Give the samples of all rims, and where each of their rings begins (rings + 1)."""
    rings, gap = shapely.get_rings(gaps, return_index=True)
    flat, of = shapely.get_coordinates(rings, return_index=True)
    begins = np.flatnonzero(of[1:] == of[:-1])
    a, b, of = flat[begins], flat[begins + 1], of[begins]
    key, side = _side(ends), _side(np.stack([a, b], axis=1))
    order = np.argsort(key, kind="stable")
    hit = order[np.minimum(np.searchsorted(key[order], side), len(key) - 1)]
    owner = np.where(key[hit] == side, grid[hit], NOBODY)
    first = np.flatnonzero(np.diff(of, prepend=-1))
    before = np.arange(len(of)) - 1
    before[first] = np.append(first[1:], len(of)) - 1
    previous = owner[before]
    length = np.hypot(*(b - a).T)
    around = np.bincount(gap[of], length, minlength=len(gaps))
    step = np.maximum(np.maximum(STEP * 2 * shapely.area(gaps) / around, 0.05), around / MOST_POINTS)
    count = np.maximum(1, np.ceil(length / step[gap[of]])).astype(np.int64)
    edge = np.repeat(np.arange(len(of)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    xy = a[edge] + (nth / count[edge])[:, None] * (b[edge] - a[edge])
    ring = of[edge]
    head = np.flatnonzero(np.diff(ring, prepend=-1))
    size = np.diff(head, append=len(ring))
    after = np.arange(len(ring)) + 1
    after[head + size - 1] = head
    vertex = nth == 0
    samples = _Samples(
        xy=xy,
        grid=np.where(vertex & (owner[edge] < 0), previous[edge], owner[edge]),
        turn=vertex & (previous[edge] != owner[edge]) & (previous[edge] >= 0) & (owner[edge] >= 0),
        gap=gap[ring],
        after=after,
    )
    return samples, np.append(head, len(ring))


def _spread(grids: Ints, corner: Ints, xy: Floats) -> None:
    """Give samples on nobody's edge to the grid of the nearest sample a triangle joins them to, in rounds."""
    one, two = corner[:, (0, 1, 2)].ravel(), corner[:, (1, 2, 0)].ravel()
    length = np.hypot(*(xy - xy[:, (1, 2, 0)]).reshape(-1, 2).T)
    one, two, length = np.concatenate([one, two]), np.concatenate([two, one]), np.concatenate([length, length])
    while True:
        open_ones = (grids[one] < 0) & (grids[two] >= 0)
        if not open_ones.any():
            return
        to, by, metres = one[open_ones], two[open_ones], length[open_ones]
        order = np.lexsort((grids[by], metres, to))
        nearest = order[np.flatnonzero(np.diff(to[order], prepend=-1))]
        grids[to[nearest]] = grids[by[nearest]]


def _lines(corner: Ints, xy: Floats, grids: Ints, turn: NDArray[np.bool_], along: Ints) -> Floats:
    """Give the lines between the parts of triangles that are nearest to corners of different grids.

    turn: samples where one grid ends and another begins; along: sides that lie on a rim, packed and sorted.
    """
    label = grids[corner]
    differs = label != label[:, (1, 2, 0)]
    some = differs.any(axis=1)
    corner, xy, differs = corner[some], xy[some], differs[some]
    other, far = corner[:, (1, 2, 0)], xy[:, (1, 2, 0)]
    point = (xy + far) / 2
    packed = np.minimum(corner, other) << 32 | np.maximum(corner, other)
    rim = along[np.minimum(np.searchsorted(along, packed), len(along) - 1)] == packed
    here, there = rim & turn[corner], rim & turn[other] & ~turn[corner]
    point[here], point[there] = xy[here], far[there]
    three = differs.all(axis=1)
    middle = np.broadcast_to(xy[three].mean(axis=1, keepdims=True), (int(three.sum()), 3, 2))
    two = np.flatnonzero(~three)
    lone = np.argmin(differs[two], axis=1)  # the side whose ends are of one grid
    ends = np.concatenate([
        np.stack([point[two, (lone + 1) % 3], point[two, (lone + 2) % 3]], axis=1),
        np.stack([point[three], middle], axis=2).reshape(-1, 2, 2),
    ])  # fmt: skip
    return np.asarray(ends[(ends[:, 0] != ends[:, 1]).any(axis=1)])


def _key(xy: Floats, gap: Ints) -> Ints:
    """Give a number (not negative) for a place in a gap; the same place has the same in each."""
    bits = np.ascontiguousarray(xy + 0.0).view(np.int64)
    mixed = bits[:, 0] * -7046029254386353131 + gap * 6364136223846793005
    for more in (bits[:, 1], 0):
        mixed = (mixed ^ (mixed >> 32) ^ more) * -4417276706812531889
    return (mixed ^ (mixed >> 29)) & POSITIVE


def _side(ends: Floats) -> Ints:
    """Give a number for an edge, whichever way it runs."""
    none = np.zeros(len(ends), np.int64)
    return (_key(ends[:, 0], none) + _key(ends[:, 1], none)) & POSITIVE
