"""Makes the borders of streets that were merged apart match again.

A street's noding puts a vertex where an old border meets the street's frame; the street next door need not have it, and the
frame bends towards it by up to the noding's precision of 0.1 mm. So atoms along such frames are noded once more, all together,
and each face goes back to the atom it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.merge import arcs, noding, slivers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

REACH_M = 1e-3
"""Streets are neighbours where they come this near, and a gap between them is nobody's own ground when it is this narrow."""

NONE, OUTSIDE = -1, -2


def on_grid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the polygons of a coverage with every vertex on the noding's grid of 0.1 mm, so that noding again moves nothing."""
    rounded = np.asarray(shapely.transform(shapes, lambda xy: np.floor(xy * arcs.UNITS + 0.5) / arcs.UNITS))
    # Where vertices lie less than 0.1 mm apart rounding can fold a ring; noding untangles it.
    return rounded if shapely.is_valid(rounded).all() else _noded(shapes)


def stitch(shapes: NDArray[np.object_], street: NDArray[np.integer]) -> NDArray[np.object_]:
    """Give the polygons of several streets such that they are one valid coverage.

    shapes: polygons in metres, a valid coverage within each street, on the noding's grid; street: the number of the street of
    each. Nothing moves farther than REACH_M, and polygons that touch no other street come back as they are.
    """
    near = _near_another_street(shapes, street)
    done = shapes.copy()
    done[near] = _noded(shapes[near])
    return done


def _noded(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Node polygons that are a coverage but for hairlines, and give each its own faces."""
    if len(shapes) == 0:
        return shapes
    cut = noding.faces(shapes)
    owner = _owners(cut, shapes)
    borders = slivers.neighbours(cut)
    _close(owner, borders)
    done = shapes.copy()
    for _ in range(3):
        held = np.flatnonzero(owner >= 0)
        mine = np.unique(owner[held])
        done[mine] = slivers.union_by(cut[held], owner[held])
        loose = mine[shapely.get_num_geometries(done[mine]) > 1]
        if len(loose) == 0:
            break
        for place in loose:
            _let_go(cut, owner, borders, done[place], place)
    return done


def _near_another_street(shapes: NDArray[np.object_], street: NDArray[np.integer]) -> NDArray[np.intp]:
    """Places of the polygons that come within reach of one of another street."""
    bounds = shapely.bounds(shapes)
    low, high = bounds[:, :2] - REACH_M, bounds[:, 2:] + REACH_M
    one, two = shapely.STRtree(shapes).query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    apart = street[one] != street[two]
    one, two = one[apart], two[apart]
    return np.unique(one[shapely.dwithin(shapes[one], shapes[two], REACH_M)])


def _owners(cut: NDArray[np.object_], shapes: NDArray[np.object_]) -> Ints:
    """Give the first polygon each face lies in; NONE in a hairline between two streets, OUTSIDE elsewhere."""
    points = noding.inside(cut)
    owner = np.full(len(cut), len(shapes), dtype=np.int64)
    polygon, face = shapely.STRtree(points).query(shapes, predicate="intersects")
    np.minimum.at(owner, face, polygon)
    hairline = 2 * shapely.area(cut) < REACH_M * shapely.length(cut)
    return np.where(owner < len(shapes), owner, np.where(hairline, NONE, OUTSIDE))


def _close(owner: Ints, borders: slivers.Borders) -> None:
    """Give every hairline to the neighbour with the longest common border, in rounds from the covered ground."""
    while True:
        given = [(face, _best(face, owner, borders)) for face in np.flatnonzero(owner == NONE).tolist()]
        given = [(face, to) for face, to in given if to >= 0]
        if not given:
            return
        for face, to in given:
            owner[face] = to


def _best(face: int, owner: Ints, borders: slivers.Borders, *, apart_from: int = NONE) -> int:
    """Give the owner of the neighbour with the longest common border; of equals the lowest; NONE where there is none."""
    other = np.concatenate([borders.b[borders.a == face], borders.a[borders.b == face]])
    metres = np.concatenate([borders.metres[borders.a == face], borders.metres[borders.b == face]])
    fit = (owner[other] >= 0) & (owner[other] != apart_from)
    if not fit.any():
        return NONE
    totals = np.bincount(owner[other[fit]], metres[fit])
    return int(np.argmax(totals))


def _let_go(cut: NDArray[np.object_], owner: Ints, borders: slivers.Borders, shape: shapely.Geometry, mine: int) -> None:
    """Give the faces of all but the largest part of a polygon to their neighbours."""
    parts = shapely.get_parts(shape)
    small = np.delete(parts, int(np.argmax(shapely.area(parts))))
    faces = np.flatnonzero(owner == mine)
    inside = noding.inside(cut[faces])
    for face in faces[shapely.STRtree(inside).query(small, predicate="intersects")[1]]:
        to = _best(int(face), owner, borders, apart_from=mine)
        if to >= 0:
            owner[face] = to
