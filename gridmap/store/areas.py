"""Divisions and grids as frames for maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gridmap import crs
from gridmap.errors import StoreError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from gridmap.store.database import Store

_LEVELS = {
    "district": "SELECT district_code AS code, name_zh, NULL::VARCHAR AS parent, "
    "(SELECT sum(households) FROM communities c WHERE starts_with(c.community_code, district_code)) AS households, "
    "area_m2, geom "
    "FROM districts WHERE valid_to IS NULL",
    "street": "SELECT street_code AS code, name_zh, district_code AS parent, "
    "(SELECT sum(households) FROM communities c WHERE c.street_code = s.street_code) AS households, area_m2, geom "
    "FROM streets s WHERE valid_to IS NULL",
    "community": "SELECT community_code AS code, name_zh, street_code AS parent, households, area_m2, geom "
    "FROM communities WHERE valid_to IS NULL",
    "grid": "SELECT grid_code AS code, name_zh, community_code AS parent, households, area_m2, geom "
    "FROM grids_unified WHERE version = $version",
}


def areas(self: Store, level: str, parent: str | None = None, version: int | None = None) -> gpd.GeoDataFrame:
    """Give the areas of one level in EPSG:4490, ordered by code.

    level: district, street, community or grid. parent: a code whose descendants are wanted (any level above; a prefix).
    version: of the grids, by default the one in force; before any is published a grid frame is empty.
    Columns: code, name_zh, parent, households, area_m2, geometry. Raises StoreError for an unknown level or version.
    """
    if level not in _LEVELS:
        raise StoreError("There is no level {level}; ask for district, street, community or grid.", level=level)
    wanted: dict[str, object] = {"parent": parent or ""}
    if level == "grid":
        wanted["version"] = self.version_now() if version is None else self.version_known(version)
    rows = self.cursor().execute(
        f"SELECT code, name_zh, parent, households, area_m2, ST_AsWKB(geom) AS geometry FROM ({_LEVELS[level]}) "
        "WHERE starts_with(code, $parent) ORDER BY code",
        wanted,
    )
    return frame(rows)


def frame(rows: duckdb.DuckDBPyConnection) -> gpd.GeoDataFrame:
    """Make a frame in EPSG:4490 of a result whose column ``geometry`` is WKB."""
    return from_wkb(rows.df())


def from_wkb(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Make a frame in EPSG:4490 of a table whose column ``geometry`` is WKB or empty."""
    shapes = np.array([bytes(wkb) if isinstance(wkb, bytes | bytearray) else None for wkb in table["geometry"]], dtype=object)
    geometry = gpd.GeoSeries(shapely.from_wkb(shapes), index=table.index, crs=crs.STORED)
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=geometry)
