"""The plane cut along edges, by our own snap rounding: the same faces as GEOS gives on the same grid, several times as fast.

Ours is exact and GEOS computes crossings in doubles, so near a tie they could differ. Each such place is found by a bound on
the doubles' error and left to GEOS itself, so that the faces are the same by construction; a test holds it.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numba import config

from gridmap.merge import crossings, hashing, labels, ties, tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridmap.merge.arcs import Edges

    Ints = NDArray[np.int64]

CELL = 1.3
"""Side of a search cell in mean edge lengths; 1.1-1.5 are equally fast."""

CELLS = 400_000
"""Cells that cost nothing worth saving, however few the edges: winding borders on wide ground need small ones."""


THREADS = min(4, int(config.NUMBA_DEFAULT_NUM_THREADS))  # type: ignore[attr-defined]  # numba names its settings as it starts
"""Threads that share out the search for crossings: more bring little beside what one must do alone."""

WORTH = 100_000
"""Entries of edges in cells from which on threads pay."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges after noding.

    xy: vertices in grid units; pieces: unique pairs of vertices (lower first) that meet only at their ends. Edge e of the
    source runs over the vertices ``chain[starts[e]:starts[e + 1]]``; ``piece`` is the piece from each of them to the next.
    """

    xy: Ints
    pieces: Ints
    starts: Ints
    chain: Ints
    piece: Ints


@dataclass(frozen=True, slots=True)
class Faces:
    """The bounded faces of a graph, as polygons, and the face left of each half-edge.

    polygons: Polygons; left: half-edge -> face, len(polygons) for the outer face, -1 where the piece bounds no face.
    """

    polygons: NDArray[np.object_]
    left: Ints


def fits(found: Edges) -> bool:
    """Say whether the edges are within what 64-bit products can hold."""
    if len(found.ends) == 0:
        return False
    span = found.xy[found.ends[:, 1]] - found.xy[found.ends[:, 0]]
    return bool(np.abs(span).max() < crossings.LONGEST)


def node(found: Edges) -> Graph | None:
    """Cut edges where they cross and where they pass a vertex; None where GEOS has to do it all."""
    xy, ends = found.xy, found.ends
    span = xy[ends[:, 1]] - xy[ends[:, 0]]
    extent = xy.max(axis=0) + 1
    mean = np.hypot(span[:, 0], span[:, 1]).mean()
    room = max(4 * len(ends), CELLS)
    cell = int(max(CELL * mean, np.sqrt(extent[0] * 1.0 * extent[1] / room), extent.max() / 2**20, 1)) + 1
    wide, high = (extent // cell + 1).tolist()
    starts, edges = crossings.cells_of(xy, ends, cell, wide, high)
    off, met, unsure = _shared(
        crossings.crossings, starts, len(ends), lambda first, last, off: (xy, ends, starts, edges, first, last, off)
    )
    if len(unsure):
        met = np.concatenate([met, ties.crossings(xy, ends, unsure)])
    if len(met):
        both = np.concatenate([xy, met])
        packed, _ = hashing.unique(both[:, 0] << 32 | both[:, 1])
        xy = np.column_stack([packed >> 32, packed & 0xFFFFFFFF])
    count, order = crossings.vertices_of(xy, cell, wide, len(starts) - 1)
    bent, which, through, close, gap = _shared(
        crossings.passed,
        starts,
        len(ends),
        lambda first, last, off: (xy, ends, starts, edges, count, order, first, last, off),
    )
    off = np.maximum(off, bent)
    doubtful = np.union1d(close[gap <= off[close]], np.flatnonzero(off >= crossings.NEAR))
    if len(doubtful):
        decided = ties.passed(xy, ends, starts, edges, doubtful)
        if decided is None:
            return None
        kept = ~np.isin(which, doubtful)
        which, through = np.concatenate([which[kept], decided[0]]), np.concatenate([through[kept], decided[1]])
    first, chain = crossings.chains(xy, ends, which, through)
    step = np.ones(len(chain), bool)
    step[first[1:] - 1] = False
    a = np.flatnonzero(step)
    low, high_end = np.minimum(chain[a], chain[a + 1]), np.maximum(chain[a], chain[a + 1])
    packed, piece = hashing.unique(low << 32 | high_end)
    of_step = np.full(len(chain), -1)
    of_step[a] = piece
    return Graph(xy, np.column_stack([packed >> 32, packed & 0xFFFFFFFF]), first, chain, of_step)


def _shared(
    function: Callable[..., tuple[NDArray[Any], ...]],
    starts: Ints,
    edges: int,
    arguments: Callable[[int, int, NDArray[np.float64]], tuple[Any, ...]],
) -> list[NDArray[Any]]:
    """Run a compiled function over all cells, shared out among threads; give each edge's greatest doubt and what it found.

    arguments: those for the cells from one to before another, with a place for the doubt of each edge.
    """
    threads = THREADS if starts[-1] > WORTH else 1
    bounds = np.searchsorted(starts, np.linspace(0, starts[-1], threads + 1)[1:-1]).tolist()
    shares = list(itertools.pairwise([0, *bounds, len(starts) - 1]))
    offs = [np.zeros(edges) for _ in shares]
    if threads == 1:
        found = [function(*arguments(*shares[0], offs[0]))]
    else:
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda at: function(*arguments(*shares[at], offs[at])), range(threads)))
    return [np.maximum.reduce(offs), *(np.concatenate(parts) for parts in zip(*found, strict=True))]


def faces(graph: Graph, place: NDArray[np.float64] | None = None) -> Faces:
    """Give the faces: dangling pieces and pieces with the same face on both sides bound none.

    place: where each vertex of the graph is drawn, if not at its grid units.
    """
    xy, pieces = graph.xy, graph.pieces
    alive = np.ones(len(pieces), bool)
    tracing.prune(pieces, len(xy), alive)
    following, walk = tracing.walks(xy, pieces, alive)
    bridge = alive & (walk[0::2] == walk[1::2])
    if bridge.any():
        alive &= ~bridge
        following, walk = tracing.walks(xy, pieces, alive)
    line, begins, of, twice = tracing.rings(xy, pieces, following, walk)
    shell = np.flatnonzero(twice > 0)
    face_of_walk = np.full(int(walk.max(initial=-1)) + 2, -1)
    face_of_walk[of[shell]] = np.arange(len(shell))
    bare = np.setdiff1d(of, of[shell])  # walks around a group of faces from outside
    face_of_walk[bare] = _around(xy, line, begins, of, shell, bare)
    hole = np.flatnonzero((twice < 0) & (face_of_walk[of] < len(shell)))
    order = np.concatenate([shell, hole])
    face = face_of_walk[of[order]]
    order = order[np.argsort(face, kind="stable")]
    drawn, offset = tracing.drawn(order, line, begins, xy.astype(float) if place is None else place)
    count = np.bincount(face, minlength=len(shell))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, drawn, (offset, np.concatenate([[0], np.cumsum(count)])))
    return Faces(np.asarray(polygons), np.where(walk < 0, -1, face_of_walk[walk]))


def named_faces(
    found: Edges, graph: Graph, place: NDArray[np.float64], *, layer: Ints, row: Ints, layers: int
) -> tuple[NDArray[np.object_], NDArray[np.int32], NDArray[np.bool_]]:
    """Give the faces, the row of each in each layer, -1 for none, and which layers could not be named from their borders.

    layer, row: of each polygon the edges were found for. A layer that overlaps itself cannot be named so.
    """
    bad = np.zeros(layers, bool)

    def sides() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        of = np.where(found.owner < 0, -1, np.append(layer, -1)[found.owner])
        rows = np.append(row, -1)[found.owner]
        return labels.sides(found.edge, found.left, of, rows, graph.starts, graph.chain, graph.piece, len(graph.pieces), bad)

    with ThreadPoolExecutor(1) as beside:  # borders are named while faces are traced
        naming = beside.submit(sides)
        cut = faces(graph, place)
        west, east = naming.result()
    return cut.polygons, labels.spread(cut.left, len(cut.polygons), west, east, bad), bad


def _around(xy: Ints, line: Ints, begins: Ints, of: Ints, shell: Ints, bare: Ints) -> Ints:
    """Give for each bare walk the face its group lies in: the smallest shell around it, or len(shell) for the outer face."""
    first = np.unique(of, return_index=True)
    vertex = line[begins[first[1][np.searchsorted(first[0], bare)]]]
    if len(bare) == 1:
        return np.array([len(shell)])
    sizes = begins[shell + 1] - begins[shell]
    ring = np.repeat(np.arange(len(shell)), sizes)
    at = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    shells = shapely.polygons(shapely.linearrings(xy[line[begins[shell][ring] + at]].astype(float), indices=ring))
    points = shapely.points(xy[vertex].astype(float))
    inner, outer = shapely.STRtree(shells).query(points, predicate="within")
    area = shapely.area(shells)[outer]
    order = np.lexsort((area, inner))
    found = np.full(len(bare), len(shell))
    begin = order[np.flatnonzero(np.diff(inner[order], prepend=-1))]
    found[inner[begin]] = outer[begin]
    return found
