"""The main roads: three rings, radials, the coast road, embankments, a railway and an expressway."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString

from gridmap.demo import ground as ground_

if TYPE_CHECKING:
    from gridmap.demo.ground import Ground

WIDTH_M = {"expressway": 46.0, "railway": 24.0, "arterial": 40.0, "secondary": 28.0, "branch": 16.0, "alley": 7.0}
"""Road classes 快速路, 铁路, 主干路, 次干路, 支路, 街巷 and the width each takes from the blocks beside it."""

RINGS_M = {1: 640.0, 2: 1850.0, 3: 3450.0}
"""Mean radius of the ring roads about the old town; the first runs where the town wall stood."""

_RADIALS_DEG = (8, 47, 84, 122, 163, 196, 262, 331)
_COAST_ROAD = [(-6900, -2900), (-6150, -2700), (-5100, -2250), (-3900, -1960), (-2700, -1980), (-1800, -2230), (-1000, -2580)]
_COAST_ROAD += [(-200, -2700), (700, -2560), (1700, -2500), (2700, -2430), (3400, -2290), (4100, -2380), (4800, -2700)]
_COAST_ROAD += [(5100, -2350), (5500, -1900), (6200, -1600), (7200, -1500)]
_RAILWAY = [(-7500, 1500), (-5000, 1750), (-3000, 1500), (-1200, 2150), (600, 2500), (2400, 1900), (4500, 1250), (7500, 800)]
_EXPRESSWAY = [(-7500, 3000), (-5000, 3350), (-2500, 3200), (0, 3550), (2400, 3350), (4800, 2600), (7500, 2450)]
_HARBOUR_ROADS = [
    [(2350, -2400), (2330, -3100)],
    [(1000, -2500), (1010, -3200)],
    [(3500, -2250), (4300, -2900), (4900, -3300), (5100, -2900)],
]
_NEW_TOWN = [[(-5750, 4600), (-5450, 2500), (-5600, 600), (-5500, -1000), (-5650, -2700)]]
_NEW_TOWN += [[(-4250, 3600), (-4300, 1900), (-4420, 400), (-4300, -1200), (-4480, -2500)]]
_EAST = [[(4700, 4700), (4500, 2900), (4750, 1400), (4550, -400), (4400, -1500), (4450, -2700)]]
_EAST += [[(2400, 700), (3600, 500), (4800, 250), (5900, 500), (7200, 300)]]


KNOWN = ("城墙路", "中环路", "外环路", "滨海大道", "演示铁路", "滨城快速路")
"""The roads everybody knows: the three rings, the coast road, the railway, the expressway."""


class Road(NamedTuple):
    """One road: its class (a key of WIDTH_M), centre line in local metres, and what it is called where it is well known."""

    road_class: str
    line: LineString
    known_as: str = ""


def draw(ground: Ground, rng: np.random.Generator) -> list[Road]:
    """Draw the main roads, longer than the land where they leave it."""

    def curve(points: list[tuple[int, int]], by_m: float, step_m: float = 45) -> LineString:
        base = np.array(points, float)
        base[1:-1] += rng.uniform(-by_m, by_m, (len(base) - 2, 2))
        return LineString(ground_.smooth(base, step_m))

    coast_road = curve(_COAST_ROAD, 25)
    inland = shapely.Polygon([*coast_road.coords, (9000, 9000), (-9000, 9000)]).buffer(25)
    rings = [_ring(number, rng) for number in RINGS_M]
    roads = [
        Road("arterial", part, KNOWN[number])
        for number, ring in enumerate(rings)
        for part in shapely.get_parts(shapely.intersection(ring, inland))
    ]
    outside = shapely.difference(inland, shapely.Polygon(rings[0]).buffer(-3))
    for degrees in _RADIALS_DEG:
        part = shapely.get_parts(shapely.intersection(_radial(np.radians(degrees), rng), outside))[0]
        roads.append(Road("arterial", part))
    roads.append(Road("arterial", coast_road, KNOWN[3]))
    roads += [Road("railway", curve(_RAILWAY, 50), KNOWN[4]), Road("expressway", curve(_EXPRESSWAY, 60), KNOWN[5])]
    roads += [Road("arterial", curve(points, 35)) for points in (*_NEW_TOWN, *_EAST)]
    roads += [Road("secondary", LineString(points)) for points in _HARBOUR_ROADS]
    roads += [Road("secondary", bank) for bank in _embankments(ground)]
    return roads


def _ring(number: int, rng: np.random.Generator) -> LineString:
    """Draw a ring rounder than a rectangle and squarer than a circle, stretched along the coast."""
    angle = np.linspace(0, 2 * np.pi, 160 * number)
    square = (np.abs(np.cos(angle)) ** 3.2 + np.abs(np.sin(angle)) ** 3.2) ** (-1 / 3.2)
    wave = sum(np.sin(k * angle + rng.uniform(0, 2 * np.pi)) * 0.035 / k**0.5 for k in (2, 3, 5))
    radius = RINGS_M[number] * square * (1 + wave)
    stretch = np.array([1.0, 1.0]) if number == 1 else np.array([1.12, 0.92])
    points = ground_.OLD_TOWN + radius[:, None] * np.column_stack([np.cos(angle + 0.12), np.sin(angle + 0.12)]) * stretch
    points[-1] = points[0]
    return LineString(points)


def _radial(angle: float, rng: np.random.Generator) -> LineString:
    """Draw a road out of the old town that bends a little as it goes."""
    steps = np.arange(RINGS_M[1] * 0.7, 9500, 45)
    bend = np.interp(steps, np.linspace(steps[0], steps[-1], 9), np.cumsum(rng.normal(0, 0.045, 9)))
    bend -= bend[0]
    return LineString(ground_.OLD_TOWN + steps[:, None] * np.column_stack([np.cos(angle + bend), np.sin(angle + bend)]))


def _embankments(ground: Ground) -> list[LineString]:
    """Roads along both banks, where the town is."""
    town = shapely.box(-3200, -2620, 1200, 1500)
    banks = []
    for side in (1, -1):
        line = shapely.offset_curve(ground.river.simplify(12), side * 125, join_style="round")
        parts = shapely.get_parts(shapely.intersection(line, town))
        banks += [part.segmentize(45) for part in parts if part.length > 400]
    return banks
