"""What coordinate systems are called: as the GIS staff of this country write them, by datum, zone and central meridian."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.terms import key

if TYPE_CHECKING:
    from pyproj import CRS

_GEOGRAPHIC = {
    "China Geodetic Coordinate System 2000": "CGCS2000",
    "WGS 84 (CRS84)": "WGS 84",
    "WGS 84": "WGS 84",
    "Xian 1980": "Xian 1980",
    "Beijing 1954": "Beijing 1954",
}
_ZONED = re.compile(r"(CGCS2000|Xian 1980|Beijing 1954) / (3-degree )?Gauss-Kruger (CM|zone) (\d+)E?")
_DATUMS = {"Xian 1980": key("Xian 1980"), "Beijing 1954": key("Beijing 1954")}


def called(crs: CRS) -> str:
    """Name a system as GIS staff do, in the reader's language; one that is not of this country by its own name."""
    zoned = _ZONED.fullmatch(crs.name)
    if zoned is not None:
        message = {
            "CM": key("{datum}, {width}° zones, central meridian {number}°E"),
            "zone": key("{datum}, {width}° zone {number}, with the zone number in the easting"),
        }[zoned[3]]
        return terms.say(message, datum=_datum(zoned[1]), width=3 if zoned[2] else 6, number=int(zoned[4]))
    if crs.name in _GEOGRAPHIC:
        return terms.say("{datum}, degrees", datum=_datum(_GEOGRAPHIC[crs.name]))
    return terms.say("Web Mercator") if crs.to_epsg() == 3857 else crs.name


def _datum(name: str) -> str:
    return terms.say(_DATUMS[name]) if name in _DATUMS else name
