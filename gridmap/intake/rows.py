"""Sort a file's geometries out row by row: what is kept, what is set aside, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap.errors import IntakeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.intake.limits import Limits

POINT, LINE, POLYGON, COLLECTION = 0, 1, 3, 7
_AREAS = (3, 6)
_LIMIT = 1e8
"""No coordinate of a map on Earth is farther from its origin, in metres or in degrees."""


@dataclass(slots=True)
class Sorted:
    """Geometries row by row (None where set aside), and for every remark its kind and the rows it concerns."""

    shapes: NDArray[np.object_]
    remarks: dict[str, NDArray[np.int64]]


def sort(wkb: NDArray[np.object_], *, polygons: bool, name: str, limits: Limits) -> Sorted:
    """Make geometries of WKB and keep what a layer can hold.

    polygons: keep areas only, taking them out of collections; otherwise points and lines are kept too. Third dimensions are
    dropped. Set aside: rows that cannot be parsed, have no geometry, or have a coordinate that is no place (NaN, infinite,
    beyond any map). Invalid rings are kept, with a remark: cleaning repairs them.
    """
    remarks: dict[str, Any] = {}
    parsed = shapely.from_wkb(wkb, on_invalid="ignore")
    present = np.array([value is not None for value in wkb], dtype=bool)
    remarks["damaged"] = present & shapely.is_missing(parsed)
    remarks["no_shape"] = ~present | (shapely.is_empty(parsed) & ~shapely.is_missing(parsed))
    parsed[remarks["no_shape"]] = None
    if int(shapely.get_num_coordinates(parsed).sum()) > limits.vertices:
        raise IntakeError("{file} has more than {most} vertices.", file=name, most=limits.vertices)
    remarks["no_place"] = _no_place(parsed)
    parsed[remarks["no_place"]] = None
    remarks["flattened"] = shapely.has_z(parsed) | shapely.has_m(parsed)
    parsed = shapely.force_2d(parsed)
    if polygons:
        kinds = shapely.get_type_id(parsed)
        other = ~np.isin(kinds, (*_AREAS, -1))
        for row in np.flatnonzero(kinds == COLLECTION):
            parsed[row] = _areas(parsed[row])
        parsed[other & (kinds != COLLECTION)] = None
        remarks["not_area"] = other & shapely.is_missing(parsed)
    remarks["invalid_geom"] = ~shapely.is_valid(parsed) & ~shapely.is_missing(parsed)
    return Sorted(parsed, {kind: np.flatnonzero(rows) for kind, rows in remarks.items() if rows.any()})


def _no_place(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    wrong = ~np.isfinite(coordinates).all(axis=1) | (np.abs(coordinates) > _LIMIT).any(axis=1)
    found = np.zeros(len(shapes), dtype=bool)
    found[owner[wrong]] = True
    return found


def _areas(collection: shapely.Geometry) -> shapely.Geometry | None:
    """Give the polygons of a collection as one multipolygon, however deep they lie."""
    parts, stack = [], [collection]
    while stack:
        inner = shapely.get_parts(stack.pop())
        parts += [part for part in inner if part.geom_type == "Polygon"]
        stack += [part for part in inner if part.geom_type in {"GeometryCollection", "MultiPolygon"}]
    return shapely.multipolygons(parts) if parts else None
