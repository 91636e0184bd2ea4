"""Households are counted once, wherever they lie."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import MergeError
from gridmap.merge.cut import cut
from gridmap.merge.weigh import weigh

CRS = 26985


def squares(n, side=100.0):
    return gpd.GeoDataFrame(
        {"one": [str(i) for i in range(n * n)], "nest_id": "x"},
        geometry=[shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(n) for x in range(n)],
        crs=CRS,
    )


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 50)), max_size=30))
@settings(max_examples=80, deadline=None)
def test_points_are_counted_once_also_on_borders_and_corners(points):
    frame = gpd.GeoDataFrame(
        {"n": [n for *_, n in points]}, geometry=[shapely.Point(x * 50, y * 50) for x, y, _ in points], crs=CRS
    )
    found = weigh(squares(3), frame, "n")
    assert found.sum() == sum(n for *_, n in points)


def test_polygons_are_spread_by_area():
    frame = gpd.GeoDataFrame({"n": [80]}, geometry=[shapely.box(50, 50, 150, 250)], crs=CRS)
    assert weigh(squares(3), frame, "n").tolist() == [10, 10, 0, 20, 20, 0, 10, 10, 0]


def test_empty_cells_and_shapes_count_as_none():
    frame = gpd.GeoDataFrame({"n": [None, 5, 7]}, geometry=[shapely.Point(1, 1), None, shapely.Point(1, 1)], crs=CRS)
    assert weigh(squares(1), frame, "n").tolist() == [7]


@pytest.mark.parametrize(
    ("frame", "column"),
    [
        (gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(0, 0)], crs=4326), "n"),
        (gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(0, 0)], crs=CRS), "m"),
        (gpd.GeoDataFrame({"n": ["many"]}, geometry=[shapely.Point(0, 0)], crs=CRS), "n"),
        (gpd.GeoDataFrame({"n": [-1]}, geometry=[shapely.Point(0, 0)], crs=CRS), "n"),
        (gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=CRS), "n"),
    ],
)
def test_households_that_cannot_be_counted_are_refused(frame, column):
    with pytest.raises(MergeError):
        weigh(squares(1), frame, column)


def test_only_atoms_above_the_norm_are_cut_and_the_coverage_stays_valid():
    atoms = squares(3)
    homes = gpd.GeoDataFrame({"n": [100, 10]}, geometry=[shapely.box(101, 101, 199, 199), shapely.Point(1, 1)], crs=CRS)
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(-10, 141.7), (310, 161.3)])], crs=CRS)
    pieces = cut(atoms, lines, homes, "n", 60, straight_too=False)
    assert len(pieces) == 10
    assert pieces["one"].value_counts()["4"] == 2
    assert shapely.coverage_is_valid(pieces.geometry.to_numpy())
    assert pieces.area.sum() == pytest.approx(atoms.area.sum())
    assert weigh(pieces, homes, "n").sum() == pytest.approx(110)


def test_a_unit_is_not_cut():
    atoms = squares(1)
    atoms["unit_id"] = "compound"
    homes = gpd.GeoDataFrame({"n": [100]}, geometry=[shapely.box(1, 1, 99, 99)], crs=CRS)
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(-10, 50), (110, 50)])], crs=CRS)
    assert len(cut(atoms, lines, homes, "n", 60)) == 1


def test_lines_that_nearly_coincide_with_borders_leave_no_crumbs():
    atoms = squares(2)
    homes = gpd.GeoDataFrame({"n": [500]}, geometry=[shapely.box(0, 0, 200, 200)], crs=CRS)
    shaky = np.column_stack([np.linspace(-5, 205, 40), 100 + np.tile([1e-7, -0.3], 20)])
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString(shaky), shapely.LineString([(50, -5), (50, 205)])], crs=CRS)
    pieces = cut(atoms, lines, homes, "n", 60, straight_too=False)
    assert shapely.coverage_is_valid(pieces.geometry.to_numpy())
    assert (pieces.area > 1000).all()
    assert len(pieces) == 6


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_straight_cuts_bring_any_ground_below_the_norm(seed):
    random = np.random.default_rng(seed)
    atoms = squares(2)
    shapes = [shapely.Point(*xy) for xy in random.uniform(1, 199, (40, 2))] + [shapely.box(0, 0, 200, 200)]
    homes = gpd.GeoDataFrame({"n": [*random.integers(1, 4, 40), 300]}, geometry=shapes, crs=CRS)
    none = gpd.GeoDataFrame(geometry=[], crs=CRS)
    pieces = cut(atoms, none, homes, "n", 60)
    assert shapely.coverage_is_valid(pieces.geometry.to_numpy())
    assert pieces.area.sum() == pytest.approx(atoms.area.sum())
    found = weigh(pieces, homes, "n")
    assert found.sum() == pytest.approx(homes["n"].sum())
    assert (found <= 60).all()
