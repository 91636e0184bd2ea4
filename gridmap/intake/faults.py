"""Find what is wrong with a department's layer before it is cleaned: where, how big, and what cleaning would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gridmap import codes
from gridmap import crs as systems
from gridmap.errors import InputError
from gridmap.finding import Finding
from gridmap.intake import detect
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from pyproj import CRS

    Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What still counts as drawn well enough.

    slack_m: how far a border may stray from the frame's without a remark; noise_m2: overlaps and gaps below are not listed;
    sliver_m: mean width (2 x area / perimeter) below which an area is a sliver; size_m2: smallest and largest area of a grid,
    None for a hundredth and a hundred times the median.
    """

    slack_m: float = 3.0
    noise_m2: float = 1.0
    sliver_m: float = 1.0
    size_m2: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The layer as it is looked at: valid areas in metres, their ids, what is tolerated."""

    shapes: Shapes
    ids: Shapes
    tolerances: Tolerances


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
    drawn = _Drawn(valid, ids, tolerances)
    tell(key("Looking at each grid"), 0.05)
    found = [*_rings(shapes, ids), *_forms(drawn), *_twice(valid, ids), *_sizes(drawn)]
    tell(key("Looking for overlaps"), 0.2)
    overlaps = list(_overlaps(drawn))
    found += overlaps
    tell(key("Looking for gaps and land outside"), 0.45)
    land = _union(valid, clean=not overlaps)
    if near is not None and len(near):
        units = near.to_crs(metric)
        frame = shapely.make_valid(units.geometry.to_numpy(), method="structure", keep_collapsed=False)
        found += _against_frame(drawn, land, frame, units)
    else:
        found += _gaps(_filled(land), land, tolerances)
    tell(key("Looking at compounds"), 0.85)
    if compounds is not None and len(compounds):
        found += _cuts(drawn, compounds.to_crs(metric))
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


def _forms(drawn: _Drawn) -> Iterator[Finding]:
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
                key("{grid} has {count} holes."),
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


def _sizes(drawn: _Drawn) -> Iterator[Finding]:
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


def _overlaps(drawn: _Drawn) -> Iterator[Finding]:
    """Find pairs that share land. Only grids whose edges do not match their neighbours' are compared."""
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    pieces = shapely.coverage_invalid_edges(shapes)
    suspect = np.flatnonzero(~shapely.is_empty(pieces))
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
            _areal(shared[place]),
            float(areas[place]),
            "m²",
            (one, other),
        )


def _union(shapes: Shapes, *, clean: bool) -> shapely.Geometry:
    """All the layer's land; edges of a layer without overlaps mostly match, which makes it fast."""
    if clean and shapely.coverage_is_valid(shapes):
        return shapely.coverage_union_all(shapes)
    return shapely.union_all(shapes)


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


def _against_frame(drawn: _Drawn, land: shapely.Geometry, frame: Shapes, units: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find gaps in the district, land outside it, borders of communities and streets crossed, codes of another parent."""
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    names, called = [str(name) for name in units.index], _called(units)
    district = shapely.union_all(frame)
    yield from _gaps(district, land, tolerances)
    outside = shapely.difference(shapes, district)
    for row in np.flatnonzero(_deep(outside, tolerances.slack_m)):
        yield Finding(
            "outside",
            "warning",
            key("{grid} reaches out of the district."),
            {"grid": ids[row]},
            key("Cleaning cuts it at the district's border."),
            _areal(outside[row]),
            float(shapely.area(outside[row])),
            "m²",
            (ids[row],),
        )
    tree = shapely.STRtree(frame)
    row, unit = tree.query(shapes, predicate="intersects")
    shared = shapely.intersection(shapes[row], frame[unit])
    deep = _deep(shared, tolerances.slack_m)
    row, unit, shared = row[deep], unit[deep], shared[deep]
    for grid in np.flatnonzero(np.bincount(row, minlength=len(shapes)) > 1):
        mine = np.flatnonzero(row == grid)
        order = mine[np.argsort(-shapely.area(shared[mine]), kind="stable")]
        rest = shapely.union_all(shared[order[1:]])
        within = [names[place] for place in unit[order]]
        said = [called[place] for place in unit[order]]
        streets = len({name[: codes.STREET] for name in within}) > 1 and all(is_code(name, codes.COMMUNITY) for name in within)
        message = key("{grid} crosses from {unit} into {others}.")
        yield Finding(
            "cross_street" if streets else "cross_community",
            "error" if streets else "warning",
            message,
            {"grid": ids[grid], "unit": said[0], "others": ", ".join(said[1:4])},
            key("Merging cuts it at the border of the community."),
            _areal(rest),
            float(shapely.area(rest)),
            "m²",
            (ids[grid],),
        )
    yield from _codes(shapes, ids, tree, names)


def _codes(shapes: Shapes, ids: Shapes, tree: shapely.STRtree, names: list[str]) -> Iterator[Finding]:
    """Find codes that are malformed, or name another community than the one the grid lies in; where ids are codes at all."""
    coded = np.array([is_code(name, codes.GRID) for name in ids])
    if coded.mean() < 0.5:
        return
    middles = shapely.point_on_surface(shapes)
    inside = dict(zip(*tree.query(middles, predicate="within"), strict=True))
    for row, name in enumerate(ids):
        unit = names[inside[row]] if row in inside else None
        if not coded[row]:
            message, values = key("{grid} is not a code of 15 digits."), {"grid": name}
        elif unit is not None and is_code(unit, codes.COMMUNITY) and codes.parent(name) != unit:
            message = key("{grid} lies in community {unit}, but its code names {parent}.")
            values = {"grid": name, "unit": unit, "parent": str(codes.parent(name))}
        else:
            continue
        remedy = key("Merging numbers the grids anew; the old code stays in the crosswalk.")
        yield Finding("code_mismatch", "warning", message, values, remedy, middles[row], ids=(name,))


def _cuts(drawn: _Drawn, compounds: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find compounds that lie in more than one grid."""
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    areas = shapely.make_valid(compounds.geometry.to_numpy(), method="structure", keep_collapsed=False)
    compound, row = shapely.STRtree(shapes).query(areas, predicate="intersects")
    shared = shapely.intersection(areas[compound], shapes[row])
    deep = _deep(shared, tolerances.slack_m)
    compound, row, shared = compound[deep], row[deep], shared[deep]
    names = _called(compounds)
    for place in np.flatnonzero(np.bincount(compound, minlength=len(areas)) > 1):
        mine = compound == place
        sizes = shapely.area(shared[mine])
        yield Finding(
            "cuts_compound",
            "warning",
            key("Compound {compound} is cut between {grids}."),
            {"compound": names[place], "grids": ", ".join(ids[row[mine]][:4])},
            key("Merging keeps a compound whole where it is given as a unit."),
            areas[place],
            float(sizes.sum() - sizes.max()),
            "m²",
            tuple(ids[row[mine]]),
        )


def _called(units: gpd.GeoDataFrame) -> list[str]:
    """Give what people call each unit: its name where it has one, else its id."""
    named = units["name_zh"] if "name_zh" in units else [None] * len(units)
    return [name if isinstance(name, str) and name else str(code) for code, name in zip(units.index, named, strict=True)]


def _deep(shapes: Shapes, slack_m: float) -> NDArray[np.bool_]:
    """Say which areas hold a circle wider than the slack: drawn there, not strayed there."""
    wide = 2 * shapely.area(shapes) > slack_m * shapely.length(shapes) / 2
    deep = np.zeros(len(shapes), dtype=bool)
    deep[wide] = ~shapely.is_empty(shapely.buffer(shapes[wide], -slack_m))
    return deep


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Give only the areas of what an overlay left."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def is_code(name: str, digits: int) -> bool:
    """Say whether a text is an official code of so many digits."""
    try:
        return codes.level(name) == codes.LEVELS[digits]
    except InputError:
        return False
