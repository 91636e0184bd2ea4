"""A lower bound for one nest unit, and its optimum where the bound can be closed, on top of the generation.

Once no zone at all, not only none that a search happens on, has a negative reduced cost, the linear program's value is a
bound. Where searching took too many steps, smaller prices are tried: if no zone is worth more than its cost at prices divided
by k, the value divided by k is a bound (Farley, Operations Research 38, 1990).

Where the linear program takes, say, three grids and a half, its value is far below every plan. Plans of at most three and
plans of at least four are then bounded each by themselves, and the lower bound of the two is the unit's. Where the grids are
many a broken one matters less: that is done only once triples alone do not close the gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge.generate import EXACT, converge, sides
from gridmap.merge.master import Master
from gridmap.merge.whole import whole

if TYPE_CHECKING:
    from gridmap.merge.generate import Pricing
    from gridmap.merge.master import Relaxed
    from gridmap.merge.objective import Ints
    from gridmap.merge.whole import Effort

NEAR = 5_000
"""Zones within the gap that the last integer program may hold."""

TURNS = 8
"""How often triples are added to a proof whose linear program lies below the plan."""

ROUNDS = 150
"""Linear programs solved between two turns at most."""

HALVINGS = 20
"""Steps in which the divisor of prices is found."""


def prove(pricing: Pricing, master: Master, at: Relaxed, *, known: Ints, effort: Effort) -> tuple[Ints, float | None]:
    """Bound the cost from below, and better the partition where the proof finds a better one.

    at: the linear program's last solution. known: the zones, by number, of the best partition. Returns the zones of the best
    partition now known, and the bound; None where the unit's diagram could not be laid out.
    """
    pricing.track(master, at)
    if pricing.diagram is None:
        return known, None
    at = _converge(pricing, master, effort, known, cuts=0)
    split = sides(pricing, master, at, known=known) if np.isfinite(pricing.bound) else ()
    if not split:
        known, bound, at = _tighten(pricing, master, at, known, effort)
        open_still = bound < float(pricing.columns().cost[known].sum()) and pricing.left > 0
        split = sides(pricing, master, at, known=known, below=np.inf) if open_still else ()
        if not split:
            return known, bound
    together, bounds = pricing.bound, []
    for side in split:
        pricing.bound, pricing.aim = together, -np.inf
        first = side.relax()
        pricing.track(side, first)
        first = _converge(pricing, side, effort, known, cuts=0)
        known, bound, _ = _tighten(pricing, side, first, known, effort)
        bounds.append(bound)
    return known, min(*bounds, float(pricing.columns().cost[known].sum()))


def _tighten(pricing: Pricing, master: Master, at: Relaxed, known: Ints, effort: Effort) -> tuple[Ints, float, Relaxed]:
    """Add triples, and settle the rest by integer program over all zones that are within the gap.

    Gives the zones of the best partition, the bound, and the linear program's last solution.
    """
    for turn in range(TURNS):
        cost = float(pricing.columns().cost[known].sum())
        if cost - pricing.bound <= 2 * EXACT * master.rows:
            return known, cost, at
        if pricing.left <= 0:
            break
        if at.value - EXACT * master.rows <= pricing.bound:  # nothing is lacking at these prices
            pricing.least(at)
            complete, _ = pricing.list(at, cost - pricing.bound + EXACT, NEAR)
            if complete:
                known, proven = whole(pricing, master, at, known=known, effort=effort, every=True)
                if proven:
                    return known, float(pricing.columns().cost[known].sum()), at
        if turn == TURNS - 1:
            break
        cuts = len(master.cuts.nodes)
        at = _converge(pricing, master, effort, known, cuts=2)
        known, _ = whole(pricing, master, at, known=known, effort=effort)
        if len(master.cuts.nodes) == cuts and not at.whole():
            break
    if not np.isfinite(pricing.bound):  # without triples the linear program settles sooner, on a lower value
        pricing.left = pricing.given // 2
        master = Master(pricing.columns(), np.union1d(master.order, known), master.rows)
        pricing.track(master, master.relax())
        at = _converge(pricing, master, effort, known, cuts=0)
    bound = pricing.bound
    if not np.isfinite(bound):  # zones are lacking: each is worth at most so much, and there are no more zones than nodes
        bound = max(at.value + master.rows * min(0.0, pricing.surely(at)), _divided(pricing, at))
    return known, min(bound, float(pricing.columns().cost[known].sum())), at


def _converge(pricing: Pricing, master: Master, effort: Effort, known: Ints, *, cuts: int) -> Relaxed:
    enough = float(pricing.columns().cost[known].sum()) - EXACT
    return converge(pricing, master, steps=effort.tabu, rounds=ROUNDS, cut_rounds=cuts, enough=enough)


def _divided(pricing: Pricing, at: Relaxed) -> float:
    """Give the value of the greatest share of the prices at which no zone can be worth more than its cost."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        scaled = at._replace(price=at.price * share, charge=at.charge * share, bonus=at.bonus * share)
        if pricing.surely(scaled) >= 0:
            low = share
        else:
            high = share
    return at.value * low
