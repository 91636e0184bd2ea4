"""Figures are written as a Chinese office writes them, and an absent one never looks like a figure."""

import math
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import terms
from gridmap.web import numbers


@pytest.fixture(autouse=True, params=["zh", "en"])
def language(request):
    before = terms.language()
    terms.use(request.param)
    yield request.param
    terms.use(before)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "1万", "10,000"),
        (16_412, "1.64万", "16,412"),
        (203_145, "20.3万", "203,145"),
        (1_234_567, "123万", "1,234,567"),
        (123_456_789, "1.23亿", "123,456,789"),
        (-20_000, "-2万", "-20,000"),
    ],
)
def test_large_numbers_are_read_at_a_glance(value, zh, en, language):
    assert numbers.short(value) == {"zh": zh, "en": en}[language]


@given(st.integers(10_000, 10**11))
def test_a_short_figure_is_within_half_a_unit_of_its_third_digit(value):
    terms.use("zh")
    text = numbers.short(value)
    scale = {"万": 1e4, "亿": 1e8}[text[-1]]
    assert abs(float(text[:-1].replace(",", "")) * scale - value) <= 0.0051 * value


@pytest.mark.parametrize("write", [numbers.count, numbers.short, numbers.rate, numbers.area, numbers.lasting])
@pytest.mark.parametrize("absent", [None, math.nan])
def test_an_absent_value_is_a_dash(write, absent):
    assert write(absent) == numbers.NONE


def test_a_rate_over_few_cases_is_hidden():
    assert numbers.rate(0.5, n=9) == numbers.NONE
    assert numbers.rate(0.9372, n=10) == "93.7%"


def test_areas_change_to_square_kilometres():
    assert numbers.area(480) == "480 m²"
    assert numbers.area(12_400_000) == "12.40 km²"


def test_durations_take_their_two_largest_units(language):
    assert numbers.lasting(200.0) == {"zh": "3 小时 20 分", "en": "3 h 20 min"}[language]
    assert numbers.lasting(timedelta(seconds=42)) == {"zh": "42 秒", "en": "42 s"}[language]
    assert numbers.lasting(timedelta(days=2, hours=5)) == {"zh": "2 天 5 小时", "en": "2 d 5 h"}[language]


def test_days_and_moments(language):
    assert numbers.day(date(2025, 6, 3)) == {"zh": "2025年6月3日", "en": "3 Jun 2025"}[language]
    assert numbers.moment(pd.Timestamp(2025, 6, 3, 14, 5)) == "2025-06-03 14:05"
    assert numbers.moment(pd.NaT) == numbers.NONE
