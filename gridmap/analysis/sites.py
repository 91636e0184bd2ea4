"""Places on the map: Party-mass service centres and Party organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from gridmap import crs

if TYPE_CHECKING:
    from gridmap.store import Store

ENOUGH_M2, DEMONSTRATION_M2 = 500, 1000
"""Floor area every centre must reach, and that of a demonstration community exceeds (dossier R55, R56)."""

_CENTRES = """
SELECT centre_id, name_zh, community_code, centre_level, floor_area_m2, is_demonstration,
  has_elderly_room, has_meals, has_clinic, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM service_centres WHERE starts_with(community_code, left($code, 12)) AND geom IS NOT NULL ORDER BY centre_id
"""

_PARTY = """
SELECT party_org_id, name_zh, org_kind, community_code, grid_code, full_members, probationary_members,
  secretary_staff_id IS NOT NULL AS has_secretary, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM party_orgs
WHERE starts_with(coalesce(grid_code, community_code), $code) AND geom IS NOT NULL ORDER BY party_org_id
"""


def centres(store: Store, code: str) -> gpd.GeoDataFrame:
    """List the service centres in an area (for a grid: of its community) as points, EPSG:4490, index = centre_id.

    ``standard`` is below (under 500 m²), met, or demonstration (over 1000 m²); missing floor area counts as below.
    """
    frame = store.cursor().execute(_CENTRES, {"code": code}).df()
    size = frame["floor_area_m2"].fillna(0)
    frame["standard"] = pd.cut(
        size, [-1, ENOUGH_M2, DEMONSTRATION_M2 + 1e-9, float("inf")], right=False, labels=["below", "met", "demonstration"]
    ).astype(str)
    return _points(frame, "centre_id")


def party_orgs(store: Store, code: str) -> gpd.GeoDataFrame:
    """List the Party organisations in an area as points, EPSG:4490, index = party_org_id, with kind and members."""
    return _points(store.cursor().execute(_PARTY, {"code": code}).df(), "party_org_id")


def _points(frame: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    places = shapely.points(frame.pop("lon").to_numpy(float), frame.pop("lat").to_numpy(float))
    return gpd.GeoDataFrame(frame.set_index(key), geometry=places, crs=crs.STORED)
