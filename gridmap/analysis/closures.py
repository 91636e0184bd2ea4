"""What if a road closes or ground is sealed off: who walks farther to a service centre, and who reaches none any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gridmap import crs
from gridmap.analysis import inquiry, walking
from gridmap.analysis.roads import Network, joined

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.analysis.inquiry import Polygon
    from gridmap.store import Store

NEAR_M = 1500.0
"""Homes farther than this from what is closed are not looked at."""

ROUND_M = 4000.0
"""Roads within so much of those homes are looked at first; a way that is shorter cannot be found shorter farther off."""

LONGER_M = 100.0
"""A way that grows by less is the same way."""

_HOMES = """
SELECT building_id, coalesce(households, 0) AS households, ST_AsWKB(ST_Centroid(geom)) AS shape FROM buildings
WHERE households > 0 AND ST_Intersects(geom, ST_MakeEnvelope($west, $south, $east, $north))
"""


@dataclass(frozen=True)
class Closure:
    """Who is affected: households inside what is closed, those whose way grows and by how much in the middle, those cut off."""

    inside: int
    longer: int
    more_m: float
    cut_off: int


def closure(store: Store, closed: Polygon) -> Closure | None:
    """Say what closing an area does to people's way on foot to the nearest service centre; None without roads or centres.

    closed: EPSG:4490; no road is walked inside it. Homes within NEAR_M of it are looked at; a home's foot on the network is
    found anew, as people would.
    """
    metric = crs.zone(float(closed.centroid.x))
    west, south, east, north = inquiry.around(closed, NEAR_M).bounds
    homes = store.cursor().execute(_HOMES, {"west": west, "south": south, "east": east, "north": north}).df()
    centres = store.cursor().execute("SELECT ST_AsWKB(geom) AS shape FROM service_centres WHERE geom IS NOT NULL").df()
    if homes.empty or centres.empty:
        return None
    shape = gpd.GeoSeries([closed], crs=crs.STORED).to_crs(metric).to_numpy()[0]
    here, there = _points(homes, metric), _points(centres, metric)
    weight = homes["households"].to_numpy(int)
    inside = shapely.contains(shape, here)
    round_about = inquiry.around(closed, NEAR_M + ROUND_M).bounds
    near = shapely.dwithin(there, shape, NEAR_M + ROUND_M)
    ways = _ways(walking.roads_on_foot(store, metric, within=round_about), there[near], here[~inside], shape)
    if ways is None or max(float(way.max(initial=0.0)) for way in ways) > ROUND_M:
        ways = _ways(walking.roads_on_foot(store, metric), there, here[~inside], shape)
    if ways is None:
        return None
    before, after = ways
    out = weight[~inside]
    cut = ~np.isfinite(after) & np.isfinite(before)
    grown = np.where(np.isfinite(after) & np.isfinite(before), after - before, 0.0)
    more = grown > LONGER_M
    middle = float(np.median(np.repeat(grown[more], out[more]))) if out[more].sum() else 0.0
    return Closure(int(weight[inside].sum()), int(out[more].sum()), middle, int(out[cut].sum()))


def _ways(
    roads: np.ndarray, centres: np.ndarray, homes: np.ndarray, closed: shapely.Geometry
) -> tuple[np.ndarray, np.ndarray] | None:
    """Measure every home's way to the nearest centre with the roads as they are and with what is closed; infinite where none.

    None where there are no roads or centres at all.
    """
    if not len(roads) or not len(centres):
        return None
    left = shapely.difference(roads, closed)
    left = left[~shapely.is_empty(left)]
    open_ = centres[~shapely.contains(closed, centres)]
    after = _metres(left, open_, homes) if len(left) and len(open_) else np.full(len(homes), np.inf)
    return _metres(roads, centres, homes), after


def _metres(roads: np.ndarray, goals: np.ndarray, homes: np.ndarray) -> np.ndarray:
    network = Network(joined(roads), goals)
    feet = network.feet(homes)
    metres, _ = network.nearest()
    return np.asarray(feet.reached(metres))


def _points(frame: pd.DataFrame, metric: int) -> np.ndarray:
    shapes = shapely.from_wkb([bytes(shape) for shape in frame["shape"]])
    return np.asarray(gpd.GeoSeries(shapes, crs=crs.STORED).to_crs(metric).array)
