"""What overlay promises of its atoms, and dissolve of the slivers."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import GridmapError, InputError, MergeError
from gridmap.merge import arcs, kernel, noding, slivers
from gridmap.merge import layers as layer_checks
from gridmap.merge.overlay import faces, overlay
from tests.merge import drawn

CRS = 4549


def frame(**shapes):
    return gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs=CRS)


NEST = frame(n1=shapely.box(0, 0, 100, 100), n2=shapely.box(100, 0, 200, 100))
HALVES = frame(a1=shapely.box(0, 0, 200, 50), a2=shapely.box(0, 50, 200, 100))
OFF = frame(b1=shapely.box(0, 0, 200, 52), b2=shapely.box(0, 52, 200, 100))


def test_every_face_is_named_in_every_layer_and_in_the_nest():
    cut = faces({"a": HALVES, "b": OFF}, nest=NEST)
    labels = sorted(zip(cut["nest_id"], cut["a"], cut["b"], cut.area.round(6), strict=True))
    assert labels == [
        ("n1", "a1", "b1", 5000.0),
        ("n1", "a2", "b1", 200.0),
        ("n1", "a2", "b2", 4800.0),
        ("n2", "a1", "b1", 5000.0),
        ("n2", "a2", "b1", 200.0),
        ("n2", "a2", "b2", 4800.0),
    ]


def test_ground_a_layer_does_not_cover_has_no_grid_of_it():
    part = frame(p=shapely.box(0, 0, 40, 100))
    cut = faces({"a": part}, nest=NEST)
    assert cut.area.groupby(cut["a"].fillna("none")).sum().to_dict() == {"p": 4000.0, "none": 16000.0}


def test_a_sliver_joins_inside_its_nest_unit_only_and_is_reported():
    done = slivers.dissolve(faces({"a": HALVES, "b": OFF}, nest=NEST), sliver_m2=500, sliver_m=0)
    assert sorted(zip(done.atoms["nest_id"], done.atoms["a"], strict=True)) == [
        ("n1", "a1"), ("n1", "a2"), ("n2", "a1"), ("n2", "a2"),
    ]  # fmt: skip
    assert done.report["area_m2"].tolist() == [200.0, 200.0]
    assert set(done.report["nest_id"]) == {"n1", "n2"}
    for row in done.report.itertuples():
        assert done.atoms.geometry[row.atom].covers(row.geometry)


def test_a_sliver_goes_where_the_fewest_layers_change():
    """The strip x 49-50 differs from its left neighbour in two layers and from its right one in one."""
    one = frame(l=shapely.box(0, 0, 49, 100), r=shapely.box(49, 0, 200, 100))
    two = frame(l=shapely.box(0, 0, 49, 100), r=shapely.box(49, 0, 200, 100))
    three = frame(l=shapely.box(0, 0, 50, 100), r=shapely.box(50, 0, 200, 100))
    atoms = overlay({"one": one, "two": two, "three": three}, nest=NEST, sliver_m2=500)
    assert atoms.set_index(["nest_id", "one"]).area.to_dict() == {
        ("n1", "l"): 4900.0, ("n1", "r"): 5100.0, ("n2", "r"): 10000.0,
    }  # fmt: skip


def test_a_unit_that_is_one_sliver_stays():
    tiny = frame(n1=shapely.box(0, 0, 100, 100), n2=shapely.box(100, 0, 101, 100))
    done = slivers.dissolve(faces({"a": HALVES}, nest=tiny), sliver_m2=500)
    assert sorted(done.atoms["nest_id"]) == ["n1", "n1", "n2"]


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ({"nest_id": HALVES}, MergeError),
        ({"a": HALVES.iloc[:0]}, MergeError),
        ({"a": HALVES.set_index(np.array(["x", "x"]))}, MergeError),
        ({"a": HALVES.to_crs(4490)}, MergeError),
        ({"a": HALVES.set_crs(4548, allow_override=True)}, MergeError),
        ({"a": HALVES.set_crs(None, allow_override=True)}, InputError),
        ({"a": HALVES.translate(1000, 0).to_frame("geometry")}, MergeError),
    ],
)
def test_a_layer_that_cannot_be_overlaid_is_refused_with_one_sentence(layers, kind):
    with pytest.raises(GridmapError) as caught:
        overlay(layers, nest=NEST)
    assert type(caught.value) is kind
    assert "{" not in str(caught.value)
    assert "{" not in caught.value.sentence("zh")


def test_inputs_are_not_changed():
    layer, nest = HALVES.copy(deep=True), NEST.copy(deep=True)
    overlay({"a": layer}, nest=nest)
    assert layer.geom_equals_exact(HALVES, 0).all()
    assert nest.geom_equals_exact(NEST, 0).all()


layers = st.integers(0, 10_000).map(drawn.city)


@settings(max_examples=25, deadline=None)
@given(layers)
def test_faces_are_a_valid_coverage_that_fills_the_nest(city):
    cut = faces(city.layers, nest=city.nest)
    drawn.holds(cut, city.nest)


@settings(max_examples=25, deadline=None)
@given(layers, st.sampled_from([0.0, 20.0, 500.0, 5000.0]))
def test_atoms_are_a_valid_coverage_that_fills_the_nest(city, sliver_m2):
    atoms = overlay(city.layers, nest=city.nest, sliver_m2=sliver_m2)
    drawn.holds(atoms, city.nest)


@settings(max_examples=15, deadline=None)
@given(layers)
def test_one_street_alone_gives_the_faces_it_has_in_the_whole(city):
    cut = faces(city.layers, nest=city.nest)
    for unit in city.nest.index:
        alone = faces(city.layers, nest=city.nest.loc[[unit]])
        both = cut[cut["nest_id"] == unit].reset_index(drop=True)
        assert list(shapely.to_wkb(alone.geometry)) == list(shapely.to_wkb(both.geometry))
        assert (alone.drop(columns="geometry").fillna("") == both.drop(columns="geometry").fillna("")).all(axis=None)


@settings(max_examples=15, deadline=None)
@given(layers)
def test_the_same_layer_twice_changes_nothing_but_labels(city):
    once = overlay(city.layers, nest=city.nest)
    key = next(iter(city.layers))
    twice = overlay({**city.layers, "again": city.layers[key]}, nest=city.nest, sliver_m2=0, sliver_m=0)
    assert (twice["again"].fillna("") == twice[key].fillna("")).all()
    plain = overlay(city.layers, nest=city.nest, sliver_m2=0, sliver_m=0)
    assert twice.geometry.geom_equals_exact(plain.geometry, 0).all()
    assert len(once) <= len(plain)


@settings(max_examples=15, deadline=None)
@given(layers)
def test_refining_the_layers_never_loses_a_label(city):
    one, two = list(city.layers.items())[:2]
    coarse = faces(dict([one]), nest=city.nest)
    fine = faces(dict([one, two]), nest=city.nest)
    for key in (one[0], "nest_id"):
        before = coarse.area.groupby(coarse[key].fillna("")).sum()
        after = fine.area.groupby(fine[key].fillna("")).sum().reindex(before.index, fill_value=0.0)
        assert np.abs(before - after).max() < 0.01 * len(fine) ** 0.5


@settings(max_examples=10, deadline=None)
@given(layers, st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_moving_the_input_moves_the_atoms(city, dx, dy):
    here = overlay(city.layers, nest=city.nest)
    moved = {key: drawn.moved(layer, dx, dy) for key, layer in city.layers.items()}
    there = overlay(moved, nest=drawn.moved(city.nest, dx, dy))
    assert len(here) == len(there)
    assert here.drop(columns="geometry").equals(there.drop(columns="geometry"))
    assert np.allclose(here.area, there.area, atol=0.01)


@settings(max_examples=10, deadline=None)
@given(layers)
def test_a_quarter_turn_turns_the_faces(city):
    here = faces(city.layers, nest=city.nest)
    turned = faces({key: drawn.turned(layer) for key, layer in city.layers.items()}, nest=drawn.turned(city.nest))
    assert abs(len(here) - len(turned)) <= 0.02 * len(here)  # rounding half-up is not symmetric: faces of 0.1 mm come and go
    keys = [name for name in here.columns if name != "geometry"]
    before = here.assign(m2=here.area).fillna("").groupby(keys)["m2"].sum()
    after = turned.assign(m2=turned.area).fillna("").groupby(keys)["m2"].sum()
    assert before.sub(after, fill_value=0).abs().max() < 0.1


@settings(max_examples=10, deadline=None)
@given(layers, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_layers_does_not_matter(city, random):
    def shuffled(frame):
        rows = list(range(len(frame)))
        random.shuffle(rows)
        return frame.iloc[rows]

    here = overlay(city.layers, nest=city.nest)
    keys = list(city.layers)
    random.shuffle(keys)
    there = overlay({key: shuffled(city.layers[key]) for key in keys}, nest=shuffled(city.nest))
    assert here.geometry.geom_equals_exact(there.geometry, 0).all()
    for key in [*keys, "nest_id"]:
        assert here[key].equals(there[key])


DC = {
    "zongzhi": "police-service-areas-psa",
    "yingji": "fire-alarm-districts",
    "chengguan": "snow-removal-areas",
    "huanjing": "leaf-boundary",
}


@pytest.mark.slow
def test_washington_is_overlaid_without_moving_its_nest(shared):
    def read(name):
        frame = gpd.read_parquet(shared / "data" / "dc" / f"{name}.parquet").to_crs(26985)
        return frame[["geometry"]].set_axis([str(number) for number in range(len(frame))])

    nest = read("advisory-neighborhood-commission-2013")
    cut = faces({key: read(name) for key, name in DC.items()}, nest=nest)
    done = slivers.dissolve(cut)
    drawn.holds(done.atoms, nest)
    assert 500 < len(done.atoms) < 2_000 < len(cut)


@pytest.mark.slow
def test_washington_has_the_faces_of_geos(shared):
    paths = sorted((shared / "data" / "dc").glob("*.parquet"))
    frames = [
        gpd.read_parquet(path) for path in paths if path.stem in {*DC.values(), "ward-2012", "single-member-district-2013"}
    ]
    polygons = np.concatenate([layer_checks.parts(frame.to_crs(26985)).polygons for frame in frames])
    found = arcs.edges(polygons)
    mine = noding.in_order(kernel.faces(kernel.node(found)))
    peer = noding.in_order(noding.by_geos(found))
    assert len(mine) > 20_000
    assert (shapely.to_wkb(mine) == shapely.to_wkb(peer)).all()
