"""Frames → the GeoJSON a map fetches once: longitude and latitude, simplified without opening gaps, exact to a decimetre."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap import crs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

_VIEW_PX = 8000
"""A shape is simplified to what a map of this many pixels could show: about three zoom steps beyond the first view."""

_COARSE_PX = 2500
"""The same for shapes that are shown from afar only: a little more than the first view."""


def shapes(
    frame: gpd.GeoDataFrame,
    *,
    code: str = "code",
    name: str | None = "name_zh",
    rank: str | None = None,
    more: Sequence[Mapping[str, Any]] = (),
    coarse: bool = False,
) -> bytes:
    """Give a frame as GeoJSON bytes, in the order of the frame's rows, each feature's id being its ``code``.

    frame: polygons or lines in any CRS. code, name, rank: its columns; ``code`` may be missing, then the index is taken.
    more: further properties of each row, in order. coarse: simplified for the first view only. Properties: those, ``name``,
    ``at`` (a point inside, for the label), ``rank``. Polygons are simplified together as a coverage
    (shapely.coverage_simplify: shared edges stay shared), lines one by one. Raises InputError when the frame has no CRS.
    """
    crs.require(frame, "shapes")
    wide = frame.to_crs(crs.STORED)
    geometry = np.asarray(wide.geometry.array)
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    bounds = shapely.total_bounds(geometry[present]) if present.any() else np.zeros(4)
    thin = _simplify(
        geometry, present, float(np.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])) / (_COARSE_PX if coarse else _VIEW_PX)
    )
    at = _label_points(geometry, present)
    ids = wide.get(code, wide.index)
    names = wide[name] if name and name in wide else None
    ranks = wide[rank] if rank and rank in wide else None
    drawn = shapely.to_geojson(shapely.transform(thin, lambda xy: xy.round(6)))
    features = []
    for position, ident in enumerate(ids):
        properties: dict[str, Any] = dict(more[position]) if more else {}
        if names is not None and isinstance(names.iloc[position], str):
            properties["name"] = names.iloc[position]
        if ranks is not None:
            properties["rank"] = int(ranks.iloc[position])
        if at[position] is not None:
            properties["at"] = at[position]
        shape = drawn[position] if present[position] else "null"
        features.append(f'{{"type":"Feature","id":{_json(str(ident))},"properties":{_json(properties)},"geometry":{shape}}}')
    bbox = [round(float(b), 6) for b in bounds]
    return f'{{"type":"FeatureCollection","bbox":{_json(bbox)},"features":[{",".join(features)}]}}'.encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _simplify(geometry: np.ndarray, present: np.ndarray, tolerance: float) -> np.ndarray:
    thin = geometry.copy()
    if not present.any() or tolerance <= 0:
        return thin
    areal = present & np.isin(shapely.get_type_id(geometry), (3, 6))
    if areal.any():
        thin[areal] = shapely.coverage_simplify(geometry[areal], tolerance)
    other = present & ~areal
    thin[other] = shapely.simplify(geometry[other], tolerance)
    lost = present & shapely.is_empty(thin)
    thin[lost] = geometry[lost]
    return thin


def _label_points(geometry: np.ndarray, present: np.ndarray) -> list[list[float] | None]:
    """Give a point well inside each polygon: the centroid where it lies inside, else a point of its surface."""
    points: list[list[float] | None] = [None] * len(geometry)
    areal = np.flatnonzero(present & np.isin(shapely.get_type_id(geometry), (3, 6)))
    centre = shapely.centroid(geometry[areal])
    outside = ~shapely.contains(geometry[areal], centre)
    centre[outside] = shapely.point_on_surface(geometry[areal][outside])
    for position, (x, y) in zip(areal, shapely.get_coordinates(centre), strict=True):
        points[position] = [round(float(x), 6), round(float(y), 6)]
    return points
