"""Borders drawn at once: a layer of any size thinned in compiled passes and written as GeoJSON.

`shapes` thins areas together as a coverage, exactly and slowly; here every vertex is judged by its neighbours alone, the same
from either side, so that a border two grids share is thinned the same in both (where three meet, to within a pixel).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numba import njit
from pyproj import Transformer

from gridmap import crs

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Text = NDArray[np.uint8]

_VIEW_PX = 8000
"""A border is thinned to what a map of this many pixels could show: about three zoom steps beyond the first view."""

_PASSES = (1 / 64, 1 / 64, 1 / 16, 1 / 16, 1 / 4, 1 / 4, 1.0, 1.0, 1.0)
"""Shares of the tolerance, pass by pass: what shows least goes first, so that curves keep their shape."""

_DECIMALS = 6
_AREAS = (3, 6)


def borders(frame: gpd.GeoDataFrame) -> bytes | None:
    """Give the borders of a frame of areas, any CRS, as GeoJSON bytes: a feature a row, all its rings in one, nothing else.

    Thinned by the area of each vertex with its two neighbours (Visvalingam and Whyatt 1993), to a pixel of a map of 8,000.
    None where something in it is no area. Raises InputError when the frame has no CRS.
    """
    system = crs.require(frame, "borders")
    geometry = np.asarray(frame.geometry.array)
    geometry = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    if not len(geometry) or not np.isin(shapely.get_type_id(geometry), _AREAS).all():
        return None
    xy = shapely.get_coordinates(geometry)
    ends = np.cumsum(shapely.get_num_coordinates(geometry))
    west, south, east, north = shapely.total_bounds(geometry)
    tolerance = float(np.hypot(east - west, north - south)) / _VIEW_PX
    kept, ring_ends, owners = _thin(xy, ends, tolerance**2, np.array(_PASSES))
    thin = xy[kept]
    lon, lat = Transformer.from_crs(system, crs.STORED, always_xy=True).transform(thin[:, 0], thin[:, 1])
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    scaled = np.rint(np.column_stack([lon, lat]) * 10**_DECIMALS).astype(np.int64)
    bbox = json.dumps([round(float(side), _DECIMALS) for side in (lon.min(), lat.min(), lon.max(), lat.max())])
    text = np.empty(_room(scaled, ring_ends, owners), dtype=np.uint8)
    length = _write(scaled, ring_ends, owners, text, _HEAD, _TAIL)
    return f'{{"type":"FeatureCollection","bbox":{bbox},"features":['.encode() + text[: length - 1].tobytes() + b"]}"


_HEAD = np.frombuffer(b'{"type":"Feature","geometry":{"type":"Polygon","coordinates":[', dtype=np.uint8)
_TAIL = np.frombuffer(b"]}},", dtype=np.uint8)
_NUMBER = 12
"""Bytes a coordinate takes at most: a sign, three digits, a point, six digits, and a comma."""


def _room(scaled: Numbers, ring_ends: Numbers, owners: Numbers) -> int:
    return len(scaled) * (2 * _NUMBER + 3) + len(ring_ends) * 3 + (int(owners[-1]) + 1) * (len(_HEAD) + len(_TAIL))


@njit(cache=True, nogil=True)
def _hash(x: float, y: float) -> np.uint64:
    """Give a vertex a number of its own, by which it takes turns with its neighbours."""
    mixed = np.uint64(np.int64(x * 1e7)) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(np.int64(y * 1e7))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(32))


@njit(cache=True, nogil=True)
def _thin(xy: Floats, ends: Numbers, most: float, passes: Floats) -> tuple[Numbers, Numbers, Numbers]:
    """Give the vertices that are kept, where among them each ring ends, and the geometry each ring belongs to.

    xy: the vertices of all geometries, rings closed; ends: where each geometry's end; most: area under which a vertex may go.
    """
    kept = np.empty(len(xy), np.int64)
    ring_ends = np.empty(len(xy) // 2 + 1, np.int64)
    owners = np.empty(len(xy) // 2 + 1, np.int64)
    line, goes, turn = np.empty(len(xy), np.int64), np.empty(len(xy), np.bool_), np.empty(len(xy), np.uint64)
    total, rings, start = 0, 0, 0
    for owner in range(len(ends)):
        while start < ends[owner]:
            last = start + 1
            while last < ends[owner] - 1 and (xy[last, 0] != xy[start, 0] or xy[last, 1] != xy[start, 1]):
                last += 1
            n = max(1, last - start)
            for k in range(n):
                line[k], turn[k] = start + k, _hash(xy[start + k, 0], xy[start + k, 1])
            for share in passes:
                n = _pass(xy, line, turn, goes, n, share * most)
            for k in range(n):
                kept[total + k] = line[k]
            kept[total + n] = line[0]
            total += n + 1
            ring_ends[rings], owners[rings] = total, owner
            rings += 1
            start = last + 1
    return kept[:total], ring_ends[:rings], owners[:rings]


@njit(cache=True, nogil=True)
def _pass(xy: Floats, line: Numbers, turn: NDArray[np.uint64], goes: Flags, n: int, most: float) -> int:  # noqa: PLR0917  compiled
    """Take out of a ring of ``n`` vertices those that matter little, never two neighbours at once; give how many are left."""
    if n <= 4:
        return n
    for k in range(n):
        a, b, c = line[k - 1 if k else n - 1], line[k], line[k + 1 if k + 1 < n else 0]
        doubled = (xy[b, 0] - xy[a, 0]) * (xy[c, 1] - xy[a, 1]) - (xy[b, 1] - xy[a, 1]) * (xy[c, 0] - xy[a, 0])
        goes[k] = abs(doubled) < 2 * most
    left, first, before = 0, goes[0], goes[n - 1]
    for k in range(n):
        j, i = k + 1 if k + 1 < n else 0, k - 1 if k else n - 1
        after = first if j == 0 else goes[j]
        waits = (before and turn[i] < turn[k]) or (after and turn[j] < turn[k])
        before, goes[k] = goes[k], goes[k] and not waits
    for k in range(n):
        if not goes[k] or left + (n - k) <= 4:
            line[left], turn[left] = line[k], turn[k]
            left += 1
    return left


@njit(cache=True, nogil=True)
def _write(scaled: Numbers, ring_ends: Numbers, owners: Numbers, text: Text, head: Text, tail: Text) -> int:  # noqa: PLR0917  compiled
    """Write rings as GeoJSON into ``text``; give its length."""
    at, k = 0, 0
    for ring in range(len(ring_ends)):
        if ring == 0 or owners[ring] != owners[ring - 1]:
            if ring:
                for byte in tail:
                    text[at] = byte
                    at += 1
            for byte in head:
                text[at] = byte
                at += 1
        else:
            text[at] = 44  # ,
            at += 1
        text[at] = 91  # [
        at += 1
        while k < ring_ends[ring]:
            text[at] = 91
            at = _number(scaled[k, 0], text, at + 1)
            text[at] = 44
            at = _number(scaled[k, 1], text, at + 1)
            text[at], text[at + 1] = 93, 44  # ],
            at += 2
            k += 1
        text[at - 1] = 93
    for byte in tail:
        text[at] = byte
        at += 1
    return at


@njit(cache=True, nogil=True)
def _number(value: int, text: Text, at: int) -> int:
    """Write millionths as a decimal number; give where it ends."""
    if value < 0:
        text[at] = 45  # -
        at, value = at + 1, -value
    whole, rest = value // 1_000_000, value % 1_000_000
    step = 100 if whole >= 100 else 10 if whole >= 10 else 1
    while step:
        text[at] = 48 + whole // step % 10
        at, step = at + 1, step // 10
    text[at] = 46  # .
    for place in range(6):
        text[at + 6 - place] = 48 + rest % 10
        rest //= 10
    return at + 7
