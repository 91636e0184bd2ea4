"""Join the vertices that a table lists row by row to areas: a common way to send boundaries where no GIS is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridmap.intake import content
from gridmap.intake.forms import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ORDER = (
    "序号", "点号", "顶点号", "顶点序号", "点序号", "点序", "顺序", "顺序号", "拐点号", "界址点号", "界址点序号",
    "order", "seq", "vertex", "vertexid", "vertexindex", "pointorder", "xh", "dh", "dxh",
)  # fmt: skip
"""Headings of the column that numbers the vertices of an area."""
_FEWEST = 3
_LOOKED_AT = 100


def joined(table: pa.Table, wkb: pa.ChunkedArray) -> tuple[pa.Table, pa.ChunkedArray] | None:
    """Give areas in place of vertices: a row for each run of rows that one column holds together, its constant columns kept.

    None unless every row is a point, and the vertices of each area are numbered upwards by a column or end where they began:
    points that merely stand in groups are no borders.
    """
    points = _points(wkb)
    if points is None or len(points) < _FEWEST:
        return None
    frame = table.to_pandas()
    places = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    starts = _areas(frame, places)
    if starts is None:
        return None
    owner = np.repeat(np.arange(len(starts)), np.diff([*starts, len(frame)]))
    coded = {name: pd.factorize(frame[name])[0] for name in frame.columns}
    kept = [name for name, codes in coded.items() if (codes == codes[starts][owner]).all()]
    shapes = [shapely.Polygon(part) for part in np.split(places, starts[1:])]
    return pa.Table.from_pandas(frame.loc[starts, kept], preserve_index=False), content.column(shapely.to_wkb(shapes))


def may_list(wkb: pa.ChunkedArray) -> bool:
    """Say whether the first rows are points: most tables show at once that they hold areas."""
    return _points(wkb.slice(0, _LOOKED_AT)) is not None


def _points(wkb: pa.ChunkedArray) -> NDArray[np.object_] | None:
    """Give points, or None where one row is none."""
    try:
        shapes = shapely.from_wkb(np.asarray(wkb.to_numpy(), dtype=object), on_invalid="ignore")
    except NotImplementedError:  # one with arcs
        return None
    return shapes if (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all() else None


def _areas(frame: pd.DataFrame, places: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Give the row each area begins at: by the column that tells the most areas apart and in which they are whole."""
    best = None
    for name in frame.columns:
        codes, names = pd.factorize(frame[name])
        starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
        whole = (codes >= 0).all() and len(starts) == len(names) and np.diff([*starts, len(codes)]).min() >= _FEWEST
        if whole and (best is None or len(starts) > len(best)) and _rings(frame, places, starts):
            best = starts
    return best


def _rings(frame: pd.DataFrame, places: NDArray[np.float64], starts: NDArray[np.int64]) -> bool:
    """Say whether rows are the vertices of rings: numbered upwards in each, or each closed."""
    ends = np.r_[starts[1:], len(frame)] - 1
    if (places[starts] == places[ends]).all():
        return True
    inner = np.setdiff1d(np.arange(1, len(frame)), starts)
    ordered = [pd.to_numeric(frame[name], errors="coerce").to_numpy() for name in frame.columns if plain(str(name)) in _ORDER]
    return any((numbers[inner] > numbers[inner - 1]).all() for numbers in ordered)
