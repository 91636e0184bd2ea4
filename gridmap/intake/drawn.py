"""A layer as faults are looked for in it, and what still counts as drawn well enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What still counts as drawn well enough.

    slack_m: how far a border may stray from the frame's without a remark; noise_m2: overlaps and gaps below are not listed;
    sliver_m: mean width (2 x area / perimeter) below which an area is a sliver; size_m2: smallest and largest area of a grid,
    None for a hundredth and a hundred times the median.
    """

    slack_m: float = 3.0
    noise_m2: float = 1.0
    sliver_m: float = 1.0
    size_m2: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layer as it is looked at: valid areas in metres, their ids, what is tolerated."""

    shapes: Shapes
    ids: Shapes
    tolerances: Tolerances


def areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Give only the areas of what an overlay left."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
