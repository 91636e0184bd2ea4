"""Make straight lines of circular arcs: surveyors' databases hold them, and nothing after the reading takes them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Line = NDArray[np.float64]

LINE, POLYGON, ARCS, COMPOUND, CURVED = 2, 3, 8, 9, 10
_MANY = {4, 5, 6, 7, 11, 12}
_DEEPEST = 8
_STEPS = 128
"""Lines that stand for a whole circle: they stray from it by three ten-thousandths of its radius, 3 cm at 100 m."""


def straight(wkb: bytes) -> shapely.Geometry | None:
    """Give a geometry with arcs (ISO or extended WKB) with lines in their place, 2D; None for bytes that are no geometry."""
    try:
        found, _ = _geometry(wkb, 0, 0)
        return found if isinstance(found, shapely.Geometry) else shapely.linestrings(found)
    except (struct.error, ValueError, shapely.GEOSException):
        return None


def _geometry(wkb: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Read one geometry from ``at``: lines as their places, the rest as shapes; and where it ends."""
    if depth > _DEEPEST:
        raise ValueError
    order = "<" if wkb[at : at + 1] == b"\1" else ">"
    (code,) = struct.unpack_from(order + "I", wkb, at + 1)
    at += 5 + 4 * bool(code & 0x20000000)
    thousands, kind = divmod(code & 0x0FFFFFFF, 1000)
    width = 2 + (bool(code & 0x80000000) + bool(code & 0x40000000) or {0: 0, 3: 2}.get(thousands, 1))
    if kind == 1:
        return shapely.Point(np.frombuffer(wkb, order + "f8", 2, at)), at + 8 * width
    (count,) = struct.unpack_from(order + "I", wkb, at)
    at += 4
    if kind in {LINE, ARCS}:
        places = np.frombuffer(wkb, order + "f8", count * width, at).reshape(count, width)[:, :2].astype(np.float64)
        return (_arcs(places) if kind == ARCS else places), at + 8 * count * width
    if kind == POLYGON:
        rings = []
        for _ in range(count):
            (points,) = struct.unpack_from(order + "I", wkb, at)
            rings.append(np.frombuffer(wkb, order + "f8", points * width, at + 4).reshape(points, width)[:, :2])
            at += 4 + 8 * points * width
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon(), at
    parts = []
    for _ in range(count):
        part, at = _geometry(wkb, at, depth + 1)
        parts.append(part)
    return _joined(kind, parts), at


def _joined(kind: int, parts: list[Any]) -> Any:  # noqa: ANN401 - a line's places, or a shape
    if kind in {COMPOUND, CURVED} and any(isinstance(part, shapely.Geometry) for part in parts):
        raise ValueError  # only lines make a line, and only rings an area
    if kind == COMPOUND:
        return np.concatenate([part if number == 0 else part[1:] for number, part in enumerate(parts)])
    if kind == CURVED:
        return shapely.Polygon(parts[0], parts[1:]) if parts else shapely.Polygon()
    if kind not in _MANY:
        raise ValueError
    shapes: list[Any] = [part if isinstance(part, shapely.Geometry) else shapely.linestrings(part) for part in parts]
    areas = all(shape.geom_type == "Polygon" for shape in shapes)
    return shapely.multipolygons(shapes) if areas else shapely.geometrycollections(shapes)


def _arcs(places: Line) -> Line:
    """Draw arcs through each three places, the end of one the beginning of the next."""
    arcs = [_arc(*places[start : start + 3]) for start in range(0, len(places) - 2, 2)]
    return np.concatenate([places[:1], *arcs])


def _arc(first: Line, middle: Line, last: Line) -> Line:
    """Draw one arc without its beginning. A circle comes as an arc that ends where it began, its middle opposite."""
    if (first == last).all():
        centre, turn = (first + middle) / 2, 2 * np.pi
    else:
        a, b = middle - first, last - first
        double = 2 * (a[0] * b[1] - a[1] * b[0])
        if abs(double) < 1e-12 * max(float(a @ a), float(b @ b)):
            return np.array([middle, last])
        away = np.array([b[1] * (a @ a) - a[1] * (b @ b), a[0] * (b @ b) - b[0] * (a @ a)]) / double
        centre = first + away
        begin, ends = np.arctan2(*(first - centre)[::-1]), np.arctan2(*(last - centre)[::-1])
        turn = (ends - begin) % (2 * np.pi) if double > 0 else -((begin - ends) % (2 * np.pi))
    begin, radius = np.arctan2(*(first - centre)[::-1]), np.hypot(*(first - centre))
    angles = begin + turn * np.arange(1, 1 + (steps := max(2, int(np.ceil(abs(turn) / (2 * np.pi) * _STEPS))))) / steps
    line: Line = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    line[-1] = last
    return line
