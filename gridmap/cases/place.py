"""Place decides: a point or an address gives grid, community, street, the people of the grid and who leads the matter there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap import codes, store
from gridmap.cases.remembered import remembered
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gridmap.store import Store


@dataclass(frozen=True)
class Where:
    """A place: its point (EPSG:4490, None where only a division is known), its tile, and every code that holds it."""

    lon: float | None = None
    lat: float | None = None
    cell: int | None = None
    grid: str | None = None
    community: str | None = None
    street: str | None = None
    name: str = ""

    @property
    def code(self) -> str | None:
        """Give the smallest code that is known."""
        return self.grid or self.community or self.street


def locate(db: Store, said: Mapping[str, Any]) -> Where:
    """Give the place that lon and lat, or an address, or a place code name; they are looked at in this order.

    Raises CaseError when nothing is said, when the point lies outside the district, or when no or several places have the name.
    """
    if said.get("lon") is not None and said.get("lat") is not None:
        return at(db, float(said["lon"]), float(said["lat"]))
    if said.get("place"):
        return _division(db, str(said["place"]))
    if not said.get("address"):
        raise CaseError("Say where it is: a point on the map, an address, or a community.")
    text = str(said["address"]).strip()
    found = named(db, text)
    exact = found[found["name"] == text]
    found = exact if len(exact) else found
    if found.empty:
        raise CaseError("No place called {address} is known; set a point on the map.", address=text)
    if len(set(found["community"])) > 1:
        raise CaseError("Several places are called {address}; set a point on the map.", address=text)
    return at(db, float(found.iloc[0]["lon"]), float(found.iloc[0]["lat"]))


def at(db: Store, lon: float, lat: float) -> Where:
    """Give the place of a point. Raises CaseError when it lies in no community of the district."""
    x, y = np.array([lon]), np.array([lat])
    version = remembered(db, "version now", ("grid_periods",), db.version_now)
    grid = _code(db, version, x, y) if version is not None else None
    community = grid[: codes.COMMUNITY] if grid else _code(db, None, x, y)
    if community is None:
        raise CaseError("The point {lat}, {lon} lies outside the district.", lat=f"{lat:.5f}", lon=f"{lon:.5f}")
    tile = int(store.tiles(x, y)[0])
    return Where(round(lon, 7), round(lat, 7), tile, grid, community, community[: codes.STREET], _name(db, community))


def named(db: Store, text: str, *, most: int = 20) -> pd.DataFrame:
    """List places by name, the shortest name first: columns name, kind, community, lon, lat."""
    return (
        db.cursor()
        .execute(
            """
            WITH places AS (
                SELECT name_zh AS name, 'compound' AS kind, community_code AS community, geom FROM compounds
                UNION ALL SELECT name_zh, 'centre', community_code, geom FROM service_centres
                UNION ALL SELECT name_zh, 'community', community_code, geom FROM communities
            )
            SELECT name, kind, community, ST_X(point) AS lon, ST_Y(point) AS lat
            FROM (SELECT *, ST_PointOnSurface(geom) AS point FROM places WHERE geom IS NOT NULL AND name IS NOT NULL)
            WHERE contains(name, $text) OR contains($text, name)
            ORDER BY length(name), kind, name LIMIT $most""",
            {"text": text, "most": most},
        )
        .df()
    )


def people(db: Store, grid: str | None) -> pd.DataFrame:
    """List who has a post on a grid today: columns post, staff_id, name; grid heads first."""
    return (
        db.cursor()
        .execute(
            """
            SELECT a.post, a.staff_id, s.name_masked AS name FROM grid_assignments a LEFT JOIN staff s USING (staff_id)
            WHERE a.grid_code = ? AND a.staff_id IS NOT NULL AND (a.end_on IS NULL OR a.end_on > ?::DATE)
            ORDER BY list_position(['grid_head', 'full_time', 'part_time', 'enforcement', 'police'], a.post), a.staff_id""",
            [grid, store.now()],
        )
        .df()
    )


def _division(db: Store, code: str) -> Where:
    if len(code) == codes.GRID:
        version = db.version_now()
        row = db.cursor().execute("SELECT 1 FROM grids_unified WHERE version = ? AND grid_code = ?", [version, code]).fetchone()
        if row:
            community = code[: codes.COMMUNITY]
            return Where(grid=code, community=community, street=code[: codes.STREET], name=_name(db, community))
    elif len(code) == codes.COMMUNITY and _name(db, code):
        return Where(community=code, street=code[: codes.STREET], name=_name(db, code))
    raise CaseError("There is no grid or community {code}.", code=code)


def _code(db: Store, version: int | None, lon: np.ndarray, lat: np.ndarray) -> str | None:
    index = db.index(version)
    if index is None:
        return None
    found = int(index.locate(lon, lat)[0])
    return None if found < 0 else str(index.codes[found])


def _name(db: Store, community: str) -> str:
    text = "SELECT community_code, name_zh FROM communities"
    names = remembered(db, "community names", ("communities",), lambda: dict(db.cursor().execute(text).fetchall()))
    return names.get(community) or ""
