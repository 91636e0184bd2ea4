"""Centres, Party organisations, property companies, owners' committees, budgets and scores: good ones, and the red lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.demo.ground import CRS

if TYPE_CHECKING:
    from gridmap.demo.people import Staff

_AS_OF = pd.Timestamp("2026-11-01").date()
_HOUSEHOLDS_A_COMPANY = 3_600
_FUNDS = {"operations": 180_000, "worker_pay": 640_000, "facilities": 120_000, "training": 30_000, "special": 200_000}
_ITEMS = ("grid_service", "joint_enforcement", "hotline", "environment")


def build(land: dict[str, gpd.GeoDataFrame], staff: Staff, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make the tables that need no merged grids; ``compounds`` comes back with its property company filled in."""
    companies, compounds = _companies(land["compounds"], rng)
    communities = land["communities"]
    return {
        "compounds": compounds,
        "property_companies": companies,
        "owners_committees": _committees(compounds, rng),
        "service_centres": _centres(land, rng),
        "party_orgs": _party(communities, companies, staff, rng),
        "budgets": _budgets(communities, rng),
        "assessments": _assessments(land["streets"], rng),
    }


def _companies(compounds: gpd.GeoDataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Give managed compounds to companies; a few companies miss what the rules ask of them."""
    managed = np.flatnonzero((compounds["pm_kind"] == "company").to_numpy())
    count = max(3, int(compounds["households"].to_numpy()[managed].sum() / _HOUSEHOLDS_A_COMPANY))
    chosen = rng.integers(0, count, len(managed))
    served = np.bincount(chosen, weights=compounds["households"].to_numpy()[managed], minlength=count)
    employees = np.maximum(6, np.round(served / rng.uniform(28, 60, count))).astype(int)
    members = rng.binomial(employees, rng.uniform(0.01, 0.09, count))
    due = members >= 3
    has = (due & (rng.random(count) < 0.87)) | (~due & (rng.random(count) < 0.05))
    ids = [f"PC{number:04d}" for number in range(1, count + 1)]
    words = [a + b for a in "沧云汐澜帆贝鸥渚" for b in "和安宁居佳悦信诚"]
    score = np.clip(rng.normal(82, 8, count) + 3 * has, 50, 99)
    companies = pd.DataFrame(
        {
            "property_company_id": ids,
            "uscc": [f"99DEMO{number:012d}" for number in range(1, count + 1)],
            "name_zh": [
                f"{words[n % len(words)]}{'' if n < len(words) else n // len(words) + 1}物业（演示）" for n in range(count)
            ],
            "employees": employees,
            "full_party_members": members,
            "has_party_org": has,
            "party_org_id": [f"PO-{name}" if own else None for name, own in zip(ids, has, strict=True)],
            "credit_grade": np.select([score > 88, score > 78, score > 66], ["A", "B", "C"], default="D"),
            "owner_satisfaction": np.round(np.clip(score / 100 + rng.normal(0, 0.05, count), 0.3, 0.99), 3),
            "party_org_score": np.round(score, 1),
            "sync_registered": rng.random(count) < 0.93,
            "sync_supervised": rng.random(count) < 0.84,
            "sync_appraised": rng.random(count) < 0.78,
            "as_of": _AS_OF,
        }
    )
    filled = compounds.copy()
    company = np.full(len(compounds), None, dtype=object)
    company[managed] = np.array(ids, dtype=object)[chosen]
    filled["property_company_id"] = company
    return companies, filled


def _committees(compounds: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Set up owners' committees in some managed compounds, property management committees in some others."""
    managed = compounds["has_property_mgmt"].to_numpy()
    old = compounds["is_old"].to_numpy()
    draw = rng.random(len(compounds))
    owners = managed & (draw < np.where(old, 0.34, 0.55))
    manage = managed & ~owners & (draw > 0.80)
    rows = np.flatnonzero(owners | manage)
    members = rng.choice([5, 7, 9, 11], len(rows))
    founded = np.datetime64("2026-06-30") - rng.integers(30, 2400, len(rows)).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "committee_id": [f"OC{number:05d}" for number in range(1, len(rows) + 1)],
            "compound_id": compounds["compound_id"].to_numpy()[rows],
            "kind": np.where(owners[rows], "owners_committee", "property_mgmt_committee"),
            "founded_on": _dates(founded),
            "term_ends_on": _dates(founded + np.timedelta64(1826, "D")),
            "members": members,
            "party_members": rng.binomial(members, rng.choice([0.25, 0.45, 0.65], len(rows))),
        }
    )


def _centres(land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Put a Party-mass centre in each community and street: most above 500 m2, some below, some above 1,000."""
    communities, streets, places = land["communities"], land["streets"], land["places"]
    count = len(communities)
    spot = _spots(communities, places)
    size = np.where(
        rng.random(count) < 0.17, rng.uniform(180, 495, count), np.exp(rng.normal(6.62, 0.36, count)).clip(500, 3200)
    )
    of_street = np.exp(rng.normal(7.6, 0.25, len(streets)))
    seats = [spot[np.flatnonzero(communities["street_code"].to_numpy() == code)[0]] for code in streets["street_code"]]
    beside = shapely.transform(np.array(seats, dtype=object), lambda xy: xy + 35.0)
    area = np.round(np.concatenate([size, of_street]), 0)
    total = len(area)
    stem = [name.removesuffix("社区").removesuffix("村") for name in communities["name_zh"]]
    frame = {
        "centre_id": [f"SC{number:05d}" for number in range(1, total + 1)],
        "community_code": [*communities["community_code"], *(_first(communities, code) for code in streets["street_code"])],
        "centre_level": ["community"] * count + ["street"] * len(streets),
        "name_zh": [f"{name}社区党群服务中心" for name in stem]
        + [f"{name.removesuffix('（演示）')}党群服务中心" for name in streets["name_zh"]],
        "floor_area_m2": area,
        "acquire_mode": rng.choice(["new_build", "rebuild", "extension", "transfer"], total, p=[0.2, 0.4, 0.15, 0.25]),
        "is_demonstration": (area > 1000) & (rng.random(total) < 0.8),
        "has_elderly_room": rng.random(total) < 0.35 + 0.5 * (area > 600),
        "has_meals": rng.random(total) < 0.2 + 0.4 * (area > 700),
        "has_clinic": rng.random(total) < 0.3 + 0.4 * (area > 650),
        "as_of": [_AS_OF] * total,
    }
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([*spot, *beside], crs=CRS), crs=CRS).rename_geometry("geom")


def _first(communities: gpd.GeoDataFrame, street: str) -> str:
    return str(communities.loc[communities["street_code"] == street, "community_code"].iloc[0])


def _spots(communities: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> np.ndarray:
    """Place each centre at an office or market of its community, else at a point inside it."""
    spot = shapely.point_on_surface(communities.geometry.to_numpy())
    for use in ("park", "market", "office"):
        own = places[places["use"] == use].drop_duplicates("community_code")
        row = pd.Index(communities["community_code"]).get_indexer(own["community_code"])
        spot[row] = shapely.point_on_surface(own.geometry.to_numpy())
    return np.asarray(spot)


def _party(communities: gpd.GeoDataFrame, companies: pd.DataFrame, staff: Staff, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Found a committee or general branch in each community, a branch in the companies that have one."""
    count = len(communities)
    large = communities["households"].to_numpy() > 1_300
    having = companies[companies["has_party_org"]]
    total = count + len(having)
    community = communities["community_code"].to_numpy()
    weak = np.concatenate([rng.random(count) < 0.05, np.zeros(len(having), bool)])
    founded = np.datetime64("2026-06-30") - rng.integers(300, 9000, total).astype("timedelta64[D]")
    empty = shapely.from_wkt(np.full(len(having), None, dtype=object))
    frame = {
        "party_org_id": [f"PO-{code}" for code in community] + list(having["party_org_id"]),
        "org_kind": [*np.where(large, "party_committee", "general_branch"), *(["party_branch"] * len(having))],
        "name_zh": [f"{name}党组织" for name in communities["name_zh"]]
        + [f"{name.removesuffix('（演示）')}党支部" for name in having["name_zh"]],
        "community_code": [*community, *([None] * len(having))],
        "property_company_id": [*([None] * count), *having["property_company_id"]],
        "full_members": np.concatenate([rng.integers(45, 260, count), having["full_party_members"].to_numpy()]),
        "probationary_members": rng.integers(0, 6, total),
        "secretary_staff_id": [*staff.table["staff_id"].to_numpy()[staff.full_time[:, 0]], *([None] * len(having))],
        "founded_on": _dates(founded),
        "is_weak": weak,
        "fixed_on": [
            pd.Timestamp("2026-08-15").date() if w and f else None for w, f in zip(weak, rng.random(total) < 0.6, strict=True)
        ],
    }
    places = [*shapely.point_on_surface(communities.geometry.to_numpy()), *empty]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(places, crs=CRS), crs=CRS).rename_geometry("geom")


def _budgets(communities: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for year, done in ((2025, 0.97), (2026, 0.81)):
        for kind, amount in _FUNDS.items():
            budgeted = np.round(amount * (0.5 + communities["households"].to_numpy() / 2_800) / 1000) * 1000
            paid = np.round(budgeted * np.clip(rng.normal(done, 0.07, len(communities)), 0.3, 1.0), 2)
            parts.append(
                pd.DataFrame(
                    {
                        "budget_id": [f"B{year}-{kind}-{code}" for code in communities["community_code"]],
                        "year": year,
                        "community_code": communities["community_code"].to_numpy(),
                        "fund_kind": kind,
                        "budgeted_cny": budgeted,
                        "paid_cny": paid,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _assessments(streets: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Score streets from above and departments from the streets, quarter by quarter; the weights are not set."""
    offices = ("zhujian", "chengguan", "gongan", "sifa", "xiaofang", "shichang", "huanjing", "ziran")
    district = str(streets["street_code"].iloc[0])[:6]
    rows = []
    for period in ("2025Q4", "2026Q1", "2026Q2", "2026Q3"):
        for street in streets["street_code"]:
            rows += [(period, "down", district, street, item) for item in _ITEMS]
            rows += [(period, "up", street, office, "whistle_response") for office in offices]
            rows.append((period, "resident", "residents", street, "satisfaction"))
    frame = pd.DataFrame(rows, columns=["period", "direction", "assessor_id", "assessee_id", "item"])
    frame.insert(0, "assessment_id", [f"A{number:05d}" for number in range(1, len(frame) + 1)])
    skill = dict(zip([*streets["street_code"], *offices], rng.normal(0, 3.5, len(streets) + len(offices)), strict=True))
    frame["weight"] = np.nan
    frame["score"] = np.round(np.clip(86 + frame["assessee_id"].map(skill) + rng.normal(0, 3, len(frame)), 55, 100), 1)
    return frame


def _dates(days: np.ndarray) -> pd.Series:
    return pd.Series(days.astype("datetime64[s]")).dt.date
