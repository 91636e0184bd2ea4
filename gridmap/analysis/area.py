"""One area's record: what a district, street, community or grid has, in one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmap import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.store import Store

FIXINGS = ("grid", "person", "post", "duty")
"""The four fixings 定格 定人 定岗 定责 (dossier R32)."""

_PEOPLE = {
    "division": "SELECT sum(households), sum(resident_population) FROM communities "
    "WHERE starts_with(community_code, $code) AND valid_to IS NULL",
    "grid": "SELECT households, resident_population FROM grids_now WHERE grid_code = $code",
}

_COUNTS = """
SELECT
  (SELECT count(*) FROM communities WHERE starts_with(community_code, $code) AND valid_to IS NULL) AS communities,
  (SELECT count(*) FROM grids_now WHERE starts_with(grid_code, $code)) AS grids,
  (SELECT sum(area_m2) FROM grids_now WHERE starts_with(grid_code, $code)) AS area_m2,
  (SELECT count(*) FROM compounds WHERE starts_with(community_code, left($code, 12))) AS compounds,
  (SELECT count(*) FROM grids_now g WHERE starts_with(grid_code, $code) AND EXISTS (
     SELECT 1 FROM party_orgs o
     WHERE o.grid_code = g.grid_code AND o.org_kind IN ('party_branch', 'party_group', 'joint_branch'))
  ) AS grids_with_party
"""

_POSTS = """
SELECT post, count(*) FILTER (staff_id IS NOT NULL) AS filled, count(*) FILTER (staff_id IS NULL) AS vacant,
  list(DISTINCT s.name_masked ORDER BY s.name_masked) FILTER (s.name_masked IS NOT NULL) AS names
FROM grid_assignments a LEFT JOIN staff s USING (staff_id)
WHERE starts_with(a.grid_code, $code) AND a.end_on IS NULL
GROUP BY post
"""

_FIXED = """
SELECT
  true AS grid,
  coalesce(bool_or(staff_id IS NOT NULL), false) AS person,
  coalesce(bool_or(staff_id IS NOT NULL AND post IS NOT NULL), false) AS post,
  coalesce(bool_or(staff_id IS NOT NULL AND len(duties) > 0), false) AS duty
FROM grid_assignments WHERE grid_code = $code AND end_on IS NULL
"""


@dataclass(frozen=True)
class Post:
    """How one kind of post is filled: people in it, vacant posts, and (masked) names."""

    filled: int
    vacant: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Area:
    """What belongs to one area now. None where the store has no figure.

    households, population, area_m2; counts of communities, grids and compounds; grids_with_party: grids with a Party branch
    or group (R29). posts: by kind of post. fixings: for a grid, which of the four are met, else empty.
    """

    code: str
    level: str
    households: int | None
    population: int | None
    area_m2: float | None
    communities: int
    grids: int
    compounds: int
    grids_with_party: int
    posts: Mapping[str, Post]
    fixings: Mapping[str, bool]


def area(store: Store, code: str) -> Area:
    """Look up an area of any level by its code: counts from the grids in force and the registers as they stand.

    Raises InputError when the code is no division or grid code, nor the 4 digits that the districts of a city share.
    """
    level = codes.LEVELS[codes.CITY] if len(code) == codes.CITY and code.isdecimal() else codes.level(code)
    cursor = store.cursor()
    here = {"code": code}
    people = cursor.execute(_PEOPLE["grid" if level == "grid" else "division"], here).fetchone() or (None, None)
    counts = _record(cursor.execute(_COUNTS, here))
    posts = {
        post: Post(filled, vacant, tuple(names or ()))
        for post, filled, vacant, names in cursor.execute(_POSTS, here).fetchall()
    }
    fixings = _record(cursor.execute(_FIXED, here)) if level == "grid" else {}
    return Area(
        code=code,
        level=level,
        households=people[0],
        population=people[1],
        area_m2=counts["area_m2"],
        communities=counts["communities"],
        grids=counts["grids"],
        compounds=counts["compounds"],
        grids_with_party=counts["grids_with_party"],
        posts=posts,
        fixings=fixings,
    )


def _record(cursor: Any) -> dict[str, Any]:  # noqa: ANN401  DuckDB's own cursor
    row = cursor.fetchone()
    return dict(zip((column[0] for column in cursor.description), row, strict=True))
