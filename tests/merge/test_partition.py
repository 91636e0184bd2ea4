"""Atoms drawn as letters become grids that keep what the plan promises."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import InputError, MergeError
from gridmap.merge import nodes, objective, pins
from gridmap.merge.partition import Plan, partition
from gridmap.merge.whole import Effort

CRS = 26985
NORM = (60.0, 100.0)


def drawn(picture, *, layers, side=100.0, nest=None):
    """Make an atom of side metres for each place of the picture; layers: a picture a layer, '.' for no grid."""
    rows = picture.split()
    squares = [(x, y) for y, row in enumerate(rows) for x in range(len(row))]
    shapes = [shapely.box(x * side, -y * side, (x + 1) * side, (1 - y) * side) for x, y in squares]
    columns = {
        key: [None if art.split()[y][x] == "." else art.split()[y][x] for x, y in squares] for key, art in layers.items()
    }
    homes = [(nest or picture).split()[y][x] if nest else "990199001001" for x, y in squares]
    return gpd.GeoDataFrame({**columns, "nest_id": homes}, geometry=shapes, crs=CRS), squares


@pytest.fixture
def town():
    """Two layers over 4 x 4 atoms, which agree on the west-east border only."""
    atoms, _ = drawn("aabb\n" * 4, layers={"one": "aabb\n" * 4, "two": "aabb\naabb\nccdd\nccdd"})
    return atoms, pd.Series(20.0, index=atoms.index)


def groups(plan):
    return sorted(tuple(sorted(part.index)) for _, part in plan.atoms.groupby("grid_code"))


def holds_its_promises(plan, atoms, weight):
    assert plan.atoms.drop(columns=["weight", "grid_code"]).equals(atoms)
    assert plan.grids["weight"].sum() == pytest.approx(weight.sum())
    assert plan.grids["area_m2"].sum() == pytest.approx(atoms.area.sum())
    assert (plan.grids.geom_type == "Polygon").all()
    assert plan.grids.is_valid.all()
    assert shapely.coverage_is_valid(plan.grids.geometry.to_numpy())
    for code, part in plan.atoms.groupby("grid_code"):
        assert len(set(part["nest_id"])) == 1
        assert code.startswith(part["nest_id"].iloc[0])
        assert shapely.coverage_union_all(part.geometry.to_numpy()).geom_type == "Polygon"
    assert sum(unit["grids"] for unit in plan.units) == len(plan.grids)
    outside = plan.grids[(plan.grids["weight"] < plan.norm[0]) | (plan.grids["weight"] > plan.norm[1])]
    assert sorted(r["grid_code"] for u in plan.units for r in u["reasons"]) == sorted(outside["grid_code"])


def test_grids_follow_the_borders_departments_agree_on(town):
    atoms, weight = town
    plan = partition(atoms, weights=weight, norm=NORM)
    holds_its_promises(plan, atoms, weight)
    assert groups(plan) == [(0, 1, 4, 5), (2, 3, 6, 7), (8, 9, 12, 13), (10, 11, 14, 15)]
    assert plan.grids["grid_code"].tolist() == [f"990199001001{n:03d}" for n in (1, 2, 3, 4)]


def test_the_objective_reported_is_the_formula_by_hand(town):
    atoms, weight = town
    plan = partition(atoms, weights=weight, norm=NORM, settings=objective.Objective(beta=1, touch_m=10))
    # Four grids of 2 x 2: the 400 m north-south border is held by both layers, the 400 m west-east one by one of two
    # (d = ½), so it costs ½·½·400 on each side; each grid touches one grid of each layer.
    assert plan.units[0]["objective"] == pytest.approx(2 * 0.5 * 0.5 * 400 + 4 * 10)


def test_the_order_of_atoms_does_not_matter(town):
    atoms, weight = town
    weight += np.arange(16) % 5
    plan = partition(atoms, weights=weight, norm=NORM)
    order = np.random.default_rng(1).permutation(16)
    mixed = partition(atoms.iloc[order].reset_index(drop=True), weights=weight.iloc[order].reset_index(drop=True), norm=NORM)
    assert plan.atoms["grid_code"].iloc[order].tolist() == mixed.atoms["grid_code"].tolist()
    assert plan.grids["grid_code"].tolist() == mixed.grids["grid_code"].tolist()


def test_nest_units_are_parted_as_if_they_were_alone():
    atoms, _ = drawn("aabb\n" * 4, layers={"one": "abab\n" * 4}, nest="xxyy\n" * 4)
    weight = pd.Series(20.0 + np.arange(16) % 3, index=atoms.index)
    plan = partition(atoms, weights=weight, norm=NORM)
    west = atoms["nest_id"] == "x"
    alone = partition(atoms[west].reset_index(drop=True), weights=weight[west].reset_index(drop=True), norm=NORM)
    assert plan.atoms.loc[west, "grid_code"].tolist() == alone.atoms["grid_code"].tolist()


def test_adding_an_equal_layer_changes_nothing_but_weights(town):
    atoms, weight = town
    twice = atoms.copy()
    twice.insert(2, "again", twice["two"])
    one = partition(atoms, weights=weight, norm=NORM)
    two = partition(twice, weights=weight, norm=NORM, settings=objective.Objective(departments={"two": 0.5, "again": 0.5}))
    assert groups(one) == groups(two)
    assert one.units[0]["objective"] == two.units[0]["objective"]


def test_a_unit_is_never_cut(town):
    atoms, weight = town
    atoms["unit_id"] = None
    atoms.loc[[1, 2, 3], "unit_id"] = "compound"
    plan = partition(atoms, weights=weight, norm=NORM)
    assert len(set(plan.atoms.loc[[1, 2, 3], "grid_code"])) == 1


def test_a_barrier_parts_what_the_layers_would_join():
    atoms, _ = drawn("aaaa\n", layers={"one": "aaaa\n"})
    weight = pd.Series(20.0, index=atoms.index)
    river = gpd.GeoDataFrame(geometry=[shapely.LineString([(201, -10), (201, 110)])], crs=CRS)
    whole = partition(atoms, weights=weight, norm=(40, 80))
    parted = partition(atoms, weights=weight, norm=(40, 80), barriers=river)
    assert groups(whole) == [(0, 1, 2, 3)]
    assert groups(parted) == [(0, 1), (2, 3)]


@pytest.mark.parametrize(
    ("weight", "norm", "message"),
    [
        (1.0, NORM, "below the norm's"),
        (11.0, (90, 100), "cannot be shared"),
        (150.0, NORM, "no border to cut it along"),
    ],
)
def test_every_grid_out_of_norm_says_why(town, weight, norm, message):
    atoms, _ = town
    plan = partition(atoms, weights=pd.Series(weight, index=atoms.index), norm=norm)
    reasons = [reason for unit in plan.units for reason in unit["reasons"]]
    assert reasons
    assert any(message in reason["message"] for reason in reasons)
    for reason in reasons:
        assert ".0" not in reason["message"].format(**reason["values"])


def why(weights, *, norm=(90, 110), layer=None, pinned=(), compound=None, **settings):
    """Part a row of atoms; give the sentence for each grid out of norm."""
    art = (layer or "a" * len(weights)) + "\n"
    atoms, _ = drawn(art, layers={"one": art})
    if compound:
        atoms["unit_id"] = [compound if place in pinned else None for place in range(len(atoms))]
        pinned = ()
    pinned = [pins.Together(pinned)] if pinned else []
    homes, settled = pd.Series(weights, dtype=float), objective.Objective(**settings)
    plan = partition(atoms, weights=homes, norm=norm, pins=pinned, settings=settled)
    return [reason["message"].format(**reason["values"]) for reason in plan.units[0]["reasons"]]


def test_a_compound_above_the_norm_is_named_and_pinned_ground_is_called_so():
    assert why([100, 60, 60, 100], pinned=(1, 2), compound="cedar court") == [
        "cedar court alone has 120 households, more than the norm's 110, and is never cut."
    ]
    assert why([100, 60, 60, 100], pinned=(1, 2)) == [
        "Ground that was pinned together has 120 households, more than the norm's 110."
    ]


def test_a_grid_that_could_meet_the_norm_says_what_that_would_have_cost():
    #  a a | b b   105 and 85 households: with the piece of 5 on the other side of the old border both would be within 90 to 104
    said = why([100, 5, 50, 35], norm=(90, 104), layer="aabb", miss_m=0.0, outside_m=1.0)
    assert len(said) == 2
    assert said[0].startswith("Giving a piece of 5 households to a neighbour would meet the norm but be ")
    assert said[1].startswith("Taking a piece of 5 households from a neighbour would meet the norm but be ")


def test_without_households_the_norm_is_said_in_square_metres():
    atoms, _ = drawn("aa\n", layers={"one": "aa\n"})
    (reason,) = partition(atoms, norm=(90_000, 99_000)).units[0]["reasons"]
    assert reason["message"].format(**reason["values"]).startswith("The whole of 990199001001 has 20000 m²")


def test_pins_hold(town):
    atoms, weight = town
    plan = partition(
        atoms,
        weights=weight,
        norm=NORM,
        pins=[pins.Together((0, 15)), pins.Apart((4, 5)), pins.InGrid(2, "g"), pins.InGrid(3, "h"), pins.Locked((12, 13))],
    )
    holds_its_promises(plan, atoms, weight)
    code = plan.atoms["grid_code"]
    assert code[0] == code[15]
    assert code[4] != code[5]
    assert code[2] != code[3]
    assert sorted(code.index[code == code[12]]) == [12, 13]


@pytest.mark.parametrize(
    "wanted",
    [
        [pins.Together((0, 1)), pins.Apart((0, 1))],
        [pins.InGrid(0, "g"), pins.InGrid(0, "h")],
        [pins.Locked((0, 1)), pins.Locked((1, 2))],
        [pins.Locked((0, 15))],
        [pins.Together((0, 99))],
        [pins.InGrid(0, "g"), pins.InGrid(1, "h"), pins.Together((0, 1))],
    ],
)
def test_pins_that_contradict_are_refused_with_the_reason(town, wanted):
    atoms, weight = town
    with pytest.raises(MergeError) as caught:
        partition(atoms, weights=weight, norm=NORM, pins=wanted)
    assert caught.value.sentence("zh") != caught.value.sentence("en")


@given(
    chosen=st.lists(
        st.one_of(
            st.builds(pins.Together, st.tuples(st.integers(0, 15), st.integers(0, 15))),
            st.builds(pins.Apart, st.tuples(st.integers(0, 15), st.integers(0, 15))),
            st.builds(pins.InGrid, st.integers(0, 15), st.sampled_from("ghi")),
            st.builds(pins.Locked, st.integers(0, 14).map(lambda a: (a, a + 1))),
        ),
        max_size=5,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_pins_are_honoured_or_refused(chosen):
    atoms, _ = drawn("aabb\n" * 4, layers={"one": "aabb\n" * 4, "two": "aabb\naabb\nccdd\nccdd"})
    weight = pd.Series(20.0, index=atoms.index)
    try:
        plan = partition(atoms, weights=weight, norm=NORM, pins=chosen)
    except MergeError:
        return
    holds_its_promises(plan, atoms, weight)
    code = plan.atoms["grid_code"]
    names = {}
    for pin in chosen:
        if isinstance(pin, pins.Together):
            assert code[pin.atoms[0]] == code[pin.atoms[1]]
        elif isinstance(pin, pins.Apart):
            assert pin.atoms[0] == pin.atoms[1] or code[pin.atoms[0]] != code[pin.atoms[1]]
        elif isinstance(pin, pins.InGrid):
            assert names.setdefault(pin.grid, code[pin.atom]) == code[pin.atom]
        else:
            assert sorted(code.index[code == code[pin.atoms[0]]]) == sorted(pin.atoms)
    assert len(set(names.values())) == len(names)


@given(
    seed=st.integers(0, 10**6),
    width=st.integers(1, 4),
    height=st.integers(1, 4),
    norm=st.sampled_from([None, (20.0, 50.0), (1000.0, 2000.0)]),
)
@settings(max_examples=40, deadline=None)
def test_weight_and_ground_are_conserved_and_grids_connected(seed, width, height, norm):
    random = np.random.default_rng(seed)
    art = ["\n".join("".join(random.choice(list("abc."), width)) for _ in range(height)) for _ in range(2)]
    atoms, _ = drawn(art[0], layers={"one": art[0], "two": art[1]})
    weight = pd.Series(random.integers(0, 40, len(atoms)).astype(float), index=atoms.index)
    plan = partition(atoms, weights=weight, norm=norm)
    if norm is None:
        plan = Plan(plan.atoms, plan.grids, plan.layers, (0.0, np.inf), plan.units)
    holds_its_promises(plan, atoms, weight)


def partitions(unit):
    """Every partition of a small graph into connected zones, by growing the zone of the first free node."""
    n = len(unit.weight)
    near = [set(unit.neighbour[unit.pointer[u] : unit.pointer[u + 1]].tolist()) for u in range(n)]

    def connected(members):
        reached, queue = {min(members)}, [min(members)]
        while queue:
            for v in near[queue.pop()] & members - reached:
                reached.add(v)
                queue.append(v)
        return len(reached) == len(members)

    def rest(free):
        if not free:
            yield []
            return
        first, others = min(free), sorted(free - {min(free)})
        for size in range(len(others) + 1):
            for more in itertools.combinations(others, size):
                zone = {first, *more}
                if connected(zone):
                    for tail in rest(free - zone):
                        yield [zone, *tail]

    return rest(set(range(n)))


@pytest.mark.parametrize("seed", range(6))
def test_small_units_reach_the_optimum_of_all_partitions(seed):
    random = np.random.default_rng(seed)
    art = ["\n".join("".join(random.choice(list("ab"), 3)) for _ in range(3)) for _ in range(3)]
    atoms, _ = drawn(art[0], layers={"one": art[0], "two": art[1], "three": art[2]})
    weight = pd.Series(random.integers(0, 60, 9).astype(float), index=atoms.index)
    plan = partition(atoms, weights=weight, norm=NORM)
    (unit,) = nodes.nest_units(atoms, weight.to_numpy(), norm=NORM, settings=objective.Objective(), pins=(), barriers=None)
    cost = {}
    best = min(
        sum(cost.setdefault(frozenset(z), objective.zone_cost(unit.graph, np.array(sorted(z)))) for z in zones)
        for zones in partitions(unit.graph)
    )
    assert plan.units[0]["objective"] == pytest.approx(best, abs=0.01)


@pytest.mark.parametrize("norm", [(500, 300), (0, 0), (-1, 5), (1, float("inf"))])
def test_a_norm_that_makes_no_sense_is_refused(town, norm):
    atoms, weight = town
    with pytest.raises(InputError):
        partition(atoms, weights=weight, norm=norm)


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_never_exceeds_the_optimum_and_is_reached(seed):
    random = np.random.default_rng(100 + seed)
    art = ["\n".join("".join(random.choice(list("ab"), 3)) for _ in range(3)) for _ in range(3)]
    atoms, _ = drawn(art[0], layers={"one": art[0], "two": art[1], "three": art[2]})
    weight = pd.Series(random.integers(0, 60, 9).astype(float), index=atoms.index)
    plan = partition(atoms, weights=weight, norm=NORM, effort=Effort.within(1))
    (unit,) = nodes.nest_units(atoms, weight.to_numpy(), norm=NORM, settings=objective.Objective(), pins=(), barriers=None)
    best = min(
        sum(objective.zone_cost(unit.graph, np.array(sorted(zone))) for zone in zones) for zones in partitions(unit.graph)
    )
    record = plan.units[0]
    assert record["bound"] == pytest.approx(best, abs=0.01)
    assert record["gap"] == pytest.approx(0, abs=1e-6)


def test_a_plan_to_begin_from_is_kept_where_nothing_is_better_and_mended_where_it_breaks_a_pin(town):
    atoms, weight = town
    first = partition(atoms, weights=weight, norm=NORM)
    again = partition(atoms, weights=weight, norm=NORM, start=first.atoms["grid_code"])
    assert groups(again) == groups(first)
    moved = partition(
        atoms,
        weights=weight,
        norm=NORM,
        start=first.atoms["grid_code"],
        pins=[pins.Together((1, 2)), pins.Apart((0, 1)), pins.Locked((12, 13, 8, 9))],
    )
    holds_its_promises(moved, atoms, weight)
    code = moved.atoms["grid_code"]
    assert code[1] == code[2]
    assert code[0] != code[1]
    assert sorted(code.index[code == code[12]]) == [8, 9, 12, 13]
