"""A coordinate system as a short text: every proposal becomes one, is read by it, and wrong ones are one sentence."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap import crs, intake
from gridmap.errors import IntakeError

TRUE = gpd.GeoDataFrame(geometry=[shapely.box(119.9, 39.9, 119.91, 39.91)], crs=4490)


def raw(function=None, code=4490):
    """The same square in another system, saying none."""
    shapes = TRUE.to_crs(code).geometry.to_numpy()
    return gpd.GeoDataFrame(geometry=shapely.transform(shapes, function) if function else shapes)


def swap(xy):
    return xy[:, ::-1]


def gcj(xy):
    return np.column_stack(crs.to_gcj02(xy[:, 0], xy[:, 1]))


def bd(xy):
    return np.column_stack(crs.to_bd09(xy[:, 0], xy[:, 1]))


CITY = "+proj=tmerc +lat_0=0 +lon_0=119.5 +k=1 +x_0=300000 +y_0=-4300000 +ellps=GRS80 +units=m +no_defs"


@pytest.mark.parametrize(
    ("system", "frame"),
    [
        ("4490", raw()),
        ("4490~", raw(swap)),
        ("4549", raw(code=4549)),
        ("4549~", raw(swap, 4549)),
        ("gcj02", raw(gcj)),
        ("gcj02~", raw(lambda xy: swap(gcj(xy)))),
        ("bd09", raw(bd)),
        (CITY, raw(code=CITY)),
        ("", TRUE),
    ],
)
def test_a_layer_comes_out_where_it_is(system, frame):
    got = intake.read_as(frame, system).to_crs(4490).geometry.iloc[0]
    assert shapely.hausdorff_distance(got, TRUE.geometry.iloc[0]) < 1e-6  # a tenth of a metre
    assert intake.system_name(system)


def test_every_proposal_is_read_as_it_was_proposed():
    for frame in (raw(gcj), raw(swap), raw(code=4549)):
        best = intake.propose(frame, near=TRUE)[0]
        got = intake.read_as(frame, intake.system_text(best)).to_crs(4490).geometry.iloc[0]
        assert shapely.hausdorff_distance(got, TRUE.geometry.iloc[0]) < 1e-6


@pytest.mark.parametrize(
    ("frame", "system", "sentence"),
    [
        (raw(), "", "says no coordinate system"),
        (raw(), "moon", "not a coordinate system"),
        (raw(), "999999", "not a coordinate system"),
        (raw(code=4549), "4490", "no place on Earth"),
        (raw(code=4549), "gcj02", "no place on Earth"),
    ],
)
def test_a_system_that_cannot_be_is_one_sentence(frame, system, sentence):
    with pytest.raises(IntakeError, match=sentence):
        intake.read_as(frame, system)
