"""Which polygon a point lies in, for millions of points: one level of regular cells over the polygons' frame.

A cell that no border touches belongs to one polygon (or none) as a whole, so most points cost one table look-up. In the other
cells a
point is tested against the borders of the few polygons there: even-odd, by the edges of the cell's row only. The rule is
half-open (a border belongs to the polygon east and north of it), every edge is stored in one direction, so two neighbours
compute the same bit and a point on their border lies in exactly one of them. Points on the frame's outer top and right edge
fall out by that rule: they go through one exact query, smallest code first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOWHERE = -1
FINE_FROM = 5_000
"""Number of polygons from which cells are halved: more border cells, but fewer edges in each."""

_SLACK = 1e-7
"""Cells by which an edge's box is widened, so that rounding never calls a border cell whole."""


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
        found = np.full(len(x), NOWHERE, np.int32)
        column, row = self._cell(x, 0), self._cell(y, 1)
        inside = np.flatnonzero((column >= 0) & (row >= 0))
        cell = row[inside].astype(np.int64) * self._size + column[inside]
        value = self._table[cell]
        found[inside] = np.where(value >= 0, value, NOWHERE)
        border = np.flatnonzero(value < NOWHERE)
        if len(border):
            points = inside[border]
            found[points] = self._test(x[points], y[points], -2 - value[border])
        self._settle_leftovers(found, x, y)
        return found

    def _cell(self, value: NDArray[np.float64], axis: int) -> NDArray[np.int32]:
        scaled = (value - self._low[axis]) / self._step[axis]
        fits = (scaled >= 0) & (scaled <= self._size)  # NaN fits nowhere
        whole = np.where(fits, scaled, -1.0).astype(np.int32)
        return np.minimum(whole, self._size - 1)

    def _test(self, x: NDArray[np.float64], y: NDArray[np.float64], border: NDArray[np.int32]) -> NDArray[np.int32]:
        """Test points in border cells against that cell's candidates, smallest first."""
        first, count = self._candidate_first[border], self._candidate_count[border]
        result = np.full(len(x), NOWHERE, np.int32)
        open_ = np.arange(len(x))
        for turn in range(int(count.max(initial=0))):
            open_ = open_[(result[open_] == NOWHERE) & (count[open_] > turn)]
            if not len(open_):
                break
            candidate = first[open_] + turn
            group = self._candidate_edges[candidate]
            start, many = self._group_first[group], self._group_count[group]
            which = np.repeat(np.arange(len(open_)), many)
            offset = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
            edge = self._row_edges[np.repeat(start, many) + offset]
            px, py = x[open_][which], y[open_][which]
            x0, y0, x1, y1 = (part[edge] for part in self._edge)
            crosses = (y0 <= py) & (py < y1)
            crosses &= px < x0 + (py - y0) * ((x1 - x0) / (y1 - y0))
            odd = np.bincount(which, weights=crosses, minlength=len(open_)).astype(np.int64) & 1 == 1
            # A candidate without edges in this row covers the cell whole.
            odd |= self._candidate_whole[candidate]
            result[open_[odd]] = self._candidate_owner[candidate[odd]]
        return result

    def _settle_leftovers(self, found: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Points the half-open rule left out lie on an outer border: an exact query decides, smallest code first."""
        high = self._low + self._step * self._size
        with np.errstate(invalid="ignore"):
            near = (found == NOWHERE) & (x >= self._low[0]) & (x <= high[0]) & (y >= self._low[1]) & (y <= high[1])
        left = np.flatnonzero(near)
        if not len(left):
            return
        point, shape = self._tree.query(shapely.points(x[left], y[left]), predicate="intersects")
        order = np.lexsort((shape, point))
        point, shape = point[order], shape[order]
        keep = np.concatenate([[True], point[1:] != point[:-1]]) if len(point) else np.zeros(0, bool)
        found[left[point[keep]]] = shape[keep]

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
        unique, first, count = np.unique(cells, return_index=True, return_counts=True)
        table[unique] = -2 - np.arange(len(unique), dtype=np.int32)
        self._table = table
        self._candidate_first, self._candidate_count = first, count
        self._candidate_owner = owners.astype(np.int32)
        self._candidate_whole = ~has_edge
        # edges by (owner, row); level edges never cross a ray
        slanted = ~flat[edge]
        key = owner[edge[slanted]].astype(np.int64) * size + row[slanted]
        order = np.argsort(key, kind="stable")
        self._row_edges = edge[slanted][order]
        groups, group_first, group_count = np.unique(key[order], return_index=True, return_counts=True)
        self._group_first = np.append(group_first, 0)
        self._group_count = np.append(group_count, 0)
        wanted = owners * size + cells // size
        at = np.searchsorted(groups, wanted)
        hit = (at < len(groups)) & (groups[np.minimum(at, len(groups) - 1)] == wanted)
        self._candidate_edges = np.where(hit & has_edge, at, len(groups))
        self._edge = (x0, y0, x1, y1)

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
