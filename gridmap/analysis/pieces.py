"""What lies on pieces of ground: incidents a month, and the buildings with their households."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.store import CellIndex, span

if TYPE_CHECKING:
    from gridmap.store import Store

MONTHS = 12
"""Months back from the last incident over which the monthly figure is taken."""


def monthly(store: Store, ground: gpd.GeoSeries, code: str) -> pd.Series:
    """Count the incidents a month on each piece of ground, over the last twelve months that have incidents.

    ground: polygons that do not overlap, any CRS, with a unique index. code: of the division they all lie in. A month is a
    twelfth of the year before the newest incident of the district. Returns floats on the ground's index.
    """
    cursor = store.cursor()
    ends = span(cursor)
    if ends is None:
        return pd.Series(0.0, index=ground.index)
    since = pd.Timestamp(ends[1]) - pd.DateOffset(months=MONTHS)
    found = cursor.execute(
        "SELECT lon, lat FROM incidents WHERE reported_at > $since AND starts_with(street_code, left($code, 9)) "
        "AND lon IS NOT NULL",
        {"since": since.to_pydatetime(), "code": code},
    ).fetchnumpy()
    index = CellIndex(ground.to_crs(crs.STORED).set_axis(range(len(ground))))
    at = index.locate(np.asarray(found["lon"], float), np.asarray(found["lat"], float))
    counts = np.bincount(at[at >= 0], minlength=len(ground)) if len(at) else np.zeros(len(ground))
    return pd.Series(counts / MONTHS, index=ground.index)


def homes(store: Store, code: str) -> gpd.GeoDataFrame:
    """Give the buildings of a division with households, EPSG:4490, index = building_id."""
    rows = (
        store.cursor()
        .execute(
            "SELECT building_id, households, ST_AsWKB(geom) AS geometry FROM buildings "
            "WHERE starts_with(community_code, $code) AND geom IS NOT NULL AND households > 0 ORDER BY building_id",
            {"code": code},
        )
        .df()
    )
    shapes = shapely.from_wkb([bytes(shape) for shape in rows.pop("geometry")])
    return gpd.GeoDataFrame(rows.set_index("building_id"), geometry=shapes, crs=crs.STORED)
