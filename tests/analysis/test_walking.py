"""How far people walk is measured along the roads; what nobody reaches counts as outside; new sites serve whom they say."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap import analysis
from gridmap.analysis.roads import Network, joined
from gridmap.errors import StoreError

KM_EAST = 1 / 85.4  # degrees of longitude at 39.9° north, near enough to tell 900 m from 1,100


@pytest.fixture
def walked(published):
    """A road west to east through the south row, a centre at its west end, a home 0.4, 0.8, 1.2 and 1.6 km along it.

    C--1--2--3--4   100 households each; the home far north has no road near it.
    """
    west, south = 119.9005, 39.905
    homes = [(west + step * 0.4 * KM_EAST, south) for step in (1, 2, 3, 4)]
    buildings = gpd.GeoDataFrame(
        {"building_id": ["b1", "b2", "b3", "b4"], "households": [100] * 4},
        geometry=[shapely.Point(at).buffer(0.00005) for at in homes],
        crs=4490,
    )
    published.load("buildings", buildings, batch="buildings")
    centre = {"centre_id": ["c"], "name_zh": ["中心"], "community_code": ["990199001001"], "centre_level": ["community"],
              "floor_area_m2": [600.0], "has_meals": [True]}  # fmt: skip
    published.load(
        "service_centres", gpd.GeoDataFrame(centre, geometry=[shapely.Point(west, south)], crs=4490), batch="centres"
    )
    road = shapely.LineString([(west, south), (west + 1.7 * KM_EAST, south)])
    published.load(
        "roads", gpd.GeoDataFrame({"road_id": ["r"], "road_class": ["branch"]}, geometry=[road], crs=4490), batch="roads"
    )
    return published


def test_homes_within_fifteen_minutes_at_four_km_an_hour_live_within_a_kilometre(walked):
    reach = analysis.reach(walked)
    assert reach.way == "roads"
    assert reach.limit_m == pytest.approx(1000)
    assert reach.within.tolist() == [True, True, False, False]
    assert reach.homes["metres"].to_numpy() == pytest.approx([400, 800, 1200, 1600], rel=0.01)


def test_areas_sum_homes_up(walked):
    areas = analysis.reach(walked).areas(6)
    assert areas.loc["990199", ["households", "within", "outside"]].tolist() == [400, 200, 200]
    assert areas.loc["990199", "minutes"] == pytest.approx(15, rel=0.01)


def test_only_centres_with_what_is_needed_count(walked):
    assert analysis.reach(walked, need=["has_meals"]).within.sum() == 2
    with pytest.raises(StoreError, match="No service centre"):
        analysis.reach(walked, need=["has_clinic"])


def test_without_roads_the_way_is_straight_and_says_so(walked):
    with walked.write() as cursor:
        cursor.execute("DELETE FROM roads")
    reach = analysis.reach(walked)
    assert reach.way == "straight"
    assert reach.homes["metres"].to_numpy() == pytest.approx([400, 800, 1200, 1600], rel=0.01)
    proposed = analysis.sites(walked, reach, code="990199")
    assert proposed["households"].tolist() == [200]


def test_a_home_no_road_leads_to_is_outside(walked):
    far = gpd.GeoDataFrame(
        {"road_id": ["island"], "road_class": ["branch"]},
        geometry=[shapely.LineString([(119.905, 39.918), (119.906, 39.918)])],
        crs=4490,
    )
    walked.load("roads", far, batch="island")
    home = gpd.GeoDataFrame(
        {"building_id": ["b5"], "households": [7]}, geometry=[shapely.Point(119.9055, 39.918).buffer(0.00005)], crs=4490
    )
    walked.load("buildings", home, batch="island home")
    reach = analysis.reach(walked)
    lost = reach.homes.set_index("home").loc["b5"]
    assert np.isinf(lost["metres"])
    assert pd.isna(lost["centre_id"])
    assert reach.areas(6).loc["990199", "outside"] == 207


def test_a_new_site_brings_in_the_households_it_names(walked):
    reach = analysis.reach(walked)
    proposed = analysis.sites(walked, reach, code="990199")
    assert proposed["households"].tolist() == [200]
    assert proposed["share"].tolist() == [1.0]
    spot = proposed.iloc[0]
    centre = {"centre_id": ["new"], "name_zh": ["新"], "community_code": ["990199001002"], "centre_level": ["community"]}
    walked.load("service_centres", gpd.GeoDataFrame(centre, geometry=[spot.geometry], crs=4490), batch="new")
    assert analysis.reach(walked).within.all()
    assert analysis.sites(walked, analysis.reach(walked), code="990199").empty


def test_an_expressway_is_not_walked(walked):
    with walked.write() as cursor:
        cursor.execute("UPDATE roads SET road_class = 'expressway'")
    assert analysis.reach(walked).way == "straight"


def test_an_empty_setting_is_said_and_not_guessed(walked):
    walked.fill_in("walk_kmh", None)
    with pytest.raises(StoreError, match="walk_kmh"):
        analysis.reach(walked)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6), st.integers(0, 9), st.integers(0, 9))
def test_on_a_chessboard_of_streets_the_way_is_the_sum_of_both_sides(goals, x, y):
    streets = [shapely.LineString([(0, 100 * k), (900, 100 * k)]) for k in range(10)]
    streets += [shapely.LineString([(100 * k, 0), (100 * k, 900)]) for k in range(10)]
    network = Network(joined(np.array(streets)), shapely.points([(100 * a, 100 * b) for a, b in goals]))
    metres, which = network.nearest()
    feet = network.feet(shapely.points([(100 * x, 100 * y)]))
    expected = min(100 * (abs(a - x) + abs(b - y)) for a, b in goals)
    assert feet.reached(metres)[0] == pytest.approx(expected, abs=0.1)
    assert 0 <= which[feet.before[0]] < len(goals)
