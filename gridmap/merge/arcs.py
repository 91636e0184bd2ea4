"""The borders of many polygons as unique edges and arcs on one fixed grid of 0.1 mm.

Everything that nodes works on whole numbers of that grid, so that a street noded alone gives the same vertices as the city
noded at once. A border two grids share, or two departments copied from each other, is one edge however often it was drawn.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.errors import MergeError
from gridmap.merge import linking, tracing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]
    Flags = NDArray[np.bool_]

UNITS = 10_000
"""Grid units a metre: vertices are whole multiples of 0.1 mm."""

CHUNK = 1_000
"""Rings whose coordinates are read at a time."""

REACH = 2**31
"""Grid units a set of polygons may span (214 km): beyond it the packed vertex keys and exact products would overflow."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Unique undirected edges of polygons' rings.

    xy: vertices (n, 2) in grid units from ``origin``; ends: vertex numbers of each edge (m, 2), lower first.
    Vertices, edges and rings are numbered so that those of one place have mostly near numbers.
    Of every ring segment, ring by ring in drawing order: ``edge`` its edge, ``left`` whether its polygon lies to the left of
    lower → higher vertex, ``owner`` the polygon it bounds.
    """

    origin: Ints
    xy: Short
    ends: Short
    edge: Short
    left: Flags
    owner: Short


def edges(polygons: NDArray[np.object_], lines: NDArray[np.float64] | None = None) -> Edges:
    """Give the unique edges of ``polygons`` (simple Polygons, metres) and of ``lines`` (n, 2, 2; owner -1).

    Coordinates are rounded half-up to the grid; segments that shrink to a point vanish.
    Raises MergeError where they span more than 214 km.
    """
    centre = shapely.bounds(polygons).reshape(-1, 2, 2).mean(axis=1)
    rings, owner = _rings(polygons, _by_place(centre))
    hole = np.ones(len(rings), bool)
    hole[np.flatnonzero(np.diff(owner, prepend=-1))] = False
    lines = np.empty((0, 2, 2)) if lines is None else lines
    owner = np.append(owner, np.full(len(lines), -1))
    hole = np.append(hole, np.zeros(len(lines), bool))
    count = np.append(shapely.get_num_coordinates(rings), np.full(len(lines), 2))
    begins = np.append(0, np.cumsum(count, dtype=np.int64))
    corners = np.vstack([shapely.bounds(polygons).reshape(-1, 2), lines.reshape(-1, 2)])
    origin, far = np.zeros(2, np.int64), np.zeros(2, np.int64)
    if len(corners):
        origin, far = (np.floor(pick(corners, axis=0) * UNITS + 0.5).astype(np.int64) for pick in (np.min, np.max))
    if (far - origin).max() >= REACH:
        raise MergeError("The layers span more than 200 km; merge them street by street.")
    drawn = np.empty((begins[-1], 2), np.int32)
    linking.rounded(lines.reshape(-1, 2), UNITS, origin, drawn[begins[len(rings)] :])

    def read(first: int) -> None:
        flat = shapely.get_coordinates(rings[first : first + CHUNK])
        linking.rounded(flat, UNITS, origin, drawn[begins[first] : begins[first] + len(flat)])

    if len(rings) <= CHUNK:
        read(0)
    else:
        with ThreadPoolExecutor(2) as pool:  # one rounds while the other reads
            list(pool.map(read, range(0, len(rings), CHUNK)))
    xy, vertex = linking.vertices(drawn, begins)
    ends, edge, left, size = linking.edges(xy, vertex, begins, hole)
    return Edges(origin, xy, ends, edge, left, np.repeat(owner.astype(np.int32), size))


def segments(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give the segments (n, 2, 2) of LineStrings."""
    flat, of = shapely.get_coordinates(lines, return_index=True)
    begin = np.flatnonzero(of[1:] == of[:-1])
    return np.stack([flat[begin], flat[begin + 1]], axis=1)


def _by_place(xy: NDArray[np.float64]) -> Ints:
    """Give an order of places in which neighbours mostly follow each other: that of a Z-shaped curve."""
    if len(xy) == 0:
        return np.zeros(0, np.int64)
    low, high = xy.min(axis=0), xy.max(axis=0)
    bits = ((xy - low) / max(float((high - low).max()), 1e-9) * 0xFFFF).astype(np.int64)
    for width, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | bits << width) & mask
    return np.argsort(bits[:, 0] | bits[:, 1] << 1, kind="stable")


def _rings(polygons: NDArray[np.object_], order: Ints) -> tuple[NDArray[np.object_], Ints]:
    """Give shapes with the coordinates of one ring each, polygon by polygon in ``order``, and the polygon each bounds.

    A polygon without holes is its ring.
    """
    holes = shapely.get_num_interior_rings(polygons[order])
    owner = np.repeat(order, holes + 1)
    rings = polygons[owner]
    pierced = np.repeat(holes > 0, holes + 1)
    rings[pierced] = shapely.get_rings(polygons[order[holes > 0]])
    return rings, owner


def arcs(found: Edges) -> NDArray[np.object_]:
    """Give the edges as LineStrings in grid units, joined between vertices where other than two edges meet, each drawn once."""
    joined = tracing.arcs(found.xy, found.ends)
    size = np.diff(joined.begins)
    return np.asarray(shapely.linestrings(found.xy[joined.line].astype(float), indices=np.repeat(np.arange(len(size)), size)))
