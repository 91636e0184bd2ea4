"""Counting cells of the map in compiled loops: a fetched column of cells becomes one number a square."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 8
"""Bits of a block of cells: cells that share all others lie beside each other on the map, and are counted beside each other."""

_MOST = 1 << 20
"""Blocks between the first and the last cell up to which each has its place; a city takes a few thousand."""


def together(
    cells: NDArray[np.int64], n: NDArray[np.int64] | None = None, *, shift: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sum what is counted of the same cells, one each where n is None; gives the cells in their order, without those of none.

    cells: quadkeys as numbers; shift: bits by which they are made coarser first.
    """
    if not len(cells):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    cells = cells.view()
    cells.flags.writeable = False  # as arrays from Arrow are: one compiled form serves all
    low, high = _range(cells)
    first, last = low >> shift >> BLOCK, high >> shift >> BLOCK
    if last - first < _MOST:
        counts = (np.empty(0, np.int64) if n is None else n).view()
        counts.flags.writeable = False
        return _counted(cells, counts, shift, first, last - first + 1)
    cells = cells >> shift  # points far apart, which no city has
    order = np.argsort(cells, kind="stable")
    cells, sums = cells[order], np.ones(len(cells), np.int64) if n is None else n[order].astype(np.int64)
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    cells, sums = cells[starts], np.add.reduceat(sums, starts)
    return cells[sums > 0], sums[sums > 0]


@njit(cache=True, nogil=True)
def _range(cells: NDArray[np.int64]) -> tuple[int, int]:
    low = high = cells[0]
    for cell in cells:
        low, high = min(low, cell), max(high, cell)
    return low, high


@njit(cache=True, nogil=True)
def _counted(
    cells: NDArray[np.int64], n: NDArray[np.int64], shift: int, first: int, blocks: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give each block that holds cells a place, in their order, and count into places: all of them lie close in memory."""
    inner = (1 << BLOCK) - 1
    place = np.full(blocks, -1, np.int32)
    for cell in cells:
        place[(cell >> shift >> BLOCK) - first] = 0
    held = 0
    for block in range(blocks):
        if place[block] == 0:
            place[block] = held << BLOCK
            held += 1
    sums = np.zeros(held << BLOCK, np.int32)
    if len(n):
        for i in range(len(cells)):
            cell = cells[i] >> shift
            sums[place[(cell >> BLOCK) - first] | (cell & inner)] += n[i]
    else:
        for cell in cells:
            sums[place[(cell >> shift >> BLOCK) - first] | (cell >> shift & inner)] += 1
    found = np.count_nonzero(sums > 0)
    keys, counts = np.empty(found, np.int64), np.empty(found, np.int64)
    next_ = 0
    for block in range(blocks):
        if place[block] < 0:
            continue
        for cell in range(place[block], place[block] + inner + 1):
            if sums[cell] > 0:
                keys[next_], counts[next_] = ((first + block) << BLOCK) | (cell & inner), sums[cell]
                next_ += 1
    return keys, counts
