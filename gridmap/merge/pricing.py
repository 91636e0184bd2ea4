"""Every connected zone whose reduced cost is low enough, by branch and bound: what proves that no better plan exists.

A zone grows from its first node; each node next to it is taken in, or left out for good. A branch is cut when even the best
its free ground could add leaves the reduced cost too high. That ground's profit is bounded by a relaxation: each free node
earns its price less what its borders cost at the least, and households above the norm's room are charged λ each, for any
λ from 0 up to the objective's own charge.
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
def low_zones(
    unit: Unit, price: Floats, cut_pointer: Ints, cut: Ints, charge: Floats, threshold: float, most_zones: int,
    most_visits: int, rates: Floats, keys: Bits, kept: Pool,
) -> tuple[bool, int, int]:  # fmt: skip
    """Keep in the pool every connected zone whose reduced cost is below ``threshold``.

    price, cut_pointer, cut, charge: what the nodes are worth and what each triple costs (see master). rates: the λ tried.
    Returns whether these are all of them (the search ended within ``most_zones`` and ``most_visits``), how many there are,
    and the visits made.
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
    members = np.zeros(n, np.int64)
    for root in range(n):
        state[:] = FREE
        state[:root] = OUT
        touched[:] = 0
        met[:] = 0
        options[0, 0] = root
        count[0] = 1
        at[0] = 0
        level = 0
        while level >= 0:
            if at[level] > 0:  # the option just explored is left out from here on
                u = options[level, at[level] - 1]
                if state[u] == IN:
                    for k in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
                        touched[unit.label[k]] -= 1
                    for k in range(cut_pointer[u], cut_pointer[u + 1]):
                        met[cut[k]] -= 1
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
            for k in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
                touched[unit.label[k]] += 1
            for k in range(cut_pointer[u], cut_pointer[u + 1]):
                met[cut[k]] += 1
            # The zone as it stands, and the least that any zone grown from it costs before its free ground is counted.
            weight, paid, whole, least = 0.0, 0.0, 0.0, 0.0
            key = np.uint64(0)
            for v in range(root, n):
                if state[v] != IN:
                    continue
                key ^= keys[v]
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
            for x in range(len(unit.label_price)):
                if touched[x] > 0:
                    whole += unit.label_price[x]
                    least += unit.label_price[x]
            for x in range(len(charge)):
                if met[x] > 1:
                    paid -= charge[x]
            room = unit.high - weight
            if weight < unit.low:
                whole += unit.miss + unit.slope * (unit.low - weight)
            elif room < 0:
                whole += unit.miss - unit.slope * room
                least += unit.miss - unit.slope * room
                room = 0.0
            if whole - paid < threshold:
                if found == most_zones:
                    return False, found, visits
                found += 1
                if kept.slots[seen(kept, key)] < 0:
                    size = 0
                    for v in range(root, n):
                        if state[v] == IN:
                            members[size] = v
                            size += 1
                    keep(kept, key, whole, members, size)
            for v in range(root, n):
                if state[v] != FREE:
                    continue
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
                gain -= link
                profit[v] = gain
            best = np.inf
            for rate in rates:
                most = rate * room if rate > 0 else 0.0
                for v in range(root, n):
                    if state[v] == FREE:
                        most += max(0.0, profit[v] - rate * unit.weight[v])
                best = min(best, most)
            fresh = 0
            if least - paid - best < threshold:
                for v in range(root, n):
                    if state[v] == FREE:
                        for k in range(unit.pointer[v], unit.pointer[v + 1]):
                            if state[unit.neighbour[k]] == IN:
                                options[level + 1, fresh] = v
                                fresh += 1
                                break
            level += 1
            count[level] = fresh
            at[level] = 0
    return True, found, visits
