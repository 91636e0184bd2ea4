"""Annealing over partitions into connected zones: shift a node, merge two zones, split one, recombine two.

Every zone that an accepted step visits is kept in a pool; columns.py then picks the best partition out of the pool.
Results depend on the unit, the seed and the number of steps alone, never on the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gridmap.merge.zones import (
    Bits,
    Pool,
    State,
    below,
    clashes,
    collect,
    fill,
    keep,
    move,
    norm_price,
    seen,
    uniform,
    zone_price,
)

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints, Unit

CANDIDATES = 48
"""Tree edges tried as the cut of one recombination."""


@njit(cache=True)
def remember(state: State, unit: Unit, z: int, at: int, kept: Pool, members: Ints, mark: Ints, stamp: Ints) -> None:
    """Keep zone z, which holds node ``at``, in the pool."""
    if kept.slots[seen(kept, state.key[z])] < 0:
        stamp[0] += 1
        length = collect(state, unit, at, members, mark, stamp[0], -1)
        keep(kept, state.key[z], zone_price(state, z, unit), members, length)


@njit(cache=True)
def grow_tree(state: State, unit: Unit, u: int, a: int, b: int, work: Ints, place: Ints, random: Bits) -> int:
    """Grow a random spanning tree over zones a and b from node u, taking cheap-to-cut borders last.

    work[0]: nodes in order; work[1]: each one's parent's place in that order; work[2], work[3]: the frontier.
    place: each node's place in the order, -1 outside. Gives the number of nodes reached.
    """
    work[0, 0] = u
    work[1, 0] = -1
    place[u] = 0
    size, open_ = 1, 0
    fresh = u
    while True:
        for at in range(unit.pointer[fresh], unit.pointer[fresh + 1]):
            v = unit.neighbour[at]
            if place[v] < 0 and (state.zone[v] == a or state.zone[v] == b) and open_ < work.shape[1]:
                work[2, open_] = at
                work[3, open_] = place[fresh]
                open_ += 1
        chosen = -1
        while open_ > 0:
            pick = below(random, open_)
            if place[unit.neighbour[work[2, pick]]] >= 0:  # reached meanwhile by another border
                open_ -= 1
                work[2, pick], work[3, pick] = work[2, open_], work[3, open_]
                continue
            # of two at random, follow the one whose cutting would gain less
            other = below(random, open_)
            if place[unit.neighbour[work[2, other]]] < 0:
                one, two = work[2, pick], work[2, other]
                if unit.inside[two] - 2 * unit.leaving[two] < unit.inside[one] - 2 * unit.leaving[one]:
                    pick = other
            chosen = pick
            break
        if chosen < 0:
            return size
        fresh = unit.neighbour[work[2, chosen]]
        work[0, size] = fresh
        work[1, size] = work[3, chosen]
        place[fresh] = size
        size += 1
        open_ -= 1
        work[2, chosen], work[3, chosen] = work[2, open_], work[3, open_]


@njit(cache=True)
def two_sides(unit: Unit, work: Ints, place: Ints, size: int, side: Ints, label_side: Ints) -> float:
    """Give the cost of the two zones that ``side`` (0 or 1 a place in the tree) makes of the region, but for the norm's."""
    price = 0.0
    for i in range(size):
        u = work[0, i]
        price += unit.fixed[u]
        for at in range(unit.pointer[u], unit.pointer[u + 1]):
            v = unit.neighbour[at]
            if place[v] >= 0 and side[place[v]] == side[i]:
                price += 0.5 * unit.inside[at]
            else:
                price += unit.leaving[at]
        bit = 1 << side[i]
        for at in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
            x = unit.label[at]
            if label_side[x] & bit == 0:
                label_side[x] |= bit
                price += unit.label_price[x]
        for at in range(unit.clash_pointer[u], unit.clash_pointer[u + 1]):
            v = unit.clash[at]
            if place[v] >= 0 and side[place[v]] == side[i]:
                price = np.inf
    for i in range(size):
        u = work[0, i]
        for at in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
            label_side[unit.label[at]] = 0
    return price


@njit(cache=True)
def best_cut(
    unit: Unit, work: Ints, place: Ints, size: int, label_side: Ints, beyond: Floats, most: float, random: Bits
) -> float:  # fmt: skip
    """Find the tree edge whose cut makes the cheapest two zones; leave the sides in work[4]; give their cost.

    beyond: filled with the households from each place in the tree on. Cuts that cost more than ``most`` are none: inf.
    """
    best, at = most, -1
    for i in range(size):
        beyond[i] = unit.weight[work[0, i]]
    for i in range(size - 1, 0, -1):  # a parent stands before its children
        beyond[work[1, i]] += beyond[i]
    tries = min(CANDIDATES, size - 1)
    for k in range(tries):
        cut = 1 + (k if size - 1 <= CANDIDATES else below(random, size - 1))
        norm = norm_price(beyond[cut], unit.low, unit.high, unit.slope, unit.miss)
        norm += norm_price(beyond[0] - beyond[cut], unit.low, unit.high, unit.slope, unit.miss)
        if norm > best:
            continue
        for i in range(size):
            work[5, i] = 1 if i == cut or (i > cut and work[5, work[1, i]] == 1) else 0
        price = norm + two_sides(unit, work, place, size, work[5], label_side)
        if price < best or (at < 0 and price <= best):
            best, at = price, cut
            work[4, :size] = work[5, :size]
    return best if at >= 0 else np.inf


@njit(cache=True)
def anneal(
    unit: Unit, state: State, best: Ints, keys: Bits, kept: Pool, steps: int, hot: float, cold: float, bold: float, random: Bits
) -> float:
    """Anneal from ``state.zone`` for ``steps`` steps, cooling from ``hot`` to ``cold`` metres; give the best cost found.

    bold: share of the steps that recombine or split zones; a quarter as many merge two, the others shift a node.
    best: filled with the best partition. kept: gains every zone visited. random: the generator's state, changed.
    """
    n = len(state.zone)
    work = np.zeros((6, max(4, len(unit.neighbour) + n)), np.int64)
    place = np.full(n, -1, np.int64)
    mark = np.zeros(n, np.int64)
    members = np.zeros(n, np.int64)
    stamp = np.zeros(1, np.int64)
    label_side = np.zeros(max(1, len(unit.label_price)), np.int64)
    beyond = np.zeros(n)
    total = fill(state, unit, keys)
    lowest = total
    best[:] = state.zone
    for u in range(n):
        remember(state, unit, state.zone[u], u, kept, members, mark, stamp)
    if n < 2:
        return lowest
    fading = (cold / hot) ** (1.0 / max(1, steps))
    heat = hot
    for _ in range(steps):
        heat *= fading
        limit = -heat * np.log(max(1e-300, uniform(random)))  # what this step may cost (Metropolis)
        u = below(random, n)
        z = state.zone[u]
        degree = unit.pointer[u + 1] - unit.pointer[u]
        if degree == 0:
            continue
        v = unit.neighbour[unit.pointer[u] + below(random, degree)]
        y = state.zone[v]
        kind = uniform(random)
        if z != y and kind < 1 - 1.25 * bold:  # shift u into the neighbour's zone
            if clashes(state, unit, u, y):
                continue
            before = zone_price(state, z, unit) + zone_price(state, y, unit)
            move(state, unit, u, y, keys)
            after = zone_price(state, y, unit)
            if state.nodes[z] > 0:
                after += zone_price(state, z, unit)
            rest = -1
            if after - before <= limit and state.nodes[z] > 0:  # what is left must hold together
                for at in range(unit.pointer[u], unit.pointer[u + 1]):
                    if state.zone[unit.neighbour[at]] == z:
                        rest = unit.neighbour[at]
                        break
                stamp[0] += 1
                if rest < 0 or collect(state, unit, rest, members, mark, stamp[0], u) != state.nodes[z]:
                    after = np.inf
            if after - before > limit:
                move(state, unit, u, z, keys)
                continue
            total += after - before
            remember(state, unit, y, u, kept, members, mark, stamp)
            if state.nodes[z] > 0:
                remember(state, unit, z, rest, kept, members, mark, stamp)
        elif z != y and kind < 1 - bold:  # merge the smaller zone into the other
            if state.nodes[z] > state.nodes[y]:
                z, y, u = y, z, v
            stamp[0] += 1
            length = collect(state, unit, u, members, mark, stamp[0], -1)
            clash = False
            for i in range(length):
                clash = clash or clashes(state, unit, members[i], y)
            if clash:
                continue
            before = zone_price(state, z, unit) + zone_price(state, y, unit)
            for i in range(length):
                move(state, unit, members[i], y, keys)
            after = zone_price(state, y, unit)
            if after - before > limit:
                for i in range(length):
                    move(state, unit, members[i], z, keys)
                continue
            total += after - before
            remember(state, unit, y, u, kept, members, mark, stamp)
        elif kind >= 1 - bold:  # recombine two zones, or split one
            alone = z == y or kind >= 1 - 0.35 * bold
            if alone:
                if state.nodes[z] < 2:
                    continue
                y = -1
                for empty in range(n):
                    if state.nodes[empty] == 0:
                        y = empty
                        break
                if y < 0:
                    continue
            before = zone_price(state, z, unit) + (0.0 if alone else zone_price(state, y, unit))
            households = state.weight[z] + (0.0 if alone else state.weight[y])
            amiss = max(2 * unit.low - households, households - 2 * unit.high)
            if amiss > 0 and unit.miss + unit.slope * amiss > before + limit:  # however they are shared
                continue
            size = grow_tree(state, unit, u, z, z if alone else y, work, place, random)
            after = best_cut(unit, work, place, size, label_side, beyond, before + limit, random)
            if after - before <= limit:
                total += after - before
                one, two = -1, -1
                for i in range(size):
                    w = work[0, i]
                    to = z if work[4, i] == 0 else y
                    if state.zone[w] != to:
                        move(state, unit, w, to, keys)
                    if work[4, i] == 0:
                        one = w
                    else:
                        two = w
                remember(state, unit, z, one, kept, members, mark, stamp)
                remember(state, unit, y, two, kept, members, mark, stamp)
            for i in range(size):
                place[work[0, i]] = -1
        if total < lowest - 1e-6:
            lowest = total
            best[:] = state.zone
    return lowest


def start(unit: Unit, zone: Ints) -> State:
    """Make a state for ``anneal`` out of each node's zone (numbers below the number of nodes)."""
    n = len(zone)
    floats: list[Floats] = [np.zeros(n) for _ in range(3)]
    return State(
        zone.astype(np.int64),
        np.zeros(n, np.int64),
        floats[0],
        floats[1],
        np.zeros(n, np.uint64),
        np.zeros((n, max(1, len(unit.label_price))), np.int32),
        floats[2],
    )
