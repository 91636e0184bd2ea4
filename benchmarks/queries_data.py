"""A city for the store's benchmark: grids that fill a square of 20 km, and incidents with the shape of real ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    from gridmap import store

WEST, SOUTH, SIZE = 119.80, 39.85, 0.20
DISTRICT = "990199"
CHANNELS = np.array(["patrol", "assist", "property", "resident", "hotline"])
MATTERS = np.array(["06010", "06012", "06028", "07001", "08004", "09006", "09009", "09012", "21005", "22001", "23001", "25003"])
STATUSES = np.array(["closed", "handling", "assigned", "deferred"])
LEVELS = np.array(["community", "street", "district"])
CHUNK = 1_000_000
MINUTE = 60_000_000


def _voronoi(count: int, rng: np.random.Generator, vertices: int) -> np.ndarray:
    frame = shapely.box(0, 0, 1, 1)
    seeds = shapely.multipoints(rng.random((count, 2)))
    parts = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame)), frame)
    # Borders with as many vertices as surveyed ones, bent alike for both neighbours.
    dense = shapely.segmentize(parts, 4 / np.sqrt(count) / vertices)
    return shapely.transform(
        dense, lambda xy: xy + 0.02 / np.sqrt(count) * np.sin(xy[:, ::-1] * np.sqrt(count) * 9) * _inner(xy)
    )


def _inner(xy: np.ndarray) -> np.ndarray:
    """0 on the frame, so that it stays straight."""
    return np.minimum(1, 1e3 * np.min(np.column_stack([xy, 1 - xy]), axis=1, keepdims=True)).clip(0)


def city(grids: int, *, vertices: int = 60, seed: int = 1) -> tuple[gpd.GeoDataFrame, SimpleNamespace]:
    """Give communities of about ten grids each in EPSG:4490, and a plan of the grids."""
    rng = np.random.default_rng(seed)
    cells = _voronoi(grids, rng, vertices)
    middle = shapely.get_coordinates(shapely.centroid(cells))
    side = max(2, round(np.sqrt(grids / 10)))
    block = np.minimum((middle * side).astype(int), side - 1)
    street = block[:, 1] * 4 // side * 4 + block[:, 0] * 4 // side
    key = street * side * side + block[:, 1] * side + block[:, 0]
    code = np.empty(grids, object)
    names = {}
    for value in np.unique(key):
        place = names.setdefault(value // (side * side), [])
        place.append(value)
        code[key == value] = f"{DISTRICT}{value // (side * side) + 1:03d}{len(place):03d}"
    frame = gpd.GeoDataFrame(
        {"nest_id": code}, geometry=shapely.transform(cells, lambda xy: xy * SIZE + (WEST, SOUTH)), crs=4490
    )
    frame["grid_code"] = frame["nest_id"] + (frame.groupby("nest_id").cumcount() + 1).map("{:03d}".format)
    frame["weight"] = rng.integers(250, 600, grids)
    frame = frame.sort_values("grid_code", ignore_index=True)
    nests = frame.dissolve("nest_id").reset_index()
    communities = gpd.GeoDataFrame(
        {
            "community_code": nests["nest_id"],
            "street_code": nests["nest_id"].str[:9],
            "name_zh": "演示社区",
            "households": 4000,
        },
        geometry=nests.geometry,
    )
    way = pd.DataFrame({"layer": "zongzhi", "old_id": frame["grid_code"], "grid_code": frame["grid_code"]})
    frame["area_m2"] = frame.to_crs(4549).area
    way = way.assign(area_m2=frame["area_m2"], weight=frame["weight"].astype(float), share_of_old=1.0, share_of_new=1.0)
    return communities, SimpleNamespace(grids=frame, crosswalk=way)


def write_incidents(
    path: Path, rows: int, *, start: str = "2025-01-01", days: int = 720, seed: int = 2, first: int = 0
) -> None:
    """Write incidents in the order of time: 22 columns filled as a working platform fills them."""
    rng = np.random.default_rng(seed)
    spots = rng.random((400, 2))
    writer = None
    for low in range(0, rows, CHUNK):
        n = min(CHUNK, rows - low)
        table = _chunk(rng, spots, first + low, n, since=np.datetime64(start), day=low / rows * days, span=n / rows * days)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=500_000)
    if writer:
        writer.close()


def _chunk(
    rng: np.random.Generator, spots: np.ndarray, first: int, n: int, *, since: np.datetime64, day: float, span: float
) -> pa.Table:
    reported = (
        since.astype("datetime64[us]").astype(np.int64)
        + np.sort(((day + rng.random(n) * span) * 86_400).astype(np.int64)) * 1_000_000
    )
    hot = rng.random(n) < 0.4
    xy = np.where(hot[:, None], spots[rng.integers(0, len(spots), n)] + rng.normal(0, 0.01, (n, 2)), rng.random((n, 2))).clip(
        0, 1
    )
    xy = np.round(xy * SIZE + (WEST, SOUTH), 7)
    steps = (
        np.cumsum(np.column_stack([rng.exponential(s, n) for s in (40, 1_800, 30_000)]).astype(np.int64) + 1, axis=1)
        * 1_000_000
    )
    closed = rng.random(n) < 0.93
    level = rng.choice(3, n, p=[0.7, 0.25, 0.05])
    channel = rng.choice(5, n, p=[0.45, 0.15, 0.1, 0.12, 0.18])
    staff = np.array([f"S{number:06d}" for number in range(6_000)])

    def words(values: np.ndarray, picked: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(picked, pa.int32()), pa.array(values, pa.string())).cast(pa.string())

    def moment(values: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
        return pa.array(values, pa.timestamp("us"), mask=mask)

    numbers = np.char.add("I", np.char.zfill(np.arange(first, first + n).astype(str), 9))
    return pa.table(
        {
            "incident_id": pa.array(numbers),
            "matter_code": words(MATTERS, rng.integers(0, len(MATTERS), n)),
            "channel": words(CHANNELS, channel),
            "reported_at": moment(reported),
            "accepted_at": moment(reported + steps[:, 0]),
            "arrived_at": moment(reported + steps[:, 1]),
            "closed_at": moment(reported + steps[:, 2], ~closed),
            "due_at": moment(reported + 86_400_000_000 * rng.integers(1, 8, n)),
            "status": words(STATUSES, np.where(closed, 0, rng.integers(1, 4, n))),
            "current_level": words(LEVELS, level),
            "top_level": words(LEVELS, level),
            "reporter_staff_id": words(staff, rng.integers(0, len(staff), n)),
            "handler_staff_id": words(staff, rng.integers(0, len(staff), n)),
            "is_resident_reported": pa.array(channel >= 3),
            "reopen_count": pa.array((rng.random(n) < 0.02).astype(np.int16)),
            "deferred": pa.array(rng.random(n) < 0.01),
            "resolved": pa.array(closed),
            "satisfied": pa.array(rng.random(n) < 0.9, mask=rng.random(n) < 0.8),
            "duplicate_of": pa.array(np.where(rng.random(n) < 0.02, numbers[rng.integers(0, n, n)], ""), pa.string()),
            "lon": pa.array(xy[:, 0]),
            "lat": pa.array(xy[:, 1]),
        }
    )


def fill(db: store.Store, communities: gpd.GeoDataFrame, plan: SimpleNamespace) -> None:
    """Load divisions and publish the plan."""
    whole = gpd.GeoDataFrame({"district_code": [DISTRICT], "name_zh": ["演示区"]}, geometry=[communities.union_all()], crs=4490)
    db.load("districts", whole, batch="districts")
    streets = communities.dissolve("street_code").reset_index()[["street_code", "geometry"]]
    db.load("streets", streets.assign(district_code=DISTRICT, name_zh="演示街道"), batch="streets")
    db.load("communities", communities, batch="communities")
    db.publish(db.draft(plan, note="benchmark"))
