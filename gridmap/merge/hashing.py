"""Unique keys and where each stands, by an open hash table: several times as fast as sorting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def unique(keys: Ints) -> tuple[Ints, Ints]:
    """Give the different ``keys`` (not negative) in the order they first appear, and for each key its place among them."""
    size = 16
    while size < 2 * len(keys):
        size *= 2
    mask = size - 1
    table = np.full(size, -1, np.int64)
    found = np.empty(len(keys), np.int64)
    place = np.empty(len(keys), np.int64)
    n = 0
    for k in range(len(keys)):
        key = keys[k]
        mixed = key * -7046029254386353131
        slot = (mixed ^ (mixed >> 29)) & mask
        while table[slot] >= 0 and found[table[slot]] != key:
            slot = (slot + 1) & mask
        if table[slot] < 0:
            table[slot] = n
            found[n] = key
            n += 1
        place[k] = table[slot]
    return found[:n].copy(), place
