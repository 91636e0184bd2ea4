"""Why a grid misses the norm, in words: each reason is a catalogue key with its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridmap import terms
from gridmap.merge import search, zones

if TYPE_CHECKING:
    from gridmap.merge.nodes import NestUnit
    from gridmap.merge.objective import Ints, Unit

HOUSEHOLDS, AREA = terms.key("households"), terms.key("m²")
"""What a norm counts: without households, a grid's weight is its area."""

WHOLE_BELOW = terms.key("The whole of {nest} has {total} {unit}, below the norm's {low}.")
NO_COUNT = terms.key("{total} {unit} of {nest} cannot be shared among any number of grids of {low} to {high}.")
COMPOUND = terms.key("{compound} alone has {largest} {unit}, more than the norm's {high}, and is never cut.")
PINNED = terms.key("Ground that was pinned together has {largest} {unit}, more than the norm's {high}.")
UNCUT = terms.key("One piece has {largest} {unit}, more than the norm's {high}, and no border to cut it along was given.")
ISOLATED = terms.key("The ground touches no other ground of {nest}.")
NO_ROOM = terms.key("No neighbour can take it in, or spare it a piece, without leaving the norm itself.")
NO_PIECE = terms.key("No piece can go to a neighbour without one of the two leaving the norm.")
MERGE = terms.key(
    "Joining it with the neighbour of {piece} {unit} would meet the norm but be {metres} m dearer at these prices."
)
TAKE = terms.key(
    "Taking a piece of {piece} {unit} from a neighbour would meet the norm but be {metres} m dearer at these prices."
)
GIVE = terms.key(
    "Giving a piece of {piece} {unit} to a neighbour would meet the norm but be {metres} m dearer at these prices."
)


class Way(NamedTuple):
    """One change that would bring a grid into the norm and no other out of it: what it costs, what it is, what moves."""

    metres: float
    message: str
    piece: float


def out_of_norm(
    unit: NestUnit, zone: Ints, base: int, *, compounds: np.ndarray | None = None, counted: str = HOUSEHOLDS
) -> list[dict[str, Any]]:
    """Give a record for each zone out of norm: ``grid`` (base + zone), ``weight``, ``message`` (a catalogue key), ``values``.

    zone: each node's zone, numbered from 0. compounds: the compound of each of the plan's atoms, or None. counted: the
    catalogue key of what the norm counts, which is among the values as ``unit``. Where one change of a single piece, or the
    union with one neighbour, would have met the norm, the reason is what the cheapest of these would have cost.
    """
    graph = unit.graph
    low, high = graph.low, graph.high
    if low <= 0 and np.isinf(high):
        return []
    weight = np.bincount(zone, weights=graph.weight)
    missed = np.flatnonzero((weight < low) | (weight > high))
    if not len(missed):
        return []
    total = float(graph.weight.sum())
    found = []
    for z in missed:
        mine = np.flatnonzero(zone == z)
        heaviest = int(mine[np.argmax(graph.weight[mine])])
        values: dict[str, Any] = {"nest": unit.nest_id, "low": _plain(low), "high": _plain(high), "total": _plain(total),
                                  "unit": counted}  # fmt: skip
        if total < low:
            message = WHOLE_BELOW
        elif weight[z] > high and graph.weight[heaviest] > high:
            message, more = _one_piece(unit, heaviest, compounds)
            values |= {"largest": _plain(float(graph.weight[heaviest])), **more}
        elif np.ceil(total / high) > np.floor(total / low if low else np.inf):
            message = NO_COUNT
        elif not (zone[graph.neighbour[_around(graph, mine)]] != z).any():
            message = ISOLATED
        else:
            way = _cheapest(graph, zone, int(z), weight)
            message = way.message if way else NO_ROOM if weight[z] < low else NO_PIECE
            values |= {"piece": _plain(way.piece), "metres": max(0, round(way.metres))} if way else {}
        found.append({"grid": base + int(z), "weight": round(float(weight[z]), 3), "message": message, "values": values})
    return found


def _one_piece(unit: NestUnit, node: int, compounds: np.ndarray | None) -> tuple[str, dict[str, Any]]:
    """Say why a node above the norm is one: a compound, ground pinned together, or an atom that nothing parts."""
    atoms = unit.atoms[unit.node == node]
    names = set() if compounds is None else {str(name) for name in compounds[atoms] if isinstance(name, str)}
    if len(names) == 1:
        return COMPOUND, {"compound": names.pop()}
    return (PINNED if len(atoms) > 1 else UNCUT), {}


def _cheapest(graph: Unit, zone: Ints, z: int, weight: np.ndarray) -> Way | None:
    """Find the cheapest change of one piece, or union with one neighbour, that brings zone z into the norm and none out."""
    n = len(zone)
    keys = np.zeros(n, np.uint64)
    state = search.start(graph, zone)
    zones.fill(state, graph, keys)
    members, mark = np.zeros(n, np.int64), np.zeros(n, np.int64)
    mine = np.flatnonzero(zone == z)
    ways = []

    def fits(w: float, was: float) -> bool:
        return graph.low <= w <= graph.high or _missed(graph, w) <= _missed(graph, was)

    def consider(nodes: list[int], to: int, message: str, piece: float) -> None:
        if any(zones.clashes(state, graph, u, to) for u in nodes):
            return
        home = int(state.zone[nodes[0]])
        before = zones.zone_price(state, home, graph) + zones.zone_price(state, to, graph)
        for u in nodes:
            zones.move(state, graph, u, to, keys)
        after = zones.zone_price(state, to, graph) + (zones.zone_price(state, home, graph) if state.nodes[home] else 0.0)
        for u in nodes:
            zones.move(state, graph, u, home, keys)
        ways.append(Way(float(after - before), message, piece))

    def splits(node: int) -> bool:
        """Tell whether the rest of a node's zone falls apart, or is nothing."""
        rest = [int(v) for v in graph.neighbour[graph.pointer[node] : graph.pointer[node + 1]] if zone[v] == zone[node]]
        mark[:] = 0
        return not rest or zones.collect(state, graph, rest[0], members, mark, 1, node) != (zone == zone[node]).sum() - 1

    near = {(int(v), int(u)) for u in mine for v in graph.neighbour[graph.pointer[u] : graph.pointer[u + 1]] if zone[v] != z}
    if weight[z] < graph.low:
        for y in sorted({int(zone[v]) for v, _ in near}):
            if graph.low <= weight[z] + weight[y] <= graph.high:
                consider(mine.tolist(), y, MERGE, float(weight[y]))
        for v in sorted({v for v, _ in near}):
            y, w = int(zone[v]), float(graph.weight[v])
            if graph.low <= weight[z] + w <= graph.high and fits(weight[y] - w, weight[y]) and not splits(v):
                consider([v], z, TAKE, w)
    else:
        for y, u in sorted({(int(zone[v]), u) for v, u in near}):
            w = float(graph.weight[u])
            if graph.low <= weight[z] - w <= graph.high and fits(weight[y] + w, weight[y]) and not splits(u):
                consider([u], y, GIVE, w)
    return min(ways, default=None)


def _missed(graph: Unit, weight: float) -> float:
    return max(graph.low - weight, weight - graph.high, 0.0)


def _around(graph: Unit, nodes: Ints) -> Ints:
    """Give the places of the nodes' borders in the graph."""
    return np.concatenate([np.arange(graph.pointer[u], graph.pointer[u + 1]) for u in nodes])


def _plain(value: float) -> float:
    """Give a figure as one would write it: whole where it is."""
    rounded = round(float(value), 1)
    return int(rounded) if rounded.is_integer() else rounded
