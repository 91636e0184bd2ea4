"""Column and cut generation: zones the linear program lacks, and triples it breaks, until neither is found.

What it converges to is nearly whole: on real units most of its solutions are a plan. A plan is made with zones that a tabu
search happens on; a proof looks in the diagram of all zones, and the linear program's value is a bound once none is lacking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from gridmap.merge import pricing as exact
from gridmap.merge import tabu, zones
from gridmap.merge.columns import Columns
from gridmap.merge.diagram import Diagram, diagram
from gridmap.merge.master import Master
from gridmap.merge.triples import broken

if TYPE_CHECKING:
    from gridmap.merge.master import Relaxed
    from gridmap.merge.objective import Ints, Unit

A_ROUND = 150
"""Zones that enter at a time, for the prices are better after the next linear program."""

LISTED = 400
"""Zones after which a search for such zones stops."""

NEW = 1e9
"""Metres that a triple counts whose charge is not known yet."""

EASY = 100_000
"""Steps within which a search should end; one that does not is made again with bounds that cost more."""

PLENTY = 10
"""Zones already known that are worth having, from which on none are looked for."""

CUTS = 20
"""Triples that enter at a time."""

CLOSE = 0.05
"""Metres by which a reduced cost must be below zero for a zone that the tabu search finds to be worth a column."""

EXACT = 1e-4
"""Metres by which a reduced cost may be below zero and count as zero in a proof."""

BROKEN = 0.1
"""How far from a whole number the number of grids must be for plans of fewer and of more to be looked at apart."""

FEW = 5
"""Grids from which on that is not worth its time: the more there are, the less a broken one matters."""

SMOOTH = 0.5
"""How much of the prices is those of the rounds before (Wentges smoothing): they swing less, and fewer rounds are needed."""

SHARE = 0.01
"""How much of a zone a solution must take for the search to look around it."""


class Pricing:
    """What pricing works with: the unit, the pool of zones it fills, the diagram of all zones, its own random numbers.

    diagram: None until ``track`` has laid it out, and where it cannot be. given, left: steps that searches in it may make,
    and may still make. bound: the best lower bound known, -inf where there is none. aim: the reduced cost below which zones
    were found last.
    """

    def __init__(self, unit: Unit, *, seed: int, visits: int) -> None:
        """Begin with an empty pool."""
        n = len(unit.weight)
        self.unit = unit
        self.random = np.array([seed], np.uint64)
        self.keys = np.array([zones.draw(self.random) for _ in range(n)], np.uint64)
        self.kept = zones.pool(n, 60_000, 60_000 * 12 + 50 * n)
        self.diagram: Diagram | None = None
        self.given = self.left = visits
        self.bound = -np.inf
        self.aim = -np.inf
        self._rates = exact.rates(unit)
        self._width = exact.BEYOND * unit.high / exact.STEPS

    def track(self, master: Master, at: Relaxed) -> None:
        """Lay out the diagram for the triples of ``master`` that are new or have a charge in the solution ``at``."""
        worth = np.full(len(master.cuts.nodes), NEW)
        worth[: len(at.charge)] = np.where(at.charge > EXACT, at.charge, 0.0)
        self.diagram = diagram(self.unit, master.cuts, worth)
        if self.diagram is not None:
            count = len(self.diagram.take)
            self._ways, self._stepped = np.empty((0, exact.STEPS)), False
            self._extra, self._lowest = np.zeros(count), np.zeros((count, len(self._rates)))

    def columns(self) -> Columns:
        """Give the pool as columns."""
        size = int(self.kept.size[0])
        pointer = self.kept.pointer[: size + 1]
        return Columns(self.kept.nodes[: pointer[-1]], pointer, self.kept.cost[:size])

    def around(self, master: Master, at: Relaxed, *, steps: int, threshold: float = 0.0) -> None:
        """Search around every node and every zone of the solution ``at``."""
        n = len(self.unit.weight)
        taken = self.columns().take(master.order[at.share > SHARE])
        tabu.around(
            self.unit, at.price, master.cuts.pointer, master.cuts.of, at.charge,
            np.concatenate([np.arange(n), taken.nodes]), np.concatenate([np.arange(n), n + taken.pointer]),
            steps, threshold + at.bonus, self.keys, self.kept, self.random,
        )  # fmt: skip

    def least(self, at: Relaxed) -> float:
        """Get ready to list zones at the prices of ``at``; give a lower bound of every zone's reduced cost."""
        self._stepped = False
        diagram = cast("Diagram", self.diagram)
        least = exact.bounds(self.unit, diagram, at.price, at.charge, self._rates, self._extra, self._lowest)
        return float(least - at.bonus)

    def surely(self, at: Relaxed) -> float:
        """Do what ``least`` does, and look closer at households: a higher bound for about four times the work."""
        least = self.least(at)
        if not np.isfinite(self.unit.high):
            return least
        self._step(at)
        unit = self.unit
        return max(least, exact.at_least(self._ways[0], self._width, unit.low, unit.high, unit.slope, unit.miss) - at.bonus)

    def _step(self, at: Relaxed) -> None:
        diagram = cast("Diagram", self.diagram)
        if not len(self._ways):
            self._ways = np.empty((len(diagram.take), exact.STEPS))
        exact.steps(self.unit, diagram, at.price, self._extra, self._width, self._ways)
        self._stepped = True

    def list(self, at: Relaxed, threshold: float, most: int) -> tuple[bool, int]:
        """Keep zones of a reduced cost below ``threshold``, ``most`` of them, after ``least``; say whether these are all."""
        complete, found, used = self._low_zones(at, threshold, most, EASY)
        if used > EASY and self.left > EASY and np.isfinite(self.unit.high):
            self.left -= used
            if not self._stepped:
                self._step(at)
            complete, found, used = self._low_zones(at, threshold, most, self.left)
        self.left -= used
        return bool(complete) and int(self.kept.size[0]) < len(self.kept.cost), int(found)

    def _low_zones(self, at: Relaxed, threshold: float, most: int, visits: int) -> tuple[bool, int, int]:
        found: tuple[bool, int, int] = exact.low_zones(
            self.unit, cast("Diagram", self.diagram), at.price, at.charge, self._rates, self._extra, self._lowest, self._width,
            self._ways if self._stepped else self._ways[:0], threshold + at.bonus, most, visits, self.keys, self.kept,
        )  # fmt: skip
        return found


def converge(pricing: Pricing, master: Master, *, steps: int, rounds: int, cut_rounds: int, enough: float) -> Relaxed:
    """Add zones and triples until the search finds no more, or the value reaches ``enough``.

    steps: of each tabu search. rounds: linear programs solved at most. cut_rounds: how often triples are added.
    ``pricing.bound`` rises wherever no zone at all is lacking.
    """
    guide: Relaxed | None = None
    at = master.relax()
    for _ in range(rounds):
        guide = at if guide is None else at.beside(guide, SMOOTH)
        fresh, complete = lacking(pricing, master, at, guide, steps)
        if not len(fresh):
            fresh, complete = lacking(pricing, master, at, at, 2 * steps)
        if len(fresh):
            master.enter(pricing.columns(), fresh)
        else:
            if complete:
                pricing.bound = max(pricing.bound, at.value - EXACT * master.rows)
            if cut_rounds == 0 or at.value >= enough or at.whole():
                break
            taken = at.share > 1e-6
            part = pricing.columns().take(master.order[taken])
            nodes = broken(part.pointer, part.nodes.astype(np.int64), at.share[taken], master.rows, CUTS)
            if not len(nodes):
                break
            cut_rounds -= 1
            master.cut(pricing.columns(), nodes)
            if pricing.diagram is not None:
                pricing.track(master, at)
            guide = None
        at = master.relax()
    return at


def sides(pricing: Pricing, master: Master, at: Relaxed, *, known: Ints, below: float = FEW) -> tuple[Master, ...]:
    """Give two linear programs that hold every plan between them, where ``at`` takes a broken number of grids.

    None where it takes ``below`` or more. They begin with the triples that have a charge in ``at``.
    """
    count = float(at.share.sum())
    if count >= below or not BROKEN < count % 1 < 1 - BROKEN:
        return ()
    pool = pricing.columns()
    fewer = float(np.floor(count))
    fine = float(pool.cost[known].sum())
    order = np.union1d(master.order, known)
    both = tuple(Master(pool, order, master.rows, grids=g, fine=fine) for g in ((-np.inf, fewer), (fewer + 1, np.inf)))
    charged = master.cuts.nodes[: len(at.charge)][at.charge > EXACT]
    for side in both if len(charged) else ():
        side.cut(pool, charged)
    return both


def lacking(pricing: Pricing, master: Master, at: Relaxed, guide: Relaxed, steps: int) -> tuple[Ints, bool]:
    """Find the zones that the linear program solved ``at`` lacks most, after a search at the prices of ``guide``.

    Returns them, and whether there are no others where there are none.
    """
    if pricing.diagram is None or pricing.left <= 0:
        pricing.around(master, guide, steps=steps)
        return _worst(pricing, master, at, CLOSE), False
    fresh = _worst(pricing, master, at, EXACT)
    if len(fresh) >= PLENTY:
        return fresh, False
    threshold = min(max(pricing.least(guide) / 2, 4 * pricing.aim), -EXACT)
    while True:
        complete, found = pricing.list(guide, threshold, LISTED)
        if found or threshold >= -EXACT or pricing.left <= 0:
            break
        threshold = -EXACT if threshold > -1 else threshold / 4
    pricing.aim = threshold
    return _worst(pricing, master, at, EXACT), complete and not found


def _worst(pricing: Pricing, master: Master, at: Relaxed, close: float) -> Ints:
    value = master.reduced(pricing.columns(), at)
    value[master.order] = 0.0
    fresh = np.argsort(value, kind="stable")[:A_ROUND]
    return fresh[value[fresh] < -close]
