"""A lower bound for one nest unit, and its optimum where the bound can be closed: exact pricing on top of the generation.

Once no zone at all, not only none that the search finds, has a negative reduced cost, the linear program's value is a bound.
Where that takes too many branches, smaller prices are tried: if no zone is worth more than its cost at prices divided by k,
the value divided by k is a bound (Farley, Operations Research 38, 1990).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge import pricing as exact
from gridmap.merge.generate import converge, lacking
from gridmap.merge.whole import whole

if TYPE_CHECKING:
    from gridmap.merge.generate import Pricing
    from gridmap.merge.master import Master, Relaxed
    from gridmap.merge.objective import Floats, Ints
    from gridmap.merge.whole import Effort

CLOSE = 1e-3
"""Metres by which a reduced cost may be below zero and count as zero."""

A_ROUND = 150
"""Zones after which a round of exact pricing stops, for the prices are better after the next linear program."""

NEAR = 20_000
"""Zones within the gap that the last integer program may hold."""

TURNS = 6
"""How often triples are added to a proof whose linear program lies below the plan."""

DIVIDED = (2.0, 1.5, 1.25, 1.1, 1.05, 1.02)
"""What prices are divided by where they cannot be proven themselves."""


def prove(pricing: Pricing, master: Master, *, known: Ints, effort: Effort) -> tuple[Ints, float | None]:
    """Bound the cost from below, and better the partition where the proof finds a better one.

    known: the zones, by number, of the best partition. effort.visits: branches that all pricing together may visit: a count,
    not a time, so that the outcome is always the same. Returns the zones of the best partition now known, and the bound.
    """
    left, bound = effort.visits, None
    for _ in range(TURNS):
        at, left = _close(pricing, master, effort, left)
        if left <= 0:
            lower = _divided(pricing, master, at, effort.visits // 2) if bound is None else bound
            cost = float(pricing.columns().cost[known].sum())
            return known, None if lower is None else min(lower, cost)
        lower = at.value - CLOSE * master.rows  # at most as many zones as nodes, each at most CLOSE below zero
        bound = lower if bound is None else max(bound, lower)
        cost = float(pricing.columns().cost[known].sum())
        plain = converge(pricing, master, steps=effort.tabu, rounds=effort.rounds, cut_rounds=0, enough=cost)
        known, _ = whole(pricing, master, plain, known=known, effort=effort)
        cost = float(pricing.columns().cost[known].sum())
        if cost - bound <= 2 * CLOSE * master.rows:
            return known, cost
        complete, _, used = _price(pricing, master, at.price, at.charge, cost - lower + CLOSE, NEAR, left // 2)
        left -= used
        if complete:
            known, proven = whole(pricing, master, at, known=known, effort=effort, every=True)
            if proven:
                return known, float(pricing.columns().cost[known].sum())
        cuts = len(master.cuts.nodes)
        converge(pricing, master, steps=effort.tabu, rounds=effort.rounds, cut_rounds=2, enough=cost)
        if len(master.cuts.nodes) == cuts:
            break
    return known, bound


def _close(pricing: Pricing, master: Master, effort: Effort, left: int) -> tuple[Relaxed, int]:
    """Let in zones until none at all is lacking at the middle of the right prices, or no branches are left."""
    while True:
        at = master.central()
        fresh = lacking(pricing, master, at, at.price, effort.tabu)
        if not len(fresh):
            complete, _, used = _price(pricing, master, at.price, at.charge, -CLOSE, A_ROUND, left)
            left -= used
            value = master.reduced(pricing.columns(), at)
            value[master.order] = 0.0
            fresh = np.flatnonzero(value < -CLOSE)
            if complete and not len(fresh):
                return at, max(left, 1)
            if left <= 0 or not len(fresh):
                return at, 0
        master.enter(pricing.columns(), fresh)


def _divided(pricing: Pricing, master: Master, at: Relaxed, visits: int) -> float | None:
    bound = None
    for by in DIVIDED:
        complete, found, used = _price(pricing, master, at.price / by, at.charge / by, 0.0, 1, visits)
        if not complete or found:
            break
        bound = at.value / by
        visits -= used
    return bound


def _price(
    pricing: Pricing, master: Master, price: Floats, charge: Floats, threshold: float, most: int, visits: int
) -> tuple[bool, int, int]:
    unit = pricing.unit
    mean = float(price.sum() / max(unit.weight.sum(), 1e-9))
    rates = np.unique(np.minimum(np.array([0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 1e9]) * max(mean, 0.0), unit.slope))
    if not np.isfinite(unit.high):
        rates = np.zeros(1)
    complete, found, used = exact.low_zones(
        unit, price, master.cuts.pointer, master.cuts.of, charge, threshold, most, max(visits, 1), rates,
        np.argsort(-price, kind="stable"), pricing.keys, pricing.kept,
    )  # fmt: skip
    full = int(pricing.kept.size[0]) >= len(pricing.kept.cost)
    return bool(complete) and not full, int(found), int(used)
