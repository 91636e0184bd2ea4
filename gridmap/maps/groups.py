"""Groups of the areas on a map, outlined where they are shown: the shapes are there, so only who belongs where travels."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gridmap import crs
from gridmap.maps import figures
from gridmap.maps.district import AreaLayer, Outline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

MOST = 20_000
"""Groups of which it is kept where their name stands."""


class Groups:
    """The pieces of a coverage that an area layer shows, and where groups of them have their names."""

    def __init__(self, pieces: gpd.GeoDataFrame) -> None:
        """Take the pieces in the order of the layer: polygons, any CRS. Raises InputError when they say none."""
        crs.require(pieces, "pieces")
        self._pieces = np.asarray(pieces.geometry.to_crs(crs.STORED).array)
        self._middle = shapely.get_coordinates(shapely.centroid(self._pieces))
        self._area = shapely.area(self._pieces)
        self._known: OrderedDict[tuple[int, ...], tuple[float, float]] = OrderedDict()

    def outline(
        self,
        shown: AreaLayer,
        groups: Mapping[str, Sequence[int]],
        names: Mapping[str, str] | None = None,
        **looks: Any,  # noqa: ANN401
    ) -> Outline:
        """Give the outline of groups (name -> positions of its pieces), with what is written in each.

        shown: the layer of these pieces, whose shapes the browser has. A piece lies in one group or none. looks: Outline's own.
        """
        numbers = np.full(len(self._pieces), np.nan)
        for number, pieces in enumerate(groups.values()):
            numbers[list(pieces)] = number
        written = () if names is None else tuple((names[name], *self._at(tuple(pieces))) for name, pieces in groups.items())
        return Outline(shown.url, groups=figures.pack(pd.Series(numbers)), names=written, **looks)

    def _at(self, pieces: tuple[int, ...]) -> tuple[float, float]:
        """Give a point inside a group, for its name: its middle where that lies inside, else a point of its largest piece."""
        known = self._known.get(pieces)
        if known is None:
            here = list(pieces)
            x, y = np.average(self._middle[here], axis=0, weights=self._area[here])
            if not shapely.intersects_xy(self._pieces[here], x, y).any():
                inside = shapely.point_on_surface(self._pieces[max(here, key=self._area.__getitem__)])
                x, y = inside.x, inside.y
            known = self._known[pieces] = round(float(x), 6), round(float(y), 6)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return known
