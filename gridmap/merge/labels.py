"""Names the faces of a noded graph from the sides of their borders, compiled: no point is ever located.

Along a border of layer k one grid lies to the left and one to the right; across an arc that is no border of layer k the
label stays. Starting from the outer face, which nobody holds, every face is named once and every border is checked against
both its faces. A layer whose borders contradict each other, because its grids overlap, is given up and named by points instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]
    Rows = NDArray[np.int32]
    Flags = NDArray[np.bool_]

NOBODY = -1
UNKNOWN = -2


@njit(cache=True, nogil=True)
def sides(
    edge: Short, left: Flags, owner: Short, layer: Rows, row: Rows, ends: Short, first: Ints, inner: Short, piece: Short,
    sign: Short, arcs: int, bad: Flags,
) -> tuple[Rows, Rows]:  # fmt: skip
    """Give the row to the left and right of each arc in each layer, NOBODY where it is no border; mark bad layers.

    Of each ring segment: ``edge``, whether its polygon is to the ``left`` of lower → higher vertex, and its ``owner``, whose
    ``layer`` and ``row`` these are. ends, first, inner, piece: the edges and where they are cut; sign: of each piece (see
    tracing). A ring that runs along one piece of an arc runs along all of it, or back again: its first piece says it all.
    """
    west = np.full((arcs, len(bad)), NOBODY, np.int32)
    east = np.full((arcs, len(bad)), NOBODY, np.int32)
    for s in range(len(edge)):
        e = np.int64(edge[s])
        for k in range(first[e], first[e + 1] + 1):
            at = sign[piece[k + e]]
            if at < 0 or owner[s] < 0:
                continue
            v = inner[k - 1] if k > first[e] else ends[e, 0]
            w = inner[k] if k < first[e + 1] else ends[e, 1]
            a, layer_of, mine = at >> 1, layer[owner[s]], row[owner[s]]
            own, other = (west, east) if left[s] == ((v < w) == (at & 1 == 0)) else (east, west)
            if other[a, layer_of] == mine:
                other[a, layer_of] = NOBODY  # the same grid on both sides: no border
            elif own[a, layer_of] == NOBODY:
                own[a, layer_of] = mine
            else:
                bad[layer_of] = True
    return west, east


@njit(cache=True, nogil=True)
def spread(left: Short, faces: int, west: Rows, east: Rows, bad: Flags) -> Rows:
    """Give the row of each face in each layer (NOBODY: none), from the outer face inwards; mark layers that contradict.

    left: face left of each half-arc, ``faces`` for the outer face, -1 where the arc bounds none.
    """
    layers = west.shape[1]
    starts = np.zeros(faces + 2, np.int64)
    for f in left:
        if f >= 0:
            starts[f + 1] += 1
    starts = np.cumsum(starts)
    around = np.empty(starts[-1], np.int32)
    at = starts[:-1].copy()
    for h in range(len(left)):
        if left[h] >= 0:
            around[at[left[h]]] = h
            at[left[h]] += 1
        elif h & 1 == 0:
            for k in range(layers):
                if west[h >> 1, k] != east[h >> 1, k]:
                    bad[k] = True
    named = np.full((faces + 1, layers), UNKNOWN, np.int32)
    named[faces] = NOBODY
    queue = np.empty(faces + 1, np.int32)
    queue[0] = faces
    n = 1
    for head in range(faces + 1):
        if head >= n:
            bad[:] = True  # a face that cannot be reached: nothing is sure
            break
        f = queue[head]
        for place in range(starts[f], starts[f + 1]):
            h = around[place]
            g, p = left[h ^ 1], h >> 1
            fresh = named[g, 0] == UNKNOWN
            for k in range(layers):
                mine, theirs = (west[p, k], east[p, k]) if h & 1 == 0 else (east[p, k], west[p, k])
                if mine == NOBODY and theirs == NOBODY:
                    mine = theirs = named[f, k]
                if mine != named[f, k]:
                    bad[k] = True
                if fresh:
                    named[g, k] = theirs
                elif named[g, k] != theirs:
                    bad[k] = True
            if fresh:
                queue[n] = g
                n += 1
    return named[:faces]
