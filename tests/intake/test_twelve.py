"""The twelve merge checks on a layer that was sent: which can be made, and what each finds in a drawn district."""

import geopandas as gpd
import pandas as pd
import shapely

from gridmap import intake

COMMUNITY = "990199001001"


def square(x, y=0.0, wide=100.0, high=100.0):
    return shapely.box(500000 + x, 4400000 + y, 500000 + x + wide, 4400000 + y + high)


def frame(**shapes):
    return gpd.GeoDataFrame(index=list(shapes), geometry=list(shapes.values()), crs=4549)


NEST = frame(**{f"{COMMUNITY}": square(0, wide=200), "990199001002": square(200)})
WHOLE = frame(**{f"{COMMUNITY}001": square(0), f"{COMMUNITY}002": square(100), "990199001002001": square(200)})


def kinds(layer, **known):
    got = intake.check_twelve(layer, intake.District(communities=NEST, **known))
    return {one.kind: one for one in got.findings}, got.made


def test_a_layer_without_fault_passes_all_that_can_be_made():
    posts = pd.DataFrame({"grid_code": WHOLE.index, "staff_id": "S", "post": "full_time", "duties": [["x"]] * 3})
    found, made = kinds(
        WHOLE,
        compounds=frame(C=square(10, 10, 20, 20)),
        buildings=frame(B=square(10, 10, 5, 5)).assign(households=[400]),
        incidents=gpd.GeoDataFrame(index=["I"], geometry=[shapely.Point(500050, 4400050)], crs=4549),
        norm=(0, 500),
        crosswalk=pd.DataFrame({"layer": "zongzhi", "old_id": WHOLE.index, "share_of_old": 1.0}),
        assignments=posts,
        party_orgs=pd.DataFrame({"grid_code": WHOLE.index}),
    )
    assert found == {}
    assert made == set(range(1, 13))


def test_edges_that_miss_their_neighbours_are_one_finding():
    layer = frame(a=square(0, wide=101), b=square(100), c=square(200))
    found = {one.kind: one for one in intake.find_faults(layer)}
    assert found["mismatch"].ids == ("a", "b")
    assert intake.times(found["mismatch"]) == 2
    assert {2, 3} <= kinds(layer)[1]


def test_households_come_from_the_layer_or_else_from_the_buildings_in_it():
    norm = (300, 500)
    given, _ = kinds(WHOLE, norm=norm), None
    assert 8 not in given[1]
    houses = frame(B=square(10, 10, 5, 5), D=square(110, 10, 5, 5)).assign(households=[400, 20])
    found, made = kinds(WHOLE, norm=norm, buildings=houses)
    assert 8 in made
    assert intake.times(found["norm"]) == 2
    own = intake.check_twelve(
        WHOLE, intake.District(communities=NEST, norm=norm), households=pd.Series([400, 400, 10], WHOLE.index)
    )
    assert [intake.times(one) for one in own.findings] == [1]


def test_incidents_in_no_grid_old_grids_without_a_new_one_and_buildings_cut():
    spots = [shapely.Point(500050, 4400050), shapely.Point(500250, 4400050)]
    found, _ = kinds(
        frame(a=square(0), b=square(100)),
        incidents=gpd.GeoDataFrame(index=["I", "J"], geometry=spots, crs=4549),
        crosswalk=pd.DataFrame({"layer": ["zongzhi"], "old_id": ["a"], "share_of_old": [1.0]}),
        buildings=frame(B=square(90, 10, 20, 5)).assign(households=[4]),
    )
    assert found["orphan_incidents"].size == 1
    assert found["not_mapped"].ids == ("b",)
    assert found["cuts_building"].ids == ("B",)


def test_codes_out_of_order_and_grids_without_posts_are_told_only_of_codes():
    turned = frame(**{f"{COMMUNITY}002": square(0), f"{COMMUNITY}001": square(100), "990199001002001": square(200)})
    posts = pd.DataFrame({"grid_code": [f"{COMMUNITY}001"], "staff_id": "S", "post": "full_time", "duties": [["x"]]})
    found, made = kinds(turned, assignments=posts, party_orgs=pd.DataFrame({"grid_code": [f"{COMMUNITY}001"]}))
    assert {11, 12} <= made
    assert {"code_order", "four_fixings", "no_party_org"} <= set(found)
    _, made = kinds(frame(a=square(0), b=square(100)), assignments=posts, party_orgs=posts)
    assert not {11, 12} & made


def test_places_come_back_in_the_layers_own_system():
    spots = gpd.GeoDataFrame(index=["I"], geometry=[shapely.Point(500250, 4400050)], crs=4549)
    found, _ = kinds(frame(a=square(0), b=square(100)).to_crs(4490), incidents=spots)
    west, south, _, _ = found["orphan_incidents"].place.bounds
    assert 119 < west < 121
    assert 39 < south < 40


def test_without_communities_only_what_needs_none_is_made():
    assert intake.check_twelve(WHOLE, intake.District()).made == {1, 2, 3, 4, 7}
