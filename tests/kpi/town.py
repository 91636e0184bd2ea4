"""A town small enough to count by hand: the four communities A B / C D of tests/store, two grids each, sixteen incidents.

    A 990199001001   B 990199001002   C 990199002001   D 990199002002 (a village)
Now is 1 March 2026, 00:00.
"""

import geopandas as gpd
import pandas as pd
import shapely

from tests.store.conftest import SOUTH, STEP, WEST, incident

NOW = pd.Timestamp("2026-03-01")
A, B, C, D = "990199001001", "990199001002", "990199002001", "990199002002"
A1, A2, B1, B2, C1, D1 = A + "001", A + "002", B + "001", B + "002", C + "001", D + "001"


def t(text):
    return pd.Timestamp(f"2026-{text}")


def hours(**values):
    return pd.Timedelta(**values)


def table(*rows):
    return pd.DataFrame(rows)


def incidents():
    def case(number, place, when, **values):
        column, row, x = place
        return incident(number, column, row, x, reported_at=t(when), **values)

    in_a1, in_a2, in_b1, in_b2 = (0, 0, 0.25), (0, 0, 0.75), (1, 0, 0.25), (1, 0, 0.75)
    in_c1, in_d2, nowhere = (0, 1, 0.25), (1, 1, 0.75), (9, 9, 0.5)
    first, second = t("02-01 10:00"), t("02-02 10:00")
    return table(
        case(
            1,
            in_a1,
            "02-01 10:00",
            channel="resident",
            matter_code="06012",
            accepted_at=first + hours(minutes=1),
            arrived_at=first + hours(hours=1),
            closed_at=first + hours(hours=24),
            due_at=first + hours(days=2),
            status="closed",
            current_level="community",
            top_level="community",
            resolved=True,
            satisfied=True,
            reporter_staff_id="s7",
            handler_staff_id="s8",
        ),
        case(
            2,
            in_a1,
            "02-02 10:00",
            channel="hotline",
            matter_code="06028",
            accepted_at=second + hours(seconds=61),
            arrived_at=second + hours(minutes=61),
            closed_at=second + hours(seconds=86_401),
            due_at=second + hours(days=1),
            status="closed",
            current_level="street",
            top_level="street",
            resolved=True,
            satisfied=False,
            reopen_count=1,
            reporter_staff_id="s7",
            handler_staff_id="s7",
        ),
        case(3, in_a2, "02-03 10:00", channel="resident", matter_code="09012", due_at=t("02-10"), current_level="street"),
        case(4, in_a2, "02-03 11:00", channel="hotline", matter_code="09012", duplicate_of="I000003", status="returned"),
        case(
            5,
            in_b1,
            "02-04 10:00",
            channel="patrol",
            closed_at=t("02-05"),
            due_at=t("04-01"),
            status="closed",
            current_level="district",
            top_level="district",
            reporter_staff_id="s8",
            handler_staff_id="s8",
            on_the_spot=True,
        ),
        case(
            6,
            in_b1,
            "02-05 10:00",
            channel="patrol",
            matter_code="06034",
            due_at=t("02-06"),
            deferred=True,
            status="deferred",
            current_level="district",
        ),
        case(7, nowhere, "02-06 10:00", channel="assist", matter_code="09010", due_at=t("02-07"), current_level="community"),
        case(
            8,
            in_d2,
            "02-07 10:00",
            channel="property",
            matter_code="21001",
            closed_at=t("02-08"),
            due_at=t("02-08"),
            status="closed",
            current_level="community",
            top_level="community",
        ),
        case(9, in_a1, "02-08 10:00", channel="resident", status="void", due_at=t("02-09")),
        case(10, in_a1, "02-20 10:00", channel="patrol"),
        case(11, in_a1, "02-21 10:00", channel="patrol"),
        case(12, in_a1, "02-25 10:00", channel="patrol"),
        case(13, in_a1, "02-25 11:00", channel="patrol", duplicate_of="I000012"),
        case(14, in_b2, "02-28 23:59:30", channel="resident"),
        case(
            15,
            in_c1,
            "01-01 10:00",
            channel="resident",
            matter_code="26003",
            is_petition=True,
            accepted_at=t("01-01 10:00:30"),
            arrived_at=t("01-01 10:10"),
            closed_at=t("01-01 15:00"),
            due_at=t("01-02 10:00"),
            status="closed",
            current_level="community",
            top_level="community",
        ),
        case(16, in_c1, "02-03 10:00", channel="hotline", matter_code="27001"),
    )


def events():
    """Case 1 takes the six steps ten minutes apart; 2 goes up to the street, comes back, is discovered again; 3 has begun."""
    steps = ["discover", "push", "dispose", "coordinate", "supervise", "feedback"]
    rows = [(1, step, None, None) for step in steps]
    rows += [(2, "discover", None, None), (2, "push", "community", "street"), (2, "dispose", None, None)]
    rows += [(2, "discover", "street", "community"), (3, "discover", None, None)]
    frame = pd.DataFrame(rows, columns=["number", "step", "from_level", "to_level"])
    frame["incident_id"] = frame["number"].map("I{:06d}".format)
    frame["seq"] = frame.groupby("number").cumcount() + 1
    frame["event_id"] = frame["incident_id"] + "-" + frame["seq"].astype(str)
    frame["occurred_at"] = t("02-01 10:00") + frame["number"] * hours(days=1) + frame["seq"] * hours(minutes=10)
    return frame.drop(columns="number")


def tracks():
    """Two patrols of A1, each from west to east over 0.004°: one inside the grid, one that leaves it half-way."""
    y = SOUTH + STEP / 2
    lines = [
        shapely.LineString([(WEST + 0.0005, y), (WEST + 0.0045, y)]),
        shapely.LineString([(WEST + 0.003, y), (WEST + 0.007, y)]),
    ]
    return gpd.GeoDataFrame({"patrol_id": ["t1", "t2"], "grid_code": A1, "staff_id": "s7"}, geometry=lines, crs=4490)


def tables():
    """Everything but divisions and grids, by table, in the order of loading."""
    return {
        "communities": table(
            {
                "community_code": A,
                "party_secretary_staff_id": "s1",
                "committee_director_staff_id": "s1",
                "urban_rural_code": "111",
            },
            {
                "community_code": B,
                "party_secretary_staff_id": "s2",
                "committee_director_staff_id": "s3",
                "urban_rural_code": "111",
            },
            {
                "community_code": C,
                "party_secretary_staff_id": "s4",
                "committee_director_staff_id": None,
                "urban_rural_code": "112",
            },
            {
                "community_code": D,
                "party_secretary_staff_id": "s5",
                "committee_director_staff_id": "s6",
                "urban_rural_code": "220",
            },
        ).assign(street_code=lambda f: f["community_code"].str[:9], name_zh="演示社区", resident_population=2000),
        "staff": table(
            *({"staff_id": f"s{number}", "community_code": A} for number in (1, 3, 4, 5, 6, 9, 10)),
            {
                "staff_id": "s2",
                "community_code": B,
                "staff_kind": "community_worker",
                "cert_social_worker": True,
                "left_on": "2025-01-01",
            },
            {"staff_id": "s7", "community_code": A, "staff_kind": "community_worker", "cert_social_worker": True},
            {"staff_id": "s8", "community_code": C, "staff_kind": "community_worker", "cert_social_worker": False},
        ),
        "grid_assignments": table(
            {"grid_code": A1, "staff_id": "s1", "post": "grid_head", "duties": ["info"]},
            {"grid_code": A1, "staff_id": "s7", "post": "full_time", "duties": ["info", "hazard"]},
            {"grid_code": A2, "staff_id": "s7", "post": "full_time", "duties": []},
            {"grid_code": B1, "staff_id": None, "post": "full_time", "duties": ["info"]},
            {"grid_code": B2, "staff_id": "s8", "post": "full_time", "duties": ["info"], "end_on": "2025-12-01"},
            {"grid_code": C1, "staff_id": "s8", "post": "full_time", "duties": ["dispute"]},
            {"grid_code": A2, "staff_id": "s1", "post": "grid_head", "duties": ["opinion"]},
            {"grid_code": B1, "staff_id": "s3", "post": "grid_head"},
            {"grid_code": D1, "staff_id": "s9", "post": "enforcement"},
            {"grid_code": D1, "staff_id": "s10", "post": "part_time"},
        ).assign(assignment_id=lambda f: "a" + f.index.astype(str)),
        "party_orgs": table(
            {"org_kind": "party_branch", "grid_code": A1, "community_code": A, "secretary_staff_id": "s1"},
            {"org_kind": "party_group", "grid_code": B1, "community_code": B},
            {"org_kind": "general_branch", "community_code": A},
            {"org_kind": "party_branch", "community_code": C, "is_weak": True},
            {"org_kind": "party_branch", "community_code": D, "is_weak": False, "fixed_on": "2026-01-05"},
            {"org_kind": "party_branch", "community_code": B, "property_company_id": "c1"},
        ).assign(party_org_id=lambda f: "p" + f.index.astype(str)),
        "service_centres": table(
            {
                "centre_id": "z1",
                "community_code": A,
                "floor_area_m2": 600,
                "has_elderly_room": True,
                "has_meals": True,
                "acquire_mode": "new_build",
            },
            {"centre_id": "z2", "community_code": A, "floor_area_m2": 300, "has_clinic": True, "acquire_mode": "transfer"},
            {
                "centre_id": "z3",
                "community_code": B,
                "floor_area_m2": 1200,
                "has_elderly_room": True,
                "has_meals": True,
                "has_clinic": True,
                "acquire_mode": "new_build",
            },
            {"centre_id": "z4", "community_code": C},
            {"centre_id": "z5", "acquire_mode": "new_build", "centre_level": "street"},
        ).assign(centre_level=lambda f: f["centre_level"].fillna("community")),
        "property_companies": table(
            {
                "property_company_id": "c1",
                "full_party_members": 3,
                "employees": 60,
                "has_party_org": True,
                "credit_grade": "A",
                "sync_registered": True,
                "sync_supervised": True,
                "sync_appraised": True,
                "owner_satisfaction": 80,
                "party_org_score": 90,
            },
            {
                "property_company_id": "c2",
                "full_party_members": 3,
                "employees": 50,
                "has_party_org": False,
                "credit_grade": "A",
                "sync_registered": True,
                "sync_supervised": True,
            },
            {"property_company_id": "c3", "full_party_members": 2, "employees": 49, "credit_grade": "B"},
            {"property_company_id": "c4", "full_party_members": 0, "employees": 50},
            {"property_company_id": "c5"},
        ),
        "compounds": table(
            {"compound_id": "q1", "community_code": A, "has_property_mgmt": True, "property_company_id": "c1", "is_old": True},
            {"compound_id": "q2", "community_code": A, "has_property_mgmt": True, "property_company_id": "c2", "is_old": False},
            {"compound_id": "q3", "community_code": B, "has_property_mgmt": True, "property_company_id": "c3"},
            {"compound_id": "q4", "community_code": C, "has_property_mgmt": False, "is_old": True},
        ),
        "owners_committees": table(
            {"committee_id": "o1", "compound_id": "q1", "kind": "owners_committee", "members": 5, "party_members": 3},
            {"committee_id": "o2", "compound_id": "q2", "kind": "property_mgmt_committee", "members": 4, "party_members": 4},
            {"committee_id": "o3", "compound_id": "q4", "kind": "owners_committee", "members": 5, "party_members": 2},
        ),
        "micro_units": table(
            {"micro_unit_id": "m1", "grid_code": A1, "leader_staff_id": "s10"},
            {"micro_unit_id": "m2", "grid_code": A1},
            {"micro_unit_id": "m3", "grid_code": "990199001001009", "leader_staff_id": "s8"},
        ),
        "patrols": tracks(),
        "budgets": table(
            {"budget_id": "b1", "community_code": A, "fund_kind": "work_fund", "budgeted_cny": 100, "paid_cny": 50},
            {"budget_id": "b2", "community_code": B, "fund_kind": "special", "budgeted_cny": 200, "paid_cny": 200},
            {"budget_id": "b3", "community_code": C, "fund_kind": "work_fund", "budgeted_cny": 0, "paid_cny": 0},
        ),
        "assessments": table(
            {"assessment_id": "x1", "direction": "up", "weight": 0.5, "score": 80},
            {"assessment_id": "x2", "direction": "down", "weight": 1.0, "score": 90},
        ),
        "incidents": incidents(),
        "incident_events": events(),
        "whistles": table(
            {"whistle_id": "w1", "community_code": A, "blown_at": t("02-01 09:00")},
            {"whistle_id": "w2", "community_code": B, "blown_at": t("02-01 09:00")},
        ),
        "whistle_responses": table(
            {"whistle_id": "w1", "dept_id": "chengguan", "required_by": t("02-01 09:30"), "reported_at": t("02-01 09:30")},
            {"whistle_id": "w1", "dept_id": "gongan", "required_by": t("02-01 09:30")},
            {"whistle_id": "w1", "dept_id": "xiaofang", "reported_at": t("02-01 10:00")},
            {"whistle_id": "w2", "dept_id": "shui", "required_by": t("12-31 09:00")},
        ),
        "mediations": table(
            {"mediation_id": "e1", "incident_id": "I000001", "kind": "people", "ended_at": t("02-03"), "outcome": "agreed"},
            {
                "mediation_id": "e2",
                "incident_id": "I000002",
                "kind": "judicial",
                "ended_at": t("02-04"),
                "outcome": "failed",
                "petition_after": True,
            },
            {"mediation_id": "e3", "incident_id": "I000015", "kind": "people", "helper_kind": "lawyer"},
        ),
    }


def fill(db, more=None):
    """Load the town into the district of tests/store with its grids in force, and more tables."""
    for name, frame in {**tables(), **(more or {})}.items():
        loaded = db.load(name, frame, batch=f"town {name}")
        assert loaded.set_aside == 0, (name, db.cursor().execute("SELECT * FROM set_aside").fetchall())
        assert loaded.ignored == (), (name, loaded.ignored)
