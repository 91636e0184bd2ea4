"""The roads as a network for people on foot: where one can walk, and how far it is along the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Metres = NDArray[np.float64]
    Places = NDArray[np.int64]

NOT_ON_FOOT = ("expressway", "railway")
"""Classes of roads that nobody walks along."""

JOIN_M = 1.0
"""Grid the roads are rounded to: ends that miss the next road by less are joined to it, as digitised ones often do."""

_ONE_CM = 0.01


@dataclass(frozen=True)
class Feet:
    """Where points meet the network: the two stops around each, how far these are along the road, and how far off it lies.

    before, after: positions of the stops; to_before, to_after, off: metres.
    """

    before: Places
    after: Places
    to_before: Metres
    to_after: Metres
    off: Metres

    def reached(self, metres: Metres) -> Metres:
        """Give each point's distance, given that of every stop."""
        return np.minimum(metres[self.before] + self.to_before, metres[self.after] + self.to_after) + self.off


def joined(roads: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut roads where they meet, which of a city takes seconds: lines in a metric CRS, each from one meeting to the next.

    Roads that cross, or miss each other by less than a metre, are taken to meet; a bridge over a road therefore joins it.
    """
    edges: NDArray[np.object_] = shapely.get_parts(shapely.union_all(roads, grid_size=JOIN_M))
    return edges


class Network:
    """Roads cut where they meet, as a graph whose edges are metres."""

    def __init__(self, edges: NDArray[np.object_], goals: NDArray[np.object_]) -> None:
        """Build from joined roads and the points one walks to, in one metric CRS; roads are cut where a goal meets them too.

        ``goals`` holds the position of each goal's stop. Raises ValueError when there are no roads.
        """
        if not len(edges):
            raise ValueError("no roads")
        corners = np.stack([shapely.get_point(edges, 0), shapely.get_point(edges, -1)], axis=1)
        spots = np.round(shapely.get_coordinates(corners.ravel()) / _ONE_CM).astype(np.int64)
        known, stop = np.unique(spots, axis=0, return_inverse=True)
        self._edges, self._tree = edges, shapely.STRtree(edges)
        edge, along, off = self._feet(goals)
        junctions = len(known)
        foot = junctions + np.arange(len(goals))
        self.goals: Places = foot + len(goals)
        ends = stop.reshape(-1, 2)
        length = shapely.length(edges)
        every = np.arange(len(edges))
        # Every edge is a row of stops: its ends and the feet of the goals on it, in the order one passes them.
        rows = np.concatenate([every, every, edge])
        at = np.concatenate([np.zeros(len(edges)), length, along])
        stops = np.concatenate([ends[:, 0], ends[:, 1], foot])
        order = np.lexsort((at, rows))
        self._row, self._at, self._stop = rows[order], at[order], stops[order]
        self._first = np.searchsorted(self._row, every)
        same = self._row[1:] == self._row[:-1]
        start = np.concatenate([self._stop[:-1][same], foot])
        end = np.concatenate([self._stop[1:][same], self.goals])
        metres = np.concatenate([np.diff(self._at)[same], off])
        self._graph = _graph(start, end, np.maximum(metres, _ONE_CM), junctions + 2 * len(goals))

    def feet(self, points: NDArray[np.object_]) -> Feet:
        """Find where points meet the network, at the nearest place of the nearest road."""
        edge, along, off = self._feet(points)
        # The last stop of the edge at or before the place; the end of an edge has none after it.
        key = (
            np.searchsorted(self._row + self._at / (self._at.max() + 1), edge + along / (self._at.max() + 1), side="right") - 1
        )
        last = np.append(self._first[1:], len(self._row))[edge] - 2
        key = np.clip(key, self._first[edge], last)
        return Feet(self._stop[key], self._stop[key + 1], np.abs(along - self._at[key]), np.abs(self._at[key + 1] - along), off)

    def nearest(self) -> tuple[Metres, Places]:
        """Give every stop's distance to the nearest goal in metres, and which goal that is (-1: none can be reached)."""
        metres, _, source = csgraph.dijkstra(
            self._graph, directed=False, indices=self.goals, min_only=True, return_predecessors=True
        )
        which = np.where(np.isfinite(metres), source - self.goals[0], -1)
        return metres, which

    def around(self, stops: Places, limit_m: float) -> NDArray[np.float64]:
        """Give the distance from some stops (rows) to every stop (columns), infinite beyond the limit."""
        return csgraph.dijkstra(self._graph, directed=False, indices=stops, limit=limit_m)

    def _feet(self, points: NDArray[np.object_]) -> tuple[Places, Metres, Metres]:
        edge = self._tree.nearest(points)
        lines = self._edges[edge]
        return edge, shapely.line_locate_point(lines, points), shapely.distance(lines, points)


def _graph(start: Places, end: Places, metres: Metres, size: int) -> sparse.csr_array:
    """Make the graph; of several ways between the same two stops the shortest counts (a sparse sum would add them)."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((metres, high, low))
    low, high, metres = low[order], high[order], metres[order]
    first = np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
    first &= low != high
    return sparse.csr_array((metres[first], (low[first], high[first])), shape=(size, size))
