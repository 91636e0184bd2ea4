"""Staff under masked names: community workers, building leaders, members, volunteers, enforcement, police."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.demo import names

if TYPE_CHECKING:
    import geopandas as gpd

KINDS = ("community_worker", "building_leader", "party_member", "volunteer", "enforcement", "police", "instructor")
"""Kinds of staff. Community workers are the full-time grid workers, leaders, members and volunteers the part-time ones."""

_A_MICRO_UNIT = 6
"""A building with fewer households has no leader of its own."""


@dataclass
class Staff:
    """Everybody, and where to find them.

    table: the staff table; full_time, part_time: for each community the first row and the number of its people in ``table``;
    enforcement: the same for each street; leader: the row of each building's leader (-1 for none).
    """

    table: pd.DataFrame
    full_time: np.ndarray
    part_time: np.ndarray
    enforcement: np.ndarray
    leader: np.ndarray


def hire(land: dict[str, gpd.GeoDataFrame], rng: np.random.Generator) -> Staff:
    """Hire: one community worker for about 350 households, a leader a building, some members and volunteers."""
    communities, streets, buildings = land["communities"], land["streets"], land["buildings"]
    codes = communities["community_code"].to_numpy()
    households = communities["households"].to_numpy()
    workers = np.maximum(4, np.round(households / rng.uniform(300, 430, len(codes)))).astype(int) + 1
    helpers = np.maximum(3, np.round(households / 160)).astype(int)
    has_leader = (buildings["households"].to_numpy() >= _A_MICRO_UNIT) & (rng.random(len(buildings)) < 0.93)
    in_street = rng.integers(9, 19, len(streets))
    groups = [
        ("community_worker", np.repeat(codes, workers)),
        ("helper", np.repeat(codes, helpers)),
        ("building_leader", buildings["community_code"].to_numpy()[has_leader]),
        ("enforcement", np.repeat(_seat(codes, streets), in_street)),
        ("police", np.repeat(codes, 1)),
        ("instructor", np.repeat(_seat(codes, streets), 2)),
    ]
    kind = np.concatenate([np.full(len(at), name, dtype=object) for name, at in groups])
    helper = kind == "helper"
    kind[helper] = rng.choice(["party_member", "volunteer"], int(helper.sum()))
    count = len(kind)
    member = {"community_worker": 0.46, "building_leader": 0.31, "party_member": 1.0, "volunteer": 0.12, "enforcement": 0.55}
    share = np.array([member.get(str(name), 0.8) for name in kind])
    hired = np.datetime64("2026-09-30") - rng.integers(60, 4200, count).astype("timedelta64[D]")
    left = (kind == "community_worker") & (rng.random(count) < 0.035)
    certified = np.where(kind == "community_worker", rng.random(count) < 0.57, rng.random(count) < 0.03)
    starts = np.concatenate([[0], np.cumsum([len(at) for _, at in groups])])
    leader = np.full(len(buildings), -1)
    leader[has_leader] = starts[2] + np.arange(int(has_leader.sum()))
    first_worker = _runs(workers, starts[0])
    left[first_worker[:, 0]] = False
    table = pd.DataFrame(
        {
            "staff_id": [f"S{number:07d}" for number in range(1, count + 1)],
            "name_masked": names.people(rng, count),
            "is_party_member": rng.random(count) < share,
            "staff_kind": kind,
            "community_code": np.concatenate([at for _, at in groups]),
            "cert_social_worker": certified,
            "hired_on": hired.astype("datetime64[s]"),
            "left_on": np.where(
                left, np.datetime64("2026-11-01") - rng.integers(1, 59, count).astype("timedelta64[D]"), np.datetime64("NaT")
            ).astype("datetime64[s]"),
        }
    )
    table.loc[first_worker[:, 0], "is_party_member"] = True
    for column in ("hired_on", "left_on"):
        table[column] = table[column].dt.date.astype(object).where(table[column].notna(), None)
    return Staff(table, first_worker, _runs(helpers, starts[1]), _runs(in_street, starts[3]), leader)


def _seat(codes: np.ndarray, streets: gpd.GeoDataFrame) -> np.ndarray:
    """Give each street the community its office lies in: its first."""
    prefix = np.array([code[:9] for code in codes])
    return np.array([codes[np.flatnonzero(prefix == street)[0]] for street in streets["street_code"]], dtype=object)


def _runs(counts: np.ndarray, start: int) -> np.ndarray:
    return np.column_stack([start + np.concatenate([[0], np.cumsum(counts)[:-1]]), counts])


def heads(communities: gpd.GeoDataFrame, staff: Staff, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Give each community its secretary and its director: one person, but for a few that still have two."""
    ids = staff.table["staff_id"].to_numpy()
    first = staff.full_time[:, 0]
    two = rng.random(len(communities)) < 0.06
    filled = communities.copy()
    filled["party_secretary_staff_id"] = ids[first]
    filled["committee_director_staff_id"] = ids[np.where(two, first + 1, first)]
    return filled


def micro_units(buildings: gpd.GeoDataFrame, staff: Staff) -> pd.DataFrame:
    """Make a micro unit of each stairwell; households are spread over the stairwells of a building.

    grid_code stays empty until a plan is published.
    """
    large = np.flatnonzero(buildings["households"].to_numpy() >= _A_MICRO_UNIT)
    units = buildings["units"].to_numpy()[large]
    households = buildings["households"].to_numpy()[large]
    row = np.repeat(np.arange(len(large)), units)
    number = np.arange(len(row)) - np.repeat(np.cumsum(units) - units, units) + 1
    share, rest = np.divmod(households, units)
    ids = np.array([*staff.table["staff_id"], None], dtype=object)
    building = buildings["building_id"].to_numpy()[large][row]
    return pd.DataFrame(
        {
            "micro_unit_id": [f"{b}-{n}" for b, n in zip(building, number, strict=True)],
            "grid_code": pd.Series([None] * len(row), dtype=object),
            "building_id": building,
            "unit_no": [f"{n}单元" for n in number],
            "households": share[row] + (number <= rest[row]),
            "leader_staff_id": ids[staff.leader[large]][row],
        }
    )
