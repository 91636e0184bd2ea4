"""Every merge check finds its fault where it is, and finds nothing in a plan that keeps its promises."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap.merge import checks

A, B = "990199001001", "990199001002"


def frame(boxes, **columns):
    shapes = [box if isinstance(box, shapely.Geometry) else shapely.box(*box) for box in boxes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4549)


#   A001 | A002 | B001
GRIDS = {"grid_code": [A + "001", A + "002", B + "001"], "nest_id": [A, A, B], "weight": [400.0, 400.0, 400.0]}
BOXES = [(0, 0, 10, 10), (10, 0, 20, 10), (20, 0, 30, 10)]
NEST = frame([(0, 0, 20, 10), (20, 0, 30, 10)]).set_index(pd.Index([A, B]))
LAYER = frame([(0, 0, 30, 10)]).set_index(pd.Index(["z1"]))


def found(grids, **given):
    given = {"nest": NEST, "layers": {"zongzhi": LAYER}} | given
    return {(finding.kind, finding.ids) for finding in checks.check(grids, **given)}


def test_a_plan_that_keeps_its_promises_has_no_finding():
    crosswalk = pd.DataFrame({"layer": "zongzhi", "old_id": "z1", "grid_code": GRIDS["grid_code"], "share_of_old": [1 / 3] * 3})
    assignments = pd.DataFrame(
        {"grid_code": GRIDS["grid_code"], "staff_id": ["s"] * 3, "post": ["full_time"] * 3, "duties": [["patrol"]] * 3}
    )
    given = {
        "crosswalk": crosswalk,
        "units": frame([(1, 1, 5, 5)]).set_index(pd.Index(["u1"])),
        "points": gpd.GeoDataFrame(geometry=[shapely.Point(10, 5), shapely.Point(30, 10)], crs=4549),
        "norm": (300, 500),
        "assignments": assignments,
        "party_orgs": pd.DataFrame({"grid_code": GRIDS["grid_code"]}),
    }
    assert found(frame(BOXES, **GRIDS), **given) == set()


def test_invalid_and_multipart_grids_are_named():
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    two = shapely.MultiPolygon([shapely.box(10, 0, 14, 10), shapely.box(16, 0, 20, 10)])
    kinds = {kind: ids for kind, ids in found(frame([bow, two, BOXES[2]], **GRIDS)) if kind in {"invalid_geom", "multipart"}}
    assert kinds == {"invalid_geom": (A + "001",), "multipart": (A + "002",)}


def test_an_overlap_is_placed_and_measured():
    grids = frame([(0, 0, 12, 10), *BOXES[1:]], **GRIDS)
    overlap = next(f for f in checks.check(grids, nest=NEST, layers={}) if f.kind == "overlap")
    assert overlap.size == pytest.approx(20)
    assert overlap.place.equals(shapely.box(10, 0, 12, 10))
    assert overlap.ids == (A + "001", A + "002")


def test_a_gap_is_reported_by_community():
    gap = [f for f in checks.check(frame([(0, 0, 8, 10), *BOXES[1:]], **GRIDS), nest=NEST, layers={}) if f.kind == "gap"]
    assert [(f.ids, round(f.size)) for f in gap] == [((A,), 20)]


def test_a_border_that_misses_its_neighbours_vertex_is_a_mismatch():
    bent = shapely.Polygon([(0, 0), (10, 0), (10.05, 5), (10, 10), (0, 10)])
    assert ("mismatch", (A + "001",)) in found(frame([bent, *BOXES[1:]], **GRIDS))


def test_a_grid_outside_its_community_is_reported_but_not_below_a_square_metre():
    assert ("cross_community", (A + "002", A)) in found(frame([BOXES[0], (10, 0, 21, 10), (21, 0, 30, 10)], **GRIDS))
    assert found(frame([BOXES[0], (10, 0, 20.05, 10), (20.05, 0, 30, 10)], **GRIDS)) == set()


def test_a_grid_of_no_known_community_is_reported():
    assert ("cross_community", (A + "001",)) in found(frame(BOXES, **(GRIDS | {"nest_id": ["elsewhere", A, B]})))


def test_a_compound_cut_by_a_grid_is_reported_but_not_one_standing_across_communities():
    units = frame([(8, 2, 12, 8), (18, 2, 22, 8)]).set_index(pd.Index(["cut", "across"]))
    cuts = {ids[0] for kind, ids in found(frame(BOXES, **GRIDS), units=units) if kind == "cuts_compound"}
    assert cuts == {"cut"}


def test_grids_out_of_norm_are_warnings_with_their_households():
    sizes = checks.check(frame(BOXES, **(GRIDS | {"weight": [299, 300, 501]})), nest=NEST, layers={}, norm=(300, 500))
    assert [(f.ids, f.size, f.severity) for f in sizes] == [((A + "001",), 299, "warning"), ((B + "001",), 501, "warning")]


def test_incidents_in_no_grid_are_told_apart_from_those_outside_every_community():
    points = gpd.GeoDataFrame(geometry=[shapely.Point(9, 5), shapely.Point(99, 5)], index=["in", "out"], crs=4549)
    grids = frame([(0, 0, 8, 10), *BOXES[1:]], **GRIDS)
    orphans = {f.ids: f.severity for f in checks.check(grids, nest=NEST, layers={}, points=points) if f.kind == "orphan"}
    assert orphans == {("in",): "error", ("out",): "warning"}


def test_a_point_on_a_border_lies_in_the_grid_with_the_smallest_code():
    points = gpd.GeoDataFrame(geometry=[shapely.Point(10, 5), shapely.Point(20, 5), shapely.Point(-1, 5)], crs=4549)
    assert checks.locate(frame(BOXES, **GRIDS), points).tolist() == [0, 1, -1]


def test_old_grids_that_are_missing_or_do_not_add_up_are_reported():
    layer = frame([(0, 0, 10, 10), (10, 0, 30, 10)]).set_index(pd.Index(["gone", "short"]))
    crosswalk = pd.DataFrame({"layer": ["zongzhi"], "old_id": ["short"], "grid_code": [A + "002"], "share_of_old": [0.9]})
    orphans = found(frame(BOXES, **GRIDS), layers={"zongzhi": layer}, crosswalk=crosswalk)
    assert orphans == {("orphan", ("gone",)), ("orphan", ("short",))}


def test_a_code_given_twice_or_under_another_community_is_reported():
    codes = [A + "001", A + "001", A + "003"]
    assert {kind for kind, _ in found(frame(BOXES, **(GRIDS | {"grid_code": codes})))} == {"code_mismatch"}


def test_codes_that_do_not_run_west_to_east_are_a_note():
    swapped = frame(BOXES, **(GRIDS | {"grid_code": [A + "002", A + "001", B + "001"]}))
    notes = [f for f in checks.check(swapped, nest=NEST, layers={}) if f.kind == "code_order"]
    assert [f.severity for f in notes] == ["note"]


def test_a_grid_without_person_post_and_duty_or_without_party_is_reported():
    whole = {"grid_code": GRIDS["grid_code"], "staff_id": ["s", None, "s"], "post": ["p"] * 3, "duties": [["d"], ["d"], []]}
    party = pd.DataFrame({"grid_code": GRIDS["grid_code"][:2]})
    lacking = found(frame(BOXES, **GRIDS), assignments=pd.DataFrame(whole), party_orgs=party)
    assert lacking == {("four_fixings", (A + "002",)), ("four_fixings", (B + "001",)), ("no_party_org", (B + "001",))}


def test_only_the_checks_that_are_asked_for_are_made():
    grids = frame([(0, 0, 12, 10), (10, 0, 20, 10), (21, 0, 30, 10)], **GRIDS)
    everything = {kind for kind, _ in found(grids)}
    assert everything >= {"overlap", "mismatch", "gap"}
    assert {kind for kind, _ in found(grids, only={2})} == {"mismatch"}
    assert found(grids, only=set()) == set()
