"""Every connected zone whose reduced cost is low enough, by branch and bound: what proves that no better plan exists.

A zone grows from its first node; each node next to it is taken in, or left out for good. A branch is cut when even the best
its free ground could add leaves the reduced cost too high. That ground's profit is bounded by a relaxation: each free node
earns its price less what its borders cost at the least, one of them being a border inside the zone, for a zone is in one
piece; and households above the norm's room are charged λ each, for any λ from 0 up to the objective's own charge. Ground is
free only where a chain of free nodes leads to it whose households the zone has room for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gridmap.merge.zones import Bits, Pool, keep, seen

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints, Unit

FREE, IN, OUT = 0, 1, 2


@njit(cache=True)
def _profit(unit: Unit, price: Floats, state: Ints, v: int) -> float:
    """Give the most that free node v can add to a zone, before its households are charged."""
    gain = price[v] - unit.fixed[v]
    link = np.inf  # the least that a border to a node that is in or free costs more than counted here
    for k in range(unit.pointer[v], unit.pointer[v + 1]):
        other = state[unit.neighbour[k]]
        if other == FREE:
            half = min(0.5 * unit.inside[k], unit.leaving[k])
            gain -= half
            link = min(link, unit.inside[k] - 2 * half)
        elif other == OUT:
            gain -= unit.leaving[k]
        else:
            gain -= unit.inside[k] - min(unit.inside[k], unit.leaving[k])
            link = 0.0
    return float(gain - link)


@njit(cache=True)
def _reach(unit: Unit, state: Ints, zone: Ints, size: int, limit: float, chain: Floats, ground: Ints) -> int:
    """Walk the free ground around a zone; ``chain`` gets the least households of a chain that leads to each node.

    Nodes to which every chain has more than ``limit`` households are not walked. Returns how many nodes ``ground`` got.
    """
    count, head = 0, 0
    for i in range(size):
        u = zone[i]
        for k in range(unit.pointer[u], unit.pointer[u + 1]):
            v = unit.neighbour[k]
            if state[v] == FREE and chain[v] == np.inf and unit.weight[v] <= limit:
                chain[v] = unit.weight[v]
                ground[count] = v
                count += 1
    again = True
    while again:  # a chain found later may be lighter: go round until none is
        again = False
        head = 0
        while head < count:
            u = ground[head]
            head += 1
            for k in range(unit.pointer[u], unit.pointer[u + 1]):
                v = unit.neighbour[k]
                if state[v] != FREE:
                    continue
                through = chain[u] + unit.weight[v]
                if through > limit or through >= chain[v]:
                    continue
                if chain[v] == np.inf:
                    ground[count] = v
                    count += 1
                else:
                    again = True
                chain[v] = through
    return count


@njit(cache=True)
def low_zones(
    unit: Unit, price: Floats, cut_pointer: Ints, cut: Ints, charge: Floats, threshold: float, most_zones: int,
    most_visits: int, rates: Floats, order: Ints, keys: Bits, kept: Pool,
) -> tuple[bool, int, int]:  # fmt: skip
    """Keep in the pool every connected zone whose reduced cost is below ``threshold``.

    price, cut_pointer, cut, charge: what the nodes are worth and what each triple costs (see master). rates: the λ tried.
    order: the nodes, in the order in which zones begin. Returns whether these are all of them (the search ended within
    ``most_zones`` and ``most_visits``), how many there are, and the visits made.
    """
    n = len(unit.weight)
    found, visits = 0, 0
    state = np.zeros(n, np.int64)
    touched = np.zeros(max(1, len(unit.label_price)), np.int64)
    met = np.zeros(max(1, len(charge)), np.int64)
    options = np.zeros((n + 2, n), np.int64)
    count = np.zeros(n + 2, np.int64)
    at = np.zeros(n + 2, np.int64)
    profit = np.zeros(n)
    chain = np.full(n, np.inf)
    ground = np.zeros(n, np.int64)
    zone = np.zeros(n + 1, np.int64)
    names, charged = 0.0, 0.0
    for first in range(n):
        state[:] = FREE
        for i in range(first):
            state[order[i]] = OUT
        options[0, 0] = order[first]
        count[0] = 1
        at[0] = 0
        level = 0
        while level >= 0:
            if at[level] > 0:  # the option just explored is left out from here on
                u = options[level, at[level] - 1]
                if state[u] == IN:
                    for k in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
                        touched[unit.label[k]] -= 1
                        if touched[unit.label[k]] == 0:
                            names -= unit.label_price[unit.label[k]]
                    for k in range(cut_pointer[u], cut_pointer[u + 1]):
                        met[cut[k]] -= 1
                        if met[cut[k]] == 1:
                            charged -= charge[cut[k]]
                state[u] = OUT
            if at[level] == count[level]:
                for i in range(count[level]):
                    state[options[level, i]] = FREE
                level -= 1
                continue
            u = options[level, at[level]]
            at[level] += 1
            clash = False
            for k in range(unit.clash_pointer[u], unit.clash_pointer[u + 1]):
                clash = clash or state[unit.clash[k]] == IN
            if clash:
                continue
            visits += 1
            if visits > most_visits:
                return False, found, visits
            state[u] = IN
            zone[level] = u
            size = level + 1
            for k in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
                if touched[unit.label[k]] == 0:
                    names += unit.label_price[unit.label[k]]
                touched[unit.label[k]] += 1
            for k in range(cut_pointer[u], cut_pointer[u + 1]):
                met[cut[k]] += 1
                if met[cut[k]] == 2:
                    charged += charge[cut[k]]
            # The zone as it stands, and the least that any zone grown from it costs before its free ground is counted.
            weight, paid = 0.0, -charged
            whole, least = 0.0, names
            for i in range(size):
                v = zone[i]
                weight += unit.weight[v]
                paid += price[v]
                whole += unit.fixed[v]
                least += unit.fixed[v]
                for k in range(unit.pointer[v], unit.pointer[v + 1]):
                    other = state[unit.neighbour[k]]
                    if other == IN:
                        whole += 0.5 * unit.inside[k]
                        least += 0.5 * unit.inside[k]
                    else:
                        whole += unit.leaving[k]
                        least += unit.leaving[k] if other == OUT else min(unit.leaving[k], unit.inside[k])
            for k in range(len(unit.label_price)):  # summed afresh, so that a zone's cost is exact
                if touched[k] > 0:
                    whole += unit.label_price[k]
            room = unit.high - weight
            missed = room < 0
            if weight < unit.low:
                whole += unit.miss + unit.slope * (unit.low - weight)
            elif missed:
                whole += unit.miss - unit.slope * room
                least += unit.miss - unit.slope * room
                room = 0.0
            if whole - paid < threshold:
                if found == most_zones:
                    return False, found, visits
                found += 1
                key = np.uint64(0)
                for i in range(size):
                    key ^= keys[zone[i]]
                if kept.slots[seen(kept, key)] < 0:
                    keep(kept, key, whole, zone, size)
            need = least - paid - threshold  # what the free ground must bring
            reached = _reach(unit, state, zone, size, np.inf, chain, ground)
            free = 0.0
            for i in range(reached):
                profit[ground[i]] = _profit(unit, price, state, ground[i])
                free += unit.weight[ground[i]]
            alive = True
            for turn in range(2):
                best, rate_best = np.inf, 0.0
                for rate in rates:
                    most = rate * room if rate > 0 else 0.0
                    for i in range(reached):
                        v = ground[i]
                        if chain[v] < np.inf:
                            most += max(0.0, profit[v] - rate * unit.weight[v])
                    if most < best:
                        best, rate_best = most, rate
                if weight + free < unit.low:
                    best -= unit.miss + unit.slope * (unit.low - weight - free)
                if best <= need:
                    alive = False
                    break
                if turn == 0 and unit.slope > rate_best:
                    # Ground that only chains beyond this many households lead to would cost more than it could bring.
                    limit = room + max(0.0, best - need - (0.0 if missed else unit.miss)) / (unit.slope - rate_best)
                    for i in range(reached):
                        if chain[ground[i]] > limit:
                            free -= unit.weight[ground[i]]
                            chain[ground[i]] = np.inf
            fresh = 0
            if alive:
                for i in range(reached):
                    v = ground[i]
                    near = False
                    if chain[v] < np.inf:
                        for k in range(unit.pointer[v], unit.pointer[v + 1]):
                            near = near or state[unit.neighbour[k]] == IN
                    if near:  # the most profitable first: without it, the rest is soon cut
                        place = fresh
                        while place > 0 and profit[options[level + 1, place - 1]] < profit[v]:
                            options[level + 1, place] = options[level + 1, place - 1]
                            place -= 1
                        options[level + 1, place] = v
                        fresh += 1
            for i in range(reached):
                chain[ground[i]] = np.inf
            level += 1
            count[level] = fresh
            at[level] = 0
    return True, found, visits
