"""The district itself, without its files: as many of everything as promised, and it looks like a town."""

import numpy as np
import pytest
import shapely

from gridmap.demo import district, faults, rhythms
from gridmap.demo.matters import MATTERS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built():
    return district.build(1, code="990199", name_zh="演示市沧屿区")


def test_there_are_eight_streets_about_a_hundred_communities_some_of_them_villages(built):
    divided = built.divisions
    assert divided.street_codes == [f"990199{number:03d}" for number in range(1, 9)]
    assert 85 <= len(divided.community_codes) <= 115
    villages = [code for code in divided.community_codes if code[9] == "2"]
    assert 3 <= len(villages) <= 20
    assert len(set(divided.community_names)) == len(divided.community_names)


def test_a_community_lies_in_one_piece_and_a_street_but_for_the_island_too(built):
    assert set(shapely.get_type_id(built.divisions.communities)) == {shapely.GeometryType.POLYGON}
    parts = shapely.get_num_geometries(built.divisions.streets)
    assert sorted(parts) == [1] * 7 + [2]


def test_households_are_those_of_a_district_of_three_to_four_hundred_grids(built):
    assert 115_000 < built.homes.households.sum() < 175_000


def test_layers_stand_to_each_other_as_real_ones_do(built):
    count = {key: len(layer.shapes) for key, layer in built.layers.items()}
    assert 250 <= count["zongzhi"] <= 400
    assert 0.3 < count["yingji"] / count["zongzhi"] < 0.7
    assert 2.5 < count["chengguan"] / count["zongzhi"] < 5
    assert 40 <= count["huanjing"] <= 90
    middle = np.median(built.layers["zongzhi"].households)
    assert 300 <= middle <= 500


def test_each_layer_carries_every_kind_of_fault_promised(built):
    for key, kinds in faults.PLANTED.items():
        found = [fault["kind"] for fault in built.sheets[key].planted]
        for kind, count in kinds.items():
            assert found.count(kind) == count, (key, kind)


def test_blocks_are_no_chessboard(built):
    """Of the turns between a community's sides, few are right angles to the degree."""
    sides = [np.diff(shapely.get_coordinates(shape.simplify(10)), axis=0) for shape in built.divisions.communities]
    angles = np.degrees(np.concatenate([np.arctan2(*side.T) for side in sides])) % 90
    share, _ = np.histogram(angles, bins=18, range=(0, 90))
    assert share.max() / share.sum() < 0.25


def test_borders_of_communities_run_along_roads_the_river_or_the_edge(built):
    lines = [road.line for road in built.plan.roads] + [built.ground.river, built.ground.creek]
    lines.append(shapely.union_all([built.ground.land, built.ground.island]).boundary)
    known = shapely.buffer(shapely.union_all(lines), 3)
    border = shapely.union_all(shapely.boundary(built.divisions.communities))
    assert shapely.intersection(border, known).length > 0.97 * border.length


@pytest.mark.parametrize("amount", [0.0, 0.5, 1.0])
def test_misfit_moves_no_vertex_farther_than_three_metres(built, amount):
    before = built.layers["zongzhi"].shapes[:40]
    after = faults.misfit(before, np.random.default_rng(4), redrawn=amount)
    away = shapely.hausdorff_distance(shapely.boundary(before), shapely.boundary(after))
    assert away.max() < faults.MOST_MISFIT_M + 0.75
    assert np.median(away) > 0.5
    assert (away == 0).mean() < 0.1


def test_the_days_of_a_year_are_weighed_without_gaps(built):
    for matter in MATTERS:
        weight = rhythms.weight(matter.hours, matter.season)
        assert len(weight) == 365
        assert (weight >= 0).all()
        assert weight.sum() > 0
