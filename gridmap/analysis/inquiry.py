"""What lies in an area drawn on the map: people, grids and their staff, incidents and their trend, places, open whistles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridmap import crs, store
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gridmap.store import Store

    Polygon = shapely.Polygon | shapely.MultiPolygon

Answer = TypeVar("Answer")

BINS = 96
"""Squares along the longer side of an area: those wholly inside are counted as they are, the others point by point."""

FIRST_LOOK = timedelta(hours=12)
"""The newest stretch of time in which the list of an area is sought; each further one is four times as long."""

QUARTERED = 2
"""How often squares at the edge are cut in four: each time halves the incidents that are tested point by point."""

_WHOLE = """
SELECT matter_code, (12 * year(reported_at) + month(reported_at) - 1)::SMALLINT AS month,
  count(*) AS n, count(*) - count(closed_at) AS open
FROM incidents SEMI JOIN (SELECT bin FROM bins WHERE inside) b ON (cell >> {shift}) = b.bin
WHERE cell BETWEEN $first AND $last AND reported_at >= $start AND reported_at < $end AND status IS DISTINCT FROM 'void'
GROUP BY ALL
"""

_EDGE = """
SELECT matter_code, (12 * year(reported_at) + month(reported_at) - 1)::SMALLINT AS month,
  1 AS n, (closed_at IS NULL)::INTEGER AS open, lon, lat
FROM incidents SEMI JOIN (SELECT bin FROM bins WHERE NOT inside) b ON (cell >> {shift}) = b.bin
WHERE cell BETWEEN $first AND $last AND reported_at >= $start AND reported_at < $end AND status IS DISTINCT FROM 'void'
"""

_LIST = """
SELECT incident_id, incident_no, matter_code, title_zh, channel, reported_at, closed_at, due_at, status, grid_code,
  community_code, street_code, lon, lat
FROM incidents SEMI JOIN bins b ON (cell >> {shift}) = b.bin
WHERE cell BETWEEN $first AND $last AND reported_at >= $start AND reported_at < $end AND status IS DISTINCT FROM 'void'
  AND lon BETWEEN $west AND $east AND lat BETWEEN $south AND $north
ORDER BY reported_at DESC, incident_id
"""

_STAFF = """
SELECT a.grid_code, a.post, s.name_masked AS name, a.staff_id IS NULL AS vacant
FROM grid_assignments a LEFT JOIN staff s USING (staff_id)
WHERE a.end_on IS NULL AND list_contains($grids, a.grid_code) ORDER BY a.grid_code, a.post, name
"""

_WHISTLES = """
SELECT w.whistle_id, w.blown_at, w.reason, w.community_code, i.title_zh, i.lon, i.lat,
  list(r.dept_id ORDER BY r.dept_id) FILTER (r.reported_at IS NULL) AS awaited
FROM whistles w JOIN incidents i USING (incident_id) LEFT JOIN whistle_responses r USING (whistle_id)
WHERE w.closed_at IS NULL
GROUP BY ALL ORDER BY w.blown_at, w.whistle_id
"""

_HOMES = """
SELECT households, ST_X(c) AS lon, ST_Y(c) AS lat
FROM (SELECT coalesce(households, 0) AS households, ST_Centroid(geom) AS c FROM buildings)
"""

_COMPOUNDS = """
SELECT c.compound_id, c.name_zh, c.households, p.name_zh AS company, p.credit_grade, ST_AsWKB(c.geom) AS shape
FROM compounds c LEFT JOIN property_companies p USING (property_company_id)
WHERE ST_Intersects(c.geom, ST_GeomFromText($area)) ORDER BY c.compound_id
"""


@dataclass(frozen=True)
class Drawn:
    """All that lies in one area.

    ground: EPSG:4490. area_m2. households, buildings: of the buildings whose middle lies inside (by_area: there are none in the
    store, so households are the grids' by share of land). grids: index grid_code; name_zh, share (of its land), households
    (inside), heads, workers. staff: grid_code, post, name (masked), vacant. incidents: matter_code, month, n, open (of them).
    district: month, n of the whole district. centres, party: points. compounds: name_zh, households, company, credit_grade.
    whistles: open ones, with the departments awaited.
    """

    ground: Polygon
    area_m2: float
    households: int
    buildings: int
    by_area: bool
    grids: pd.DataFrame
    staff: pd.DataFrame
    incidents: pd.DataFrame
    district: pd.DataFrame
    centres: gpd.GeoDataFrame
    party: gpd.GeoDataFrame
    compounds: pd.DataFrame
    whistles: pd.DataFrame

    @property
    def companies(self) -> list[str]:
        """Name the property companies at work there."""
        return sorted(self.compounds["company"].dropna().unique())


def drawn(store_: Store, ground: Polygon, *, start: datetime, end: datetime) -> Drawn:
    """Say what lies in an area between two moments (for incidents).

    ground: EPSG:4490. Raises InputError when it is empty or no area.
    """
    if ground.is_empty or ground.area == 0:
        raise InputError("The area drawn is empty; draw it with at least three corners.")
    cursor = store_.cursor()
    homes = _homes(store_, ground)
    grids, by_area = _grids(store_, ground, homes)
    staff = cursor.execute(_STAFF, {"grids": list(grids.index)}).df()
    filled = staff[~staff["vacant"].astype(bool)]
    for name, kinds in {"heads": ["grid_head"], "workers": ["full_time", "part_time"]}.items():
        held = filled[filled["post"].isin(kinds)].groupby("grid_code").size()
        grids[name] = held.reindex(grids.index, fill_value=0).astype(int)
    whistles = _kept(store_, "open whistles", ("casework",), lambda: store_.cursor().execute(_WHISTLES).df())
    compounds = cursor.execute(_COMPOUNDS, {"area": ground.wkt}).df().drop(columns="shape").set_index("compound_id")
    return Drawn(
        ground=ground,
        area_m2=float(_metric([ground])[0].area),
        households=int(homes["households"].sum()) if not by_area else round(float(grids["households"].sum())),
        buildings=len(homes),
        by_area=by_area,
        grids=grids,
        staff=staff,
        incidents=_cases(store_, ground, start, end),
        district=_months(store_, start, end),
        centres=_inside(store_, ground, "service_centres", "centre_id", "name_zh, floor_area_m2, centre_level"),
        party=_inside(store_, ground, "party_orgs", "party_org_id", "name_zh, org_kind, full_members"),
        compounds=compounds,
        whistles=whistles[_within(ground, whistles["lon"], whistles["lat"])].drop(columns=["lon", "lat"]),
    )


def listed(store_: Store, ground: Polygon, *, start: datetime, end: datetime, most: int = 500) -> pd.DataFrame:
    """List the newest incidents in an area, at most ``most``.

    They are sought backwards from the newest of all, in ever longer stretches of time: a large area has as many in a day.
    """
    box = dict(zip(("west", "south", "east", "north"), ground.bounds, strict=True))
    cursor, shift, values = _binned(store_, ground)
    ends = store.span(cursor)
    until = end if ends is None else min(end, ends[1] + timedelta(microseconds=1))
    back, held = FIRST_LOOK, 0
    found: list[pd.DataFrame] = []
    while not found or (held < most and until > start):
        since = max(start, until - back)
        rows = cursor.execute(_LIST.format(shift=shift), {**values, **box, "start": since, "end": until}).df()
        found.append(rows[_within(ground, rows["lon"], rows["lat"])])
        held += len(found[-1])
        until, back = since, 4 * back
    filled = [rows for rows in found if len(rows)] or found[:1]
    return pd.DataFrame(pd.concat(filled).head(most).reset_index(drop=True))


def around(ground: Polygon, metres: float) -> Polygon:
    """Give the area with all that lies within so many metres of it (EPSG:4490 in and out)."""
    metric = crs.zone(float(ground.centroid.x))
    wide = gpd.GeoSeries([ground], crs=crs.STORED).to_crs(metric).buffer(metres).to_crs(crs.STORED)
    found: Polygon = wide.to_numpy()[0]
    return found


def along(line: shapely.Geometry, metres: float) -> Polygon:
    """Give the strip within so many metres of a line or road (EPSG:4490 in and out)."""
    return around(line, metres)  # type: ignore[arg-type]  # a buffer asks nothing of what it is drawn round


def _cases(store_: Store, ground: Polygon, start: datetime, end: datetime) -> pd.DataFrame:
    """Count by matter and month, and how many are open: squares wholly inside as they are, those at the edge point by point."""
    cursor, shift, values = _binned(store_, ground)
    asked = {**values, "start": start, "end": end}
    whole, edge = (cursor.execute(query.format(shift=shift), asked).df() for query in (_WHOLE, _EDGE))
    both = pd.concat([whole, edge[_within(ground, edge["lon"], edge["lat"])].drop(columns=["lon", "lat"])])
    counted = pd.DataFrame(both.groupby(["matter_code", "month"], as_index=False, dropna=False)[["n", "open"]].sum())
    counted["month"] = [pd.Timestamp(month // 12, month % 12 + 1, 1) for month in counted["month"]]
    return counted


def _binned(store_: Store, ground: Polygon) -> tuple[Any, int, dict[str, int]]:
    """Cover an area with squares of the stored cells; give a cursor that has them as ``bins``, the shift to them, the values.

    A square that no border of the area touches is wholly inside, so its incidents need no test of their own.
    """
    west, south, east, north = ground.bounds
    if (store.tiles(np.array([west, east]), np.array([north, south])) < 0).any():
        raise InputError("The area drawn lies outside the map.")
    zoom = store.ZOOM
    while zoom > 1 and _wide(zoom, ground) > BINS:
        zoom -= 1
    shift = 2 * (store.ZOOM - zoom)
    step = _step(zoom)
    xs = np.arange(np.floor((west + 180) / step), np.floor((east + 180) / step) + 1)
    lon = (xs + 0.5) * step - 180
    rows = np.arange(_row(north, zoom), _row(south, zoom) + 1)
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (rows + 0.5) / (1 << zoom)))))
    x, y = np.meshgrid(lon, lat)
    bins = np.unique(store.tiles(x.ravel(), y.ravel()) >> shift)
    shapely.prepare(ground)
    edge, whole = _sorted_out(ground, bins, zoom)
    found = [whole]
    for _ in range(min(QUARTERED, store.ZOOM - zoom)):
        zoom, shift = zoom + 1, shift - 2
        edge, whole = _sorted_out(ground, _quarters(edge), zoom)
        found = [*map(_quarters, found), whole]
    whole = np.concatenate(found)
    cursor = store_.cursor()
    touched = np.concatenate([whole, edge])
    cursor.register("bins", pa.table({"bin": touched, "inside": np.arange(len(touched)) < len(whole)}))
    return cursor, shift, {"first": int(touched.min()) << shift, "last": (int(touched.max()) + 1 << shift) - 1}


def _sorted_out(ground: Polygon, bins: np.ndarray, zoom: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the squares on the edge of an area, and those wholly inside."""
    boxes = shapely.box(*store.tile_bounds(bins, zoom).T)
    touched = np.asarray(shapely.intersects(ground, boxes))
    inside = np.asarray(shapely.contains_properly(ground, boxes))
    return bins[touched & ~inside], bins[inside]


def _quarters(bins: np.ndarray) -> np.ndarray:
    return (bins[:, None] * 4 + np.arange(4)).ravel()


def _wide(zoom: int, ground: Polygon) -> float:
    west, south, east, north = ground.bounds
    return max((east - west) / _step(zoom), float(_row(south, zoom) - _row(north, zoom)))


def _step(zoom: int) -> float:
    return 360 / (1 << zoom)


def _row(lat: float, zoom: int) -> int:
    north = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return int(north * (1 << zoom))


def _within(ground: Polygon, lon: pd.Series, lat: pd.Series) -> np.ndarray:
    x, y = lon.to_numpy(float), lat.to_numpy(float)
    west, south, east, north = ground.bounds
    found = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    found[found] = shapely.contains_xy(ground, x[found], y[found])
    return found


def _months(store_: Store, start: datetime, end: datetime) -> pd.DataFrame:
    """Count the district's incidents by month; kept as long as incidents do not change."""
    key = ("district months", start, end, store_.data_version("incidents"))
    if key not in store_.cache:
        store_.cache[key] = (
            store_.cursor()
            .execute(
                "SELECT date_trunc('month', reported_at) AS month, count(*) AS n FROM incidents "
                "WHERE reported_at >= $start AND reported_at < $end AND status IS DISTINCT FROM 'void' GROUP BY 1 ORDER BY 1",
                {"start": start, "end": end},
            )
            .df()
        )
    found = store_.cache[key]
    return found if isinstance(found, pd.DataFrame) else pd.DataFrame()


def _kept(store_: Store, name: str, about: tuple[str, ...], ask: Callable[[], Answer]) -> Answer:
    """Give what is asked of the whole district, once as long as it does not change; an area is then found in it by itself.

    about: the topics that it is made from. Not to be changed.
    """
    version = store_.data_version(*about)
    known = store_.cache.get(("inquiry", name))
    if not isinstance(known, tuple) or known[0] != version:
        known = store_.cache["inquiry", name] = (version, ask())
    return cast("Answer", known[1])


def _homes(store_: Store, ground: Polygon) -> pd.DataFrame:
    """List the buildings whose middle lies inside: households, lon, lat."""
    rows = _kept(store_, "homes", ("buildings",), lambda: store_.cursor().execute(_HOMES).df())
    return rows[_within(ground, rows["lon"], rows["lat"])].reset_index(drop=True)


def _grids(store_: Store, ground: Polygon, homes: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """List the grids in force that share land with the area: name_zh, share, households inside."""
    every = _kept(store_, "grids", ("grids",), lambda: store_.areas("grid").set_index("code").rename_axis("grid_code"))
    near = every.iloc[np.sort(every.sindex.query(ground, predicate="intersects"))]
    rows = pd.DataFrame({"name_zh": near["name_zh"], "all_households": near["households"]})
    shapes = near.geometry.to_numpy()
    shapely.prepare(ground)
    whole = np.asarray(shapely.contains_properly(ground, shapes))
    share = np.ones(len(rows))
    share[~whole] = shapely.area(shapely.intersection(shapes[~whole], ground)) / np.maximum(shapely.area(shapes[~whole]), 1e-18)
    rows["share"] = share
    kept = share > 1e-6
    rows, shapes = rows[kept], shapes[kept]
    by_area = _kept(store_, "homes", ("buildings",), lambda: store_.cursor().execute(_HOMES).df()).empty
    if by_area:
        rows["households"] = (rows["all_households"].fillna(0) * rows["share"]).round(1)
    else:
        # Not by the index of all grids, which takes seconds the first time: a meeting would wait for it.
        tree = shapely.STRtree(np.asarray(shapely.points(homes["lon"], homes["lat"])))
        grid, home = tree.query(shapes, predicate="intersects")
        home, first = np.unique(home, return_index=True)  # one on a border counts once
        rows["households"] = np.bincount(grid[first], homes["households"].to_numpy()[home], len(rows)).astype(int)
    return rows[["name_zh", "share", "households"]].copy(), bool(by_area)


def _inside(store_: Store, ground: Polygon, table: str, key: str, columns: str) -> gpd.GeoDataFrame:
    rows = (
        store_.cursor()
        .execute(
            f"SELECT {key}, {columns}, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM {table} WHERE geom IS NOT NULL ORDER BY 1"  # noqa: S608 -- our own constants
        )
        .df()
    )
    rows = rows[_within(ground, rows["lon"], rows["lat"])].set_index(key)
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=crs.STORED)


def _metric(shapes: list[Any]) -> np.ndarray:
    frame = gpd.GeoSeries(shapes, crs=crs.STORED)
    return np.asarray(frame.to_crs(crs.zone(float(shapes[0].centroid.x))).array)
