"""Where incidents crowd: counts by square cells of the map."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap import codes, store
from gridmap.kpi import cache, questions, squares
from gridmap.kpi import filters as filtering

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa
    from numpy.typing import NDArray

    from gridmap.kpi.filters import Filters, Where
    from gridmap.store import Store

FINER = 5
"""Zoom levels by which a cell is finer than the map's tiles: 8 pixels of 256."""

_SQUARES = "SELECT cell, n FROM incident_cells WHERE {condition}"
_ROWS = "SELECT cell FROM {table} WHERE {condition} AND cell IS NOT NULL"
_GROUPED = "SELECT cell >> {shift} AS cell, count(*) AS n FROM {table} WHERE {condition} AND cell IS NOT NULL GROUP BY 1"

_BATCH = 1_000_000
"""Rows of an answer that are taken over at once."""

_FEW_MONTHS = timedelta(days=100)
"""Up to so long what is read is counted here in less time than SQL groups it."""


def density(
    db: Store, filters: Filters, *, bounds: tuple[float, float, float, float] | None = None, zoom: int = 12
) -> pd.DataFrame:
    """Count incidents by square cells of the map for a viewport.

    bounds: west, south, east, north in degrees (None: everywhere); cells that it touches are counted whole. zoom: the map's;
    cells are 8 pixels, never finer than the stored ones (about 29 m). Columns: cell, n, west, south, east, north (degrees),
    most first.
    """
    fine = min(zoom + FINER, store.ZOOM)
    reads = ("incident_cells", "incidents")
    place = bounds if _tally(db, filters, fine) is None else None  # of the tally all is read at once: moving asks nothing
    question = ("density", filters, fine, place)
    cells, n = cache.once(db, question, lambda: _count(db, filters, fine, place), reads=reads, days=filters.days)
    if bounds is not None:
        first, last = _corners(bounds, fine)
        held = slice(np.searchsorted(cells, first), np.searchsorted(cells, last, side="right"))
        cells, n = cells[held], n[held]
    sides = store.tile_bounds(cells, fine).T
    west, south, east, north = sides
    if bounds is not None:
        inside = np.flatnonzero((east > bounds[0]) & (west < bounds[2]) & (north > bounds[1]) & (south < bounds[3]))
    else:
        inside = np.arange(len(cells))
    order = inside[_most_first(n[inside])]
    found = {"cell": cells[order], "n": n[order]}
    return pd.DataFrame(found | dict(zip(("west", "south", "east", "north"), sides.take(order, axis=1), strict=True)))


def _tally(db: Store, filters: Filters, fine: int) -> Where | None:
    """Give the place in the filters as SQL over the tally of squares, or None where the tally cannot answer."""
    return filtering.tallied(filters) if fine <= store.TALLY_ZOOM and len(db.scope) <= codes.COMMUNITY else None


def _corners(bounds: tuple[float, float, float, float], fine: int) -> tuple[int, int]:
    """Give the least and the greatest cell of a rectangle: they stand in its north-west and south-east corners."""
    west, south, east, north = bounds
    lon, lat = np.clip([west, east], -180, 180), np.clip([north, south], -85, 85)
    corners = store.tiles(lon, lat) >> 2 * (store.ZOOM - fine)
    return int(corners[0]), int(corners[1])


def _count(
    db: Store, filters: Filters, fine: int, bounds: tuple[float, float, float, float] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the cells that hold incidents and how many, by cell: whole months of the tally, and the days at the ends."""
    cursor, table, found = questions.source(db, filters)
    shift = 2 * (store.ZOOM - fine)
    tally = _tally(db, filters, fine)
    values = dict(found.parameters)
    whole: list[str] | None = None
    rest: list[str] | None = [found.condition]
    if tally is not None:
        first, last = _months(filters)
        # as dates, or the months would be compared as times, one by one
        values |= {**tally.parameters, "first": first and first.date(), "last": last and last.date()}
        whole, rest = _split(filters, first, last, found.condition)
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    def ask(query: str, by: int) -> None:
        used = set(re.findall(r"\$(\w+)", query))
        found = cursor.execute(query, {name: value for name, value in values.items() if name in used})
        parts.append(squares.together(*_columns(found.to_arrow_reader(_BATCH)), shift=by))

    if whole is not None and tally is not None:
        ask(_SQUARES.format(condition=" AND ".join([tally.condition, *whole])), shift - 2 * (store.ZOOM - store.TALLY_ZOOM))
    if rest is not None:
        if bounds is not None:
            low, high = _corners(bounds, fine)
            values |= {"low": low << shift, "high": (high + 1 << shift) - 1}
            rest.append("cell BETWEEN $low AND $high")
        query = (_ROWS if _short(filters) else _GROUPED).format(shift=shift, table=table, condition=" AND ".join(rest))
        ask(query, shift if _short(filters) else 0)
    if len(parts) == 1:
        return parts[0]
    return squares.together(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _columns(reader: pa.RecordBatchReader) -> list[NDArray[np.int64]]:
    """Give the columns of an answer without empty values as arrays, in half the time of fetchnumpy."""
    batches = list(reader)
    columns = [[batch.column(place).to_numpy() for batch in batches] for place in range(len(reader.schema))]
    return [
        np.asarray(parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts]), np.int64)
        for parts in columns
    ]


def _most_first(n: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the order of counts, most first; equal ones stay in their order."""
    small = len(n) == 0 or int(n.max()) < 1 << 15
    return np.argsort(
        -n.astype(np.int16) if small else -n, kind="stable"
    )  # 16 bits are sorted by digits, in a tenth of the time


def _short(filters: Filters) -> bool:
    """Say whether the filters mean no more incidents than a compiled loop counts in less time than SQL."""
    if filters.start is None or filters.end is None:
        return False
    return filtering.moment(filters.end) - filtering.moment(filters.start) <= _FEW_MONTHS


def _split(
    filters: Filters, first: datetime | None, last: datetime | None, condition: str
) -> tuple[list[str] | None, list[str] | None]:
    """Give the conditions of the whole months from first to last, and of the incidents before and after; None for none."""
    if first is not None and last is not None and first >= last:
        return None, [condition]
    outside = []
    if first is not None and first != filtering.moment(filters.start or first):
        outside.append("reported_at < $first")
    if last is not None and last != filtering.moment(filters.end or last):
        outside.append("reported_at >= $last")
    months = ["month >= $first"] if first is not None else []
    months += ["month < $last"] if last is not None else []
    return months, [condition, f"({' OR '.join(outside)})"] if outside else None


def _months(filters: Filters) -> tuple[datetime | None, datetime | None]:
    """Give the beginning of the first and the end of the last whole month that the filters mean; None where they are open."""
    first = last = None
    if filters.start is not None:
        start = filtering.moment(filters.start)
        first = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        if first < start:
            first = (first + timedelta(days=31)).replace(day=1)
    if filters.end is not None:
        last = filtering.moment(filters.end).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, last
