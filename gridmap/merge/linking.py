"""Vertices and edges of rings, compiled: numbered so that what lies near in the plane mostly lies near in memory.

Each look-up stays within a table of its own corner of the plane, or within the edges of one vertex. Rings that come sorted by
place thus find what they seek in the cache, however large the city.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

NONE = np.int32(-1)

CROWD = 512
"""Vertices that share a table, on average."""


@njit(cache=True, nogil=True)
def rounded(flat: Floats, units: int, corner: Ints, xy: Short) -> None:
    """Write coordinates (n, 2) in metres to ``xy`` in grid units from a corner, rounded half-up."""
    for k in range(len(flat)):
        for axis in range(2):
            value = flat[k, axis] * units + 0.5
            whole = np.int64(value)
            xy[k, axis] = whole - (whole > value) - corner[axis]  # down, not towards 0


@njit(cache=True, nogil=True)
def vertices(drawn: Short, begins: Ints) -> tuple[Short, Short]:
    """Give the different vertices (n, 2) of rings in the order they first appear, and the vertex of each place drawn.

    drawn: places ring by ring, those of ring r from ``begins[r]`` to before ``begins[r + 1]``. Rings that are a point give
    none, and -1 for their places.
    """
    high_x, high_y = np.int64(0), np.int64(0)
    for k in range(len(drawn)):
        high_x, high_y = max(high_x, np.int64(drawn[k, 0])), max(high_y, np.int64(drawn[k, 1]))
    shift = np.int64(0)
    while ((high_x >> shift) + 1) * ((high_y >> shift) + 1) > len(drawn) // CROWD + 1:
        shift += 1
    wide = (high_x >> shift) + 1
    count = np.zeros(wide * ((high_y >> shift) + 1), np.int64)
    for k in range(len(drawn)):
        count[(drawn[k, 1] >> shift) * wide + (drawn[k, 0] >> shift)] += 1
    table, mask = np.empty(len(count), np.int64), np.zeros(len(count), np.int64)
    total = np.int64(0)
    for t in range(len(count)):
        size = np.int64(4)
        while 4 * size < 5 * count[t]:
            size *= 2
        table[t], mask[t] = total, size - 1
        total += size
    slots = np.full(total, NONE, np.int32)
    found = np.empty((len(drawn), 2), np.int32)
    vertex = np.full(len(drawn), NONE, np.int32)
    n = np.int64(0)
    for r in range(len(begins) - 1):
        first, last = begins[r], begins[r + 1]
        real = False
        for k in range(first + 1, last):
            if drawn[k, 0] != drawn[first, 0] or drawn[k, 1] != drawn[first, 1]:
                real = True
                break
        if not real:
            continue
        for k in range(first, last):
            x, y = np.int64(drawn[k, 0]), np.int64(drawn[k, 1])
            here = (y >> shift) * wide + (x >> shift)
            mixed = (x << 32 | y) * -7046029254386353131
            slot = (mixed ^ (mixed >> 29)) & mask[here]
            while True:
                v = slots[table[here] + slot]
                if v < 0:
                    slots[table[here] + slot] = n
                    found[n, 0], found[n, 1] = x, y
                    vertex[k] = np.int32(n)
                    n += 1
                    break
                if found[v, 0] == x and found[v, 1] == y:
                    vertex[k] = v
                    break
                slot = (slot + 1) & mask[here]
    return found[:n].copy(), vertex


@njit(cache=True, nogil=True)
def edges(xy: Short, vertex: Short, begins: Ints, hole: Flags) -> tuple[Short, Short, Flags, Ints]:
    """Give the unique edges (m, 2) of rings, lower vertex first, and what each segment of the rings has to do with its edge.

    Of every segment: its edge, and whether the ring's polygon lies to the left of lower → higher; and of each ring its number
    of segments. vertex, begins: as for ``vertices``; hole: whether a ring is a hole in its polygon.
    """
    first_of = np.full(len(xy), NONE, np.int32)
    ends = np.empty((len(vertex), 2), np.int32)
    next_of = np.empty(len(vertex), np.int32)
    edge = np.empty(len(vertex), np.int32)
    left = np.empty(len(vertex), np.bool_)  # first whether it runs from the lower vertex
    size = np.zeros(len(begins) - 1, np.int64)
    n, m = np.int64(0), np.int64(0)
    for r in range(len(begins) - 1):
        head = m
        twice = 0.0
        for k in range(begins[r], begins[r + 1] - 1):
            a, b = vertex[k], vertex[k + 1]
            if a == b:
                continue
            twice += np.float64(xy[a, 0]) * xy[b, 1] - np.float64(xy[b, 0]) * xy[a, 1]
            # Followed in place here and in ``pieces``: as a function of its own the chain took three to six times as long.
            low, high = min(a, b), max(a, b)
            e = first_of[low]
            last = NONE
            while e >= 0 and ends[e, 1] != high:
                last = e
                e = next_of[e]
            if e < 0:
                e = np.int32(n)
                ends[e, 0], ends[e, 1] = low, high
                next_of[e] = NONE
                if last < 0:
                    first_of[low] = e
                else:
                    next_of[last] = e
                n += 1
            edge[m] = e
            left[m] = a < b
            m += 1
        inside_left = (twice > 0) != hole[r]
        for k in range(head, m):
            left[k] = left[k] == inside_left
        size[r] = m - head
    return ends[:n].copy(), edge[:m], left[:m], size


@njit(cache=True, nogil=True)
def pieces(ends: Short, first: Ints, inner: Short, vertices: int) -> tuple[Short, Short]:
    """Give the unique pieces (p, 2) of edges that are cut at vertices, lower vertex first, and the piece of each step.

    Edge e is cut at ``inner[first[e]:first[e + 1]]``, in order; its steps are those from ``first[e] + e``.
    """
    first_of = np.full(vertices, NONE, np.int32)
    found = np.empty((len(ends) + len(inner), 2), np.int32)
    next_of = np.empty(len(found), np.int32)
    piece = np.empty(len(found), np.int32)
    n, m = np.int64(0), np.int64(0)
    for e in range(len(ends)):
        a = ends[e, 0]
        for k in range(first[e], first[e + 1] + 1):
            b = inner[k] if k < first[e + 1] else ends[e, 1]
            low, high = min(a, b), max(a, b)
            p = first_of[low]
            last = NONE
            while p >= 0 and found[p, 1] != high:
                last = p
                p = next_of[p]
            if p < 0:
                p = np.int32(n)
                found[p, 0], found[p, 1] = low, high
                next_of[p] = NONE
                if last < 0:
                    first_of[low] = p
                else:
                    next_of[last] = p
                n += 1
            piece[m] = p
            m += 1
            a = b
    return found[:n].copy(), piece
