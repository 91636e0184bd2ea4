"""The borders of many polygons as unique edges and arcs on one fixed grid of 0.1 mm.

Everything that nodes works on whole numbers of that grid, so that a street noded alone gives the same vertices as the city
noded at once. A border two grids share, or two departments copied from each other, is one edge however often it was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.errors import MergeError
from gridmap.merge import hashing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

UNITS = 10_000
"""Grid units a metre: vertices are whole multiples of 0.1 mm."""

REACH = 2**31
"""Grid units a set of polygons may span (214 km): beyond it the packed vertex keys and exact products would overflow."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Unique undirected edges of polygons' rings.

    xy: vertices (n, 2) in grid units from ``origin``; ends: vertex numbers of each edge (m, 2), lower first.
    Of every ring segment in drawing order: ``edge`` its edge, ``forward`` whether it runs from the lower to the higher
    vertex, ``left`` whether its polygon lies to the left of lower → higher, ``owner`` the polygon it bounds;
    ``starts`` where each ring begins among them.
    """

    origin: Ints
    xy: Ints
    ends: Ints
    edge: Ints
    forward: NDArray[np.bool_]
    left: NDArray[np.bool_]
    owner: Ints
    starts: Ints


def edges(polygons: NDArray[np.object_], lines: NDArray[np.object_] | None = None) -> Edges:
    """Give the unique edges of ``polygons`` (simple Polygons, metres) and of ``lines`` (LineStrings, owner -1).

    Coordinates are rounded half-up to the grid; segments that shrink to a point vanish.
    Raises MergeError where they span more than 214 km.
    """
    rings, owner = _rings(polygons)
    hole = np.ones(len(rings), bool)
    hole[np.flatnonzero(np.diff(owner, prepend=-1))] = False
    if lines is not None and len(lines):
        rings = np.concatenate([rings, lines])
        owner = np.concatenate([owner, np.full(len(lines), -1)])
        hole = np.concatenate([hole, np.zeros(len(lines), bool)])
    flat, of_ring = shapely.get_coordinates(rings, return_index=True)
    units = np.floor(flat * UNITS + 0.5).astype(np.int64)
    origin = units.min(axis=0) if len(units) else np.zeros(2, np.int64)
    units -= origin
    if len(units) and units.max() >= REACH:
        raise MergeError("The layers span more than 200 km; merge them street by street.")
    keys, vertex = hashing.unique(units[:, 0] << 32 | units[:, 1])
    xy = np.column_stack([keys >> 32, keys & 0xFFFFFFFF])

    real = (of_ring[1:] == of_ring[:-1]) & (vertex[1:] != vertex[:-1])
    a, b, ring = vertex[:-1][real], vertex[1:][real], of_ring[:-1][real]
    forward = a < b
    low, high = np.where(forward, a, b), np.where(forward, b, a)
    packed, edge = hashing.unique(low << 32 | high)
    twice = np.bincount(ring, xy[a, 0] * 1.0 * xy[b, 1] - xy[b, 0] * 1.0 * xy[a, 1], minlength=len(rings))
    inside_left = (twice > 0) ^ hole
    ends = np.column_stack([packed >> 32, packed & 0xFFFFFFFF])
    used = np.zeros(len(xy), bool)
    used[ends] = True  # a ring that shrank to a point leaves no vertex that another's border would bend to
    return Edges(
        origin=origin,
        xy=xy[used],
        ends=(np.cumsum(used) - 1)[ends],
        edge=edge,
        forward=forward,
        left=forward == inside_left[ring],
        owner=owner[ring],
        starts=np.flatnonzero(np.diff(ring, prepend=-1)),
    )


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    """Give shapes with the coordinates of one ring each, and the polygon each bounds: a polygon without holes is its ring."""
    holes = shapely.get_num_interior_rings(polygons)
    owner = np.repeat(np.arange(len(polygons)), holes + 1)
    rings = polygons[owner]
    pierced = holes > 0
    rings[pierced[owner]] = shapely.get_rings(polygons[pierced])
    return rings, owner


def arcs(found: Edges) -> NDArray[np.object_]:
    """Give the edges as LineStrings in grid units, joined between vertices where other than two edges meet, each drawn once."""
    degree = np.bincount(found.ends.ravel(), minlength=len(found.xy))
    m = len(found.edge)
    if m == 0:
        return np.array([], dtype=object)
    tail = np.where(found.forward, found.ends[found.edge, 0], found.ends[found.edge, 1])
    head = np.where(found.forward, found.ends[found.edge, 1], found.ends[found.edge, 0])
    sizes = np.diff(found.starts, append=m)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    # Each ring is turned to begin at its first node, or, having none, at its lowest vertex so that twins begin alike.
    # A ring that rounding folded walks an edge out and back; the fold's ends are nodes, or its arc could pass for another's.
    _, walked, times = np.unique(ring * len(found.ends) + found.edge, return_inverse=True, return_counts=True)
    folded = np.zeros(len(found.xy), dtype=bool)
    folded[found.ends[found.edge[times[walked] > 1]]] = True
    node = (degree[tail] != 2) | folded[tail]
    rank = np.where(node, 0, 1) * len(tail) + np.where(node, np.arange(m), tail)
    order = np.lexsort((rank, ring))
    first = order[found.starts]
    place = (np.arange(m) - found.starts[ring] + (first - found.starts)[ring]) % sizes[ring] + found.starts[ring]
    closed = tail[found.starts] == head[found.starts + sizes - 1]
    place = np.where(closed[ring], place, np.arange(m))  # an open line begins where it begins
    tail, head, edge, node = tail[place], head[place], found.edge[place], node[place]
    node[found.starts] = True
    begin = np.flatnonzero(node)
    _, kept = np.unique(np.minimum.reduceat(edge, begin), return_index=True)
    count = np.diff(begin, append=m)[kept]
    arc = np.repeat(np.arange(len(kept)), count + 1)
    at = np.arange(len(arc)) - np.repeat(np.cumsum(count + 1) - (count + 1), count + 1)
    step = begin[kept][arc] + np.minimum(at, count[arc] - 1)
    vertex = np.where(at == count[arc], head[step], tail[step])
    return np.asarray(shapely.linestrings(found.xy[vertex].astype(float), indices=arc))
