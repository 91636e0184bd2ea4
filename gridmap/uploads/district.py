"""What the store knows of the district that a department's layer is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from gridmap import crs, intake

if TYPE_CHECKING:
    from gridmap.store import Store

INCIDENTS = 50_000
"""The newest incidents are looked at, this many."""


def known(db: Store, department: str) -> intake.District:
    """Give the communities, roads, compounds, buildings, incidents, norm, crosswalk, posts and Party organisations known.

    What the store has none of is None. Frames in EPSG:4490.
    """
    norm = db.cursor().execute(
        "SELECT norm_low, norm_high FROM grid_versions JOIN grid_periods USING (version) "
        "WHERE valid_to IS NULL AND norm_low IS NOT NULL"
    )
    limits = norm.fetchone()
    crosswalk = db.cursor().execute(
        "SELECT layer_key AS layer, dgrid_id AS old_id, grid_code, share_of_dgrid AS share_of_old FROM merge_map_now "
        "WHERE layer_key = ?",
        [department],
    )
    mapped = crosswalk.df()
    posts = db.cursor().execute("SELECT grid_code, staff_id, post, duties FROM grid_assignments WHERE end_on IS NULL").df()
    orgs = db.cursor().execute("SELECT grid_code FROM party_orgs WHERE org_kind IN ('party_branch', 'party_group')").df()
    communities, roads = bearings(db)
    return intake.District(
        communities=communities,
        roads=roads,
        compounds=frame(db, "SELECT compound_id AS id, name_zh, ST_AsWKB(geom) AS geom FROM compounds WHERE geom IS NOT NULL"),
        buildings=buildings(db),
        incidents=_incidents(db),
        norm=None if limits is None else (float(limits[0]), float(limits[1])),
        crosswalk=mapped if len(mapped) else None,
        assignments=posts if len(posts) else None,
        party_orgs=orgs if len(orgs) else None,
    )


def bearings(db: Store) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]:
    """Give what a layer's coordinate system is told by: communities (index = code) and roads (index = id), None for none."""
    communities = db.areas("community").set_index("code")
    roads = frame(db, "SELECT road_id AS id, ST_AsWKB(geom) AS geom FROM roads WHERE geom IS NOT NULL")
    return (communities if len(communities) else None), roads


def buildings(db: Store) -> gpd.GeoDataFrame | None:
    """Give the buildings with their households, index = id; None when the store has none."""
    return frame(db, "SELECT building_id AS id, households, ST_AsWKB(geom) AS geom FROM buildings WHERE geom IS NOT NULL")


def frame(db: Store, query: str) -> gpd.GeoDataFrame | None:
    """Give the rows of a query with columns id and geom (WKB) in EPSG:4490, index = id; None when there are none."""
    rows = db.cursor().execute(query).df().set_index("id")
    if rows.empty:
        return None
    shapes = shapely.from_wkb([bytes(wkb) for wkb in rows.pop("geom")])
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=crs.STORED)


def _incidents(db: Store) -> gpd.GeoDataFrame | None:
    query = "SELECT incident_id, lon, lat FROM incidents WHERE lon IS NOT NULL ORDER BY reported_at DESC LIMIT ?"
    rows = db.cursor().execute(query, [INCIDENTS]).df().set_index("incident_id")
    if rows.empty:
        return None
    return gpd.GeoDataFrame(index=rows.index, geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=crs.STORED)
