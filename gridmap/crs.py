"""Coordinate systems: which are metric, which fit a place in China, and the one sentence when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pyproj import CRS

from gridmap.errors import InputError

if TYPE_CHECKING:
    from typing import TypeAlias

    import geopandas as gpd
    from numpy.typing import NDArray

    Degrees: TypeAlias = NDArray[np.float64]

STORED = 4490
"""EPSG code geometry is stored in: CGCS2000 longitude and latitude."""

Shifted = Literal["gcj02", "bd09"]
"""Chinese map services' systems: degrees shifted by some hundred metres, from place to place by a different way."""

_KRASSOVSKY_A, _KRASSOVSKY_E2 = 6378245.0, 0.00669342162296594323
_ONE_MM = 1e-8  # degrees


def require(frame: gpd.GeoDataFrame, name: str) -> CRS:
    """Give the frame's CRS. Raises InputError when it has none."""
    if frame.crs is None:
        raise InputError("The layer {layer} says no coordinate system; name one with --crs.", layer=name)
    return CRS.from_user_input(frame.crs)


def is_metric(crs: CRS) -> bool:
    """Say whether areas and lengths in ``crs`` come out in metres."""
    return crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)


def zone(longitude: float) -> int:
    """Give the EPSG code of the CGCS2000 3-degree Gauss-Kruger zone (without zone number) a longitude in degrees lies in.

    EPSG 4534 is the central meridian 75°E, each next zone 3° on (dossier §2.11). Raises InputError outside 73.5-136.5°E.
    """
    first, last = 73.5, 136.5
    if not first <= longitude <= last:
        raise InputError("Longitude {longitude} lies outside China's 3-degree zones (73.5-136.5).", longitude=longitude)
    return 4534 + min(20, round((longitude - 75) / 3))


def to_gcj02(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 or CGCS2000 degrees to GCJ-02, the system that Amap and Tencent show; exact, as there is only this way.

    The formula is the one in public use: polynomials and sines of (longitude - 105°, latitude - 35°) in metres, turned into
    degrees on the Krassovsky ellipsoid. Nothing is shifted outside 72.004-137.8347°E, 0.8293-55.8271°N.
    """
    x, y = longitude - 105.0, latitude - 35.0
    root, ripple = np.sqrt(np.abs(x)), (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    flat = 1 - _KRASSOVSKY_E2 * np.sin(np.radians(latitude)) ** 2
    north = np.degrees(north * flat * np.sqrt(flat) / (_KRASSOVSKY_A * (1 - _KRASSOVSKY_E2)))
    east = np.degrees(east * np.sqrt(flat) / (_KRASSOVSKY_A * np.cos(np.radians(latitude))))
    inside = (longitude >= 72.004) & (longitude <= 137.8347) & (latitude >= 0.8293) & (latitude <= 55.8271)
    return np.where(inside, longitude + east, longitude), np.where(inside, latitude + north, latitude)


def gcj02_to_bd09(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    """Shift GCJ-02 degrees to BD-09, the system that Baidu shows."""
    wave = np.pi * 3000 / 180
    far = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * wave)
    turn = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * wave)
    return far * np.cos(turn) + 0.0065, far * np.sin(turn) + 0.006


def to_bd09(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 or CGCS2000 degrees to BD-09."""
    return gcj02_to_bd09(*to_gcj02(longitude, latitude))


def from_shifted(longitude: Degrees, latitude: Degrees, *, system: Shifted) -> tuple[Degrees, Degrees]:
    """Give the true degrees of a place known in GCJ-02 or BD-09, by iteration until the way there leads back within 1 mm."""
    there = to_gcj02 if system == "gcj02" else to_bd09
    true_longitude, true_latitude = longitude.copy(), latitude.copy()
    for _ in range(30):
        again_longitude, again_latitude = there(true_longitude, true_latitude)
        east, north = again_longitude - longitude, again_latitude - latitude
        true_longitude, true_latitude = true_longitude - east, true_latitude - north
        if max(np.abs(east).max(initial=0), np.abs(north).max(initial=0)) < _ONE_MM:
            break
    return true_longitude, true_latitude
