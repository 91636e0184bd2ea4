"""Every connected zone whose reduced cost is low enough, out of a unit's diagram: what proves that no better plan exists.

A zone's reduced cost is what its path costs less its nodes' prices, and what its households cost by the norm. The first part
is a shortest path. For the second each household is charged a rate λ along the way, for several λ, negative ones too: since
N(h) ≥ λ·h + min over k of (N(k) − λ·k), each λ bounds from below what any way to go on from a state comes to. A way is given up
where one of these bounds says that it cannot come low enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gridmap.merge.diagram import DONE, NOWHERE
from gridmap.merge.zones import Bits, Pool, keep, norm_price, seen

if TYPE_CHECKING:
    from gridmap.merge.diagram import Diagram
    from gridmap.merge.objective import Floats, Ints, Unit

SHARES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.015)
"""The rates tried, in shares of what the norm itself charges a household."""


STEPS = 40
"""Steps of households by which ways to go on are told apart, where bounds by rates alone give up too little."""

BEYOND = 1.3
"""How far those steps reach, in the norm's upper figures."""


def rates(unit: Unit) -> Floats:
    """Give the rates λ that a unit's bounds are worked out for."""
    if not np.isfinite(unit.high) or unit.slope == 0:
        return np.zeros(1)
    shares = np.array(SHARES)
    return np.asarray(unit.slope * np.concatenate([[0.0], shares, -shares]))


@njit(cache=True)
def _rest(weight: float, rate: float, low: float, high: float, slope: float, miss: float) -> float:
    """Give the least of N(h) − rate·h over all h from ``weight`` up."""
    if weight > high:
        return miss + slope * (weight - high) - rate * weight
    if not np.isfinite(high):
        return 0.0  # without a norm the only rate is 0
    least: float = -rate * (high if rate > 0 else max(weight, low))
    if weight < low:
        least = min(least, miss + slope * (low - weight) - rate * weight)
    return least


@njit(cache=True)
def bounds(unit: Unit, diagram: Diagram, price: Floats, charge: Floats, rates: Floats, extra: Floats, lowest: Floats) -> float:
    """Fill ``lowest`` (a row a state, a column a rate) with what any way to go on from a state costs at least.

    price: what a node is worth; charge: what each triple costs. extra: filled with the charges that taking a state's node in
    brings. Returns a lower bound of every zone's reduced cost.
    """
    count = len(rates)
    for i in range(len(diagram.order) - 1, -1, -1):
        v = diagram.order[i]
        for s in range(diagram.first[i], diagram.first[i + 1]):
            extra[s] = 0.0
            for q in range(diagram.triple_pointer[v], diagram.triple_pointer[v + 1]):
                slot = diagram.slot[diagram.triple[q]]
                if slot >= 0 and (diagram.met[s] >> np.uint64(slot)) & np.uint64(3) == 1:
                    extra[s] += charge[diagram.triple[q]]
            on, off = diagram.take[s], diagram.leave[s]
            gain = diagram.take_cost[s] + extra[s] - price[v]
            for r in range(count):
                least = np.inf
                if on != NOWHERE:
                    least = gain + rates[r] * unit.weight[v]
                    if on != DONE:
                        least += lowest[on, r]
                if off == DONE:
                    least = min(least, diagram.leave_cost[s])
                elif off != NOWHERE:
                    least = min(least, diagram.leave_cost[s] + lowest[off, r])
                lowest[s, r] = least
    best = -np.inf
    for r in range(count):
        best = max(best, lowest[0, r] + _rest(0.0, rates[r], unit.low, unit.high, unit.slope, unit.miss))
    return best


@njit(cache=True)
def steps(unit: Unit, diagram: Diagram, price: Floats, extra: Floats, width: float, lowest: Floats) -> None:
    """Fill ``lowest`` (a row a state) with what ways to go on cost at least, by the households they bring.

    Column b: those that bring from b to b + 1 times ``width``; the last column: those that bring more, with the norm's charge
    for each household. extra: as ``bounds`` filled it. Where households add up across a step's edge both steps get the way.
    """
    count = lowest.shape[1]
    slope = unit.slope
    lowest[:] = np.inf
    for i in range(len(diagram.order) - 1, -1, -1):
        v = diagram.order[i]
        households = unit.weight[v]
        whole = int(households / width)
        split = households > whole * width
        for s in range(diagram.first[i], diagram.first[i + 1]):
            on, off = diagram.take[s], diagram.leave[s]
            if off == DONE:
                lowest[s, 0] = diagram.leave_cost[s]
            elif off != NOWHERE:
                for b in range(count):
                    lowest[s, b] = diagram.leave_cost[s] + lowest[off, b]
            if on == NOWHERE:
                continue
            gain = diagram.take_cost[s] + extra[s] - price[v]
            for b in range(1 if on == DONE else count):
                way = gain if on == DONE else gain + lowest[on, b]
                if b == count - 1:
                    lowest[s, b] = min(lowest[s, b], way + slope * households)
                    continue
                at = b + whole
                if at < count - 1:
                    lowest[s, at] = min(lowest[s, at], way)
                if at + 1 < count - 1 and split:
                    lowest[s, at + 1] = min(lowest[s, at + 1], way)
                if at >= count - 1 or (at + 1 == count - 1 and split):
                    least = max(b * width + households, (count - 1) * width)
                    lowest[s, count - 1] = min(lowest[s, count - 1], way + slope * least)


@njit(cache=True)
def _hopeless(
    ways: Floats, need: float, weight: float, width: float, low: float, high: float, slope: float, miss: float
) -> bool:  # fmt: skip
    """Tell whether no step of households allows a way to go on that costs less than ``need``, the norm counted."""
    count = len(ways)
    for b in range(count - 1):
        if ways[b] < need:
            least, most = weight + b * width, weight + (b + 1) * width
            norm = 0.0
            if most <= low:
                norm = miss + slope * (low - most)
            elif least > high:
                norm = miss + slope * (least - high)
            if ways[b] + norm < need:
                return False
    return bool(ways[count - 1] + miss + slope * (weight - high) >= need)


@njit(cache=True)
def at_least(ways: Floats, width: float, low: float, high: float, slope: float, miss: float) -> float:
    """Give a lower bound of what any zone costs, the norm counted, from the first state's row as ``steps`` filled it."""
    count = len(ways)
    least: float = ways[count - 1] + miss - slope * high
    for b in range(count - 1):
        norm = 0.0
        if (b + 1) * width <= low:
            norm = miss + slope * (low - (b + 1) * width)
        elif b * width > high:
            norm = miss + slope * (b * width - high)
        least = min(least, ways[b] + norm)
    return least


@njit(cache=True)
def _cost(unit: Unit, zone: Ints, size: int, inside: Bits, touched: Bits) -> float:
    """Give what a zone costs, straight from the formula: inf where it holds nodes that must be apart."""
    cost, weight = 0.0, 0.0
    for i in range(size):
        inside[zone[i]] = 1
    for i in range(size):
        v = zone[i]
        cost += unit.fixed[v]
        weight += unit.weight[v]
        for k in range(unit.pointer[v], unit.pointer[v + 1]):
            cost += 0.5 * unit.inside[k] if inside[unit.neighbour[k]] == 1 else unit.leaving[k]
        for k in range(unit.label_pointer[v], unit.label_pointer[v + 1]):
            if touched[unit.label[k]] == 0:
                touched[unit.label[k]] = 1
                cost += unit.label_price[unit.label[k]]
        for k in range(unit.clash_pointer[v], unit.clash_pointer[v + 1]):
            if inside[unit.clash[k]] == 1:
                cost = np.inf
    for i in range(size):
        inside[zone[i]] = 0
        for k in range(unit.label_pointer[zone[i]], unit.label_pointer[zone[i] + 1]):
            touched[unit.label[k]] = 0
    return cost + norm_price(weight, unit.low, unit.high, unit.slope, unit.miss)


@njit(cache=True)
def low_zones(
    unit: Unit, diagram: Diagram, price: Floats, charge: Floats, rates: Floats, extra: Floats, lowest: Floats,
    width: float, ways: Floats, threshold: float, most_zones: int, most_visits: int, keys: Bits, kept: Pool,
) -> tuple[bool, int, int]:  # fmt: skip
    """Keep in the pool every connected zone whose reduced cost is below ``threshold``.

    extra, lowest: as ``bounds`` filled them for the same prices; width, ways: as ``steps`` did, or no row at all. Returns
    whether these are all of them (the search ended within ``most_zones`` and ``most_visits``), how many there are, and the
    visits made.
    """
    n = len(diagram.order)
    low, high, slope, miss = unit.low, unit.high, unit.slope, unit.miss  # a call that is given the unit costs more than it does
    found, visits, last = 0, 0, 0
    state, tried = np.zeros(n, np.int64), np.zeros(n, np.int64)
    spent, weight = np.zeros(n + 1), np.zeros(n + 1)
    size = np.zeros(n + 1, np.int64)
    zone = np.zeros(n, np.int64)
    inside, touched = np.zeros(n, np.uint64), np.zeros(max(1, len(unit.label_price)), np.uint64)
    met = np.zeros(max(1, len(charge)), np.int64)
    i = 0
    while i >= 0:
        s, v = state[i], diagram.order[i]
        if tried[i] == 1:  # the node was in
            for q in range(diagram.triple_pointer[v], diagram.triple_pointer[v + 1]):
                met[diagram.triple[q]] -= 1
        if tried[i] == 2:
            i -= 1
            continue
        tried[i] += 1
        taken = tried[i] == 1
        unforeseen = 0.0
        if taken:
            for q in range(diagram.triple_pointer[v], diagram.triple_pointer[v + 1]):
                x = diagram.triple[q]
                met[x] += 1
                if met[x] == 2 and diagram.slot[x] < 0:
                    unforeseen += charge[x]
        to = diagram.take[s] if taken else diagram.leave[s]
        if to == NOWHERE:
            continue
        visits += 1
        if visits > most_visits:
            return False, found, visits
        size[i + 1], weight[i + 1], spent[i + 1] = size[i], weight[i], spent[i]
        if taken:
            zone[size[i]] = v
            size[i + 1] += 1
            weight[i + 1] += unit.weight[v]
            spent[i + 1] += diagram.take_cost[s] + extra[s] + unforeseen - price[v]
        else:
            spent[i + 1] += diagram.leave_cost[s]
        if to == DONE:
            if spent[i + 1] + norm_price(weight[i + 1], low, high, slope, miss) >= threshold:
                continue
            cost = _cost(unit, zone, size[i + 1], inside, touched)
            value = cost
            key = np.uint64(0)
            for j in range(size[i + 1]):
                value -= price[zone[j]]
                key ^= keys[zone[j]]
            for x in range(len(charge)):
                if met[x] >= 2:
                    value += charge[x]
            if value < threshold:
                if found == most_zones:
                    return False, found, visits
                found += 1
                if kept.slots[seen(kept, key)] < 0:
                    keep(kept, key, cost, zone, size[i + 1])
            continue
        dead = False
        for _ in range(len(rates)):
            rest = _rest(weight[i + 1], rates[last], low, high, slope, miss)
            if spent[i + 1] + lowest[to, last] + rates[last] * weight[i + 1] + rest >= threshold:
                dead = True
                break
            last = (last + 1) % len(rates)
        if not dead and len(ways):
            dead = _hopeless(ways[to], threshold - spent[i + 1], weight[i + 1], width, low, high, slope, miss)
        if not dead:
            i += 1
            state[i] = to
            tried[i] = 0
    return True, found, visits
