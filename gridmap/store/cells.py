"""Which polygon a point lies in, for millions of points: one level of regular cells over the polygons' frame.

A cell that no border touches belongs to one polygon (or none) as a whole, so most points cost one table look-up. In the other
cells a
point is tested against the borders of the few polygons there: even-odd, by the edges of the cell's row only. The rule is
half-open (a border belongs to the polygon east and north of it), every edge is stored in one direction, so two neighbours
compute the same bit and a point on their border lies in exactly one of them. Points on the frame's outer top and right edge
fall out by that rule: they go through one exact query, smallest code first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numba import njit

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOWHERE = -1
FINE_FROM = 5_000
"""Number of polygons from which cells are halved: more border cells, but fewer edges in each."""

_SLACK = 1e-7
"""Cells by which an edge's box is widened, so that rounding never calls a border cell whole."""

_LEFT_OUT = -2
"""What _locate says of a point inside the frame that it found in no polygon."""


class CellIndex:
    """Points to polygons, exactly one or none each.

    codes: the polygons' codes in ascending order; locate() answers positions in it. Where polygons overlap, the smallest code
    wins.
    """

    def __init__(self, polygons: gpd.GeoSeries) -> None:
        """Build from polygons or multipolygons (index = code, any one CRS)."""
        ordered = polygons.sort_index()
        self.codes: NDArray[np.object_] = np.asarray(ordered.index, dtype=object)
        shapes = np.asarray(ordered.array)
        self._tree = shapely.STRtree(shapes)
        size = 1024 if len(shapes) < FINE_FROM else 2048
        bounds = shapely.total_bounds(shapes)
        self._low = bounds[:2]
        self._size = size
        self._step = np.where(bounds[2:] > bounds[:2], (bounds[2:] - bounds[:2]) / size, 1.0)
        x0, y0, x1, y1, owner = _edges(shapes)
        self._index_edges(x0, y0, x1, y1, owner)

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Give each point's position in ``codes``, or NOWHERE. x and y in the polygons' CRS; NaN lies nowhere."""
        found = _locate(x, y, self._table)
        left = np.flatnonzero(found == _LEFT_OUT)
        if len(left):
            found[left] = self._touching(x[left], y[left])
        return found

    def _touching(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Points the half-open rule left out may lie on an outer border: an exact query decides, smallest code first."""
        found = np.full(len(x), NOWHERE, np.int32)
        point, shape = self._tree.query(shapely.points(x, y), predicate="intersects")
        order = np.lexsort((shape, point))[::-1]
        found[point[order]] = shape[order]
        return found

    def _index_edges(
        self,
        x0: NDArray[np.float64],
        y0: NDArray[np.float64],
        x1: NDArray[np.float64],
        y1: NDArray[np.float64],
        owner: NDArray[np.int32],
    ) -> None:
        size = self._size
        edge, row = _spans(*self._range(y0, y1, 1))
        # the stretch of x that an edge covers within a row
        low = self._low[1] + row * self._step[1]
        flat = y0 == y1
        slope = (x1 - x0) / np.where(flat, 1.0, y1 - y0)
        bottom = np.clip(low - _SLACK * self._step[1], y0[edge], y1[edge])
        top = np.clip(low + (1 + _SLACK) * self._step[1], y0[edge], y1[edge])
        left = np.where(flat[edge], x0[edge], x0[edge] + (bottom - y0[edge]) * slope[edge])
        right = np.where(flat[edge], x1[edge], x0[edge] + (top - y0[edge]) * slope[edge])
        piece, column = _spans(*self._range(np.minimum(left, right), np.maximum(left, right), 0))
        cell = row[piece].astype(np.int64) * size + column
        touched = np.unique(cell * len(self.codes) + owner[edge[piece]])
        border = touched // len(self.codes)
        whole, whole_owner = self._fill(x0, y0, x1, y1, owner)
        table = np.full(size * size, NOWHERE, np.int32)
        order = np.argsort(-whole_owner, kind="stable")
        table[whole[order]] = whole_owner[order]  # the smallest owner is written last
        # Border cells: owners of edges there, and owners that cover the cell's middle without an edge in it (overlaps).
        is_border = np.zeros(size * size, bool)
        is_border[border] = True
        over = is_border[whole]
        pairs = np.unique(np.concatenate([touched, whole[over] * len(self.codes) + whole_owner[over]]))
        cells, owners = np.divmod(pairs, len(self.codes))
        has_edge = np.isin(pairs, touched, assume_unique=True)
        unique, first = np.unique(cells, return_index=True)
        table[unique] = -2 - np.arange(len(unique), dtype=np.int32)
        # edges by (owner, row); level edges never cross a ray
        slanted = ~flat[edge]
        key = owner[edge[slanted]].astype(np.int64) * size + row[slanted]
        order = np.argsort(key, kind="stable")
        groups, group_first = np.unique(key[order], return_index=True)
        group_first = np.append(group_first, len(order))
        groups = np.append(groups, -1)
        wanted = owners * size + cells // size
        at = np.searchsorted(groups[:-1], wanted)
        at = np.where(has_edge & (groups[at] == wanted), at, len(groups) - 1)
        kept = edge[slanted][order]
        self._table = _Table(
            frame=np.concatenate([self._low, self._step]),
            size=size,
            cell=table,
            first=np.append(first, len(cells)).astype(np.int32),
            candidates=np.column_stack(
                [np.where(has_edge, owners, -1 - owners), group_first[at], group_first[np.minimum(at + 1, len(groups) - 1)]]
            ).astype(np.int32),
            edges=np.column_stack([y0[kept], y1[kept], x0[kept], slope[kept]]),
        )

    def _range(
        self, low: NDArray[np.float64], high: NDArray[np.float64], axis: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        first = np.floor((low - self._low[axis]) / self._step[axis] - _SLACK)
        last = np.floor((high - self._low[axis]) / self._step[axis] + _SLACK)
        limit = self._size - 1
        return np.clip(first, 0, limit).astype(np.int32), np.clip(last, 0, limit).astype(np.int32)

    def _fill(
        self,
        x0: NDArray[np.float64],
        y0: NDArray[np.float64],
        x1: NDArray[np.float64],
        y1: NDArray[np.float64],
        owner: NDArray[np.int32],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the cells whose middle each polygon covers, as (cell, owner) pairs: scan lines through the rows' middles."""
        size = self._size
        middle_first = np.ceil((y0 - self._low[1]) / self._step[1] - 0.5).astype(np.int64)
        middle_last = np.ceil((y1 - self._low[1]) / self._step[1] - 0.5).astype(np.int64) - 1
        edge, row = _spans(np.clip(middle_first, 0, size), np.clip(middle_last, -1, size - 1))
        y = self._low[1] + (row + 0.5) * self._step[1]
        hit = (y0[edge] <= y) & (y < y1[edge])
        edge, row, y = edge[hit], row[hit], y[hit]
        x = x0[edge] + (y - y0[edge]) * ((x1[edge] - x0[edge]) / (y1[edge] - y0[edge]))
        order = np.lexsort((x, row, owner[edge]))
        x, row, who = x[order], row[order], owner[edge][order]
        # even-odd: crossings of one polygon and row pair up
        start = np.ceil((x[::2] - self._low[0]) / self._step[0] - 0.5).astype(np.int64)
        stop = np.ceil((x[1::2] - self._low[0]) / self._step[0] - 0.5).astype(np.int64) - 1
        span, column = _spans(np.clip(start, 0, size), np.clip(stop, -1, size - 1))
        return row[::2][span].astype(np.int64) * size + column, who[::2][span].astype(np.int64)


class _Table(NamedTuple):
    """What a look-up needs, as arrays; what is read together stands together.

    frame: left, bottom, width and height of a cell. cell: a cell's polygon, NOWHERE, or -2 - n for the n-th border cell, whose
    candidates are rows first[n] to first[n + 1] of candidates. candidates: the polygon, or -1 - polygon when it covers the cell
    whole; from and to which row of edges those of it stand that run through the cell's row. edges: y0, y1, x0, slope.
    """

    frame: NDArray[np.float64]
    size: int
    cell: NDArray[np.int32]
    first: NDArray[np.int32]
    candidates: NDArray[np.int32]
    edges: NDArray[np.float64]


@njit(cache=True, nogil=True)
def _locate(x: NDArray[np.float64], y: NDArray[np.float64], table: _Table) -> NDArray[np.int32]:
    """Look every point's cell up; then, in border cells, count the edges to the right, of one polygon after the other.

    Two passes and no branch a point could mispredict: a third of the time of asking each point one question after the other.
    """
    frame, size, cell = table.frame, table.size, table.cell
    found = np.full(len(x), NOWHERE, np.int32)
    unsure = np.empty(len(x), np.int64)
    many = 0
    wide, high = 1 / frame[2], 1 / frame[3]
    for i in range(len(x)):
        across, up = (x[i] - frame[0]) * wide, (y[i] - frame[1]) * high
        if 0 <= across <= size and 0 <= up <= size:  # NaN is nowhere
            found[i] = cell[min(int(up), size - 1) * size + min(int(across), size - 1)]
            unsure[many] = i
            many += found[i] < 0
    for i in unsure[:many]:
        found[i] = _among(x[i], y[i], found[i], table)
    return found


@njit(cache=True, nogil=True, inline="always")
def _among(x: float, y: float, cell: int, table: _Table) -> int:
    """Test a point of a border cell against the polygons there, the smallest code first."""
    candidates, edges = table.candidates, table.edges
    if cell == NOWHERE:
        return _LEFT_OUT
    for candidate in range(table.first[-2 - cell], table.first[-1 - cell]):
        owner: int = candidates[candidate, 0]
        if owner < 0:
            return -1 - owner
        odd = False
        for edge in range(candidates[candidate, 1], candidates[candidate, 2]):
            low = edges[edge, 0]
            odd ^= (low <= y) & (y < edges[edge, 1]) & (x < edges[edge, 2] + (y - low) * edges[edge, 3])
        if odd:
            return owner
    return _LEFT_OUT


def _edges(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    """Give every edge once a polygon, lower end first (left end first when level), with the polygon's position."""
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, part_owner = parts[polygonal], part_owner[polygonal]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    owner = part_owner[ring_part[ring[1:][same]]].astype(np.int32)
    flip = (start[:, 1] > end[:, 1]) | ((start[:, 1] == end[:, 1]) & (start[:, 0] > end[:, 0]))
    start[flip], end[flip] = end[flip], start[flip].copy()
    return start[:, 0].copy(), start[:, 1].copy(), end[:, 0].copy(), end[:, 1].copy(), owner


def _spans(first: NDArray[np.integer], last: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Expand ranges first..last (both included, empty when last < first): give each element's range and its value."""
    many = np.maximum(last.astype(np.int64) - first + 1, 0)
    which = np.repeat(np.arange(len(first)), many)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    return which, first[which] + offset
