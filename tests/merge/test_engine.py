"""The whole way from layers to grids: every promise of a merge, and the same bytes however it is run."""

import itertools
import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap import merge
from gridmap.errors import GridmapError, InputError, MergeError
from gridmap.merge import noding, stitch, streets
from tests.merge import drawn

QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class StoppedError(Exception):
    """What a page raises to stop long work."""


def layer(boxes, prefix):
    shapes = [shapely.box(*box) for box in boxes]
    return gpd.GeoDataFrame(geometry=shapes, index=[f"{prefix}{n}" for n in range(1, len(boxes) + 1)], crs=4549)


def city(*, columns=4, rows=2, side=400.0, shift=(0.0, 0.0), jitter=0.0, seed=1):
    """Streets of two communities each, side by side, under two layers whose grids pay no heed to streets.

    One community is side x side metres; the first layer has strips half as wide, the second bands half as high, both moved
    by up to ``jitter`` metres. Households stand in points.
    """
    random = np.random.default_rng(seed)
    x0, y0 = shift
    nest = layer(
        [(x0 + c * side, y0 + r * side, x0 + (c + 1) * side, y0 + (r + 1) * side) for c in range(columns) for r in range(rows)],
        "",
    )
    nest.index = [f"99019900{c // 2 + 1}{c % 2 * rows + r + 1:03d}" for c in range(columns) for r in range(rows)]
    width, height = columns * side, rows * side
    cuts = np.arange(1, 2 * columns) * side / 2 + random.uniform(-jitter, jitter, 2 * columns - 1)
    x = x0 + np.array([0, *cuts, width])
    cuts = np.arange(1, 2 * rows) * side / 2 + random.uniform(-jitter, jitter, 2 * rows - 1)
    y = y0 + np.array([0, *cuts, height])
    strips = layer([(a, y0, b, y0 + height) for a, b in itertools.pairwise(x)], "z")
    bands = layer([(x0, a, x0 + width, b) for a, b in itertools.pairwise(y)], "y")
    homes = gpd.GeoDataFrame(
        {"homes": random.integers(1, 9, 200)},
        geometry=gpd.points_from_xy(x0 + random.uniform(0, width, 200), y0 + random.uniform(0, height, 200)),
        crs=4549,
    )
    return merge.Inputs(nest=nest, layers={"zongzhi": strips, "yingji": bands}, weights=homes)


OPTIONS = merge.Options(norm=(40, 120), weight_column="homes")


@pytest.fixture(scope="module")
def merged():
    return merge.run(city(jitter=30.0), OPTIONS)


def wkb(frame):
    return b"".join(shapely.to_wkb(frame.geometry.to_numpy()))


def test_grids_fill_every_community_without_gap_overlap_or_overstepping(merged):
    nest = city().nest
    assert shapely.coverage_is_valid(merged.grids.geometry.to_numpy())
    assert merged.grids.area.sum() == pytest.approx(nest.area.sum())
    homes = nest.loc[merged.grids["nest_id"]].geometry.to_numpy()
    assert shapely.covers(homes, merged.grids.geometry.to_numpy()).all()
    assert not [finding for finding in merged.findings if finding.severity == "error"]


def test_the_tables_have_the_columns_the_design_names(merged):
    assert merged.grids.columns.tolist() == ["grid_code", "nest_id", "weight", "area_m2", "geometry"]
    assert merged.atoms.columns.tolist() == ["zongzhi", "yingji", "nest_id", "geometry", "weight", "grid_code"]
    assert merged.crosswalk.columns.tolist() == [
        "layer", "old_id", "grid_code", "area_m2", "weight", "share_of_old", "share_of_new",
    ]  # fmt: skip
    assert {"layer", "id", "what", "why", "area_m2", "geometry"} <= set(merged.edits.columns)


def test_households_are_conserved_and_every_old_grids_shares_sum_to_one(merged):
    assert merged.grids["weight"].sum() == city(jitter=30.0).weights["homes"].sum()
    assert merged.atoms["weight"].sum() == merged.grids["weight"].sum()
    assert np.allclose(merged.crosswalk.groupby(["layer", "old_id"])["share_of_old"].sum(), 1)


def test_the_report_is_json_and_says_in_both_languages_what_the_plan_costs(merged):
    report = json.loads(json.dumps(merged.report))
    assert {"nest_id", "atoms", "grids", "objective", "bound", "gap", "seconds", "reasons"} <= set(report["units"][0])
    assert report["costs"]["layers"]["zongzhi"]["old"] == 8
    assert len(report["words"]["zh"]) == len(report["words"]["en"]) > 5
    assert report["costs"]["proof"] == {"communities": 8, "proven": 8, "bounded": 0, "no_bound": 0, "widest_gap": 0.0}
    assert "Of 8 communities, 8 have the best plan there is by these prices." in report["words"]["en"]
    assert set(report["seconds"]["stages"]) == {"Clean", "Overlay", "Weigh", "Partition"}


def test_an_old_grid_that_goes_on_next_door_is_not_logged_as_cut(merged):
    assert "cut" not in set(merged.edits["what"])


def test_ground_outside_every_community_is_logged_once_with_its_area():
    inputs = city()
    sticking_out = inputs.layers["yingji"].copy()
    sticking_out.geometry = [shapely.box(-25, 0, 1600, 200), *sticking_out.geometry[1:]]
    found = merge.run(replace(inputs, layers={**inputs.layers, "yingji": sticking_out}), OPTIONS)
    cut = found.edits[found.edits["what"] == "cut"]
    assert cut[["layer", "id"]].to_numpy().tolist() == [["yingji", "y1"]]
    assert cut["area_m2"].item() == pytest.approx(25 * 200)


def test_a_second_run_gives_the_same_bytes(merged):
    again = merge.run(city(jitter=30.0), OPTIONS)
    assert wkb(again.grids) == wkb(merged.grids)
    pd.testing.assert_frame_equal(again.crosswalk, merged.crosswalk)


@pytest.mark.slow
def test_two_workers_give_the_same_bytes_as_one_where_ground_is_cut_too(merged):
    lines = [shapely.LineString([(x, -1), (x + 40, 801)]) for x in range(50, 1600, 100)]
    inputs = replace(city(jitter=30.0), along=gpd.GeoDataFrame(geometry=lines, crs=4549))
    options = replace(OPTIONS, norm=(10, 25))
    alone, again = (merge.run(inputs, options, workers=workers) for workers in (1, 2))
    assert len(alone.atoms) > len(merged.atoms)
    assert wkb(again.grids) == wkb(alone.grids)
    assert wkb(again.atoms) == wkb(alone.atoms)
    pd.testing.assert_frame_equal(again.crosswalk, alone.crosswalk)


@QUICK
@given(st.integers(-50_000, 50_000), st.integers(-50_000, 50_000))
def test_moving_the_inputs_moves_the_grids(merged, dx, dy):
    moved = merge.run(city(jitter=30.0, shift=(float(dx), float(dy))), OPTIONS)
    back = moved.grids.translate(-dx, -dy)
    assert moved.grids["grid_code"].tolist() == merged.grids["grid_code"].tolist()
    assert shapely.equals_exact(back.to_numpy(), merged.grids.geometry.to_numpy(), tolerance=1e-3, normalize=True).all()


@QUICK
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(merged, random):
    def shuffled(frame):
        return frame.iloc[random.sample(range(len(frame)), len(frame))]

    inputs = city(jitter=30.0)
    mixed = replace(
        inputs,
        nest=shuffled(inputs.nest),
        layers={name: shuffled(frame) for name, frame in inputs.layers.items()},
        weights=shuffled(inputs.weights),
    )
    assert wkb(merge.run(mixed, OPTIONS).grids) == wkb(merged.grids)


@QUICK
@given(st.integers(1, 1000), st.floats(0, 60))
def test_any_layers_give_a_valid_coverage_and_keep_area_and_households(seed, jitter):
    inputs = city(seed=seed, jitter=jitter, columns=4)
    found = merge.run(inputs, OPTIONS)
    assert shapely.coverage_is_valid(found.grids.geometry.to_numpy())
    assert found.grids.area.sum() == pytest.approx(inputs.nest.area.sum())
    assert found.grids["weight"].sum() == inputs.weights["homes"].sum()
    assert not [finding for finding in found.findings if finding.severity == "error"]


def test_a_street_without_a_change_beside_one_with_changes_has_an_empty_log():
    found = merge.run(city(seed=212, jitter=41.0, columns=4), OPTIONS)
    assert found.edits.crs == found.grids.crs


def test_a_layer_equal_to_another_changes_nothing_but_weights():
    inputs = city()
    merged = merge.run(inputs, OPTIONS)
    twice = replace(inputs, layers={**inputs.layers, "again": inputs.layers["zongzhi"]})
    objective = merge.Objective(departments={"zongzhi": 0.5, "again": 0.5, "yingji": 1.0})
    found = merge.run(twice, replace(OPTIONS, objective=objective))
    assert wkb(found.atoms) == wkb(merged.atoms)
    assert found.atoms[["zongzhi", "yingji", "nest_id"]].equals(merged.atoms[["zongzhi", "yingji", "nest_id"]])
    assert (found.atoms["again"] == found.atoms["zongzhi"]).all()


@settings(QUICK, max_examples=3)
@given(st.integers(1, 1000))
def test_a_quarter_turn_of_the_inputs_turns_the_plan(seed):
    """Codes run west to east and so change; what the plan costs, and how large its grids are, does not."""
    inputs = city(columns=2, jitter=30.0, seed=seed)
    turned = replace(
        inputs,
        nest=drawn.turned(inputs.nest),
        layers={key: drawn.turned(frame) for key, frame in inputs.layers.items()},
        weights=drawn.turned(inputs.weights),
    )
    here, there = merge.run(inputs, OPTIONS), merge.run(turned, OPTIONS)
    assert there.report["objective"] == pytest.approx(here.report["objective"], rel=1e-3)
    assert len(there.grids) == len(here.grids)
    assert there.grids["area_m2"].sum() == pytest.approx(here.grids["area_m2"].sum(), abs=0.01)


@settings(QUICK, max_examples=3)
@given(st.integers(1, 1000), st.floats(0.2, 0.8))
def test_refining_a_layer_loses_no_label(seed, share):
    inputs = city(columns=2, jitter=30.0, seed=seed)
    halves = {}
    for name, shape in inputs.layers["zongzhi"].geometry.items():
        x0, y0, x1, y1 = shape.bounds
        middle = x0 + share * (x1 - x0)
        halves |= {f"{name}/1": shapely.box(x0, y0, middle, y1), f"{name}/2": shapely.box(middle, y0, x1, y1)}
    fine = gpd.GeoDataFrame(geometry=list(halves.values()), index=list(halves), crs=inputs.nest.crs)
    merged = merge.run(replace(inputs, layers={**inputs.layers, "zongzhi": fine}), OPTIONS)
    assert set(merged.atoms["zongzhi"]) == set(fine.index)
    assert set(merged.atoms["yingji"]) == set(inputs.layers["yingji"].index)
    shares = merged.crosswalk.groupby(["layer", "old_id"])["share_of_old"].sum()
    assert len(shares) == len(fine) + len(inputs.layers["yingji"])
    assert shares.to_numpy() == pytest.approx(1.0)


def test_a_settings_priority_decides_contested_ground():
    inputs = city(columns=2)
    both = gpd.GeoDataFrame(
        {"department": ["zongzhi", "yingji"]},
        geometry=[shapely.box(0, 0, 420, 800), shapely.box(390, 0, 800, 800)],
        index=["z", "y"],
        crs=inputs.nest.crs,
    )
    whole = {}
    for first in ("zongzhi", "yingji"):
        merged = merge.run(replace(inputs, layers={"joint": both}), replace(OPTIONS, priority=(first,), time_limit_s=0))
        whole[first] = merged.atoms.area.groupby(merged.atoms["joint"]).sum().round().to_dict()
    assert whole == {"zongzhi": {"z": 336_000, "y": 304_000}, "yingji": {"z": 312_000, "y": 328_000}}


def test_a_barrier_through_the_middle_of_old_grids_parts_the_new_ones_and_a_light_one_does_not():
    #  one community, one old grid; the river runs where no department has a border
    inputs = city(columns=1, rows=1)
    inputs = replace(inputs, layers={"zongzhi": inputs.nest.set_axis(["z1"])})
    river = shapely.LineString([(-50, 170), (450, 210)])
    for weight, grids in ((None, 2), (0.0, 1)):
        barriers = gpd.GeoDataFrame({"weight": [weight]}, geometry=[river], crs=4549)
        half = replace(OPTIONS, norm=(100, 10_000), objective=merge.Objective(barrier=9.0))
        found = merge.run(replace(inputs, barriers=barriers), half)
        assert len(found.grids) == grids
        sides = shapely.length(shapely.intersection(found.grids.geometry.to_numpy(), river))
        inside = shapely.length(shapely.intersection(shapely.buffer(found.grids.geometry.to_numpy(), -1), river))
        assert (inside < 1).all() == (grids == 2), sides
        assert not [finding for finding in found.findings if finding.severity == "error"]


def test_without_households_ground_above_a_norm_of_area_is_cut_too():
    inputs = city(columns=1, rows=1)
    whole = replace(inputs, layers={"zongzhi": inputs.nest.set_axis(["z1"])}, weights=None)
    along = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 200), (400, 200)])], crs=4549)
    options = merge.Options(norm=(70_000, 90_000))
    assert len(merge.run(whole, options).grids) == 1
    found = merge.run(replace(whole, along=along), options)
    assert found.grids["area_m2"].tolist() == pytest.approx([80_000, 80_000], abs=1)
    assert "Of 2 new grids, 2 measure 70000 to 90000 m², 0 less and 0 more." in found.report["words"]["en"]


@QUICK
@given(st.floats(20, 380), st.floats(1, 40))
def test_pins_on_both_sides_of_a_cut_hold_when_it_is_drawn_anew(along_m, off_m):
    inputs = city(columns=1, rows=1)
    lines = [shapely.LineString([(x, -1), (x + 80, 401)]) for x in (100, 200, 300)]
    middle = lines[0].interpolate(along_m)
    places = gpd.points_from_xy([middle.x - off_m, middle.x + off_m], [middle.y, middle.y])
    given_inputs = replace(
        inputs,
        layers={"zongzhi": inputs.nest.set_axis(["z1"])},
        along=gpd.GeoDataFrame(geometry=lines, crs=4549),
        pins=merge.pins_by_name(gpd.GeoDataFrame({"grid": ["a", "b"]}, geometry=places, crs=4549)),
    )
    found = merge.run(given_inputs, replace(OPTIONS, norm=(400, 650)))
    held = [np.flatnonzero(found.grids.contains(place)).tolist() for place in places]
    assert all(len(one) == 1 for one in held)
    assert held[0] != held[1]
    assert found.grids["weight"].sum() == inputs.weights["homes"].sum()


def test_compounds_are_never_cut():
    inputs = city(jitter=30.0)
    compounds = layer([(150, 150, 260, 260), (380, 90, 520, 140), (900, 300, 1100, 390)], "c")
    found = merge.run(replace(inputs, units=compounds), OPTIONS)
    assert not [finding for finding in found.findings if finding.kind == "cuts_compound"]
    assert {"c1", "c2", "c3"} == set(found.atoms["unit_id"].dropna())


def test_incidents_are_counted_by_grid_each_once():
    inputs = city()
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([400, 400, 10, -5], [400, 10, 10, 10]), crs=4549)
    counted = merge.run(replace(inputs, points=points), OPTIONS).report["incidents"]
    assert (counted["total"], counted["in_no_grid"], sum(counted["by_grid"].values())) == (4, 1, 3)


def test_an_unchanged_plan_keeps_its_codes(merged):
    old = merged.grids.assign(grid_code=[code[:-3] + f"{500 + n}" for n, code in enumerate(merged.grids["grid_code"])])
    again = merge.run(replace(city(jitter=30.0), previous=old), OPTIONS).grids
    assert sorted(again["grid_code"]) == sorted(old["grid_code"])


def test_a_cancelled_merge_stops_at_the_next_report():
    def stop(_stage, share):
        if share > 0.2:
            raise StoppedError

    with pytest.raises(StoppedError):
        merge.run(city(), OPTIONS, progress=stop)


@pytest.mark.slow
def test_a_cancelled_merge_in_processes_stops_too():
    def stop(_stage, share):
        if share > 0:
            raise StoppedError

    with pytest.raises(StoppedError):
        merge.run(city(), OPTIONS, workers=2, progress=stop)


def test_progress_only_grows_and_ends_at_one():
    shares = []
    merge.run(city(), OPTIONS, progress=lambda _stage, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def streets_of(nest):
    return streets.street_of(nest.index, shapely.get_coordinates(nest.centroid))


def test_streets_are_the_first_nine_digits_of_official_codes():
    assert set(streets_of(city().nest)) == {"990199001", "990199002"}


def test_other_ids_are_parted_by_where_they_lie_whatever_their_order():
    nest = city(columns=10, rows=6).nest
    nest.index = [f"unit {n}" for n in range(len(nest))]
    one = pd.Series(streets_of(nest), index=nest.index)
    other = nest.iloc[::-1]
    assert pd.Series(streets_of(other), index=other.index).loc[nest.index].equals(one)
    assert one.value_counts().max() <= streets.UNITS


def test_streets_that_bent_towards_different_vertices_match_after_stitching():
    #  a | b   a's side has a vertex 0.1 mm off the border that b's side lacks
    a = shapely.Polygon([(0, 0), (10, 0), (10.0001, 5), (10, 10), (0, 10)])
    b = shapely.box(10, 0, 20, 10)
    assert not shapely.coverage_is_valid(np.array([a, b]))
    stitched = stitch.stitch(np.array([a, b]), np.array([0, 1]))
    assert shapely.coverage_is_valid(stitched)
    assert shapely.hausdorff_distance(stitched, np.array([a, b])).max() < 1e-3


BAD = {
    "no layers": (lambda i: replace(i, layers={}), InputError, "at least one layer"),
    "an empty layer": (lambda i: replace(i, layers={"zongzhi": i.nest.iloc[:0]}), MergeError, "zongzhi has no grids"),
    "no CRS": (lambda i: replace(i, layers={"zongzhi": i.nest.set_crs(None, allow_override=True)}), InputError, "zongzhi"),
    "another CRS": (lambda i: replace(i, layers={"zongzhi": i.nest.to_crs(4326)}), MergeError, "zongzhi"),
    "elsewhere": (lambda i: replace(i, layers={"zongzhi": i.nest.set_geometry(i.nest.translate(1e6))}), MergeError, "overlap"),
    "a reserved name": (lambda i: replace(i, layers={"nest_id": i.nest}), InputError, "nest_id"),
    "a line": (lambda i: replace(i, layers={"z": i.nest.set_geometry(i.nest.boundary)}), MergeError, "not areas"),
    "ids twice": (lambda i: replace(i, layers={"z": i.nest.set_axis(["a"] * len(i.nest))}), MergeError, "more than once"),
    "text households": (lambda i: replace(i, weights=i.weights.assign(homes="many")), InputError, "homes"),
    "negative households": (lambda i: replace(i, weights=i.weights.assign(homes=-1)), InputError, "homes"),
    "text barriers": (lambda i: replace(i, barriers=i.nest.assign(weight="strong")), InputError, "weight of the barriers"),
    "no such column": (lambda i: replace(i, weights=i.weights.rename(columns={"homes": "x"})), InputError, "no column homes"),
}


@pytest.mark.parametrize(("change", "kind", "says"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_merged_is_refused_in_one_sentence(change, kind, says):
    with pytest.raises(GridmapError, match=says) as refused:
        merge.run(change(city()), OPTIONS)
    assert isinstance(refused.value, kind)


def test_small_communities_are_proven_without_being_given_time_and_time_makes_no_plan_dearer(merged):
    proven = merge.run(city(jitter=30.0), replace(OPTIONS, time_limit_s=1))
    for result in (merged, proven):
        assert all(unit["bound"] is not None and unit["bound"] <= unit["objective"] for unit in result.report["units"])
    assert proven.report["objective"] <= merged.report["objective"]


def test_a_piece_smaller_than_the_setting_is_no_atom_of_its_own(merged):
    smallest = merged.atoms.area.min()
    coarse = merge.run(city(jitter=30.0), replace(OPTIONS, sliver_m2=1.01 * smallest, time_limit_s=0))
    assert len(coarse.atoms) < len(merged.atoms)
    assert coarse.atoms.area.sum() == pytest.approx(merged.atoms.area.sum())


@pytest.mark.parametrize("norm", [(500, 300), (-1, 5), (0, 0), (float("nan"), 5), (1, float("inf"))])
def test_a_norm_that_is_no_range_is_refused(norm):
    with pytest.raises(InputError, match="norm"):
        merge.Options(norm=norm)


def test_the_metric_crs_is_the_one_asked_for_the_nests_own_or_chinas_zone():
    nest = city().nest
    assert merge.common_crs(nest).to_epsg() == 4549
    assert merge.common_crs(nest, crs=4548).to_epsg() == 4548
    assert (
        merge.common_crs(
            nest.set_crs(4490, allow_override=True).set_geometry(gpd.points_from_xy([119.9] * 8, [39.9] * 8))
        ).to_epsg()
        == 4549
    )


@pytest.mark.parametrize(("crs", "says"), [(4326, "not in metres"), (999999, "unknown")])
def test_a_crs_that_is_not_metric_is_refused(crs, says):
    with pytest.raises(InputError, match=says):
        merge.common_crs(city().nest, crs=crs)


def test_a_nest_in_degrees_outside_china_needs_a_crs():
    nest = gpd.GeoDataFrame(geometry=[shapely.box(-77.1, 38.8, -76.9, 39.0)], crs=4326)
    with pytest.raises(InputError, match="--crs"):
        merge.common_crs(nest)


@pytest.mark.slow
def test_a_cluster_without_workers_is_refused():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=0, host="127.0.0.1", protocol="tcp", dashboard_address=None) as cluster,
        pytest.raises(MergeError, match="no workers"),
    ):
        merge.run(city(), OPTIONS, scheduler=cluster.scheduler_address)


def test_a_grid_far_larger_than_its_street_is_logged_whole():
    inputs = city()
    vast = inputs.layers["yingji"].copy()
    vast.geometry = [shapely.box(-5000, 0, 1600, 200), *vast.geometry[1:]]
    found = merge.run(replace(inputs, layers={**inputs.layers, "yingji": vast}), OPTIONS)
    cut = found.edits[found.edits["what"] == "cut"]
    assert cut["area_m2"].item() == pytest.approx(5000 * 200)
    assert cut["before_m2"].item() == pytest.approx(6600 * 200)
    assert cut["after_m2"].item() == pytest.approx(1600 * 200)


def test_a_needle_that_rounding_folds_hides_no_border():
    #  +------+    the lower grid has a needle 0.03 mm wide up the upper grid's left side; on the grid of 0.1 mm it is a line
    #  | over |    walked up and down, which must not pass for the upper grid's own border
    #  +------+
    #  | low  |
    over = shapely.Polygon([(0, 0), (10, 0), (10, 3), (0, 3), (0, 1)])
    low = shapely.Polygon([(0, -3), (-0.00003, 0), (-0.00001, 1), (0, 0), (10, 0), (10, -3)])
    assert len(noding.faces(np.array([low, over]))) == 2
