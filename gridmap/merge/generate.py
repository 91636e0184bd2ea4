"""Column and cut generation: zones the linear program lacks, and triples it breaks, until neither is found.

What it converges to is nearly whole: on real units most of its solutions are a plan. Its value is no bound until exact
pricing (see proof) has found nothing either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge import tabu, zones
from gridmap.merge.columns import Columns
from gridmap.merge.triples import broken

if TYPE_CHECKING:
    from gridmap.merge.master import Master, Relaxed
    from gridmap.merge.objective import Floats, Ints, Unit

A_ROUND = 150
"""Zones that enter at a time, for the prices are better after the next linear program."""

CUTS = 20
"""Triples that enter at a time."""

CLOSE = 0.05
"""Metres by which a reduced cost must be below zero to be worth a column."""


SHARE = 0.01
"""How much of a zone a solution must take for the search to look around it."""


class Pricing:
    """What pricing works with: the unit, the pool of zones it fills, their hash keys, and its own random numbers."""

    def __init__(self, unit: Unit, *, seed: int) -> None:
        """Begin with an empty pool."""
        n = len(unit.weight)
        self.unit = unit
        self.random = np.array([seed], np.uint64)
        self.keys = np.array([zones.draw(self.random) for _ in range(n)], np.uint64)
        self.kept = zones.pool(n, 60_000, 60_000 * 12 + 50 * n)

    def columns(self) -> Columns:
        """Give the pool as columns."""
        size = int(self.kept.size[0])
        pointer = self.kept.pointer[: size + 1]
        return Columns(self.kept.nodes[: pointer[-1]], pointer, self.kept.cost[:size])

    def around(self, master: Master, at: Relaxed, price: Floats, *, steps: int, threshold: float = 0.0) -> None:
        """Search around every node and every zone of the solution ``at``, at the given prices."""
        n = len(self.unit.weight)
        taken = self.columns().take(master.order[at.share > SHARE])
        tabu.around(
            self.unit, price, master.cuts.pointer, master.cuts.of, at.charge,
            np.concatenate([np.arange(n), taken.nodes]), np.concatenate([np.arange(n), n + taken.pointer]),
            steps, threshold, self.keys, self.kept, self.random,
        )  # fmt: skip


def converge(pricing: Pricing, master: Master, *, steps: int, rounds: int, cut_rounds: int, enough: float) -> Relaxed:
    """Add zones and triples until the search finds no more, or the value reaches ``enough``.

    steps: of each tabu search. rounds: linear programs solved at most. cut_rounds: how often triples are added.
    """
    price: Floats | None = None
    at = master.relax()
    for _ in range(rounds):
        # Prices swing from one linear program to the next; their running mean guides the search better (Wentges smoothing).
        price = at.price if price is None else (price + at.price) / 2
        fresh = lacking(pricing, master, at, price, steps)
        if not len(fresh):
            fresh = lacking(pricing, master, at, at.price, 2 * steps)
        if len(fresh):
            master.enter(pricing.columns(), fresh)
        else:
            if cut_rounds == 0 or at.value >= enough or at.whole():
                break
            taken = at.share > 1e-6
            part = pricing.columns().take(master.order[taken])
            nodes = broken(part.pointer, part.nodes.astype(np.int64), at.share[taken], master.rows, CUTS)
            if not len(nodes):
                break
            cut_rounds -= 1
            master.cut(pricing.columns(), nodes)
            price = None
        at = master.relax()
    return at


def lacking(pricing: Pricing, master: Master, at: Relaxed, price: Floats, steps: int) -> Ints:
    """Find the zones of the pool, after a search at ``price``, that the linear program solved ``at`` lacks most."""
    pricing.around(master, at, price, steps=steps)
    value = master.reduced(pricing.columns(), at)
    value[master.order] = 0.0
    fresh = np.argsort(value, kind="stable")[:A_ROUND]
    return fresh[value[fresh] < -CLOSE]
