"""Put rows on the map: by their coordinates in whatever system, by the compound their address names, by their grid's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import Transformer

from gridmap import crs as systems
from gridmap.finding import Finding
from gridmap.intake.forms import plain
from gridmap.terms import key

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_SHORTEST = 2
"""Letters a compound's name must have to be looked for in an address."""


def coordinates(
    typed: dict[str, pa.Array], system: Literal["gcj02", "bd09"] | int, findings: list[Finding]
) -> list[tuple[NDArray[np.bool_], str, None]]:
    """Bring lon and lat into EPSG:4490, in place; give the rows of which only one of the two can be used.

    (0, 0) is read as no place; longitude and latitude in each other's column are exchanged. Both are said as findings.
    """
    if "lon" not in typed or "lat" not in typed:
        return []
    x, y = (np.array(typed[name].to_numpy(zero_copy_only=False), dtype=np.float64) for name in ("lon", "lat"))
    nowhere = (x == 0) & (y == 0)
    x[nowhere] = y[nowhere] = np.nan
    half = np.isnan(x) != np.isnan(y)
    if nowhere.any():
        message = key("{count:# row has|# rows have} the coordinates 0, 0, which stand for none.")
        findings.append(
            Finding("no_place", "note", message, {"count": int(nowhere.sum())}, size=float(nowhere.sum()), unit="rows")
        )
    if system in {"gcj02", "bd09"}:
        x, y = systems.from_shifted(x, y, system=system)
    elif system not in {systems.STORED, 4326}:
        x, y = Transformer.from_crs(system, systems.STORED, always_xy=True).transform(x, y)
    typed["lon"], typed["lat"] = (pa.array(values, mask=np.isnan(values)) for values in (x, y))
    return [(half, key("Longitude or latitude is missing."), None)] if half.any() else []


def by_address(typed: dict[str, pa.Array], compounds: gpd.GeoDataFrame | None, findings: list[Finding]) -> None:
    """Give rows without coordinates the compound whose name stands in their address, and a point in it, in place.

    Of several names in one address the longest wins; a name that two compounds bear places nothing.
    """
    if compounds is None or "address" not in typed:
        return
    count = len(typed["address"])
    lon = typed.get("lon", pa.nulls(count, pa.float64()))
    lat = typed.get("lat", pa.nulls(count, pa.float64()))
    points = compounds.geometry.to_crs(systems.STORED).representative_point()
    names: dict[str, list[int]] = {}
    for place, name in enumerate(compounds["name_zh"]):
        if isinstance(name, str) and len(plain(name)) >= _SHORTEST:
            names.setdefault(plain(name), []).append(place)
    longest = sorted(names, key=len, reverse=True)
    encoded = typed["address"].dictionary_encode()
    found = [_compound(address, longest, names) for address in encoded.dictionary.to_pylist()]
    which = pa.array(found, pa.int32()).take(encoded.indices)
    which = pc.if_else(pc.is_valid(lon), None, which)
    typed["lon"] = pc.coalesce(lon, pa.array(points.x.to_numpy()).take(which))
    typed["lat"] = pc.coalesce(lat, pa.array(points.y.to_numpy()).take(which))
    for name, words in (("compound_id", compounds.index), ("community_code", compounds.get("community_code"))):
        if words is not None:
            given = typed.get(name, pa.nulls(count, pa.string()))
            typed[name] = pc.coalesce(given, pa.array([str(word) for word in words], pa.string()).take(which))
    placed = count - which.null_count
    if placed:
        message = key("Placed by the compound that the address names: {count:# row|# rows} without coordinates.")
        findings.append(Finding("placed_by_address", "note", message, {"count": placed}, size=float(placed), unit="rows"))


def by_grid(typed: dict[str, pa.Array], grids: gpd.GeoDataFrame | None, findings: list[Finding]) -> None:
    """Give rows without coordinates, but with the code of a grid in force, a point in that grid, in place."""
    if grids is None or "grid_code" not in typed:
        return
    count = len(typed["grid_code"])
    lon = typed.get("lon", pa.nulls(count, pa.float64()))
    lat = typed.get("lat", pa.nulls(count, pa.float64()))
    points = grids.geometry.to_crs(systems.STORED).representative_point()
    which = pc.index_in(typed["grid_code"], value_set=pa.array([str(code) for code in grids.index], pa.string()))
    which = pc.if_else(pc.is_valid(lon), None, which)
    typed["lon"] = pc.coalesce(lon, pa.array(points.x.to_numpy()).take(which))
    typed["lat"] = pc.coalesce(lat, pa.array(points.y.to_numpy()).take(which))
    placed = count - which.null_count
    if placed:
        message = key("Placed in the grid whose code is given: {count:# row|# rows} without coordinates.")
        findings.append(Finding("placed_by_grid", "note", message, {"count": placed}, size=float(placed), unit="rows"))


def without(typed: dict[str, pa.Array], compounds: gpd.GeoDataFrame | None, findings: list[Finding]) -> None:
    """Say how many rows an address was given for that placed them nowhere, nor did anything else."""
    if compounds is None or "address" not in typed:
        return
    lost = pc.and_(pc.is_valid(typed["address"]), pc.is_null(typed["lon"]))
    count = int(pc.sum(lost).as_py() or 0)
    if count:
        message = key("{count:# row has|# rows have} no place: the address names no compound, or a name that several bear.")
        findings.append(Finding("no_place", "note", message, {"count": count}, size=float(count), unit="rows"))


def _compound(address: str, longest: list[str], names: dict[str, list[int]]) -> int | None:
    text = plain(address)
    for name in longest:
        if name in text:
            return names[name][0] if len(names[name]) == 1 else None
    return None
