"""Find the shapes in a plain table: a column of WKT, WKB or GeoJSON, or a pair of coordinate columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gridmap.errors import IntakeError
from gridmap.intake import content

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LONGITUDE = (
    "lon",
    "lng",
    "long",
    "longitude",
    "经度",
    "经度坐标",
    "x",
    "x坐标",
    "坐标x",
    "point_x",
    "lon_wgs84",
    "bd_lng",
    "gcj_lng",
)
LATITUDE = ("lat", "latitude", "纬度", "纬度坐标", "y", "y坐标", "坐标y", "point_y", "bd_lat")
_WKT = re.compile(r"\s*(SRID=(\d+);)?\s*(MULTI)?(POLYGON|POINT|LINESTRING|GEOMETRYCOLLECTION|SURFACE)\b", re.IGNORECASE)
_HEX = re.compile(r"\s*0[01][0-9A-Fa-f]{16,}")
_JSON = re.compile(r'\s*\{\s*"(type|coordinates|geometries)"')
_LOOKED_AT = 1000


def found(table: pa.Table, name: str) -> tuple[pa.Table, pa.ChunkedArray, str | None]:
    """Give the other columns, the geometries as WKB (None where a row has none that can be read) and the CRS, if said.

    Raises IntakeError when no column holds shapes and no two columns hold coordinates.
    """
    for column in table.column_names:
        parse = _parser(table[column])
        if parse is not None:
            wkb, crs = parse(table[column].to_pylist())
            return table.drop_columns([column]), content.column(wkb), crs
    pair = coordinates(table.column_names)
    if pair is None:
        raise IntakeError(
            "{file} has neither a column of shapes (WKT) nor columns of longitude and latitude; its columns are {columns}.",
            file=name,
            columns=", ".join(table.column_names[:20]),
        )
    x, y = (numbers(table[column]) for column in pair)
    there = np.isfinite(x) & np.isfinite(y)
    wkb = np.full(len(x), None, dtype=object)
    wkb[there] = shapely.to_wkb(shapely.points(x[there], y[there]))
    degrees = bool(there.any()) and float(np.abs(x[there]).max()) <= 360 and float(np.abs(y[there]).max()) <= 90
    return table, content.column(wkb), "OGC:CRS84" if degrees and pair[0].strip().lower() not in {"x", "y"} else None


def coordinates(columns: list[str]) -> tuple[str, str] | None:
    """Give the names of the columns of longitude (or easting) and latitude (or northing), or None."""
    plain = {column.strip().strip("_").lower(): column for column in columns}
    for x, y in zip(LONGITUDE, LATITUDE, strict=False):
        if x in plain and y in plain:
            return plain[x], plain[y]
    left = next((plain[x] for x in LONGITUDE if x in plain), None)
    right = next((plain[y] for y in LATITUDE if y in plain), None)
    return (left, right) if left and right else None


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Give a column as floats, NaN where a value is no number."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = pc.utf8_trim_whitespace(column)
        plain = pc.match_substring_regex(trimmed, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
        column = pc.if_else(plain, trimmed, None).cast(pa.float64())
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _parser(column: pa.ChunkedArray) -> Callable[[list[object]], tuple[NDArray[np.object_], str | None]] | None:
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return _from_wkb
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return None
    values = [value for value in column.slice(0, _LOOKED_AT).to_pylist() if value]
    for pattern, parse in ((_WKT, _from_wkt), (_HEX, _from_hex), (_JSON, _from_json)):
        if values and sum(bool(pattern.match(value)) for value in values) * 2 >= len(values):
            return parse
    return None


def _from_wkb(values: list[object]) -> tuple[NDArray[np.object_], str | None]:
    return np.array([*values, None], dtype=object)[:-1], None


def _from_wkt(values: list[object]) -> tuple[NDArray[np.object_], str | None]:
    heads = [match for value in values if isinstance(value, str) and (match := _WKT.match(value))]
    codes = {match.group(2) for match in heads}
    bare = np.array([re.sub(r"^\s*SRID=\d+;", "", value) if isinstance(value, str) else None for value in values], dtype=object)
    parsed = shapely.from_wkt(bare, on_invalid="ignore")
    code = codes.pop() if len(codes) == 1 else None
    return _kept(parsed, bare), f"EPSG:{code}" if code else None


def _from_hex(values: list[object]) -> tuple[NDArray[np.object_], str | None]:
    bare = np.array([value.strip() if isinstance(value, str) else None for value in values], dtype=object)
    parsed = shapely.from_wkb(bare, on_invalid="ignore")
    codes = set(shapely.get_srid(parsed[~shapely.is_missing(parsed)]).tolist()) - {0}
    return _kept(parsed, bare), f"EPSG:{codes.pop()}" if len(codes) == 1 else None


def _from_json(values: list[object]) -> tuple[NDArray[np.object_], str | None]:
    bare = np.array([value if isinstance(value, str) else None for value in values], dtype=object)
    return _kept(shapely.from_geojson(bare, on_invalid="ignore"), bare), "OGC:CRS84"


def _kept(parsed: NDArray[np.object_], raw: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give WKB; a text that was there but is no shape becomes bytes that are none either, so that it is counted as damaged."""
    wkb = np.asarray(shapely.to_wkb(parsed), dtype=object)
    wkb[shapely.is_missing(parsed) & np.array([bool(value) for value in raw])] = b"\0"
    return wkb
