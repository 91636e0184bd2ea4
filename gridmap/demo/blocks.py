"""Blocks: the land between the main roads, divided again and again as a town divides its land, each cut becoming a street."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from gridmap.demo import zones
from gridmap.demo.arterials import Road
from gridmap.demo.ground import PRECISION_M

if TYPE_CHECKING:
    from gridmap.demo.ground import Ground

_JOIN_M = 45.0
"""A new street's end moves this far to meet a street on the other side, so that crossings appear as in a grown town."""


class Joints:
    """Where new streets end, in an array that grows: each new line asks which ends are near."""

    def __init__(self) -> None:
        self._points = np.empty((64, 2))
        self._count = 0

    def add(self, *points: np.ndarray) -> None:
        """Add ends of a street."""
        if self._count + len(points) > len(self._points):
            self._points = np.concatenate([self._points, np.empty_like(self._points)])
        self._points[self._count : self._count + len(points)] = points
        self._count += len(points)

    def near(self, place: np.ndarray, reach_m: float) -> np.ndarray:
        """Give the ends in a square about a place."""
        known = self._points[: self._count]
        return np.asarray(known[(np.abs(known - place) < reach_m).all(axis=1)])


@dataclass
class Parcel:
    """A piece of land in the tree of divisions: its outline, its pieces (none for a block), the superblock's number."""

    shape: Polygon
    superblock: int
    pieces: list[Parcel] = field(default_factory=list)
    block: int = -1


@dataclass
class Plan:
    """The divided land: the tree's roots, the blocks (faces, in the order of their number) and every road."""

    roots: list[Parcel]
    blocks: np.ndarray
    kinds: np.ndarray
    roads: list[Road]


def quarters(ground: Ground, main: list[Road]) -> np.ndarray:
    """Cut the ground into superblocks along its main roads and waters, from the south-west to the north-east."""
    outline = shapely.union_all([ground.land, ground.island])
    lines = [outline.boundary, ground.river, ground.creek, *(road.line for road in main)]
    noded = shapely.union_all(lines, grid_size=PRECISION_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.covers(outline.buffer(1), faces)]
    faces = _join_small(faces, 45_000.0)
    middle = shapely.get_coordinates(shapely.centroid(faces))
    return np.asarray(faces[np.lexsort((middle[:, 0], middle[:, 1]))])


def divide(faces: np.ndarray, main: list[Road], rng: np.random.Generator) -> Plan:
    """Divide superblocks into blocks; the blocks are the faces of one noded linework, so they tile the superblocks exactly."""
    outline = shapely.coverage_union_all(faces)
    joints = Joints()
    roads = [road._replace(line=part) for road in main for part in _inside(road.line, outline)]
    roots = []
    for number, face in enumerate(faces):
        root = Parcel(face, number)
        _divide(root, rng, joints, roads)
        roots.append(root)
    leaves = [leaf for root in roots for leaf in _leaves(root)]
    noded = shapely.union_all([leaf.shape.boundary for leaf in leaves], grid_size=PRECISION_M)
    blocks = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    blocks = blocks[shapely.contains_properly(outline.buffer(0.5), shapely.point_on_surface(blocks))]
    return _label(blocks, leaves, roots, roads)


def _label(faces: np.ndarray, leaves: list[Parcel], roots: list[Parcel], roads: list[Road]) -> Plan:
    """Give each leaf its face; a face that rounding made, if any, joins its leaf."""
    tree = shapely.STRtree([leaf.shape for leaf in leaves])
    inside = shapely.point_on_surface(faces)
    face, leaf = tree.query(inside, predicate="intersects")
    first = np.unique(face, return_index=True)[1]
    owner = np.full(len(faces), -1)
    owner[face[first]] = leaf[first]
    lost = np.flatnonzero(owner < 0)
    owner[lost] = tree.nearest(inside[lost])
    blocks = np.empty(len(leaves), dtype=object)
    for number, part in enumerate(leaves):
        part.block = number
        own = faces[owner == number]
        blocks[number] = own[0] if len(own) == 1 else shapely.coverage_union_all(own)
    middle = shapely.point_on_surface(blocks)
    return Plan(roots, blocks, zones.kind_at(shapely.get_x(middle), shapely.get_y(middle)), roads)


def _inside(line: LineString, outline: shapely.Geometry) -> list[LineString]:
    found = shapely.get_parts(shapely.intersection(line, outline))
    return [part for part in found if part.geom_type == "LineString" and part.length > 30]


def _join_small(faces: np.ndarray, least_m2: float) -> np.ndarray:
    """Join each face too small to be a quarter to the neighbour it shares most border with."""
    shapes = list(faces)
    while True:
        areas = shapely.area(shapes)
        small = int(np.argmin(areas))
        if areas[small] >= least_m2:
            return np.array(shapes, dtype=object)
        shape = shapes.pop(small)
        others = np.array(shapes, dtype=object)
        shared = shapely.length(shapely.intersection(others, shape.boundary))
        best = int(np.argmax(shared))
        if shared[best] == 0:
            continue
        shapes[best] = shapely.union_all([shapes[best], shape], grid_size=PRECISION_M)


def _leaves(parcel: Parcel) -> list[Parcel]:
    return [leaf for piece in parcel.pieces for leaf in _leaves(piece)] if parcel.pieces else [parcel]


def _divide(parcel: Parcel, rng: np.random.Generator, joints: Joints, roads: list[Road]) -> None:
    shape = parcel.shape
    middle = shape.centroid if shape.contains(shape.centroid) else shape.point_on_surface()
    zone = zones.KINDS[str(zones.kind_at(np.array([middle.x]), np.array([middle.y]))[0])]
    if shape.area < zone.block_m2 * rng.uniform(1.15, 1.9):
        return
    found = _best_cut(shape, zone.crooked, rng, joints)
    if found is None:
        return
    pieces, line = found
    road_class = "secondary" if shape.area > 700_000 else "branch" if shape.area > 3.2 * zone.block_m2 else "alley"
    for part in _inside(line, shape):
        roads.append(Road(road_class, part))
        ends = shapely.get_coordinates(part)
        joints.add(ends[0], ends[-1])
    for piece in pieces:
        below = Parcel(piece, parcel.superblock)
        parcel.pieces.append(below)
        _divide(below, rng, joints, roads)


def _best_cut(
    shape: Polygon, crooked: float, rng: np.random.Generator, joints: Joints
) -> tuple[list[Polygon], LineString] | None:
    """Try a few lines across the longer side and keep the one whose pieces are the most compact."""
    best, best_score = None, 0.0
    for _ in range(5):
        line = _line_across(shape, crooked, rng, joints)
        pieces = [piece for piece in split(shape, line).geoms if isinstance(piece, Polygon) and piece.area > 1]
        if len(pieces) < 2:
            continue
        areas = shapely.area(pieces)
        boxes = shapely.area(shapely.oriented_envelope(pieces))
        around = shapely.length(pieces)
        compact = (areas / boxes) * (16 * areas / around**2).clip(0, 1)
        score = float(compact.min() * (areas.min() / areas.max()) ** 0.4)
        if score > best_score:
            best, best_score = (pieces, line), score
    return best if best_score > 0.12 else None


def _line_across(shape: Polygon, crooked: float, rng: np.random.Generator, joints: Joints) -> LineString:
    corners = shapely.get_coordinates(shapely.oriented_envelope(shape))[:4]
    first, second = corners[1] - corners[0], corners[3] - corners[0]
    if np.hypot(*first) < np.hypot(*second):
        first, second = second, first
    long, across = np.hypot(*first), np.hypot(*second)
    along, over = first / long, second / across
    start = corners.mean(axis=0) + along * long * rng.uniform(-0.13, 0.13)
    turn = rng.normal(0, 0.10 * crooked)
    direction = over * np.cos(turn) + along * np.sin(turn)
    reach = across * 0.75 + 60
    ends = _meet(shape, np.array([start - direction * reach, start + direction * reach]), joints)
    span = ends[1] - ends[0]
    normal = np.array([-span[1], span[0]])
    steps = np.linspace(0, 1, 9)
    bow = np.sin(np.pi * steps) * rng.normal(0, 0.045 * crooked) + np.sin(2 * np.pi * steps) * rng.normal(0, 0.035 * crooked)
    return LineString(ends[0] + steps[:, None] * span + bow[:, None] * normal)


def _meet(shape: Polygon, ends: np.ndarray, joints: Joints) -> np.ndarray:
    """Turn a line so that it leaves the shape where a street on the other side already ends, if one is near."""
    crossing = shapely.get_coordinates(shapely.intersection(LineString(ends), shape.boundary))
    if len(crossing) != 2:
        return ends
    known = joints.near(crossing.mean(axis=0), float(np.hypot(*(ends[1] - ends[0]))))
    moved = crossing.copy()
    for side in (0, 1):
        if len(known):
            away = np.hypot(*(known - crossing[side]).T)
            near = int(np.argmin(away))
            if away[near] < _JOIN_M and shapely.Point(known[near]).distance(shape.boundary) < 0.5:
                moved[side] = known[near]
    if np.hypot(*(moved[1] - moved[0])) < 20:
        return ends
    span = moved[1] - moved[0]
    order = 1 if np.dot(span, ends[1] - ends[0]) > 0 else -1
    beyond = span / np.hypot(*span) * 3.0
    return np.array([moved[0] - beyond, moved[1] + beyond][::order])
