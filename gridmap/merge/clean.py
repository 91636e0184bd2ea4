"""Cleans a departmental layer: every grid valid, no overlap, no gap against the nest, and a log of each change.

The rules, in order:
1. Rings are made valid by structure; ground outside the nest is cut off.
2. Ground that one grid claims stays with it. Ground that several claim goes to the one first in ``priority``; else to one that
   has more than half of itself there (a small grid drawn inside a larger one keeps its ground); else to the one with more
   ground that no other claims, then to the larger.
   A grid that would end with nothing gets its largest contested face back.
3. Ground that none claims is a gap where it is narrower than ``tolerance_m``, also when it is open to the outside; wider ground
   is left: a department may rightly not cover a park or a river. A gap goes to the neighbour with the longest shared border; a
   gap that runs along several grids is first divided so that each takes what lies nearest to it.
4. A piece cut off from its grid goes to the neighbour with the longest shared border when it is narrower than ``tolerance_m``;
   other detached pieces, and islands, stay with their grid, and the log names them.
No border moves farther than 0.1 mm otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import terms
from gridmap.merge import gaps, noding, slivers
from gridmap.merge import layers as layer_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

TOLERANCE_M = 20.0
"""Metres: a gap narrower than this is closed, a wider one is ground the department does not cover."""

_NEARLY_ALL = 0.9
"""A grid keeps a face that is more than this share of all it holds, though another lost everything it claimed."""

REPAIRED = terms.key("its rings crossed or were not closed")
OUTSIDE = terms.key("it lies outside the nest")
PRIORITY = terms.key("several grids claimed it; the first in priority keeps it")
MOST = terms.key("several grids claimed it; the one that has most of itself here keeps it")
LARGER = terms.key("several grids claimed it; the one with more ground that no other claims keeps it")
RETURNED = terms.key("several grids claimed it; the grid would have had nothing else")
TWICE = terms.key("another grid holds the same ground")
NARROW = terms.key("no grid claimed it; the neighbour with the longest shared border takes it")
WIDE = terms.key("no grid claimed it; it is too wide to be a fault")
DETACHED = terms.key("it was cut off from its grid; the neighbour with the longest shared border takes it")
KEPT = terms.key("it lies apart from its grid and stays with it: it is too wide to be a fault, or touches no other grid")

DUST_M2 = 1.0
"""Square metres: smaller changes of one kind are gathered in one row of the log, so that a person can read it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A layer that is a coverage, and every change that made it one.

    layer: the input's rows, columns and order with clean geometry (Polygon, or MultiPolygon where a grid has several pieces);
    a grid left with no ground at all is not in it, and the edits say why.
    edits: one row a change (those under 1 m² gathered by grid and kind): ``id`` (the grid it concerns, None where it is no
    grid's), ``what`` (repaired, cut, given, closed, moved, lost, left, kept), ``to`` (the grid that holds the ground now, or
    None), ``why`` (an English sentence, a catalogue key), ``area_m2`` of the ground, ``before_m2``, ``after_m2``,
    ``parts_before``, ``parts_after`` of the grid ``id``, ``geometry``.
    """

    layer: gpd.GeoDataFrame
    edits: gpd.GeoDataFrame


@dataclass(slots=True)
class _Log:
    """Edits as they are made, by row numbers of the layer (-1: none)."""

    rows: list[tuple[int, str, int, str]] = field(default_factory=list)
    shapes: list[shapely.Geometry] = field(default_factory=list)

    def note(self, grid: int, what: str, to: int, why: str, shape: shapely.Geometry) -> None:
        self.rows.append((grid, what, to, why))
        self.shapes.append(shape)


def clean(
    layer: gpd.GeoDataFrame,
    *,
    nest: gpd.GeoDataFrame | None = None,
    priority: Sequence[str] = (),
    tolerance_m: float = TOLERANCE_M,
    progress: Callable[[str, float], None] | None = None,
) -> Cleaned:
    """Give a layer without overlaps and without gaps narrower than ``tolerance_m`` against the nest, by the rules above.

    layer: polygons, index = grid id, in one CRS in metres; it is not changed. nest: what the layer is measured against, its
    union is the frame; None: the layer is its own frame, as for the nest itself: overlaps go, and nothing is added outside it.
    priority: grid ids that win contested ground, the first most; or, where the layer has a column ``department``, its values.
    tolerance_m: ``float("inf")`` closes every gap.
    Raises MergeError where the layer is empty, repeats an id, is not in metres or not in the nest's CRS; InputError without.
    """
    tell = progress or _silent
    tell(terms.key("Cleaning the layer"), 0.0)
    system = layer_checks.require(layer, "layer")
    log = _Log()
    before = np.asarray(layer.geometry.array)
    parts = layer_checks.parts(layer)
    for row in np.flatnonzero(~shapely.is_valid(before) & ~shapely.is_missing(before)).tolist():
        log.note(row, "repaired", row, REPAIRED, shapely.multipolygons(parts.polygons[parts.of == row]))
    if nest is None:
        frame = parts
    else:
        layer_checks.same(layer_checks.require(nest, "nest"), system, "layer")
        frame = layer_checks.parts(nest)
    whole = shapely.get_parts(shapely.union_all(frame.polygons))

    cut, owner, contested = _claim(parts, whole, None, len(layer), _rank(layer, priority))
    tell(terms.key("Cleaning the layer"), 0.4)
    borders = slivers.neighbours(cut)
    unclaimed = np.flatnonzero(owner == NONE)
    if nest is not None and len(unclaimed):
        lines = gaps.dividers(cut, owner, unclaimed, borders, tolerance_m)
        if len(lines):
            cut, owner, contested = _claim(parts, whole, lines, len(layer), _rank(layer, priority))
            borders = slivers.neighbours(cut)
    _log_claims(log, parts, cut, owner, contested)
    if nest is not None:
        _close(log, cut, owner, borders, tolerance_m)
    _reattach(log, cut, owner, borders, tolerance_m)
    tell(terms.key("Cleaning the layer"), 0.8)

    held = np.flatnonzero(owner >= 0)
    rows = np.unique(owner[held])
    shapes = np.full(len(layer), None, dtype=object)
    shapes[rows] = slivers.union_by(cut[held], owner[held])
    for row in np.setdiff1d(np.arange(len(layer)), rows):
        inside = bool(shapely.intersects(shapely.multipolygons(whole), before[row])) if before[row] is not None else False
        log.note(row, "lost", -1, TWICE if inside else OUTSIDE, before[row])
    result = layer.iloc[rows].copy()
    result.geometry = gpd.GeoSeries(shapes[rows], index=result.index, crs=layer.crs)
    tell(terms.key("Cleaning the layer"), 1.0)
    return Cleaned(result, _edits(log, layer, before, shapes))


NONE, AWAY = -1, -2
"""Owners that are no grid: nobody claims the face; the face lies outside the nest."""


@dataclass(frozen=True, slots=True)
class _Contested:
    """Faces more than one grid claims: the face, each claimant, and why its owner has it."""

    face: Ints
    grid: Ints
    why: NDArray[np.object_]


def _rank(layer: gpd.GeoDataFrame, priority: Sequence[str]) -> Ints:
    place = {name: number for number, name in enumerate(priority)}
    names = layer["department"] if "department" in layer.columns else layer.index
    return np.array([place.get(name, len(place)) for name in names], np.int64)


def _claim(
    parts: layer_checks.Parts, whole: NDArray[np.object_], lines: Floats | None, grids: int, rank: Ints
) -> tuple[NDArray[np.object_], Ints, _Contested]:
    """Cut the plane, and give each face its owner (rule 2), NONE or AWAY, and the contested faces."""
    cut = noding.faces(np.concatenate([parts.polygons, whole]), lines)
    points = shapely.STRtree(noding.inside(cut))
    inside = np.zeros(len(cut), bool)
    inside[points.query(whole, predicate="contains")[1]] = True
    hit, at = points.query(parts.polygons, predicate="intersects")
    pairs = np.unique(np.column_stack([at, parts.of[hit]])[inside[at]], axis=0)
    face, grid = pairs[:, 0], pairs[:, 1]
    size = shapely.area(cut)
    total = np.bincount(grid, size[face], minlength=grids)
    share = size[face] / np.maximum(total[grid], 1e-12)
    most = np.where(share > 0.5, share, 0.0)
    alone = np.bincount(face, minlength=len(cut)) == 1
    own = np.bincount(grid, size[face] * alone[face], minlength=grids)
    order = np.lexsort((grid, -total[grid], -own[grid], -most, rank[grid], face))
    first = order[np.flatnonzero(np.diff(face[order], prepend=-1))]
    owner = np.where(inside, NONE, AWAY)
    owner[face[first]] = grid[first]
    why = np.full(len(cut), LARGER, dtype=object)
    why[face[first][most[first] > 0]] = MOST
    if len(np.unique(rank)) > 1:
        beaten = np.full(len(cut), -1)
        np.maximum.at(beaten, face, rank[grid])
        why[face[first][rank[grid[first]] < beaten[face[first]]]] = PRIORITY
    several = np.bincount(face, minlength=len(cut)) > 1
    # A grid that lost every face it claimed gets its largest back, unless that would leave the holder with next to nothing:
    # of two grids that are the same area, the first keeps it.
    for lost in np.setdiff1d(grid, owner).tolist():
        for candidate in sorted(face[grid == lost], key=lambda one: (-size[one], one)):
            if size[candidate] < _NEARLY_ALL * size[owner == owner[candidate]].sum():
                owner[candidate], why[candidate] = lost, RETURNED
                break
    kept = several[face]
    return cut, owner, _Contested(face[kept], grid[kept], why[face[kept]])


def _log_claims(log: _Log, parts: layer_checks.Parts, cut: NDArray[np.object_], owner: Ints, contested: _Contested) -> None:
    """Note contested ground that went to another grid, and ground outside the nest."""
    for face, grid, why in zip(contested.face, contested.grid, contested.why, strict=True):
        if owner[face] != grid:
            log.note(grid, "given", owner[face], why, cut[face])
    away = np.flatnonzero(owner == AWAY)
    hit, at = shapely.STRtree(noding.inside(cut[away])).query(parts.polygons, predicate="intersects")
    for face, grid in np.unique(np.column_stack([away[at], parts.of[hit]]), axis=0):
        log.note(grid, "cut", -1, OUTSIDE, cut[face])


def _close(log: _Log, cut: NDArray[np.object_], owner: Ints, borders: slivers.Borders, tolerance_m: float) -> None:
    """Give every narrow gap to the neighbour with the longest shared border (rule 3), in rounds from the covered ground."""
    open_faces = np.flatnonzero(owner == NONE)
    narrow = open_faces[~gaps.wide(cut[open_faces], tolerance_m)]
    for face, grid in gaps.give(narrow, owner, borders):
        log.note(-1, "closed", grid, NARROW, cut[face])
    for face in np.flatnonzero(owner == NONE).tolist():
        log.note(-1, "left", -1, WIDE, cut[face])


def _reattach(log: _Log, cut: NDArray[np.object_], owner: Ints, borders: slivers.Borders, tolerance_m: float) -> None:
    """Give narrow pieces cut off from their grid to a neighbour (rule 4), and note the pieces that stay."""
    piece = gaps.pieces(owner, borders)
    number = np.unique(piece[owner >= 0])
    area = np.bincount(piece, shapely.area(cut), minlength=len(cut))[number]
    order = np.lexsort((number, -area, owner[number]))
    cut_off = number[order][np.diff(owner[number[order]], prepend=-1) == 0]
    if not len(cut_off):
        return
    loose = np.flatnonzero(np.isin(piece, cut_off))
    shapes = slivers.union_by(cut[loose], piece[loose])[np.argsort(np.argsort(cut_off))]
    for one, shape, wide in zip(cut_off, shapes, gaps.wide(shapes, tolerance_m), strict=True):
        grid = int(owner[one])
        to = -1 if wide else gaps.give_whole(np.flatnonzero(piece == one), owner, borders)
        if to >= 0:
            log.note(grid, "moved", to, DETACHED, shape)
        else:
            log.note(grid, "kept", grid, KEPT, shape)


def _edits(log: _Log, layer: gpd.GeoDataFrame, before: NDArray[np.object_], after: NDArray[np.object_]) -> gpd.GeoDataFrame:
    ids = np.array([*layer.index, None], dtype=object)
    shapes = np.array([*log.shapes, None], dtype=object)[:-1]
    size = np.nan_to_num(shapely.area(shapes))
    gathered: dict[tuple[object, ...], list[int]] = {}
    for number, row in enumerate(log.rows):
        gathered.setdefault((*row, number if size[number] >= DUST_M2 or row[1] == "lost" else "dust"), []).append(number)
    groups = list(gathered.values())
    first = [numbers[0] for numbers in groups]
    grid = np.array([log.rows[number][0] for number in first], np.int64)
    to = np.array([log.rows[number][2] for number in first], np.int64)

    def of_grid(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.append(np.nan_to_num(values), np.nan)[grid]

    many = np.array([len(numbers) for numbers in groups], np.int64)
    flat = np.array([number for numbers in groups for number in numbers], np.int64)
    collected = shapes[np.array(first, np.int64)]
    for place in np.flatnonzero(many > 1).tolist():
        collected[place] = shapely.multipolygons(shapely.get_parts(shapes[groups[place]]))
    return gpd.GeoDataFrame(
        {
            "id": pd.Series(ids[grid], dtype=object),
            "what": np.array([log.rows[number][1] for number in first], dtype=object),
            "to": pd.Series(ids[to], dtype=object),
            "why": np.array([log.rows[number][3] for number in first], dtype=object),
            "area_m2": np.bincount(np.repeat(np.arange(len(many)), many), size[flat], minlength=len(many)),
            "before_m2": of_grid(shapely.area(before)),
            "after_m2": of_grid(shapely.area(after)),
            "parts_before": pd.array(np.append(shapely.get_num_geometries(before), 0)[grid], dtype="Int64"),
            "parts_after": pd.array(np.append(shapely.get_num_geometries(after), 0)[grid], dtype="Int64"),
        },
        geometry=collected,
        crs=layer.crs,
    )


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""
