"""Constrained Delaunay triangles of polygons, compiled: holes are joined to shells, ears are cut, then sides are turned.

Cutting ears (Meisters 1975) gives some triangles; turning the side that two of them share wherever the far corner of one lies
in the circle around the other (Lawson 1977) makes them Delaunay. Points near an ear are found by one grid of cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Whole = int | np.int64 | np.int32

NONE = np.int32(-1)

CROWD = 2
"""Points of a cell, on average, were they spread evenly."""

TURNS = 50
"""Sides turned for each corner at the most: rounding must not let them turn in circles."""


@njit(cache=True, nogil=True, inline="always")
def _twice(xy: Floats, a: Whole, b: Whole, c: Whole) -> float:
    """Give twice the area of a triangle, positive where it turns left."""
    return float((xy[b, 0] - xy[a, 0]) * (xy[c, 1] - xy[a, 1]) - (xy[b, 1] - xy[a, 1]) * (xy[c, 0] - xy[a, 0]))


@njit(cache=True, nogil=True, inline="always")
def _encircled(xy: Floats, a: Whole, b: Whole, c: Whole, d: Whole) -> bool:
    """Say whether d lies clearly within the circle around a, b, c, which turn left."""
    ax, ay, bx, by = xy[a, 0] - xy[d, 0], xy[a, 1] - xy[d, 1], xy[b, 0] - xy[d, 0], xy[b, 1] - xy[d, 1]
    cx, cy = xy[c, 0] - xy[d, 0], xy[c, 1] - xy[d, 1]
    one, two, three = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    value = one * (bx * cy - by * cx) - two * (ax * cy - ay * cx) + three * (ax * by - ay * bx)
    size = one * (abs(bx * cy) + abs(by * cx)) + two * (abs(ax * cy) + abs(ay * cx)) + three * (abs(ax * by) + abs(ay * bx))
    return bool(value > 1e-9 * size)


class _Cells(NamedTuple):
    """The points of each cell: where they begin, their numbers, cells in a row, cells a metre, and the corner."""

    starts: Ints
    held: Short
    wide: int
    per: float
    west: float
    south: float


class _Rim(NamedTuple):
    """Corners in rings, linked: of each its point, the one after it and before it, and how often a point still is a corner."""

    point: Short
    after: Short
    before: Short
    times: Short


@njit(cache=True, nogil=True)
def triangles(xy: Floats, begins: Ints, polygon: Ints) -> tuple[Short, Flags]:
    """Give triangles (n, 3) of polygons by the numbers of their points, and which polygons were cut.

    xy: points of one ring after another, those of ring r from ``begins[r]`` to before ``begins[r + 1]``, not closed; polygon:
    of each ring, in rising order from 0, its shell first. A polygon in which no ear is found, as rounding or a hole that
    touches its shell may have it, has no triangles and is not among those cut.
    """
    squares = _cells(xy)
    rings = len(polygon)
    polygons = polygon[-1] + 1 if rings else 0
    room = len(xy) + 2 * rings
    rim = _Rim(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32), np.ones(len(xy), np.int32))
    rim.point[: len(xy)] = np.arange(len(xy))
    of = np.empty(len(xy), np.int32)
    for ring in range(rings):
        of[begins[ring] : begins[ring + 1]] = polygon[ring]
    corners = np.empty((room, 3), np.int32)
    done = np.zeros(polygons, np.bool_)
    spare, n, r = len(xy), 0, 0
    for one in range(polygons):
        shell = r
        while r < rings and polygon[r] == one:
            _link(xy, begins[r], begins[r + 1], rim, r == shell)
            r += 1
        b, left = begins[shell], begins[r] - begins[shell]
        joined = _join(xy, begins, shell, r, rim, spare)
        spare, left = spare + 2 * (r - shell - 1), left + 2 * (r - shell - 1)
        head, waited = n, 0
        while joined and left > 3 and waited <= left:
            a, c = np.int64(rim.before[b]), np.int64(rim.after[b])
            if not _ear(xy, rim.point[a], rim.point[b], rim.point[c], of, rim.times, squares):
                b = c
                waited += 1
                continue
            corners[n, 0], corners[n, 1], corners[n, 2] = rim.point[a], rim.point[b], rim.point[c]
            n += 1
            rim.times[rim.point[b]] -= 1
            rim.after[a], rim.before[c] = c, a
            left -= 1
            waited = 0
            b = np.int64(rim.after[c])  # not its neighbour at once: fans of thin ears would have to be turned again
        a, c = np.int64(rim.before[b]), np.int64(rim.after[b])
        if joined and left == 3 and _twice(xy, rim.point[a], rim.point[b], rim.point[c]) > 0:
            corners[n, 0], corners[n, 1], corners[n, 2] = rim.point[a], rim.point[b], rim.point[c]
            n += 1
            done[one] = True
        else:
            n = head
    corners = corners[:n].copy()
    _turn(xy, corners)
    return corners, done


@njit(cache=True, nogil=True)
def _link(xy: Floats, first: int, last: int, rim: _Rim, shell: bool) -> None:
    """Link the corners of a ring, a shell to the left, a hole to the right."""
    twice = 0.0
    for k in range(first + 1, last - 1):
        twice += _twice(xy, first, k, k + 1)
    size = last - first
    for k in range(size):
        one, other = first + (k + 1) % size, first + (k - 1) % size
        rim.after[first + k], rim.before[first + k] = (one, other) if (twice > 0) == shell else (other, one)


@njit(cache=True, nogil=True)
def _join(xy: Floats, begins: Ints, shell: int, last: int, rim: _Rim, spare: int) -> bool:
    """Join holes to their shell, each by a bridge from its westernmost corner to the nearest one in sight.

    Of several the southernmost. Gives whether all were. shell, last: the polygon's rings; spare: the first corner not in use.
    """
    holes = np.empty(last - shell - 1, np.int64)
    for k in range(len(holes)):
        holes[k] = begins[shell + 1 + k]
        for at in range(begins[shell + 1 + k], begins[shell + 2 + k]):
            if xy[at, 0] < xy[holes[k], 0] or (xy[at, 0] == xy[holes[k], 0] and xy[at, 1] < xy[holes[k], 1]):
                holes[k] = at
    holes = holes[np.argsort(xy[holes, 1], kind="mergesort")]
    holes = holes[np.argsort(xy[holes, 0], kind="mergesort")]  # stable: no bridge can meet a hole whose turn is to come
    for h in holes:
        nearest, found = np.inf, -1
        tried = -1.0
        while True:  # corners by rising distance, until one is in sight
            nearest, found = np.inf, -1
            m = begins[shell]
            while True:
                east, north = xy[h, 0] - xy[rim.point[m], 0], xy[h, 1] - xy[rim.point[m], 1]
                far = east**2 + north**2
                if tried < far < nearest and (east > 0 or (east == 0 and north > 0)) and _opens(xy, rim, m, h):
                    nearest, found = far, m
                m = np.int64(rim.after[m])
                if m == begins[shell]:
                    break
            if found < 0 or _sees(xy, rim, begins[shell], h, found):
                break
            tried = nearest
        if found < 0:
            return False
        rim.point[spare], rim.point[spare + 1] = rim.point[h], rim.point[found]
        rim.times[rim.point[h]] += 1
        rim.times[rim.point[found]] += 1
        end, on = rim.before[h], rim.after[found]
        rim.after[found], rim.before[h] = h, found
        rim.after[end], rim.before[spare] = spare, end
        rim.after[spare], rim.before[spare + 1] = spare + 1, spare
        rim.after[spare + 1], rim.before[on] = on, spare + 1
        spare += 2
    return True


@njit(cache=True, nogil=True)
def _opens(xy: Floats, rim: _Rim, m: Whole, h: Whole) -> bool:
    """Say whether the ground at corner m lies towards point h."""
    a, b, c = rim.point[rim.before[m]], rim.point[m], rim.point[rim.after[m]]
    if _twice(xy, a, b, c) > 0:
        return _twice(xy, a, b, h) > 0 and _twice(xy, b, c, h) > 0
    return _twice(xy, a, b, h) > 0 or _twice(xy, b, c, h) > 0


@njit(cache=True, nogil=True)
def _sees(xy: Floats, rim: _Rim, start: Whole, h: Whole, m: Whole) -> bool:
    """Say whether no side of the ring from corner ``start`` on comes between points h and that of corner m."""
    p = rim.point[m]
    u = start
    while True:
        v = np.int64(rim.after[u])
        a, b = rim.point[u], rim.point[v]
        if p not in (a, b):
            one, two = _twice(xy, h, p, a), _twice(xy, h, p, b)
            three, four = _twice(xy, a, b, h), _twice(xy, a, b, p)
            if one * two <= 0 and three * four <= 0:
                return False
        u = v
        if u == start:
            return True


@njit(cache=True, nogil=True)
def _cells(xy: Floats) -> _Cells:
    """Sort points into cells."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for k in range(len(xy)):
        west, south, east, north = min(west, xy[k, 0]), min(south, xy[k, 1]), max(east, xy[k, 0]), max(north, xy[k, 1])
    side = max(np.sqrt((east - west) * (north - south) * CROWD / len(xy)), max(east - west, north - south) / len(xy), 1e-3)
    per = 1.0 / side
    wide = int((east - west) * per) + 1
    starts = np.zeros(wide * (int((north - south) * per) + 1) + 1, np.int64)
    at = np.empty(len(xy), np.int64)
    for k in range(len(xy)):
        at[k] = int((xy[k, 1] - south) * per) * wide + int((xy[k, 0] - west) * per)
        starts[at[k] + 1] += 1
    for cell in range(len(starts) - 1):
        starts[cell + 1] += starts[cell]
    held = np.empty(len(xy), np.int32)
    filled = starts[:-1].copy()
    for k in range(len(xy)):
        held[filled[at[k]]] = k
        filled[at[k]] += 1
    return _Cells(starts, held, wide, per, west, south)


@njit(cache=True, nogil=True)
def _ear(xy: Floats, a: Whole, b: Whole, c: Whole, of: Short, times: Short, cells: _Cells) -> bool:
    """Say whether a, b, c turn left and no other corner left of their polygon lies in the triangle."""
    if _twice(xy, a, b, c) <= 0:
        return False
    x0, x1 = min(xy[a, 0], xy[b, 0], xy[c, 0]), max(xy[a, 0], xy[b, 0], xy[c, 0])
    y0, y1 = min(xy[a, 1], xy[b, 1], xy[c, 1]), max(xy[a, 1], xy[b, 1], xy[c, 1])
    left, right = int((x0 - cells.west) * cells.per), int((x1 - cells.west) * cells.per)
    for row in range(int((y0 - cells.south) * cells.per), int((y1 - cells.south) * cells.per) + 1):
        for k in range(cells.starts[row * cells.wide + left], cells.starts[row * cells.wide + right + 1]):
            p = cells.held[k]
            if xy[p, 0] < x0 or xy[p, 0] > x1 or xy[p, 1] < y0 or xy[p, 1] > y1:
                continue
            if times[p] == 0 or of[p] != of[b] or p in (a, b, c):
                continue
            if _twice(xy, a, b, p) >= 0 and _twice(xy, b, c, p) >= 0 and _twice(xy, c, a, p) >= 0:
                return False
    return True


@njit(cache=True, nogil=True)
def _turn(xy: Floats, corners: Short) -> None:
    """Turn sides of the triangles until all are Delaunay."""
    # Half-side 3t + k runs from corner k of triangle t to the next.
    twin = np.full(3 * len(corners), NONE, np.int32)
    first_of, next_of = np.full(len(xy), NONE, np.int32), np.empty(3 * len(corners), np.int32)
    for new in range(3 * len(corners)):
        v, w = corners[new // 3, new % 3], corners[new // 3, (new + 1) % 3]
        old, last = first_of[w], NONE  # sides that leave w and have found no twin
        while old >= 0 and corners[old // 3, (old + 1) % 3] != v:
            last, old = old, next_of[old]
        if old < 0:
            next_of[new] = first_of[v]
            first_of[v] = new
            continue
        twin[new], twin[old] = old, new
        if last < 0:
            first_of[w] = next_of[old]
        else:
            next_of[last] = next_of[old]
    stack = np.empty(len(twin) + 16, np.int32)
    n = 0
    for new in range(len(twin)):
        if twin[new] > new:
            stack[n] = new
            n += 1
    for _ in range(TURNS * len(corners)):
        if n == 0:
            break
        n -= 1
        h, g = np.int64(stack[n]), np.int64(twin[stack[n]])
        if g < 0:
            continue
        t, u = h // 3, g // 3
        h1, h2, g1, g2 = 3 * t + (h + 1) % 3, 3 * t + (h + 2) % 3, 3 * u + (g + 1) % 3, 3 * u + (g + 2) % 3
        a, b, c, d = corners[t, h % 3], corners[t, h1 % 3], corners[t, h2 % 3], corners[u, g2 % 3]
        # Triangles a, b, c and b, a, d share a-b; turned, they are d, b, c and c, a, d and share c-d.
        if not _encircled(xy, a, b, c, d) or _twice(xy, d, b, c) <= 0 or _twice(xy, c, a, d) <= 0:
            continue
        corners[t, h % 3], corners[u, g % 3] = d, c
        over_h, over_g = twin[h2], twin[g2]
        # h, once a → b, is now d → b, which was g2 of the other; g likewise. h2 and g2 are the new side.
        twin[h], twin[g] = over_g, over_h
        if over_g >= 0:
            twin[over_g] = h
        if over_h >= 0:
            twin[over_h] = g
        twin[h2], twin[g2] = g2, h2
        if n + 4 > len(stack):
            stack = np.concatenate((stack, np.empty(len(stack), np.int32)))
        for around in (h, h1, g, g1):
            if twin[around] >= 0:
                stack[n] = np.int32(around)
                n += 1
