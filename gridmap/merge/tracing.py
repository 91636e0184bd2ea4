"""Walks around the faces of a noded graph, compiled: pieces in, rings out. A face lies to the left of its half-edges.

Half-edge 2p runs along piece p from its lower to its higher vertex, 2p + 1 back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def prune(pieces: Ints, vertices: int, alive: Flags) -> None:
    """Strike out pieces that end in nothing, again and again, in ``alive``."""
    degree = np.zeros(vertices + 1, np.int64)
    for p in range(len(pieces)):
        if alive[p]:
            degree[pieces[p, 0] + 1] += 1
            degree[pieces[p, 1] + 1] += 1
    starts = np.cumsum(degree)
    around = np.empty(starts[-1], np.int64)
    at = starts[:-1].copy()
    for p in range(len(pieces)):
        if alive[p]:
            for side in range(2):
                v = pieces[p, side]
                around[at[v]] = p
                at[v] += 1
    left = degree[1:].copy()
    for begin in range(vertices):
        v = begin
        while left[v] == 1:
            for k in range(starts[v], starts[v + 1]):
                p = around[k]
                if alive[p]:
                    alive[p] = False
                    left[v] -= 1
                    v = pieces[p, 0] + pieces[p, 1] - v
                    left[v] -= 1
                    break


@njit(cache=True, nogil=True, inline="always")
def _before(ax: int, ay: int, bx: int, by: int) -> bool:
    """Say whether direction a comes before b counter-clockwise from east."""
    upper_a = ay > 0 or (ay == 0 and ax > 0)
    upper_b = by > 0 or (by == 0 and bx > 0)
    if upper_a != upper_b:
        return upper_a
    return ax * by - ay * bx > 0


@njit(cache=True, nogil=True)
def walks(xy: Ints, pieces: Ints, alive: Flags) -> tuple[Ints, Ints]:
    """Give each half-edge the next around its face, and the number of its walk (-1 where its piece is struck out)."""
    starts = np.zeros(len(xy) + 1, np.int64)
    for p in range(len(pieces)):
        if alive[p]:
            starts[pieces[p, 0] + 1] += 1
            starts[pieces[p, 1] + 1] += 1
    starts = np.cumsum(starts)
    out = np.empty(starts[-1], np.int64)
    filled = starts[:-1].copy()
    for h in range(2 * len(pieces)):
        if not alive[h >> 1]:
            continue
        v, w = pieces[h >> 1, h & 1], pieces[h >> 1, 1 - (h & 1)]
        dx, dy = xy[w, 0] - xy[v, 0], xy[w, 1] - xy[v, 1]
        k = filled[v]
        while k > starts[v]:
            g = out[k - 1]
            u = pieces[g >> 1, 1 - (g & 1)]
            if not _before(dx, dy, xy[u, 0] - xy[v, 0], xy[u, 1] - xy[v, 1]):
                break
            out[k] = g
            k -= 1
        out[k] = h
        filled[v] += 1
    following = np.full(2 * len(pieces), -1, np.int64)
    for v in range(len(xy)):
        for k in range(starts[v], starts[v + 1]):
            before = out[k - 1] if k > starts[v] else out[starts[v + 1] - 1]
            following[out[k] ^ 1] = before
    walk = np.full(2 * len(pieces), -1, np.int64)
    number = 0
    for h in range(2 * len(pieces)):
        if following[h] >= 0 and walk[h] < 0:
            g = h
            while walk[g] < 0:
                walk[g] = number
                g = following[g]
            number += 1
    return following, walk


@njit(cache=True, nogil=True)
def rings(xy: Ints, pieces: Ints, following: Ints, walk: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Give simple rings: vertices one after another, where each begins (rings + 1), its walk, and twice its signed area.

    A walk that meets a vertex twice is cut there, so that a hole that touches its shell in a point is a ring of its own.
    Vertices are not repeated at a ring's end. Areas are exact: wrapped sums of a value that fits in 64 bits.
    """
    half = len(following)
    line = np.empty(half, np.int64)
    begins = np.empty(half + 1, np.int64)
    of = np.empty(half, np.int64)
    twice = np.empty(half, np.int64)
    place = np.full(len(xy), -1, np.int64)
    stack = np.empty(half, np.int64)
    done = np.zeros(half, np.bool_)
    n = 0
    m = 0
    for h in range(half):
        if walk[h] < 0 or done[h]:
            continue
        top = 0
        g = h
        while True:
            v = pieces[g >> 1, g & 1]
            if place[v] >= 0 or (done[g] and top > 0):
                low = max(place[v], 0)
                begins[m] = n
                of[m] = walk[h]
                x0, y0 = xy[stack[low], 0], xy[stack[low], 1]
                total = 0
                for k in range(low, top):
                    u, w = stack[k], stack[k + 1] if k + 1 < top else stack[low]
                    total += (xy[u, 0] - x0) * (xy[w, 1] - y0) - (xy[w, 0] - x0) * (xy[u, 1] - y0)
                    line[n] = u
                    n += 1
                    place[u] = -1
                twice[m] = total
                m += 1
                top = low
            if done[g]:
                break
            done[g] = True
            place[v] = top
            stack[top] = v
            top += 1
            g = following[g]
        for k in range(top):
            place[stack[k]] = -1
    begins[m] = n
    return line[:n], begins[: m + 1], of[:m], twice[:m]


@njit(cache=True, nogil=True)
def drawn(order: Ints, line: Ints, begins: Ints, place: Floats) -> tuple[Floats, Ints]:
    """Give the coordinates of closed rings one after another, in ``order``, and where each begins (rings + 1)."""
    offset = np.zeros(len(order) + 1, np.int64)
    for n in range(len(order)):
        offset[n + 1] = offset[n] + begins[order[n] + 1] - begins[order[n]] + 1
    xy = np.empty((offset[-1], 2))
    for n in range(len(order)):
        first, k = begins[order[n]], offset[n]
        for at in range(first, begins[order[n] + 1]):
            xy[k] = place[line[at]]
            k += 1
        xy[k] = place[line[first]]
    return xy, offset
