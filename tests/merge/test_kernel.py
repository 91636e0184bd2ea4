"""The noding kernel against GEOS, which it must equal, and against exact fractions, on cases made to break it."""

import itertools
from fractions import Fraction
from math import floor

import numpy as np
import pytest
import shapely

from gridmap.merge import arcs, hashing, kernel, layers, noding, slivers, ties, triangles
from tests.merge import drawn


def passes(p, q, v):
    """Whether the segment p-q meets the pixel of v, closed to west and south, by fractions."""
    low, high, low_open, high_open = Fraction(0), Fraction(1), False, False
    for k in (0, 1):
        d, a, b = q[k] - p[k], Fraction(2 * v[k] - 1, 2) - p[k], Fraction(2 * v[k] + 1, 2) - p[k]
        if d == 0:
            if not a <= 0 < b:
                return False
            continue
        first, first_open, last, last_open = (a / d, False, b / d, True) if d > 0 else (b / d, True, a / d, False)
        if first > low or (first == low and first_open):
            low, low_open = first, first_open
        if last < high or (last == high and last_open):
            high, high_open = last, last_open
    return low < high or (low == high and not low_open and not high_open)


def crossing(a, b, c, d):
    """The point where two segments properly cross, rounded half-up, or None."""
    r, s = (b[0] - a[0], b[1] - a[1]), (d[0] - c[0], d[1] - c[1])
    over = r[0] * s[1] - r[1] * s[0]
    if over == 0:
        return None
    t = Fraction((c[0] - a[0]) * s[1] - (c[1] - a[1]) * s[0], over)
    u = Fraction((c[0] - a[0]) * r[1] - (c[1] - a[1]) * r[0], over)
    if not (0 < t < 1 and 0 < u < 1):
        return None
    return floor(a[0] + t * r[0] + Fraction(1, 2)), floor(a[1] + t * r[1] + Fraction(1, 2))


def exact(found):
    """The pieces snap rounding gives by its definition: every pair of edges, every vertex, in fractions."""
    segments = [tuple(map(tuple, found.xy[list(pair)].tolist())) for pair in found.ends.tolist()]
    vertices = {point for segment in segments for point in segment}
    for i, (a, b) in enumerate(segments):
        for c, d in segments[i + 1 :]:
            if min(a[0], b[0]) <= max(c[0], d[0]) and min(c[0], d[0]) <= max(a[0], b[0]):
                point = crossing(a, b, c, d)
                if point:
                    vertices.add(point)
    pieces = set()
    for a, b in segments:
        x0, x1, y0, y1 = min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
        near = [v for v in vertices if x0 <= v[0] <= x1 and y0 <= v[1] <= y1 and passes(a, b, v)]
        near.sort(key=lambda v, a=a, b=b: (v[0] - a[0]) * (b[0] - a[0]) + (v[1] - a[1]) * (b[1] - a[1]))
        pieces |= {tuple(sorted(pair)) for pair in itertools.pairwise(near)}
    return pieces


def noded(found):
    graph = kernel.node(found)
    return graph, {tuple(sorted(map(tuple, graph.xy[pair].tolist()))) for pair in graph.pieces}


def polygons(shapes):
    single = shapely.get_parts(shapely.make_valid(np.array(list(shapes)), method="structure", keep_collapsed=False))
    return single[(shapely.get_type_id(single) == 3) & (shapely.area(single) > 0)]


def dense(random):
    """Polygons whose corners are a few grid units apart: nearly every segment passes somebody's pixel corner."""
    width = random.choice([6, 12, 30, 100])
    return polygons(
        shapely.Polygon(random.integers(0, width, (random.integers(3, 7), 2)) / arcs.UNITS)
        for _ in range(random.integers(2, 10))
    )


def coincident(random):
    """A city and the same city with each grid off on its own by 0.1 mm to 2 m: overlaps, gaps, slivers of one grid unit."""
    truth = drawn.partition(random, (0, 0, 60, 40), 5, 3.0)
    return polygons([*truth, *drawn.degraded(random, truth, random.choice([1e-4, 3e-4, 1e-3, 0.1, 2.0]))])


def shrunk(random):
    """Two cities of 200 by 100 grid units over each other."""
    box = (0, 0, 0.02, 0.01)
    return np.concatenate([drawn.partition(random, box, 6), drawn.partition(random, box, 6)])


def layered(random):
    """A nest and layers, some copied with a smooth misfit."""
    city = drawn.city(int(random.integers(10_000)))
    low = np.floor(city.nest.total_bounds[:2])
    shapes = polygons(np.concatenate([frame.geometry.to_numpy() for frame in [city.nest, *city.layers.values()]]))
    return shapely.transform(shapes, lambda xy: xy - low)


CASES = [dense, coincident, shrunk]


def case(seed):
    return CASES[seed % len(CASES)](np.random.default_rng(seed))


@pytest.fixture
def asked(monkeypatch):
    """How many edges and pairs of edges GEOS was asked about."""
    count = []

    def listen(real):
        return lambda xy, ends, *rest: count.append(len(rest[-1])) or real(xy, ends, *rest)

    monkeypatch.setattr(ties, "crossings", listen(ties.crossings))
    monkeypatch.setattr(ties, "passed", listen(ties.passed))
    return count


def check(seed, asked):
    """Hold the faces to be those of GEOS, byte by byte, and the pieces to be exact where GEOS was not asked."""
    shapes = case(seed)
    if len(shapes) == 0:
        return
    found = arcs.edges(shapes)
    asked.clear()
    graph, pieces = noded(found)
    mine = noding.in_order(kernel.faces(graph))
    peer = noding.in_order(noding.by_geos(found))
    assert list(shapely.to_wkb(mine)) == list(shapely.to_wkb(peer)), seed
    assert sum(asked) > 0 or pieces == exact(found), seed
    assert shapely.is_valid(mine).all(), seed
    assert shapely.coverage_is_valid(mine), seed


@pytest.mark.parametrize("seed", range(60))
def test_faces_are_those_of_geos_and_pieces_those_of_exact_fractions(seed, asked):
    check(seed, asked)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_a_thousand_hard_cases_have_the_faces_of_geos(block, asked):
    """Near-coincident layers, layers that overlap themselves, slivers a few grid units wide: no face may differ."""
    for seed in range(100 * block, 100 * block + 100):
        check(seed, asked)


@pytest.mark.parametrize("seed", range(30))
def test_tiles_and_threads_change_no_byte(seed, monkeypatch):
    shapes = case(seed)
    if len(shapes) == 0:
        return
    whole = noding.faces(shapes)
    for name, few in {"TILE": 15, "WORTH": 0, "THREADS": 3, "DRAWN": 7}.items():
        monkeypatch.setattr(kernel, name, few)
    assert list(shapely.to_wkb(noding.faces(shapes))) == list(shapely.to_wkb(whole))
    assert list(shapely.to_wkb(whole)) == list(shapely.to_wkb(noding.in_order(whole)))


def test_a_corner_met_exactly_is_decided_as_geos_decides(asked):
    """The second edge meets the corner (183.5, 26.5) of the pixel of (184, 26); in doubles it passes a little inside."""
    ends = np.array([[(176, 26), (184, 26)], [(180, 24), (187, 29)]])
    xy, number = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    steps = np.arange(2)
    short = [part.astype(np.int32) for part in (xy, number.reshape(2, 2), steps)]
    found = arcs.Edges(np.zeros(2, int), *short, steps >= 0, short[2])
    _, pieces = noded(found)
    union = shapely.get_parts(shapely.union(*shapely.linestrings(ends.astype(float)), grid_size=1))
    assert pieces == {tuple(sorted(map(tuple, shapely.get_coordinates(line).astype(int).tolist()))) for line in union}
    assert pieces != exact(found)
    assert asked == [1]


def test_geos_does_all_where_it_sees_a_vertex_we_do_not_know(monkeypatch):
    monkeypatch.setattr(kernel, "node", lambda _found: None)
    squares = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)])
    assert shapely.area(noding.faces(squares)).tolist() == [50.0, 50.0, 50.0]
    _, rows = noding.named_faces([layers.Parts(squares[:1], np.zeros(1, int)), layers.Parts(squares[1:], np.zeros(1, int))])
    assert sorted(map(tuple, rows.tolist())) == [(-1, 0), (0, -1), (0, 0)]


@pytest.mark.parametrize("seed", range(25))
def test_a_city_has_the_same_faces_as_by_geos(seed):
    found = arcs.edges(layered(np.random.default_rng(seed)))
    mine = noding.in_order(kernel.faces(kernel.node(found)))
    peer = noding.in_order(noding.by_geos(found))
    assert list(shapely.to_wkb(mine)) == list(shapely.to_wkb(peer))


@pytest.mark.parametrize("seed", range(20))
def test_geos_gives_the_same_faces_in_halves(seed):
    shapes = layered(np.random.default_rng(seed))
    found = arcs.edges(shapes)
    whole = noding.in_order(noding.metres(noding.by_geos(found), found.origin))
    held = np.unique(shapely.STRtree(noding.inside(whole)).query(shapes, predicate="intersects")[1])
    halves = noding.in_order(noding.in_halves(shapes, noding.snapped))
    assert set(shapely.to_wkb(whole[held])) <= set(shapely.to_wkb(halves))
    assert len(np.unique(shapely.to_wkb(halves))) == len(halves)


@pytest.mark.parametrize("seed", range(10))
def test_names_from_sides_are_those_of_points_inside(seed):
    city = drawn.city(seed)
    parts = [layers.parts(frame) for frame in [city.nest, *city.layers.values()]]
    cut, rows = noding.named_faces(parts)
    points = noding.inside(cut)
    broad = 2 * shapely.area(cut) > 0.01 * shapely.length(cut)
    assert broad.sum() > 5
    for k, part in enumerate(parts):
        assert (rows[broad, k] == noding.owners(points[broad], part)).all()


def test_a_layer_that_overlaps_itself_is_named_by_points():
    one = layers.Parts(np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)]), np.array([0, 1]))
    cut, rows = noding.named_faces([one])
    assert shapely.area(cut).tolist() == [50.0, 50.0, 50.0]
    assert sorted(rows[:, 0].tolist()) == [0, 0, 1]


def test_islands_lie_in_the_face_around_them():
    nest = shapely.box(0, 0, 100, 100)
    islands = [shapely.box(10, 10, 20, 20), shapely.box(12, 12, 14, 14), shapely.box(60, 60, 80, 80)]
    cut = noding.faces(np.array([nest, *islands]))
    assert sorted(shapely.area(cut).tolist()) == [4.0, 96.0, 400.0, 9500.0]


def test_a_hole_that_touches_its_shell_is_a_hole():
    cut = noding.faces(np.array([shapely.box(0, 0, 10, 10), shapely.Polygon([(0, 5), (3, 4), (3, 6)])]))
    assert shapely.is_valid(cut).all()
    assert sorted(shapely.get_num_interior_rings(cut).tolist()) in ([0, 0], [0, 1])
    assert shapely.area(cut).sum() == pytest.approx(100)


def test_edges_too_long_for_whole_numbers_are_noded_by_geos():
    wide = np.array([shapely.box(0, 0, 100_000, 10), shapely.box(50_000, -5, 100_000, 5)])
    assert not kernel.fits(arcs.edges(wide))
    assert len(noding.faces(wide)) == 3


def test_unique_keys_keep_their_first_places():
    keys = np.array([7, 3, 7, 0, 3, 2**62])
    found, place = hashing.unique(keys)
    assert found.tolist() == [7, 3, 0, 2**62]
    assert (found[place] == keys).all()


def test_a_line_that_shrinks_to_a_point_bends_no_border():
    square = np.array([shapely.box(0, 0, 10, 10)])
    speck = np.array([[(5.00001, 0.00004), (5.00002, 0.00004)]])
    found = arcs.edges(square, speck)
    assert len(found.xy) == 4
    assert shapely.get_num_coordinates(noding.faces(square, speck)).tolist() == [5]


@pytest.mark.parametrize("seed", range(12))
def test_groups_of_faces_are_joined_as_geos_joins_them(seed):
    random = np.random.default_rng(seed)
    cut = noding.faces(layered(random) if seed % 2 else case(seed))
    group = random.integers(0, [2, 5, max(2, len(cut) // 3)][seed % 3], len(cut))
    mine = slivers.union_by(cut, group)
    peer = [shapely.normalize(shapely.coverage_union_all(cut[group == one])) for one in np.unique(group)]
    assert list(shapely.to_wkb(mine)) == list(shapely.to_wkb(peer))


@pytest.mark.parametrize("seed", range(6))
def test_triangles_fill_their_polygons_and_are_those_of_geos_where_nothing_is_pierced(seed):
    random = np.random.default_rng(seed)
    truth = drawn.partition(random, (0, 0, 600, 400), 12, 3.0)
    grids = drawn.degraded(random, truth, 1.0) if seed % 2 else shapely.buffer(truth, -2)
    gaps = shapely.get_parts(shapely.union_all(truth).buffer(3).difference(shapely.union_all(grids)))
    gaps = gaps[shapely.area(gaps) > 1e-3]
    rings, polygon = shapely.get_rings(gaps, return_index=True)
    flat = [shapely.get_coordinates(ring)[:-1] for ring in rings]
    begins = np.append(0, np.cumsum([len(xy) for xy in flat]))
    xy = np.concatenate(flat)
    corners, cut = triangles.triangles(xy, begins, polygon)
    assert cut.all()
    of = polygon[np.searchsorted(begins, corners[:, 0], side="right") - 1]
    shapes = shapely.normalize(shapely.polygons(xy[corners]))
    assert np.bincount(of, shapely.area(shapes)) == pytest.approx(shapely.area(gaps))
    for one in np.flatnonzero(shapely.get_num_interior_rings(gaps) == 0):
        theirs = shapely.normalize(shapely.get_parts(shapely.constrained_delaunay_triangles(gaps[one])))
        mine = shapes[of == one]
        shared = set(shapely.to_wkb(mine)) & set(shapely.to_wkb(theirs))
        assert len(mine) == len(theirs)
        assert len(shared) >= 0.8 * len(theirs)  # four corners on one circle can be parted either way


def test_holes_that_begin_on_one_line_are_joined_to_their_shell():
    ground = shapely.box(0, 0, 10, 10).difference(shapely.union_all([shapely.box(2, y, 4, y + 1) for y in (1, 4, 7)]))
    flat = [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(ground)]
    begins = np.append(0, np.cumsum([len(xy) for xy in flat]))
    corners, cut = triangles.triangles(np.concatenate(flat), begins, np.zeros(len(flat), np.int64))
    assert cut.tolist() == [True]
    assert shapely.area(shapely.polygons(np.concatenate(flat)[corners])).sum() == pytest.approx(94)
