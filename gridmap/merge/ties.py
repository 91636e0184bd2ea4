"""Places where rounding in doubles decides: GEOS is asked there, on the few edges concerned, and its word is taken.

Whether GEOS sends an edge through a pixel depends on that edge, the edges that cross it and the pixel, on nothing farther off.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]


def crossings(xy: Short, ends: Short, pairs: Short) -> Ints:
    """Give the grid points (n, 2) at which GEOS lets each pair of edges meet; their ends may be among them."""
    one, two = (shapely.linestrings(xy[ends[pairs[:, side]]].astype(float)) for side in (0, 1))
    return _points(np.asarray(shapely.union(one, two, grid_size=1.0)))


def passed(xy: Short, old: int, ends: Short, near: Ints) -> Short | None:
    """Give pairs (edge, vertex) for doubtful edges as crossings.meetings does; None where GEOS sees an unknown vertex.

    near: pairs of a doubtful edge and another that comes near it, sorted. Vertices from ``old`` on are crossings.
    """
    doubtful, first = np.unique(near[:, 0], return_index=True)
    own = shapely.linestrings(xy[ends[doubtful]].astype(float))
    around = np.asarray(shapely.linestrings(xy[ends[near[:, 1]]].astype(float)))
    of = np.repeat(np.arange(len(doubtful)), np.diff(first, append=len(near)))
    others = shapely.multilinestrings(around, indices=of)
    # What of an edge is nobody else's, and what others share: together all of it, cut as GEOS cuts it.
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda cut: cut(own, others, grid_size=1.0), (shapely.difference, shapely.intersection))
    points, at = shapely.get_coordinates(np.concatenate([one, two]), return_index=True)
    seen, which = _key(np.round(points)), at % len(doubtful)
    known = np.concatenate([np.unique(ends[near]), np.arange(old, len(xy))])
    keys = _key(xy[known])
    order = np.argsort(keys, kind="stable")
    place = order[np.minimum(np.searchsorted(keys[order], seen), len(keys) - 1)]
    if (keys[place] != seen).any():
        return None
    pairs = np.unique(np.column_stack([doubtful[which], known[place]]).astype(np.int32), axis=0)
    return np.asarray(pairs[(ends[pairs[:, 0]] != pairs[:, 1:]).all(axis=1)])


def _key(xy: NDArray[np.number]) -> Ints:
    return xy[:, 0].astype(np.int64) << 32 | xy[:, 1].astype(np.int64)


def _points(shapes: NDArray[np.object_]) -> Ints:
    return np.round(shapely.get_coordinates(shapes)).astype(np.int64)
