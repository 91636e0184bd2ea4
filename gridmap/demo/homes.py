"""What stands in each block: its use, the compound inside its roads, the buildings in rows, their stairwells and households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.demo import zones
from gridmap.demo.arterials import WIDTH_M
from gridmap.demo.ground import PRECISION_M

if TYPE_CHECKING:
    from gridmap.demo.blocks import Plan
    from gridmap.demo.ground import Ground

_LOW = {"village", "hill", "island"}
_OTHER_USES = {
    "old_town": (["market", "park", "school", "temple", "office"], [0.3, 0.2, 0.2, 0.1, 0.2]),
    "inner": (["market", "park", "school", "hospital", "office", "mall"], [0.2, 0.2, 0.25, 0.1, 0.2, 0.05]),
    "new_town": (["market", "park", "school", "office", "mall", "site"], [0.1, 0.25, 0.2, 0.2, 0.1, 0.15]),
    "suburb": (["market", "park", "school", "works", "site", "farm"], [0.06, 0.2, 0.12, 0.22, 0.15, 0.25]),
    "village": (["farm", "works"], [0.93, 0.07]),
    "hill": (["wood", "farm"], [0.85, 0.15]),
    "industry": (["works", "site", "office"], [0.85, 0.1, 0.05]),
    "port": (["port"], [1.0]),
    "beach": (["beach", "hotel", "park"], [0.6, 0.2, 0.2]),
    "island": (["wood", "park"], [0.7, 0.3]),
}


@dataclass
class Homes:
    """Uses, compounds and buildings; ``plots`` and ``uses`` are in the order of the plan's blocks.

    uses: what each block is for ("homes" where people live); plots: the block inside its roads and banks;
    building_block: the block of each building; buildings: outlines; storeys, units (stairwells), households: whole numbers.
    """

    uses: np.ndarray
    plots: np.ndarray
    buildings: np.ndarray
    building_block: np.ndarray
    storeys: np.ndarray
    units: np.ndarray
    households: np.ndarray

    def block_households(self) -> np.ndarray:
        """Add up the households of each block."""
        return np.bincount(self.building_block, weights=self.households, minlength=len(self.plots)).astype(int)


def build(ground: Ground, plan: Plan, rng: np.random.Generator) -> Homes:
    """Give every block a use, and fill those that are lived in with buildings."""
    plots = _plots(ground, plan)
    uses = _uses(plan, plots, rng)
    shapes, owners, storeys, units, households = [], [], [], [], []
    for number, (kind, use, plot) in enumerate(zip(plan.kinds, uses, plots, strict=True)):
        if use != "homes":
            continue
        zone = zones.KINDS[kind]
        found = _rows(plot, zone, rng, scattered=kind in _LOW)
        if not len(found):
            uses[number] = "park" if kind not in _LOW else "farm"
            continue
        count = len(found)
        high = rng.integers(*zone.storeys, endpoint=True)
        floors = np.clip(high + rng.integers(-1, 2, count), zone.storeys[0], zone.storeys[1])
        stairs = np.ones(count, int) if kind in _LOW else np.full(count, max(1, round(zone.slab[0] / 16)))
        flats = stairs * floors * (1 if kind in _LOW else 2)
        lived = np.ones(count, int) if kind in _LOW else np.maximum(1, rng.binomial(flats, rng.uniform(0.78, 0.97)))
        shapes.append(found)
        owners.append(np.full(count, number))
        storeys.append(floors)
        units.append(stairs)
        households.append(lived)
    return Homes(uses, plots, *(np.concatenate(part) for part in (shapes, owners, storeys, units, households)))


def _plots(ground: Ground, plan: Plan) -> np.ndarray:
    """Cut roads and water out of the blocks."""
    taken = [
        shapely.buffer(road.line, WIDTH_M[road.road_class] / 2 + 2.0, cap_style="flat", quad_segs=2) for road in plan.roads
    ]
    banks = shapely.get_parts(shapely.intersection(shapely.buffer(ground.water, 14, quad_segs=2), _tiles(ground)))
    shapes = np.array([*taken, *banks], dtype=object)
    tree = shapely.STRtree(shapes)
    inner = shapely.buffer(plan.blocks, -4.0, join_style="mitre")
    block, taker = tree.query(inner, predicate="intersects")
    plots = inner.copy()
    for number in np.unique(block):
        plots[number] = shapely.difference(inner[number], shapely.union_all(shapes[taker[block == number]]))
    plots = shapely.buffer(shapely.buffer(plots, -3), 3, join_style="mitre", mitre_limit=2)
    for number, plot in enumerate(plots):
        parts = shapely.get_parts(plot)
        if len(parts):
            largest = parts[int(np.argmax(shapely.area(parts)))]
            plots[number] = shapely.set_precision(shapely.polygons(shapely.get_exterior_ring(largest)), PRECISION_M)
    return np.asarray(plots)


def _tiles(ground: Ground) -> np.ndarray:
    """Squares over the land, so that a long river is asked about in pieces."""
    west, south, east, north = ground.land.bounds
    x, y = np.meshgrid(np.arange(west, east, 600.0), np.arange(south, north, 600.0))
    return np.asarray(shapely.box(x.ravel(), y.ravel(), x.ravel() + 600, y.ravel() + 600))


def _uses(plan: Plan, plots: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    uses = np.empty(len(plots), dtype=object)
    for number, kind in enumerate(plan.kinds):
        lived = rng.random() < zones.KINDS[kind].built and shapely.area(plots[number]) > 2_500
        names, shares = _OTHER_USES[kind]
        other = names[int(rng.choice(len(names), p=shares))]
        uses[number] = "homes" if lived else other
    return uses


def _rows(plot: shapely.Geometry, zone: zones.Zone, rng: np.random.Generator, *, scattered: bool) -> np.ndarray:
    """Set slabs in rows along the plot's axis nearest to east-west, so that they face south."""
    inner = shapely.buffer(plot, -5.0)
    if shapely.is_empty(inner):
        return np.array([], dtype=object)
    corners = shapely.get_coordinates(shapely.oriented_envelope(plot))
    side = corners[1] - corners[0]
    angle = np.arctan2(side[1], side[0]) % (np.pi / 2)
    angle = angle - np.pi / 2 if angle > np.pi / 4 else angle
    length, depth = zone.slab
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    middle = corners[:4].mean(axis=0)
    reach = np.hypot(*(corners[2] - corners[0])) / 2
    step_u, step_v = length + max(6.0, length * 0.22), zone.row_m
    u, v = np.meshgrid(np.arange(-reach, reach, step_u), np.arange(-reach, reach, step_v))
    u, v = u.ravel() + rng.uniform(0, step_u), v.ravel() + rng.uniform(0, step_v)
    if scattered:
        core = rng.uniform(-0.35, 0.35, 2) * reach
        near = np.exp(-((u - core[0]) ** 2 + (v - core[1]) ** 2) / (2 * (0.28 * reach) ** 2))
        keep = rng.random(len(u)) < np.minimum(0.92, near * zone.full * 7)
        u, v = u + rng.uniform(-3, 3, len(u)), v + rng.uniform(-3, 3, len(v))
    else:
        keep = rng.random(len(u)) < zone.full * rng.uniform(0.75, 1.25)
    u, v = u[keep], v[keep]
    centre = middle + u[:, None] * along + v[:, None] * across
    wide, deep = along * length / 2, across * depth / 2
    rings = np.stack([centre - wide - deep, centre + wide - deep, centre + wide + deep, centre - wide + deep], axis=1)
    slabs = np.asarray(shapely.polygons(np.round(rings, 2)))
    shapely.prepare(inner)
    return np.asarray(slabs[shapely.contains_properly(inner, slabs)])
