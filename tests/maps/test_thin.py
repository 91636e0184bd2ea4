"""Borders thinned at once: what the reader sees is the layer, to a pixel of a map of 8,000, however many its vertices are."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap import maps
from gridmap.maps import held, thin

VIEW_PX = 8000


def wavy(side, step=2.0):
    """A lattice of cells with wavy shared borders near the district, in metres."""
    x, y = np.meshgrid(np.arange(side) * 100.0, np.arange(side) * 100.0)
    cells = shapely.segmentize(shapely.box(x, y, x + 100, y + 100).ravel(), step)
    bent = shapely.transform(cells, lambda c: c + [500000, 4400000] + 3 * np.sin(c[:, ::-1] / 7))
    return gpd.GeoDataFrame(geometry=bent, crs=4549)


def drawn(frame):
    """The features' geometries, back in the frame's own system."""
    features = json.loads(thin.borders(frame))["features"]
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
    return gpd.GeoSeries(shapes, crs=4490).to_crs(frame.crs)


def pixel(frame):
    west, south, east, north = frame.total_bounds
    return np.hypot(east - west, north - south) / VIEW_PX


def test_a_border_stays_within_two_pixels_and_most_vertices_go():
    frame = wavy(40)
    seen = drawn(frame)
    assert shapely.get_num_coordinates(seen).sum() < 0.6 * shapely.get_num_coordinates(frame.geometry).sum()
    away = seen.boundary.hausdorff_distance(frame.boundary.reset_index(drop=True))
    assert away.max() < 2 * pixel(frame)
    assert away.mean() < 1 * pixel(frame)


def test_neighbours_are_thinned_alike_along_their_border():
    frame = wavy(40)
    seen = drawn(frame).to_numpy()
    left, right = shapely.STRtree(seen).query(seen, predicate="overlaps")
    assert shapely.area(shapely.intersection(seen[left], seen[right])).max(initial=0.0) < 100 * pixel(frame)
    assert abs(shapely.area(shapely.union_all(seen)) / frame.area.sum() - 1) < 1e-3


def test_holes_and_parts_are_drawn_and_bare_corners_stay_as_they_are():
    square = shapely.box(500000, 4400000, 500900, 4400900)
    holed = square.difference(shapely.box(500300, 4400300, 500600, 4400600))
    both = shapely.multipolygons([shapely.box(501000, 4400000, 501100, 4400100), shapely.box(501200, 4400000, 501300, 4400100)])
    frame = gpd.GeoDataFrame(geometry=[holed, both], crs=4549)
    rings = [one["geometry"]["coordinates"] for one in json.loads(thin.borders(frame))["features"]]
    assert [[len(ring) for ring in rings_] for rings_ in rings] == [[5, 5], [5, 5]]
    assert all(ring[0] == ring[-1] for rings_ in rings for ring in rings_)
    given_xy = shapely.get_coordinates(frame.to_crs(4490).geometry)
    assert np.abs(np.concatenate([ring for rings_ in rings for ring in rings_]) - given_xy).max() < 1e-6


def test_what_is_no_area_is_left_to_the_slower_way():
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(119.9, 39.9), (119.91, 39.9)])], crs=4490)
    assert thin.borders(line) is None
    outline = maps.borders(line, colour="#123456")
    assert outline.colour == "#123456"
    assert held.packed(outline.url.removeprefix(held.ROOT).removesuffix(".json"))
    assert thin.borders(gpd.GeoDataFrame(geometry=[], crs=4490)) is None


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89)), min_size=3, max_size=30, unique=True))
def test_every_number_is_written_as_it_is(points):
    frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(points)], crs=4490)
    ring = np.array(json.loads(thin.borders(frame))["features"][0]["geometry"]["coordinates"][0])
    known = {tuple(point) for point in np.rint(np.array(points) * 1e6).astype(int)}
    assert {tuple(point) for point in np.rint(ring * 1e6).astype(int)} <= known


def test_a_frame_without_a_system_is_refused():
    with pytest.raises(Exception, match="coordinate system"):
        thin.borders(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]))
