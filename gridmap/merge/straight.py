"""Straight cuts through ground that no given border parts: the shortest line that shares its households fairly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap.merge.borders import lines_of, points_at

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    from shapely import Polygon

    from gridmap.merge.objective import Floats

DIRECTIONS = 24
"""Directions tried for a cut, evenly over the half circle."""

SHARES = np.linspace(0.35, 0.65, 13)
"""Shares of the households that a cut may leave on its first side."""

PIECE = 0.4
"""Cuts go on until no piece has more than this share of the norm's upper end, so that the search has a choice."""

SAMPLES = 3000
"""Points at which ground whose households come as polygons is looked at."""


def cuts(grounds: npt.NDArray[np.object_], weights: gpd.GeoDataFrame, column: str, high: float) -> npt.NDArray[np.object_]:
    """Draw straight lines that part each of ``grounds`` into pieces of at most PIECE of ``high`` households, where they can.

    weights and column: see weigh.weigh. Each line is its ground's shortest cut, then its pieces', and so on.
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
            chord = shortest(ground, xy, households) if households.sum() > PIECE * high else None
            if chord is not None:
                parts = shapely.get_parts(shapely.polygonize([shapely.union_all([shapely.boundary(ground), chord])]))
                waiting.extend(part for part in parts if ground.intersects(part.point_on_surface()))
                drawn.append(chord)
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


def shortest(ground: Polygon, xy: Floats, households: Floats) -> shapely.LineString | None:
    """Give the shortest straight cut that parts ``ground`` in two and its households by SHARES.

    xy and households: see sample. None where no line makes exactly two pieces.
    """
    total = households.sum()
    if total <= 0:
        return None
    reach = float(np.hypot(*(np.array(ground.bounds[2:]) - ground.bounds[:2])))
    ends = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        normal = np.array([np.cos(angle), np.sin(angle)])
        along = np.array([-normal[1], normal[0]])
        at = xy @ normal
        order = np.argsort(at, kind="stable")
        reached = np.cumsum(households[order]) / total
        place = np.minimum(np.searchsorted(reached, SHARES), len(order) - 2)
        offsets = np.unique((at[order][place] + at[order][place + 1]) / 2)
        middle = float(np.mean(xy @ along))
        centre = offsets[:, None] * normal + middle * along
        ends.append(np.hstack([centre - 2 * reach * along, centre + 2 * reach * along]))
    lines = lines_of(np.vstack(ends).reshape(-1, 2, 2))
    chords = shapely.intersection(lines, ground)
    clean = (shapely.get_type_id(chords) == 1) & (shapely.get_num_coordinates(chords) == 2)
    if not clean.any():
        return None
    length = np.where(clean, shapely.length(chords), np.inf)
    best: shapely.LineString = chords[int(np.argmin(length))]
    return best
