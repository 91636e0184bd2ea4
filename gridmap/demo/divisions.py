"""Streets and communities: superblocks grouped to eight streets, blocks grouped to communities, each with its code and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.demo import grouping, names

if TYPE_CHECKING:
    from gridmap.demo.blocks import Plan
    from gridmap.demo.ground import Ground
    from gridmap.demo.homes import Homes

DISTRICT_CODE = "990199"
"""No province has the number 99: a code that can never be a real district's."""

SEATS = [(-1100, -1000), (-4600, -1000), (1000, -1500), (2900, -100), (-600, 1500), (4600, -1700), (-3600, 2500), (3700, 2500)]
"""Where each street's office lies (local metres), in the order of the codes 001-008."""

_REACH_M = np.array([0.0, 200, 0, 400, 300, 200, 500, 800])
"""How much farther than the others a street reaches: their sizes differ as real ones do."""

_MOST = np.array([2_050.0, 4_200_000.0])
"""Households and square metres of the largest community."""

_LEAST_TOWN, _LEAST_RURAL = 850, 200
RURAL = ("village", "hill", "island")


@dataclass
class Divisions:
    """Which street and community each block belongs to; codes, names and outlines of both, coverages of the ground."""

    block_street: np.ndarray
    block_community: np.ndarray
    street_codes: list[str]
    community_codes: list[str]
    community_names: list[str]
    community_rural: np.ndarray
    streets: np.ndarray
    communities: np.ndarray
    touching: grouping.Borders


def group(ground: Ground, plan: Plan, homes: Homes, rng: np.random.Generator, *, district: str = DISTRICT_CODE) -> Divisions:
    """Group superblocks to streets and blocks to communities; a community never crosses a street.

    block_street counts from 0 in the order of the street codes present.
    """
    households = homes.block_households()
    sizes = np.column_stack([households, shapely.area(plan.blocks)])
    of_root = street_of(ground, np.array([root.shape for root in plan.roots], dtype=object))
    present, of_root = np.unique(of_root, return_inverse=True)
    street = np.empty(len(plan.blocks), int)
    for root, number in zip(plan.roots, of_root, strict=True):
        street[grouping.blocks_of(root)] = number
    touching = grouping.borders(plan.blocks, ground.river)
    rural = np.isin(plan.kinds, RURAL)
    part = grouping.pieces(plan.roots, sizes, _MOST, street)
    part = grouping.merge_small(
        part,
        within=street,
        sizes=households,
        least=np.where(rural, _LEAST_RURAL, _LEAST_TOWN),
        most=_MOST[0] * 1.1,
        touching=touching,
        alike=rural,
    )
    codes = [f"{district}{number + 1:03d}" for number in present]
    return _name(plan, part, street, rural, touching, rng, codes)


def street_of(ground: Ground, quarters: np.ndarray) -> np.ndarray:
    """Give each superblock to the street office it is nearest to; the river counts as a kilometre."""
    middles = grouping.middles(quarters)
    cost = np.empty((len(middles), len(SEATS)))
    for number, seat in enumerate(SEATS):
        way = shapely.linestrings(np.stack([middles, np.broadcast_to(np.array(seat, float), middles.shape)], axis=1))
        cost[:, number] = np.hypot(*(middles - seat).T) - _REACH_M[number] + 1000 * shapely.crosses(way, ground.river)
    return np.asarray(np.argmin(cost, axis=1))


def _name(  # noqa: PLR0917  # private, called once
    plan: Plan,
    part: np.ndarray,
    street: np.ndarray,
    rural: np.ndarray,
    touching: grouping.Borders,
    rng: np.random.Generator,
    street_codes: list[str],
) -> Divisions:
    """Count communities from north to south, west to east in each street; villages count from 201."""
    merged = grouping.dissolve(plan.blocks, part)
    _, first = np.unique(part, return_index=True)
    of_street = street[first]
    areas = shapely.area(plan.blocks)
    village = np.bincount(part, weights=np.where(rural, areas, 0)) * 2 > np.bincount(part, weights=areas)
    middle = shapely.get_coordinates(shapely.centroid(merged))
    order = np.lexsort((middle[:, 0], -np.round(middle[:, 1] / 900), village, of_street))
    codes: list[str] = []
    seen: dict[tuple[int, bool], int] = {}
    for p in order:
        key = (int(of_street[p]), bool(village[p]))
        seen[key] = seen.get(key, 0) + 1
        codes.append(f"{street_codes[key[0]]}{(200 if key[1] else 0) + seen[key]:03d}")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return Divisions(
        block_street=street,
        block_community=rank[part],
        street_codes=street_codes,
        community_codes=codes,
        community_names=names.communities(rng, [bool(v) for v in village[order]]),
        community_rural=village[order],
        streets=grouping.dissolve(plan.blocks, street),
        communities=merged[order],
        touching=touching,
    )
