"""Atoms as the search sees them: for each nest unit a graph of nodes, each one atom or several that stay together."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.errors import MergeError
from gridmap.merge import borders
from gridmap.merge.objective import Floats, Ints, Objective, Unit, grain
from gridmap.merge.pins import Pin, Rules, join, rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

NOT_LAYERS = ("nest_id", "geometry", "weight", "unit_id", "grid_code")
"""Columns of atoms that are not a layer's."""


@dataclass(frozen=True)
class NestUnit:
    """One nest unit: its id, its atoms by position, each atom's node, and the graph of nodes."""

    nest_id: str
    atoms: Ints
    node: Ints
    graph: Unit


def layer_names(atoms: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Give the layers' columns, in the frame's order."""
    return tuple(str(column) for column in atoms.columns if column not in NOT_LAYERS)


def order(atoms: gpd.GeoDataFrame, layers: Sequence[str], weight: Floats) -> Ints:
    """Give positions in an order that depends on what the atoms are, not on how they are listed nor where they lie."""
    box = atoms.geometry.bounds.to_numpy()
    keys = [box[:, 1], box[:, 0], np.round(atoms.geometry.area.to_numpy(), 1), np.round(weight, 3)]
    keys += [pd.factorize(atoms[layer].astype("string").fillna(""), sort=True)[0] for layer in reversed(layers)]
    return np.lexsort([*keys, pd.factorize(atoms["nest_id"].astype("string"), sort=True)[0]])


def nest_units(
    atoms: gpd.GeoDataFrame, weight: Floats, *, norm: tuple[float, float] | None, settings: Objective, pins: Sequence[Pin],
    barriers: gpd.GeoDataFrame | None,
) -> list[NestUnit]:  # fmt: skip
    """Build the graph of every nest unit, in the order of their ids.

    atoms: a valid coverage with a column a layer, ``nest_id`` and, where units must stay whole, ``unit_id``.
    Raises MergeError for pins that cannot be kept.
    """
    layers = layer_names(atoms)
    ranked = order(atoms, layers, weight)
    nest = atoms["nest_id"].astype(str).to_numpy()
    rank = np.empty(len(atoms), np.int64)
    rank[ranked] = np.arange(len(atoms))
    ruled = rules(pins, nest=list(nest))
    codes = np.column_stack([pd.factorize(atoms[layer].astype("string"), sort=True)[0] for layer in layers] or [rank * 0])
    shares = settings.shares(layers) if layers else np.zeros(1)
    one, two, inside, leaving = _edges(atoms, pd.factorize(nest)[0], codes, shares, settings, barriers)
    units = atoms["unit_id"].to_numpy() if "unit_id" in atoms.columns else np.full(len(atoms), None)
    found = []
    cuts = np.flatnonzero(np.append(True, nest[ranked][1:] != nest[ranked][:-1]))
    home = np.searchsorted(cuts, rank[one], side="right") - 1
    for number, (first, last) in enumerate(itertools.pairwise([*cuts.tolist(), len(atoms)])):
        here = ranked[first:last]
        at = home == number
        local = (rank[one[at]] - first, rank[two[at]] - first)
        found.append(
            _nest_unit(
                str(nest[here[0]]),
                here,
                local[0],
                local[1],
                inside[at],
                leaving[at],
                weight[here],
                codes[here],
                shares,
                units[here],
                _local(ruled, rank, first, last),
                norm,
                settings,
            )
        )
    return found


def _edges(
    atoms: gpd.GeoDataFrame, nest: Ints, codes: Ints, shares: Floats, settings: Objective, barriers: gpd.GeoDataFrame | None
) -> tuple[Ints, Ints, Floats, Floats]:
    """Give each pair of atoms of a nest unit that touch along a line, and what their border costs inside a zone and between."""
    segments = borders.shared_segments(atoms.geometry.to_numpy())
    same = nest[segments.one] == nest[segments.two]
    segments = borders.Segments(segments.one[same], segments.two[same], segments.ends[same])
    length = borders.lengths(segments)
    differs = (codes[segments.one] != codes[segments.two]) @ shares
    wanted = settings.beta * differs
    if barriers is not None and len(barriers):
        if barriers.crs != atoms.crs:
            raise MergeError("The barriers are in another coordinate system ({one}) than the layers ({two}).",
                             one=str(barriers.crs), two=str(atoms.crs))  # fmt: skip
        own = barriers["weight"] if "weight" in barriers.columns else pd.Series(np.nan, index=barriers.index)
        there = (barriers.geometry.notna() & ~barriers.geometry.is_empty).to_numpy()
        weights = pd.to_numeric(own, errors="coerce").fillna(settings.barrier).to_numpy(float)[there]
        lines = borders.as_lines(barriers.geometry.to_numpy())
        wanted = np.maximum(wanted, borders.along(segments, lines, weights, within_m=settings.barrier_within_m))
    one, two, metres, inside, leaving = _pairs(segments.one, segments.two, length, length * wanted,
                                               length * (1 - np.minimum(1.0, wanted)) / 2)  # fmt: skip
    kept = grain(metres) > 0
    return one[kept], two[kept], grain(inside[kept]), grain(leaving[kept])


def _pairs(one: Ints, two: Ints, *values: Floats) -> tuple[Any, ...]:
    """Give each pair of numbers once, in order, and the sum of each of ``values`` over all its rows."""
    pair, which = np.unique(one << 32 | two, return_inverse=True)
    return (pair >> 32, pair & 0xFFFFFFFF, *(np.bincount(which, value, minlength=len(pair)) for value in values))


def _local(ruled: Rules, rank: Ints, first: int, last: int) -> Rules:
    """Give the rules of the atoms ranked first to last, in terms of their places in that order."""

    def here(group: tuple[int, ...]) -> bool:
        return bool(first <= rank[group[0]] < last)

    def place(group: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(int(rank[atom]) - first for atom in group))

    return Rules(
        tuple(sorted(place(group) for group in ruled.groups if here(group))),
        tuple(sorted((int(rank[a]) - first, int(rank[b]) - first) for a, b in ruled.apart if here((a, b)))),
        tuple(sorted(place(group) for group in ruled.locked if here(group))),
    )


def _nest_unit(
    nest_id: str, atoms: Ints, one: Ints, two: Ints, inside: Floats, leaving: Floats, weight: Floats, codes: Ints,
    shares: Floats, units: np.ndarray, ruled: Rules, norm: tuple[float, float] | None, settings: Objective,
) -> NestUnit:  # fmt: skip
    """Fuse what must stay together, then lay the graph out in flat arrays."""
    n = len(atoms)
    node = _fuse(nest_id, n, one, two, units, ruled)
    count = int(node.max()) + 1
    locked = np.zeros(count, bool)
    for group in ruled.locked:
        locked[node[group[0]]] = True
        if (node == node[group[0]]).sum() != len(group):
            raise MergeError("A locked grid of {nest} would have to take in other ground.", nest=nest_id)
    a, b = node[one], node[two]
    fixed = np.zeros(count)
    within = a == b
    np.add.at(fixed, a[within], inside[within])
    shut = ~within & (locked[a] | locked[b])  # a locked grid's borders stay borders
    np.add.at(fixed, a[shut], leaving[shut])
    np.add.at(fixed, b[shut], leaving[shut])
    open_ = ~within & ~shut
    a, b, inside, leaving = _pairs(np.append(a[open_], b[open_]), np.append(b[open_], a[open_]), np.tile(inside[open_], 2),
                                   np.tile(leaving[open_], 2))  # fmt: skip
    heavy = np.zeros(count)
    np.add.at(heavy, node, grain(weight))
    touch, names = _touched(node, codes)
    price = grain(settings.touch_m * shares[names[:, 0]]) if len(names) else np.zeros(0)
    clash = {(int(node[x]), int(node[y])) for x, y in ruled.apart}
    if any(x == y for x, y in clash):
        raise MergeError("In {nest} the pins want the same ground both together and apart.", nest=nest_id)
    pairs = np.array(sorted(clash | {(y, x) for x, y in clash}), np.int64).reshape(-1, 2)
    low, high = norm or (0.0, np.inf)
    middle = (low + high) / 2
    return NestUnit(
        nest_id, atoms, node,
        Unit(
            _pointer(a, count), b, inside, leaving, heavy, fixed, _pointer(touch[:, 0], count), touch[:, 1].copy(), price,
            _pointer(pairs[:, 0], count), pairs[:, 1].copy(), float(low), float(high),
            100 * settings.outside_m / middle if norm else 0.0, settings.miss_m,
        ),
    )  # fmt: skip


def zones_named(unit: NestUnit, names: np.ndarray) -> Ints:
    """Give each node's zone in a plan that names a grid for every atom: in pieces where the pins or the ground part a grid."""
    graph = unit.graph
    count = len(graph.weight)
    first = np.unique(unit.node, return_index=True)[1]
    named = pd.factorize(pd.Series(names[unit.atoms[first]], dtype=object).fillna(""))[0]
    tail = np.repeat(np.arange(count), np.diff(graph.pointer))
    parted = np.repeat(np.arange(count), np.diff(graph.clash_pointer))
    alone = np.zeros(count, bool)
    while True:
        joined = (named[tail] == named[graph.neighbour]) & ~alone[tail] & ~alone[graph.neighbour]
        zone = _by_first(_components(count, tail[joined], graph.neighbour[joined]))
        clash = np.flatnonzero((zone[parted] == zone[graph.clash]) & (parted > graph.clash))
        if not len(clash):
            return zone
        alone[parted[clash]] = True


def _fuse(nest_id: str, n: int, one: Ints, two: Ints, units: np.ndarray, ruled: Rules) -> Ints:
    """Give each atom's node: atoms of one indivisible unit that touch, and atoms pinned together, share one."""
    owner = np.array([str(unit) if isinstance(unit, str) or (unit is not None and unit == unit) else "" for unit in units])  # noqa: PLR0124 - NaN is not itself
    whole = (owner[one] == owner[two]) & (owner[one] != "")
    node = _components(n, one[whole], two[whole])
    for group in sorted(ruled.groups):
        count = int(node.max()) + 1
        a, b = node[one], node[two]
        pointer, neighbour = _graph(count, a, b)
        wanted = sorted(set(node[list(group)].tolist()))
        # First go round all ground that is pinned at all; if that is no way, round one side of what is kept apart.
        joined = None
        for avoided in ((0, 1), (0,), (1,), ()):
            closed = np.zeros(count, np.int64)
            for other in ruled.groups if len(avoided) == 2 else ruled.locked:
                if other != group:
                    closed[node[list(other)]] = 1
            for pair in ruled.apart:
                x, y = node[list(pair)]
                closed[[(x, y)[side] for side in avoided]] = 1
                if x in wanted or y in wanted:
                    closed[[x, y]] = 1
            joined = joined or join(wanted, pointer=pointer, neighbour=neighbour, closed=closed)
        if joined is None:
            raise MergeError(
                "Atoms pinned together in {nest} cannot be joined without crossing ground pinned elsewhere.", nest=nest_id
            )
        links = np.array(joined, np.int64)
        merged = _components(count, links[:-1] * 0 + links[0], links[1:])
        node = merged[node]
    return _by_first(node)


def _components(n: int, one: Ints, two: Ints) -> Ints:
    return np.asarray(
        connected_components(coo_array((np.ones(len(one)), (one, two)), shape=(n, n)), directed=False)[1], np.int64
    )


def _by_first(node: Ints) -> Ints:
    """Renumber nodes by their first atom."""
    _, first, inverse = np.unique(node, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse]


def _graph(count: int, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    pairs = np.unique(np.column_stack([np.append(a, b), np.append(b, a)]), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return _pointer(pairs[:, 0], count), pairs[:, 1]


def _pointer(sorted_keys: np.ndarray, count: int) -> Ints:
    return np.searchsorted(sorted_keys, np.arange(count + 1)).astype(np.int64)


def _touched(node: Ints, codes: Ints) -> tuple[Ints, Ints]:
    """Give pairs (node, old grid) without repeats, and each old grid's (layer, code)."""
    layer = np.tile(np.arange(codes.shape[1]), len(node))
    flat = codes.ravel()
    there = flat >= 0
    names, which = np.unique(np.column_stack([layer[there], flat[there]]), axis=0, return_inverse=True)
    pairs = np.unique(np.column_stack([np.repeat(node, codes.shape[1])[there], which.ravel()]), axis=0)
    return pairs.astype(np.int64).reshape(-1, 2), names
