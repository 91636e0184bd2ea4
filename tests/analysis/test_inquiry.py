"""What lies in a drawn area, against counts by hand and by pandas."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import analysis
from gridmap.analysis import closures
from gridmap.errors import InputError
from tests.store.conftest import SOUTH, STEP, WEST, box, frame, incident

START, END = pd.Timestamp("2026-01-01").to_pydatetime(), pd.Timestamp("2027-01-01").to_pydatetime()


@pytest.fixture
def town(published):
    """Two thousand incidents scattered over the four communities, sixteen buildings of 20 households, a centre, a whistle."""
    rng = np.random.default_rng(3)
    spots = rng.random((2000, 2)) * 2
    rows = [
        incident(
            n, 0, 0, x=x, y=y, closed_at=None if n % 3 else pd.Timestamp("2026-02-01"), status="handling" if n % 3 else "closed"
        )
        for n, (x, y) in enumerate(spots)
    ]
    published.load("incidents", pd.DataFrame(rows), batch="incidents")
    homes = [
        {
            "building_id": f"b{n}",
            "households": 20,
            "geometry": box(n % 2, n // 8, 0.1 + 0.2 * (n // 2 % 4), 0.12 + 0.2 * (n // 2 % 4)),
        }
        for n in range(16)
    ]
    published.load("buildings", frame(homes), batch="buildings")
    centre = {
        "centre_id": "c",
        "name_zh": "中心",
        "community_code": "990199001001",
        "floor_area_m2": 600,
        "geometry": box(0, 0).centroid,
    }
    published.load("service_centres", frame([centre]), batch="centres")
    published.load(
        "whistles",
        pd.DataFrame(
            [
                {
                    "whistle_id": "w",
                    "incident_id": "I000007",
                    "community_code": "990199001001",
                    "blown_at": pd.Timestamp("2026-01-02"),
                }
            ]
        ),
        batch="whistles",
    )
    return published, spots


@pytest.mark.parametrize("seed", range(6))
def test_every_incident_inside_is_counted_once_whatever_the_shape(town, seed):
    db, spots = town
    rng = np.random.default_rng(seed)
    places = shapely.points(spots[:, 0] * STEP + WEST, spots[:, 1] * STEP + SOUTH)
    middle = shapely.points(WEST + STEP * rng.uniform(0.5, 1.5), SOUTH + STEP * rng.uniform(0.5, 1.5))
    ground = middle.buffer(STEP * rng.uniform(0.001, 1.2)).difference(middle.buffer(STEP * rng.uniform(0, 0.0009)))
    found = analysis.drawn(db, ground, start=START, end=END)
    inside = int(shapely.contains(ground, places).sum())
    assert found.incidents["n"].sum() == inside
    cases = analysis.listed(db, ground, start=START, end=END)
    assert len(cases) == min(500, inside)


def test_the_list_of_an_area_has_its_newest_incidents_the_newest_first(town):
    db, _ = town
    ground = box(0, 0).union(box(1, 0))
    everything = analysis.listed(db, ground, start=START, end=END, most=10_000)
    assert len(everything) > 500
    assert everything["reported_at"].is_monotonic_decreasing
    newest = analysis.listed(db, ground, start=START, end=END, most=37)
    pd.testing.assert_frame_equal(newest, everything.head(37))
    last = everything["reported_at"].iloc[0].to_pydatetime()
    assert (analysis.listed(db, ground, start=START, end=last)["reported_at"] < last).all()


def test_people_grids_and_places_are_those_inside(town):
    db, _ = town
    found = analysis.drawn(db, box(0, 0), start=START, end=END)
    assert (found.buildings, found.households) == (4, 80)
    assert found.grids.index.tolist() == ["990199001001001", "990199001001002"]
    assert found.grids["households"].sum() == 80
    assert found.grids["share"].tolist() == pytest.approx([1, 1])
    assert found.centres.index.tolist() == ["c"]
    assert found.area_m2 == pytest.approx(gpd.GeoSeries([box(0, 0)], crs=4490).to_crs(4549).area.iloc[0])


def test_an_open_whistle_lies_where_its_case_does(town):
    db, spots = town
    x, y = spots[7] * STEP + (WEST, SOUTH)
    near = shapely.Point(x, y).buffer(1e-5)
    assert analysis.drawn(db, near, start=START, end=END).whistles["whistle_id"].tolist() == ["w"]
    far = shapely.Point(x + 0.004, y).buffer(1e-5)
    assert analysis.drawn(db, far, start=START, end=END).whistles.empty


def test_without_buildings_households_are_shared_by_land(published):
    found = analysis.drawn(published, box(0, 0, 0.0, 0.25), start=START, end=END)
    assert found.by_area
    assert found.households == 175


def test_around_adds_metres(published):
    wide = analysis.around(box(0, 0), 500)
    grown = gpd.GeoSeries([wide, box(0, 0)], crs=4490).to_crs(4549)
    assert grown.iloc[0].hausdorff_distance(grown.iloc[1]) == pytest.approx(500, rel=0.01)


def test_an_empty_drawing_says_so(published):
    with pytest.raises(InputError, match="empty"):
        analysis.drawn(published, shapely.Polygon(), start=START, end=END)


def test_a_closed_road_makes_those_behind_it_walk_farther(published):
    """One road west to east, a detour north of it; the centre at its west end, homes at its east end."""
    w, s = WEST, SOUTH
    line = shapely.LineString
    roads = [
        {"road_id": "r1", "road_class": "branch", "geometry": line([(w, s + 0.005), (w + 0.01, s + 0.005)])},
        {
            "road_id": "r2",
            "road_class": "branch",
            "geometry": line([(w, s + 0.005), (w, s + 0.009), (w + 0.01, s + 0.009), (w + 0.01, s + 0.005)]),
        },
    ]
    published.load("roads", frame(roads), batch="roads")
    homes = [{"building_id": "b", "households": 30, "geometry": shapely.Point(w + 0.0101, s + 0.005).buffer(1e-5)}]
    published.load("buildings", frame(homes), batch="buildings")
    centre = {"centre_id": "c", "name_zh": "中心", "community_code": "990199001001", "geometry": shapely.Point(w, s + 0.005)}
    published.load("service_centres", frame([centre]), batch="centres")
    closed = analysis.along(line([(w + 0.004, s + 0.005), (w + 0.006, s + 0.005)]), 20)
    found = analysis.closure(published, closed)
    assert (found.inside, found.longer, found.cut_off) == (0, 30, 0)
    assert found.more_m == pytest.approx(2 * 0.004 * 111_000, rel=0.01)


def test_a_way_around_is_the_same_whether_near_roads_or_all_are_looked_at(published, monkeypatch):
    """Roads in a grid of streets, a centre in one corner; what is near is first taken too narrow, then wide enough."""
    line, w, s = shapely.LineString, WEST, SOUTH
    across = [line([(w, s + step), (w + 0.01, s + step)]) for step in np.linspace(0, 0.01, 6)]
    along = [line([(w + step, s), (w + step, s + 0.01)]) for step in np.linspace(0, 0.01, 6)]
    roads = [{"road_id": f"r{n}", "road_class": "branch", "geometry": road} for n, road in enumerate(across + along)]
    published.load("roads", frame(roads), batch="roads")
    homes = [
        {
            "building_id": f"b{n}",
            "households": 10,
            "geometry": shapely.Point(w + 0.001 + 0.002 * (n % 5), s + 0.0093 - 0.001 * n).buffer(1e-5),
        }
        for n in range(8)
    ]
    published.load("buildings", frame(homes), batch="buildings")
    centre = {"centre_id": "c", "name_zh": "中心", "community_code": "990199001001", "geometry": shapely.Point(w, s)}
    published.load("service_centres", frame([centre]), batch="centres")
    closed = analysis.along(line([(w, s + 0.003), (w + 0.007, s + 0.003)]), 20)
    found = [analysis.closure(published, closed)]
    for metres in (1.0, 1e6):
        monkeypatch.setattr(closures, "ROUND_M", metres)
        found.append(analysis.closure(published, closed))
    assert found[0] == found[1] == found[2]
    assert found[0].longer > 0
