"""Snap rounding, compiled: where edges cross, and which vertices each edge must pass through. Whole numbers only, so exact.

An edge is split at every vertex, its own or another's or a crossing's, whose pixel it passes. A pixel is the unit square around
a grid point, closed to the west and south, open to the east and north, as crossings are rounded half-up (Hobby 1999;
GEOS does the same). Edges are found by uniform cells; each is entered in every cell it comes within two units of.
What GEOS, computing in doubles, might see otherwise is not decided here but handed over (see ties).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

LONGEST = 2**29
"""Grid units an edge may be long (53 km), so that products of four differences fit in 64 bits."""

SLACK = 2

UNIT = 2.0**-53
"""How far one operation in doubles can be off, as a share."""

NEAR = 0.2
"""Grid units: how sure a crossing's place in doubles must be, or all of its edges is left to GEOS."""

BENT = 0.0101
"""Grid units: GEOS draws an edge that passes a vertex within 0.01 through that vertex."""


@njit(cache=True, nogil=True)
def cells_of(xy: Ints, ends: Ints, cell: int, wide: int, high: int) -> tuple[Ints, Ints]:
    """Give the edges of each cell, row by row: ``starts`` (cells + 1) and edge numbers in rising order."""
    starts = np.zeros(wide * high + 1, np.int64)
    edges = np.empty(0, np.int64)
    for turn in range(2):
        for e in range(len(ends)):
            ax, ay = xy[ends[e, 0], 0], xy[ends[e, 0], 1]
            bx, by = xy[ends[e, 1], 0], xy[ends[e, 1], 1]
            if ay > by:
                ax, ay, bx, by = bx, by, ax, ay
            first = max(0, (ay - SLACK) // cell)
            last = min(high - 1, (by + SLACK) // cell)
            for row in range(first, last + 1):
                x0, x1 = ax, bx
                if last > first and by > ay:
                    low, top = max(ay, row * cell - SLACK), min(by, (row + 1) * cell + SLACK)
                    x0 = ax + np.int64(np.floor((bx - ax) * ((low - ay) / (by - ay))))
                    x1 = ax + np.int64(np.floor((bx - ax) * ((top - ay) / (by - ay))))
                if x0 > x1:
                    x0, x1 = x1, x0
                left = max(0, (x0 - SLACK) // cell)
                right = min(wide - 1, (x1 + 1 + SLACK) // cell)
                for place in range(row * wide + left, row * wide + right + 1):
                    if turn == 0:
                        starts[place + 1] += 1
                    else:
                        edges[starts[place]] = e
                        starts[place] += 1
        if turn == 0:
            for place in range(wide * high):
                starts[place + 1] += starts[place]
            edges = np.empty(starts[-1], np.int64)
        else:
            for place in range(wide * high, 0, -1):
                starts[place] = starts[place - 1]
            starts[0] = 0
    return starts, edges


@njit(cache=True, nogil=True, inline="always")
def _rounded(r: int, numerator: int, denominator: int) -> tuple[int, float]:
    """Give r * numerator / denominator rounded half-up, exactly, and how far it is from where rounding turns (0 to 0.5).

    The remainder is small, so wrapped products give it right.
    """
    guess = int(np.floor(r * (numerator / denominator) + 0.5))
    rest = 2 * r * numerator + denominator - 2 * guess * denominator
    while rest < 0:
        guess -= 1
        rest += 2 * denominator
    while rest >= 2 * denominator:
        guess += 1
        rest -= 2 * denominator
    return guess, min(rest, 2 * denominator - rest) / (2.0 * denominator)


@njit(cache=True, nogil=True, inline="always")
def _doubt(ax: int, ay: int, bx: int, by: int, cx: int, cy: int, dx: int, dy: int, numerator: int, denominator: int) -> float:
    """Bound how far the crossing of a-b and c-d, computed in doubles, lies from the true one; inf where none can be given.

    The formula bounded is the usual one in homogeneous coordinates around the middle of both boxes' common part; each
    operation is off by at most one part in 2**53.
    """
    low_x, high_x = max(min(ax, bx), min(cx, dx)), min(max(ax, bx), max(cx, dx))
    low_y, high_y = max(min(ay, by), min(cy, dy)), min(max(ay, by), max(cy, dy))
    mx, my = (low_x + high_x) / 2.0, (low_y + high_y) / 2.0
    one = abs((ax - mx) * (by - my)) + abs((bx - mx) * (ay - my))
    two = abs((cx - mx) * (dy - my)) + abs((dx - mx) * (cy - my))
    px, py, qx, qy = abs(ay - by) * 1.0, abs(bx - ax) * 1.0, abs(cy - dy) * 1.0, abs(dx - cx) * 1.0
    below = denominator - 3 * UNIT * (px * qy + qx * py)
    if below <= 0:
        return np.inf
    over_x = 6 * UNIT * (py * two + qy * one) + 3 * UNIT * (px * qy + qx * py) * (high_x - low_x)
    over_y = 6 * UNIT * (px * two + qx * one) + 3 * UNIT * (px * qy + qx * py) * (high_y - low_y)
    off = 2 * (max(over_x, over_y) / below + 2 * UNIT * (high_x + high_y))
    x, y = ax + (bx - ax) * (numerator / denominator), ay + (by - ay) * (numerator / denominator)
    # Where the computed point might leave a box, an end of the edges may be taken instead.
    if high_x > low_x and min(x - low_x, high_x - x) <= 2 * off:
        return np.inf
    if high_y > low_y and min(y - low_y, high_y - y) <= 2 * off:
        return np.inf
    return off if off < NEAR else np.inf


@njit(cache=True, nogil=True)
def crossings(xy: Ints, ends: Ints, starts: Ints, edges: Ints, first: int, last: int, off: Floats) -> tuple[Ints, Ints]:
    """Give the rounded points where two edges properly cross (n, 2), some more than once, and pairs of edges left to others.

    A crossing that rounding in doubles might put elsewhere is not given as a point but as the pair of its edges. ``off``: for
    each edge, raised to how far a crossing on it may be off in doubles. Of the cells, those from ``first`` to before ``last``
    are looked at.
    """
    found = np.empty((1024, 2), np.int64)
    unsure = np.empty((64, 2), np.int64)
    n = 0
    m = 0
    for place in range(first, last):
        for i in range(starts[place], starts[place + 1]):
            a, b = ends[edges[i], 0], ends[edges[i], 1]
            ax, ay, bx, by = xy[a, 0], xy[a, 1], xy[b, 0], xy[b, 1]
            x0, x1, y0, y1 = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
            rx, ry = bx - ax, by - ay
            for j in range(i + 1, starts[place + 1]):
                c, d = ends[edges[j], 0], ends[edges[j], 1]
                if c in (a, b) or d in (a, b):
                    continue
                cx, cy, dx, dy = xy[c, 0], xy[c, 1], xy[d, 0], xy[d, 1]
                if max(cx, dx) < x0 or min(cx, dx) > x1 or max(cy, dy) < y0 or min(cy, dy) > y1:
                    continue
                one = rx * (cy - ay) - ry * (cx - ax)
                two = rx * (dy - ay) - ry * (dx - ax)
                if one == 0 or two == 0 or (one > 0) == (two > 0):
                    continue
                sx, sy = dx - cx, dy - cy
                three = sx * (ay - cy) - sy * (ax - cx)
                four = sx * (by - cy) - sy * (bx - cx)
                if three == 0 or four == 0 or (three > 0) == (four > 0):
                    continue
                numerator = (cx - ax) * sy - (cy - ay) * sx
                denominator = rx * sy - ry * sx
                if denominator < 0:
                    numerator, denominator = -numerator, -denominator
                doubt = _doubt(ax, ay, bx, by, cx, cy, dx, dy, numerator, denominator)
                off[edges[i]] = max(off[edges[i]], doubt)
                off[edges[j]] = max(off[edges[j]], doubt)
                x, turn_x = _rounded(rx, numerator, denominator)
                y, turn_y = _rounded(ry, numerator, denominator)
                if min(turn_x, turn_y) <= doubt:
                    if m == len(unsure):
                        unsure = np.concatenate((unsure, np.empty((m, 2), np.int64)))
                    unsure[m, 0], unsure[m, 1] = edges[i], edges[j]
                    m += 1
                    continue
                if n == len(found):
                    found = np.concatenate((found, np.empty((n, 2), np.int64)))
                found[n, 0], found[n, 1] = ax + x, ay + y
                n += 1
    return found[:n], unsure[:m]


@njit(cache=True, nogil=True, inline="always")
def passes(px: int, py: int, qx: int, qy: int, vx: int, vy: int) -> tuple[bool, float, float]:
    """Say whether the segment p-q meets the half-open pixel of v; all in grid units.

    Also how far the segment's line is from the nearest corner of the pixel and from its middle, 1 where that is far.
    """
    if max(px, qx) < vx or min(px, qx) > vx or max(py, qy) < vy or min(py, qy) > vy:
        return False, 1.0, 1.0
    if px == qx or py == qy:
        return True, 1.0, 1.0
    dx, dy = qx - px, qy - py
    west, south = 2 * (vx - px) - 1, 2 * (vy - py) - 1
    sw = dx * south - dy * west
    se = sw - 2 * dy
    nw = sw + 2 * dx
    ne = nw - 2 * dy
    low, high = min(sw, se, nw, ne), max(sw, se, nw, ne)
    if low > abs(dx) + abs(dy) or high < -abs(dx) - abs(dy):
        return False, 1.0, 1.0
    twice = 2.0 * np.hypot(float(dx), float(dy))
    corner = min(abs(sw), abs(se), abs(nw), abs(ne)) / twice
    # The south-west corner is the one that belongs to the pixel.
    return sw == 0 or (low < 0 < high), corner, abs(sw + dx - dy) / twice


@njit(cache=True, nogil=True)
def vertices_of(xy: Ints, cell: int, wide: int, cells: int) -> tuple[Ints, Ints]:
    """Give the vertices of each cell: ``count`` (cells + 1) and vertex numbers."""
    count = np.zeros(cells + 1, np.int64)
    for v in range(len(xy)):
        count[(xy[v, 1] // cell) * wide + xy[v, 0] // cell + 1] += 1
    for place in range(cells):
        count[place + 1] += count[place]
    order = np.empty(len(xy), np.int64)
    at = count.copy()
    for v in range(len(xy)):
        place = (xy[v, 1] // cell) * wide + xy[v, 0] // cell
        order[at[place]] = v
        at[place] += 1
    return count, order


@njit(cache=True, nogil=True)
def passed(
    xy: Ints, ends: Ints, starts: Ints, edges: Ints, count: Ints, order: Ints, first: int, last: int, off: Floats
) -> tuple[Ints, Ints, Ints, Floats]:
    """Give pairs (edge, vertex) where an edge passes through the pixel of a vertex that is not one of its ends.

    Also the edges that pass within NEAR of a pixel's corner, and how near: ``off`` says which of these are in doubt. It is
    raised where an edge passes a vertex so closely that GEOS bends the edge to it. Of the cells, those from ``first`` to
    before ``last`` are looked at; count, order: as vertices_of gives.
    """
    which = np.empty(1024, np.int64)
    through = np.empty(1024, np.int64)
    close = np.empty(64, np.int64)
    gap = np.empty(64, np.float64)
    n = 0
    m = 0
    x, y = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    for k in range(count[first], count[last]):
        x[k], y[k] = xy[order[k], 0], xy[order[k], 1]
    for place in range(first, last):
        if count[place] == count[place + 1]:
            continue
        for i in range(starts[place], starts[place + 1]):
            e = edges[i]
            a, b = ends[e, 0], ends[e, 1]
            ax, ay, bx, by = xy[a, 0], xy[a, 1], xy[b, 0], xy[b, 1]
            west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
            for k in range(count[place], count[place + 1]):
                if x[k] < west or x[k] > east or y[k] < south or y[k] > north:
                    continue
                v = order[k]
                if v in (a, b):
                    continue
                hit, corner, middle = passes(ax, ay, bx, by, x[k], y[k])
                if corner < NEAR:
                    if m == len(close):
                        close = np.concatenate((close, np.empty(m, np.int64)))
                        gap = np.concatenate((gap, np.empty(m, np.float64)))
                    close[m], gap[m] = e, corner
                    m += 1
                if hit:
                    if 0 < middle < BENT:
                        off[e] = max(off[e], 1.01 * middle)
                    if n == len(which):
                        which = np.concatenate((which, np.empty(n, np.int64)))
                        through = np.concatenate((through, np.empty(n, np.int64)))
                    which[n], through[n] = e, v
                    n += 1
    return which[:n], through[:n], close[:m], gap[:m]


@njit(cache=True, nogil=True)
def chains(xy: Ints, ends: Ints, which: Ints, through: Ints) -> tuple[Ints, Ints]:
    """Give each edge's vertices from its first end to its last: ``starts`` (edges + 1) and vertex numbers."""
    starts = np.zeros(len(ends) + 1, np.int64)
    for e in which:
        starts[e + 1] += 1
    for e in range(len(ends)):
        starts[e + 1] += starts[e] + 2
    chain = np.empty(starts[-1], np.int64)
    filled = starts[:-1].copy()
    for e in range(len(ends)):
        chain[filled[e]] = ends[e, 0]
        filled[e] += 1
    for n in range(len(which)):
        e, v = which[n], through[n]
        ax, ay = xy[ends[e, 0], 0], xy[ends[e, 0], 1]
        dx, dy = xy[ends[e, 1], 0] - ax, xy[ends[e, 1], 1] - ay
        along = dx * (xy[v, 0] - ax) + dy * (xy[v, 1] - ay)
        k = filled[e]
        while k > starts[e] + 1:
            u = chain[k - 1]
            if dx * (xy[u, 0] - ax) + dy * (xy[u, 1] - ay) <= along:
                break
            chain[k] = u
            k -= 1
        chain[k] = v
        filled[e] += 1
    for e in range(len(ends)):
        chain[filled[e]] = ends[e, 1]
    return starts, chain
