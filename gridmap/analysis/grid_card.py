"""All there is to know about one grid for its card: staff by the four fixings, Party, six parties, duties, its centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import shapely

from gridmap import codes, crs
from gridmap.analysis import walking
from gridmap.analysis.parties import PARTIES
from gridmap.analysis.roads import Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gridmap.store import Store

_WORKERS = """
SELECT a.post, s.name_masked, s.is_party_member, a.duties, a.staff_id IS NOT NULL AS person, a.start_on
FROM grid_assignments a LEFT JOIN staff s USING (staff_id)
WHERE a.grid_code = $grid AND (a.end_on IS NULL OR a.end_on > current_date)
ORDER BY list_position(
  ['grid_head', 'full_time', 'part_time', 'party_secretary', 'police', 'enforcement', 'instructor'], a.post), a.assignment_id
"""

_PARTY = """
SELECT o.org_kind, o.name_zh, o.full_members, o.probationary_members, s.name_masked
FROM party_orgs o LEFT JOIN staff s ON s.staff_id = o.secretary_staff_id
WHERE o.grid_code = $grid ORDER BY o.party_org_id
"""

# As K/R11, but for the ground of one grid: what is the community's own counts for each of its grids; committees, companies and
# building leaders count where they stand.
_SIX = """
WITH here AS (
  SELECT DISTINCT b.compound_id FROM micro_units m JOIN buildings b USING (building_id) WHERE m.grid_code = $grid
)
SELECT
  EXISTS (SELECT 1 FROM party_orgs WHERE community_code = $community AND grid_code IS NULL AND property_company_id IS NULL),
  EXISTS (SELECT 1 FROM communities WHERE community_code = $community AND committee_director_staff_id IS NOT NULL),
  EXISTS (SELECT 1 FROM owners_committees JOIN here USING (compound_id) WHERE kind = 'owners_committee'),
  EXISTS (SELECT 1 FROM compounds JOIN here USING (compound_id) WHERE property_company_id IS NOT NULL),
  EXISTS (SELECT 1 FROM micro_units WHERE grid_code = $grid AND leader_staff_id IS NOT NULL),
  EXISTS (SELECT 1 FROM service_centres WHERE community_code = $community)
"""

_CENTRES = """
SELECT centre_id, coalesce(name_zh, centre_id) AS name_zh, floor_area_m2, community_code, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM service_centres WHERE geom IS NOT NULL AND centre_level = 'community' ORDER BY centre_id
"""

_UNITS = """
SELECT count(*), count(leader_staff_id), count(DISTINCT building_id) FROM micro_units WHERE grid_code = $grid
"""


@dataclass(frozen=True)
class Worker:
    """One post of a grid. name is masked, None where the post is vacant. duties: ids of the six."""

    post: str
    name: str | None
    is_party: bool
    duties: tuple[str, ...]

    @property
    def fixings(self) -> Mapping[str, bool]:
        """Say which of the four fixings this post meets: grid, person, post, duty (dossier R32)."""
        person = self.name is not None
        return {"grid": True, "person": person, "post": person, "duty": person and bool(self.duties)}


@dataclass(frozen=True)
class Organisation:
    """A Party branch or group on the grid, with its secretary's masked name (None: vacant) and its members."""

    kind: str
    name: str
    secretary: str | None
    members: int


@dataclass(frozen=True)
class Walk:
    """A way on foot: metres, and by ``road`` (the network's shortest way, with both ends' way to it) or ``line``."""

    metres: float
    by: Literal["road", "line"]


@dataclass(frozen=True)
class WaysToCentres:
    """The communities' centres, where they stand in a metric CRS (EPSG code), and the roads that lead to them, if any."""

    centres: pd.DataFrame
    spots: np.ndarray
    network: Network | None
    metric: int


@dataclass(frozen=True)
class Centre:
    """The service centre in charge of a grid: its community's own, else the nearest (own is False), and the way to it."""

    id: str
    name: str
    area_m2: float | None
    own: bool
    walk: Walk


@dataclass(frozen=True)
class GridCard:
    """What a grid's card shows. six: which of PARTIES are there; units, led, buildings: micro units, those with a leader."""

    workers: tuple[Worker, ...]
    organisations: tuple[Organisation, ...]
    six: Mapping[str, bool]
    centre: Centre | None
    units: int
    led: int
    buildings: int


def ways_to_centres(store: Store) -> WaysToCentres:
    """Make what is needed to measure the way to every community's centre: to be kept as long as roads and centres stay."""
    centres = store.cursor().execute(_CENTRES).df()
    if centres.empty:
        return WaysToCentres(centres, np.empty(0, object), None, 0)
    metric = crs.zone(float(centres["lon"].median()))
    spots = _metric(np.asarray(gpd.points_from_xy(centres["lon"], centres["lat"])), metric)
    roads = walking.ways_on_foot(store, metric)
    return WaysToCentres(centres, spots, Network(roads, spots) if len(roads) else None, metric)


def grid_card(store: Store, code: str, *, ways: WaysToCentres, at: shapely.Point) -> GridCard:
    """Look up a grid's card. at: the point to walk from (EPSG:4490), inside the grid."""
    cursor = store.cursor()
    here = {"grid": code}
    community = code[: codes.COMMUNITY]
    workers = tuple(
        Worker(post, (name or "—") if person else None, bool(party), tuple(duties or ()))
        for post, name, party, duties, person, _ in cursor.execute(_WORKERS, here).fetchall()
    )
    organisations = tuple(
        Organisation(kind, name or "", secretary, (full or 0) + (probationary or 0))
        for kind, name, full, probationary, secretary in cursor.execute(_PARTY, here).fetchall()
    )
    answers = cursor.execute(_SIX, here | {"community": community}).fetchone() or ()
    units, led, buildings = cursor.execute(_UNITS, here).fetchone() or (0, 0, 0)
    centre = _centre(ways, community, at)
    return GridCard(workers, organisations, dict(zip(PARTIES, map(bool, answers), strict=True)), centre, units, led, buildings)


def _centre(ways: WaysToCentres, community: str, at: shapely.Point) -> Centre | None:
    if ways.centres.empty:
        return None
    start = _metric(np.array([at], dtype=object), ways.metric)
    straight = shapely.distance(start, ways.spots)
    own = np.flatnonzero(ways.centres["community_code"] == community)
    among = own if len(own) else np.array([int(straight.argmin())])
    walks = []
    for place in among:
        by_road = np.inf
        if ways.network is not None:
            along = ways.network.around(ways.network.goals[[place]], np.inf)[0]
            by_road = float(ways.network.feet(start).reached(along)[0])
        walks.append(Walk(by_road, "road") if np.isfinite(by_road) else Walk(float(straight[place]), "line"))
    best = min(range(len(walks)), key=lambda n: walks[n].metres)
    row = ways.centres.iloc[int(among[best])]
    area = None if np.isnan(row["floor_area_m2"]) else float(row["floor_area_m2"])
    return Centre(row["centre_id"], row["name_zh"], area, bool(len(own)), walks[best])


def _metric(points: np.ndarray, metric: int) -> np.ndarray:
    return np.asarray(gpd.GeoSeries(points, crs=crs.STORED).to_crs(metric).array)
