"""Why a grid misses the norm, in words: each reason is a catalogue key with its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap import terms

if TYPE_CHECKING:
    from gridmap.merge.nodes import NestUnit
    from gridmap.merge.objective import Ints

WHOLE_BELOW = terms.key("The whole of {nest} has {total} households, fewer than the norm's {low}.")
NO_COUNT = terms.key("{total} households of {nest} cannot be shared among any number of grids of {low} to {high}.")
INDIVISIBLE = terms.key("One piece of ground that may not be cut has {largest} households, more than the norm's {high}.")
ISOLATED = terms.key("The ground touches no other ground of {nest}.")
NEIGHBOURS_FULL = terms.key("Each neighbour would exceed {high} households if it took this grid in.")
BORDERS = terms.key("Meeting the norm here would cost more in old borders than it is worth by the settings.")


def out_of_norm(unit: NestUnit, zone: Ints, base: int) -> list[dict[str, Any]]:
    """Give a record for each zone out of norm: ``grid`` (base + zone), ``weight``, ``message`` (a catalogue key), ``values``.

    zone: each node's zone, numbered from 0.
    """
    graph = unit.graph
    low, high = graph.low, graph.high
    if low <= 0 and np.isinf(high):
        return []
    weight = np.bincount(zone, weights=graph.weight)
    total = float(graph.weight.sum())
    tail = np.repeat(np.arange(len(zone)), np.diff(graph.pointer))
    a, b = zone[tail], zone[graph.neighbour]
    found = []
    for z in np.flatnonzero((weight < low) | (weight > high)):
        mine = zone == z
        near = np.unique(b[(a == z) & (b != z)])
        values: dict[str, Any] = {"nest": unit.nest_id, "low": low, "high": high, "total": round(total, 1)}
        if total < low:
            message = WHOLE_BELOW
        elif np.ceil(total / high) > np.floor(total / low if low else np.inf):
            message = NO_COUNT
        elif weight[z] > high and graph.weight[mine].max() > high:
            message = INDIVISIBLE
            values["largest"] = round(float(graph.weight[mine].max()), 1)
        elif not len(near):
            message = ISOLATED
        elif weight[z] < low and (weight[near] + weight[z] > high).all():
            message = NEIGHBOURS_FULL
        else:
            message = BORDERS
        found.append({"grid": base + int(z), "weight": round(float(weight[z]), 3), "message": message, "values": values})
    return found
