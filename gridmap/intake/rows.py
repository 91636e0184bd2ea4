"""Sort a file's geometries out row by row: what is kept, what is set aside, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import shapely

from gridmap.intake import curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINT, LINE, POLYGON, COLLECTION = 0, 1, 3, 7
_AREAS = (3, 6)
PIECE = 1000
"""Rows sorted at a time: no more of a large layer stands in memory as geometries, and that memory is used again."""

_LIMIT = 1e8
"""No coordinate of a map on Earth is farther from its origin, in metres or in degrees."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The numbers of the rows that are kept, their geometries as WKB, and for every remark its kind and its rows.

    vertices: how many all of the rows have.
    """

    kept: NDArray[np.int64]
    wkb: pa.ChunkedArray
    remarks: dict[str, NDArray[np.int64]]
    vertices: int


def sort(wkb: pa.ChunkedArray, *, polygons: bool) -> Sorted:
    """Make geometries of WKB and keep what a layer can hold; rows that nothing was done to come out byte by byte as they were.

    polygons: keep areas only, taking them out of collections; otherwise points and lines are kept too. Third dimensions are
    dropped, arcs become lines. Set aside: rows that cannot be parsed, have no geometry, or have a coordinate that is no place
    (NaN, infinite, beyond any map). Invalid rings are kept, with a remark: cleaning repairs them.
    """
    wkb = wkb.cast(pa.large_binary())
    shapes, curved = _parsed(np.asarray(wkb.to_numpy(), dtype=object))
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    changed, found = _sort(shapes, wkb.is_valid().to_numpy(), polygons=polygons)
    changed |= curved
    found["curved"] = curved & ~shapely.is_missing(shapes)
    missing = shapely.is_missing(shapes)
    kept = np.flatnonzero(~missing)
    if missing.any():
        wkb = wkb.take(pa.array(kept))
    fresh = {int(row): shapely.to_wkb(shapes[row]) for row in np.flatnonzero(changed & ~missing)}
    if fresh:
        wkb = pa.chunked_array(
            [[fresh.get(int(row), value) for row, value in zip(kept, wkb.to_pylist(), strict=True)]], wkb.type
        )
    remarks = {kind: np.flatnonzero(told) for kind, told in found.items()}
    return Sorted(kept, wkb, {kind: which for kind, which in remarks.items() if len(which)}, vertices)


def _parsed(wkb: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Make geometries of WKB, and say in which arcs were made lines."""
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore"), np.zeros(len(wkb), dtype=bool)
    except NotImplementedError:  # a geometry with arcs is among them
        if len(wkb) == 1:
            return np.array([curves.straight(wkb[0])], dtype=object), np.ones(1, dtype=bool)
    halves = [_parsed(part) for part in (wkb[: len(wkb) // 2], wkb[len(wkb) // 2 :])]
    return np.concatenate([shapes for shapes, _ in halves]), np.concatenate([curved for _, curved in halves])


def _sort(
    parsed: NDArray[np.object_], present: NDArray[np.bool_], *, polygons: bool
) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    """Sort geometries out in place: None where set aside; say which are other than they came, and all remarks."""
    remarks: dict[str, NDArray[np.bool_]] = {}
    remarks["damaged"] = present & shapely.is_missing(parsed)
    remarks["no_shape"] = ~present | (shapely.is_empty(parsed) & ~shapely.is_missing(parsed))
    parsed[remarks["no_shape"]] = None
    valid = shapely.is_valid(parsed)
    remarks["no_place"] = _no_place(parsed, valid)
    parsed[remarks["no_place"]] = None
    changed: NDArray[np.bool_] = np.logical_or(shapely.has_z(parsed), shapely.has_m(parsed))
    remarks["flattened"] = changed.copy()
    parsed[changed] = shapely.force_2d(parsed[changed])
    if polygons:
        kinds = shapely.get_type_id(parsed)
        other = ~np.isin(kinds, (*_AREAS, -1))
        for row in np.flatnonzero(kinds == COLLECTION):
            parsed[row] = _areas(parsed[row])
            valid[row], changed[row] = shapely.is_valid(parsed[row]), True
        parsed[other & (kinds != COLLECTION)] = None
        remarks["not_area"] = other & shapely.is_missing(parsed)
    remarks["invalid_geom"] = ~valid & ~shapely.is_missing(parsed)
    return changed, remarks


def _no_place(shapes: NDArray[np.object_], valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which shapes have a coordinate that is no place. A valid shape has finite coordinates; its bounds say the rest."""
    found: NDArray[np.bool_] = np.any(np.abs(shapely.bounds(shapes)) > _LIMIT, axis=1)
    suspects = np.flatnonzero(~valid & ~shapely.is_missing(shapes))
    coordinates, owner = shapely.get_coordinates(shapes[suspects], return_index=True)
    wrong = ~np.isfinite(coordinates).all(axis=1) | (np.abs(coordinates) > _LIMIT).any(axis=1)
    found[suspects[owner[wrong]]] = True
    return found


def _areas(collection: shapely.Geometry) -> shapely.Geometry | None:
    """Give the polygons of a collection as one multipolygon, however deep they lie."""
    parts, stack = [], [collection]
    while stack:
        inner = shapely.get_parts(stack.pop())
        parts += [part for part in inner if part.geom_type == "Polygon"]
        stack += [part for part in inner if part.geom_type in {"GeometryCollection", "MultiPolygon"}]
    return shapely.multipolygons(parts) if parts else None
