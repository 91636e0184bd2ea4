"""A way to read coordinates as one short text, so that a person's choice can be shown, kept in a profile and used again.

``4549`` an EPSG code · ``gcj02``, ``bd09`` shifted degrees · a ``~`` behind either: northing or latitude stands first · a PROJ
string or WKT of a city's own system · "" as the file says.
"""

from __future__ import annotations

from typing import get_args

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from gridmap import crs as systems
from gridmap import terms
from gridmap.errors import IntakeError
from gridmap.intake import names
from gridmap.intake.detect import Proposal

SWAPPED = "~"
_SHIFTED: dict[str, systems.Shifted] = {name: name for name in get_args(systems.Shifted)}


def text(proposal: Proposal) -> str:
    """Give a proposal as its short text."""
    return (proposal.shifted or str(proposal.code)) + SWAPPED * proposal.swapped


def read_as(frame: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    """Give a layer with its coordinates read in a system: the same rows, true coordinates, and the CRS they are then in.

    Raises IntakeError when the text names no system, when nothing names one, or when the coordinates cannot lie in it.
    """
    if not system:
        if frame.crs is None:
            raise IntakeError("The file says no coordinate system; choose the one it is in.")
        return frame
    plain = system.removesuffix(SWAPPED)
    if plain in _SHIFTED:
        found = Proposal(systems.STORED, system != plain, _SHIFTED[plain])
    elif plain.isdecimal():
        found = Proposal(_known(plain).to_epsg() or int(plain), system != plain)
    else:
        named = _known(plain)
        return _checked(frame.set_crs(named, allow_override=True), system)
    return _checked(found.apply(frame), system)


def name(system: str) -> str:
    """Name a system as GIS staff do, in the reader's language."""
    if not system:
        return terms.say("As the file says")
    plain = system.removesuffix(SWAPPED)
    if plain in _SHIFTED:
        return Proposal(systems.STORED, system != plain, _SHIFTED[plain]).name
    return Proposal(int(plain), system != plain).name if plain.isdecimal() else names.called(_known(plain))


def _known(text_: str) -> CRS:
    try:
        return CRS.from_user_input(int(text_) if text_.isdecimal() else text_)
    except CRSError as error:
        raise IntakeError("{crs} is not a coordinate system; give an EPSG code such as 4549.", crs=text_) from error


def _checked(frame: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    """Hold a reading to places that exist, so that a wrong choice is said at once and not as a strange map."""
    box = shapely.box(*shapely.total_bounds(frame.geometry.to_numpy()))
    try:
        degrees = gpd.GeoSeries([box], crs=frame.crs).to_crs(systems.STORED).total_bounds
    except ProjError:
        degrees = np.full(4, np.nan)
    west, south, east, north = degrees
    there = np.isfinite(degrees).all() and -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    if not there:
        raise IntakeError("In {system} the coordinates are no place on Earth; choose another system.", system=name(system))
    return frame
