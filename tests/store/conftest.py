"""A district of four communities, drawn in degrees so that every figure can be counted by hand.

     119.90   119.91   119.92        streets 990199001 (communities 001 west, 002 east of it, south row)
39.92  +--------+--------+                   990199002 (north row)
       | 002001 | 002002 |           every community is cut into a west and an east grid: …001, …002
39.91  +--------+--------+
       | 001001 | 001002 |
39.90  +--------+--------+
"""

import shutil
from itertools import pairwise
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import store

DISTRICT = "990199"
WEST, SOUTH, STEP = 119.90, 39.90, 0.01
SPOTS = {"990199001001": (0, 0), "990199001002": (1, 0), "990199002001": (0, 1), "990199002002": (1, 1)}


def box(column, row, left=0.0, right=1.0):
    return shapely.box(
        WEST + (column + left) * STEP, SOUTH + row * STEP, WEST + (column + right) * STEP, SOUTH + (row + 1) * STEP
    )


def frame(rows):
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4490)


def fill_places(db):
    whole = shapely.box(WEST, SOUTH, WEST + 2 * STEP, SOUTH + 2 * STEP)
    db.load("districts", frame([{"district_code": DISTRICT, "name_zh": "演示区", "geometry": whole}]), batch="districts")
    streets = [
        {
            "street_code": f"{DISTRICT}00{row + 1}",
            "district_code": DISTRICT,
            "name_zh": f"演示街道{row + 1}",
            "geometry": shapely.union_all([box(0, row), box(1, row)]),
        }
        for row in (0, 1)
    ]
    db.load("streets", frame(streets), batch="streets")
    communities = [
        {
            "community_code": code,
            "street_code": code[:9],
            "name_zh": f"演示社区{code[-6:]}",
            "households": 700,
            "geometry": box(*spot),
        }
        for code, spot in SPOTS.items()
    ]
    db.load("communities", frame(communities), batch="communities")


def plan(cuts=(0.5,), weight=350):
    """A merge that cuts every community at shares of its width; one old layer of whole communities, one of the grids."""
    grids, way = [], []
    for code, (column, row) in SPOTS.items():
        edges = [0.0, *cuts, 1.0]
        for number, (left, right) in enumerate(pairwise(edges), start=1):
            grid = f"{code}{number:03d}"
            grids.append({"grid_code": grid, "nest_id": code, "weight": weight, "geometry": box(column, row, left, right)})
            share = right - left
            way.append({"layer": "zongzhi", "old_id": code[-6:], "grid_code": grid, "share_of_old": share, "share_of_new": 1.0})
            way.append(
                {"layer": "chengguan", "old_id": f"c{grid[-9:]}", "grid_code": grid, "share_of_old": 1.0, "share_of_new": 1.0}
            )
    grids = frame(grids).to_crs(4549)
    grids["area_m2"] = grids.area
    way = pd.DataFrame(way)
    way["area_m2"] = way["grid_code"].map(grids.set_index("grid_code")["area_m2"])
    way["weight"] = float(weight)
    return SimpleNamespace(grids=grids, crosswalk=way)


def incident(number, column, row, x=0.25, y=0.5, **values):
    """One incident at a share of a community's width and height, reported ``number`` minutes after the new year."""
    base = {
        "incident_id": f"I{number:06d}",
        "matter_code": "06010",
        "channel": "patrol",
        "reported_at": pd.Timestamp("2026-01-01") + pd.Timedelta(minutes=number),
        "status": "new",
        "lon": WEST + (column + x) * STEP,
        "lat": SOUTH + (row + y) * STEP,
    }
    return base | values


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Three databases made once: empty, with the four communities, with two grids in each of them in force."""
    folder = tmp_path_factory.mktemp("templates")
    opened = store.open_store(folder / "empty.duckdb")
    for name in ("district", "published", None):
        opened.close()
        if name is None:
            return folder
        shutil.copyfile(opened.path, folder / f"{name}.duckdb")
        opened = store.open_store(folder / f"{name}.duckdb")
        if name == "district":
            fill_places(opened)
        else:
            opened.publish(opened.draft(plan(), note="first"))
    return folder


def copy_of(templates, name, tmp_path):
    shutil.copyfile(templates / f"{name}.duckdb", tmp_path / "gridmap.duckdb")
    opened = store.open_store(tmp_path / "gridmap.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def db(templates, tmp_path):
    """A database with the code tables only."""
    yield from copy_of(templates, "empty", tmp_path)


@pytest.fixture
def district(templates, tmp_path):
    """The four communities, no grids yet."""
    yield from copy_of(templates, "district", tmp_path)


@pytest.fixture
def published(templates, tmp_path):
    """The four communities with two grids each in force."""
    yield from copy_of(templates, "published", tmp_path)
