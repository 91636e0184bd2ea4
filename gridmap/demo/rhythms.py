"""When things are reported: the hours of a day, the days of a week, the seasons, holidays, storms and snow of one year."""

from __future__ import annotations

import numpy as np

START = np.datetime64("2025-11-21")
"""First day of the demo's year; the last is the demo's today, 2026-11-20."""

DAYS = 365
NOW = np.datetime64("2026-11-20T18:00:00")
"""The demo's now: nothing is reported, accepted or closed after it."""

HOLIDAYS = [("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3)]
HOLIDAYS += [("2026-10-01", 7)]
"""First day and length of the public holidays."""

STORMS = [("2026-07-24", 2.4), ("2026-08-16", 4.0), ("2026-09-06", 1.6)]
"""Typhoon days and how hard they hit; the day after is nearly as bad."""

SNOW = [("2025-12-13", 2.0), ("2026-01-10", 3.2), ("2026-01-24", 1.7), ("2026-02-07", 2.4)]
"""Snowfalls; ice stays for two days more."""

HOURS: dict[str, tuple[float, ...]] = {
    "day": (
        0.2,
        0.1,
        0.1,
        0.1,
        0.2,
        0.6,
        1.6,
        3.2,
        5.4,
        6.6,
        6.4,
        5.2,
        3.6,
        4.4,
        5.6,
        5.8,
        5.0,
        4.2,
        3.2,
        2.6,
        2.2,
        1.6,
        0.9,
        0.4,
    ),
    "office": (0, 0, 0, 0, 0, 0.1, 0.5, 1.6, 6.5, 9.5, 9.0, 5.5, 1.8, 4.5, 8.0, 8.2, 6.5, 3.0, 1.0, 0.6, 0.4, 0.2, 0.1, 0),
    "rush": (
        0.4,
        0.2,
        0.2,
        0.2,
        0.4,
        1.0,
        3.0,
        7.5,
        7.8,
        5.0,
        4.2,
        4.6,
        4.0,
        3.4,
        3.8,
        4.4,
        5.4,
        7.6,
        7.4,
        5.2,
        3.6,
        2.2,
        1.2,
        0.7,
    ),
    "morning": (
        0.2,
        0.1,
        0.1,
        0.2,
        0.8,
        2.6,
        6.0,
        8.6,
        8.4,
        7.0,
        5.2,
        3.6,
        2.6,
        3.0,
        3.6,
        3.4,
        3.0,
        2.6,
        2.2,
        1.6,
        1.0,
        0.6,
        0.3,
        0.2,
    ),
    "market": (
        0.1,
        0.1,
        0.1,
        0.4,
        1.8,
        5.4,
        8.4,
        8.2,
        6.4,
        5.0,
        4.2,
        3.2,
        2.0,
        1.8,
        2.4,
        3.6,
        5.6,
        7.4,
        7.2,
        5.8,
        3.8,
        2.0,
        0.8,
        0.3,
    ),
    "trade": (0.1, 0, 0, 0, 0, 0.2, 0.8, 2.0, 3.8, 5.6, 6.6, 6.4, 4.8, 4.4, 5.2, 5.8, 6.4, 7.2, 7.4, 6.4, 4.4, 2.2, 0.8, 0.3),
    "meals": (0.3, 0.1, 0, 0, 0, 0.4, 1.4, 2.0, 1.8, 2.4, 5.2, 8.6, 8.2, 4.0, 2.2, 2.4, 4.6, 8.4, 9.4, 8.2, 5.6, 3.4, 1.6, 0.7),
    "evening": (
        0.6,
        0.3,
        0.2,
        0.1,
        0.2,
        0.5,
        1.4,
        3.0,
        4.2,
        4.2,
        3.8,
        3.4,
        3.0,
        2.8,
        3.0,
        3.4,
        4.4,
        6.4,
        8.6,
        9.2,
        8.0,
        5.2,
        2.8,
        1.3,
    ),
    "night": (
        4.4,
        2.8,
        1.6,
        0.9,
        0.7,
        1.2,
        1.8,
        1.8,
        1.6,
        1.6,
        1.6,
        1.8,
        2.2,
        2.0,
        1.6,
        1.6,
        1.8,
        2.8,
        4.8,
        7.4,
        9.8,
        11.2,
        9.6,
        6.4,
    ),
}
"""Weight of each hour 0-23."""

WORKING_HOURS = HOURS["office"]
"""When people on patrol report, whatever the matter."""

SEASONS: dict[str, tuple[float, ...]] = {
    "flat": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    "mild": (0.6, 0.6, 0.9, 1.15, 1.25, 1.2, 1.1, 1.1, 1.25, 1.25, 1.0, 0.7),
    "summer": (0.45, 0.45, 0.6, 0.8, 1.15, 1.6, 1.9, 1.9, 1.4, 0.9, 0.6, 0.45),
    "winter": (1.55, 1.35, 1.1, 0.85, 0.75, 0.7, 0.7, 0.7, 0.8, 1.0, 1.3, 1.55),
    "spring": (0.7, 0.8, 1.5, 1.8, 1.5, 1.0, 0.75, 0.7, 0.8, 0.95, 0.9, 0.7),
    "autumn": (0.6, 0.5, 0.7, 0.7, 0.5, 1.0, 0.5, 0.6, 1.4, 2.4, 2.2, 1.0),
    "rain": (0.7, 0.7, 0.9, 0.9, 1.0, 1.2, 1.7, 1.7, 1.1, 0.8, 0.7, 0.7),
    "beach": (0.15, 0.15, 0.3, 0.6, 1.2, 1.8, 2.5, 2.5, 1.5, 0.9, 0.3, 0.15),
    "heating": (2.6, 2.0, 1.2, 0.1, 0, 0, 0, 0, 0, 0.2, 3.6, 3.0),
    "newyear": (1.9, 1.2, 0.9, 0.8, 0.8, 0.9, 0.8, 0.8, 0.9, 0.9, 1.1, 1.6),
    "holiday": (1.3, 1.3, 0.8, 0.9, 1.3, 1.1, 0.9, 0.9, 1.1, 1.5, 1.1, 1.2),
    "typhoon": (0.3, 0.3, 0.5, 0.5, 0.6, 0.8, 1.2, 1.4, 1.0, 0.5, 0.4, 0.3),
    "snow": (0.10, 0.08, 0, 0, 0, 0, 0, 0, 0, 0, 0.01, 0.06),
}
"""Weight of each month January-December; values lie in the middle of the month and run over smoothly."""

_WEEK = {"office": (1.15, 1.1, 1.08, 1.05, 1.02, 0.38, 0.30), "night": (0.85, 0.85, 0.9, 0.95, 1.2, 1.35, 1.1)}
_WEEK |= {"evening": (1, 0.98, 0.98, 1, 1.05, 1.05, 1.02), "trade": (0.92, 0.92, 0.95, 1, 1.1, 1.2, 1.15)}
_ANY_WEEK = (1.10, 1.06, 1.04, 1.02, 1.02, 0.84, 0.76)
_PUBLIC = {"office": 0.18, "rush": 0.62, "trade": 1.25, "market": 1.05, "night": 1.2, "evening": 0.95}


def days() -> np.ndarray:
    """List the days of the year."""
    return START + np.arange(DAYS)


def on_holiday() -> np.ndarray:
    """Say which days are public holidays."""
    found = np.zeros(DAYS, bool)
    for first, length in HOLIDAYS:
        at = int((np.datetime64(first) - START).astype(int))
        found[max(0, at) : at + length] = True
    return found


def weight(hours: str, season: str) -> np.ndarray:
    """Weigh each day of the year for a matter with these hours and this season."""
    day = days()
    position = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(int)
    middle = np.arange(-15.5, 396, 30.42)
    months = np.array(SEASONS[season])
    found = np.interp(position, middle[:14], np.concatenate([months[-1:], months, months[:1]]))
    weekday = (day.astype("datetime64[D]").astype(int) + 3) % 7
    found = found * np.array(_WEEK.get(hours, _ANY_WEEK))[weekday]
    found = np.where(on_holiday(), found * _PUBLIC.get(hours, 0.7), found)
    if season == "typhoon":
        found *= _after(STORMS, (30, 22, 6, 2))
    elif season == "rain":
        found *= _after(STORMS, (3.5, 3, 1, 0.5))
    elif season == "snow":
        found *= _after(SNOW, (60, 90, 40, 12))
    growth = np.linspace(0.93, 1.07, DAYS)  # people report more once it helps
    return np.asarray(found * growth)


def _after(days_and_force: list[tuple[str, float]], response: tuple[float, ...]) -> np.ndarray:
    found = np.ones(DAYS)
    for day, force in days_and_force:
        at = int((np.datetime64(day) - START).astype(int))
        for later, strength in enumerate(response):
            if 0 <= at + later < DAYS:
                found[at + later] += strength * force
    return found


def seconds_of_day(profile: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a second of the day for each row of ``profile``, an index into the sorted keys of HOURS."""
    table = np.cumsum(np.array([HOURS[key] for key in sorted(HOURS)], float), axis=1)
    table /= table[:, -1:]
    draw = rng.random(len(profile))
    hour = (draw[:, None] > table[profile]).sum(axis=1)
    return np.asarray(hour * 3600 + rng.integers(0, 3600, len(profile)))
