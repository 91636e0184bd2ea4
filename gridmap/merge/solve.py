"""One nest unit from graph to zones: short annealing chains, then column and cut generation, then the best whole choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge import columns, search
from gridmap.merge.generate import Pricing, converge
from gridmap.merge.master import Master
from gridmap.merge.proof import prove
from gridmap.merge.whole import Effort, whole

if TYPE_CHECKING:
    from gridmap.merge.objective import Ints, Unit


EMPTY = 0.5
"""Share of nodes without households from which on most single moves change no norm: a chain then stops far from the best."""

EMPTY_TIMES, EMPTY_AGAIN = 4, 2
"""How many times as many chains such a unit gets, and how many more that begin, less hot, from the best plan met."""

FEW, FEW_ROUNDS = 45, 5
"""Nodes of such a unit above which linear programs gain little: it gets so many of them, and longer chains."""

LONGER = 8
"""How many times as long those chains are."""

BOLD, CAREFUL = 0.2, 0.025
"""Share of steps that recombine zones, and of such longer chains, for these steps cost the more the larger zones are."""

NEAR = 0.97
"""Share of the plan's cost that its linear program must come to for a proof to be tried without being given time."""


@dataclass(frozen=True)
class Solution:
    """Each node's zone, the cost, and a proven lower bound or None."""

    zone: Ints
    cost: float
    bound: float | None


def solve(unit: Unit, *, seed: int, effort: Effort, start: Ints | None = None) -> Solution:
    """Part one nest unit into connected zones of least cost.

    start: each node's zone in a plan to begin from, whose zones must be connected and free of clashes.
    """
    n = len(unit.weight)
    pricing = Pricing(unit, seed=seed, visits=max(effort.visits, effort.unasked))
    best, cost = _anneal(pricing, effort, start)
    known = columns.find(pricing.columns(), best)
    if known is None or n == 1:
        return Solution(_by_first(best), cost, cost if n == 1 else None)
    pool = pricing.columns()
    merit = np.argsort(pool.cost / np.diff(pool.pointer), kind="stable")[: effort.first]
    master = Master(pool, np.union1d(merit, known), n)
    large = _large(unit)
    rounds = min(effort.rounds, FEW_ROUNDS) if large else effort.rounds
    at = converge(pricing, master, steps=effort.tabu, rounds=rounds, cut_rounds=effort.cut_rounds, enough=cost - 1e-6)
    chosen, _ = whole(pricing, master, at, known=known, effort=effort)
    bound = None
    near = not _empty(unit) or at.value >= NEAR * float(pricing.columns().cost[chosen].sum())
    if effort.visits or (n <= effort.small and near):
        chosen, bound = prove(pricing, master, at, known=chosen, effort=effort)
    part = pricing.columns().take(chosen)
    return Solution(_by_first(columns.zones_of(part, n)), float(part.cost.sum()), bound)


def _anneal(pricing: Pricing, effort: Effort, start: Ints | None) -> tuple[Ints, float]:
    """Anneal a few times from single nodes or, cold, from a plan; give the best partition met and its cost."""
    unit = pricing.unit
    n = len(unit.weight)
    lengths = unit.inside + 2 * unit.leaving
    hot = (float(np.median(lengths)) if len(lengths) else 0.0) or 1.0  # a typical border is crossed freely
    best, cost = np.arange(n), np.inf
    steps, bold = (effort.steps_a_node * n * LONGER, CAREFUL) if _large(unit) else (effort.steps_a_node * n, BOLD)
    fresh = effort.chains * (EMPTY_TIMES if _empty(unit) else 1)
    heats = [hot] * fresh + [hot / 4] * (EMPTY_AGAIN if _empty(unit) else 0) if start is None else [hot / 8]
    for number, heat in enumerate(heats):
        first = start if start is not None else best if number >= fresh else np.arange(n)
        state = search.start(unit, first)
        found = np.zeros(n, np.int64)
        value = search.anneal(unit, state, found, pricing.keys, pricing.kept, steps, heat, hot / 400, bold, pricing.random)
        if value < cost - 1e-9:
            best, cost = found, value
    return best, cost


def _empty(unit: Unit) -> bool:
    return bool((unit.weight <= 0).mean() > EMPTY)


def _large(unit: Unit) -> bool:
    return len(unit.weight) > FEW and _empty(unit)


def _by_first(zone: Ints) -> Ints:
    """Renumber zones by their first node."""
    _, first, inverse = np.unique(zone, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
