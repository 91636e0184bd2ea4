"""What clean promises: a coverage against the nest, no grid lost, each change in the log, as near the truth as can be."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import InputError, MergeError
from gridmap.merge.clean import PRIORITY, TWICE, clean
from tests.merge import drawn

CRS = 4549


def frame(**shapes):
    return gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs=CRS)


NEST = frame(n=shapely.box(0, 0, 200, 100))


def changes(done):
    return [(row.what, row.id, row.to, round(row.area_m2)) for row in done.edits.itertuples()]


def holds(done, nest, uncovered=0.0, within=0.0):
    shapes = done.layer.geometry.to_numpy()
    whole = shapely.union_all(nest.geometry.to_numpy())
    union = shapely.union_all(shapes)
    rim = 2e-4 * shapely.length(whole)
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    assert abs(shapely.area(shapes).sum() - union.area) < 1e-3
    assert union.difference(whole).area < rim
    assert abs(whole.difference(union).area - uncovered) < rim + within


def test_an_overlap_goes_to_the_larger_grid():
    layer = frame(small=shapely.box(0, 0, 90, 100), large=shapely.box(85, 0, 200, 100))
    done = clean(layer, nest=NEST)
    assert done.layer.area.to_dict() == {"small": 8500.0, "large": 11500.0}
    assert changes(done) == [("given", "small", "large", 500)]
    holds(done, NEST)


def test_an_overlap_goes_to_the_first_in_priority():
    layer = frame(small=shapely.box(0, 0, 90, 100), large=shapely.box(85, 0, 200, 100))
    done = clean(layer, nest=NEST, priority=["small"])
    assert done.layer.area.to_dict() == {"small": 9000.0, "large": 11000.0}
    assert done.edits["why"].tolist() == [PRIORITY]


def test_priority_can_name_departments():
    layer = frame(small=shapely.box(0, 0, 90, 100), large=shapely.box(85, 0, 200, 100))
    done = clean(layer.assign(department=["zongzhi", "yingji"]), nest=NEST, priority=["zongzhi", "yingji"])
    assert done.layer.area.to_dict() == {"small": 9000.0, "large": 11000.0}


def test_a_grid_drawn_inside_another_keeps_its_ground():
    layer = frame(around=shapely.box(0, 0, 200, 100), inside=shapely.box(50, 40, 80, 60))
    done = clean(layer, nest=NEST)
    assert done.layer.area.to_dict() == {"around": 19400.0, "inside": 600.0}
    holds(done, NEST)


def test_a_grid_covered_by_several_others_is_not_lost():
    layer = frame(
        a=shapely.box(0, 0, 100, 100),
        b=shapely.box(100, 0, 200, 100),
        c=shapely.box(90, 40, 110, 50),
        d=shapely.box(90, 50, 110, 60),
    )
    done = clean(layer, nest=NEST)
    assert list(done.layer.index) == ["a", "b", "c", "d"]
    holds(done, NEST)


def test_the_second_of_two_grids_on_the_same_ground_is_named_as_lost():
    layer = frame(one=shapely.box(0, 0, 200, 100), two=shapely.box(0, 0, 200, 100))
    done = clean(layer, nest=NEST)
    assert list(done.layer.index) == ["one"]
    assert ("lost", "two", None, 20000) in changes(done)
    assert TWICE in set(done.edits["why"])


def test_of_two_grids_on_the_same_ground_the_first_keeps_it_though_a_third_cuts_both_in_two():
    same = shapely.box(0, 0, 100, 100)
    layer = frame(first=same, copy=same, band=shapely.box(92, 0, 94, 100), other=shapely.box(100, 0, 200, 100))
    done = clean(layer, nest=NEST)
    assert done.layer.area.to_dict() == {"first": 9200, "copy": 600, "band": 200, "other": 10000}
    holds(done, NEST)


def test_a_gap_between_two_grids_goes_to_the_longest_border():
    layer = frame(
        a=shapely.box(0, 0, 100, 100), b=shapely.Polygon([(200, 0), (200, 100), (105, 100), (100, 95), (100, 5), (105, 0)])
    )
    done = clean(layer, nest=NEST)
    assert changes(done) == [("closed", None, "b", 12)] * 2
    holds(done, NEST)


def test_a_gap_open_to_the_outside_is_closed():
    layer = frame(a=shapely.box(0, 2, 100, 100), b=shapely.box(100, 0, 200, 100))
    done = clean(layer, nest=NEST)
    holds(done, NEST)
    assert done.edits["area_m2"].sum() == pytest.approx(200)


def test_a_gap_around_many_grids_is_shared_between_them():
    cells = {f"g{x}{y}": shapely.box(50 * x + 1, 50 * y + 1, 50 * x + 49, 50 * y + 49) for x in range(4) for y in range(2)}
    done = clean(frame(**cells), nest=NEST)
    holds(done, NEST)
    assert done.layer.area.between(2480, 2520).all()


def test_ground_wider_than_the_tolerance_is_left_and_its_thin_ends_are_closed():
    """Park 60 x 60 m not covered, and a 3 m inlet that runs on from it to the east."""
    hole = shapely.union_all([shapely.box(20, 20, 80, 80), shapely.box(80, 48, 200, 51)])
    layer = frame(a=shapely.difference(shapely.box(0, 0, 200, 100), hole))
    done = clean(layer, nest=NEST, tolerance_m=20)
    holds(done, NEST, uncovered=3600, within=60)
    assert {change[0] for change in changes(done)} == {"closed", "left"}


def test_an_endless_tolerance_closes_everything():
    layer = frame(a=shapely.box(0, 0, 60, 100), b=shapely.box(140, 0, 200, 100))
    done = clean(layer, nest=NEST, tolerance_m=float("inf"))
    holds(done, NEST)


def test_a_thin_piece_cut_off_goes_to_its_neighbour_and_a_wide_one_stays():
    thin = shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(150, 0, 152, 100)])
    layer = frame(a=thin, b=shapely.box(100, 0, 150, 100), c=shapely.box(152, 0, 200, 100))
    done = clean(layer, nest=NEST, tolerance_m=20)
    assert ("moved", "a", "b", 200) in changes(done)
    wide = clean(layer, nest=NEST, tolerance_m=1)
    assert ("kept", "a", "a", 200) in changes(wide)
    assert wide.layer.geometry["a"].geom_type == "MultiPolygon"
    holds(done, NEST)
    holds(wide, NEST)


def test_ground_outside_the_nest_is_cut_off_and_a_grid_outside_is_named():
    layer = frame(a=shapely.box(-10, 0, 200, 100), away=shapely.box(500, 0, 600, 100))
    done = clean(layer, nest=NEST)
    assert list(done.layer.index) == ["a"]
    assert sorted(changes(done), key=str) == [
        ("cut", "a", None, 1000),
        ("cut", "away", None, 10000),
        ("lost", "away", None, 10000),
    ]


def test_crossing_rings_are_repaired_and_named():
    layer = frame(bow=shapely.Polygon([(0, 0), (200, 100), (200, 0), (0, 100)]))
    done = clean(layer, nest=NEST, tolerance_m=1)
    assert changes(done)[0][:3] == ("repaired", "bow", "bow")
    holds(done, NEST, uncovered=10000, within=2)


def test_a_nest_is_its_own_frame():
    nest = frame(a=shapely.box(0, 0, 110, 100), b=shapely.box(100, 0, 200, 100))
    done = clean(nest)
    holds(done, NEST)
    assert done.layer.area.to_dict() == {"a": 11000.0, "b": 9000.0}


def test_rows_columns_and_order_are_kept_and_the_input_is_not_changed():
    layer = frame(z=shapely.box(0, 0, 90, 100), a=shapely.box(85, 0, 200, 100)).assign(name=["东", "西"])
    before = layer.copy(deep=True)
    done = clean(layer, nest=NEST)
    assert done.layer["name"].to_dict() == {"z": "东", "a": "西"}
    assert done.layer.crs == layer.crs
    assert layer.equals(before)


def test_a_layer_that_cannot_be_cleaned_is_refused():
    with pytest.raises(InputError):
        clean(NEST.set_crs(None, allow_override=True), nest=NEST)
    with pytest.raises(MergeError):
        clean(NEST.iloc[:0], nest=NEST)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_clean_layer_stays_as_it_is(seed):
    random = np.random.default_rng(seed)
    shapes = drawn.partition(random, (0, 0, 400, 300), 12, 3.0)
    layer = drawn.frame(shapes, "g")
    done = clean(layer, nest=layer)
    assert np.abs(done.layer.area - layer.area).max() < 0.1
    assert done.edits["area_m2"].sum() < 1.0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.5, 2.0]))
def test_a_careless_copy_becomes_a_coverage_that_fills_the_nest(seed, metres):
    random = np.random.default_rng(seed)
    truth = drawn.partition(random, (0, 0, 400, 300), 12, 3.0)
    nest = drawn.frame(truth, "n")
    done = clean(drawn.frame(drawn.degraded(random, truth, metres), "g"), nest=nest)
    holds(done, nest)
    assert len(done.layer) == len(truth)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 2.0]))
def test_the_log_accounts_for_every_square_metre(seed, metres):
    """What a grid had, less what left it, and what came to it, is what it has: a person can check the log with a calculator."""
    random = np.random.default_rng(seed)
    truth = drawn.partition(random, (0, 0, 400, 300), 12, 3.0)
    layer = drawn.frame(drawn.degraded(random, truth, metres), "g")
    done = clean(layer, nest=drawn.frame(truth, "n"))
    log = done.edits
    assert np.allclose(log.geometry.area, log["area_m2"])
    assert log["why"].str.len().min() > 10
    balance = layer.area.copy()
    for change in log[log["what"].isin(["given", "cut", "moved", "lost"])].itertuples():
        balance[change.id] -= change.area_m2
    for change in log[log["what"].isin(["closed", "moved"])].itertuples():
        balance[change.to] += change.area_m2
    rim = 2e-4 * layer.length.max()
    assert (done.layer.area - balance.reindex(done.layer.index)).abs().max() < rim


def wrong(cleaned, truth):
    """Square metres that are not with the grid they truly belong to."""
    kept = shapely.area(shapely.intersection(cleaned, truth))
    return float(shapely.area(truth).sum() - kept.sum())


@pytest.mark.parametrize("metres", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("way", ["careless", "shrunk", "grown"])
@pytest.mark.parametrize("seed", range(2))
def test_cleaning_comes_at_least_as_near_the_truth_as_coverage_clean(seed, way, metres):
    random = np.random.default_rng(seed)
    truth = drawn.partition(random, (0, 0, 600, 400), 20, 3.0)
    if way == "careless":
        worse = drawn.degraded(random, truth, metres)
    else:
        sign = -1 if way == "shrunk" else 1
        worse = shapely.buffer(truth, sign * random.uniform(0, metres, len(truth)), join_style="mitre")
    nest = drawn.frame([shapely.union_all(truth)], "n")
    done = clean(drawn.frame(worse, "g"), nest=nest)
    mine = done.layer.geometry.reindex(drawn.frame(worse, "g").index).to_numpy()
    peer = shapely.coverage_clean(worse, gap_width=1000, snapping_distance=0, merge_strategy="max_area")
    assert wrong(mine, truth) <= wrong(peer, truth) * 1.02 + 1e-3
