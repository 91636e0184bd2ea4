"""The plane in squares, compiled: which edges come near each, which vertices lie in it.

Tiles hold what fits in a processor's cache; each is cut into cells, where edges are compared. An edge is entered in each square
that it comes within two units of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]
    Whole = int | np.int64

SLACK = 2

LEAST = 64
"""Grid units: no tile is smaller."""

MOST = 2**12
"""Tiles in a row, at most: winding borders on wide ground would else leave most of them empty."""


class Tiles(NamedTuple):
    """Squares of ``side`` grid units, ``wide`` in a row, row by row, and what is in each.

    edges: those of tile t from ``starts[t]`` to before ``starts[t + 1]``, in rising order; vertices: likewise, from
    ``first[t]``.
    """

    side: int
    wide: int
    starts: Ints
    edges: Short
    first: Ints
    vertices: Short


def tiles(xy: Short, ends: Short, each: int) -> Tiles:
    """Cut the plane in tiles of about ``each`` edges."""
    width, height, _ = extent(xy, ends)
    side = int(max(np.sqrt(float(width) * height * each / len(ends)), max(width, height) / MOST, LEAST)) + 1
    wide, high = int(width) // side + 1, int(height) // side + 1
    return Tiles(side, wide, *_edges(xy, ends, side, wide, high), *_vertices(xy, side, wide, high))


@njit(cache=True, nogil=True)
def extent(xy: Short, ends: Short) -> tuple[Whole, Whole, Whole]:
    """Give one more than the greatest x and y of vertices, and the greatest extent of an edge along an axis."""
    wide, high, longest = np.int64(0), np.int64(0), np.int64(0)
    for v in range(len(xy)):
        wide, high = max(wide, np.int64(xy[v, 0])), max(high, np.int64(xy[v, 1]))
    for e in range(len(ends)):
        a, b = ends[e, 0], ends[e, 1]
        longest = max(longest, abs(np.int64(xy[a, 0]) - xy[b, 0]), abs(np.int64(xy[a, 1]) - xy[b, 1]))
    return wide + 1, high + 1, longest


@njit(cache=True, nogil=True, inline="always")
def rows(ay: Whole, by: Whole, per: float, high: int) -> tuple[int, int]:
    """Give the first and last of ``high`` rows of squares that an edge from ``ay`` up to ``by`` comes near to.

    per: squares to a grid unit.
    """
    if by + SLACK < 0:
        return 0, -1
    return max(0, int((ay - SLACK) * per)), min(high - 1, int((by + SLACK) * per))


@njit(cache=True, nogil=True, inline="always")
def columns(ax: Whole, ay: Whole, bx: Whole, by: Whole, row: int, side: float, per: float, wide: int) -> tuple[int, int]:
    """Give the first and last of ``wide`` columns that the edge comes near to within a row; ``ay`` is not above ``by``."""
    low, high = row * side - SLACK, (row + 1) * side + SLACK
    x0, x1 = float(ax), float(bx)
    if low > ay:
        x0 = ax + (bx - ax) * ((low - ay) / (by - ay))
    if high < by:
        x1 = ax + (bx - ax) * ((high - ay) / (by - ay))
    if x0 > x1:
        x0, x1 = x1, x0
    return max(0, int((x0 - 1 - SLACK) * per)), min(wide - 1, int((x1 + 1 + SLACK) * per))


@njit(cache=True, nogil=True)
def _edges(xy: Short, ends: Short, side: int, wide: int, high: int) -> tuple[Ints, Short]:
    """Give the edges of each tile, row by row: ``starts`` (tiles + 1) and edge numbers in rising order."""
    starts = np.zeros(wide * high + 1, np.int64)
    edges = np.empty(0, np.int32)
    per = 1.0 / side
    for turn in range(2):
        for e in range(len(ends)):
            a, b = ends[e, 0], ends[e, 1]
            if xy[a, 1] > xy[b, 1]:
                a, b = b, a
            ax, ay, bx, by = np.int64(xy[a, 0]), np.int64(xy[a, 1]), np.int64(xy[b, 0]), np.int64(xy[b, 1])
            first, last = rows(ay, by, per, high)
            for row in range(first, last + 1):
                left, right = columns(ax, ay, bx, by, row, side, per, wide)
                for tile in range(row * wide + left, row * wide + right + 1):
                    if turn == 0:
                        starts[tile + 1] += 1
                    else:
                        edges[starts[tile]] = e
                        starts[tile] += 1
        if turn == 0:
            for tile in range(wide * high):
                starts[tile + 1] += starts[tile]
            edges = np.empty(starts[-1], np.int32)
        else:
            for tile in range(wide * high, 0, -1):
                starts[tile] = starts[tile - 1]
            starts[0] = 0
    return starts, edges


@njit(cache=True, nogil=True)
def _vertices(xy: Short, side: int, wide: int, high: int) -> tuple[Ints, Short]:
    """Give the vertices of each tile: where they begin (tiles + 1), and vertex numbers in rising order."""
    first = np.zeros(wide * high + 1, np.int64)
    tile = np.empty(len(xy), np.int32)
    for v in range(len(xy)):
        tile[v] = xy[v, 1] // side * wide + xy[v, 0] // side
        first[tile[v] + 1] += 1
    for t in range(wide * high):
        first[t + 1] += first[t]
    order = np.empty(len(xy), np.int32)
    at = first[:-1].copy()
    for v in range(len(xy)):
        order[at[tile[v]]] = v
        at[tile[v]] += 1
    return first, order


@njit(cache=True, nogil=True)
def cells(box: Ints, cell: float, wide: int, high: int) -> tuple[Short, Short]:
    """Give the edges of each cell of a tile, row by row, as ``Tiles`` has those of tiles.

    box: ax, ay, bx, by of each edge, from the tile's corner.
    """
    starts = np.zeros(wide * high + 1, np.int32)
    edges = np.empty(0, np.int32)
    per = 1.0 / cell
    for turn in range(2):
        for e in range(len(box)):
            ax, ay, bx, by = box[e, 0], box[e, 1], box[e, 2], box[e, 3]
            if ay > by:
                ax, ay, bx, by = bx, by, ax, ay
            first, last = rows(ay, by, per, high)
            for row in range(first, last + 1):
                left, right = columns(ax, ay, bx, by, row, cell, per, wide)
                for place in range(row * wide + left, row * wide + right + 1):
                    if turn == 0:
                        starts[place + 1] += 1
                    else:
                        edges[starts[place]] = e
                        starts[place] += 1
        if turn == 0:
            for place in range(wide * high):
                starts[place + 1] += starts[place]
            edges = np.empty(starts[-1], np.int32)
        else:
            for place in range(wide * high, 0, -1):
                starts[place] = starts[place - 1]
            starts[0] = 0
    return starts, edges
