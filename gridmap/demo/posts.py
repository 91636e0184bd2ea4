"""What can only be said once there are merged grids: names, who serves in each, its Party branch, its patrols; with gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.demo.ground import CRS
from gridmap.demo.land_tables import PEOPLE_A_HOUSEHOLD
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    from pathlib import Path

DUTIES = ("info", "opinion", "hazard", "dispute", "policy", "service")
"""The six duties of a grid (R28), as data/reference/duties.csv names them."""

NO_FULL_TIME, VACANT, FEW_DUTIES, NO_PARTY = 0.035, 0.02, 0.06, 0.11
"""Shares of grids that lack something on purpose."""

_DEDICATED = ("works", "port", "mall", "hospital", "school", "beach", "hotel")
_PATROLS = 9


def name(grids: gpd.GeoDataFrame, folder: Path) -> gpd.GeoDataFrame:
    """Name the grids of a plan, count their people, and say which are dedicated: few live there, half of it is works or port.

    grids: columns grid_code, nest_id, weight, geometry. Adds name_zh, grid_type, resident_population, boundary_basis.
    """
    communities = gpd.read_parquet(folder / "communities.parquet").set_index("community_code")["name_zh"]
    places = gpd.read_parquet(folder / "places.parquet")
    places = places[places["use"].isin(_DEDICATED)].to_crs(CRS)
    grid, place = shapely.STRtree(places.geometry.to_numpy()).query(grids.geometry.to_numpy(), predicate="intersects")
    shared = shapely.area(shapely.intersection(grids.geometry.to_numpy()[grid], places.geometry.to_numpy()[place]))
    share = np.bincount(grid, weights=shared, minlength=len(grids)) / grids.geometry.area.to_numpy()
    households = grids["weight"].to_numpy(dtype=float)
    dedicated = (households / grids.geometry.area.to_numpy() < 6e-4) & (share > 0.5)
    community = communities.loc[grids["nest_id"]].to_numpy()
    number = grids["grid_code"].str[-3:].astype(int)
    kind = np.where(dedicated, "专属网格", "网格")
    return grids.assign(
        name_zh=[f"{c}第{n}{k}" for c, n, k in zip(community, number, kind, strict=True)],
        grid_type=np.where(dedicated, "dedicated", "basic"),
        resident_population=np.round(households * PEOPLE_A_HOUSEHOLD).astype(int),
        boundary_basis="road_river_compound",
    )


def fill(grids: gpd.GeoDataFrame, folder: Path, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Fill the posts of named grids: grid_assignments, party_orgs, micro_units with their grid, patrols of the last month."""
    grids = grids.reset_index(drop=True)
    staff = pd.read_parquet(folder / "staff.parquet")
    buildings = gpd.read_parquet(folder / "buildings.parquet").to_crs(CRS)
    centres = shapely.point_on_surface(buildings.geometry.to_numpy())
    building, grid = shapely.STRtree(grids.geometry.to_numpy()).query(centres, predicate="intersects")
    of = np.full(len(buildings), -1)
    of[building] = grid
    micro = pd.read_parquet(folder / "micro_units.parquet")
    codes = np.array([*grids["grid_code"], None], dtype=object)
    micro["grid_code"] = pd.Series(codes[of], index=buildings["building_id"]).loc[micro["building_id"]].to_numpy()
    posts = _posts(grids, staff, micro, rng)
    return {
        "micro_units": micro.dropna(subset=["grid_code"]),
        "grid_assignments": posts,
        "party_orgs": _party(grids, staff, folder, rng),
        "patrols": _patrols(grids, posts, centres, of, rng),
    }


def _posts(grids: gpd.GeoDataFrame, staff: pd.DataFrame, micro: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give each grid its head (the community's secretary), its worker, some part-time ones, an officer of the law."""
    present = staff[staff["left_on"].isna()]
    by_kind = {kind: rows.groupby("community_code")["staff_id"].agg(list) for kind, rows in present.groupby("staff_kind")}
    leaders = micro.dropna(subset=["leader_staff_id"]).groupby("grid_code")["leader_staff_id"].unique()
    force = present[present["staff_kind"] == "enforcement"].groupby(present["community_code"].str[:9])["staff_id"].agg(list)
    rows: list[tuple[str, str | None, str, list[str]]] = []
    turn: dict[str, int] = {}
    for code, community in zip(grids["grid_code"], grids["nest_id"], strict=True):
        workers = by_kind["community_worker"][community]
        turn[community] = turn.get(community, 0) + 1
        rows.append((code, workers[0], "grid_head", ["info", "dispute"]))
        duties = list(DUTIES if rng.random() > FEW_DUTIES else rng.choice(DUTIES, 3, replace=False))
        draw = rng.random()
        if draw > NO_FULL_TIME + VACANT:
            rows.append((code, workers[1 + (turn[community] - 1) % (len(workers) - 1)], "full_time", duties))
        elif draw > NO_FULL_TIME:
            rows.append((code, None, "full_time", duties))
        helpers = list(leaders.get(code, []))[:2] or by_kind["volunteer"].get(community, [])[:1]
        rows += [(code, helper, "part_time", ["info", "opinion", "hazard"]) for helper in helpers]
        rows.append((code, force[community[:9]][turn[community] % len(force[community[:9]])], "enforcement", ["hazard"]))
        rows += [(code, officer, "police", ["dispute"]) for officer in by_kind["police"].get(community, [])[:1]]
    frame = pd.DataFrame(rows, columns=["grid_code", "staff_id", "post", "duties"])
    frame.insert(0, "assignment_id", [f"GA{number:06d}" for number in range(1, len(frame) + 1)])
    frame["start_on"] = pd.Timestamp("2026-03-01").date()
    frame["end_on"] = None
    return frame


def _party(grids: gpd.GeoDataFrame, staff: pd.DataFrame, folder: Path, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Found a branch or a group in most grids, under the community's organisation."""
    having = np.flatnonzero(rng.random(len(grids)) >= NO_PARTY)
    chosen = grids.iloc[having]
    branch = chosen["weight"].to_numpy(dtype=float) > 380
    members = staff[staff["is_party_member"] & staff["left_on"].isna()].groupby("community_code")["staff_id"].agg(list)
    secretary = [
        members[community][int(rng.integers(0, len(members[community])))] if rng.random() > 0.04 else None
        for community in chosen["nest_id"]
    ]
    found = np.datetime64("2026-03-01") - rng.integers(0, 900, len(chosen)).astype("timedelta64[D]")
    frame = gpd.GeoDataFrame(
        {
            "party_org_id": [f"PO-{code}" for code in chosen["grid_code"]],
            "org_kind": np.where(branch, "party_branch", "party_group"),
            "name_zh": [f"{n}{'党支部' if b else '党小组'}" for n, b in zip(chosen["name_zh"], branch, strict=True)],
            "parent_org_id": [f"PO-{community}" for community in chosen["nest_id"]],
            "grid_code": chosen["grid_code"].to_numpy(),
            "community_code": chosen["nest_id"].to_numpy(),
            "full_members": np.where(branch, rng.integers(8, 60, len(chosen)), rng.integers(3, 12, len(chosen))),
            "probationary_members": rng.integers(0, 3, len(chosen)),
            "secretary_staff_id": secretary,
            "founded_on": pd.Series(found.astype("datetime64[s]")).dt.date.to_numpy(),
            "is_weak": rng.random(len(chosen)) < 0.03,
        },
        geometry=gpd.GeoSeries(shapely.point_on_surface(chosen.geometry.to_numpy()), crs=CRS),
        crs=CRS,
    )
    known = gpd.read_parquet(folder / "party_orgs.parquet").rename_geometry("geometry").to_crs(CRS)
    return gpd.GeoDataFrame(pd.concat([known, frame], ignore_index=True), crs=CRS)


def _patrols(
    grids: gpd.GeoDataFrame, posts: pd.DataFrame, centres: np.ndarray, of: np.ndarray, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Walk each grid some nine times in the last month, along a few of its buildings; a few tracks leave the grid."""
    full = posts[(posts["post"] == "full_time") & posts["staff_id"].notna()].set_index("grid_code")["staff_id"]
    order = np.argsort(of, kind="stable")
    edges = np.searchsorted(of[order], np.arange(len(grids) + 1))
    points = shapely.get_coordinates(centres)
    rows, tracks = [], []
    for number, code in enumerate(grids["grid_code"]):
        own = points[order[edges[number] : edges[number + 1]]]
        if code not in full.index or len(own) < 4:
            continue
        for _ in range(int(rng.poisson(_PATROLS))):
            picked = own[rng.choice(len(own), min(len(own), 6), replace=False)]
            middle = picked.mean(axis=0)
            walk = picked[np.argsort(np.arctan2(*(picked - middle).T))]
            day = NOW.astype("datetime64[D]") - rng.integers(0, 30)
            start = day.astype("datetime64[s]") + rng.integers(8 * 3600, 17 * 3600)
            start = min(start, NOW.astype("datetime64[s]") - np.timedelta64(7200, "s"))
            rows.append((code, full[code], start, start + rng.integers(1500, 6600), int(rng.integers(2, 19))))
            tracks.append(shapely.LineString(np.round(walk + rng.normal(0, 2, walk.shape), 2)))
    frame = pd.DataFrame(rows, columns=["grid_code", "staff_id", "started_at", "ended_at", "households_visited"])
    frame.insert(0, "patrol_id", [f"PT{number:06d}" for number in range(1, len(frame) + 1)])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(tracks, crs=CRS), crs=CRS)
