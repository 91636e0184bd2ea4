"""A scale gives every figure one colour, keeps meanings apart and holds in any colour vision."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import InputError
from gridmap.maps import legends, scales

THEMES = ("light", "dark")


def srgb(colour):
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])


def linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(srgb(colour)) @ [0.2126, 0.7152, 0.0722])


# Simulation of full dichromacy, Viénot, Brettel and Mollon 1999, in linear RGB.
PROTAN = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
DEUTAN = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])


def lab(rgb):
    x, y, z = (np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb) / [
        0.9505,
        1,
        1.089,
    ]
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("meaning", ["count", "rate", "households"])
def test_a_sequential_palette_goes_one_way_in_lightness(meaning, theme):
    steps = np.diff([luminance(c) for c in scales._PALETTES[meaning, theme]])
    assert (steps < 0).all() if theme == "light" else (steps > 0).all()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("meaning", ["count", "rate", "households", "change"])
@pytest.mark.parametrize("sight", [np.eye(3), PROTAN, DEUTAN], ids=["full", "protan", "deutan"])
def test_neighbouring_classes_differ_in_any_colour_vision(meaning, theme, sight):
    seen = [lab(np.clip(sight @ linear(srgb(c)), 0, 1)) for c in scales._PALETTES[meaning, theme]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.pairwise(seen)) > 7


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", [np.eye(3), PROTAN, DEUTAN], ids=["full", "protan", "deutan"])
def test_the_four_departments_differ_in_any_colour_vision(theme, sight):
    seen = [lab(np.clip(sight @ linear(srgb(c)), 0, 1)) for c in scales._PALETTES["kind", theme][:4]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12


figures = st.lists(st.integers(0, 100_000) | st.floats(0, 1e6) | st.none(), max_size=60)


@given(figures, st.sampled_from(["count", "rate", "households", "change"]), st.sampled_from(THEMES))
def test_every_figure_has_a_colour_and_the_legend_has_a_line_for_it(values, meaning, theme):
    series = pd.Series(values, dtype="float64")
    scale = scales.scale_for(series, meaning=meaning, title="t", theme=theme)
    assert len(scale.colours) == len(scale.breaks) + 1 == len(set(scale.colours))
    assert list(scale.breaks) == sorted(set(scale.breaks))
    classes = scale.classes(series)
    assert classes[series.isna()].eq(-1).all()
    assert classes[series.notna()].between(0, len(scale.breaks)).all()
    assert len(legends.rows(scale, language="en")) == len(scale.colours) + 1


def test_no_incident_is_a_class_of_its_own():
    scale = scales.scale_for([0, 0, 1, 2, 3, 9, 40], meaning="count", title="t")
    classes = scale.classes(pd.Series([0, 1]))
    assert classes[0] != classes[1]
    assert legends.rows(scale, language="en")[0]["text"] == "0"


def test_change_is_cut_evenly_on_both_sides_of_zero():
    scale = scales.scale_for([-10, 5, 3, -2, 8], meaning="change", title="t")
    assert list(scale.breaks) == [-b for b in reversed(scale.breaks)]
    assert scale.colours[3] == scales._PALETTES["change", "light"][3]


def test_whole_figures_are_said_as_closed_ranges():
    scale = scales.scale_for([1], meaning="count", title="t", breaks=[1, 5, 10])
    assert [row["text"] for row in legends.rows(scale, language="en")] == ["0", "1 – 4", "5 – 9", "10 and more", "no figure"]


def test_more_kinds_than_colours_are_refused():
    with pytest.raises(InputError):
        scales.scale_for([], meaning="kind", title="t", names=list("abcdefghij"))


def test_a_department_has_the_same_colour_whichever_others_are_shown():
    names = dict.fromkeys(["zongzhi", "yingji", "chengguan", "huanjing", "water"], "x")
    every = scales.departments(list(names), names)
    assert scales.departments(["huanjing"], names)["huanjing"] == every["huanjing"]
    assert len(set(every.values())) == 5


def test_a_legend_as_html_shows_text_from_data_and_runs_none():
    scale = scales.scale_for([1], meaning="kind", title="<b>", names=["<script>alert(1)</script>"])
    assert "<script" not in legends.legend(scale, "en")
