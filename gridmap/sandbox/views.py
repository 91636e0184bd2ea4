"""The documented views that questions in SQL may read: what each holds, column by column, and questions to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.terms import key

GRID, COMMUNITY, STREET = (
    key("code of the grid, 15 digits"),
    key("code of the community, 12 digits"),
    key("code of the street, 9 digits"),
)
NAME, HOMES, GROUND = key("name"), key("households"), key("ground, EPSG:4490")
DEPARTMENT = key("code of the department")


@dataclass(frozen=True)
class View:
    """One view. title and the columns' meanings are catalogue keys; geometry: columns that are geometry."""

    name: str
    title: str
    query: str
    columns: dict[str, str]
    geometry: tuple[str, ...] = ()


VIEWS = (
    View(
        "grids",
        key("All-subject grids in force"),
        "SELECT grid_code, name_zh, community_code, street_code, grid_type, households, resident_population, area_m2, "
        "geom FROM grids_now",
        {
            "grid_code": GRID, "name_zh": NAME, "community_code": COMMUNITY, "street_code": STREET,
            "grid_type": key("basic or dedicated"), "households": HOMES, "resident_population": key("residents"),
            "area_m2": key("area in m²"), "geom": GROUND,
        },
        ("geom",),
    ),
    View(
        "communities",
        key("Communities"),
        "SELECT community_code, name_zh, street_code, households, resident_population, area_m2, "
        "geom FROM communities WHERE valid_to IS NULL",
        {
            "community_code": COMMUNITY, "name_zh": NAME, "street_code": STREET, "households": HOMES,
            "resident_population": key("residents"), "area_m2": key("area in m²"), "geom": GROUND,
        },
        ("geom",),
    ),
    View(
        "streets",
        key("Sub-districts"),
        "SELECT street_code, name_zh, area_m2, geom FROM streets WHERE valid_to IS NULL",
        {"street_code": STREET, "name_zh": NAME, "area_m2": key("area in m²"), "geom": GROUND},
        ("geom",),
    ),
    View(
        "incidents",
        key("Incidents, one row a case"),
        "SELECT incident_id, matter_code, m.name_zh AS matter, m.class_zh AS class, channel, reported_at, accepted_at, "
        "arrived_at, closed_at, "
        "due_at, status, grid_code, community_code, street_code, handler_dept_id, is_resident_reported, satisfied, lon, lat "
        "FROM incidents i LEFT JOIN (SELECT matter_code, any_value(name_zh) AS name_zh, any_value(class_zh) AS class_zh "
        "FROM matter_types GROUP BY 1) m USING (matter_code)",
        {
            "incident_id": key("number of the case"), "matter_code": key("code of the matter, 5 digits"),
            "matter": key("matter"),
            "class": key("class of matters"), "channel": key("patrol, assist, property, resident or hotline"),
            "reported_at": key("when it was reported"), "accepted_at": key("when it was accepted"),
            "arrived_at": key("when somebody was on site"), "closed_at": key("when it was closed; empty: open"),
            "due_at": key("when it is due"), "status": key("state of the case"), "grid_code": GRID, "community_code": COMMUNITY,
            "street_code": STREET, "handler_dept_id": DEPARTMENT, "is_resident_reported": key("reported by a resident"),
            "satisfied": key("the resident was satisfied; empty: not asked"), "lon": key("longitude"), "lat": key("latitude"),
        },
    ),
    View(
        "whistles",
        key("Whistles of communities"),
        "SELECT whistle_id, incident_id, community_code, blown_at, closed_at, reason FROM whistles",
        {
            "whistle_id": key("number of the whistle"), "incident_id": key("number of the case"), "community_code": COMMUNITY,
            "blown_at": key("when it was blown"), "closed_at": key("when it was closed; empty: open"), "reason": key("reason"),
        },
    ),
    View(
        "responses",
        key("Departments called by whistles"),
        "SELECT whistle_id, dept_id, required_by, reported_at, left_at, street_rating FROM whistle_responses",
        {
            "whistle_id": key("number of the whistle"), "dept_id": DEPARTMENT, "required_by": key("when it had to be there"),
            "reported_at": key("when it reported in"), "left_at": key("when it left"),
            "street_rating": key("the street's rating, 0 to 100"),
        },
    ),
    View(
        "centres",
        key("Service centres"),
        "SELECT centre_id, name_zh, community_code, centre_level, floor_area_m2, is_demonstration, has_elderly_room, "
        "has_meals, has_clinic, "
        "geom FROM service_centres",
        {
            "centre_id": key("number of the centre"),
            "name_zh": NAME, "community_code": COMMUNITY, "centre_level": key("level"),
            "floor_area_m2": key("floor area in m²"), "is_demonstration": key("demonstration community"),
            "has_elderly_room": key("room for the elderly"), "has_meals": key("meals"), "has_clinic": key("clinic"),
            "geom": key("place, EPSG:4490"),
        },
        ("geom",),
    ),
    View(
        "party_orgs",
        key("Party organisations"),
        "SELECT party_org_id, name_zh, org_kind, grid_code, community_code, full_members, probationary_members, "
        "geom FROM party_orgs",
        {
            "party_org_id": key("number of the organisation"),
            "name_zh": NAME, "org_kind": key("kind of organisation"), "grid_code": GRID,
            "community_code": COMMUNITY, "full_members": key("full members"),
            "probationary_members": key("probationary members"),
            "geom": key("place, EPSG:4490"),
        },
        ("geom",),
    ),
    View(
        "compounds",
        key("Residential compounds"),
        "SELECT compound_id, c.name_zh, community_code, households, is_old, has_property_mgmt, p.name_zh AS company, "
        "p.credit_grade, geom "
        "FROM compounds c LEFT JOIN property_companies p USING (property_company_id)",
        {
            "compound_id": key("number of the compound"), "name_zh": NAME, "community_code": COMMUNITY, "households": HOMES,
            "is_old": key("old compound"), "has_property_mgmt": key("managed by a company"), "company": key("property company"),
            "credit_grade": key("credit grade"), "geom": GROUND,
        },
        ("geom",),
    ),
    View(
        "posts",
        key("Posts on the grids"),
        "SELECT grid_code, post, staff_id IS NOT NULL AS filled, duties, start_on FROM grid_assignments WHERE end_on IS NULL",
        {
            "grid_code": GRID, "post": key("post"), "filled": key("somebody holds it"), "duties": key("duties"),
            "start_on": key("held since"),
        },
    ),
    View(
        "old_grids",
        key("Departments' grids as they were sent last"),
        "SELECT layer_key, dgrid_id, name_zh, area_m2, geom FROM layers_now",
        {
            "layer_key": key("department's layer"), "dgrid_id": key("the department's own number"), "name_zh": NAME,
            "area_m2": key("area in m²"), "geom": GROUND,
        },
        ("geom",),
    ),
    View(
        "old_to_new",
        key("Where every old grid went"),
        "SELECT layer_key, dgrid_id, grid_code, overlap_m2, households, share_of_dgrid, share_of_unified FROM merge_map_now",
        {
            "layer_key": key("department's layer"), "dgrid_id": key("the department's own number"), "grid_code": GRID,
            "overlap_m2": key("common ground in m²"), "households": HOMES, "share_of_dgrid": key("share of the old grid"),
            "share_of_unified": key("share of the new grid"),
        },
    ),
)  # fmt: skip
"""What a question may read; nothing else is in the snapshot."""

EXAMPLES = {
    key("Open cases by sub-district"): (
        "SELECT s.name_zh, i.street_code, count(*) AS open_cases\n"
        "FROM incidents i JOIN streets s USING (street_code)\n"
        "WHERE closed_at IS NULL\nGROUP BY ALL ORDER BY open_cases DESC"
    ),
    key("Grids with most cases per 1,000 households"): (
        "SELECT g.grid_code, g.name_zh, round(1000 * count(*) / g.households, 1) AS per_1000\n"
        "FROM incidents i JOIN grids g USING (grid_code)\n"
        "WHERE g.households > 0\nGROUP BY g.grid_code, g.name_zh, g.households ORDER BY per_1000 DESC LIMIT 100"
    ),
    key("Illegal parking by hour of the day"): (
        "SELECT hour(reported_at) AS hour, "
        "count(*) AS cases\nFROM incidents\nWHERE matter LIKE '%停车%' OR matter LIKE '%车辆%'\nGROUP BY 1 ORDER BY 1"
    ),
    key("Compounds farther than 500 m from a centre"): (
        "SELECT c.name_zh, c.households, c.geom\nFROM compounds c\nWHERE NOT EXISTS (\n"
        "  SELECT 1 FROM centres s WHERE ST_Distance_Spheroid(\n"
        "    ST_FlipCoordinates(ST_Centroid(c.geom)), ST_FlipCoordinates(s.geom)) <= 500)\nORDER BY c.households DESC"
    ),
    key("Departments slow to come when a community whistles"): (
        "SELECT dept_id, count(*) AS called, count(*) FILTER (reported_at > required_by OR reported_at IS NULL) AS late\n"
        "FROM responses GROUP BY 1 ORDER BY late DESC"
    ),
}
"""Questions to begin with, by what they ask (a catalogue key)."""
