"""Atoms cut where the search may need it: above the norm along given borders and straight lines, and along barriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import MergeError
from gridmap.merge import arcs, borders, noding, slivers, straight
from gridmap.merge.borders import lengths, shared_segments
from gridmap.merge.weigh import weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

CRUMB_M2 = 500.0
"""A piece smaller than this is no ground of its own: it goes to the piece it shares most border with."""

CRUMB_WIDTH_M = 5.0
"""Nor is a piece thinner than this (twice its area over its outline)."""


def cut(
    atoms: gpd.GeoDataFrame,
    along: gpd.GeoDataFrame,
    weights: gpd.GeoDataFrame,
    column: str,
    high: float,
    *,
    straight_too: bool = True,
) -> gpd.GeoDataFrame:
    """Cut every atom of more than ``high`` households along given borders; the search puts together again what it can.

    atoms: a valid coverage in a metric CRS. along: lines, or polygons whose outlines count, in the same CRS. weights and
    column: households (see weigh). straight_too: offer straight cuts as well, since given borders often leave pieces above
    the norm or are far longer (see straight). An atom with a ``unit_id`` is never cut. Returns a valid coverage with the
    same columns, the pieces in place of their atom, and a fresh index.
    Raises MergeError for another CRS.
    """
    if along.crs != atoms.crs:
        raise MergeError(
            "The borders to cut along are in another coordinate system ({one}) than the layers ({two}).",
            one=str(along.crs),
            two=str(atoms.crs),
        )
    lines = borders.as_lines(along.geometry.to_numpy())
    heavy = _heavy(atoms, weights, column, high)
    if straight_too:
        lines = np.concatenate([lines, straight.cuts(atoms.geometry.to_numpy()[heavy], straight.Homes(weights, column), high)])
    return _cut(atoms, heavy, lines)


def at_barriers(atoms: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, *, within_m: float) -> gpd.GeoDataFrame:
    """Cut every atom that a barrier crosses along it, so that no grid need lie on both its sides.

    atoms: a valid coverage in a metric CRS. barriers: lines, or areas whose outlines count, in the same CRS. within_m: where a
    barrier runs no farther than this inside an atom it follows its border and cuts nothing. An atom with a ``unit_id`` is
    never cut. Returns what ``cut`` returns. Raises MergeError for another CRS.
    """
    if barriers.crs != atoms.crs:
        raise MergeError("The barriers are in another coordinate system ({one}) than the layers ({two}).",
                         one=str(barriers.crs), two=str(atoms.crs))  # fmt: skip
    lines, shapes = borders.as_lines(barriers.geometry.to_numpy()), atoms.geometry.to_numpy()
    atom, line = shapely.STRtree(lines).query(shapes, predicate="intersects") if len(lines) else (np.zeros(0, int),) * 2
    inside = shapely.length(shapely.intersection(lines[line], shapely.buffer(shapes[atom], -within_m)))
    crossed = np.bincount(atom, weights=inside, minlength=len(atoms)) > 2 * within_m
    if "unit_id" in atoms.columns:
        crossed &= atoms["unit_id"].isna().to_numpy()
    return _cut(atoms, crossed, lines) if crossed.any() else atoms


def _heavy(atoms: gpd.GeoDataFrame, weights: gpd.GeoDataFrame, column: str, high: float) -> NDArray[np.bool_]:
    heavy = weigh(atoms, weights, column).to_numpy() > high
    return heavy & atoms["unit_id"].isna().to_numpy() if "unit_id" in atoms.columns else heavy


def _cut(atoms: gpd.GeoDataFrame, heavy: NDArray[np.bool_], lines: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Cut the heavy atoms along the parts of lines inside them.

    All are noded anew together, so that a cut's end is a vertex on both sides of the border it meets.
    """
    pieces = parted(atoms.geometry.to_numpy(), heavy, lines)
    count = [len(part) for part in pieces]
    done = atoms.iloc[np.repeat(np.arange(len(atoms)), count)].reset_index(drop=True)
    return done.set_geometry(gpd.GeoSeries(np.concatenate(pieces), crs=atoms.crs))


def parted(shapes: NDArray[np.object_], heavy: NDArray[np.bool_], lines: NDArray[np.object_]) -> list[NDArray[np.object_]]:
    """Give the pieces of each polygon of a coverage when those marked are cut along lines; the others stay one each.

    A cut's end becomes a vertex of whatever lies on its other side, so that the pieces are a valid coverage again: all polygons
    are noded together, for rounding anew may move a border by 0.1 mm, and then on both its sides.
    """
    pieces = [shapes[i : i + 1] for i in range(len(shapes))]
    at = np.flatnonzero(heavy)
    atom, line = shapely.STRtree(lines).query(shapes[at], predicate="intersects") if len(lines) else (at[:0], at[:0])
    if not len(atom):
        return pieces
    inner = shapely.get_parts(shapely.intersection(lines[line], shapes[at[atom]]))
    inner = inner[(shapely.get_dimensions(inner) == 1) & ~shapely.is_empty(inner)]
    faces = noding.faces(shapes, arcs.segments(inner))
    face, polygon = shapely.STRtree(shapes).query(noding.inside(faces), predicate="intersects")
    order = np.lexsort((polygon, face))
    face, first = np.unique(face[order], return_index=True)
    owner = polygon[order][first]
    for i in np.unique(owner):
        mine = faces[face[owner == i]]
        if heavy[i]:
            pieces[i] = _without_crumbs(mine)
        elif len(mine) > 1 or not shapely.equals_identical(mine[0], shapes[i]):
            pieces[i] = np.array([shapely.coverage_union_all(mine)])
    return pieces


def _without_crumbs(faces: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give each crumb, the smallest first, to the piece of the same atom with which it shares most border."""
    if len(faces) < 2:
        return faces
    segments = shared_segments(faces)
    shared = np.zeros((len(faces), len(faces)))
    np.add.at(shared, (segments.one, segments.two), lengths(segments))
    shared += shared.T
    area, rim = shapely.area(faces), shapely.length(faces)
    group = np.arange(len(faces))
    left = np.ones(len(faces), bool)
    while True:
        small = np.flatnonzero(left & ((area < CRUMB_M2) | (2 * area < CRUMB_WIDTH_M * rim)))
        if not len(small):
            break
        crumb = small[np.argmin(area[small])]
        to = int(np.argmax(shared[crumb]))
        if shared[crumb, to] == 0:
            break
        group[group == crumb] = to
        left[crumb] = False
        area[to] += area[crumb]
        rim[to] += rim[crumb] - 2 * shared[crumb, to]
        shared[to] += shared[crumb]
        shared[:, to] += shared[:, crumb]
        shared[to, to] = 0
        shared[crumb] = shared[:, crumb] = 0
    return slivers.union_by(faces, group) if not left.all() else faces
