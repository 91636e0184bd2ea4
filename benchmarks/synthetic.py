"""Made-up departmental layers for the merge benchmarks: perfect coverages whose borders nearly coincide, as real ones do."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

CRS = 4549
KEYS = ("nest", "zongzhi", "yingji", "chengguan", "huanjing")
GRID_M = 78.0
"""Side of a grid in metres: 1,000 grids make 6 km²."""


def layers(grids: int, *, seed: int = 1, vertices: int = 200, misfit_m: float = 1.5) -> dict[str, gpd.GeoDataFrame]:
    """Make five layers of about ``grids`` grids with about ``vertices`` vertices each over one square.

    Seven in ten grid centres are common to all layers, so most borders are meant to be the same; each layer then bends its
    own by a smooth field of up to ``misfit_m``, so that they cross again and again. Only the outline is exact.
    """
    random = np.random.default_rng(seed)
    side = GRID_M * np.sqrt(grids)
    common = random.uniform(0, side, (int(0.7 * grids), 2))
    made = {}
    for key in KEYS:
        points = np.vstack([common, random.uniform(0, side, (grids - len(common), 2))])
        made[key] = frame(coverage(points, side, vertices), key, random, misfit_m)
    return made


def coverage(points: np.ndarray, side: float, vertices: int) -> np.ndarray:
    """Cut a square in the cells nearest to ``points``, each with about ``vertices`` vertices."""
    square = shapely.box(0, 0, side, side)
    lines = shapely.intersection(shapely.voronoi_polygons(shapely.multipoints(points), only_edges=True), square)
    lines = shapely.union_all([shapely.set_precision(lines, 1e-3), square.exterior], grid_size=1e-3)
    step = 2 * shapely.length(lines) / len(points) / vertices
    lines = shapely.segmentize(shapely.line_merge(lines), step)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))


def frame(cells: np.ndarray, key: str, random: np.random.Generator, misfit_m: float) -> gpd.GeoDataFrame:
    """Bend a layer's borders by a smooth field of its own, and name its grids."""
    waves = random.uniform(25, 120, (4, 2, 2)) * random.choice([-1, 1], (4, 2, 2))
    phase = random.uniform(0, 2 * np.pi, (4, 2))
    side = shapely.total_bounds(cells)[2]

    def bend(xy: np.ndarray) -> np.ndarray:
        inner = np.clip(np.minimum(xy, side - xy).min(axis=1) / 5, 0, 1)[:, None]
        shift = sum(np.sin(xy @ (2 * np.pi / waves[k]) + phase[k]) for k in range(4)) / 4
        return xy + inner * misfit_m * shift + [500_000, 4_400_000]

    names = [f"{key}{number:05d}" for number in range(len(cells))]
    return gpd.GeoDataFrame(geometry=shapely.transform(cells, bend), index=names, crs=CRS)


def careless(layer: gpd.GeoDataFrame, *, seed: int = 2, misfit_m: float = 1.0) -> gpd.GeoDataFrame:
    """Draw each grid of a layer a little off on its own, so that neighbours overlap and leave gaps, also at the rim."""
    random = np.random.default_rng(seed)
    shapes = layer.geometry.to_numpy()
    offset = random.uniform(-misfit_m, misfit_m, (len(layer), 2))
    xy, which = shapely.get_coordinates(shapes, return_index=True)
    moved = shapely.set_coordinates(shapes.copy(), xy + offset[which])
    return layer.set_geometry(gpd.GeoSeries(moved, index=layer.index, crs=layer.crs))
