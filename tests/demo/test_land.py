"""The land holds together: divisions tile, buildings stand in compounds, households add up, codes are codes."""

import numpy as np
import shapely

from gridmap import codes


def test_communities_tile_their_street_and_streets_the_district_without_gap_or_overlap(table):
    communities, streets, districts = table("communities"), table("streets"), table("districts")
    assert shapely.coverage_is_valid(communities.geometry.to_numpy())
    assert shapely.is_valid(communities.geometry.to_numpy()).all()
    whole = shapely.union_all(communities.geometry.to_numpy())
    assert shapely.symmetric_difference(whole, districts.geometry.iloc[0]).area < 1e-3
    for code, street in zip(streets.street_code, streets.geometry, strict=True):
        parts = communities[communities.street_code == code]
        assert shapely.symmetric_difference(shapely.union_all(parts.geometry.to_numpy()), street).area < 1e-3


def test_every_building_stands_in_its_compound_and_every_compound_in_its_community(table):
    buildings, compounds = table("buildings"), table("compounds").set_index("compound_id")
    communities = table("communities").set_index("community_code")
    home = compounds.loc[buildings.compound_id]
    assert (home.community_code.to_numpy() == buildings.community_code.to_numpy()).all()
    assert shapely.covers(shapely.buffer(home.geometry.to_numpy(), 0.02), buildings.geometry.to_numpy()).all()
    around = communities.loc[compounds.community_code].geometry.to_numpy()
    assert shapely.covers(shapely.buffer(around, 0.02), compounds.geometry.to_numpy()).all()


def test_households_add_up_from_building_to_community(table):
    buildings, compounds, communities = table("buildings"), table("compounds"), table("communities")
    by_compound = buildings.groupby("compound_id").households.sum()
    assert (by_compound.loc[compounds.compound_id].to_numpy() == compounds.households.to_numpy()).all()
    by_community = compounds.groupby("community_code").households.sum()
    found = by_community.reindex(communities.community_code, fill_value=0).to_numpy()
    assert (found == communities.households.to_numpy()).all()
    assert (buildings.households > 0).all()


def test_compounds_do_not_overlap(table):
    shapes = table("compounds").geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    assert shapely.area(shapely.intersection(shapes[left[pairs]], shapes[right[pairs]])).sum() < 1e-6


def test_codes_are_of_their_level_and_can_be_no_real_districts(table):
    for name, column, level in (("streets", "street_code", "street"), ("communities", "community_code", "community")):
        for code in table(name)[column]:
            assert codes.level(code) == level
            assert code.startswith("990199")
    communities = table("communities")
    assert communities.community_code.is_unique
    assert (communities.community_code.str[:9] == communities.street_code).all()


def test_names_are_unique_and_marked_as_a_demonstration(table):
    assert table("communities").name_zh.is_unique
    assert table("streets").name_zh.str.contains("演示").all()
    assert table("districts").name_zh.str.contains("演示").all()


def test_coordinates_are_kept_to_the_centimetre_so_that_neighbours_share_them(table):
    xy = shapely.get_coordinates(table("communities").geometry.to_numpy())
    assert np.abs(xy * 100 - np.round(xy * 100)).max() < 1e-4
