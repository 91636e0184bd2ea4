"""Atoms above the norm, cut along borders that were given for that."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from gridmap.errors import MergeError
from gridmap.merge.borders import lengths, lines_of, points_at, shared_segments
from gridmap.merge.weigh import weigh

CRUMB_M2 = 500.0
"""A piece smaller than this is no ground of its own: it goes to the piece it shares most border with."""

CRUMB_WIDTH_M = 5.0
"""Nor is a piece thinner than this (twice its area over its outline)."""

VERTEX_M = 0.05
"""A cut that ends this near a vertex of the outline ends in it."""


def cut(
    atoms: gpd.GeoDataFrame, along: gpd.GeoDataFrame, weights: gpd.GeoDataFrame, column: str, high: float
) -> gpd.GeoDataFrame:
    """Cut every atom of more than ``high`` households along given borders; the search puts together again what it can.

    atoms: a valid coverage in a metric CRS. along: lines, or polygons whose outlines count, in the same CRS. weights and
    column: households (see weigh). An atom with a ``unit_id`` is never cut. Returns a valid coverage with the same columns,
    cut atoms' pieces in their place, new vertices set into the neighbours too, and a fresh index.
    Raises MergeError for another CRS.
    """
    if along.crs != atoms.crs:
        raise MergeError("The borders to cut along are in another coordinate system ({one}) than the layers ({two}).",
                         one=str(along.crs), two=str(atoms.crs))  # fmt: skip
    heavy = weigh(atoms, weights, column).to_numpy() > high
    if "unit_id" in atoms.columns:
        heavy &= atoms["unit_id"].isna().to_numpy()
    geometry = atoms.geometry.to_numpy().copy()
    lines = along.geometry.to_numpy()
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    lines = np.where(shapely.get_dimensions(lines) == 2, shapely.boundary(lines), lines)
    tree = shapely.STRtree(lines)
    pieces: dict[int, np.ndarray] = {}
    made = np.zeros((0, 2))
    box = shapely.bounds(geometry)
    for i in np.lexsort((box[:, 3], box[:, 2], box[:, 1], box[:, 0])):
        if not heavy[i]:
            continue
        near = lines[np.sort(tree.query(geometry[i], predicate="intersects"))]
        parts, fresh = _pieces(geometry[i], near, made)
        if len(parts) > 1:
            pieces[int(i)] = parts
            made = np.vstack([made, fresh])
    if not pieces:
        return atoms.reset_index(drop=True)
    source = np.repeat(np.arange(len(atoms)), [len(pieces.get(i, (0,))) for i in range(len(atoms))])
    shapes = np.concatenate([pieces.get(i, geometry[i : i + 1]) for i in range(len(atoms))])
    done = atoms.iloc[source].reset_index(drop=True)
    return done.set_geometry(gpd.GeoSeries(weld(shapes), crs=atoms.crs))


def _pieces(atom: shapely.Polygon, lines: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut one atom along the parts of lines inside it; crumbs go to the neighbour of longest border, in a fixed order.

    made: points that cuts of other atoms left on outlines. Returns the pieces and the points this cut leaves.
    """
    outline = shapely.boundary(atom)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([outline, *shapely.intersection(lines, atom)])]))
    faces = faces[shapely.intersects(atom, shapely.point_on_surface(faces))]
    box = shapely.bounds(faces)
    faces = faces[np.lexsort((box[:, 3], box[:, 2], box[:, 1], box[:, 0]))]
    while len(faces) > 1:
        area = shapely.area(faces)
        small = np.flatnonzero((area < CRUMB_M2) | (2 * area / shapely.length(faces) < CRUMB_WIDTH_M))
        if not len(small):
            break
        segments = shared_segments(faces)
        crumb = small[np.argmin(area[small])]
        mine = (segments.one == crumb) | (segments.two == crumb)
        if not mine.any():
            break
        other = np.where(segments.one == crumb, segments.two, segments.one)[mine]
        to = int(np.argmax(np.bincount(other, weights=lengths(segments)[mine], minlength=len(faces))))
        faces[to] = shapely.coverage_union_all(faces[[to, crumb]])
        faces = np.delete(faces, crumb)
    return _recut(atom, outline, shared_segments(faces).ends, made) if len(faces) > 1 else (faces, made[:0])


def _recut(
    atom: shapely.Polygon, outline: shapely.Geometry, ends: np.ndarray, made: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cut an atom along segments that meet its outline, leaving every other vertex of the outline as it was.

    Where lines nearly coincide with the outline, noding scatters vertices micrometres apart; cutting anew along the few
    segments that remain keeps none of them. An end within VERTEX_M of a vertex of the outline, or of a neighbour's cut
    on it, moves there.
    """
    ends = ends.copy()
    corners = shapely.get_coordinates(outline)
    known = np.vstack([corners, made[shapely.dwithin(points_at(made), outline, 1e-6)]])
    tree = shapely.STRtree(points_at(known))
    points = ends.reshape(-1, 2)
    on = shapely.dwithin(points_at(points), outline, 1e-6)
    near, at = tree.query_nearest(points_at(points[on]), max_distance=VERTEX_M, all_matches=False)
    moved = points[on]
    moved[near] = known[at]
    points[on] = moved
    ends = ends[(ends[:, :2] != ends[:, 2:]).any(axis=1)]
    fresh = np.setdiff1d(_packed(points[on]), _packed(corners)).view(np.float64).reshape(-1, 2)
    rings = [_with_vertices(shapely.get_coordinates(ring), fresh) for ring in shapely.get_rings([atom])]
    whole = np.vstack([np.hstack([ring[:-1], ring[1:]]) for ring in rings])
    faces = shapely.get_parts(shapely.polygonize(lines_of(np.vstack([whole, ends]).reshape(-1, 2, 2))))
    faces = faces[shapely.intersects(atom, shapely.point_on_surface(faces))]
    box = shapely.bounds(faces)
    return faces[np.lexsort((box[:, 3], box[:, 2], box[:, 1], box[:, 0]))], fresh


def _packed(points: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(points + 0.0).view(np.complex128).ravel()


def _with_vertices(ring: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Set points into the segments of a ring on which they lie, within a micrometre."""
    segments = lines_of(np.stack([ring[:-1], ring[1:]], axis=1))
    point, segment = shapely.STRtree(segments).query(points_at(points), predicate="dwithin", distance=1e-6)
    first = np.unique(point, return_index=True)[1]
    point, segment = point[first], segment[first]
    by = np.lexsort((shapely.line_locate_point(segments[segment], points_at(points[point])), segment))
    return np.insert(ring, segment[by] + 1, points[point[by]], axis=0)


def weld(shapes: np.ndarray, *, within_m: float = 1e-6) -> np.ndarray:
    """Set into every outline the vertices that others have on it, so that neighbours' borders match segment by segment.

    shapes: polygons whose borders lie on one another but whose vertices may be missing on one side, as after cutting one of
    two neighbours, or after overlaying street by street. A vertex within ``within_m`` metres of a segment counts as on it.
    """
    rings, of_ring = shapely.get_rings(shapes, return_index=True)
    xy, at = shapely.get_coordinates(rings, return_index=True)
    run = at[1:] == at[:-1]
    start, end = xy[:-1][run], xy[1:][run]
    # Only segments that do not match another's exactly can lack a vertex.
    low = np.where((start[:, :1] < end[:, :1]) | ((start[:, :1] == end[:, :1]) & (start[:, 1:] <= end[:, 1:])), start, end)
    ends = np.hstack([low, start + end - low])
    _, inverse, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    lone = np.flatnonzero(count[inverse.ravel()] == 1)
    if not len(lone):
        return shapes
    packed = np.unique(_packed(np.vstack([start[lone], end[lone]])))
    vertices = packed.view(np.float64).reshape(-1, 2)
    points = points_at(vertices)
    segments = lines_of(np.stack([start[lone], end[lone]], axis=1))
    segment, point = shapely.STRtree(points).query(segments, predicate="dwithin", distance=within_m)
    t = shapely.line_locate_point(segments[segment], points[point]) / shapely.length(segments[segment])
    number = np.minimum(np.searchsorted(packed, _packed(xy)), len(packed) - 1)
    has = packed[number] == _packed(xy)
    ring_of = at[:-1][run][lone]
    inner = ~np.isin(ring_of[segment] * len(packed) + point, at[has] * len(packed) + number[has])  # the ring has it already
    segment, point, t = segment[inner], point[inner], t[inner]
    if not len(segment):
        return shapes
    by = np.lexsort((t, segment))
    place = np.flatnonzero(run)[lone][segment[by]] + 1  # before the segment's end vertex
    full = np.insert(xy, place, vertices[point[by]], axis=0)
    ring = np.insert(at, place, at[place])
    touched = np.unique(of_ring[ring[np.searchsorted(ring, np.unique(at[place]))]])
    done = shapes.copy()
    for i in touched:
        mine = [shapely.linearrings(full[ring == r]) for r in np.flatnonzero(of_ring == i)]
        done[i] = shapely.polygons(mine[0], holes=mine[1:] or None)
    return done
