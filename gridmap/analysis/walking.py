"""How far people walk to the nearest service centre, who lives beyond the limit, and where a new centre would serve most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.analysis.registers import setting
from gridmap.analysis.roads import NOT_ON_FOOT, Network, joined
from gridmap.errors import StoreError
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gridmap.store import Store

    Progress = Callable[[str, float], None]

FACILITIES = ("has_elderly_room", "has_meals", "has_clinic")
"""What a centre can offer (dossier R58): a room for the elderly, meals, a clinic."""

MOST_SITES = 400
BLOCK_M = 200
"""Sites tried: the middle of the homes in each block of this size, the blocks with most households beyond the limit."""

_HOMES = """
SELECT {id} AS home, community_code, households, ST_X(ST_Centroid(geom)) AS lon, ST_Y(ST_Centroid(geom)) AS lat
FROM {table} WHERE households > 0 AND geom IS NOT NULL ORDER BY 1
"""
_LIVED_IN = (("buildings", "building_id"), ("compounds", "compound_id"))
_NO_HOMES = key("There are no buildings or compounds with households; load them to see how far people walk.")

_ANY_HOME = "SELECT 1 FROM {table} WHERE households > 0 AND geom IS NOT NULL LIMIT 1"

_CENTRES = """
SELECT centre_id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM service_centres WHERE geom IS NOT NULL {need} ORDER BY centre_id
"""
_ROADS = "SELECT ST_AsWKB(geom) FROM roads WHERE geom IS NOT NULL AND coalesce(road_class, '') NOT IN {classes}"


@dataclass(frozen=True)
class Reach:
    """How far every home is from the nearest centre.

    homes: one row a building (a compound where no buildings are loaded): home, lon, lat, community_code, grid_code, households,
    metres, centre_id (none where no centre can be reached). limit_m: how far one gets in the time allowed; minutes, kmh: the
    settings walk_minutes and walk_kmh it comes from. way: along the roads, or straight where none are loaded.
    """

    homes: pd.DataFrame
    limit_m: float
    minutes: float
    kmh: float
    way: Literal["roads", "straight"]

    @property
    def within(self) -> pd.Series:
        """Say of every home whether it lies within the limit."""
        return self.homes["metres"] <= self.limit_m

    def areas(self, digits: int) -> pd.DataFrame:
        """Sum homes up by the first ``digits`` of their grid code: households, within, outside, minutes.

        minutes: the mean walk of those who can reach a centre at all.
        """
        code = self.homes["grid_code"].fillna(self.homes["community_code"]).str[:digits]
        count = self.homes["households"]
        reached = np.isfinite(self.homes["metres"])
        table = pd.DataFrame(
            {
                "households": count,
                "within": count.where(self.within, 0),
                "reached": count.where(reached, 0),
                "metres": (count * self.homes["metres"]).where(reached, 0.0),
            }
        )
        summed = table.groupby(code).sum()
        summed["outside"] = summed["households"] - summed["within"]
        summed["minutes"] = summed["metres"] / summed["reached"].where(summed["reached"] > 0) / (self.kmh * 1000 / 60)
        return summed[["households", "within", "outside", "minutes"]]


def _quietly(stage: str, share: float) -> None:
    """Tell nobody how far it is."""


def reach(store: Store, *, need: Sequence[str] = (), progress: Progress = _quietly) -> Reach:
    """Measure the way from every home to the nearest centre. need: facilities of FACILITIES that a centre must have to count.

    From a building's middle to the nearest road, along the roads (crossing roads join; expressways and railways are not
    walked), and from the road to the centre. Where no roads are loaded, in a straight line. Raises StoreError when there are no
    homes or no centres on the map, or the settings walk_minutes and walk_kmh are empty.
    """
    minutes, kmh = _figure(store, "walk_minutes"), _figure(store, "walk_kmh")
    progress(key("Finding where people live"), 0.0)
    homes, centres = _homes(store), _centres(store, need)
    metric = crs.zone(float(homes["lon"].median()))
    here, there = _metric(homes, metric), _metric(centres, metric)
    progress(key("Joining the roads"), 0.3)
    roads = ways_on_foot(store, metric)
    progress(key("Measuring how far people walk"), 0.8)
    if len(roads):
        network = Network(roads, there)
        feet = network.feet(here)
        metres, which = network.nearest()
        shorter = metres[feet.before] + feet.to_before <= metres[feet.after] + feet.to_after
        nearest = np.where(shorter, which[feet.before], which[feet.after])
        homes["metres"] = feet.reached(metres)
    else:
        nearest, homes["metres"] = shapely.STRtree(there).query_nearest(here, return_distance=True, all_matches=False)
        nearest = nearest[1]
    homes["centre_id"] = centres["centre_id"].to_numpy()[nearest]
    homes.loc[nearest < 0, "centre_id"] = None
    kept = homes[["home", "lon", "lat", "community_code", "grid_code", "households", "metres", "centre_id"]]
    return Reach(kept, kmh * 1000 / 60 * minutes, minutes, kmh, "roads" if len(roads) else "straight")


def require_walks(store: Store, *, need: Sequence[str] = ()) -> None:
    """Raise at once what reach would raise: StoreError without homes, centres or the settings it goes by."""
    for name in ("walk_minutes", "walk_kmh"):
        _figure(store, name)
    if not any(store.cursor().execute(_ANY_HOME.format(table=table)).fetchone() for table, _ in _LIVED_IN):
        raise StoreError(_NO_HOMES)
    _centres(store, need)


def sites(store: Store, now: Reach, *, code: str, n: int = 5) -> gpd.GeoDataFrame:
    """Propose where new centres would serve most: points, EPSG:4490, best first.

    Columns: rank, community_code, households (beyond the limit today that this site would bring within it, those of better
    ranks not counted again), share (of all beyond the limit in the area). Greedy: each next site serves most of what is left,
    at least 63 % of the best that the same number of sites could serve (Nemhauser, Wolsey, Fisher 1978). code: only homes and
    sites of this area. Empty when everyone is within the limit.
    """
    inside = now.homes["grid_code"].fillna(now.homes["community_code"]).fillna("").str.startswith(code)
    beyond = now.homes[inside & ~now.within]
    metric = crs.zone(float(now.homes["lon"].median()))
    here, weight = _metric(beyond, metric), beyond["households"].to_numpy(float)
    tried = _blocks(here, weight)
    if now.way == "roads" and len(tried):
        network = Network(ways_on_foot(store, metric), tried)
        feet = network.feet(here)
        served = np.stack([feet.reached(row) <= now.limit_m for row in network.around(network.goals, now.limit_m)])
    else:
        site, home = shapely.STRtree(here).query(tried, predicate="dwithin", distance=now.limit_m)
        served = np.zeros((len(tried), len(here)), bool)
        served[site, home] = True
    chosen = _greedy(served, weight, n)
    places = gpd.GeoSeries(tried[[site for site, _ in chosen]], crs=metric).to_crs(crs.STORED)
    found = gpd.GeoDataFrame(
        {"rank": range(1, len(chosen) + 1), "households": [round(gain) for _, gain in chosen]}, geometry=places, crs=crs.STORED
    )
    found["share"] = found["households"] / weight.sum()
    found["community_code"] = _located(store, found.geometry.x.to_numpy(), found.geometry.y.to_numpy(), None)
    return found


def _blocks(homes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Give the middle of the homes in each block, the blocks with most households first."""
    spots = shapely.get_coordinates(homes)
    _, block = np.unique(np.floor(spots / BLOCK_M).astype(np.int64), axis=0, return_inverse=True)
    crowd = np.bincount(block, weight)
    middle = np.column_stack([np.bincount(block, weight * spots[:, axis]) for axis in (0, 1)]) / crowd[:, None]
    return np.asarray(shapely.points(middle[np.argsort(-crowd, kind="stable")[:MOST_SITES]]))


def _greedy(served: np.ndarray, weight: np.ndarray, n: int) -> list[tuple[int, float]]:
    left = weight.copy()
    chosen: list[tuple[int, float]] = []
    for _ in range(min(n, len(served))):
        gains = served @ left
        best = int(gains.argmax())
        if gains[best] <= 0:
            break
        chosen.append((best, float(gains[best])))
        left[served[best]] = 0
    return chosen


def _figure(store: Store, key: str) -> float:
    value = setting(store, key)
    if value is None:
        raise StoreError("The setting {key} is empty; without it no walking distance can be judged.", key=key)
    return float(value)


def _homes(store: Store) -> pd.DataFrame:
    for table, ident in _LIVED_IN:
        homes = store.cursor().execute(_HOMES.format(table=table, id=ident)).df()
        if len(homes):
            break
    else:
        raise StoreError(_NO_HOMES)
    lon, lat = homes["lon"].to_numpy(), homes["lat"].to_numpy()
    homes["grid_code"] = _located(store, lon, lat, store.version_now())
    unknown = homes["community_code"].isna().to_numpy()
    if unknown.any():
        homes.loc[unknown, "community_code"] = _located(store, lon[unknown], lat[unknown], None)
    return homes


def _located(store: Store, lon: np.ndarray, lat: np.ndarray, version: int | None) -> np.ndarray:
    index = store.index(version)
    if index is None:
        return np.full(len(lon), None, object)
    at = index.locate(lon, lat)
    found: np.ndarray = index.codes[at]
    found[at < 0] = None
    return found


def _centres(store: Store, need: Sequence[str]) -> pd.DataFrame:
    wanted = "".join(f" AND {name}" for name in need if name in FACILITIES)
    centres = store.cursor().execute(_CENTRES.format(need=wanted)).df()
    if centres.empty:
        raise StoreError("No service centre on the map has what is asked for.")
    return centres


def ways_on_foot(store: Store, metric: int) -> np.ndarray:
    """Give the roads that are walked, joined (roads.joined), in a metric CRS (EPSG code): once a version of the roads."""
    version, kept = store.data_version("roads"), store.cache.get(("ways on foot", metric))
    if not (isinstance(kept, tuple) and kept[0] == version):
        roads = roads_on_foot(store, metric)
        kept = store.cache["ways on foot", metric] = (version, joined(roads) if len(roads) else roads)
    return np.asarray(kept[1])


def roads_on_foot(store: Store, metric: int, *, within: tuple[float, float, float, float] | None = None) -> np.ndarray:
    """Give the lines of the roads that are walked, in a metric CRS (EPSG code); empty where none are loaded.

    within: west, south, east, north in degrees of EPSG:4490; only roads that come into it.
    """
    near, box = "", {}
    if within is not None:
        near = " AND ST_Intersects(geom, ST_MakeEnvelope($west, $south, $east, $north))"
        box = dict(zip(("west", "south", "east", "north"), within, strict=True))
    rows = store.cursor().execute(_ROADS.format(classes=NOT_ON_FOOT) + near, box).fetchall()
    lines = shapely.from_wkb(np.array([bytes(row[0]) for row in rows], dtype=object))
    return np.asarray(gpd.GeoSeries(lines, crs=crs.STORED).to_crs(metric).array) if len(rows) else np.empty(0, object)


def _metric(places: pd.DataFrame, metric: int) -> np.ndarray:
    points = gpd.GeoSeries(shapely.points(places["lon"].to_numpy(), places["lat"].to_numpy()), crs=crs.STORED)
    return np.asarray(points.to_crs(metric).array)
