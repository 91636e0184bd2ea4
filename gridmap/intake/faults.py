"""Find what is wrong with a department's layer before it is cleaned: where, how big, and what cleaning would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gridmap import crs as systems
from gridmap.errors import InputError
from gridmap.finding import Finding
from gridmap.intake import against, detect
from gridmap.intake.drawn import Drawn, Tolerances, areal
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from pyproj import CRS

    from gridmap.intake.drawn import Shapes


MOST_IDS = 1000
"""Ids that a finding about many grids carries."""


def find_faults(
    layer: gpd.GeoDataFrame,
    *,
    near: gpd.GeoDataFrame | None = None,
    compounds: gpd.GeoDataFrame | None = None,
    tolerances: Tolerances | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> list[Finding]:
    """Give every fault of a layer, places in the layer's own CRS, sizes in m² or m.

    layer: polygons, index = id, with a CRS. near: the communities (index = 12-digit code where there are codes), in any CRS;
    without it gaps open to the outside, land outside, and borders crossed are not looked for. compounds: not to be cut. A
    column name_zh of either is what sentences call them.
    progress(stage, share) is told how far it is; what it raises ends the looking.
    Raises InputError when the layer has no CRS, or coordinates that its CRS cannot have.
    """
    tell = progress or (lambda _stage, _share: None)
    own = systems.require(layer, "layer")
    tolerances = tolerances or Tolerances()
    metric = own if systems.is_metric(own) else detect.metric(layer)
    moved = layer.to_crs(metric)
    if not np.isfinite(shapely.get_coordinates(moved.geometry.to_numpy())).all():
        raise InputError("The coordinates are not where their coordinate system says; they cannot be put into metres.")
    shapes, ids = moved.geometry.to_numpy(), np.array([str(name) for name in layer.index], dtype=object)
    valid = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    drawn = Drawn(valid, ids, tolerances)
    tell(key("Looking at each grid"), 0.05)
    found = [*_rings(shapes, ids), *_forms(drawn), *_twice(valid, ids), *_sizes(drawn)]
    tell(key("Looking for overlaps"), 0.2)
    edges = shapely.coverage_invalid_edges(valid)
    found += [*_mismatches(edges, ids), *_overlaps(drawn, edges)]
    tell(key("Looking for gaps and land outside"), 0.45)
    land = shapely.union_all(valid) if _unmatched(edges).any() else shapely.coverage_union_all(valid)
    if near is not None and len(near):
        units = near.to_crs(metric)
        frame = shapely.make_valid(units.geometry.to_numpy(), method="structure", keep_collapsed=False)
        district = shapely.union_all(frame)
        found += [*_gaps(district, land, tolerances), *against.find(drawn, units, frame, district)]
    else:
        found += _gaps(_filled(land), land, tolerances)
    tell(key("Looking at compounds"), 0.85)
    if compounds is not None and len(compounds):
        found += against.cuts(drawn, compounds.to_crs(metric))
    if metric == own:
        return found
    return _back(found, moved, own)


def _back(found: list[Finding], moved: gpd.GeoDataFrame, own: CRS) -> list[Finding]:
    """Bring the places back into the layer's own CRS."""
    places = gpd.GeoSeries(np.array([one.place for one in found], dtype=object), crs=moved.crs).to_crs(own)
    return [
        Finding(one.kind, one.severity, one.message, one.values, one.remedy, place, one.size, one.unit, one.ids)
        for one, place in zip(found, places, strict=True)
    ]


_RINGS = {
    "Self-intersection": key("The border of {grid} crosses itself."),
    "Ring Self-intersection": key("The border of {grid} touches itself: a ring runs through one place twice."),
    "Hole lies outside shell": key("A hole of {grid} lies outside it."),
    "Holes are nested": key("A hole of {grid} lies in another hole."),
    "Nested shells": key("A part of {grid} lies in another part of it."),
    "Interior is disconnected": key("Holes of {grid} cut it apart."),
    "Duplicate Rings": key("{grid} has the same ring twice."),
    "Too few points in geometry component": key("A ring of {grid} has too few vertices."),
}
"""What is wrong with a ring, by what GEOS calls it."""


def _rings(shapes: Shapes, ids: Shapes) -> Iterator[Finding]:
    for row in np.flatnonzero(~shapely.is_valid(shapes)):
        reason = str(shapely.is_valid_reason(shapes[row])).split("[")
        place = shapely.from_wkt(f"POINT ({reason[1].rstrip(']')})") if len(reason) > 1 else None
        message = _RINGS.get(reason[0].strip(), key("The border of {grid} is not a simple ring: {reason}."))
        yield Finding(
            "invalid_geom",
            "warning",
            message,
            {"grid": ids[row], "reason": reason[0].strip()},
            key("Cleaning repairs it and lists what changed."),
            place,
            ids=(ids[row],),
        )


def _forms(drawn: Drawn) -> Iterator[Finding]:
    """Find several parts, holes and slivers."""
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    areas, lengths = shapely.area(shapes), shapely.length(shapes)
    parts = shapely.get_num_geometries(shapes)
    for row in np.flatnonzero(parts > 1):
        pieces = shapely.get_parts(shapes[row])
        smaller = np.delete(pieces, int(np.argmax(shapely.area(pieces))))
        yield Finding(
            "multipart",
            "warning",
            key("{grid} lies in {count} separate parts."),
            {"grid": ids[row], "count": int(parts[row])},
            key("Cleaning keeps them one grid; merging makes each part an area of its own."),
            shapely.MultiPolygon(list(smaller)),
            float(shapely.area(smaller).sum()),
            "m²",
            (ids[row],),
        )
    pieces, owner = shapely.get_parts(shapes, return_index=True)
    for piece, row in zip(pieces, owner, strict=True):
        if piece.geom_type == "Polygon" and len(piece.interiors):
            holes = shapely.polygons(list(piece.interiors))
            yield Finding(
                "hole",
                "note",
                key("{grid} has {count:# hole|# holes}."),
                {"grid": ids[row], "count": len(holes)},
                key("A hole that no other grid fills is closed."),
                shapely.MultiPolygon(list(holes)),
                float(shapely.area(holes).sum()),
                "m²",
                (ids[row],),
            )
    width = np.divide(2 * areas, lengths, out=np.zeros_like(areas), where=lengths > 0)
    for row in np.flatnonzero((width < tolerances.sliver_m) & (lengths > 0)):
        yield Finding(
            "sliver",
            "warning",
            key("{grid} is a sliver, {width:.2f} m wide."),
            {"grid": ids[row], "width": float(width[row])},
            key("Merging joins it to the neighbour it borders on most."),
            shapes[row],
            float(areas[row]),
            "m²",
            (ids[row],),
        )


def _twice(shapes: Shapes, ids: Shapes) -> Iterator[Finding]:
    """Find areas that come under two ids."""
    seen: dict[bytes, int] = {}
    for row, form in enumerate(shapely.to_wkb(shapely.normalize(shapes))):
        first = seen.setdefault(form, row)
        if first != row and not shapely.is_empty(shapes[row]):
            yield Finding(
                "duplicate_geometry",
                "error",
                key("{grid} is the same area as {other}."),
                {"grid": ids[row], "other": ids[first]},
                key("Tell which of them is right; cleaning gives the land to one of them."),
                shapes[row],
                float(shapely.area(shapes[row])),
                "m²",
                (ids[first], ids[row]),
            )


def _sizes(drawn: Drawn) -> Iterator[Finding]:
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    areas = shapely.area(shapes)
    middle = float(np.median(areas)) if len(areas) else 0.0
    low, high = tolerances.size_m2 or (middle / 100, middle * 100)
    for row in np.flatnonzero((areas < low) | (areas > high)):
        yield Finding(
            "size_out_of_range",
            "note",
            key("{grid} has {area:,.0f} m², outside {low:,.0f} to {high:,.0f} m²."),
            {"grid": ids[row], "area": float(areas[row]), "low": low, "high": high},
            "",
            shapes[row],
            float(areas[row]),
            "m²",
            (ids[row],),
        )


def _unmatched(edges: Shapes) -> NDArray[np.bool_]:
    """Say which grids have edges that do not match their neighbours'."""
    return ~(shapely.is_missing(edges) | shapely.is_empty(edges))


def _mismatches(edges: Shapes, ids: Shapes) -> Iterator[Finding]:
    """Gather into one finding which borders do not match: in a layer as it was sent that is often nearly all of them."""
    rows = np.flatnonzero(_unmatched(edges))
    if len(rows):
        metres = float(shapely.length(edges[rows]).sum())
        yield Finding(
            "mismatch",
            "warning",
            key("The borders of {count} of {all} grids do not match their neighbours', over {metres:,.0f} m in all."),
            {"count": len(rows), "all": len(ids), "metres": metres},
            key("Cleaning makes every border one line that both neighbours share."),
            shapely.MultiLineString(list(shapely.get_parts(edges[rows]))),
            metres,
            "m",
            tuple(ids[rows[:MOST_IDS]]),
        )


def _overlaps(drawn: Drawn, edges: Shapes) -> Iterator[Finding]:
    """Find pairs that share land. Only grids whose edges do not match their neighbours' are compared."""
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    suspect = np.flatnonzero(_unmatched(edges))
    tree = shapely.STRtree(shapes[suspect])
    left, right = tree.query(shapes[suspect], predicate="intersects")
    pairs = np.stack([suspect[left], suspect[right]], axis=1)[left < right]
    shared = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    areas = shapely.area(shared)
    for place in np.flatnonzero(areas > tolerances.noise_m2):
        one, other = ids[pairs[place]]
        yield Finding(
            "overlap",
            "warning",
            key("{grid} and {other} overlap."),
            {"grid": one, "other": other},
            key("Cleaning gives the land to one of them, by department priority or the larger share."),
            areal(shared[place]),
            float(areas[place]),
            "m²",
            (one, other),
        )


def _filled(land: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(
        [shapely.Polygon(part.exterior) for part in shapely.get_parts(land) if part.geom_type == "Polygon"]
    )


def _gaps(frame: shapely.Geometry, land: shapely.Geometry, tolerances: Tolerances) -> Iterator[Finding]:
    holes = shapely.get_parts(shapely.difference(frame, land))
    for hole in holes[shapely.area(holes) > tolerances.noise_m2]:
        yield Finding(
            "gap",
            "warning",
            key("A gap that belongs to no grid."),
            {},
            key("Cleaning gives it to the neighbour with the longest border."),
            hole,
            float(shapely.area(hole)),
            "m²",
        )
