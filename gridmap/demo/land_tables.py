"""The tables of the land, as dossier §5.2 has them: divisions, compounds, buildings, and beside them roads, waters, places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.demo import names
from gridmap.demo.ground import CRS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.demo.district import District

VALID_FROM = pd.Timestamp("2021-01-01").date()
PEOPLE_A_HOUSEHOLD = 2.61

_ROAD_WORDS = {"arterial": ("路", "大道"), "secondary": ("路",), "branch": ("街",), "alley": ("巷",)}


def build(district: District, rng: np.random.Generator) -> dict[str, gpd.GeoDataFrame]:
    """Make the tables; geometry column ``geom`` in EPSG:4549."""
    compounds, compound_of_block = _compounds(district, rng)
    tables = {
        "districts": _districts(district),
        "streets": _streets(district),
        "communities": _communities(district),
        "compounds": compounds,
        "buildings": _buildings(district, compounds, compound_of_block),
        "roads": _roads(district, rng),
        "waters": _waters(district),
        "places": _places(district),
    }
    tables["barriers"] = _barriers(tables)
    return tables


def _frame(columns: Mapping[str, object], shapes: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=CRS, name="geom"), crs=CRS).rename_geometry("geom")


def _districts(district: District) -> gpd.GeoDataFrame:
    outline = district.at(np.array([shapely.coverage_union_all(district.plan.blocks)], dtype=object))
    columns = {"district_code": [district.code], "name_zh": [district.name_zh]}
    return _dated(_frame(columns, outline))


def _dated(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame["valid_from"] = VALID_FROM
    frame["valid_to"] = pd.Series([None] * len(frame), dtype=object)
    return frame


def _streets(district: District) -> gpd.GeoDataFrame:
    known = names.streets()
    codes = district.divisions.street_codes
    columns = {
        "street_code": codes,
        "district_code": [district.code] * len(codes),
        "name_zh": [known[int(code[-3:]) - 1] for code in codes],
        "street_kind": ["street"] * len(codes),
    }
    return _dated(_frame(columns, district.at(district.divisions.streets)))


def _communities(district: District) -> gpd.GeoDataFrame:
    divided = district.divisions
    households = np.bincount(
        divided.block_community, weights=district.homes.block_households(), minlength=len(divided.community_codes)
    ).astype(int)
    size = np.array(
        [len(set(district.plan.kinds[divided.block_community == k]) & {"suburb", "industry"}) for k in range(len(households))]
    )
    columns = {
        "community_code": divided.community_codes,
        "street_code": [code[:9] for code in divided.community_codes],
        "name_zh": divided.community_names,
        "urban_rural_code": np.where(divided.community_rural, "220", np.where(size > 0, "112", "111")),
        "households": households,
        "resident_population": np.round(households * PEOPLE_A_HOUSEHOLD).astype(int),
    }
    return _dated(_frame(columns, district.at(divided.communities)))


def _compounds(district: District, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Make a compound of each block that is lived in; gives also its row for each block (-1 for none)."""
    households = district.homes.block_households()
    blocks = np.flatnonzero((district.homes.uses == "homes") & (households > 0))
    community = district.divisions.block_community[blocks]
    order = np.argsort(community, kind="stable")
    blocks, community = blocks[order], community[order]
    kinds = district.plan.kinds[blocks]
    count = pd.Series(community).groupby(community).cumcount().to_numpy() + 1
    old = np.isin(kinds, ["old_town"]) | ((kinds == "inner") & (rng.random(len(blocks)) < 0.7))
    village = np.isin(kinds, ["village", "hill", "island"])
    managed = ~village & (rng.random(len(blocks)) < np.where(old, 0.58, 0.97))
    kind = np.where(managed, np.where(old & (rng.random(len(blocks)) < 0.3), "community", "company"), "none")
    codes = np.array(district.divisions.community_codes, dtype=object)[community]
    given = names.compounds(rng, len(blocks), old=old)
    hamlets = [
        f"{name[:-1]}{number}组"
        for name, number in zip(np.array(district.divisions.community_names, dtype=object)[community], count, strict=True)
    ]
    columns = {
        "compound_id": [f"X{code}{number:03d}" for code, number in zip(codes, count, strict=True)],
        "community_code": codes,
        "name_zh": np.where(village, hamlets, given),
        "is_old": old,
        "has_property_mgmt": managed,
        "pm_kind": kind,
        "households": households[blocks],
    }
    row = np.full(len(households), -1)
    row[blocks] = np.arange(len(blocks))
    return _frame(columns, district.at(district.homes.plots[blocks])), row


def _buildings(district: District, compounds: gpd.GeoDataFrame, row: np.ndarray) -> gpd.GeoDataFrame:
    homes = district.homes
    of = row[homes.building_block]
    order = np.argsort(of, kind="stable")
    of = of[order]
    number = pd.Series(of).groupby(of).cumcount().to_numpy() + 1
    owner = compounds["compound_id"].to_numpy()[of]
    columns = {
        "building_id": [f"{compound}-{n:03d}" for compound, n in zip(owner, number, strict=True)],
        "compound_id": owner,
        "community_code": compounds["community_code"].to_numpy()[of],
        "units": homes.units[order],
        "households": homes.households[order],
    }
    return _frame(columns, district.at(homes.buildings[order]))


def _roads(district: District, rng: np.random.Generator) -> gpd.GeoDataFrame:
    roads = district.plan.roads
    numbers = rng.permutation(len(names.ROADS))
    found: list[str | None] = []
    named = 0
    for road in roads:
        if road.known_as:
            found.append(road.known_as)
        elif road.road_class == "alley":
            found.append(None)
        else:
            words = _ROAD_WORDS[road.road_class]
            turn, place = divmod(named, len(names.ROADS))
            found.append(f"{names.ROADS[numbers[place]]}{'东南西北中'[turn % 5] if turn else ''}{words[named % len(words)]}")
            named += 1
    columns = {
        "road_id": [f"R{district.code}{number:05d}" for number in range(1, len(roads) + 1)],
        "name_zh": found,
        "road_class": [road.road_class for road in roads],
    }
    return _frame(columns, district.at(np.array([road.line for road in roads], dtype=object)))


def _waters(district: District) -> gpd.GeoDataFrame:
    extent = shapely.coverage_union_all(district.plan.blocks)
    creek = shapely.buffer(district.ground.creek, 11)
    river = shapely.difference(district.ground.water, creek)
    shapes, found = [], []
    for name, shape in (("沧汐河（演示）", river), ("螺溪（演示）", shapely.intersection(creek, district.ground.land))):
        part = shapely.intersection(shape, extent)
        if part.area > 1:
            shapes.append(shapely.union_all([p for p in shapely.get_parts(part) if p.geom_type == "Polygon"]))
            found.append(name)
    columns = {"water_id": [f"W{district.code}{number:02d}" for number in range(1, len(shapes) + 1)], "name_zh": found}
    return _frame(columns, district.at(np.array(shapes, dtype=object)))


def _places(district: District) -> gpd.GeoDataFrame:
    """Say what the other blocks are for: markets, schools, parks, works, the port, the beach."""
    homes = district.homes
    blocks = np.flatnonzero((homes.uses != "homes") & (shapely.area(homes.plots) > 500))
    codes = np.array(district.divisions.community_codes, dtype=object)[district.divisions.block_community[blocks]]
    community = np.array(district.divisions.community_names, dtype=object)[district.divisions.block_community[blocks]]
    use = homes.uses[blocks]
    number = pd.Series(use).groupby([use, codes]).cumcount().to_numpy() + 1
    title = [
        f"{c.removesuffix('社区').removesuffix('村')}{names.PLACES[u]}{'' if n == 1 else n}"
        for c, u, n in zip(community, use, number, strict=True)
    ]
    columns = {
        "place_id": [f"P{code}{row:04d}" for row, code in enumerate(codes, 1)],
        "community_code": codes,
        "use": use,
        "name_zh": title,
    }
    return _frame(columns, district.at(homes.plots[blocks]))


def _barriers(tables: dict[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Lines a grid should not cross: railway, expressway, arterials and the river's middle is the nest's border already."""
    roads = tables["roads"]
    strong = roads[roads["road_class"].isin(["railway", "expressway", "arterial"])]
    return strong.reset_index(drop=True)
