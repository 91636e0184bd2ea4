"""A picture shows the colours, signs and Chinese words that the browser's map shows."""

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import PathPatch
from scipy import ndimage

from gridmap import maps, settings
from gridmap.maps import figures, print_font

pytestmark = pytest.mark.skipif(not settings.ASSETS.is_dir(), reason="the fonts are not installed (npm ci --ignore-scripts)")

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


@pytest.fixture
def halves():
    """Two squares side by side: west, east."""
    squares = [shapely.box(119.90, 39.90, 119.91, 39.91), shapely.box(119.91, 39.90, 119.92, 39.91)]
    return gpd.GeoDataFrame({"code": ["w", "e"], "name_zh": ["西区", "东区"]}, geometry=squares, crs=4490)


def drawn(frame, *, dots=(), **message):
    base = maps.district_map(tuple(frame.total_bounds), base=[maps.ground(frame, "land")], source="演示数据", language="zh")
    now = maps.repaint(maps.area_layer(frame, level="grid", opacity=1.0), dots=dots, **message)
    picture = imread(io.BytesIO(maps.picture(base, now, title="演示图")))
    assert picture.shape[:2] == (1200, 1920)
    return picture[..., :3]


def share(picture, colour):
    return float((np.abs(picture - colour).max(axis=2) < 0.02).mean())


def test_areas_have_the_colours_of_their_classes(halves):
    scale = maps.Scale("count", "件数", ("#ff0000", "#0000ff"), "#00ff00", breaks=(10,))
    both = drawn(halves, values=pd.Series({"w": 1, "e": 20}), scale=scale)
    west, east = (
        np.argwhere(np.abs(both - RED).max(axis=2) < 0.02)[:, 1],
        np.argwhere(np.abs(both - BLUE).max(axis=2) < 0.02)[:, 1],
    )
    assert np.median(west) < np.median(east)
    missing = drawn(halves, values=pd.Series({"w": 1}), scale=scale)
    assert share(missing, (0, 1, 0)) > 0.1
    assert share(missing, BLUE) < 0.01  # the legend's alone


@pytest.mark.parametrize("turn", [1, -1])
def test_a_hole_stays_open_whichever_way_it_runs(turn):
    shell = [(119.90, 39.90), (119.92, 39.90), (119.92, 39.91), (119.90, 39.91)]
    hole = [(119.905, 39.903), (119.915, 39.903), (119.915, 39.907), (119.905, 39.907)]
    ring = gpd.GeoDataFrame({"code": ["a"], "name_zh": ["环"]}, geometry=[shapely.Polygon(shell, [hole[::turn]])], crs=4490)
    scale = maps.Scale("count", "件数", ("#ff0000", "#0000ff"), "#00ff00", breaks=(10,))
    red = np.abs(drawn(ring, values=pd.Series({"a": 1}), scale=scale) - RED).max(axis=2) < 0.02
    assert red[:, red.any(axis=0)][red.any(axis=1)].mean() < 0.85  # a fifth of it is the hole


def test_signs_are_drawn_at_their_place(halves):
    points = gpd.GeoDataFrame({"name_zh": ["站"], "sign": ["a"]}, geometry=[shapely.Point(119.905, 39.905)], crs=4490)
    layer = maps.point_layer(points, {"a": maps.Sign("站点", "#ff0000", "square", 40)}, key="p")
    assert share(drawn(halves, dots=[layer]), RED) > share(drawn(halves), RED)


def test_density_is_darkest_where_most_lies_and_nothing_where_nothing_does(halves):
    spots = [shapely.Point(119.905, 39.905)] * 30 + [shapely.Point(119.915, 39.905)]
    places = gpd.GeoDataFrame({"n": 1.0}, geometry=spots, index=range(31), crs=4490)
    density = maps.density(places, weight="n", radius_m=150)
    assert [row["text"] for row in density.rows] == ["Density: low", "Density: medium", "Density: high", "Density: highest"]
    plain, hazy = drawn(halves), drawn(halves, density=replace(density, rows=()))  # without the legend, which covers a corner
    changed = (plain - hazy).sum(axis=2)  # how much darker
    columns = np.flatnonzero(changed.max(axis=0) > 0.3)
    west, east = changed[:, : columns.mean().astype(int)].max(), changed[:, columns.mean().astype(int) :].max()
    assert west > east > 0.3
    assert changed[:, :300].max() < 0.05


def test_two_states_stand_side_by_side(halves):
    scale = maps.Scale("kind", "方案", ("#ff0000", "#0000ff"), "#00ff00", names=("甲", "乙"))
    other = maps.Other(maps.area_layer(halves, level="grid", opacity=1.0), pd.Series({"w": 1, "e": 1}), ("旧", "新"))
    both = drawn(halves, values=pd.Series({"w": 0, "e": 0}), scale=scale, other=other)
    assert share(both[:, :900], RED) > 0.1 > share(both[:, :900], BLUE)
    assert share(both[:, 1020:1500], BLUE) > 0.1


HOLES = {letter: n for n, letters in enumerate(("一三十1²", "口0", "中日8", "目品", "由田", "", "晶")) for letter in letters}
"""How many pieces of the ground each letter encloses, as anyone can count who reads it."""


def holes(outline):
    """Count the pieces of the ground that an outline encloses, drawn 200 pixels an em."""
    drawn = Figure(figsize=(2, 2), dpi=100)
    axes = drawn.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-0.1, 1.1), ylim=(-0.25, 0.95))
    axes.set_axis_off()
    axes.add_patch(PathPatch(outline, facecolor="black", linewidth=0))
    file = io.BytesIO()
    drawn.savefig(file, format="png")
    return ndimage.label(imread(io.BytesIO(file.getvalue()))[..., 0] > 0.5)[1] - 1


def test_each_letter_looks_as_it_is_read():
    assert {letter: holes(print_font.line(letter)[0]) for letter in HOLES} == HOLES
    assert {letter: holes(print_font.line(letter, print_font.BOLD)[0]) for letter in HOLES} == HOLES


def test_a_line_runs_from_left_to_right_letter_after_letter():
    one, wide = print_font.line("口田")
    assert wide == 2.0  # Chinese letters are an em wide
    left, right = one.vertices[one.vertices[:, 0] < 1], one.vertices[one.vertices[:, 0] >= 1]
    assert len(left) < len(right)  # of more strokes
    assert print_font.line("i")[1] < print_font.line("W")[1] < 1.0
    assert print_font.line("")[1] == 0.0


def test_every_common_letter_is_known_and_one_the_font_lacks_is_asked_about():
    text = "全科网格一网统管，党建引领社区治理（演示）0123456789 abc m²’—·"
    unknown = print_font.line(print_font.UNKNOWN)
    for letter in text.replace(" ", ""):
        assert len(print_font.line(letter)[0]) != len(unknown[0]), letter
    assert np.array_equal(print_font.line("\N{CUNEIFORM SIGN A}")[0].vertices, unknown[0].vertices)


def test_a_heavier_line_has_more_ink():
    def ink(weight):
        return sum(part.area for part in map(shapely.Polygon, print_font.line("一", weight)[0].to_polygons()))

    assert ink(print_font.REGULAR) < ink(print_font.BOLD) < ink(900)


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**7)), min_size=1), st.booleans())
def test_figures_are_read_as_they_were_packed(values, signed):
    given_values = pd.Series(values, dtype="float64")
    if signed:
        given_values = -given_values
    packed = figures.pack(given_values, factor=10, signed=signed)
    assert figures.unpack(packed, factor=10, signed=signed) == pytest.approx(given_values.to_numpy(), nan_ok=True)


def test_a_name_is_written_where_it_fits_and_clear_of_those_before_it(halves):
    plain = drawn(halves, outlines=[maps.outline(halves)])
    long = halves.assign(name_zh=["西" * 200, "东" * 200])
    assert np.array_equal(drawn(long, outlines=[maps.outline(long, labels=40)]), plain)
    lines, named = maps.outline(halves), maps.outline(halves, labels=40)
    once = drawn(halves, outlines=[named, lines])
    assert not np.array_equal(once, drawn(halves, outlines=[lines, lines]))
    assert np.array_equal(drawn(halves, outlines=[named, named]), once)  # the second's names find no room
