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

from gridmap.merge import hashing

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


def halfway(gaps: NDArray[np.object_], ends: Floats, grid: Ints) -> NDArray[np.object_]:
    """Give lines (two points each) that divide gaps between the grids along them.

    gaps: Polygons in metres; ends (n, 2, 2), grid (n): edges of grids, by the very vertices the gaps have.
    """
    if len(gaps) == 0 or len(ends) == 0:
        return np.array([], dtype=object)
    rim, polygons = _sampled(gaps, ends, grid)
    triangles, of = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons), return_index=True)
    xy = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    keys = np.concatenate([_key(rim.xy, rim.gap), _key(xy.reshape(-1, 2), np.repeat(of, 3))])
    found, place = hashing.unique(keys)
    sample, corner = place[: len(rim.xy)], place[len(rim.xy) :].reshape(-1, 3)
    grids = np.full(len(found), NOBODY)
    grids[sample] = rim.grid
    turn = np.zeros(len(found), bool)
    turn[sample] = rim.turn
    _spread(grids, corner, xy)
    along = np.sort(np.minimum(sample, sample[rim.after]) << 32 | np.maximum(sample, sample[rim.after]))
    return _lines(corner, xy, grids, turn, along)


def _sampled(gaps: NDArray[np.object_], ends: Floats, grid: Ints) -> tuple[_Samples, NDArray[np.object_]]:
    """Give the samples of all rims, and the gaps with these vertices."""
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
    drawn = np.insert(xy, head + size, xy[head], axis=0)  # closed
    holes = np.bincount(gap, minlength=len(gaps))
    offsets = tuple(np.concatenate([[0], np.cumsum(sizes)]) for sizes in (size + 1, holes))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, drawn, offsets)
    samples = _Samples(
        xy=xy,
        grid=np.where(vertex & (owner[edge] < 0), previous[edge], owner[edge]),
        turn=vertex & (previous[edge] != owner[edge]) & (previous[edge] >= 0) & (owner[edge] >= 0),
        gap=gap[ring],
        after=after,
    )
    return samples, np.asarray(polygons)


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


def _lines(corner: Ints, xy: Floats, grids: Ints, turn: NDArray[np.bool_], along: Ints) -> NDArray[np.object_]:
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
    return np.asarray(shapely.linestrings(ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]))


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
