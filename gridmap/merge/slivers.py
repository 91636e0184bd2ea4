"""Dissolves the slivers that near-coincident borders leave, each into the neighbour that costs least.

The rule. A face is a sliver when it is smaller than ``sliver_m2``, or on average narrower than ``sliver_m`` (twice its area
over its perimeter). Slivers give way one by one, the smallest first. Each joins a neighbour inside its own nest unit with
which it shares a border: the one whose old grids differ from its own in the fewest layers, so that the fewest square metres
change their old grid; of equals the one with the longest shared border; of equals the larger, then the lower number.
The larger of the two keeps its labels. A face that has no such neighbour stays, and the report says so.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import terms
from gridmap.merge import arcs, kernel, noding, tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SLIVER_M2 = 500.0
"""Square metres below which a face is a sliver; on real cities 500-5,000 make little difference to the plan."""

SLIVER_M = 5.0
"""Mean width in metres below which a face is a sliver: borders that lie this near are one border drawn twice."""


@dataclass(frozen=True, slots=True)
class Dissolved:
    """Atoms without slivers, and what was dissolved.

    report: one row a sliver: ``atom`` it now belongs to (None where it stayed), ``nest_id``, ``area_m2``, ``width_m`` (mean),
    ``layers`` (keys of the layers whose old grid changed there, joined by commas), ``why``, ``geometry``.
    """

    atoms: gpd.GeoDataFrame
    report: gpd.GeoDataFrame


def dissolve(
    faces: gpd.GeoDataFrame,
    *,
    sliver_m2: float = SLIVER_M2,
    sliver_m: float = SLIVER_M,
    progress: Callable[[str, float], None] | None = None,
) -> Dissolved:
    """Give the faces of an overlay without slivers, by the rule above, and the report of it.

    faces: as ``overlay.faces`` gives them: a coverage, ``nest_id`` and one column a layer; CRS in metres. It is not changed.
    """
    shapes = np.asarray(faces.geometry.array)
    keys = [name for name in faces.columns if name not in {"nest_id", "geometry"}]
    labels = np.column_stack([*(pd.factorize(faces[key])[0] for key in keys), pd.factorize(faces["nest_id"])[0]])
    size, perimeter = shapely.area(shapes), shapely.length(shapes)
    borders = neighbours(shapes)
    group = join(size=size, perimeter=perimeter, labels=labels, borders=borders, sliver_m2=sliver_m2, sliver_m=sliver_m)
    if progress:
        progress(terms.key("Dissolving slivers"), 0.5)
    merged = union_by(shapes, group)
    roots = np.unique(group)
    atoms = gpd.GeoDataFrame(faces.drop(columns="geometry").iloc[roots], geometry=merged, crs=faces.crs)
    _, order = noding.sorted_by_place(merged)
    atoms = atoms.iloc[order].reset_index(drop=True)
    number = np.empty(len(faces), np.int64)
    number[roots[order]] = np.arange(len(roots))
    small = (size < sliver_m2) | (2 * size < sliver_m * perimeter)
    gone = np.flatnonzero(group != np.arange(len(faces)))
    alone = np.setdiff1d(np.flatnonzero(small), np.union1d(gone, group[gone]))
    rows = np.concatenate([gone, alone])
    differs = labels[rows, :-1] != labels[group[rows], :-1]
    report = gpd.GeoDataFrame(
        {
            "atom": pd.array(np.where(np.isin(rows, alone), -1, number[group[rows]]), dtype="Int64"),
            "nest_id": faces["nest_id"].to_numpy()[rows],
            "area_m2": size[rows],
            "width_m": 2 * size[rows] / perimeter[rows],
            "layers": [",".join(np.array(keys, dtype=object)[row]) for row in differs],
            "why": np.where(np.isin(rows, alone), ALONE, JOINED),
        },
        geometry=shapes[rows],
        crs=faces.crs,
    )
    report.loc[report["atom"] == -1, "atom"] = pd.NA
    if progress:
        progress(terms.key("Dissolving slivers"), 1.0)
    return Dissolved(atoms, report)


JOINED = terms.key("joined the neighbour with the most old grids in common, then the longest shared border")
ALONE = terms.key("kept: it has no neighbour inside its nest unit")


@dataclass(frozen=True, slots=True)
class Borders:
    """Pairs of polygons of a coverage that share a border: ``a`` < ``b``, and how many metres."""

    a: Ints
    b: Ints
    metres: NDArray[np.float64]


def neighbours(shapes: NDArray[np.object_]) -> Borders:
    """Give all pairs of a coverage's simple polygons that share a border, and its length in metres."""
    found = arcs.edges(shapes)
    count = np.bincount(found.edge, minlength=len(found.ends))
    order = np.argsort(found.edge, kind="stable")
    first = np.cumsum(count) - count
    shared = np.flatnonzero(count == 2)
    one, two = found.owner[order[first[shared]]], found.owner[order[first[shared] + 1]]
    delta = (found.xy[found.ends[shared, 0]] - found.xy[found.ends[shared, 1]]) / arcs.UNITS
    pair, which = np.unique(np.minimum(one, two).astype(np.int64) << 32 | np.maximum(one, two), return_inverse=True)
    metres = np.bincount(which, np.hypot(delta[:, 0], delta[:, 1]), minlength=len(pair))
    return Borders(pair >> 32, pair & 0xFFFFFFFF, metres.astype(float))


def join(
    *,
    size: NDArray[np.float64],
    perimeter: NDArray[np.float64],
    labels: Ints,
    borders: Borders,
    sliver_m2: float,
    sliver_m: float,
) -> Ints:
    """Give each face the face it ends up with, by the rule above. labels: one row a face, its nest unit last."""
    around: list[dict[int, float]] = [{} for _ in size]
    same = labels[borders.a, -1] == labels[borders.b, -1]
    for a, b, metres in zip(borders.a[same].tolist(), borders.b[same].tolist(), borders.metres[same].tolist(), strict=True):
        around[a][b] = around[b][a] = metres
    area, rim = size.tolist(), perimeter.tolist()
    own = [tuple(row) for row in labels.tolist()]
    into = list(range(len(area)))

    def small(face: int) -> bool:
        return bool(area[face] < sliver_m2 or 2 * area[face] < sliver_m * rim[face])

    heap = [(area[face], face) for face in range(len(area)) if small(face)]
    heapq.heapify(heap)
    while heap:
        was, face = heapq.heappop(heap)
        if into[face] != face or was != area[face] or not around[face] or not small(face):
            continue
        mine = own[face]
        best = min(
            around[face],
            key=lambda other: (
                sum(x != y for x, y in zip(mine, own[other], strict=True)),
                -around[face][other],
                -area[other],
                other,
            ),
        )
        keep, lose = (best, face) if (area[best], -best) > (area[face], -face) else (face, best)
        into[lose] = keep
        shared = around[keep].pop(lose)
        area[keep] += area[lose]
        rim[keep] += rim[lose] - 2 * shared
        for other, metres in around[lose].items():
            if other != keep:
                del around[other][lose]
                around[keep][other] = around[other][keep] = around[keep].get(other, 0.0) + metres
        around[lose] = {}
        if small(keep):
            heapq.heappush(heap, (area[keep], keep))
    for face in range(len(into)):
        root = face
        while into[root] != root:
            root = into[root]
        into[face] = root
    return np.array(into, np.int64)


def union_by(shapes: NDArray[np.object_], group: Ints) -> NDArray[np.object_]:
    """Give one shape a group, in the order of the group numbers, of polygons that form a coverage; no vertex moves.

    shapes: Polygons with every vertex on the noding's grid. Only the borders between groups are traced again.
    """
    number, group = np.unique(group, return_inverse=True)
    found = arcs.edges(shapes)
    if not kernel.fits(found):
        return np.asarray(shapely.normalize([shapely.coverage_union_all(shapes[group == k]) for k in range(len(number))]))
    side = np.full((2, len(found.ends)), -1)  # the group to the left and right of each edge
    side[np.where(found.left, 0, 1), found.edge] = group[found.owner]
    border = np.flatnonzero(side[0] != side[1])
    traced = kernel.trace(found.xy, tracing.arcs(found.xy, found.ends[border]))
    first = np.flatnonzero(traced.arcs.sign >= 0)
    half = traced.arcs.sign[first]  # from lower to higher vertex, as sides are told
    owner = np.full(traced.count + 1, -1)
    owner[traced.left[half]], owner[traced.left[half ^ 1]] = side[:, border[first]]
    held = np.flatnonzero(owner[:-1] >= 0)
    order = held[np.argsort(owner[held], kind="stable")]
    polygons = kernel.polygons(traced, found.origin, arcs.UNITS)[order]
    begin = np.searchsorted(owner[order], np.arange(len(number)))
    merged = polygons[begin]
    several = np.diff(begin, append=len(order)) > 1
    if several.any():
        of = owner[order]
        parts = several[of]
        merged[several] = shapely.normalize(shapely.multipolygons(polygons[parts], indices=np.cumsum(several)[of[parts]] - 1))
    return merged
