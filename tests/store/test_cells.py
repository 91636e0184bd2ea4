"""What the cell index promises: the same answer as exact geometry, and exactly one polygon a point."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.store import CellIndex

SQUARES = gpd.GeoSeries(
    {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1), "c": shapely.box(0, 1, 1, 2), "d": shapely.box(1, 1, 2, 2)}
)


def located(index, points):
    xy = np.asarray(points, float).reshape(-1, 2)
    found = index.locate(xy[:, 0].copy(), xy[:, 1].copy())
    return [None if position < 0 else index.codes[position] for position in found]


def exact(polygons, points):
    """The first polygon by code that each point touches, by shapely."""
    tree = shapely.STRtree(np.asarray(polygons.sort_index().array))
    codes = polygons.sort_index().index
    found = [None] * len(points)
    for point, shape in sorted(zip(*tree.query(shapely.points(points), predicate="intersects"), strict=True), reverse=True):
        found[point] = codes[shape]
    return found


def cells(count, seed, size=1.0):
    """Voronoi cells that fill a square."""
    frame = shapely.box(0, 0, size, size)
    seeds = shapely.multipoints(np.random.default_rng(seed).random((count, 2)) * size)
    parts = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame)), frame)
    return gpd.GeoSeries(parts, index=[f"{number:04d}" for number in range(len(parts))])


def test_a_border_belongs_to_the_polygon_east_and_north_of_it():
    index = CellIndex(SQUARES)
    assert located(index, [(1, 0.5), (0.5, 1), (1, 1), (0, 0)]) == ["b", "c", "d", "a"]


def test_points_on_the_outer_top_and_right_edge_fall_out_of_the_rule_but_not_out_of_the_answer():
    index = CellIndex(SQUARES)
    assert located(index, [(2, 0.5), (0.5, 2), (2, 2), (1, 2)]) == ["b", "c", "d", "c"]


def test_points_outside_in_a_hole_and_without_coordinates_lie_nowhere():
    holed = gpd.GeoSeries({"a": shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))})
    index = CellIndex(holed)
    assert located(index, [(4, 4), (-1, 0), (1.5, 1.5), (np.nan, 1), (1, np.inf), (0.5, 0.5)]) == [None] * 5 + ["a"]


def test_where_polygons_overlap_the_smallest_code_wins():
    over = gpd.GeoSeries({"b": shapely.box(0, 0, 2, 2), "a": shapely.box(1, 1, 3, 3), "c": shapely.box(1.2, 1.2, 1.4, 1.4)})
    index = CellIndex(over)
    assert located(index, [(0.5, 0.5), (1.5, 1.5), (2.5, 2.5), (1.3, 1.3)]) == ["b", "a", "a", "a"]


def test_every_part_of_a_multipolygon_counts():
    two = gpd.GeoSeries(
        {"a": shapely.multipolygons([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]), "b": shapely.box(2, 2, 3, 3)}
    )
    assert located(CellIndex(two), [(0.5, 0.5), (5.5, 5.5), (2.5, 2.5), (4, 4)]) == ["a", "a", "b", None]


def test_polygons_smaller_than_a_cell_are_found():
    tiny = gpd.GeoSeries({"big": shapely.box(0, 0, 1000, 1000), "tiny": shapely.box(0.001, 0.001, 0.002, 0.002)})
    assert located(CellIndex(tiny.loc[["tiny", "big"]].rename({"tiny": "a", "big": "b"})), [(0.0015, 0.0015), (0.5, 0.5)]) == [
        "a",
        "b",
    ]


@settings(deadline=None, max_examples=25)
@given(count=st.integers(2, 60), seed=st.integers(0, 10_000), size=st.sampled_from([1e-3, 1.0, 5e4]))
def test_random_points_get_the_answer_of_exact_geometry(count, seed, size):
    polygons = cells(count, seed, size)
    points = np.random.default_rng(seed + 1).random((200, 2)) * size * 1.1
    assert located(CellIndex(polygons), points) == exact(polygons, points)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(2, 40), seed=st.integers(0, 10_000))
def test_points_on_corners_and_borders_lie_in_exactly_one_of_the_polygons_they_touch(count, seed):
    polygons = cells(count, seed)
    corners = shapely.get_coordinates(polygons.array)
    touching = shapely.STRtree(polygons.array).query(shapely.points(corners), predicate="dwithin", distance=1e-9)
    allowed = {point: set() for point in range(len(corners))}
    for point, shape in zip(*touching, strict=True):
        allowed[point].add(polygons.index[shape])
    assert all(code in allowed[point] for point, code in enumerate(located(CellIndex(polygons), corners)))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_overlaps_gaps_and_holes_get_the_answer_of_exact_geometry(seed):
    random = np.random.default_rng(seed)
    shapes = [shapely.Point(*random.random(2) * 10).buffer(random.random() * 3 + 0.1, quad_segs=3) for _ in range(12)]
    shapes = [shape.difference(shapely.Point(*random.random(2) * 10).buffer(1)) for shape in shapes]
    polygons = gpd.GeoSeries([s for s in shapes if not s.is_empty])
    polygons.index = [f"{number:02d}" for number in range(len(polygons))]
    points = random.random((300, 2)) * 12 - 1
    assert located(CellIndex(polygons), points) == exact(polygons, points)


@pytest.mark.parametrize("count", [300, 6000])
def test_both_cell_sizes_give_the_answer_of_exact_geometry(count):
    polygons = cells(count, 5)
    points = np.random.default_rng(6).random((20_000, 2))
    assert located(CellIndex(polygons), points) == exact(polygons, points)
