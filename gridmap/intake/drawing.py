"""Read DXF drawings inside the sealed process: closed polylines become polygons, the text inside one becomes its label."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from gridmap.errors import IntakeError
from gridmap.intake import content, encodings
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ezdxf.document import Drawing

    from gridmap.intake.content import Source

_CURVE_M = 0.05
"""How far a straight piece may lie off the arc it stands for, in drawing units (metres)."""
_CLOSES = 0.01
"""Ends this near each other close a line that is not marked closed, in drawing units."""
_BLOCKS_DEEP = 3


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give every drawing layer that has closed polylines, the fullest first. Raises IntakeError when there is none."""
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
    shown = tuple(dict.fromkeys(label for label in labels if label and not label.isascii()))[:5]
    return Content(table, content.column(shapely.to_wkb(polygons)), None, drawing.encoding, samples=shown)


def _opened(source: Source) -> Drawing:
    import ezdxf  # noqa: PLC0415 - half a second that only drawings pay
    from ezdxf import filemanagement, recover  # noqa: PLC0415 - the same

    codec = encodings.known(source.encoding)
    try:
        return recover.readfile(source.path)[0] if codec is None else filemanagement.readfile(source.path, encoding=codec)
    except (ezdxf.DXFError, OSError, ValueError, KeyError, IndexError, AttributeError) as error:  # type: ignore[attr-defined]
        raise IntakeError("{file} is a drawing that cannot be read; save it as DXF 2010 or later.", file=source.name) from error


def _entities(drawing: Drawing) -> Iterator[Any]:
    """Give the drawing's entities, those inside blocks where the blocks are inserted."""
    stack: list[tuple[Any, int]] = [(entity, 0) for entity in drawing.modelspace()]
    while stack:
        entity, depth = stack.pop()
        if entity.dxftype() == "INSERT":
            if depth < _BLOCKS_DEEP:
                stack += [(inner, depth + 1) for inner in entity.virtual_entities()]
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
