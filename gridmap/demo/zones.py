"""What kind of quarter a place lies in: how big its blocks are, how densely and how high it is built."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import Polygon

from gridmap.demo import arterials, ground


class Zone(NamedTuple):
    """How one kind of quarter is built.

    block_m2: usual block; crooked: how far dividing lines bend and turn (0 straight … 1 wild);
    storeys: low and high; slab: the buildings' length and depth in metres; row_m: distance between rows;
    built: share of blocks that are lived in; full: share of the building places used.
    """

    block_m2: float
    crooked: float
    storeys: tuple[int, int]
    slab: tuple[float, float]
    row_m: float
    built: float
    full: float


KINDS: dict[str, Zone] = {
    "old_town": Zone(15_000, 0.75, (3, 4), (20, 9), 17, 0.90, 0.88),
    "inner": Zone(30_000, 0.30, (5, 7), (44, 12), 30, 0.84, 0.76),
    "new_town": Zone(70_000, 0.12, (9, 18), (36, 15), 58, 0.72, 0.46),
    "suburb": Zone(80_000, 0.25, (5, 9), (42, 12), 46, 0.50, 0.28),
    "village": Zone(260_000, 0.60, (1, 2), (13, 9), 24, 0.55, 0.12),
    "hill": Zone(520_000, 0.70, (1, 2), (12, 9), 26, 0.16, 0.05),
    "industry": Zone(150_000, 0.08, (4, 6), (52, 14), 44, 0.06, 0.35),
    "port": Zone(190_000, 0.06, (3, 5), (48, 14), 44, 0.0, 0.0),
    "beach": Zone(90_000, 0.35, (3, 6), (38, 13), 56, 0.22, 0.25),
    "island": Zone(90_000, 0.70, (1, 2), (13, 9), 22, 0.75, 0.30),
}
"""The kinds of quarter, by name."""

_INDUSTRY = Polygon([(2300, 3300), (2500, 1900), (4500, 1300), (7200, 850), (7200, 2500), (4700, 2650)])
_PORT = Polygon([(330, -2560), (2700, -2440), (3350, -2300), (3350, -4200), (180, -4200)])
_BEACH_WEST = Polygon(
    [(-6900, -2900), (-5100, -2240), (-3900, -1950), (-2700, -1970), (-1000, -2570), (-700, -3600), (-7000, -4200)]
)
_BEACH_EAST = Polygon([(3350, -2300), (4100, -2380), (4800, -2700), (5500, -1900), (7200, -1500), (7200, -4200), (3350, -4200)])
_NEW_TOWN = Polygon([(-5700, 1300), (-3600, 1500), (-3100, -1900), (-5000, -2200), (-5650, -2400)])
_NEW_EAST = Polygon([(1600, 300), (4600, 300), (4500, -2200), (2500, -2400), (1500, -1200)])


def kind_at(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Name the kind of quarter at each place (local metres)."""
    points = shapely.points(x, y)
    from_old = np.hypot((x - ground.OLD_TOWN[0]) / 1.06, y - ground.OLD_TOWN[1])
    tests = [
        (y < -4200, "island"),
        (shapely.within(points, _PORT), "port"),
        (shapely.within(points, _BEACH_WEST) | shapely.within(points, _BEACH_EAST), "beach"),
        (from_old < arterials.RINGS_M[1] * 1.12, "old_town"),
        (shapely.within(points, _INDUSTRY), "industry"),
        (shapely.within(points, _NEW_TOWN) | shapely.within(points, _NEW_EAST), "new_town"),
        (from_old < arterials.RINGS_M[2] * 1.12, "inner"),
        (y > 3350 - 0.03 * x, "hill"),
        ((from_old < arterials.RINGS_M[3] * 1.1) | ((y < 300) & (np.abs(x) < 5600)), "suburb"),
    ]
    return np.select([test for test, _ in tests], [name for _, name in tests], default="village")
