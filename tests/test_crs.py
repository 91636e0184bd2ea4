"""Coordinate systems: the right zone, and the shifted systems both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import crs

METRES_A_DEGREE = 111_000


def one(value):
    return np.array([value])


# The figures are those published with the public implementations of these formulas.
@pytest.mark.parametrize(
    ("way", "to"),
    [
        (crs.to_gcj02, (116.41024449916938, 39.91640428150164)),
        (crs.gcj02_to_bd09, (116.41036949371029, 39.92133699351021)),
    ],
)
def test_shifts_agree_with_published_figures(way, to):
    x, y = way(one(116.404), one(39.915))
    assert (x[0], y[0]) == pytest.approx(to, abs=1e-9)


@given(st.floats(74, 135), st.floats(4, 53), st.sampled_from(["gcj02", "bd09"]))
def test_the_way_back_is_right_within_a_tenth_of_a_metre(x, y, system):
    there = crs.to_gcj02 if system == "gcj02" else crs.to_bd09
    back = crs.from_shifted(*there(one(x), one(y)), system=system)
    assert np.hypot(back[0] - x, back[1] - y)[0] * METRES_A_DEGREE < 0.1


def test_nothing_is_shifted_outside_china():
    assert crs.to_gcj02(one(-77.0), one(38.9)) == (one(-77.0), one(38.9))


@pytest.mark.parametrize(("longitude", "code"), [(119.9, 4549), (117.0, 4548), (75.0, 4534), (136.0, 4554)])
def test_a_longitude_has_its_zone(longitude, code):
    assert crs.zone(longitude) == code
