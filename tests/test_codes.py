"""Codes say their level, their parent, and refuse what is none."""

import pytest

from gridmap import codes, crs
from gridmap.errors import InputError


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("370102", "district", None),
        ("370102011", "street", "370102"),
        ("370102011201", "community", "370102011"),
        ("370102011201016", "grid", "370102011201"),
        ("370102011201A16", "grid", "370102011201"),
    ],
)
def test_a_code_knows_its_level_and_its_parent(code, level, parent):
    assert codes.level(code) == level
    assert codes.parent(code) == parent


@pytest.mark.parametrize("code", ["", "37010", "37010a", "3701020112010", "370102011201a16", "３７０１０２"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(InputError):
        codes.level(code)


@pytest.mark.parametrize("sequence", [0, 1000])
def test_a_grid_number_that_has_no_room_is_refused(sequence):
    with pytest.raises(InputError):
        codes.grid_code("370102011201", sequence)


def test_a_grid_code_is_its_community_and_three_digits():
    assert codes.grid_code("370102011201", 16) == "370102011201016"


@pytest.mark.parametrize(("longitude", "epsg"), [(114.0, 4547), (116.9, 4548), (118.2, 4548), (119.6, 4549), (123.0, 4550)])
def test_a_longitude_finds_its_zone(longitude, epsg):
    assert crs.zone(longitude) == epsg


def test_metres_are_told_from_degrees():
    assert crs.is_metric(crs.CRS.from_epsg(4549))
    assert not crs.is_metric(crs.CRS.from_epsg(4490))
    assert not crs.is_metric(crs.CRS.from_epsg(2263)), "US survey feet"
