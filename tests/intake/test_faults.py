"""Every fault a department's layer can have is found, with its place and its size, and nothing is found in a clean one."""

import geopandas as gpd
import pytest
import shapely
from shapely import box

from gridmap import intake
from gridmap.errors import InputError


def frame(shapes, ids=None, crs=4549):
    return gpd.GeoDataFrame(geometry=shapes, index=ids or [str(n) for n in range(len(shapes))], crs=crs)


X, Y = 500000, 4400000


def at(west, south, east, north):
    return box(X + west, Y + south, X + east, Y + north)


COMMUNITIES = frame([at(0, 0, 200, 200), at(200, 0, 400, 200)], ["990199001001", "990199002001"])
CLEAN = [at(0, 0, 100, 200), at(100, 0, 200, 200), at(200, 0, 300, 200), at(300, 0, 400, 200)]


def kinds(shapes, ids=None, **context):
    return {one.kind: one for one in intake.find_faults(frame(shapes, ids), **context)}


def test_a_clean_layer_has_no_faults():
    assert intake.find_faults(frame(CLEAN), near=COMMUNITIES, compounds=frame([at(10, 10, 90, 90)])) == []


def test_an_overlap_is_found_with_its_area():
    one = kinds([at(0, 0, 105, 200), *CLEAN[1:]])["overlap"]
    assert one.size == pytest.approx(5 * 200)
    assert one.unit == "m²"
    assert set(one.ids) == {"0", "1"}


def test_a_gap_between_grids_is_found():
    ring = [at(0, 0, 400, 50), at(0, 150, 400, 200), at(0, 50, 100, 150), at(110, 50, 400, 150)]
    assert kinds(ring)["gap"].size == pytest.approx(10 * 100)


def test_a_gap_open_to_the_outside_is_found_where_the_district_is_known():
    open_gap = [at(0, 0, 90, 200), *CLEAN[1:]]
    assert "gap" not in kinds(open_gap)
    assert kinds(open_gap, near=COMMUNITIES)["gap"].size == pytest.approx(10 * 200)


def test_land_outside_the_district_is_found():
    assert kinds([at(-50, 0, 100, 200), *CLEAN[1:]], near=COMMUNITIES)["outside"].size == pytest.approx(50 * 200)


def test_a_border_that_strays_less_than_the_slack_is_no_fault():
    assert not kinds([at(-2, 0, 100, 200), *CLEAN[1:]], near=COMMUNITIES)


def test_a_street_crossed_is_worse_than_a_community_crossed():
    crossing = [at(0, 0, 100, 200), at(100, 0, 250, 200), at(250, 0, 400, 200)]
    assert kinds(crossing, near=COMMUNITIES)["cross_street"].severity == "error"
    same_street = COMMUNITIES.set_axis(["990199001001", "990199001002"])
    one = kinds(crossing, near=same_street)["cross_community"]
    assert one.severity == "warning"
    assert one.size == pytest.approx(50 * 200)


def test_a_compound_cut_is_found():
    one = kinds(CLEAN, compounds=frame([at(80, 10, 110, 60), at(210, 10, 260, 60)], ["甲", "乙"]))["cuts_compound"]
    assert "甲" in one.sentence()
    assert one.size == pytest.approx(10 * 50)


def test_parts_holes_slivers_rings_and_doubles_are_found():
    two_parts = shapely.union_all([at(0, 0, 10, 10), at(50, 0, 60, 10)])
    holed = at(100, 0, 200, 100).difference(at(140, 40, 150, 50))
    bow = shapely.Polygon([(X + 300, Y), (X + 400, Y + 100), (X + 400, Y), (X + 300, Y + 100)])
    sliver = at(0, 150, 300, 150.4)
    found = kinds([bow, two_parts, holed, sliver, holed])
    assert found["multipart"].size == pytest.approx(100)
    assert found["hole"].size == pytest.approx(100)
    assert found["invalid_geom"].place.distance(shapely.Point(X + 350, Y + 50)) < 0.01
    assert found["sliver"].ids == ("3",)
    assert found["duplicate_geometry"].ids == ("2", "4")


def test_a_grid_far_smaller_than_the_others_is_noted():
    found = kinds([*CLEAN[:3], at(300, 0, 301, 100)])
    assert found["size_out_of_range"].ids == ("3",)


def test_codes_are_checked_against_the_community_they_lie_in():
    ids = ["990199001001001", "990199001001002", "990199001001003", "甲"]
    found = [one for one in intake.find_faults(frame(CLEAN, ids), near=COMMUNITIES) if one.kind == "code_mismatch"]
    assert [one.ids for one in found] == [("990199001001003",), ("甲",)]


def test_places_come_back_in_the_layers_own_system():
    degrees = frame([at(0, 0, 105, 200), *CLEAN[1:]]).to_crs(4490)
    one = next(one for one in intake.find_faults(degrees) if one.kind == "overlap")
    assert one.size == pytest.approx(1000, rel=1e-3)
    assert shapely.box(*degrees.total_bounds).covers(one.place)


def test_a_layer_without_crs_is_refused():
    with pytest.raises(InputError, match="no coordinate system"):
        intake.find_faults(frame(CLEAN, crs=None))
