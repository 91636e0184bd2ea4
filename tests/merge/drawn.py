"""Small made-up cities for tests: a nest and layers over it, with the faults real layers have, all from one seed."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

CRS = 4549


@dataclass(frozen=True)
class City:
    """A nest and layers over it."""

    nest: gpd.GeoDataFrame
    layers: dict[str, gpd.GeoDataFrame]


def partition(random, box, count, wiggle=0.0):
    """A perfect partition of ``box`` in ``count`` cells (fewer where some meet only outside it), borders bent by ``wiggle``."""
    x0, y0, x1, y1 = box
    points = shapely.multipoints(np.column_stack([random.uniform(x0, x1, count), random.uniform(y0, y1, count)]))
    lines = shapely.voronoi_polygons(points, extend_to=shapely.box(*box), only_edges=True)
    lines = shapely.segmentize(shapely.union_all([lines, shapely.box(*box).exterior]), (x1 - x0) / 25)
    lines = shapely.transform(lines, lambda xy: bent(xy, box, wiggle))
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(lines))))
    cells = cells[shapely.contains(shapely.box(x0 - 1e-6, y0 - 1e-6, x1 + 1e-6, y1 + 1e-6), cells)]
    return shapely.set_precision(cells, 0) if len(cells) else cells


def bent(xy, box, wiggle):
    """A smooth bend that leaves the box's own outline where it is."""
    x0, y0, x1, y1 = box
    inner = np.clip(np.minimum.reduce([xy[:, 0] - x0, x1 - xy[:, 0], xy[:, 1] - y0, y1 - xy[:, 1]]) / 20, 0, 1)
    shift = wiggle * inner[:, None] * np.column_stack([np.sin(xy[:, 1] / 17), np.cos(xy[:, 0] / 13)])
    return xy + shift


def frame(shapes, prefix):
    return gpd.GeoDataFrame(geometry=list(shapes), index=[f"{prefix}{number}" for number in range(len(shapes))], crs=CRS)


def city(seed):
    """Two to five nest units and two to four layers, one of them a jittered copy of another, one not covering everything."""
    random = np.random.default_rng(seed)
    corner = random.integers(0, 500_000, 2) * 1.0
    box = (*corner, *(corner + random.integers(200, 600, 2)))
    nest = frame(partition(random, box, random.integers(2, 6), 3.0), "n")
    first = partition(random, box, random.integers(3, 12), 3.0)
    layers = {"a": frame(first, "a"), "b": frame(jittered(random, first, random.choice([0.0, 0.001, 0.3, 2.0])), "b")}
    if random.random() < 0.7:
        layers["c"] = frame(partition(random, box, random.integers(3, 12)), "c")
    if random.random() < 0.5:
        layers["d"] = layers["a"].iloc[: max(1, len(first) // 2)].rename(index=lambda name: f"d{name}")
    return City(nest, layers)


def jittered(random, shapes, metres):
    """The same grids as another office drew them: every vertex off by up to ``metres``, neighbours still matching."""
    seeds = random.uniform(-metres, metres, 4)

    def shift(xy):
        return xy + np.column_stack(
            [seeds[0] * np.sin(xy[:, 0] * 0.7 + seeds[2]), seeds[1] * np.cos(xy[:, 1] * 0.9 + seeds[3])]
        )

    return shapely.make_valid(shapely.transform(shapes, shift), method="structure", keep_collapsed=False)


def degraded(random, shapes, metres):
    """The same grids drawn carelessly: every vertex of every grid off on its own, so neighbours no longer match."""

    def careless(ring):
        xy = shapely.get_coordinates(ring)[:-1]
        return xy + random.uniform(-metres, metres, xy.shape)

    worse = [shapely.Polygon(careless(shape.exterior), [careless(hole) for hole in shape.interiors]) for shape in shapes]
    return shapely.make_valid(worse, method="structure", keep_collapsed=False)


def moved(layer, dx, dy):
    return layer.set_geometry(layer.translate(dx, dy))


def turned(layer):
    shapes = shapely.transform(layer.geometry.array, lambda xy: xy[:, ::-1] * [-1, 1])
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=CRS))


def holds(atoms, nest):
    """Hold what overlay promises: single valid polygons, a valid coverage, each nest unit filled by its own atoms."""
    shapes = atoms.geometry.to_numpy()
    assert (shapely.get_type_id(shapes) == 3).all()
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    assert atoms["nest_id"].notna().all()
    rim = shapely.length(nest.geometry.to_numpy())
    for (unit, shape), metres in zip(nest.geometry.items(), rim, strict=True):
        mine = shapely.union_all(shapes[(atoms["nest_id"] == unit).to_numpy()])
        assert shapely.symmetric_difference(shape, mine).area < 2e-4 * metres
