"""Figures packed for the way to the browser: one to six characters each, so that 5,000 grids fit into a few kilobytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-."
_NONE = _DIGITS[63]
_ONE, _TWO, _THREE = 48, 48 + 12 * 64, 48 + 12 * 64 + 2 * 4096
LARGEST = 64**5 - 1
"""The largest whole number one figure can carry."""


def pack(values: pd.Series, *, factor: int = 1, signed: bool = False) -> str:
    """Pack figures in order, each as the whole number nearest to value x factor; no figure where there is none.

    Below 48 one character, below 816 two, below 9,008 three, else six. signed: minus too (zigzag), at half the reach.
    Figures beyond LARGEST are carried as LARGEST; negative ones, unless signed, as 0.
    """
    figures = pd.to_numeric(values, errors="coerce").to_numpy(float) * factor
    whole = np.where(np.isfinite(figures), np.rint(figures), -1)
    if signed:
        whole = np.where(whole < 0, -2 * whole - 1, 2 * whole)
    whole = np.clip(whole, 0, LARGEST).astype(np.int64)
    return "".join(map(_one, whole.tolist(), np.isfinite(figures).tolist()))


def _one(value: int, known: bool) -> str:
    if not known:
        return _NONE
    if value < _ONE:
        return _DIGITS[value]
    if value < _TWO:
        rest = value - _ONE
        return _DIGITS[48 + rest // 64] + _DIGITS[rest % 64]
    if value < _THREE:
        rest = value - _TWO
        return _DIGITS[60 + rest // 4096] + _DIGITS[rest // 64 % 64] + _DIGITS[rest % 64]
    return _DIGITS[62] + "".join(_DIGITS[value >> shift & 63] for shift in (24, 18, 12, 6, 0))


def unpack(text: str, *, factor: int = 1, signed: bool = False) -> np.ndarray:
    """Give back the figures that pack() packed, NaN where there was none."""
    digits = iter([_DIGITS.index(character) for character in text])
    figures = []
    for head in digits:
        if head == 63:
            figures.append(np.nan)
            continue
        more, value, least = _reading(head)
        for _ in range(more):
            value = value * 64 + next(digits)
        value += least
        figures.append((-(value + 1) // 2 if value % 2 else value // 2) if signed else value)
    return np.array(figures, float) / factor


def classes(text: str, scale: Mapping[str, Any], count: int) -> np.ndarray:
    """Give the class of each of ``count`` packed figures on a scale as a message carries it; -1 where there is none."""
    if not text:
        return np.full(count, -1)
    if scale["kind"] == "categories":
        figures = unpack(text)
        return np.where(np.isnan(figures), -1, np.nan_to_num(figures)).astype(int)
    figures = unpack(text, factor=scale["factor"], signed=scale["signed"])
    return np.where(np.isnan(figures), -1, np.searchsorted(scale["breaks"], figures, side="right")).astype(int)


def _reading(head: int) -> tuple[int, int, int]:
    """Say of a first character how many follow, what it stands for itself, and what is added in the end."""
    if head < 48:
        return 0, head, 0
    if head < 60:
        return 1, head - 48, _ONE
    return (2, head - 60, _TWO) if head < 62 else (5, 0, 0)
