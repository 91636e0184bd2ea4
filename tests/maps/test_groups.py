"""Groups of areas: who belongs where travels, the borders between them are drawn of the shapes that are there."""

import io

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gridmap import maps
from gridmap.errors import InputError
from gridmap.maps import figures

SIDE = 4


@pytest.fixture(scope="module")
def pieces():
    """Sixteen squares."""
    lon, lat = (at + np.arange(SIDE + 1) / 100 for at in (119.9, 39.9))
    squares = [shapely.box(lon[x], lat[y], lon[x + 1], lat[y + 1]) for y in range(SIDE) for x in range(SIDE)]
    return gpd.GeoDataFrame({"code": [str(n) for n in range(SIDE**2)], "name_zh": ""}, geometry=squares, crs=4490)


@given(of=st.lists(st.integers(-1, 5), min_size=SIDE**2, max_size=SIDE**2))
def test_each_piece_is_told_its_group_and_each_name_stands_inside_its_own(pieces, of):
    shown = maps.area_layer(pieces, level="atom")
    groups = {f"g{group}": np.flatnonzero(np.array(of) == group).tolist() for group in sorted(set(of) - {-1})}
    line = maps.Groups(pieces).outline(shown, groups, {name: f"<{name}>" for name in groups}, width=2)
    assert line.url == shown.url  # nothing is sent that the browser has
    told = figures.unpack(line.groups)
    for number, (name, members) in enumerate(groups.items()):
        assert np.flatnonzero(told == number).tolist() == members
        said, x, y = line.names[number]
        assert said == f"<{name}>"
        assert shapely.distance(pieces.geometry.to_numpy()[members], shapely.Point(x, y)).min() < 1e-6  # degrees, as sent
    assert np.isnan(told).sum() == of.count(-1)


def test_a_picture_shows_the_borders_of_groups_as_it_shows_those_of_whole_shapes(pieces):
    halves = pieces.dissolve(np.arange(SIDE**2) // 8).reset_index(drop=True)
    halves["code"] = halves["name_zh"] = ["south", "north"]
    shown = maps.area_layer(pieces, level="atom", labels=0)
    grouped = maps.Groups(pieces).outline(shown, {"a": range(8), "b": range(8, 16)}, {"a": "south", "b": "north"}, labels=30)
    base = maps.district_map(tuple(pieces.total_bounds))
    one, two, bare = (
        np.asarray(Image.open(io.BytesIO(maps.picture(base, maps.repaint(shown, outlines=lines)))).convert("L"), float)
        for lines in ([grouped], [maps.outline(halves, labels=30)], [])
    )
    assert np.abs(one - two).sum() < 0.01 * np.abs(one - bare).sum()


def test_pieces_without_a_coordinate_system_are_refused(pieces):
    with pytest.raises(InputError):
        maps.Groups(pieces.set_crs(None, allow_override=True))
