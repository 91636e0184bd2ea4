"""Layers of the one map that are areas or lines: compounds by owners' committee, buildings, patrols, restricted ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.store import areas

if TYPE_CHECKING:
    from datetime import datetime

    import geopandas as gpd
    import pandas as pd

    from gridmap.store import Store

_COMPOUNDS = """
SELECT c.compound_id AS id, c.name_zh, c.households, c.is_old, c.has_property_mgmt, p.name_zh AS company,
  o.kind, o.members, o.party_members, ST_AsWKB(c.geom) AS geometry
FROM compounds c
LEFT JOIN property_companies p USING (property_company_id)
LEFT JOIN (
  SELECT compound_id, min(kind) AS kind, arg_min(members, kind) AS members, arg_min(party_members, kind) AS party_members
  FROM owners_committees GROUP BY 1
) o USING (compound_id)
WHERE starts_with(c.community_code, left($code, 12)) AND c.geom IS NOT NULL ORDER BY 1
"""

_COMPANIES = """
SELECT p.property_company_id AS id, p.name_zh, p.employees, p.full_party_members, p.has_party_org, p.credit_grade,
  count(*) AS compounds, ST_AsWKB(ST_Centroid(ST_Union_Agg(ST_Centroid(c.geom)))) AS geometry
FROM property_companies p JOIN compounds c USING (property_company_id)
WHERE starts_with(c.community_code, left($code, 12)) AND c.geom IS NOT NULL GROUP BY ALL ORDER BY 1
"""

_BUILDINGS = """
SELECT m.building_id AS id, any_value(c.name_zh) AS compound, count(*) AS units, sum(m.households)::INTEGER AS households,
  count(m.leader_staff_id) AS led, string_agg(DISTINCT s.name_masked, '、') AS leaders, ST_AsWKB(any_value(b.geom)) AS geometry
FROM micro_units m JOIN buildings b USING (building_id) LEFT JOIN compounds c USING (compound_id)
LEFT JOIN staff s ON s.staff_id = m.leader_staff_id
WHERE m.grid_code = $code AND b.geom IS NOT NULL GROUP BY 1 ORDER BY 1
"""

_UNITS = """
SELECT m.micro_unit_id AS id, m.unit_no, m.households, s.name_masked AS leader, s.is_party_member AS is_party
FROM micro_units m LEFT JOIN staff s ON s.staff_id = m.leader_staff_id
WHERE m.building_id = $building ORDER BY length(m.micro_unit_id), 1
"""

_PATROLS = """
SELECT p.patrol_id AS id, p.grid_code, s.name_masked AS who, p.started_at, p.ended_at, p.households_visited,
  ST_AsWKB(p.track) AS geometry
FROM patrols p LEFT JOIN staff s USING (staff_id)
WHERE starts_with(p.grid_code, $code) AND p.track IS NOT NULL AND p.started_at >= $start AND p.started_at < $end
ORDER BY p.started_at DESC LIMIT $most
"""

_RESTRICTED = """
SELECT area_id AS id, name_zh, kind, reason_zh, valid_from, valid_to, ST_AsWKB(geom) AS geometry
FROM restricted_areas
WHERE geom IS NOT NULL AND (valid_from IS NULL OR valid_from <= $on::DATE) AND (valid_to IS NULL OR valid_to > $on::DATE)
ORDER BY 1
"""

_BARE = """
SELECT g.grid_code AS id, coalesce(g.name_zh, g.grid_code) AS name_zh, ST_AsWKB(ST_PointOnSurface(g.geom)) AS geometry
FROM grids_now g
WHERE starts_with(g.grid_code, $code) AND NOT EXISTS (
  SELECT 1 FROM party_orgs o WHERE o.grid_code = g.grid_code AND o.org_kind IN ('party_branch', 'party_group', 'joint_branch'))
ORDER BY 1
"""


def compounds(store: Store, code: str) -> gpd.GeoDataFrame:
    """List the compounds in an area (for a grid: of its community), EPSG:4490, index = compound_id.

    ``committee`` is owners_committee, property_mgmt_committee, none (managed by a company, but without either), or unmanaged.
    Columns also: name_zh, households, is_old, company, members, party_members.
    """
    frame = _frame(store, _COMPOUNDS, code=code)
    frame["committee"] = frame["kind"].where(
        frame["kind"].notna(), frame["has_property_mgmt"].map({True: "none"}).fillna("unmanaged")
    )
    return frame


def companies(store: Store, code: str) -> gpd.GeoDataFrame:
    """List the property companies at work in an area, in the middle of the compounds they manage there, index = their id.

    ``rule`` is met, no_org (3 or more full members and no organisation, R22) or no_member (50 or more employees, R23).
    """
    frame = _frame(store, _COMPANIES, code=code)
    no_org = (frame["full_party_members"].fillna(0) >= 3) & (frame["has_party_org"] != True)  # noqa: E712 - unknown counts as without
    no_member = (frame["employees"].fillna(0) >= 50) & (frame["full_party_members"].fillna(0) < 1)
    frame["rule"] = "met"
    frame.loc[no_member, "rule"] = "no_member"
    frame.loc[no_org, "rule"] = "no_org"
    return frame


def buildings(store: Store, grid: str) -> gpd.GeoDataFrame:
    """List the buildings of a grid with their micro units, EPSG:4490, index = building_id.

    Columns: compound, units, households, led (units with a leader), leaders (masked names).
    """
    return _frame(store, _BUILDINGS, code=grid)


def units(store: Store, building: str) -> pd.DataFrame:
    """List the micro units of a building: id, unit_no, households, leader (masked), is_party."""
    return store.cursor().execute(_UNITS, {"building": building}).df()


def patrols(store: Store, code: str, start: datetime, end: datetime, *, most: int = 1000) -> gpd.GeoDataFrame:
    """List the patrols in an area that began between two moments, the newest first, as tracks, EPSG:4490."""
    return _frame(store, _PATROLS, code=code, start=start, end=end, most=most)


def restricted(store: Store, on: datetime) -> gpd.GeoDataFrame:
    """List the restricted areas of the district that are in force on a day, EPSG:4490, index = area_id."""
    return _frame(store, _RESTRICTED, on=on)


def bare_grids(store: Store, code: str) -> gpd.GeoDataFrame:
    """List the grids in an area without a Party branch or group, as points inside them, EPSG:4490 (dossier R29)."""
    return _frame(store, _BARE, code=code)


def _frame(store: Store, query: str, **values: object) -> gpd.GeoDataFrame:
    return areas.from_wkb(store.cursor().execute(query, values).df().set_index("id"))
