"""Outlines of groups of pieces that change one step at a time: a group whose pieces stay is never worked out again."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridmap import crs
from gridmap.maps import held
from gridmap.maps.district import Outline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

VIEW_PX = 8000
"""As for other shapes: the pieces are simplified to what a map of this many pixels could show."""

MOST = 20_000
"""Groups whose outline is kept."""


class Groups:
    """The pieces of a coverage, simplified together once, and the outlines of groups of them."""

    def __init__(self, pieces: gpd.GeoDataFrame) -> None:
        """Take the pieces: polygons that are a valid coverage, any CRS. Raises InputError when they say none."""
        crs.require(pieces, "pieces")
        shapes = np.asarray(pieces.geometry.to_crs(crs.STORED).array)
        west, south, east, north = shapely.total_bounds(shapes)
        thin = shapely.coverage_simplify(shapes, float(np.hypot(east - west, north - south)) / VIEW_PX)
        self._pieces = np.where(shapely.is_empty(thin), shapes, thin)
        self._bounds = [round(float(side), 6) for side in (west, south, east, north)]
        self._known: OrderedDict[tuple[int, ...], tuple[str, list[float]]] = OrderedDict()

    def outline(self, groups: Mapping[str, Sequence[int]], names: Mapping[str, str] | None = None, **looks: Any) -> Outline:  # noqa: ANN401
        """Give the outline of groups (name -> positions of its pieces), with what is written in each. looks: Outline's own."""
        features = []
        for ident, pieces in groups.items():
            shape, at = self._group(tuple(pieces))
            properties: dict[str, Any] = {"at": at}
            if names is not None:
                properties["name"] = names[ident]
            features.append(
                f'{{"type":"Feature","id":{json.dumps(ident)},'
                f'"properties":{json.dumps(properties, ensure_ascii=False)},"geometry":{shape}}}'
            )
        body = f'{{"type":"FeatureCollection","bbox":{json.dumps(self._bounds)},"features":[{",".join(features)}]}}'
        return Outline(held.hold(body.encode()), **looks)

    def _group(self, pieces: tuple[int, ...]) -> tuple[str, list[float]]:
        """Give a group's shape as GeoJSON and a point inside it, for its name."""
        known = self._known.get(pieces)
        if known is None:
            parts = self._pieces[list(pieces)]
            whole = parts[0] if len(parts) == 1 else shapely.coverage_union_all(parts)
            centre = shapely.centroid(whole)
            inside = centre if shapely.contains(whole, centre) else shapely.point_on_surface(whole)
            drawn = shapely.to_geojson(shapely.transform(whole, lambda xy: xy.round(6)))
            known = self._known[pieces] = str(drawn), [round(inside.x, 6), round(inside.y, 6)]
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return known
