"""The diagram of zones holds every connected zone once, searches in it miss none, and bounds are bounds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.merge import pricing, zones
from gridmap.merge.columns import Columns
from gridmap.merge.diagram import DONE, NOWHERE, diagram
from gridmap.merge.master import Master
from gridmap.merge.objective import Unit, grain, zone_cost
from gridmap.merge.solve import solve
from gridmap.merge.triples import triples
from gridmap.merge.whole import Effort


def pointer(heads, count):
    return np.searchsorted(heads, np.arange(count + 1)).astype(np.int64)


@st.composite
def units(draw, most=8):
    """A connected graph of a few nodes with prices by chance, a norm that some zones meet, and pairs to keep apart."""
    n = draw(st.integers(2, most))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    edges = {(int(random.integers(0, v)), v) for v in range(1, n)}
    edges |= {(u, v) for u in range(n) for v in range(u + 1, n) if random.random() < 0.25}
    one, two = np.array(sorted(edges), np.int64).T
    both = sorted([(int(a), int(b), k) for k, (a, b) in enumerate(zip(one, two, strict=True))]
                  + [(int(b), int(a), k) for k, (a, b) in enumerate(zip(one, two, strict=True))])  # fmt: skip
    heads, ends, which = np.array(both, np.int64).T
    inside, leaving = grain(random.uniform(0, 300, len(one))), grain(random.uniform(0, 200, len(one)))
    labels = sorted({(v, int(x)) for v in range(n) for x in random.integers(0, 4, 2)})
    owner, label = np.array(labels, np.int64).T
    apart = [(u, v) for u, v in itertools.combinations(range(n), 2) if random.random() < 0.05]
    pairs = np.array(sorted(apart + [(v, u) for u, v in apart]), np.int64).reshape(-1, 2)
    limited = draw(st.booleans())
    return Unit(
        pointer(heads, n), ends, inside[which], leaving[which], grain(random.integers(0, 60, n) * 1.0),
        grain(random.uniform(0, 20, n)), pointer(owner, n), label, grain(random.uniform(1, 30, 4)), pointer(pairs[:, 0], n),
        pairs[:, 1].copy(), 60.0 if limited else 0.0, 100.0 if limited else np.inf, 15.0 if limited else 0.0, 200.0,
    )  # fmt: skip


def connected_zones(unit):
    """Every zone in one piece without a clash, with its cost by the formula."""
    n = len(unit.weight)
    near = [set(unit.neighbour[unit.pointer[u] : unit.pointer[u + 1]].tolist()) for u in range(n)]
    clash = [set(unit.clash[unit.clash_pointer[u] : unit.clash_pointer[u + 1]].tolist()) for u in range(n)]
    found = {}
    for size in range(1, n + 1):
        for members in itertools.combinations(range(n), size):
            held, reached, queue = set(members), {members[0]}, [members[0]]
            while queue:
                fresh = near[queue.pop()] & held - reached
                reached |= fresh
                queue += fresh
            if len(reached) == size and not any(clash[u] & held for u in members):
                found[members] = zone_cost(unit, np.array(members))
    return found


def optimum(unit):
    cost = connected_zones(unit)

    def least(free):
        if not free:
            return 0.0
        return min(price + least(free - set(zone)) for zone, price in cost.items() if min(free) in zone and set(zone) <= free)

    return least(frozenset(range(len(unit.weight))))


@given(unit=units())
@settings(max_examples=60, deadline=None)
def test_the_diagram_has_one_path_for_each_connected_zone(unit):
    laid = diagram(unit, triples(np.zeros((0, 3), np.int64), len(unit.weight)), np.zeros(0))
    paths = []

    def walk(layer, state, zone, cost):
        for nexts, spent, taken in ((laid.take, laid.take_cost, True), (laid.leave, laid.leave_cost, False)):
            to = nexts[state]
            longer = (*zone, int(laid.order[layer])) if taken else zone
            if to == DONE:
                paths.append((tuple(sorted(longer)), cost + spent[state]))
            elif to != NOWHERE:
                walk(layer + 1, to, longer, cost + spent[state])

    walk(0, 0, (), 0.0)
    expected = connected_zones(unit._replace(slope=0.0, miss=0.0))
    assert sorted(zone for zone, _ in paths) == sorted(expected)
    for zone, cost in paths:
        assert cost == pytest.approx(expected[zone])


@given(unit=units(), seed=st.integers(0, 10**6), cuts=st.integers(0, 3), steps=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_search_at_any_prices_finds_exactly_the_zones_below_the_threshold(unit, seed, cuts, steps):
    n = len(unit.weight)
    random = np.random.default_rng(seed)
    price = random.uniform(0, 400, n)
    nodes = np.array([np.sort(random.choice(n, 3, replace=False)) for _ in range(cuts if n > 2 else 0)], np.int64)
    nodes = nodes.reshape(-1, 3)
    charge = random.uniform(0, 200, len(nodes))
    laid = diagram(unit, triples(nodes, n), np.where(np.arange(len(nodes)) == 0, 0.0, charge))  # the first is not foreseen
    rates = pricing.rates(unit)
    extra, lowest = np.zeros(len(laid.take)), np.zeros((len(laid.take), len(rates)))
    least = pricing.bounds(unit, laid, price, charge, rates, extra, lowest)
    width = pricing.BEYOND * unit.high / pricing.STEPS
    ways = np.empty((len(laid.take) if steps and np.isfinite(width) else 0, pricing.STEPS))
    if len(ways):
        pricing.steps(unit, laid, price, extra, width, ways)
    reduced = {
        zone: cost - price[list(zone)].sum() + charge[[len(set(cut) & set(zone)) >= 2 for cut in nodes.tolist()]].sum()
        for zone, cost in connected_zones(unit).items()
    }
    assert least <= min(reduced.values()) + 1e-6
    if len(ways):
        assert pricing.at_least(ways[0], width, unit.low, unit.high, unit.slope, unit.miss) <= min(reduced.values()) + 1e-6
    threshold = float(np.median(list(reduced.values())))
    kept = zones.pool(n, 1000, 10_000)
    keys = np.array([zones.draw(np.array([u], np.uint64)) for u in range(n)], np.uint64)
    complete, found, _ = pricing.low_zones(
        unit, laid, price, charge, rates, extra, lowest, width, ways, threshold, 1000, 10**6, keys, kept
    )
    got = {tuple(sorted(kept.nodes[kept.pointer[i] : kept.pointer[i + 1]].tolist())) for i in range(kept.size[0])}
    assert complete
    assert found == len(got)
    assert {zone for zone, value in reduced.items() if value < threshold - 1e-6} <= got
    assert got <= {zone for zone, value in reduced.items() if value < threshold + 1e-6}


@given(unit=units(), visits=st.sampled_from([1, 30, 10**6]))
@settings(max_examples=40, deadline=None)
def test_every_bound_is_below_the_optimum_and_time_closes_it(unit, visits):
    best = optimum(unit)
    found = solve(unit, seed=1, effort=Effort(visits=visits))
    assert found.bound is not None
    assert found.bound <= best + 0.01
    assert found.cost >= best - 0.01
    if visits == 10**6:
        assert found.cost == pytest.approx(best, abs=0.01)
        assert found.bound == pytest.approx(best, abs=0.01)


def row(count):
    """Nodes in a row of which three or four make the norm, with borders that cost nothing to keep or to erase."""
    heads = np.array([v for v in range(count) for w in (v - 1, v + 1) if 0 <= w < count], np.int64)
    ends = np.array([w for v in range(count) for w in (v - 1, v + 1) if 0 <= w < count], np.int64)
    none, no_one = np.zeros(len(ends)), np.zeros(0, np.int64)
    return Unit(
        pointer(heads, count), ends, none, none, np.full(count, 25.0), np.zeros(count), np.arange(count + 1), np.arange(count),
        np.ones(count), np.zeros(count + 1, np.int64), no_one, 75.0, 100.0, 15.0, 200.0,
    )  # fmt: skip


def test_a_large_unit_is_proven_where_time_is_given_and_a_smaller_one_always():
    small = Effort().small
    assert solve(row(small), seed=1, effort=Effort()).bound == pytest.approx(small)
    assert solve(row(small + 1), seed=1, effort=Effort()).bound is None
    assert solve(row(small + 1), seed=1, effort=Effort.within(1)).bound == pytest.approx(small + 1)


@given(unit=units(most=6), most=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_programs_with_fewer_grids_and_with_more_together_bound_every_plan(unit, most):
    zones_there = sorted(connected_zones(unit).items())
    pointers = np.cumsum([0, *(len(zone) for zone, _ in zones_there)])
    nodes = np.concatenate([np.array(zone, np.int32) for zone, _ in zones_there])
    listed = Columns(nodes, pointers, np.array([cost for _, cost in zones_there]))
    every, n = np.arange(len(zones_there)), len(unit.weight)
    dearest = float(listed.cost.sum())
    fewer, more = (Master(listed, every, n, grids=grids, fine=dearest) for grids in ((-np.inf, most), (most + 1, np.inf)))
    assert min(fewer.relax().value, more.relax().value) <= optimum(unit) + 1e-6
    for side in (fewer, more):
        at = side.relax()
        assert side.reduced(listed, at).min() >= -1e-6  # nothing is lacking where every zone is a column
