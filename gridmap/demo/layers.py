"""The four departmental layers as each office would draw its own on the same ground, before anything goes wrong with them.

zongzhi 综治 groups compounds inside a community to 300-500 households; yingji 应急 draws coarser, by risk, with strips of its
own along river and shore; chengguan 城管 works block by block, two main roads as sections of their own, where it is built up;
huanjing 生态环境 watches reaches of the river, the shore, the industrial parks, and the rest by main roads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.demo import grouping
from gridmap.demo.arterials import KNOWN, WIDTH_M

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gridmap.demo.blocks import Plan
    from gridmap.demo.divisions import Divisions
    from gridmap.demo.ground import Ground
    from gridmap.demo.homes import Homes

KEYS = ("zongzhi", "yingji", "chengguan", "huanjing")
"""The layers' keys in the order of the speech: 综治、应急、城管、生态环境."""

_RIVER_STRIP_M = {"yingji": 95.0, "huanjing": 330.0}
_SHORE_STRIP_M = {"yingji": 140.0, "huanjing": 450.0}
_REACH_M = {"yingji": 1_500.0, "huanjing": 2_600.0}
_OPEN_COUNTRY = ("hill", "village", "island")


@dataclass
class Layer:
    """One office's grids: outlines (local metres), street, community and kind of each, households counted by the office."""

    key: str
    shapes: np.ndarray
    street: np.ndarray
    community: np.ndarray
    households: np.ndarray


def draw(ground: Ground, plan: Plan, homes: Homes, divisions: Divisions) -> dict[str, Layer]:
    """Draw the four layers; each is a clean set of polygons, none knows of the others."""
    scene = _Scene(ground, plan, homes, divisions)
    return {
        "zongzhi": scene.finish("zongzhi", grouping.dissolve(plan.blocks, scene.zongzhi())),
        "yingji": scene.finish("yingji", scene.stripped("yingji", grouping.dissolve(plan.blocks, scene.yingji()))),
        "chengguan": scene.finish("chengguan", scene.chengguan()),
        "huanjing": scene.finish("huanjing", scene.stripped("huanjing", grouping.dissolve(plan.blocks, scene.huanjing()))),
    }


class _Scene:
    """What all offices look at."""

    def __init__(self, ground: Ground, plan: Plan, homes: Homes, divisions: Divisions) -> None:
        self.ground, self.plan, self.homes, self.divisions = ground, plan, homes, divisions
        self.households = homes.block_households()
        self.areas = shapely.area(plan.blocks)
        self.touching = divisions.touching
        self.points = shapely.centroid(homes.buildings)

    def zongzhi(self) -> np.ndarray:
        """Group by households inside one community: 300-500, a large compound alone."""
        community = self.divisions.block_community
        part = grouping.pieces(self.plan.roots, self.households, 470, community)
        return grouping.merge_small(part, within=community, sizes=self.households, least=270, most=520, touching=self.touching)

    def yingji(self) -> np.ndarray:
        """Group by risk inside one street: people, and what can burn, leak or flood."""
        risk = self.households + self.areas / 1500
        risk += 260 * np.isin(self.homes.uses, ["works", "port"]) + 150 * np.isin(
            self.homes.uses, ["market", "mall", "school", "hospital"]
        )
        street = self.divisions.block_street
        part = grouping.pieces(self.plan.roots, risk, 2_600, street)
        return grouping.merge_small(part, within=street, sizes=risk, least=1_100, most=3_400, touching=self.touching)

    def huanjing(self) -> np.ndarray:
        """Group by area inside one street; industry and port apart."""
        industrial = np.isin(self.plan.kinds, ["industry", "port"])
        within = self.divisions.block_street * 2 + industrial
        part = grouping.pieces(self.plan.roots, self.areas, 3_400_000, within)
        return grouping.merge_small(
            part, within=within, sizes=self.areas, least=1_300_000, most=5_500_000, touching=self.touching
        )

    def stripped(self, key: str, shapes: np.ndarray) -> np.ndarray:
        """Cut strips along river and shore out of the grids and make reaches of them: lines no other office has."""
        ground = self.ground
        outline = shapely.union_all([ground.land, ground.island])
        quays = shapely.buffer(shapely.envelope(ground.harbour), 150)
        open_shore = shapely.difference(ground.coast.simplify(25), quays)
        shore = shapely.intersection(shapely.buffer(open_shore, _SHORE_STRIP_M[key]), ground.land)
        water = shapely.buffer(ground.river.simplify(15), _RIVER_STRIP_M[key])
        strips = {"river": shapely.intersection(water, outline), "shore": shapely.difference(shore, water)}
        reaches = []
        for strip, line in (("river", ground.river), ("shore", ground.coast)):
            for cut in _across(line, _REACH_M[key], 900):
                strips[strip] = shapely.difference(strips[strip], cut)
            for street in self.divisions.streets:
                reaches += [p for p in _polygons(shapely.intersection(strips[strip], street)) if p.area > 12_000]
        kept = [p for shape in shapely.difference(shapes, shapely.union_all(reaches)) for p in _polygons(shape)]
        small = [p for p in kept if p.area < 9_000]
        whole = np.array([p for p in kept if p.area >= 9_000], dtype=object)
        return np.array([*_absorb(whole, small), *reaches], dtype=object)

    def chengguan(self) -> np.ndarray:
        """Work block by block where it is built up; small blocks join, even across communities; two main roads are sections."""
        town = ~np.isin(self.plan.kinds, _OPEN_COUNTRY) & ~np.isin(self.homes.uses, ["farm", "wood"])
        number = np.arange(len(self.areas))
        within = np.where(town, self.divisions.block_street, -1 - number)
        part = grouping.merge_small(number, within=within, sizes=self.areas, least=19_000, most=60_000, touching=self.touching)
        _, first = np.unique(part, return_index=True)
        shapes = grouping.dissolve(self.plan.blocks, part)[town[first]]
        sections = self._sections(shapely.union_all(shapes))
        rest = [p for shape in shapely.difference(shapes, shapely.union_all(sections)) for p in _polygons(shape)]
        return np.array([p for p in rest if p.area > 1_500] + sections, dtype=object)

    def _sections(self, town: BaseGeometry) -> list[BaseGeometry]:
        """Cut the middle ring and the coast road into sections of about 800 m, street by street."""
        roads = [road.line for road in self.plan.roads if road.known_as in {KNOWN[1], KNOWN[3]}]
        found = []
        taken: BaseGeometry = shapely.Polygon()
        for line in roads:
            corridor: BaseGeometry = shapely.buffer(line, WIDTH_M["arterial"] / 2 + 6, cap_style="flat")
            for cut in _across(line, 800.0, 60):
                corridor = shapely.difference(corridor, cut)
            corridor = shapely.difference(shapely.intersection(corridor, town), taken)
            for street in self.divisions.streets:
                found += [p for p in _polygons(shapely.intersection(corridor, street)) if p.area > 9_000]
            taken = shapely.union(taken, corridor)
        return found

    def finish(self, key: str, shapes: np.ndarray) -> Layer:
        """Say where each grid mostly lies and how many households it has; order from north to south, west to east."""
        middle = grouping.middles(shapes)
        order = np.lexsort((middle[:, 0], -np.round(middle[:, 1] / 400)))
        shapes = shapes[order]
        tree = shapely.STRtree(self.plan.blocks)
        block = tree.nearest(shapely.point_on_surface(shapes))
        grid, building = shapely.STRtree(self.points).query(shapes, predicate="intersects")
        households = np.bincount(grid, weights=self.homes.households[building], minlength=len(shapes)).astype(int)
        street = self.divisions.block_street[block]
        by_street = np.argsort(street, kind="stable")
        return Layer(
            key, shapes[by_street], street[by_street], self.divisions.block_community[block][by_street], households[by_street]
        )


def _polygons(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0.01]


def _across(line: BaseGeometry, step_m: float, reach_m: float) -> list[BaseGeometry]:
    """Give hair-thin bars across a line every ``step_m``: what is cut by them falls into parts."""
    bars = []
    for at in np.arange(step_m, line.length - step_m * 0.4, step_m):
        before, after = (shapely.get_coordinates(line.interpolate(at + d))[0] for d in (-8, 8))
        span = (after - before) / np.hypot(*(after - before))
        normal = np.array([-span[1], span[0]]) * reach_m
        middle = (before + after) / 2
        bars.append(shapely.buffer(shapely.linestrings([middle - normal, middle + normal]), 0.005, cap_style="flat"))
    return bars


def _absorb(whole: np.ndarray, small: list[BaseGeometry]) -> np.ndarray:
    """Join each small remnant to the polygon it shares most border with."""
    whole = whole.copy()
    for piece in small:
        shared = shapely.length(shapely.intersection(whole, piece.boundary))
        best = int(np.argmax(shared))
        if shared[best] > 0:
            joined = _polygons(shapely.union(whole[best], piece))
            whole[best] = max(joined, key=lambda p: float(p.area))
    return whole
