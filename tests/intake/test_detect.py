"""A layer's coordinate system is told from how it fits the district, whatever the file says."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import crs, intake
from gridmap.intake import detect


@pytest.fixture(scope="module")
def near():
    """Twenty-five communities of uneven size, as a district has them."""
    x = 560000 + np.cumsum([0, 900, 1300, 700, 1600, 1100])
    y = 4412000 + np.cumsum([0, 1200, 800, 1500, 900, 1000])
    cells = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(5) for j in range(5)]
    return gpd.GeoDataFrame(geometry=cells, index=[f"9901990010{n:02d}" for n in range(25)], crs=4549)


@pytest.fixture(scope="module")
def layer(near):
    """Each community in two, the borders a metre off and with many vertices."""
    halves = []
    for west, south, east, north in near.bounds.to_numpy():
        halves += [shapely.box(west, south, (west + east) / 2, north), shapely.box((west + east) / 2, south, east, north)]
    wobbly = shapely.transform(shapely.segmentize(np.array(halves), 150), lambda c: c + np.sin(c[:, ::-1] * 3))
    return gpd.GeoDataFrame(geometry=wobbly, crs=4549)


def raw(frame, code, *, swapped=False):
    shapes = frame.to_crs(code).geometry.to_numpy()
    return gpd.GeoDataFrame(geometry=shapely.transform(shapes, lambda c: c[:, ::-1]) if swapped else shapes)


def shifted(frame, way):
    degrees = frame.to_crs(4490).geometry.to_numpy()
    return gpd.GeoDataFrame(geometry=shapely.transform(degrees, lambda c: np.column_stack(way(*c.T))))


@pytest.mark.parametrize("code", [4549, 4528, 4509, 4498, 2437, 21460, 3857, 4490])
@pytest.mark.parametrize("swapped", [False, True])
def test_zones_datums_mercator_and_swapped_axes_are_told_by_fit(near, layer, code, swapped):
    best = intake.propose(raw(layer, code, swapped=swapped), near=near)[0]
    assert (best.swapped, best.shifted) == (swapped, None)
    assert best.code == {4509: 4548, 21460: 2436}.get(code, code)  # the same projection under two names
    assert best.follows > 0.5
    again = best.apply(raw(layer, code, swapped=swapped)).to_crs(4549)
    assert shapely.hausdorff_distance(again.geometry.to_numpy(), layer.geometry.to_numpy()).max() < 0.01


@pytest.mark.parametrize(("system", "way"), [("gcj02", crs.to_gcj02), ("bd09", crs.to_bd09)])
def test_shifted_degrees_are_told_by_fit_with_the_shift_measured(near, layer, system, way):
    numbers = shifted(layer, way)
    best = intake.propose(numbers, near=near)[0]
    assert best.shifted == system
    true = layer.to_crs(4490).geometry.iloc[0].centroid
    moved = gpd.GeoSeries([shapely.Point(*(v[0] for v in way(np.array([true.x]), np.array([true.y])))), true], crs=4490)
    apart = moved.to_crs(4549)
    assert best.shift_m == pytest.approx(apart.iloc[0].distance(apart.iloc[1]), rel=0.02)
    again = best.apply(numbers).to_crs(4549)
    assert shapely.hausdorff_distance(again.geometry.to_numpy(), layer.geometry.to_numpy()).max() < 0.1


def test_a_constant_shift_of_a_local_system_is_measured(near, layer):
    local = gpd.GeoDataFrame(geometry=shapely.transform(layer.geometry.to_numpy(), lambda c: c + np.array([45.0, -30.0])))
    best = next(one for one in intake.propose(local, near=near) if one.code == 4549)
    assert best.left_m == pytest.approx((-45.0, 30.0), abs=2.0)


def test_true_degrees_are_not_taken_for_shifted_ones(near, layer):
    assert intake.propose(raw(layer, 4490), near=near)[0].shifted is None


def test_where_nothing_follows_the_district_the_file_is_believed(near):
    west, south, east, north = near.total_bounds
    x, y = np.meshgrid(np.linspace(west + 333, east - 300, 9), np.linspace(south + 421, north - 300, 9))
    own = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 60, y + 60).ravel(), crs=4549)
    best = intake.propose(own, near=near)[0]
    assert best.follows < intake.TELLS
    assert (best.code, best.shifted) == (4549, None)
    assert intake.propose(own.to_crs(2437), near=near)[0].code == 2437


def test_a_layer_along_roads_inside_communities_is_told_by_the_roads(near):
    """Departments that cut their grids along streets follow no border of a large community."""
    west, south, east, north = near.total_bounds
    x, y = np.arange(west + 137, east, 211), np.arange(south + 171, north, 307)
    ways = [shapely.LineString([(at, south), (at, north)]) for at in x]
    ways += [shapely.LineString([(west, at), (east, at)]) for at in y]
    roads = gpd.GeoDataFrame(geometry=ways, crs=4549).to_crs(4490)
    cells = [
        shapely.box(*x[i : i + 1], *y[j : j + 1], x[i + 1], y[j + 1]) for i in range(len(x) - 1) for j in range(len(y) - 1)
    ]
    numbers = shifted(gpd.GeoDataFrame(geometry=cells, crs=4549), crs.to_gcj02).set_crs(4490)
    assert intake.propose(numbers, near=near)[0].follows < intake.TELLS
    best = intake.propose(numbers, near=near, roads=roads)[0]
    assert best.shifted == "gcj02"
    assert best.follows > 0.9


def test_of_readings_that_follow_alike_the_one_with_least_left_to_move_is_proposed():
    """A fine layer follows little of the communities' borders, and a datum two metres off by chance a little more."""
    chance = intake.Proposal(2385, follows=0.341, inside=0.99, left_m=(-1.5, 3.3))
    own = intake.Proposal(4549, follows=0.333, inside=0.99, left_m=(1.9, 0.0))
    far = intake.Proposal(2437, follows=0.1, inside=0.99, left_m=(0.1, 0.0))
    assert detect._ranked([chance, far, own]) == [own, chance, far]


def test_numbers_that_lie_elsewhere_fit_nothing(near):
    far = gpd.GeoDataFrame(geometry=[shapely.box(5, 5, 6, 6)])
    assert intake.propose(far, near=near) == []


def test_without_a_district_every_reading_the_numbers_allow_comes_back(layer):
    names = {one.code for one in intake.propose(raw(layer, 4549), most=100)}
    assert {4548, 4549, 4550, 2385, 2437} <= names


def test_names_are_those_gis_staff_use(layer):
    assert intake.propose(raw(layer, 4490, swapped=True))[0].name.endswith("northing first")
    assert [one.name for one in intake.propose(raw(layer, 4490))][1:] == ["GCJ-02", "BD-09"]


def test_real_shifted_outlines_of_shanghai_fall_on_their_points(shared):
    """The outline of a district from a map service lies off by its shift; put right, it comes back by that very shift."""
    outline = intake.open_file(shared / "data" / "china" / "district_310109.geojson").frame
    right = intake.Proposal(4490, shifted="gcj02").apply(outline)
    moved = outline.to_crs(4549).geometry.iloc[0].centroid.distance(right.to_crs(4549).geometry.iloc[0].centroid)
    assert 300 < moved < 700


def test_a_row_that_strayed_off_the_earth_neither_hides_the_system_nor_is_measured(near, layer, monkeypatch):
    """A place far from all borders is equally near to thousands of them: to ask for the nearest took minutes."""
    asked = []
    steps = detect._Known._steps
    monkeypatch.setattr(
        detect._Known, "_steps", lambda self, places: (asked.append(np.abs(places).max()), steps(self, places))[1]
    )
    stray = gpd.GeoDataFrame(
        geometry=[shapely.box(9e7, 9e7, 9e7 + 10, 9e7 + 10), shapely.box(4412000, 560000, 4412100, 560100)]
    )
    best = intake.propose(pd.concat([raw(layer, 4549), stray], ignore_index=True), near=near)[0]
    assert best.code == 4549
    assert best.inside > 0.9
    assert max(asked) < 5e6
