"""Where things are reported: doors, kerbs, markets, sites, banks, beaches, each spot inside one community, some far busier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gridmap.demo.ground import CRS

if TYPE_CHECKING:
    import geopandas as gpd

KINDS = ("home", "street", "market", "school", "park", "site", "works", "port", "beach", "river", "farm")
"""Kinds of spots."""

_STEP_M = 22.0
_BESIDE_M = {"expressway": 27.0, "railway": 20.0, "arterial": 17.0, "secondary": 12.0, "branch": 7.0, "alley": 3.0}
_BUSY = {"arterial": 1.0, "secondary": 1.0, "branch": 0.8, "alley": 0.35}
_NEAREST_BORDER_M = 2.5


@dataclass
class Spots:
    """Places a report can come from.

    lon, lat: EPSG:4490 degrees; slack_m: how far a point may move without leaving its community; community, compound: rows of
    those tables (-1: no compound); by_kind: for each kind the spots' rows and the running sum of their weights.
    """

    lon: np.ndarray
    lat: np.ndarray
    slack_m: np.ndarray
    community: np.ndarray
    compound: np.ndarray
    by_kind: dict[str, tuple[np.ndarray, np.ndarray]]


def find(land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator) -> Spots:
    """Find the spots of a land and say how busy each is; a few spots lie just outside on purpose."""
    parts = [_homes(land, rng), _kerbs(land, rng), *_around_places(land, rng), _banks(land, rng)]
    kind = np.concatenate([np.full(len(points), KINDS.index(name)) for name, points, _, _ in parts])
    points = np.concatenate([points for _, points, _, _ in parts])
    busy = np.concatenate([weight for _, _, weight, _ in parts])
    compound = np.concatenate([rows for _, _, _, rows in parts])
    busy = busy * rng.lognormal(0, 1.0, len(busy))
    communities = land["communities"].geometry.to_numpy()
    community, slack = _place(points, communities)
    keep = slack > _NEAREST_BORDER_M
    points, kind, busy, compound, community, slack = (part[keep] for part in (points, kind, busy, compound, community, slack))
    by_kind = {}
    for number, name in enumerate(KINDS):
        rows = np.flatnonzero(kind == number)
        by_kind[name] = (rows, np.cumsum(busy[rows]))
    lon, lat = Transformer.from_crs(CRS, 4490, always_xy=True).transform(*points.T)
    return Spots(lon, lat, np.minimum(slack - 1.0, 14.0), community, compound, by_kind)


def _place(points: np.ndarray, communities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shapes = np.asarray(shapely.points(points))
    at, inside = shapely.STRtree(communities).query(shapes, predicate="intersects")
    community = np.full(len(points), -1)
    community[at] = inside
    slack = np.zeros(len(points))
    known = community >= 0
    borders = shapely.boundary(communities)
    shapely.prepare(borders)
    slack[known] = shapely.distance(shapes[known], borders[community[known]])
    return community, slack


def _homes(land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator) -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    """Take a few steps from each building, never a door: as many reports as households, more where it is old."""
    buildings, compounds = land["buildings"], land["compounds"]
    row = pd.Index(compounds["compound_id"]).get_indexer(pd.Index(buildings["compound_id"]))
    points = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy())) + rng.uniform(
        -14, 14, (len(buildings), 2)
    )
    old = compounds["is_old"].to_numpy()[row]
    managed = compounds["has_property_mgmt"].to_numpy()[row]
    weight = buildings["households"].to_numpy() * np.where(old, 1.6, 1.0) * np.where(managed, 1.0, 1.35)
    return "home", points, weight, row


def _kerbs(land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator) -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    """Take the kerbs of the roads, busier where many people live near and near markets."""
    roads = land["roads"][land["roads"]["road_class"].isin(list(_BUSY))]
    found, weight = [], []
    for road_class, line in zip(roads["road_class"], roads.geometry.to_numpy(), strict=True):
        at = np.arange(_STEP_M / 2, line.length, _STEP_M)
        here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + 2, line.length)))
        back = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - 2, 0)))
        way = ahead - back
        normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None]
        side = rng.choice([-1.0, 1.0], len(at))[:, None]
        found.append(here + normal * side * (_BESIDE_M[road_class] + rng.uniform(0, 4, (len(at), 1))))
        weight.append(np.full(len(at), _BUSY[road_class]))
    points = np.concatenate(found)
    near = _density(points, land["buildings"], 160.0)
    markets = land["places"][land["places"]["use"].isin(["market", "mall", "school", "hospital"])].geometry.to_numpy()
    close = np.exp(-shapely.distance(shapely.points(points), shapely.union_all(markets)) / 150.0)
    return "street", points, np.concatenate(weight) * (0.05 + near / near.mean()) * (1 + 6 * close), np.full(len(points), -1)


def _density(points: np.ndarray, buildings: gpd.GeoDataFrame, cell_m: float) -> np.ndarray:
    """Count the households around each point, on a raster of cells smoothed once."""
    centre = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    low = np.minimum(points.min(axis=0), centre.min(axis=0)) - 2 * cell_m
    shape = tuple(((np.maximum(points.max(axis=0), centre.max(axis=0)) - low) // cell_m).astype(int) + 4)
    raster = np.zeros(shape)
    np.add.at(raster, tuple(((centre - low) // cell_m).astype(int).T), buildings["households"].to_numpy())
    smooth = np.sum([np.roll(raster, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=0)
    return np.asarray(smooth[tuple(((points - low) // cell_m).astype(int).T)])


def _around_places(
    land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator
) -> list[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Take points in and around the places of each kind."""
    use_of = {"market": ("market", "mall"), "school": ("school",), "park": ("park", "temple"), "site": ("site",)}
    use_of |= {"works": ("works",), "port": ("port",), "beach": ("beach", "hotel"), "farm": ("farm", "wood")}
    places, found = land["places"], []
    for kind, uses in use_of.items():
        shapes = places[places["use"].isin(uses)].geometry.to_numpy()
        points = [np.empty((0, 2))]
        for shape in shapes:
            count = 46 if kind in {"market", "school"} else 24
            ring = shape.buffer(-6 if kind != "market" else 4)
            line = (ring if not ring.is_empty else shape).boundary
            points.append(shapely.get_coordinates(shapely.line_interpolate_point(line, rng.random(count), normalized=True)))
        whole = np.concatenate(points)
        whole = whole if len(whole) else shapely.get_coordinates(shapely.centroid(land["compounds"].geometry.to_numpy()))
        found.append((kind, whole, np.ones(len(whole)), np.full(len(whole), -1)))
    return found


def _banks(land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator) -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    """Take the banks of river and creek; where there is none, the edges of the land."""
    waters = land["waters"].geometry.to_numpy()
    line = shapely.union_all(shapely.boundary(waters if len(waters) else land["streets"].geometry.to_numpy()))
    at = rng.random(max(60, int(line.length / 40)))
    points = shapely.get_coordinates(shapely.line_interpolate_point(shapely.line_merge(line), at, normalized=True))
    return "river", points + rng.uniform(-4, 4, points.shape), np.ones(len(points)), np.full(len(points), -1)
