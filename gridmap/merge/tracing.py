"""Walks around the faces of a noded graph, compiled: pieces in, rings out. A face lies to the left of its half-arcs.

Pieces that follow each other through vertices where nothing else meets are one arc, from junction to junction; all that is
traced are arcs, ten times fewer. Half-arc 2a runs along arc a from its tail to its head, 2a + 1 back.
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

NONE = np.int32(-1)


class Arcs(NamedTuple):
    """Arcs between junctions.

    line: their vertices, arc by arc from ``begins[a]`` to before ``begins[a + 1]``, tail and head among them. junction: of
    each half-arc the junction it leaves. around: the half-arcs that leave junction j, from ``starts[j]`` on,
    counter-clockwise from east. sign: of each piece 2a or 2a + 1 where it is the first of arc a and runs from the lower to
    the higher vertex or back, -1 where it is not an arc's first. lowest: where in ``line`` an arc's westernmost vertex stands,
    of several the southernmost; box: its west, south, east and north. twice: what an arc adds to twice the signed area of a
    ring, modulo 2**64.
    """

    line: Short
    begins: Ints
    junction: Short
    starts: Ints
    around: Short
    sign: Short
    lowest: Ints
    box: Short
    twice: Ints


@njit(cache=True, nogil=True, inline="always")
def _before(ax: int, ay: int, bx: int, by: int) -> bool:
    """Say whether direction a comes before b counter-clockwise from east."""
    upper_a = ay > 0 or (ay == 0 and ax > 0)
    upper_b = by > 0 or (by == 0 and bx > 0)
    if upper_a != upper_b:
        return upper_a
    return ax * by - ay * bx > 0


@njit(cache=True, nogil=True)
def arcs(xy: Short, pieces: Short) -> Arcs:
    """Join pieces to arcs. A ring that meets nothing has a junction at one of its vertices."""
    degree = np.zeros(len(xy), np.int32)
    both = np.zeros(len(xy), np.int32)  # the two pieces at a vertex, one xor the other
    for p in range(len(pieces)):
        for end in range(2):
            degree[pieces[p, end]] += 1
            both[pieces[p, end]] ^= p
    spokes = np.int64(0)
    number = np.full(len(xy), NONE, np.int32)
    junctions = 0
    for v in range(len(xy)):
        if degree[v] != 2 and degree[v] > 0:
            number[v] = junctions
            junctions += 1
            spokes += degree[v]
    room = spokes // 2 + 16
    begins = np.empty(room + 1, np.int64)
    lowest, twice, box = np.empty(room, np.int64), np.empty(room, np.int64), np.empty((room, 4), np.int32)
    line = np.empty(len(pieces) + room, np.int32)
    seen = np.zeros(len(pieces), np.bool_)
    sign = np.full(len(pieces), NONE, np.int32)
    n, a = np.int64(0), 0
    for turn in range(2):  # first arcs between junctions, then rings that meet nothing
        for start in range(len(pieces)):
            if seen[start]:
                continue
            for end in range(2):
                v = pieces[start, end]
                if seen[start] or (turn == 0 and number[v] < 0):
                    continue
                if turn == 1:
                    number[v] = junctions
                    junctions += 1
                if a == room:
                    begins = np.concatenate((begins, np.empty(room, np.int64)))
                    lowest, twice = np.concatenate((lowest, lowest)), np.concatenate((twice, twice))
                    box = np.concatenate((box, box))
                    line = np.concatenate((line, np.empty(room, np.int32)))
                    room *= 2
                begins[a], lowest[a] = n, n
                sign[start] = 2 * a + end
                line[n] = v
                n += 1
                total = np.int64(0)
                x, y = np.int64(xy[v, 0]), np.int64(xy[v, 1])
                west, east, south, north, low = x, x, y, y, y  # low: the southernmost y of the westernmost vertices
                q = np.int64(start)
                while True:
                    seen[q] = True
                    v = pieces[q, 0] + pieces[q, 1] - v
                    to_x, to_y = np.int64(xy[v, 0]), np.int64(xy[v, 1])
                    total += x * to_y - to_x * y
                    x, y = to_x, to_y
                    if x < west or (x == west and y < low):
                        west, low, lowest[a] = x, y, n
                    east, south, north = max(east, x), min(south, y), max(north, y)
                    line[n] = v
                    n += 1
                    if number[v] >= 0:
                        break
                    q = both[v] ^ q
                twice[a] = total
                box[a, 0], box[a, 1], box[a, 2], box[a, 3] = west, south, east, north
                a += 1
    begins[a] = n
    starts = np.zeros(junctions + 1, np.int64)
    for one in range(a):
        starts[number[line[begins[one]]] + 1] += 1
        starts[number[line[begins[one + 1] - 1]] + 1] += 1
    for j in range(junctions):
        starts[j + 1] += starts[j]
    around, filled = np.empty(2 * a, np.int32), np.zeros(junctions, np.int32)
    junction = np.empty(2 * a, np.int32)
    step = np.empty((2 * a, 2), np.int64)
    for h in range(2 * a):
        one, back = h >> 1, h & 1
        at = begins[one + 1] - 1 if back else begins[one]
        v, w = line[at], line[at - 1 if back else at + 1]
        dx, dy = np.int64(xy[w, 0]) - xy[v, 0], np.int64(xy[w, 1]) - xy[v, 1]
        step[h, 0], step[h, 1] = dx, dy
        j = number[v]
        junction[h] = j
        k = starts[j] + filled[j]
        while k > starts[j]:
            g = around[k - 1]
            if not _before(dx, dy, step[g, 0], step[g, 1]):
                break
            around[k] = g
            k -= 1
        around[k] = h
        filled[j] += 1
    return Arcs(line[:n], begins[: a + 1], junction, starts, around, sign, lowest[:a], box[:a], twice[:a])


@njit(cache=True, nogil=True)
def prune(found: Arcs, alive: Flags) -> None:
    """Strike out arcs that end in nothing, again and again, in ``alive``."""
    left = np.zeros(len(found.starts) - 1, np.int64)
    for h in range(len(found.junction)):
        if alive[h >> 1]:
            left[found.junction[h]] += 1
    for begin in range(len(left)):
        j = np.int64(begin)
        while left[j] == 1:
            for k in range(found.starts[j], found.starts[j + 1]):
                h = found.around[k]
                if alive[h >> 1]:
                    alive[h >> 1] = False
                    left[j] -= 1
                    j = np.int64(found.junction[h ^ 1])
                    left[j] -= 1
                    break


@njit(cache=True, nogil=True)
def walks(found: Arcs, alive: Flags) -> tuple[Short, Short]:
    """Give each half-arc the next around its face, and the number of its walk (-1 where its arc is struck out)."""
    halves = len(found.junction)
    following, walk = np.full(halves, NONE, np.int32), np.full(halves, NONE, np.int32)
    for j in range(len(found.starts) - 1):
        before = NONE
        for k in range(found.starts[j], found.starts[j + 1]):
            if alive[found.around[k] >> 1]:
                before = found.around[k]
        for k in range(found.starts[j], found.starts[j + 1]):
            h = found.around[k]
            if alive[h >> 1]:
                following[h ^ 1] = before
                before = h
    number = 0
    for h in range(halves):
        if following[h] >= 0 and walk[h] < 0:
            g = np.int32(h)
            while walk[g] < 0:
                walk[g] = number
                g = following[g]
            number += 1
    return following, walk


@njit(cache=True, nogil=True)
def rings(found: Arcs, following: Short, walk: Short) -> tuple[Short, Ints, Short, Ints]:
    """Give simple rings: half-arcs one after another, where each begins (rings + 1), its walk, and twice its signed area.

    A walk that meets a junction twice is cut there, so that a hole that touches its shell in a point is a ring of its own.
    Areas are exact: wrapped sums of a value that fits in 64 bits.
    """
    halves = len(following)
    order = np.empty(halves, np.int32)
    begins = np.empty(halves + 1, np.int64)
    of = np.empty(halves, np.int32)
    twice = np.empty(halves, np.int64)
    place = np.full(len(found.starts), NONE, np.int32)
    stack = np.empty(halves + 1, np.int32)
    done = np.zeros(halves, np.bool_)
    n, m = np.int64(0), np.int64(0)
    for h in range(halves):
        if walk[h] < 0 or done[h]:
            continue
        top = 0
        g = np.int32(h)
        while True:
            j = found.junction[g]
            if place[j] >= 0 or (done[g] and top > 0):
                low = max(place[j], 0)
                begins[m] = n
                of[m] = walk[h]
                total = np.int64(0)
                for k in range(low, top):
                    f = stack[k]
                    total += -found.twice[f >> 1] if f & 1 else found.twice[f >> 1]
                    order[n] = f
                    n += 1
                    place[found.junction[f]] = NONE
                twice[m] = total
                m += 1
                top = low
            if done[g]:
                break
            done[g] = True
            place[j] = top
            stack[top] = g
            top += 1
            g = following[g]
        for k in range(top):
            place[found.junction[stack[k]]] = NONE
    begins[m] = n
    return order[:n], begins[: m + 1], of[:m], twice[:m]


@njit(cache=True, nogil=True)
def boxes(found: Arcs, order: Short, begins: Ints, chosen: Ints) -> Short:
    """Give the box of each chosen ring: west, south, east, north."""
    box = np.empty((len(chosen), 4), np.int32)
    for n in range(len(chosen)):
        box[n] = found.box[order[begins[chosen[n]]] >> 1]
        for k in range(begins[chosen[n]] + 1, begins[chosen[n] + 1]):
            a = order[k] >> 1
            for side in range(2):
                box[n, side] = min(box[n, side], found.box[a, side])
                box[n, 2 + side] = max(box[n, 2 + side], found.box[a, 2 + side])
    return box


@njit(cache=True, nogil=True)
def drawn(
    xy: Short, found: Arcs, order: Short, begins: Ints, chosen: Ints, west: float, south: float, units: float
) -> tuple[Floats, Ints]:
    """Give the coordinates of chosen rings as (units from a corner + the corner) / units, and where each begins (rings + 1).

    Each is closed, begins at its westernmost vertex (of several the southernmost) and has its face to the right, as GEOS's
    normal form has it.
    """
    offset = np.zeros(len(chosen) + 1, np.int64)
    for n in range(len(chosen)):
        size = np.int64(1)
        for k in range(begins[chosen[n]], begins[chosen[n] + 1]):
            size += found.begins[(order[k] >> 1) + 1] - found.begins[order[k] >> 1] - 1
        offset[n + 1] = offset[n] + size
    flat = np.empty((offset[-1], 2))
    for n in range(len(chosen)):
        first, last = begins[chosen[n]], begins[chosen[n] + 1]
        best, start = np.int64(-1), first
        for k in range(first, last):
            at = found.lowest[order[k] >> 1]
            v = found.line[at]
            if best >= 0:
                u = found.line[best]
                if xy[v, 0] > xy[u, 0] or (xy[v, 0] == xy[u, 0] and xy[v, 1] >= xy[u, 1]):
                    continue
            best, start = at, k
        at = offset[n]
        # The arc with the lowest vertex comes first and, up to that vertex, last.
        for turn in range(last - first + 1):
            k = start - turn if start - turn >= first else start - turn + last - first
            h = order[k]
            a = h >> 1
            low, high = found.begins[a], found.begins[a + 1] - 1
            if h & 1 == 0:  # walked back, from head to tail; of each arc all but its last vertex
                begin = best if turn == 0 else high
                stop = best if turn == last - first else low
                for q in range(begin, stop, -1):
                    flat[at, 0] = (xy[found.line[q], 0] + west) / units
                    flat[at, 1] = (xy[found.line[q], 1] + south) / units
                    at += 1
            else:
                begin = best if turn == 0 else low
                stop = best if turn == last - first else high
                for q in range(begin, stop):
                    flat[at, 0] = (xy[found.line[q], 0] + west) / units
                    flat[at, 1] = (xy[found.line[q], 1] + south) / units
                    at += 1
        flat[at] = flat[offset[n]]
    return flat, offset
