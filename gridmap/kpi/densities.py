"""Where incidents crowd: counts by square cells of the map."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap import codes, store
from gridmap.kpi import cache, questions
from gridmap.kpi import filters as filtering

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from gridmap.kpi.filters import Filters, Where
    from gridmap.store import Store

FINER = 5
"""Zoom levels by which a cell is finer than the map's tiles: 8 pixels of 256."""

_SQUARES = "SELECT cell >> {shift} AS cell, n FROM incident_cells WHERE {condition}"
_ROWS = "SELECT cell >> {shift} AS cell FROM {table} WHERE {condition} AND cell IS NOT NULL"

_FEW_MONTHS = timedelta(days=100)
"""Up to so long numpy sums what is read in less time than SQL groups it."""

_NEAR = 1 << 22
"""Cells from the first to the last of a city, at most, for which a number each is kept while they are counted."""


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
    cells, n = cache.once(db, ("density", filters, fine, place), lambda: _count(db, filters, fine, place), reads=reads)
    if bounds is not None:
        first, last = _corners(bounds, fine)
        held = slice(np.searchsorted(cells, first), np.searchsorted(cells, last, side="right"))
        cells, n = cells[held], n[held]
    west, south, east, north = store.tile_bounds(cells, fine).T
    if bounds is not None:
        inside = np.flatnonzero((east > bounds[0]) & (west < bounds[2]) & (north > bounds[1]) & (south < bounds[3]))
    else:
        inside = np.arange(len(cells))
    order = inside[np.argsort(-n[inside], kind="stable")]  # cells ascend, so equal counts stay in their order
    found = {"cell": cells, "n": n, "west": west, "south": south, "east": east, "north": north}
    return pd.DataFrame({name: values[order] for name, values in found.items()})


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
    first = last = None
    whole: list[str] | None = None
    rest: list[str] | None = [found.condition]
    if tally is not None:
        first, last = _months(filters)
        # as dates, or the months would be compared as times, one by one
        values |= {**tally.parameters, "first": first and first.date(), "last": last and last.date()}
        whole, rest = _split(filters, first, last, found.condition)
    found_n: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    def ask(query: str, n: str) -> None:
        if not _short(filters):
            query = f"SELECT cell, {n}::BIGINT AS n FROM ({query}) GROUP BY 1"
        used = set(re.findall(r"\$(\w+)", query))
        read = cursor.execute(query, {name: value for name, value in values.items() if name in used}).fetchnumpy()
        cells = np.asarray(read["cell"], np.int64)
        found_n.append(_together(cells, np.asarray(read["n"], np.int64) if "n" in read else None))

    if whole is not None and tally is not None:
        finer = 2 * (store.ZOOM - store.TALLY_ZOOM)
        ask(_SQUARES.format(shift=shift - finer, condition=" AND ".join([tally.condition, *whole])), "sum(n)")
    if rest is not None:
        if bounds is not None:
            low, high = _corners(bounds, fine)
            values |= {"low": low << shift, "high": (high + 1 << shift) - 1}
            rest.append("cell BETWEEN $low AND $high")
        ask(_ROWS.format(shift=shift, table=table, condition=" AND ".join(rest)), "count(*)")
    if len(found_n) == 1:
        return found_n[0]
    cells, n = (np.concatenate(parts) for parts in zip(*found_n, strict=True))
    return _together(cells, n)


def _short(filters: Filters) -> bool:
    """Say whether the filters mean no more than numpy sums in less time than SQL."""
    if filters.start is None or filters.end is None:
        return False
    return filtering.moment(filters.end) - filtering.moment(filters.start) <= _FEW_MONTHS


def _together(cells: NDArray[np.int64], n: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sum what is counted of the same cells, one each where n is None; gives the cells in their order."""
    low = int(cells.min()) if len(cells) else 0
    if len(cells) and int(cells.max()) - low < _NEAR:  # a city: counting into places costs a tenth of sorting
        sums = np.bincount(cells - low, weights=n)
        held = np.flatnonzero(sums > 0)
        return held + low, sums[held].astype(np.int64)
    order = np.argsort(cells, kind="stable")
    cells, n = cells[order], np.ones(len(cells), np.int64) if n is None else n[order]
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    if len(starts):
        cells, n = cells[starts], np.add.reduceat(n, starts)
    return cells[n > 0], n[n > 0]


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
