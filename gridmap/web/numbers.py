"""Figures as Chinese offices write them (万, 亿), and as English readers expect them.

Every function takes None or NaN for "no value" and gives a dash.
"""

from __future__ import annotations

import functools
import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from gridmap import terms

if TYPE_CHECKING:
    from datetime import date

NONE = "—"
FEWEST = 10
"""A rate over fewer cases than this is hidden (dossier §5.4)."""

WAN, YI = 10_000, 100_000_000


def count(value: float | None) -> str:
    """Write a number of things in full: 12,345."""
    if value is None or math.isnan(value):
        return NONE
    return _whole(value, terms.language())


@functools.lru_cache(maxsize=65_536)
def _whole(value: float, language: str) -> str:  # noqa: ARG001  the key
    return str(format_decimal(value, format="#,##0", locale=_locale()))


def short(value: float | None) -> str:
    """Write a number so that it is read at a glance: 20.3万 in Chinese, 203,145 in English.

    Chinese keeps three figures above 10,000 and changes to 亿 at 100 million.
    """
    if value is None or math.isnan(value):
        return NONE
    if terms.language() == "zh":
        for unit, sign in ((YI, "亿"), (WAN, "万")):
            if abs(value) >= unit:
                scaled = value / unit
                digits = max(0, 2 - int(math.log10(abs(scaled))))
                text = f"{scaled:,.{digits}f}"
                return (text.rstrip("0").rstrip(".") if "." in text else text) + sign
    return count(value)


def decimal(value: float | None) -> str:
    """Write a measure with three figures: 12.4, 1.23, 1,204."""
    if value is None or math.isnan(value):
        return NONE
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return str(format_decimal(round(value, digits), format="#,##0.##", locale=_locale()))


def rate(value: float | None, *, n: float | None = None) -> str:
    """Write a share of 0-1 as a percentage with one decimal. Hidden when it rests on fewer than FEWEST cases."""
    if value is None or math.isnan(value) or (n is not None and n < FEWEST):
        return NONE
    return str(format_percent(value, format="0.0%", locale=_locale()))


def area(m2: float | None) -> str:
    """Write square metres as m², or as km² from 100,000 m² on."""
    if m2 is None or math.isnan(m2):
        return NONE
    return f"{m2 / 1e6:,.2f} km²" if m2 >= 1e5 else f"{count(m2)} m²"


def distance(metres: float | None) -> str:
    """Write a length as m, or as km from 1,000 m on."""
    if metres is None or math.isnan(metres):
        return NONE
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{count(round(metres, -1))} m"


def lasting(value: timedelta | float | None) -> str:
    """Write a duration (timedelta, or minutes) in its two largest units: 3 h 20 min."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NONE
    minutes = value.total_seconds() / 60 if isinstance(value, timedelta) else float(value)
    if minutes < 1:
        return terms.say("{n} s", n=round(minutes * 60))
    if minutes < 60:
        return terms.say("{n} min", n=f"{minutes:.0f}")
    if minutes < 24 * 60:
        return terms.say("{h} h {m} min", h=int(minutes // 60), m=int(minutes % 60))
    return terms.say("{d} d {h} h", d=int(minutes // 1440), h=int(minutes % 1440 // 60))


def day(value: date | None) -> str:
    """Write a day: 2025年6月3日, or 3 Jun 2025."""
    if value is None:
        return NONE
    return str(format_date(value, format="y年M月d日" if terms.language() == "zh" else "d MMM y", locale=_locale()))


def moment(value: datetime | None) -> str:
    """Write a time of day with its date: 2025-06-03 14:20. Times are China's (UTC+8) already."""
    if value is None or value != value:  # noqa: PLR0124  pandas' missing time differs from itself
        return NONE
    return str(format_datetime(value, format="yyyy-MM-dd HH:mm", locale=_locale()))


_LOCALES = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}
"""Read once: to find a locale by its name takes longer than to write a figure in it."""


def _locale() -> Locale:
    return _LOCALES[terms.language()]
