"""Names the faces of a noded graph from the sides of their borders, compiled: no point is ever located.

Along a border of layer k one grid lies to the left and one to the right; across a piece that is no border of layer k the
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
    Rows = NDArray[np.int32]
    Flags = NDArray[np.bool_]

NOBODY = -1
UNKNOWN = -2


@njit(cache=True, nogil=True)
def sides(
    edge: Ints, left: Flags, layer: Ints, row: Ints, starts: Ints, chain: Ints, piece: Ints, pieces: int, bad: Flags
) -> tuple[Rows, Rows]:
    """Give the row to the left and right of each piece in each layer, NOBODY where it is no border; mark bad layers.

    Of each ring segment: ``edge``, whether its polygon is to the ``left`` of lower → higher vertex, its ``layer`` (-1: none)
    and ``row``. ``piece``: of each chain step.
    """
    west = np.full((pieces, len(bad)), NOBODY, np.int32)
    east = np.full((pieces, len(bad)), NOBODY, np.int32)
    for s in range(len(edge)):
        k = layer[s]
        if k < 0:
            continue
        for step in range(starts[edge[s]], starts[edge[s] + 1] - 1):
            p = piece[step]
            own, other = (west, east) if left[s] == (chain[step] < chain[step + 1]) else (east, west)
            if other[p, k] == row[s]:
                other[p, k] = NOBODY  # the same grid on both sides: no border
            elif own[p, k] == NOBODY:
                own[p, k] = row[s]
            else:
                bad[k] = True
    return west, east


@njit(cache=True, nogil=True)
def spread(left: Ints, faces: int, west: Rows, east: Rows, bad: Flags) -> Rows:
    """Give the row of each face in each layer (NOBODY: none), from the outer face inwards; mark layers that contradict.

    left: face left of each half-edge, ``faces`` for the outer face, -1 where the piece bounds none.
    """
    layers = west.shape[1]
    starts = np.zeros(faces + 2, np.int64)
    for f in left:
        if f >= 0:
            starts[f + 1] += 1
    starts = np.cumsum(starts)
    around = np.empty(starts[-1], np.int64)
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
    queue = np.empty(faces + 1, np.int64)
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
