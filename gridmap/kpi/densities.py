"""Where incidents crowd: counts by square cells of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap import store
from gridmap.kpi import cache, questions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridmap.kpi.filters import Filters
    from gridmap.store import Store

FINER = 5
"""Zoom levels by which a cell is finer than the map's tiles: 8 pixels of 256."""

KEPT = 18
"""Finest cells (about 120 m) that are counted once for the whole district and kept, so that moving the map costs no query."""

_MOST_BINS = 1 << 24


def density(
    db: Store, filters: Filters, *, bounds: tuple[float, float, float, float] | None = None, zoom: int = 12
) -> pd.DataFrame:
    """Count incidents by square cells of the map for a viewport.

    bounds: west, south, east, north in degrees (None: everywhere); cells that it touches are counted whole. zoom: the map's;
    cells are 8 pixels, never finer than the stored ones (about 29 m). Columns: cell, n, west, south, east, north (degrees),
    most first.
    """
    fine = min(zoom + FINER, store.ZOOM)
    place = bounds if fine > KEPT else None
    cells, n = cache.once(db, ("density", filters, fine, place), lambda: _count(db, filters, fine, place), reads=("incidents",))
    if bounds is not None:
        first, last = _corners(bounds, fine)
        held = slice(np.searchsorted(cells, first), np.searchsorted(cells, last, side="right"))
        cells, n = cells[held], n[held]
    edges = store.tile_bounds(cells, fine)
    frame = pd.DataFrame(
        {"cell": cells, "n": n, **{name: edges[:, at] for at, name in enumerate(("west", "south", "east", "north"))}}
    )
    if bounds is not None:
        west, south, east, north = bounds
        frame = frame[(frame["east"] > west) & (frame["west"] < east) & (frame["north"] > south) & (frame["south"] < north)]
    return frame.sort_values(["n", "cell"], ascending=[False, True], ignore_index=True)


def _corners(bounds: tuple[float, float, float, float], fine: int) -> tuple[int, int]:
    """Give the least and the greatest cell of a rectangle: they stand in its north-west and south-east corners."""
    west, south, east, north = bounds
    lon, lat = np.clip([west, east], -180, 180), np.clip([north, south], -85, 85)
    corners = store.tiles(lon, lat) >> 2 * (store.ZOOM - fine)
    return int(corners[0]), int(corners[1])


def _count(
    db: Store, filters: Filters, fine: int, bounds: tuple[float, float, float, float] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the cells that hold incidents and how many, by cell.

    Few bins are counted by numpy from the bare column, which takes half the time of a hashed GROUP BY of 10 million rows.
    """
    cursor, table, found = questions.source(db, filters)
    shift = 2 * (store.ZOOM - fine)
    condition, values = f"{found.condition} AND cell IS NOT NULL", dict(found.parameters)
    if bounds is not None:
        first, last = _corners(bounds, fine)
        condition += " AND cell BETWEEN $first AND $last"
        values |= {"first": first << shift, "last": (last + 1 << shift) - 1}
    row = cursor.execute("SELECT min(cell), max(cell) FROM incidents").fetchone()
    low, high = (int(cell) >> shift for cell in row) if row and row[0] is not None else (0, 0)
    if high - low >= _MOST_BINS or bounds is not None:
        query = f"SELECT cell >> {shift} AS cell, count(*) AS n FROM {table} WHERE {condition} GROUP BY 1 ORDER BY 1"
        counted = cursor.execute(query, values).df()
        return counted["cell"].to_numpy(np.int64), counted["n"].to_numpy(np.int64)
    bins = np.zeros(high - low + 1, np.int64)
    query = f"SELECT ((cell >> {shift}) - {low})::INTEGER AS bin FROM {table} WHERE {condition}"
    for batch in cursor.execute(query, values).to_arrow_reader(1_000_000):
        bins += np.bincount(batch.column(0).to_numpy(), minlength=len(bins))
    cells = np.flatnonzero(bins)
    return cells + low, bins[cells]
