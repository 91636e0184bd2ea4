"""Read DXF drawings inside the sealed process: closed polylines become polygons, the text inside one becomes its label."""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from gridmap.errors import IntakeError
from gridmap.intake import content, encodings
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ezdxf.document import Drawing

    from gridmap.intake.content import Source

_CURVE_M = 0.05
"""How far a straight piece may lie off the arc it stands for, in drawing units (metres)."""
_CLOSES = 0.01
"""Ends this near each other close a line that is not marked closed, in drawing units."""
_BLOCKS_DEEP = 3
_HEAD = 65536
_BINARY, _UNICODE_SINCE = b"AutoCAD Binary DXF", b"AC1021"
_VERSION = re.compile(rb"(\$ACADVER\s+1\s+)(AC\d{4})")
_PAGE = re.compile(rb"(\$DWGCODEPAGE\s+3\s+)([^\r\n]+)")
_NAMED_PAGE = b"  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n  1\nAC1009\n  9\n$DWGCODEPAGE\n  3\nANSI_936\n  0\nENDSEC\n"
"""What a drawing without a head is given in front."""


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give every drawing layer that has closed polylines, the fullest first. Raises IntakeError when there is none."""
    source.told.append(_readable(source.path, source.encoding))
    counts = Counter(layer for layer, _ in _rings(_opened(source)))
    if not counts:
        raise IntakeError("{file} has no closed polyline; the borders must be drawn closed.", file=source.name)
    for layer, _ in counts.most_common():
        yield layer, "Polygon"


def read(source: Source, inner: str) -> Content:
    """Read one layer's closed polylines, a row each: label (the text inside it nearest to its middle) and drawing layer."""
    drawing = _opened(source)
    rings = [ring for on, ring in _rings(drawing) if on == inner]
    polygons = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    labels = _labels(polygons, list(_texts(drawing)))
    table = pa.table({"label": pa.array(labels, pa.string()), "drawing_layer": [inner] * len(rings)})
    told = source.told[0]
    wkb = content.column(shapely.to_wkb(polygons))
    return Content([(table, wkb)], None, told.name, told.declared, told.sure, told.samples, told.readings)


def _readable(path: Path, asked: str | None) -> encodings.Told:
    """Tell the encoding of a drawing's texts from their bytes; where it is not the one the drawing names, write it in that.

    Drawings since 2007 are UTF-8; before, they name a code page, which many a program leaves at a wrong one.
    """
    data = path.read_bytes()
    if data.startswith(_BINARY):
        return encodings.Told("utf-8", None, sure=True)
    version, page = _VERSION.search(data[:_HEAD]), _PAGE.search(data[:_HEAD])
    unicode = version is not None and version[2] >= _UNICODE_SINCE
    declared = "utf-8" if unicode else encodings.known(page[2].decode("ascii", "replace").replace("_", " ")) if page else None
    told = encodings.tell((line for line in data.splitlines() if not line.isascii()), declared=declared)
    chosen = encodings.known(asked) or told.name
    if chosen != declared and not data.isascii():
        fresh = data.decode(chosen, "replace").encode("utf-8" if unicode else "gbk", "replace")
        if not unicode and page is not None:
            fresh = _PAGE.sub(rb"\1ANSI_936", fresh, count=1)
        elif not unicode:
            head = _VERSION.sub(rb"\g<0>\n  9\n$DWGCODEPAGE\n  3\nANSI_936", fresh, count=1)
            fresh = head if version is not None else _NAMED_PAGE + fresh
        content.rewrite(path, fresh)
    return replace(told, name=chosen, sure=told.sure or asked is not None, samples=told.readings.get(chosen, told.samples))


def _opened(source: Source) -> Drawing:
    import ezdxf  # noqa: PLC0415 - half a second that only drawings pay
    from ezdxf import recover  # noqa: PLC0415 - the same

    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)  # it would keep a list of fonts, which the sealed process cannot
    try:
        return recover.readfile(source.path)[0]
    except (ezdxf.DXFError, OSError, ValueError, KeyError, IndexError, AttributeError) as error:  # type: ignore[attr-defined]
        raise IntakeError("{file} is a drawing that cannot be read; save it as DXF 2010 or later.", file=source.name) from error


def _entities(drawing: Drawing) -> Iterator[Any]:
    """Give the drawing's entities, those inside blocks where the blocks are inserted."""
    stack: list[tuple[Any, int]] = [(entity, 0) for entity in reversed(list(drawing.modelspace()))]
    while stack:
        entity, depth = stack.pop()
        if entity.dxftype() == "INSERT":
            if depth < _BLOCKS_DEEP:
                stack += [(inner, depth + 1) for inner in reversed(list(entity.virtual_entities()))]
        else:
            yield entity


def _rings(drawing: Drawing) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Give layer and vertices of every closed polyline, arcs flattened."""
    from ezdxf import path as paths  # noqa: PLC0415 - see _opened

    for entity in _entities(drawing):
        if entity.dxftype() not in {"LWPOLYLINE", "POLYLINE", "CIRCLE", "ELLIPSE", "SPLINE"}:
            continue
        if entity.dxftype() == "POLYLINE" and not (entity.is_2d_polyline or entity.is_3d_polyline):
            continue
        try:
            line = [(point.x, point.y) for point in paths.make_path(entity).flattening(_CURVE_M)]
        except (ValueError, TypeError, ZeroDivisionError):
            continue
        if len(line) >= 4 and np.hypot(line[0][0] - line[-1][0], line[0][1] - line[-1][1]) <= _CLOSES:
            yield str(entity.dxf.layer), [*line[:-1], line[0]]


def _texts(drawing: Drawing) -> Iterator[tuple[str, float, float]]:
    for entity in _entities(drawing):
        if entity.dxftype() == "TEXT":
            place = entity.get_placement()[1]
            yield entity.plain_text().strip(), place.x, place.y
        elif entity.dxftype() == "MTEXT":
            yield entity.plain_text().strip().replace("\n", " "), entity.dxf.insert.x, entity.dxf.insert.y


def _labels(polygons: np.ndarray, texts: list[tuple[str, float, float]]) -> list[str | None]:
    """Give each polygon the text that lies in it; of several, the one nearest to its middle."""
    labels: list[str | None] = [None] * len(polygons)
    texts = [text for text in texts if text[0]]
    if not texts or not len(polygons):
        return labels
    points = shapely.points([(x, y) for _, x, y in texts])
    inside, which = shapely.STRtree(polygons).query(points, predicate="within")
    away = shapely.distance(points[inside], shapely.centroid(polygons[which]))
    for order in np.argsort(-away, kind="stable"):
        labels[which[order]] = texts[inside[order]][0]
    return labels
