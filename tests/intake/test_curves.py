"""Arcs become lines: areas and ends as they were, whatever else the file holds."""

import struct

import numpy as np
import pytest
import shapely

from gridmap.intake import curves, rows
from gridmap.intake.content import column


def line(kind, *places, order="<"):
    head = struct.pack(order + "BII", int(order == "<"), kind, len(places))
    return head + b"".join(struct.pack(order + "d" * len(place), *place) for place in places)


def many(kind, *parts):
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


CIRCLE = line(8, (0, 0), (200, 0), (0, 0))
HALF = many(9, line(8, (100, 0), (0, 100), (-100, 0)), line(2, (-100, 0), (100, 0)))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_circle_keeps_its_area_to_a_thousandth(order):
    found = curves.straight(many(10, line(8, (0, 0), (200, 0), (0, 0), order=order)))
    assert found.area == pytest.approx(np.pi * 100**2, rel=1e-3)
    assert found.is_valid


def test_a_half_circle_and_its_chord_turn_the_right_way():
    found = curves.straight(many(10, HALF))
    assert found.area == pytest.approx(np.pi * 100**2 / 2, rel=1e-3)
    assert found.bounds == pytest.approx((-100, 0, 100, 100), abs=0.01)
    other = curves.straight(many(10, many(9, line(8, (-100, 0), (0, 100), (100, 0)), line(2, (100, 0), (-100, 0)))))
    assert other.equals_exact(found, 1e-6, normalize=True)


def test_holes_heights_and_several_parts_are_read():
    high = line(1008, (0, 0, 5), (200, 0, 5), (0, 0, 5))
    ring = struct.pack("<BIII", 1, 3, 1, 4) + struct.pack("<8d", 300, 0, 310, 0, 310, 10, 300, 0)
    found = curves.straight(many(12, many(1010, high, line(1002, (90, 0, 0), (110, 0, 0), (100, 10, 0), (90, 0, 0))), ring))
    assert found.geom_type == "MultiPolygon"
    assert found.area == pytest.approx(np.pi * 100**2 - 100 + 50, rel=1e-3)
    assert not found.has_z


def test_three_places_on_a_line_stay_a_line():
    assert curves.straight(line(8, (0, 0), (1, 1), (2, 2))).length == pytest.approx(np.hypot(2, 2))


@pytest.mark.parametrize("cut", [1, 5, 9, 30, 60])
def test_bytes_that_end_early_are_no_geometry(cut):
    assert curves.straight(many(10, CIRCLE)[:cut]) is None


@pytest.mark.parametrize("kind", [9, 10])
def test_points_and_areas_are_no_part_of_a_line_or_a_ring(kind):
    point = struct.pack("<BIdd", 1, 1, 0.0, 0.0)
    assert curves.straight(many(kind, point, line(2, (0, 0), (1, 1)))) is None
    assert curves.straight(many(kind, many(10, CIRCLE))) is None


def test_a_line_of_one_place_is_no_geometry():
    assert curves.straight(line(8, (0, 0))) is None


def test_depth_has_an_end():
    deep = CIRCLE
    for _ in range(20):
        deep = many(7, deep)
    assert curves.straight(deep) is None


def test_rows_with_arcs_stand_among_the_others_and_are_said():
    box = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    wkb = column([box, many(10, CIRCLE), box, None, many(10, CIRCLE)[:30]])
    done = rows.sort(wkb, polygons=True)
    assert done.kept.tolist() == [0, 1, 2]
    assert {kind: found.tolist() for kind, found in done.remarks.items()} == {"curved": [1], "no_shape": [3], "damaged": [4]}
    assert shapely.area(shapely.from_wkb(done.wkb.to_pylist())) == pytest.approx([1, np.pi * 100**2, 1], rel=1e-3)
