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

SAMPLES = 1000
"""Points at which ground whose households come as polygons is looked at."""


class Homes:
    """Where households live: see weigh.weigh for what ``weights`` and ``column`` may be."""

    def __init__(self, weights: gpd.GeoDataFrame, column: str) -> None:
        """Index them by place."""
        self._figures = pd.to_numeric(weights[column]).fillna(0).to_numpy(np.float64)
        self._shapes = weights.geometry.to_numpy()
        self._tree = shapely.STRtree(self._shapes)

    def near(self, ground: Polygon) -> tuple[npt.NDArray[np.object_], Floats]:
        """Give the shapes that meet ``ground``, and the households of each."""
        at = np.sort(self._tree.query(ground, predicate="intersects"))
        return self._shapes[at], self._figures[at]


def cuts(grounds: npt.NDArray[np.object_], homes: Homes, high: float) -> npt.NDArray[np.object_]:
    """Draw straight lines through each of ``grounds``: candidates, of which the search uses what it needs.

    Ground of more than two norms is halved first, by its shortest fair cut; what is left gets a ladder of cuts, the shortest
    for each further STEP of the norm's upper end.
    """
    drawn = []
    for whole in grounds:
        near = homes.near(whole)
        waiting = [whole]
        while waiting:
            ground = waiting.pop()
            xy, households = sample(ground, *near)
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
    if households.sum() <= 0 or not wanted or len(xy) < 2:
        return [None for _ in wanted]
    chords, length = _swept(ground, xy, households, np.concatenate(wanted))
    of = np.tile(np.repeat(np.arange(len(wanted)), [len(part) for part in wanted]), 2)
    return [_least(chords[:, of == number], length[:, of == number]) for number in range(len(wanted))]


def between(ground: Polygon, xy: Floats, households: Floats, shares: Floats, sides: Floats) -> shapely.LineString | None:
    """Give the shortest straight cut that leaves one of ``shares`` of the households on the first side.

    xy and households: see sample. sides: a place (x, y) that must lie on the first side, and one on the other. None where no
    line makes exactly two such pieces.
    """
    if households.sum() <= 0 or len(xy) < 2:
        return None
    chords, length = _swept(ground, xy, households, shares)
    at = np.einsum("dck,sk->dcs", _normals()[:, None] + np.zeros((1, len(chords[0]), 1)), sides)
    line = np.einsum("dck,dk->dc", chords[:, :, 0], _normals())
    low = np.arange(len(chords[0])) < len(shares)  # the share lies below the line there, above it in the other half
    first, other = at[:, :, 0] - line, at[:, :, 1] - line
    right = np.where(low, (first < 0) & (other > 0), (first > 0) & (other < 0))
    return _least(chords, np.where(right, length, np.inf))


def _normals() -> Floats:
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _swept(ground: Polygon, xy: Floats, households: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Give the chord in each of DIRECTIONS that has each share below it, then each share above it; and their lengths.

    Returns (directions, twice the shares, 2, 2), and lengths that are inf where a line makes more than two pieces.
    """
    total = households.sum()
    rim = shapely.get_coordinates(shapely.get_rings(ground), return_index=True)
    ends = []
    for normal in _normals():
        at = xy @ normal
        order = np.argsort(at, kind="stable")
        reached = np.cumsum(households[order]) / total
        place = np.minimum(np.searchsorted(reached, np.concatenate([shares, 1 - shares])), len(order) - 2)
        ends.append(_chords(*rim, normal, (at[order][place] + at[order][place + 1]) / 2))
    chords = np.array(ends)
    length = np.hypot(*np.moveaxis(chords[:, :, 1] - chords[:, :, 0], -1, 0))
    length[np.isnan(length)] = np.inf
    return chords, length


def _least(chords: Floats, length: Floats) -> shapely.LineString | None:
    row, column = np.unravel_index(int(np.argmin(length)), length.shape)
    return _over(*chords[row, column]) if np.isfinite(length[row, column]) else None


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
