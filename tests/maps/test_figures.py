"""Figures arrive as they were sent, in a few characters each."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from gridmap.maps import figures


def unpack(text, *, factor=1, signed=False):
    """The browser's reading, written again from its description."""
    out, k = [], 0

    def digit():
        nonlocal k
        k += 1
        return figures._DIGITS.index(text[k - 1])

    while k < len(text):
        head = digit()
        if head == 63:
            out.append(np.nan)
            continue
        more, value = (0, head) if head < 48 else (1, head - 48) if head < 60 else (2, head - 60) if head < 62 else (5, 0)
        for _ in range(more):
            value = value * 64 + digit()
        value += {0: 0, 1: 48, 2: 816, 5: 0}[more]
        if signed:
            value = -(value + 1) // 2 if value % 2 else value // 2
        out.append(value / factor)
    return out


@given(st.lists(st.none() | st.integers(0, figures.LARGEST)))
def test_counts_come_back_as_they_went(values):
    series = pd.Series(values, dtype="float64")
    np.testing.assert_array_equal(unpack(figures.pack(series)), series.to_numpy())


@given(st.lists(st.integers(-(figures.LARGEST // 2), figures.LARGEST // 2)))
def test_changes_keep_their_sign(values):
    assert unpack(figures.pack(pd.Series(values, dtype="float64"), signed=True), signed=True) == values


@given(st.lists(st.floats(0, 100)))
def test_shares_keep_one_decimal(values):
    np.testing.assert_allclose(
        unpack(figures.pack(pd.Series(values, dtype="float64"), factor=10), factor=10), values, atol=0.0501
    )


def test_five_thousand_usual_counts_fit_into_eight_kilobytes():
    counts = pd.Series(np.random.default_rng(0).negative_binomial(1, 0.09, 5000))
    assert len(figures.pack(counts)) < 8000


def test_what_is_no_figure_is_carried_as_none():
    assert np.isnan(unpack(figures.pack(pd.Series([None, np.nan, "x", np.inf])))).all()
