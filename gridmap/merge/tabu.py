"""Cheap zones at given prices: a short tabu search around a zone, which finds what the linear program still lacks.

At prices p a node, a zone is worth having when its cost less its nodes' prices, its reduced cost, is below zero. From a seed
zone the search takes in or puts out one node at a time, always the best step that is not taboo, and keeps what it passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gridmap.merge.zones import Bits, Pool, below, keep, norm_price, seen

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints, Unit

TENURE = 4
"""Steps for which a node that was just moved stays where it is, and up to as many again by chance."""


@njit(cache=True)
def _joined(unit: Unit, inside: Ints, members: Ints, size: int, without: int, mark: Ints, stamp: int, queue: Ints) -> bool:
    """Tell whether the zone holds together without one of its nodes."""
    first = members[0] if members[0] != without else members[1]
    queue[0] = first
    mark[first] = stamp
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for at in range(unit.pointer[u], unit.pointer[u + 1]):
            v = unit.neighbour[at]
            if inside[v] == 1 and v != without and mark[v] != stamp:
                mark[v] = stamp
                queue[tail] = v
                tail += 1
    return tail == size - 1


@njit(cache=True)
def around(
    unit: Unit,
    price: Floats,
    cut_pointer: Ints,
    cut: Ints,
    cut_price: Floats,
    seeds: Ints,
    seed_pointer: Ints,
    steps: int,
    threshold: float,
    keys: Bits,
    kept: Pool,
    random: Bits,
) -> None:
    """Search around each seed zone; keep in the pool every zone passed whose reduced cost is below ``threshold``.

    price: a node's. seeds: the nodes of connected zones, one after the other, from ``seed_pointer``. steps: of each search.
    cut_pointer, cut, cut_price: triples and what each costs (see triples). random: the generator's state, changed.
    """
    n = len(unit.weight)
    inside = np.zeros(n, np.int64)
    taboo = np.zeros(n, np.int64)
    links = np.zeros(n, np.int64)  # borders a node shares with the zone
    change = np.zeros(n)  # what a node's borders and fixed cost add when it comes in, or take off when it goes
    touched = np.zeros(max(1, len(unit.label_price)), np.int64)
    clash = np.zeros(n, np.int64)
    met = np.zeros(max(1, len(cut_price)), np.int64)  # nodes of each cut in the zone
    members = np.zeros(n, np.int64)
    place = np.zeros(n, np.int64)
    frontier = np.zeros(n, np.int64)
    front = np.full(n, -1, np.int64)
    mark = np.zeros(n, np.int64)
    queue = np.zeros(n, np.int64)
    base = np.zeros(n)
    for v in range(n):
        base[v] = unit.fixed[v]
        for at in range(unit.pointer[v], unit.pointer[v + 1]):
            base[v] += unit.leaving[at]
    stamp = 0
    for number in range(len(seed_pointer) - 1):
        inside[:] = 0
        taboo[:] = 0
        links[:] = 0
        touched[:] = 0
        clash[:] = 0
        met[:] = 0
        front[:] = -1
        change[:] = base
        size, outer = 0, 0
        weight, cost, paid = 0.0, 0.0, 0.0
        key = np.uint64(0)
        start, end = seed_pointer[number], seed_pointer[number + 1]
        for step in range(end - start + steps):
            if step < end - start:
                chosen = seeds[start + step]
            else:
                # Of all nodes that may come in or go, take the one that leaves the lowest reduced cost.
                norm = norm_price(weight, unit.low, unit.high, unit.slope, unit.miss)
                best, chosen = np.inf, -1
                for i in range(outer):
                    v = frontier[i]
                    if taboo[v] > step or clash[v] > 0:
                        continue
                    gain = change[v] - price[v]
                    for at in range(unit.label_pointer[v], unit.label_pointer[v + 1]):
                        if touched[unit.label[at]] == 0:
                            gain += unit.label_price[unit.label[at]]
                    for at in range(cut_pointer[v], cut_pointer[v + 1]):
                        if met[cut[at]] == 1:
                            gain += cut_price[cut[at]]
                    gain += norm_price(weight + unit.weight[v], unit.low, unit.high, unit.slope, unit.miss) - norm
                    if gain < best:
                        best, chosen = gain, v
                if size > 1:
                    for i in range(size):
                        v = members[i]
                        if taboo[v] > step:
                            continue
                        gain = price[v] - change[v]
                        for at in range(unit.label_pointer[v], unit.label_pointer[v + 1]):
                            if touched[unit.label[at]] == 1:
                                gain -= unit.label_price[unit.label[at]]
                        for at in range(cut_pointer[v], cut_pointer[v + 1]):
                            if met[cut[at]] == 2:
                                gain -= cut_price[cut[at]]
                        gain += norm_price(weight - unit.weight[v], unit.low, unit.high, unit.slope, unit.miss) - norm
                        if gain < best:
                            stamp += 1
                            if links[v] == 1 or _joined(unit, inside, members, size, v, mark, stamp, queue):
                                best, chosen = gain, v
                if chosen < 0:
                    break
            u = chosen
            if inside[u] == 0:
                cost += change[u]
                paid += price[u]
                weight += unit.weight[u]
                inside[u] = 1
                place[u] = size
                members[size] = u
                size += 1
                if front[u] >= 0:
                    outer -= 1
                    frontier[front[u]] = frontier[outer]
                    front[frontier[outer]] = front[u]
                    front[u] = -1
                for at in range(unit.pointer[u], unit.pointer[u + 1]):
                    v = unit.neighbour[at]
                    links[v] += 1
                    change[v] += unit.inside[at] - 2 * unit.leaving[at]
                    if inside[v] == 0 and front[v] < 0:
                        front[v] = outer
                        frontier[outer] = v
                        outer += 1
                for at in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
                    x = unit.label[at]
                    if touched[x] == 0:
                        cost += unit.label_price[x]
                    touched[x] += 1
                for at in range(cut_pointer[u], cut_pointer[u + 1]):
                    met[cut[at]] += 1
                    if met[cut[at]] == 2:
                        paid -= cut_price[cut[at]]
                for at in range(unit.clash_pointer[u], unit.clash_pointer[u + 1]):
                    clash[unit.clash[at]] += 1
            else:
                cost -= change[u]
                paid -= price[u]
                weight -= unit.weight[u]
                inside[u] = 0
                size -= 1
                members[place[u]] = members[size]
                place[members[size]] = place[u]
                for at in range(unit.pointer[u], unit.pointer[u + 1]):
                    v = unit.neighbour[at]
                    links[v] -= 1
                    change[v] -= unit.inside[at] - 2 * unit.leaving[at]
                    if inside[v] == 0 and links[v] == 0:
                        outer -= 1
                        frontier[front[v]] = frontier[outer]
                        front[frontier[outer]] = front[v]
                        front[v] = -1
                front[u] = outer
                frontier[outer] = u
                outer += 1
                for at in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
                    x = unit.label[at]
                    touched[x] -= 1
                    if touched[x] == 0:
                        cost -= unit.label_price[x]
                for at in range(cut_pointer[u], cut_pointer[u + 1]):
                    met[cut[at]] -= 1
                    if met[cut[at]] == 1:
                        paid += cut_price[cut[at]]
                for at in range(unit.clash_pointer[u], unit.clash_pointer[u + 1]):
                    clash[unit.clash[at]] -= 1
            key ^= keys[u]
            taboo[u] = step + 1 + TENURE + below(random, TENURE) if step >= end - start else 0
            if step < end - start - 1:
                continue
            whole = cost + norm_price(weight, unit.low, unit.high, unit.slope, unit.miss)
            if whole - paid < threshold and kept.slots[seen(kept, key)] < 0:
                keep(kept, key, whole, members, size)
