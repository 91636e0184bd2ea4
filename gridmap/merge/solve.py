"""One nest unit from graph to zones: several short annealing chains, then the best partition out of all zones they saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge import columns, search, zones
from gridmap.merge import proof as proving

if TYPE_CHECKING:
    from gridmap.merge.objective import Ints, Unit


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to search, in counts, so that the plan never depends on the clock.

    chains: annealing chains a round. rounds: rounds of chains and integer program, each starting from the last one's best.
    steps_a_node, steps_least, steps_most: the length of a chain, by the number of nodes.
    proof_nodes: units of more nodes get no bound. proof_visits: branches a unit's proof may visit before it gives up.
    """

    chains: int = 4
    rounds: int = 2
    steps_a_node: int = 1200
    steps_least: int = 3000
    steps_most: int = 400_000
    proof_nodes: int = 100
    proof_visits: int = 200_000


@dataclass(frozen=True)
class Solution:
    """Each node's zone, the cost, and a proven lower bound or None."""

    zone: Ints
    cost: float
    bound: float | None


def solve(unit: Unit, *, seed: int, effort: Effort) -> Solution:
    """Part one nest unit into connected zones of least cost."""
    n = len(unit.weight)
    random = np.array([seed], np.uint64)
    keys = np.array([zones.draw(random) for _ in range(n)], np.uint64)
    steps = int(np.clip(effort.steps_a_node * n, effort.steps_least, effort.steps_most))
    kept = zones.pool(n, 60_000, 60_000 * 12 + 50 * n)
    best, cost = np.arange(n), np.inf
    hot = _heat(unit)
    for turn in range(effort.rounds):
        for _ in range(effort.chains):
            state = search.start(unit, best if turn else np.arange(n))
            found = np.zeros(n, np.int64)
            value = search.anneal(unit, state, found, keys, kept, steps, hot if turn == 0 else hot / 8, hot / 400, random)
            if value < cost - 1e-9:
                best, cost = found, value
        best, cost = _pick(kept, best, cost, n)
    best, cost, bound = _prove(unit, kept, best, cost, effort)
    _, zone = np.unique(best, return_inverse=True)
    return Solution(_by_first(zone), cost, bound)


def _prove(unit: Unit, kept: zones.Pool, best: Ints, cost: float, effort: Effort) -> tuple[Ints, float, float | None]:
    """Bound the cost from below, and better the partition where the proof finds a better one."""
    n = len(unit.weight)
    pool = as_columns(kept)
    known = columns.find(pool, best)
    if known is None or n > effort.proof_nodes:
        return best, cost, None
    proof = proving.prove(unit, pool, known=known, visits=effort.proof_visits)
    total = float(proof.chosen.cost.sum())
    if total < cost - 1e-9:
        best, cost = columns.zones_of(proof.chosen, n), total
    return best, cost, None if proof.bound is None else min(proof.bound, cost)


def _heat(unit: Unit) -> float:
    """Give the temperature at which a typical border is crossed freely."""
    lengths = unit.inside + 2 * unit.leaving
    return float(np.median(lengths)) if len(lengths) else 1.0


def as_columns(kept: zones.Pool) -> columns.Columns:
    """Give the pool as columns."""
    size = int(kept.size[0])
    pointer = kept.pointer[: size + 1]
    return columns.Columns(kept.nodes[: pointer[-1]].astype(np.int64), pointer.copy(), kept.cost[:size].copy())


def _pick(kept: zones.Pool, zone: Ints, cost: float, n: int) -> tuple[Ints, float]:
    """Choose the best partition out of the pool, which holds the zones of the partition given unless it is full."""
    pool = as_columns(kept)
    known = columns.find(pool, zone)
    if known is None:
        return zone, cost
    picked = pool.take(columns.choose(pool, n, known=known)[0])
    total = float(picked.cost.sum())
    return (columns.zones_of(picked, n), total) if total < cost - 1e-9 else (zone, cost)


def _by_first(zone: Ints) -> Ints:
    """Renumber zones by their first node."""
    _, first, inverse = np.unique(zone, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
