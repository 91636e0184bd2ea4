"""Small districts for the browser: the four communities of tests/store/conftest.py, bare or with one of everything."""

import contextlib
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import store
from tests.store import conftest as small

GRID, COMMUNITY, STREET = "990199001001001", "990199001001", "990199001"
WEST, SOUTH = small.WEST, small.SOUTH


def put(db, table, geometry=None, **columns):
    """Load one row; geometry stands in the column the table has for it."""
    rows = pd.DataFrame([columns])
    if geometry is not None:
        rows = gpd.GeoDataFrame(rows, geometry=[geometry], crs=4490)
    done = db.load(table, rows, batch=f"{table}-{len(columns)}-{next(iter(columns.values()))}")
    assert (done.rows, done.set_aside) == (1, 0), (table, done)


def at(x, y):
    return shapely.Point(WEST + x, SOUTH + y)


def square(x, y, side):
    return shapely.box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side)


@contextlib.contextmanager
def district(folder, *, fictional=True):
    """A folder with two grids in force in each community; the block is given the store and fills in what its test needs.

    fictional: leave the mark that ``gridmap demo`` leaves, by which everybody is let in.
    """
    folder.mkdir(exist_ok=True)
    db = store.open_store(folder / "gridmap.duckdb")
    small.fill_places(db)
    db.publish(db.draft(small.plan(), note="first", norm=(300, 500)))
    yield db
    db.close()
    if fictional:
        (folder / "source").mkdir()
        (folder / "source" / "manifest.json").write_text(json.dumps({"fictional": True, "layers": {}}), "utf-8")


def report(db):
    """Load forty incidents, most in the south-west, one every 17 hours of January."""
    rng = np.random.default_rng(0)
    spots = [(0, 0)] * 25 + [(1, 0)] * 8 + [(0, 1)] * 5 + [(1, 1)] * 2
    channels = ["patrol", "hotline", "resident"]
    rows = [
        small.incident(n, *spot, x=rng.random(), y=rng.random(), channel=channels[n % 3], title_zh=f"事件{n}")
        for n, spot in enumerate(spots)
    ]
    frame = pd.DataFrame(rows)
    frame["reported_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(frame)) * 17, unit="h")
    db.load("incidents", frame, batch="incidents")


def report_evenly(db):
    """Load forty incidents, ten in each community, a minute apart."""
    rows = [small.incident(n, n % 2, n // 20, title_zh=f"事件{n}") for n in range(40)]
    db.load("incidents", pd.DataFrame(rows), batch="incidents")


def fill(db):
    db.draft(small.plan(cuts=(0.3,)), note="second", norm=(300, 500))
    layer = gpd.GeoDataFrame(
        {"name_zh": ["甲", "乙"]}, geometry=[square(0, 0, 0.01), square(0.01, 0, 0.01)], index=["a", "b"], crs=4490
    )
    db.save_layer("zongzhi", layer, source="zongzhi.geojson", batch="zongzhi")
    put(db, "roads", shapely.LineString([at(0, 0.005), at(0.02, 0.005)]), road_id="R1", name_zh="潮声路", road_class="branch")
    put(
        db,
        "staff",
        staff_id="S1",
        name_masked="王*",
        is_party_member=True,
        staff_kind="community_worker",
        community_code=COMMUNITY,
    )
    duties = ["info", "hazard"]
    put(db, "grid_assignments", assignment_id="A1", grid_code=GRID, staff_id="S1", post="grid_head", duties=duties)
    put(db, "grid_assignments", assignment_id="A2", grid_code=GRID, post="full_time")
    put(
        db, "party_orgs", at(0.001, 0.002), party_org_id="P1", org_kind="party_branch", name_zh="第一党支部", grid_code=GRID,
        community_code=COMMUNITY, full_members=9, probationary_members=1, secretary_staff_id="S1",
    )  # fmt: skip
    put(
        db, "service_centres", at(0.004, 0.004), centre_id="C1", community_code=COMMUNITY, centre_level="community",
        name_zh="潮声党群服务中心", floor_area_m2=450.0, has_meals=True,
    )  # fmt: skip
    put(
        db, "property_companies", property_company_id="PC1", name_zh="潮声物业", employees=60, full_party_members=4,
        has_party_org=False,
    )  # fmt: skip
    put(
        db, "compounds", square(0.0005, 0.006, 0.003), compound_id="X1", community_code=COMMUNITY, name_zh="潮声里",
        has_property_mgmt=True, property_company_id="PC1", households=300,
    )  # fmt: skip
    put(db, "buildings", square(0.001, 0.0065, 0.001), building_id="X1-001", compound_id="X1", community_code=COMMUNITY)
    put(db, "micro_units", micro_unit_id="X1-001-1", grid_code=GRID, building_id="X1-001", unit_no="1单元", households=30,
        leader_staff_id="S1")  # fmt: skip
    put(
        db, "patrols", shapely.LineString([at(0.0005, 0.001), at(0.004, 0.001)]), patrol_id="T1", grid_code=GRID, staff_id="S1",
        started_at=pd.Timestamp("2026-01-28 09:00"), ended_at=pd.Timestamp("2026-01-28 10:00"), households_visited=12,
    )  # fmt: skip
    put(db, "restricted_areas", square(0.006, 0.001, 0.002), area_id="RA1", kind="roadworks", name_zh="潮声路施工段",
        reason_zh="雨污分流改造")  # fmt: skip
    report(db)


def make(folder):
    """A folder as ``gridmap demo`` leaves one, with one of everything that the one map can show; gives it back."""
    with district(folder) as db:
        fill(db)
    return folder
