"""The plane cut along edges, by our own snap rounding: the same faces as GEOS gives on the same grid, many times as fast.

Ours is exact and GEOS computes crossings in doubles, so near a tie they could differ. Each such place is found by a bound on
the doubles' error and left to GEOS itself, so that the faces are the same by construction; a test holds it.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numba import config

from gridmap.merge import crossings, labels, linking, ties, tiling, tracing

if TYPE_CHECKING:
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from gridmap.merge.arcs import Edges

    Ints = NDArray[np.int64]
    Short = NDArray[np.int32]

TILE = 4_000
"""Edges of a tile, on average: what is looked at together fits in a processor's own cache."""

THREADS = min(4, int(config.NUMBA_DEFAULT_NUM_THREADS))  # type: ignore[attr-defined]  # numba names its settings as it starts
"""Threads that share out the tiles: more bring little beside what one must do alone."""

WORTH = 50_000
"""Edges from which on threads pay."""

DRAWN = 20_000
"""Faces that are made polygons at a time, while the next are drawn."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges after noding.

    xy: vertices in grid units; pieces: unique pairs of vertices (lower first) that meet only at their ends. Edge e of the
    source is cut at the vertices ``inner[first[e]:first[e + 1]]``; ``piece`` has the pieces of its steps, from
    ``first[e] + e`` on.
    """

    xy: Short
    pieces: Short
    first: Ints
    inner: Short
    piece: Short


@dataclass(frozen=True, slots=True)
class Traced:
    """The bounded faces of a graph, not drawn yet: shells by place (west, south, east, north), each with its holes.

    xy: vertices in grid units; arcs, order, begins: see tracing. ring: of every face its shell, then its holes; of: the face
    of each of them. left: half-arc -> face, ``count`` for the outer face, -1 where the arc bounds no face.
    """

    xy: Short
    arcs: tracing.Arcs
    order: Short
    begins: Ints
    ring: Ints
    of: Ints
    left: Short
    count: int


def fits(found: Edges) -> bool:
    """Say whether the edges are within what 64-bit products can hold."""
    return len(found.ends) > 0 and bool(tiling.extent(found.xy, found.ends)[2] < crossings.LONGEST)


def node(found: Edges) -> Graph | None:
    """Cut edges where they cross and where they pass a vertex; None where GEOS has to do it all."""
    met = _met(found.xy, found.ends)
    if met is None:
        return None
    xy, passing = met
    first, inner = crossings.chains(xy, found.ends, passing)
    pieces, piece = linking.pieces(found.ends, first, inner, len(xy))
    return Graph(xy, pieces, first, inner, piece)


def _met(xy: Short, ends: Short) -> tuple[Short, Short] | None:
    """Give the vertices, crossings after those there were, and pairs (edge, vertex) where an edge passes a vertex."""
    tiles = tiling.tiles(xy, ends, TILE)
    threads = THREADS if len(ends) > WORTH else 1
    bounds = np.searchsorted(tiles.starts, np.linspace(0, tiles.starts[-1], threads + 1)[1:-1]).tolist()
    shares = list(itertools.pairwise([0, *bounds, len(tiles.starts) - 1]))
    offs = [np.zeros(len(ends)) for _ in shares]
    born = np.zeros(len(tiles.starts) - 1, np.int64)
    with ThreadPoolExecutor(threads) as pool:  # the last share is this thread's own
        waiting = [
            pool.submit(crossings.meetings, xy, ends, tiles, *share, off, born)
            for share, off in zip(shares[:-1], offs[:-1], strict=True)
        ]
        mine = crossings.meetings(xy, ends, tiles, *shares[-1], offs[-1], born)
        parts = [*(part.result() for part in waiting), mine]
    off = np.maximum.reduce(offs)
    before = 0
    for (begin, end), (fresh, through, *_) in zip(shares, parts, strict=True):
        through[through[:, 1] >= len(xy), 1] += before
        born[begin:end] += before
        before += len(fresh)
    old, xy = len(xy), np.concatenate([xy, *(part[0] for part in parts)])
    passing, unsure, close, gap = (np.concatenate([part[k] for part in parts]) for k in (1, 2, 3, 4))
    if len(unsure):
        met = ties.crossings(xy, ends, unsure)
        more = crossings.also(met, xy, old, ends, tiles, born, off)
        xy, passing = np.concatenate([xy, more[0]]), np.concatenate([passing, more[1]])
        close, gap = np.concatenate([close, more[2]]), np.concatenate([gap, more[3]])
    doubtful = off >= crossings.NEAR
    doubtful[close[gap <= off[close]]] = True
    if doubtful.any():
        near = np.unique(crossings.beside(xy, ends, tiles, doubtful), axis=0)
        decided = ties.passed(xy, old, ends, near)
        if decided is None:
            return None
        passing = np.concatenate([passing[~doubtful[passing[:, 0]]], decided])
    return xy, passing


def faces(graph: Graph, origin: Ints | None = None, units: float = 1.0) -> NDArray[np.object_]:
    """Give the faces as polygons in normal form, sorted by their boxes: at (units from ``origin`` + ``origin``) / ``units``."""
    traced = trace(graph.xy, tracing.arcs(graph.xy, graph.pieces))
    return polygons(traced, np.zeros(2, np.int64) if origin is None else origin, units)


def bordered(found: Edges, graph: Graph, *, layer: Short, row: Short, bad: NDArray[np.bool_]) -> tuple[Traced, Short, Short]:
    """Trace the faces, and give the row to the left and right of each arc in each layer (see labels); mark ``bad`` layers.

    layer, row: of each polygon the edges were found for.
    """
    joined = tracing.arcs(graph.xy, graph.pieces)
    with ThreadPoolExecutor(1) as beside:
        naming = beside.submit(
            labels.sides, found.edge, found.left, found.owner, layer, row, found.ends, graph.first, graph.inner, graph.piece,
            joined.sign, len(joined.twice), bad,
        )  # fmt: skip
        traced = trace(graph.xy, joined)
        west, east = naming.result()
    return traced, west, east


def trace(xy: Short, joined: tracing.Arcs) -> Traced:
    """Trace the faces: dangling arcs and arcs with the same face on both sides bound none."""
    alive = np.ones(len(joined.twice), bool)
    tracing.prune(joined, alive)
    following, walk = tracing.walks(joined, alive)
    bridge = alive & (walk[0::2] == walk[1::2])
    if bridge.any():
        alive &= ~bridge
        following, walk = tracing.walks(joined, alive)
    order, begins, of, twice = tracing.rings(joined, following, walk)
    shell = np.flatnonzero(twice > 0)
    box = tracing.boxes(joined, order, begins, shell)
    west = box[:, 0].astype(np.int64) << 32 | box[:, 1]
    place = np.argsort(west, kind="stable")
    same = np.diff(west[place], prepend=-1) == 0
    if same.any():
        tied = np.flatnonzero(same | np.append(same[1:], False))
        place[tied] = place[tied][np.lexsort(box[place[tied]].T[::-1])]
    shell, box = shell[place], box[place]
    face_of_walk = np.full(int(walk.max(initial=-1)) + 2, -1)
    face_of_walk[of[shell]] = np.arange(len(shell))
    outside = face_of_walk[of] < 0
    bare, lead = np.unique(of[outside], return_index=True)  # walks around a group of faces from outside
    lead = np.flatnonzero(outside)[lead]
    face_of_walk[bare] = _around(xy, joined, order, begins, shell, box, lead)
    hole = np.flatnonzero((twice < 0) & (face_of_walk[of] < len(shell)))
    ring = np.concatenate([shell, hole])
    face = face_of_walk[of[ring]]
    sort = np.argsort(face, kind="stable")
    left = np.where(walk < 0, -1, face_of_walk[walk]).astype(np.int32)
    return Traced(xy, joined, order, begins, ring[sort], face[sort], left, len(shell))


def polygons(traced: Traced, origin: Ints, units: float) -> NDArray[np.object_]:
    """Draw the faces, as ``faces`` does."""
    ring = traced.ring
    shell = np.append(np.flatnonzero(np.diff(traced.of, prepend=-1)), len(ring))
    chunks = list(itertools.pairwise([*range(0, len(shell) - 1, DRAWN), len(shell) - 1]))

    def draw(first: int, last: int) -> tuple[NDArray[np.float64], Ints]:
        mine = ring[shell[first] : shell[last]]
        return tracing.drawn(
            traced.xy, traced.arcs, traced.order, traced.begins, mine, float(origin[0]), float(origin[1]), units
        )

    made = np.empty(len(shell) - 1, dtype=object)
    with ThreadPoolExecutor(1) as beside:
        ahead: list[Future[tuple[NDArray[np.float64], Ints]]] = []
        for number, (first, last) in enumerate(chunks):
            flat, offset = ahead.pop().result() if ahead else draw(first, last)
            if number + 1 < len(chunks):
                ahead.append(beside.submit(draw, *chunks[number + 1]))
            offsets = (offset, shell[first : last + 1] - shell[first])
            made[first:last] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, flat, offsets)
    several = np.diff(shell) > 2  # more than one hole: these have an order of their own
    made[several] = shapely.normalize(made[several])
    return made


def _around(xy: Short, joined: tracing.Arcs, order: Short, begins: Ints, shell: Ints, box: Short, bare: Ints) -> Ints:
    """Give for each bare ring the face its group lies in: the smallest shell around it, or len(shell) for the outer face."""
    if len(bare) <= 1:
        return np.full(len(bare), len(shell))
    half = order[begins[bare]]
    vertex = joined.line[np.where(half & 1 == 0, joined.begins[half >> 1], joined.begins[(half >> 1) + 1] - 1)]
    points = shapely.points(xy[vertex].astype(float))
    inner, outer = shapely.STRtree(shapely.box(*box.T.astype(float))).query(points, predicate="within")
    near, at = np.unique(outer, return_inverse=True)
    flat, offset = tracing.drawn(xy, joined, order, begins, shell[near], 0.0, 0.0, 1.0)
    shells = shapely.from_ragged_array(shapely.GeometryType.POLYGON, flat, (offset, np.arange(len(near) + 1)))
    within = shapely.within(points[inner], shells[at])
    inner, outer, area = inner[within], outer[within], shapely.area(shells)[at][within]
    nearest = np.lexsort((area, inner))
    found = np.full(len(bare), len(shell))
    begin = nearest[np.flatnonzero(np.diff(inner[nearest], prepend=-1))]
    found[inner[begin]] = outer[begin]
    return found
