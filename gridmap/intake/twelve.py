"""The twelve merge checks (dossier §5.3) on a layer that was sent: which were made, and what they found beyond `faults`.

The checks are `merge.check`'s own, made for a merged plan. A department's layer breaks some of them nearly everywhere (its
edges miss its neighbours', its grids keep to another norm), so what they say of each grid is gathered into one finding a kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import codes, merge
from gridmap import crs as systems
from gridmap.errors import InputError
from gridmap.finding import Finding
from gridmap.intake import against, detect
from gridmap.intake.faults import MOST_IDS
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

CHECKS: dict[int, tuple[str, frozenset[str]]] = {
    1: (key("Valid rings"), frozenset({"invalid_geom"})),
    2: (key("Edges match"), frozenset({"mismatch"})),
    3: (key("No overlap"), frozenset({"overlap", "duplicate_geometry"})),
    4: (key("No gap"), frozenset({"gap"})),
    5: (key("Inside one community"), frozenset({"cross_community", "cross_street", "outside"})),
    6: (key("No compound or building cut"), frozenset({"cuts_compound", "cuts_building"})),
    7: (key("One part each"), frozenset({"multipart"})),
    8: (key("Households within the norm"), frozenset({"norm"})),
    9: (key("Every incident in one grid"), frozenset({"orphan_incidents"})),
    10: (key("Every old grid mapped"), frozenset({"not_mapped"})),
    11: (key("Codes in order"), frozenset({"code_order", "code_mismatch"})),
    12: (key("Four fixings and Party organisation"), frozenset({"four_fixings", "no_party_org"})),
}
"""Number, title (a catalogue key) and the kinds of finding that break it."""

_GATHERED = {"mismatch", "norm", "orphan_incidents", "not_mapped", "cuts_building", "duplicate_id"}
_FAULTS = frozenset({1, 2, 3, 4, 5, 6, 7})
"""Checks that `find_faults` makes."""


@dataclass(frozen=True, slots=True)
class District:
    """What is known of the district and can be held against a layer; whatever is None is not checked.

    communities: index = 12-digit code. roads: lines, to tell a layer's coordinate system by. compounds, buildings: index = id,
    buildings with a column households. incidents: points. norm: households low, high. crosswalk: layer, old_id, share_of_old
    of the plan in force, for this layer only. assignments: grid_code, staff_id, post, duties; party_orgs: grid_code. Frames in
    any CRS.
    """

    communities: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    compounds: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    incidents: gpd.GeoDataFrame | None = None
    norm: tuple[float, float] | None = None
    crosswalk: pd.DataFrame | None = None
    assignments: pd.DataFrame | None = None
    party_orgs: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Twelve:
    """What the checks found beside `find_faults`, and the numbers of those that could be made at all."""

    findings: list[Finding]
    made: frozenset[int]


def check(layer: gpd.GeoDataFrame, district: District, *, households: pd.Series | None = None) -> Twelve:
    """Make the twelve checks on a layer; places in the layer's own CRS.

    layer: polygons, index = id, with a CRS. households: of each grid (else those of the buildings in it). Checks 1, 2, 3 and 7
    are made by `find_faults`, 4 to 6 too where communities and compounds are known; their findings are not said again here.
    """
    made = {1, 2, 3, 4, 7} | ({6} if district.compounds is not None or district.buildings is not None else set())
    if district.communities is None or not len(district.communities):
        return Twelve([], frozenset(made))
    own = systems.require(layer, "layer")
    metric = own if systems.is_metric(own) else detect.metric(layer)
    grids, nest = _grids(layer, metric), gpd.GeoDataFrame(district.communities.to_crs(metric))
    grids["nest_id"] = _homes(grids, nest)
    made |= {5}
    weight = _households(grids, district, households)
    if district.norm is not None and weight is not None:
        grids["weight"] = weight
        made |= {8}
    coded = len(grids) > 0 and float(np.mean([against.is_code(code, codes.GRID) for code in grids["grid_code"]])) > 0.5
    made |= {9} if district.incidents is not None else set()
    made |= {10} if district.crosswalk is not None else set()
    made |= {11} if coded else set()
    known = coded and district.assignments is not None and district.party_orgs is not None
    made |= {12} if known else set()
    said = merge.check(
        grids,
        nest=nest,
        layers={} if district.crosswalk is None else {str(district.crosswalk["layer"].iloc[0]): grids.set_index("grid_code")},
        crosswalk=district.crosswalk,
        points=None if district.incidents is None else district.incidents.to_crs(metric),
        norm=district.norm if 8 in made else None,
        assignments=district.assignments if known else None,
        party_orgs=district.party_orgs if known else None,
        only=made - _FAULTS,
    )
    found = [*_gathered(said, len(grids), district.norm, coded=coded), *_buildings(grids, district.buildings, metric)]
    return Twelve(_back(found, metric, own), frozenset(made))


def times(finding: Finding) -> int:
    """Give how often something is wrong in a finding, which may gather several grids."""
    if finding.kind not in _GATHERED:
        return 1
    known = dict(finding.values)
    return int(str(known.get("count") or known.get("points") or 1))


def count(layer: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.Series:
    """Count the households of the buildings in each area, a building where its middle lies; index of the layer."""
    spots = buildings.to_crs(systems.require(layer, "layer")).geometry.representative_point().to_numpy()
    area, building = shapely.STRtree(spots).query(layer.geometry.to_numpy(), predicate="intersects")
    much = buildings["households"].fillna(0).to_numpy(dtype=np.float64)[building]
    return pd.Series(np.bincount(area, weights=much, minlength=len(layer)), index=layer.index)


def _grids(layer: gpd.GeoDataFrame, metric: CRS) -> gpd.GeoDataFrame:
    """Give the layer as merge.check takes grids."""
    moved = layer.to_crs(metric)
    shapes = shapely.make_valid(moved.geometry.to_numpy(), method="structure", keep_collapsed=False)
    if not np.isfinite(shapely.total_bounds(shapes)).all():
        raise InputError("The coordinates are not where their coordinate system says; they cannot be put into metres.")
    return gpd.GeoDataFrame({"grid_code": [str(name) for name in layer.index]}, geometry=shapes, crs=metric)


def _homes(grids: gpd.GeoDataFrame, nest: gpd.GeoDataFrame) -> list[str]:
    """Give the community in which the middle of each grid lies; of one in none, the nearest."""
    tree = shapely.STRtree(nest.geometry.to_numpy())
    return [str(nest.index[place]) for place in tree.nearest(grids.geometry.representative_point().to_numpy())]


def _households(grids: gpd.GeoDataFrame, district: District, given: pd.Series | None) -> pd.Series | None:
    if given is not None and given.notna().any():
        return pd.Series(pd.to_numeric(given, errors="coerce").to_numpy(), index=grids.index)
    if district.buildings is None or not len(district.buildings):
        return None
    return count(grids, district.buildings)


def _gathered(said: Sequence[Finding], of: int, norm: tuple[float, float] | None, *, coded: bool) -> list[Finding]:
    """Gather what the checks say of single grids; what `find_faults` says itself is left out."""
    found = []
    sizes = [one for one in said if one.kind == "size_out_of_range"]
    if sizes and norm is not None:
        message = key("{count} of {all} grids have fewer than {low:,.0f} or more than {high:,.0f} households.")
        remedy = key("Merging sizes the all-subject grids to the norm; the department's own may stay.")
        values = {"count": len(sizes), "all": of, "low": norm[0], "high": norm[1]}
        found.append(Finding("norm", "note", message, values, remedy, size=float(len(sizes)), unit="grids", ids=_ids(sizes)))
    for one in said:
        if one.kind == "orphan" and one.unit == "rows":
            remedy = key("Look whether the place or the boundary is wrong.")
            found.append(
                Finding(
                    "orphan_incidents",
                    "note",
                    one.message,
                    one.values,
                    remedy,
                    one.place,
                    one.size,
                    "incidents",
                    one.ids[:MOST_IDS],
                )
            )
    lost = [one for one in said if one.kind == "orphan" and one.unit != "rows"]
    if lost:
        message = key("{count:# grid is|# grids are} in no all-subject grid of the plan in force under these ids.")
        remedy = key("They come in with the next merge.")
        found.append(
            Finding(
                "not_mapped",
                "note",
                message,
                {"count": len(lost)},
                remedy,
                _together(lost),
                float(len(lost)),
                "grids",
                _ids(lost),
            )
        )
    kept = {"four_fixings", "no_party_org"} | ({"code_order"} if coded else set())
    return found + [one for one in said if one.kind in kept]


def _buildings(grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, metric: CRS) -> list[Finding]:
    """Find buildings that a border cuts: no side of it less than a tenth."""
    if buildings is None or not len(buildings):
        return []
    shapes, areas = grids.geometry.to_numpy(), buildings.to_crs(metric).geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    building, row = tree.query(areas, predicate="intersects")
    several = np.bincount(building, minlength=len(areas))[building] > 1
    building, row = building[several], row[several]
    share = shapely.area(shapely.intersection(areas[building], shapes[row])) / np.maximum(shapely.area(areas[building]), 1e-9)
    building, row = building[share > 0.1], row[share > 0.1]
    cut = np.flatnonzero(np.bincount(building, minlength=len(areas)) > 1)
    if not len(cut):
        return []
    message = key("{count:# building is|# buildings are} cut by a border, {example} for one.")
    remedy = key("Merging keeps a compound and its buildings whole where compounds are given.")
    names = tuple(str(buildings.index[place]) for place in cut[:MOST_IDS])
    values = {"count": len(cut), "example": names[0]}
    place = shapely.MultiPoint(list(shapely.point_on_surface(areas[cut])))
    return [Finding("cuts_building", "warning", message, values, remedy, place, float(len(cut)), "buildings", names)]


def _ids(found: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(name for one in found for name in one.ids)[:MOST_IDS]


def _together(found: Sequence[Finding]) -> shapely.Geometry | None:
    """Give the places as one shape, as they are: to join thousands of grids takes seconds, and shows no more."""
    places = [one.place for one in found if one.place is not None]
    parts = shapely.get_parts(np.array(places, dtype=object))
    if not len(parts):
        return None
    if (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON).all():
        return shapely.MultiPolygon(list(parts))
    return shapely.GeometryCollection(list(parts))


def _back(found: list[Finding], metric: CRS, own: CRS) -> list[Finding]:
    places = gpd.GeoSeries(np.array([one.place for one in found], dtype=object), crs=metric).to_crs(own)
    return [
        Finding(one.kind, one.severity, one.message, one.values, one.remedy, place, one.size, one.unit, one.ids)
        for one, place in zip(found, places, strict=True)
    ]
