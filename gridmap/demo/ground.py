"""The ground the fictional district stands on: a curved coast with a bay, a port and a headland, an island, a meandering river.

Everything is drawn in local metres (x east, y north, the sea in the south) and put on the map by ``ORIGIN``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.interpolate import CubicSpline
from shapely.geometry import LineString, Point, Polygon

CRS = 4549
"""EPSG code the demo is drawn in: CGCS2000, 3-degree zone, central meridian 120°E, metres."""

ORIGIN = (491_300.0, 4_419_600.0)
"""Where local (0, 0) lies in EPSG:4549: about 119.9°E, 39.9°N, a place where there is only water."""

PRECISION_M = 0.01
"""Coordinates are kept to the centimetre, as a survey hands them over."""

OLD_TOWN = np.array([-900.0, -800.0])
"""The middle of the old town, on the west bank inside a bend of the river."""

_COAST_WEST = [(-7400, -3900), (-6300, -3300), (-5200, -2680), (-3900, -2330), (-2700, -2350), (-1700, -2620), (-900, -2990)]
_COAST_WEST += [(-480, -3180)]
_PORT = [(180, -3230), (620, -3120), (700, -3120), (700, -3700), (980, -3700), (980, -3120), (1300, -3120), (1300, -3620)]
_PORT += [(1620, -3620), (1620, -3080), (1960, -3080), (1960, -3900), (2300, -3900), (2300, -3000), (2760, -2960)]
_COAST_EAST = [
    (2760, -2960),
    (3300, -2700),
    (3900, -2800),
    (4400, -3300),
    (4950, -3700),
    (5450, -3480),
    (5650, -2850),
    (6100, -2300),
]
_COAST_EAST += [(6700, -2050), (7600, -1900)]
_NORTH = [
    (6350, 3600),
    (5200, 4400),
    (3900, 4250),
    (2600, 4900),
    (900, 4700),
    (-700, 5200),
    (-2300, 4750),
    (-3900, 5000),
    (-5600, 4250),
]
_RIVER = [(-2150, 6200), (-2250, 5000), (-2750, 4000), (-2100, 3250), (-2500, 2450), (-1500, 1950), (-700, 1500), (-1050, 800)]
_RIVER += [(-350, 250), (150, -400), (-150, -1150), (280, -1800), (60, -2400), (-170, -2900), (-130, -3500), (-100, -4600)]
_CREEK = [
    (4300, 5200),
    (3950, 4300),
    (4200, 3500),
    (3300, 2800),
    (2500, 2500),
    (1900, 1700),
    (1100, 1400),
    (300, 900),
    (-350, 250),
]


@dataclass(frozen=True)
class Ground:
    """Land and water of one district, local metres.

    land: the district's outline at the waterline, river included; island: a second part of it; river, creek: centre lines;
    water: what is under water inside the outline; coast: the waterline; harbour: the port's quays.
    """

    land: Polygon
    island: Polygon
    river: LineString
    creek: LineString
    water: shapely.Geometry
    coast: LineString
    harbour: LineString


def smooth(points: np.ndarray, step_m: float) -> np.ndarray:
    """Draw a smooth curve through ``points`` with a vertex about every ``step_m`` metres."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    curve = CubicSpline(along, points, bc_type="natural")
    return np.asarray(curve(np.linspace(0, along[-1], max(2, int(along[-1] / step_m) + 1))))


def rough(points: np.ndarray, rng: np.random.Generator, amount_m: float) -> np.ndarray:
    """Shake a curve sideways by summed waves of falling size, ends kept, as a natural shore is never smooth."""
    position = np.linspace(0, 1, len(points))
    shift = np.zeros((len(points), 2))
    for octave in range(1, 7):
        phase = rng.uniform(0, 2 * np.pi, 2)
        shift += np.sin(2 * np.pi * position[:, None] * 3 * 1.9**octave + phase) * amount_m / 1.6**octave
    return np.asarray(points + shift * np.sin(np.pi * position)[:, None] ** 0.25)


def draw(rng: np.random.Generator) -> Ground:
    """Draw the ground: the plan is fixed, the seed moves its bends by up to a hundred metres."""

    def moved(points: list[tuple[int, int]], by_m: float) -> np.ndarray:
        base = np.array(points, float)
        base[1:-1] += rng.uniform(-by_m, by_m, (len(base) - 2, 2))
        return base

    west = rough(smooth(moved(_COAST_WEST, 90), 40), rng, 14)
    east = rough(smooth(moved(_COAST_EAST, 90), 40), rng, 26)
    harbour = np.array(_PORT, float)
    shore = np.vstack([west, harbour, east[1:]])
    north = rough(smooth(np.array([(6900, -2000), (6500, -900), (6750, 900), *_NORTH], float), 60), rng, 45)
    north_west = rough(
        smooth(np.array([_NORTH[-1], (-6500, 2900), (-6250, 1100), (-6700, -600), (-6500, -3400)], float), 60), rng, 40
    )
    sea = Polygon(np.vstack([shore, [(9000, -9000), (-9000, -9000)]])).buffer(0)
    body = Polygon(np.vstack([north, north_west[1:], [(-6500, -8000), (6900, -8000)]])).buffer(0)
    land = _largest(shapely.difference(body, sea))
    river_line = rough(smooth(moved(_RIVER, 70), 30), rng, 16)
    creek_line = rough(smooth(moved(_CREEK, 60), 30), rng, 14)
    creek_line[-1] = river_line[np.argmin(np.hypot(*(river_line - creek_line[-1]).T))]
    river, creek = LineString(river_line), LineString(creek_line)
    width = np.interp(np.linspace(0, 1, len(river_line)), [0, 0.6, 0.85, 1], [34, 48, 62, 130])
    water = shapely.union_all(
        [Point(p).buffer(w) for p, w in zip(river_line, width, strict=True)]
        + [LineString(river_line[i : i + 2]).buffer(width[i]) for i in range(len(river_line) - 1)]
        + [creek.buffer(11)]
    )
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = 430 * (1 + 0.28 * np.sin(angle + 1) + 0.16 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.05 * np.sin(5 * angle))
    island = Polygon(np.column_stack([3350 + 1.35 * radius * np.cos(angle), -4750 + 0.8 * radius * np.sin(angle)]))
    return Ground(
        land=shapely.set_precision(land, PRECISION_M),
        island=shapely.set_precision(island, PRECISION_M),
        river=river,
        creek=creek,
        water=shapely.set_precision(shapely.intersection(water, land), PRECISION_M),
        coast=LineString(shore),
        harbour=LineString(harbour),
    )


def _largest(shape: shapely.Geometry) -> Polygon:
    parts = shapely.get_parts(shape)
    return Polygon(parts[int(np.argmax(shapely.area(parts)))].exterior)
