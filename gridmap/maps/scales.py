"""Scales: which colour a figure gets. One palette a meaning, each readable by people who see colours differently."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Meaning = Literal["count", "rate", "households", "change", "kind"]
"""What a figure means: how many, a share in percent, how many households, more or less than before, which kind of thing."""

Theme = Literal["light", "dark"]

# Sequential palettes have one hue and lightness that only falls (dark theme: rises), so they hold in any colour vision
# and in grey. The diverging one is blue against orange, the pair all common forms of colour blindness keep apart.
_PALETTES: dict[tuple[str, Theme], tuple[str, ...]] = {
    ("count", "light"): ("#f7ead0", "#f3cf93", "#e9a957", "#d27f2c", "#a85818", "#733410"),
    ("count", "dark"): ("#3a2a17", "#66431b", "#96601f", "#c8842f", "#eaaf5c", "#fbdca6"),
    ("rate", "light"): ("#e1eeec", "#b5d8d4", "#7fbdba", "#469c9d", "#1f787d", "#0d5158"),
    ("rate", "dark"): ("#15302f", "#1d4c4c", "#286d6d", "#3b9391", "#6ebdb6", "#b5e3da"),
    ("households", "light"): ("#ebe9f3", "#cfcbe5", "#aba5d1", "#857cb8", "#60559a", "#3d3376"),
    ("households", "dark"): ("#25223b", "#3a3560", "#544d87", "#766eae", "#a19bd0", "#d4d0ee"),
    ("change", "light"): ("#1c5d99", "#5f97c6", "#b3d0e5", "#efefec", "#f6cfa0", "#e0913f", "#a85509"),
    ("change", "dark"): ("#6fb4ea", "#3f7fb3", "#28506f", "#26323a", "#6b4a22", "#b0742c", "#f0ad5a"),
    # Blue, vermilion, bluish green, purple, yellow, sky: the set that stays distinct in every colour vision (Okabe, Ito 2008).
    ("kind", "light"): ("#0072b2", "#d55e00", "#009e73", "#b0669a", "#d9a600", "#56b4e9"),
    ("kind", "dark"): ("#4aa8e0", "#f0803c", "#34c79b", "#d58fc0", "#f0d050", "#8fd0f5"),
}
_NONE: dict[Theme, str] = {"light": "#e3e7e7", "dark": "#222d35"}

DEPARTMENTS = ("zongzhi", "yingji", "chengguan", "huanjing")
"""The order departments take the kind palette in, everywhere."""


@dataclass(frozen=True)
class Scale:
    """How figures become colours and how they are written.

    meaning, title, unit: what the figure is, in the reader's language. digits: decimals shown.
    breaks: graded scales only; class k holds figures from breaks[k-1] up to, not with, breaks[k].
    names: scales of kinds only; the figure is the position in it. colours: one a class. none: the colour of no figure.
    """

    meaning: Meaning
    title: str
    colours: tuple[str, ...]
    none: str
    breaks: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    unit: str = ""
    digits: int = 0
    note: str = ""
    theme: Theme = "light"

    @property
    def graded(self) -> bool:
        """Say whether the classes are ranges of a figure rather than kinds."""
        return self.meaning != "kind"

    def classes(self, values: pd.Series) -> pd.Series:
        """Give the class of every figure, -1 where there is none (index kept)."""
        figures = pd.to_numeric(values, errors="coerce").to_numpy(float)
        found = (
            np.searchsorted(np.asarray(self.breaks, float), figures, side="right") if self.graded else np.nan_to_num(figures)
        )
        return pd.Series(np.where(np.isnan(figures), -1, found).astype(int), index=values.index)


def scale_for(
    values: pd.Series | Sequence[float],
    *,
    meaning: Meaning,
    title: str,
    unit: str = "",
    breaks: Sequence[float] | None = None,
    names: Sequence[str] = (),
    digits: int | None = None,
    note: str = "",
    theme: Theme = "light",
) -> Scale:
    """Make the scale that shows these figures well.

    Counts and households: none has a class of its own, the rest is cut at rounded quantiles, five classes at most.
    Rates are percentages, 0-100. Change is cut evenly on both sides of zero. Kinds: values are positions in ``names``.
    breaks: cut there instead. Raises InputError for more kinds or breaks than there are colours.
    """
    palette = _PALETTES[meaning, theme]
    if meaning == "kind":
        if len(names) > len(palette):
            raise InputError("A map can tell {most} kinds apart, not {asked}.", most=len(palette), asked=len(names))
        return Scale(meaning, title, palette[: len(names)], _NONE[theme], names=tuple(names), unit=unit, note=note, theme=theme)
    figures = pd.to_numeric(pd.Series(values, dtype="object"), errors="coerce").dropna().to_numpy(float)
    figures = figures[np.isfinite(figures)]
    cuts = tuple(sorted({float(b) for b in breaks})) if breaks is not None else _breaks(figures, meaning)
    if len(cuts) >= len(palette) + (meaning == "change"):
        raise InputError("A scale can show {most} classes, not {asked}.", most=len(palette), asked=len(cuts) + 1)
    if digits is None:
        digits = 1 if meaning == "rate" else 0
    return Scale(meaning, title, _spread(palette, len(cuts) + 1, meaning), _NONE[theme], cuts, (), unit, digits, note, theme)


def departments(keys: Sequence[str], names: Mapping[str, str], *, theme: Theme = "light") -> dict[str, str]:
    """Give each department's colour, the same on every page. Departments beyond the four known take what is left."""
    palette = _PALETTES["kind", theme]
    order = [key for key in DEPARTMENTS if key in keys] + [key for key in keys if key not in DEPARTMENTS and key in names]
    known = {key: palette[DEPARTMENTS.index(key)] for key in order if key in DEPARTMENTS}
    spare = [colour for colour in palette if colour not in known.values()]
    return known | {key: spare[n % len(spare)] for n, key in enumerate(k for k in order if k not in DEPARTMENTS)}


def _breaks(figures: np.ndarray, meaning: Meaning) -> tuple[float, ...]:
    if not figures.size:
        return ()
    if meaning == "change":
        reach = _round(float(np.quantile(np.abs(figures), 0.95))) or 1.0
        step = _round(reach / 3) or 1 / 3
        near = step / 2
        return (-2 * step, -step, -near, near, step, 2 * step)
    if meaning == "rate":
        shares = [_round_to(q, 5) for q in np.quantile(figures, [0.1, 0.3, 0.5, 0.7, 0.9])]
        return tuple(sorted({q for q in shares if 0 < q <= 100}))
    some = figures[figures > 0]
    if not some.size:
        return ()
    smallest = 1.0 if float(some.min()) >= 1 else float(some.min())
    cuts = {smallest, *(_round(q) for q in np.quantile(some, [0.25, 0.5, 0.75, 0.92]))}
    return tuple(sorted(c for c in cuts if c >= smallest))


def _round(value: float) -> float:
    """Round to a figure people count in: one digit, or one and a half below three."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    head = value / power
    step = 0.5 if head < 3 else 1.0
    rounded = round(head / step) * step * power
    return max(1.0, float(round(rounded))) if value >= 1 else rounded


def _round_to(value: float, step: float) -> float:
    return float(round(value / step) * step)


def _spread(palette: tuple[str, ...], classes: int, meaning: Meaning) -> tuple[str, ...]:
    """Take ``classes`` colours from the palette, keeping its ends."""
    if classes == 1:
        return (palette[len(palette) // 2 if meaning == "change" else 0],)
    return tuple(palette[round(k * (len(palette) - 1) / (classes - 1))] for k in range(classes))
