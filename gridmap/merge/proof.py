"""A lower bound for one nest unit, and its optimum where the bound can be closed: column generation with exact pricing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge import columns, pricing

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints, Unit

CLOSE = 1e-4
"""Metres by which a reduced cost may be below zero and count as zero."""

A_ROUND = 150
"""Zones after which a round of pricing stops, for the prices are better after the next linear program."""


@dataclass(frozen=True)
class Proof:
    """A lower bound, or None; and the zones of a partition at most as dear as the one given, as columns."""

    bound: float | None
    chosen: columns.Columns


def prove(unit: Unit, pool: columns.Columns, *, known: Ints, visits: int, rounds: int = 200) -> Proof:
    """Prove how good the partition ``known`` (columns of ``pool``) is, and better it where the proof finds a better one.

    visits: branches that all pricing together may visit: a count, not a time, so that the outcome is always the same.
    """
    n = len(unit.weight)
    best = pool.take(known)
    upper = float(best.cost.sum())
    gap, reduced = _pool_gap(pool, n, known, upper)
    everything = columns.join(best, pool.take(np.flatnonzero(reduced <= gap)))  # pricing brings back what is missed here
    in_best = np.arange(len(known))
    left = visits
    for _ in range(rounds):
        lower, price, _, _ = columns.relax(everything, n, known=in_best)
        fresh, complete, used = _price(unit, price, -CLOSE, A_ROUND, left)
        left -= used
        if len(fresh.cost):
            everything = columns.join(everything, fresh)
        elif complete:
            break
        if left <= 0:
            return Proof(None, best)
    else:
        return Proof(None, best)
    lower -= CLOSE * n  # at most n zones, each at most CLOSE below zero
    near, complete, _ = _price(unit, price, upper - lower + CLOSE, 20_000, left)
    if not complete:
        return Proof(lower, best)
    every = columns.join(best, near)
    chosen, optimal = columns.choose(every, n, known=in_best)
    picked = every.take(chosen)
    return Proof(float(picked.cost.sum()) if optimal else lower, picked)


def _pool_gap(pool: columns.Columns, n: int, known: Ints, upper: float) -> tuple[float, Floats]:
    lower, price, _, _ = columns.relax(pool, n, known=known)
    return max(upper - lower, 1.0), pool.reduced(price)


def _price(unit: Unit, price: Floats, threshold: float, most: int, visits: int) -> tuple[columns.Columns, bool, int]:
    mean = float(price.sum() / max(unit.weight.sum(), 1e-9))
    charges = np.unique(np.minimum(np.array([0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 1e9]) * max(mean, 0.0), unit.slope))
    if not np.isfinite(unit.high):
        charges = np.zeros(1)
    nodes, pointer, costs, complete, used = pricing.low_zones(unit, price, threshold, most, max(visits, 1), charges)
    return columns.Columns(nodes, pointer, costs), bool(complete), int(used)
