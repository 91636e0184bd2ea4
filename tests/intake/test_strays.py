"""Rows with swapped or mistyped coordinates are set aside and named; a layer that lies in two places keeps both."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap import intake
from gridmap.intake import strays

WAYS = {"swapped": lambda c: c[:, ::-1], "thousandfold": lambda c: 1000 * c}


def layer(code, **changed):
    """Forty grids in rows of eight; of those numbered, the coordinates are changed in a way of WAYS."""
    x, y = 500_000 + 300 * (np.arange(40) % 8), 4_400_000 + 300 * (np.arange(40) // 8)
    shapes = gpd.GeoSeries(shapely.box(x, y, x + 280, y + 280), crs=4549).to_crs(code).to_numpy().copy()
    for way, number in changed.items():
        shapes[number] = shapely.transform(shapes[number], WAYS[way])
    return gpd.GeoDataFrame({"no": [f"g{n}" for n in range(40)]}, geometry=shapes, crs=code)


@pytest.mark.parametrize(("code", "changed"), [(4490, {"swapped": 3, "thousandfold": 7}), (4549, {"swapped": 3})])
def test_rows_with_swapped_or_mistyped_coordinates_are_set_aside_and_the_others_lie_where_they_are(code, changed, tmp_path):
    layer(code, **changed).to_file(tmp_path / "a.gpkg")
    opened = intake.set_strays_aside(intake.open_file(tmp_path / "a.gpkg"))
    found = next(one for one in opened.findings if one.kind == "stray")
    assert found.ids == tuple(f"g{number}" for number in changed.values())
    assert len(opened.frame) == 40 - len(changed)
    assert opened.crs == code
    assert "metres_as_degrees" not in {one.kind for one in opened.findings}


def test_an_exclave_and_a_layer_in_two_places_are_kept():
    sound = layer(4549)
    moved = sound.geometry.to_numpy().copy()
    moved[0] = shapely.transform(moved[0], lambda c: c + 40_000)
    assert not strays.strays(sound.set_geometry(moved)).any()
    moved[:6] = shapely.transform(moved[:6], WAYS["swapped"])
    assert not strays.strays(sound.set_geometry(moved)).any()
    assert not strays.strays(sound.iloc[:3]).any()
