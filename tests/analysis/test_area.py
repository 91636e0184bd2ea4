"""An area's record counts what lies in it, and a vacant post never passes as filled."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import analysis, terms
from gridmap.errors import InputError

GRID = "990199001001001"
OTHER = "990199001001002"


@pytest.fixture
def peopled(published):
    staff = pd.DataFrame({"staff_id": ["s1", "s2"], "name_masked": ["张*", "李*"], "community_code": "990199001001"})
    published.load("staff", staff, batch="staff")
    posts = pd.DataFrame(
        {
            "assignment_id": ["a", "b", "c", "d"],
            "grid_code": [GRID, GRID, OTHER, OTHER],
            "staff_id": ["s1", "s2", "s1", None],
            "post": ["grid_head", "full_time", "grid_head", "full_time"],
            "duties": [["信息采集"], ["信息采集"], [], []],
        }
    )
    published.load("grid_assignments", posts, batch="posts")
    place = gpd.points_from_xy([119.902], [39.905], crs=4490)
    orgs = {"party_org_id": ["p"], "org_kind": ["party_branch"], "name_zh": ["支部"], "grid_code": [GRID], "full_members": [9]}
    published.load("party_orgs", gpd.GeoDataFrame(orgs, geometry=place), batch="orgs")
    return published


def test_a_district_has_all_that_its_streets_have(peopled):
    whole = analysis.area(peopled, "990199")
    parts = [analysis.area(peopled, code) for code in ("990199001", "990199002")]
    for name in ("households", "communities", "grids", "grids_with_party"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts), name
    assert whole.area_m2 == pytest.approx(sum(part.area_m2 for part in parts))
    assert (whole.communities, whole.grids, whole.grids_with_party, whole.households) == (4, 8, 1, 2800)


def test_a_grid_is_counted_by_its_own_households(peopled):
    assert analysis.area(peopled, GRID).households == 350


def test_posts_say_who_is_in_them_and_how_many_are_vacant(peopled):
    posts = analysis.area(peopled, "990199001001").posts
    assert posts["grid_head"] == analysis.Post(filled=2, vacant=0, names=("张*",))
    assert posts["full_time"] == analysis.Post(filled=1, vacant=1, names=("李*",))


def test_a_grid_meets_the_four_fixings_only_with_person_post_and_duty(peopled):
    assert all(analysis.area(peopled, GRID).fixings.values())
    assert analysis.area(peopled, OTHER).fixings == {"grid": True, "person": True, "post": True, "duty": False}
    bare = analysis.area(peopled, "990199002001001").fixings
    assert bare == {"grid": True, "person": False, "post": False, "duty": False}


def test_a_code_that_is_none_is_refused(published):
    with pytest.raises(InputError):
        analysis.area(published, "99019")


def test_the_four_digits_that_districts_share_are_the_whole_city(published):
    city, district = analysis.area(published, "9901"), analysis.area(published, "990199")
    assert city.level == "city"
    assert (city.grids, city.communities, city.households) == (district.grids, district.communities, district.households)


@pytest.mark.parametrize(
    ("m2", "standard"), [(None, "below"), (499.9, "below"), (500, "met"), (1000, "met"), (1000.1, "demonstration")]
)
def test_centres_are_judged_by_500_and_1000_square_metres(published, m2, standard):
    frame = {"centre_id": ["c"], "community_code": ["990199001001"], "name_zh": ["中心"], "floor_area_m2": [m2]}
    place = gpd.points_from_xy([119.905], [39.905], crs=4490)
    published.load("service_centres", gpd.GeoDataFrame(frame, geometry=place), batch="c")
    found = analysis.centres(published, "990199")
    assert found.loc["c", "standard"] == standard
    assert found.geometry.iloc[0].equals(shapely.Point(119.905, 39.905))
    assert analysis.centres(published, "990199002").empty


def test_classes_of_matters_have_both_names(published):
    assert analysis.classes(published)["06"] == ("市容环境", "city appearance")


def test_a_blank_setting_is_none(published):
    assert analysis.setting(published, "whistle_limit_minutes") is None
    assert analysis.setting(published, "norm_low") == "300"


def test_the_ground_has_water_and_roads_by_width(published):
    lines = gpd.GeoSeries.from_wkt(["LINESTRING (119.90 39.90, 119.92 39.92)", "LINESTRING (119.90 39.91, 119.92 39.91)"])
    roads = gpd.GeoDataFrame(
        {"road_id": ["a", "b"], "road_class": ["expressway", "alley"]}, geometry=lines.to_numpy(), crs=4490
    )
    published.load("roads", roads, batch="roads")
    ground = analysis.ground(published)
    assert ground["road"].set_index("code")["rank"].to_dict() == {"a": 1, "b": 4}
    assert ground["water"].empty


def test_a_figure_left_blank_is_named_until_it_is_set(published):
    before = terms.language()
    terms.use("zh")
    try:
        assert "吹哨报到时限" in analysis.blanks(published)
        with published.write() as cursor:
            cursor.execute("UPDATE settings SET value = '30' WHERE key = 'whistle_limit_minutes'")
        assert "吹哨报到时限" not in analysis.blanks(published)
    finally:
        terms.use(before)


def test_matters_have_both_names(published):
    assert analysis.matters(published)["06010"][0] == "暴露垃圾"
