"""Coordinate systems: which are metric, which fit a place in China, and the one sentence when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyproj import CRS

from gridmap.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd

STORED = 4490
"""EPSG code geometry is stored in: CGCS2000 longitude and latitude."""


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
