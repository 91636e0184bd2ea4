"""Coarse shapes kept on disk are those of the frame that is asked for, whatever became of the file."""

import geopandas as gpd
import pytest
import shapely

from gridmap.maps import held, stored


@pytest.fixture
def cells():
    squares = [shapely.box(119.9 + x / 100, 39.9, 119.91 + x / 100, 39.91) for x in range(3)]
    return gpd.GeoDataFrame({"code": list("abc"), "name_zh": ["甲", "乙", "丙"]}, geometry=squares, crs=4490)


def shown(url):
    return held.packed(url.removeprefix(held.ROOT).removesuffix(".json"))


def held_of(cells, folder):
    return stored.coarse(cells, folder, code="code", name="name_zh")


def test_shapes_are_thinned_once_for_every_run_of_the_program(cells, tmp_path, monkeypatch):
    first = held_of(cells, tmp_path / "kept")
    before = shown(first)
    held._held.clear()
    monkeypatch.setattr(stored.thinning, "shapes", lambda *_, **__: pytest.fail("thinned again"))
    assert held_of(cells, tmp_path / "kept") == first
    assert shown(first) == before


@pytest.mark.parametrize("changed", ["shape", "name", "code"])
def test_another_frame_has_shapes_of_its_own(cells, tmp_path, changed):
    first = held_of(cells, tmp_path)
    other = cells.copy()
    if changed == "shape":
        other.geometry = other.geometry.translate(0.001)
    else:
        other.loc[1, {"name": "name_zh", "code": "code"}[changed]] = "x"
    assert held_of(other, tmp_path) != first
    assert held_of(cells, tmp_path) == first


def test_a_torn_file_and_a_place_nobody_may_write_to_are_no_hindrance(cells, tmp_path):
    first = held_of(cells, tmp_path)
    (torn,) = tmp_path.iterdir()
    torn.write_bytes(torn.read_bytes()[:40])
    assert held_of(cells, tmp_path) == first
    assert held_of(cells, tmp_path / "a file" / "no folder") == first


def test_only_the_last_files_are_kept(cells, tmp_path):
    for step in range(stored.MOST + 3):
        held_of(cells.set_geometry(cells.geometry.translate(step / 1000)), tmp_path)
    assert len(list(tmp_path.iterdir())) == stored.MOST
