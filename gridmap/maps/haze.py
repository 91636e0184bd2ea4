"""Density in a picture: soft spots of weighted places, added up and coloured by how much lies there, as in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from scipy.signal import fftconvolve

from gridmap.maps.points import RAMP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

_FADE = ((0.0, 0.5, 1.0), (1.0, 0.4, 0.0))
"""How a spot fades from its middle (0) to its edge (1)."""

CELLS = 640
"""Cells across the picture."""

METRES_A_DEGREE = 111_320.0
LEAST_R, MOST_R = 4, 40
"""Cells a spot reaches at least and at most."""


def haze(axes: Axes, held: Mapping[str, Any], theme: str) -> None:
    """Draw density above the areas of a map; axes in degrees, limits set.

    held: as points.density holds it: radius_m, top (the weight that is drawn in full), places as longitude, latitude, weight.
    Spots lie over each other as paint does: what shows through is the product of what each lets through.
    """
    places = np.array(held["places"], float).reshape(-1, 3)
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    size = (east - west) / CELLS
    stretch = np.cos(np.radians((south + north) / 2))
    tall = max(1, int(np.ceil((north - south) / (size * stretch))))
    radius = int(np.clip(held["radius_m"] / (size * METRES_A_DEGREE * stretch), LEAST_R, MOST_R))
    strength = np.clip(places[:, 2] / held["top"], 0.02, 0.98)
    laid, _, _ = np.histogram2d(
        places[:, 1], places[:, 0], bins=(tall, CELLS), range=((south, north), (west, east)), weights=-np.log1p(-strength)
    )
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    spot = np.interp(np.hypot(x, y) / radius, *_FADE)
    much = 1 - np.exp(-fftconvolve(laid, spot, mode="same").clip(min=0))
    colours = LinearSegmentedColormap.from_list("density", list(RAMP["dark" if theme == "dark" else "light"]))
    axes.imshow(
        much, extent=(west, east, south, north), origin="lower", cmap=colours, vmin=0, vmax=1, alpha=0.88,
        aspect=axes.get_aspect(), interpolation="bilinear", zorder=3,
    )  # fmt: skip
