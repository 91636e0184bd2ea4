"""Places where rounding in doubles decides: GEOS is asked there, on the few edges concerned, and its word is taken.

Whether GEOS sends an edge through a pixel depends on that edge, the edges that cross it and the pixel, on nothing farther off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

REACH = 2
"""Grid units: an edge farther off than this can neither cross an edge nor make a pixel that it passes."""


def crossings(xy: Ints, ends: Ints, pairs: Ints) -> Ints:
    """Give the grid points (n, 2) at which GEOS lets each pair of edges meet; their ends may be among them."""
    one, two = (shapely.linestrings(xy[ends[pairs[:, side]]].astype(float)) for side in (0, 1))
    return _points(np.asarray(shapely.union(one, two, grid_size=1.0)))


def passed(xy: Ints, ends: Ints, starts: Ints, edges: Ints, doubtful: Ints) -> tuple[Ints, Ints] | None:
    """Give pairs (edge, vertex) for the ``doubtful`` edges as crossings.passed does; None where GEOS sees an unknown vertex.

    starts, edges: the cells, each with the edges that come near.
    """
    mine = np.flatnonzero(np.isin(edges, doubtful))
    mine = mine[np.argsort(edges[mine], kind="stable")]
    first, last = np.searchsorted(edges[mine], [doubtful, doubtful + 1])
    cell = np.searchsorted(starts, mine, side="right") - 1
    keys = xy[:, 0] << 32 | xy[:, 1]
    by_key = np.argsort(keys, kind="stable")
    keys = keys[by_key]
    which, through = [], []
    for e, a, b in zip(doubtful.tolist(), first.tolist(), last.tolist(), strict=True):
        near = np.unique(np.concatenate([edges[starts[place] : starts[place + 1]] for place in cell[a:b].tolist()]))
        near = near[_reaches(xy[ends[e]], xy[ends[near]]) & (near != e)]
        own = shapely.linestrings(xy[ends[e]].astype(float))
        around = shapely.linestrings(xy[ends[near]].astype(float))
        others = shapely.multilinestrings(around)
        # What of the edge is nobody else's, and what others share: together all of it, cut as GEOS cuts it.
        parts = [shapely.difference(own, others, grid_size=1.0), shapely.intersection(own, others, grid_size=1.0)]
        points = _points(np.array(parts))
        seen = np.unique(points[:, 0] << 32 | points[:, 1])
        at = np.minimum(np.searchsorted(keys, seen), len(keys) - 1)
        if (keys[at] != seen).any():
            return None
        at = by_key[at]
        at = at[~np.isin(at, ends[e])]
        which.append(np.full(len(at), e))
        through.append(at)
    return np.concatenate(which), np.concatenate(through)


def _reaches(own: Ints, others: Ints) -> NDArray[np.bool_]:
    """Say which of ``others`` (n, 2, 2) come within two units of the edge ``own``: its line and its box."""
    low, high = own.min(axis=0) - REACH, own.max(axis=0) + REACH
    inside = ((others.min(axis=1) <= high) & (others.max(axis=1) >= low)).all(axis=1)
    along = own[1] - own[0]
    beside = along[0] * (others[:, :, 1] - own[0, 1]) - along[1] * (others[:, :, 0] - own[0, 0])
    far = REACH * np.abs(along).sum()
    return np.asarray(inside & (beside.min(axis=1) <= far) & (beside.max(axis=1) >= -far))


def _points(shapes: NDArray[np.object_]) -> Ints:
    return np.round(shapely.get_coordinates(shapes)).astype(np.int64)
