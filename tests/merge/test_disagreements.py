"""Every piece of border is told by who draws it; lengths are counted by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap import merge
from gridmap.merge import borders


@pytest.fixture
def found():
    r"""Four atoms of 100 by 50 m in a row over two: one layer cuts down the middle, both cut across, one leaves a corner out.

    +---+---+   a: 1 | 2      b: x x   (b has no grid in the south-east)
    | 1 | 2 |   a: 3 | 4      b: y -
    +---+---+
    | 3 | 4 |
    +---+---+
    """
    boxes = [shapely.box(x, y, x + 100, y + 50) for y in (50, 0) for x in (0, 100)]
    atoms = gpd.GeoDataFrame({"a": ["1", "2", "3", "4"], "b": ["x", "x", "y", None]}, geometry=boxes, crs=4549)
    return merge.disagreements(atoms, ["a", "b"]).set_index("holders")


def test_a_border_is_held_by_the_layers_whose_grids_differ_across_it(found):
    assert found["length_m"].to_dict() == {"a,b": 250.0, "a": 50.0}
    assert found["n"].to_dict() == {"a,b": 2, "a": 1}


def test_lengths_are_those_of_the_lines(found):
    assert found.geometry.length.tolist() == found["length_m"].tolist()


def test_a_border_of_the_plan_is_new_where_no_layer_draws_it_and_inside_a_community_only():
    #  one old grid, two communities of two atoms, a grid for each atom: of three borders one is the communities' own
    atoms = gpd.GeoDataFrame(
        {"one": ["a"] * 4, "nest_id": ["n", "n", "m", "m"], "grid_code": list("1234")},
        geometry=[shapely.box(10 * x, 0, 10 * x + 10, 10) for x in range(4)],
        crs=4549,
    )
    found = merge.new_borders(atoms, ["one"])
    assert found["nest_id"].tolist() == ["m", "n"]
    assert found["length_m"].tolist() == [10, 10]
    assert shapely.get_coordinates(found.geometry.iloc[1])[:, 0].tolist() == [10, 10]
    atoms["one"] = list("abcd")
    assert merge.new_borders(atoms, ["one"]).empty


def test_a_cut_that_no_layer_draws_is_no_border():
    boxes = [shapely.box(x, 0, x + 10, 10) for x in (0, 10)]
    atoms = gpd.GeoDataFrame({"a": ["1", "1"]}, geometry=boxes, crs=4549)
    assert merge.disagreements(atoms, ["a"]).empty


@given(st.integers(0, 10**6), st.integers(4, 40))
def test_straight_pieces_are_joined_as_geos_joins_them(seed, n):
    spots = shapely.multipoints(np.random.default_rng(seed).uniform(0, 1000, (n, 2)).round(4))
    cells = shapely.get_parts(shapely.voronoi_polygons(spots))
    found = borders.shared_segments(shapely.segmentize(cells, 50))
    if len(found.one):
        expected = shapely.line_merge(shapely.multilinestrings(borders.lines_of(found.ends.reshape(-1, 2, 2))))
        assert shapely.equals(borders.joined(found), expected)
        assert len(borders.joined(found).geoms) == shapely.get_num_geometries(expected)
