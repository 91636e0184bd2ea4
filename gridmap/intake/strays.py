"""Set aside rows whose coordinates are swapped or mistyped: one of them would hide where all the others lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.finding import Finding
from gridmap.terms import key

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gridmap.intake.opening import Intake

_FAR = 100.0
"""How many times farther from the middle than half of the rows a row must lie: no grid of a district lies so far out."""
_FEWEST, _MOST = 10, 0.1
"""A layer of fewer rows says too little of where it lies; where more than a tenth lie far off, it lies in two places."""


def set_aside(opened: Intake) -> Intake:
    """Give what was read without the rows that lie far off all others, which a finding counts and names."""
    far = strays(opened.frame)
    count = int(far.sum())
    if not count:
        return opened
    message = key("Set aside: {count:# row|# rows} far off all others, with coordinates that are swapped or wrong.")
    remedy = key("Ask the department to put the coordinates of these rows right.")
    names = tuple(str(name) for name in opened.frame.index[far])
    found = Finding("stray", "error", message, {"count": count}, remedy, None, float(count), "rows", names)
    return replace(opened, frame=opened.frame[~far], findings=[*opened.findings, found])


def strays(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say which rows lie so far off the others, in whatever coordinates, that theirs must be wrong."""
    bounds = shapely.bounds(frame.geometry.to_numpy())
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    away = np.hypot(*(middles - np.median(middles, axis=0)).T)
    usual = float(np.median(away))
    far = away > _FAR * usual
    return far if usual and len(frame) >= _FEWEST and far.mean() <= _MOST else np.zeros(len(frame), dtype=bool)
