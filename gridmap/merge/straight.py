"""Straight cuts through ground that no given border parts: the shortest line that shares its households fairly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap.merge.borders import points_at

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    from shapely import Polygon

    from gridmap.merge.objective import Floats, Ints

DIRECTIONS = 24
"""Directions tried for a cut, evenly over the half circle."""

HALVES = np.linspace(0.35, 0.65, 13)
"""Shares of the households that a cut in half may leave on its first side."""

STEP = 0.25
"""A ladder's rungs stand this share of the norm's upper end apart."""

OVER_M = 0.01
"""How far a cut runs past the outline it ends on, so that rounding cannot leave it short; noding drops what is over."""

SAMPLES = 3000
"""Points at which ground whose households come as polygons is looked at."""


def cuts(grounds: npt.NDArray[np.object_], weights: gpd.GeoDataFrame, column: str, high: float) -> npt.NDArray[np.object_]:
    """Draw straight lines through each of ``grounds``: candidates, of which the search uses what it needs.

    weights and column: see weigh.weigh. Ground of more than two norms is halved first, by its shortest fair cut; what is
    left gets a ladder of cuts, the shortest for each further STEP of the norm's upper end.
    """
    figures = pd.to_numeric(weights[column]).fillna(0).to_numpy(np.float64)
    shapes = weights.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    drawn = []
    for whole in grounds:
        near = np.sort(tree.query(whole, predicate="intersects"))
        waiting = [whole]
        while waiting:
            ground = waiting.pop()
            xy, households = sample(ground, shapes[near], figures[near])
            total = households.sum()
            if total > 2 * high:
                (chord,) = shortest(ground, xy, households, [HALVES])
                if chord is not None:
                    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([shapely.boundary(ground), chord])]))
                    parts = [face for face in faces if ground.intersects(face.point_on_surface())]
                    if len(parts) == 2:
                        waiting.extend(parts)
                        drawn.append(chord)
                        continue
            rungs = round(total / (STEP * high))
            shares = [np.array([(rung + 1) / rungs]) for rung in range(rungs - 1)]
            drawn.extend(chord for chord in shortest(ground, xy, households, shares) if chord is not None)
    return np.array(drawn, dtype=object)


def sample(ground: Polygon, shapes: npt.NDArray[np.object_], figures: Floats) -> tuple[Floats, Floats]:
    """Give places in ``ground`` and the households each stands for.

    shapes and figures: points, counted where they lie, and polygons, whose households are spread evenly over their area.
    """
    xs, ys = [], []
    low_x, low_y, high_x, high_y = ground.bounds
    step = float(np.sqrt(ground.area / SAMPLES))
    grid = np.stack(np.meshgrid(np.arange(low_x + step / 2, high_x, step), np.arange(low_y + step / 2, high_y, step)), axis=-1)
    xy = grid.reshape(-1, 2)
    xy = xy[shapely.contains_xy(ground, xy[:, 0], xy[:, 1])]
    flat = shapely.get_dimensions(shapes) == 2
    areas, density = shapes[flat], figures[flat] / np.maximum(shapely.area(shapes[flat]), 1e-9)
    point, area = shapely.STRtree(areas).query(points_at(xy), predicate="intersects")
    xs.append(xy[point])
    ys.append(density[area] * step * step)
    parts, of = shapely.get_parts(shapes[~flat], return_index=True)
    if len(parts):
        each = (figures[~flat] / np.maximum(shapely.get_num_geometries(shapes[~flat]), 1))[of]
        here = shapely.intersects(ground, parts)
        xs.append(shapely.get_coordinates(parts[here]))
        ys.append(each[here])
    return np.vstack(xs), np.concatenate(ys)


def shortest(ground: Polygon, xy: Floats, households: Floats, wanted: list[Floats]) -> list[shapely.LineString | None]:
    """Give the shortest straight cut in two of ``ground`` for each array of shares of its households in ``wanted``.

    xy and households: see sample. None where no line makes exactly two pieces.
    """
    shares = np.concatenate(wanted) if wanted else np.zeros(0)
    total = households.sum()
    if total <= 0 or not len(shares) or len(xy) < 2:
        return [None for _ in wanted]
    rim = shapely.get_coordinates(shapely.get_rings(ground), return_index=True)
    ends = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        normal = np.array([np.cos(angle), np.sin(angle)])
        at = xy @ normal
        order = np.argsort(at, kind="stable")
        reached = np.cumsum(households[order]) / total
        # A share is counted from either side of the line, so that half the circle of directions does.
        for share in (shares, 1 - shares):
            place = np.minimum(np.searchsorted(reached, share), len(order) - 2)
            ends.append(_chords(*rim, normal, (at[order][place] + at[order][place + 1]) / 2))
    chords = np.array(ends)
    length = np.hypot(*np.moveaxis(chords[:, :, 1] - chords[:, :, 0], -1, 0))
    length[np.isnan(length)] = np.inf
    of = np.repeat(np.arange(len(wanted)), [len(part) for part in wanted])
    found: list[shapely.LineString | None] = []
    for number in range(len(wanted)):
        here = np.flatnonzero(of == number)
        row, column = np.unravel_index(int(np.argmin(length[:, here])), (len(length), len(here)))
        best = chords[row, here[column]]
        found.append(_over(*best) if np.isfinite(length[row, here[column]]) else None)
    return found


def _chords(xy: Floats, ring: Ints, normal: Floats, offsets: Floats) -> Floats:
    """Give both ends of the chord in which each line ``normal`` · p = offset halves ground, NaN where it makes more pieces.

    xy, ring: the ground's rings, vertex by vertex. Returns (offsets, 2, 2). A line that meets a vertex passes just beside it.
    """
    at = xy @ normal
    side = at[:, None] >= offsets
    edge, line = np.nonzero((side[1:] != side[:-1]) & (ring[1:] == ring[:-1])[:, None])
    order = np.argsort(line, kind="stable")
    edge, line = edge[order], line[order]
    first = np.searchsorted(line, np.arange(len(offsets)))
    twice = np.bincount(line, minlength=len(offsets)) == 2
    found = np.full((len(offsets), 2, 2), np.nan)
    for end in (0, 1):
        e = edge[first[twice] + end]
        share = (offsets[twice] - at[e]) / (at[e + 1] - at[e])
        found[twice, end] = xy[e] + share[:, None] * (xy[e + 1] - xy[e])
    return found


def _over(start: Floats, end: Floats) -> shapely.LineString:
    over = OVER_M * (end - start) / np.hypot(*(end - start))
    return shapely.LineString([start - over, end + over])
