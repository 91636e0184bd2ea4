"""Snap rounding, compiled: where edges cross, and which vertices each edge must pass through. Whole numbers only, so exact.

An edge is split at every vertex, its own or another's or a crossing's, whose pixel it passes. A pixel is the unit square around
a grid point, closed to the west and south, open to the east and north, as crossings are rounded half-up (Hobby 1999;
GEOS does the same). The plane is cut into tiles that fit in a processor's cache, each tile into cells; an edge is entered in
each that it comes within two units of. So all that happens in a cell is known from its own edges, in whatever order tiles are
done. What GEOS, computing in doubles, might see otherwise is not decided here but handed over (see ties).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gridmap.merge import tiling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]
    Floats = NDArray[np.float64]

    from gridmap.merge.tiling import Tiles

LONGEST = 2**29
"""Grid units an edge may be long (53 km), so that products of four differences fit in 64 bits."""

CELL = 1.3
"""Side of a cell in mean lengths of its tile's edges; 1.1-1.5 are equally fast."""

ROOM = 4
"""Cells a tile may have for each of its edges."""

UNIT = 2.0**-53
"""How far one operation in doubles can be off, as a share."""

NEAR = 0.2
"""Grid units: how sure a crossing's place in doubles must be, or all of its edges is left to GEOS."""

BENT = 0.0101
"""Grid units: GEOS draws an edge that passes a vertex within 0.01 through that vertex."""


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
def meetings(
    xy: Short, ends: Short, tiles: Tiles, first: int, last: int, off: Floats, born: Ints
) -> tuple[Short, Short, Short, Short, Floats]:
    """Find all that happens in the tiles from ``first`` to before ``last``.

    Gives the rounded crossings that are no vertex yet (n, 2), those of tile t up to ``born[t]``; pairs (edge, vertex) where an
    edge passes through the pixel of a vertex that is not one of its ends, crossings numbered after the vertices; pairs of
    edges whose crossing rounding in doubles might put elsewhere, which is not among the crossings; and the edges that pass
    within NEAR of a pixel's corner, and how near. ``off`` is raised, for each edge, to how far a crossing on it may be off in
    doubles, and where it passes a vertex so closely that GEOS bends the edge to it: it says which of the close ones are in
    doubt.
    """
    found, n = np.empty((1024, 2), np.int32), 0
    passing, p = np.empty((1024, 2), np.int32), 0
    unsure, m = np.empty((64, 2), np.int32), 0
    close, gap, q = np.empty(64, np.int32), np.empty(64, np.float64), 0
    for tile in range(first, last):
        size = tiles.starts[tile + 1] - tiles.starts[tile]
        west, south = (tile % tiles.wide) * tiles.side, (tile // tiles.wide) * tiles.side
        box = np.empty((size, 4), np.int64)
        length = 0.0
        for k in range(size):
            e = tiles.edges[tiles.starts[tile] + k]
            for end in range(2):
                box[k, 2 * end], box[k, 2 * end + 1] = xy[ends[e, end], 0] - west, xy[ends[e, end], 1] - south
            length += min(tiles.side, max(abs(box[k, 0] - box[k, 2]), abs(box[k, 1] - box[k, 3])))
        if size < 2 and (size == 0 or tiles.first[tile] == tiles.first[tile + 1]):
            born[tile] = n
            continue
        cell = max(CELL * length / size, tiles.side / np.sqrt(ROOM * size + 16.0), 1.0)
        per = 1.0 / cell
        across = int(tiles.side * per) + 1
        begins, inside = tiling.cells(box, cell, across, across)
        # The vertices of each cell.
        here = tiles.first[tile + 1] - tiles.first[tile]
        of = np.zeros(across * across + 1, np.int32)
        at = np.empty(here, np.int32)
        for k in range(here):
            v = tiles.vertices[tiles.first[tile] + k]
            at[k] = int((xy[v, 1] - south) * per) * across + int((xy[v, 0] - west) * per)
            of[at[k] + 1] += 1
        for place in range(across * across):
            of[place + 1] += of[place]
        held = np.empty(here, np.int32)
        for k in range(here):
            held[of[at[k]]] = tiles.vertices[tiles.first[tile] + k]
            of[at[k]] += 1
        hot, spot = np.empty((64, 2), np.int64), np.empty(64, np.int32)
        for place in range(across * across):
            low, high = begins[place], begins[place + 1]
            if low == high:
                continue
            h = 0
            for k in range(of[place - 1] if place > 0 else 0, of[place]):
                if h == len(spot):
                    hot, spot = np.concatenate((hot, np.empty((h, 2), np.int64))), np.concatenate((spot, spot))
                spot[h] = held[k]
                hot[h, 0], hot[h, 1] = xy[held[k], 0] - west, xy[held[k], 1] - south
                h += 1
            for i in range(low, high):
                ax, ay, bx, by = box[inside[i], 0], box[inside[i], 1], box[inside[i], 2], box[inside[i], 3]
                x0, x1, y0, y1 = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
                rx, ry = bx - ax, by - ay
                for j in range(i + 1, high):
                    cx, cy, dx, dy = box[inside[j], 0], box[inside[j], 1], box[inside[j], 2], box[inside[j], 3]
                    if (cx <= x0 and dx <= x0) or (cx >= x1 and dx >= x1):
                        continue
                    if (cy <= y0 and dy <= y0) or (cy >= y1 and dy >= y1):
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
                    x, turn_x = _rounded(rx, numerator, denominator)
                    y, turn_y = _rounded(ry, numerator, denominator)
                    x, y = x + ax, y + ay
                    # Each crossing is the business of the cell it lies in, which both edges are entered in.
                    if x < 0 or y < 0 or x >= tiles.side or y >= tiles.side or int(y * per) * across + int(x * per) != place:
                        continue
                    doubt = _doubt(
                        ax + west, ay + south, bx + west, by + south, cx + west, cy + south, dx + west, dy + south,
                        numerator, denominator,
                    )  # fmt: skip
                    e, f = tiles.edges[tiles.starts[tile] + inside[i]], tiles.edges[tiles.starts[tile] + inside[j]]
                    off[e], off[f] = max(off[e], doubt), max(off[f], doubt)
                    if min(turn_x, turn_y) <= doubt:
                        if m == len(unsure):
                            unsure = np.concatenate((unsure, np.empty((m, 2), np.int32)))
                        unsure[m, 0], unsure[m, 1] = e, f
                        m += 1
                        continue
                    known = False
                    for k in range(h):
                        known |= hot[k, 0] == x and hot[k, 1] == y
                    if known:
                        continue
                    if n == len(found):
                        found = np.concatenate((found, np.empty((n, 2), np.int32)))
                    found[n, 0], found[n, 1] = x + west, y + south
                    if h == len(spot):
                        hot, spot = np.concatenate((hot, np.empty((h, 2), np.int64))), np.concatenate((spot, spot))
                    hot[h, 0], hot[h, 1] = x, y
                    spot[h] = len(xy) + n
                    n += 1
                    h += 1
            if h == 0:
                continue
            for i in range(low, high):
                ax, ay, bx, by = box[inside[i], 0], box[inside[i], 1], box[inside[i], 2], box[inside[i], 3]
                x0, x1, y0, y1 = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
                for k in range(h):
                    x, y = hot[k, 0], hot[k, 1]
                    if x < x0 or x > x1 or y < y0 or y > y1:
                        continue
                    if (x == ax and y == ay) or (x == bx and y == by):
                        continue
                    hit, corner, middle = passes(ax, ay, bx, by, x, y)
                    e = tiles.edges[tiles.starts[tile] + inside[i]]
                    if corner < NEAR:
                        if q == len(close):
                            close = np.concatenate((close, np.empty(q, np.int32)))
                            gap = np.concatenate((gap, np.empty(q, np.float64)))
                        close[q], gap[q] = e, corner
                        q += 1
                    if hit:
                        if 0 < middle < BENT:
                            off[e] = max(off[e], 1.01 * middle)
                        if p == len(passing):
                            passing = np.concatenate((passing, np.empty((p, 2), np.int32)))
                        passing[p, 0], passing[p, 1] = e, spot[k]
                        p += 1
        born[tile] = n
    return found[:n], passing[:p], unsure[:m], close[:q], gap[:q]


@njit(cache=True, nogil=True)
def also(
    more: Ints, xy: Short, old: int, ends: Short, tiles: Tiles, born: Ints, off: Floats
) -> tuple[Short, Short, Short, Floats]:
    """Find what ``meetings`` does for points (n, 2) that are to be vertices too: new vertices, passing, close and gap.

    xy: the vertices, the first ``old`` of which are in ``tiles``, the rest those born in tile after tile.
    """
    found, n = np.empty((len(more), 2), np.int32), 0
    passing, p = np.empty((64, 2), np.int32), 0
    close, gap, q = np.empty(64, np.int32), np.empty(64, np.float64), 0
    for number in range(len(more)):
        x, y = more[number, 0], more[number, 1]
        tile = y // tiles.side * tiles.wide + x // tiles.side
        known = False
        for k in range(tiles.first[tile], tiles.first[tile + 1]):
            known |= xy[tiles.vertices[k], 0] == x and xy[tiles.vertices[k], 1] == y
        for v in range(old + (born[tile - 1] if tile > 0 else 0), old + born[tile]):
            known |= xy[v, 0] == x and xy[v, 1] == y
        for k in range(n):
            known |= found[k, 0] == x and found[k, 1] == y
        if known:
            continue
        found[n, 0], found[n, 1] = x, y
        for k in range(tiles.starts[tile], tiles.starts[tile + 1]):
            e = tiles.edges[k]
            a, b = ends[e, 0], ends[e, 1]
            ax, ay, bx, by = np.int64(xy[a, 0]), np.int64(xy[a, 1]), np.int64(xy[b, 0]), np.int64(xy[b, 1])
            hit, corner, middle = passes(ax, ay, bx, by, x, y)  # type: ignore[arg-type]  # whole numbers of 64 bits
            if corner < NEAR:
                if q == len(close):
                    close = np.concatenate((close, np.empty(q, np.int32)))
                    gap = np.concatenate((gap, np.empty(q, np.float64)))
                close[q], gap[q] = e, corner
                q += 1
            if hit:
                if 0 < middle < BENT:
                    off[e] = max(off[e], 1.01 * middle)
                if p == len(passing):
                    passing = np.concatenate((passing, np.empty((p, 2), np.int32)))
                passing[p, 0], passing[p, 1] = e, len(xy) + n
                p += 1
        n += 1
    return found[:n], passing[:p], close[:q], gap[:q]


@njit(cache=True, nogil=True)
def beside(xy: Short, ends: Short, tiles: Tiles, chosen: NDArray[np.bool_]) -> Ints:
    """Give pairs (n, 2) of a ``chosen`` edge and another that comes within two units of it: of its line and its box."""
    found, n = np.empty((64, 2), np.int64), 0
    for tile in range(len(tiles.starts) - 1):
        for k in range(tiles.starts[tile], tiles.starts[tile + 1]):
            if not chosen[tiles.edges[k]]:
                continue
            a, b = ends[tiles.edges[k], 0], ends[tiles.edges[k], 1]
            ax, ay, bx, by = np.int64(xy[a, 0]), np.int64(xy[a, 1]), np.int64(xy[b, 0]), np.int64(xy[b, 1])
            west, east, south, north = (
                min(ax, bx) - tiling.SLACK,
                max(ax, bx) + tiling.SLACK,
                min(ay, by) - tiling.SLACK,
                max(ay, by) + tiling.SLACK,
            )
            far = tiling.SLACK * (abs(bx - ax) + abs(by - ay))
            for j in range(tiles.starts[tile], tiles.starts[tile + 1]):
                c, d = ends[tiles.edges[j], 0], ends[tiles.edges[j], 1]
                cx, cy, dx, dy = np.int64(xy[c, 0]), np.int64(xy[c, 1]), np.int64(xy[d, 0]), np.int64(xy[d, 1])
                if max(cx, dx) < west or min(cx, dx) > east or max(cy, dy) < south or min(cy, dy) > north or j == k:
                    continue
                one = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
                two = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
                if min(one, two) > far or max(one, two) < -far:
                    continue
                if n == len(found):
                    found = np.concatenate((found, np.empty((n, 2), np.int64)))
                found[n, 0], found[n, 1] = tiles.edges[k], tiles.edges[j]
                n += 1
    return found[:n]


@njit(cache=True, nogil=True)
def chains(xy: Short, ends: Short, passing: Short) -> tuple[Ints, Short]:
    """Give the vertices at which each edge is cut, from its first end to its last: ``first`` (edges + 1) and vertices."""
    first = np.zeros(len(ends) + 1, np.int64)
    for n in range(len(passing)):
        first[passing[n, 0] + 1] += 1
    for e in range(len(ends)):
        first[e + 1] += first[e]
    inner = np.empty(len(passing), np.int32)
    filled = np.zeros(len(ends), np.int32)
    for n in range(len(passing)):
        e, v = passing[n, 0], passing[n, 1]
        a, b = ends[e, 0], ends[e, 1]
        ax, ay = np.int64(xy[a, 0]), np.int64(xy[a, 1])
        dx, dy = xy[b, 0] - ax, xy[b, 1] - ay
        along = dx * (xy[v, 0] - ax) + dy * (xy[v, 1] - ay)
        k = first[e] + filled[e]
        while k > first[e]:
            u = inner[k - 1]
            if dx * (xy[u, 0] - ax) + dy * (xy[u, 1] - ay) <= along:
                break
            inner[k] = u
            k -= 1
        inner[k] = v
        filled[e] += 1
    return first, inner
