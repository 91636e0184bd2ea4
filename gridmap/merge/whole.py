"""From shares of zones to whole ones: the best choice of zones from the pool, near a solution of the linear program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.merge import columns

if TYPE_CHECKING:
    from gridmap.merge.generate import Pricing
    from gridmap.merge.master import Master, Relaxed
    from gridmap.merge.objective import Ints


TIME_LIMIT_S = 0.0
"""Seconds that the proof of one nest unit may take, unless told: none, for a plan needs no proof (small units: see solve)."""

BRANCHES_A_SECOND = 10_000_000
"""How many steps in the diagram of zones stand for a second of an ordinary machine."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to search, in counts, so that the plan never depends on the clock.

    chains: annealing chains. steps_a_node: the length of a chain, by the number of nodes. first: zones the first linear
    program holds. tabu: steps of each tabu search. rounds: linear programs at most. cut_rounds: how often triples are added.
    near: zones the integer program may hold. branches: how many nodes it may visit. visits: steps of the proof; 0: none
    but of units of up to ``small`` nodes, of ``unasked`` steps: most take no longer than the plan, and better poor ones; a
    few use them up, which is some three seconds.
    """

    chains: int = 2
    steps_a_node: int = 100
    first: int = 500
    tabu: int = 15
    rounds: int = 60
    cut_rounds: int = 8
    near: int = 1000
    branches: int = 500
    visits: int = round(TIME_LIMIT_S * BRANCHES_A_SECOND)
    small: int = 60
    unasked: int = 30_000_000

    @classmethod
    def within(cls, time_limit_s: float) -> Effort:
        """Give the usual effort, with a proof of about so many seconds; 0 for none."""
        return cls(visits=round(time_limit_s * BRANCHES_A_SECOND))


def whole(
    pricing: Pricing, master: Master, at: Relaxed, *, known: Ints, effort: Effort, every: bool = False
) -> tuple[Ints, bool]:
    """Choose the best zones of the pool that cover every node once: the linear program's own, or by integer program.

    known: the zones of the best partition known. every: let in all zones within the gap, and search none. Returns zones by
    number, and whether no choice of the zones let in is better.
    """
    upper = float(pricing.columns().cost[known].sum())
    if at.value >= upper - 1e-6:
        return known, True
    if at.whole():
        return master.order[at.share > 0.5], True
    gap = upper - at.value
    if not every:
        pricing.around(master, at, steps=2 * effort.tabu, threshold=min(gap, 0.03 * at.value))
    pool = pricing.columns()
    value = master.reduced(pool, at)
    near = np.argsort(value, kind="stable")[: len(value) if every else effort.near]
    near = np.union1d(near[value[near] <= gap + 0.1], known)
    part = pool.take(near)
    tight = at.charge > 1e-6
    picked, proven = columns.choose(
        part, master.twice(part)[:, tight], master.rows, known=np.searchsorted(near, known), most=effort.branches
    )
    return near[picked], proven
