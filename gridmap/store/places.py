"""Where a point of the map belongs: its grid, its community, its tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numba import njit

from gridmap import crs
from gridmap.errors import StoreError
from gridmap.store.cells import CellIndex

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from gridmap.store.database import Store

ZOOM = 20
"""Zoom of the web-mercator tiles that incidents.cell counts in: about 29 m across at 40° north."""

_MERCATOR_LIMIT = 85.05112878


def index(self: Store, version: int | None = None) -> CellIndex | None:
    """Give the kept cell index of a version of the grids (None: of the communities), or None when there is nothing to index.

    Coordinates are EPSG:4490 longitude and latitude. Raises StoreError when the version has no grids.
    """
    return kept_index(self, self.cursor(), version)


def kept_index(self: Store, cursor: duckdb.DuckDBPyConnection, version: int | None) -> CellIndex | None:
    """As index(), reading through a given cursor: inside a write it sees what was just written."""
    key: object = "communities" if version is None else version
    if key not in self._indexes:
        if version is None:
            rows = cursor.execute(
                "SELECT community_code, ST_AsWKB(geom) FROM communities WHERE geom IS NOT NULL AND valid_to IS NULL"
            )
        else:
            rows = cursor.execute("SELECT grid_code, ST_AsWKB(geom) FROM grids_unified WHERE version = ?", [version])
        frame = rows.df()
        if not len(frame):
            if version is None:
                return None
            raise StoreError("There is no version {version} of the grids.", version=version)
        shapes = shapely.from_wkb(np.array([bytes(wkb) for wkb in frame.iloc[:, 1]], dtype=object))
        self._indexes[key] = CellIndex(gpd.GeoSeries(shapes, index=frame.iloc[:, 0], crs=crs.STORED))
    return self._indexes[key]


def tiles(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the quadkey, as a number, of each point's zoom-20 web-mercator tile; -1 for NaN or outside the projection."""
    return _tiles(np.asarray(lon, np.float64), np.asarray(lat, np.float64))


def tile_bounds(cell: NDArray[np.int64], zoom: int) -> NDArray[np.float64]:
    """Give west, south, east, north in degrees of tiles at a zoom, one row a tile. cell: quadkeys as numbers at that zoom."""
    cell = np.ascontiguousarray(cell, np.int64)
    size = 1 << zoom
    bounds = np.empty((4, len(cell)))
    if len(cell):
        first, last = _rows_of(cell)
        # many tiles share few rows
        latitude = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * np.arange(first, last + 2) / size))))
        _bounds(cell, latitude, first, size, bounds)
    return bounds.T


@njit(cache=True, nogil=True)
def _rows_of(cell: NDArray[np.int64]) -> tuple[int, int]:
    """Give the northernmost and the southernmost row of tiles."""
    first = last = _gather(cell[0] >> 1)
    for one in cell:
        row = _gather(one >> 1)
        first, last = min(first, row), max(last, row)
    return first, last


@njit(cache=True, nogil=True)
def _bounds(cell: NDArray[np.int64], latitude: NDArray[np.float64], first: int, size: int, bounds: NDArray[np.float64]) -> None:
    for i in range(len(cell)):
        x, row = _gather(cell[i]), _gather(cell[i] >> 1) - first
        bounds[0, i], bounds[2, i] = x / size * 360 - 180, (x + 1) / size * 360 - 180
        bounds[1, i], bounds[3, i] = latitude[row + 1], latitude[row]


@njit(cache=True, nogil=True)
def _tiles(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    size = 1 << ZOOM
    found = np.full(len(lon), -1, np.int64)
    for i in range(len(lon)):
        if abs(lon[i]) <= 180 and abs(lat[i]) <= _MERCATOR_LIMIT:
            north = (1 - np.arcsinh(np.tan(np.radians(lat[i]))) / np.pi) / 2
            x = min(int((lon[i] + 180) / 360 * size), size - 1)
            y = min(max(int(north * size), 0), size - 1)
            found[i] = _spread(x) | (_spread(y) << 1)
    return found


@njit(cache=True, nogil=True, inline="always")
def _spread(value: int) -> int:
    """Put a zero between each two bits."""
    value = (value | (value << 16)) & 0x0000FFFF0000FFFF
    value = (value | (value << 8)) & 0x00FF00FF00FF00FF
    value = (value | (value << 4)) & 0x0F0F0F0F0F0F0F0F
    value = (value | (value << 2)) & 0x3333333333333333
    return (value | (value << 1)) & 0x5555555555555555


@njit(cache=True, nogil=True, inline="always")
def _gather(value: int) -> int:
    """Take every other bit: the way back of _spread."""
    value = value & 0x5555555555555555
    value = (value | (value >> 1)) & 0x3333333333333333
    value = (value | (value >> 2)) & 0x0F0F0F0F0F0F0F0F
    value = (value | (value >> 4)) & 0x00FF00FF00FF00FF
    value = (value | (value >> 8)) & 0x0000FFFF0000FFFF
    return (value | (value >> 16)) & 0x00000000FFFFFFFF
