"""Codes run west to east and north to south, and a plan that changes keeps what did not change."""

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import MergeError
from gridmap.merge import numbering

NEST = "990199001001"


def grids(boxes, *, nest=NEST, codes=None):
    frame = gpd.GeoDataFrame({"nest_id": [nest] * len(boxes)}, geometry=[shapely.box(*box) for box in boxes], crs=4549)
    return frame if codes is None else frame.assign(grid_code=codes)


#   1 2 3      top row a little uneven: 2 stands 3 m lower than 1 and 3
#   4   5
ROWS = [(0, 10, 10, 20), (10, 7, 20, 17), (20, 10, 30, 20), (0, -4, 10, 6), (20, -4, 30, 6)]


def test_codes_run_west_to_east_in_bands_from_north_to_south():
    shuffled = grids([ROWS[i] for i in (4, 1, 3, 0, 2)])
    assert numbering.number(shuffled).tolist() == [NEST + n for n in ("005", "002", "004", "001", "003")]


def test_a_code_has_fifteen_digits_under_its_own_nest_unit():
    two = gpd.GeoDataFrame(
        {"nest_id": [NEST, "990199001002"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4549
    )
    assert numbering.number(two).tolist() == ["990199001001001", "990199001002001"]


@given(st.permutations(range(len(ROWS))), st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
def test_neither_the_order_of_rows_nor_the_place_changes_a_code(order, dx, dy):
    moved = grids([ROWS[i] for i in order])
    moved.geometry = moved.translate(dx, dy)
    assert numbering.number(moved).tolist() == [f"{NEST}{i + 1:03d}" for i in order]


def test_a_grid_with_the_same_land_keeps_its_code_and_new_ones_take_numbers_never_used():
    before = grids(ROWS[:4], codes=[NEST + n for n in ("007", "002", "003", "004")])
    after = grids([ROWS[0], (10, 7, 20, 12), (10, 12, 20, 17), ROWS[2], ROWS[3]])
    assert numbering.number(after, previous=before).tolist() == [
        NEST + "007",
        NEST + "005",
        NEST + "001",
        NEST + "003",
        NEST + "004",
    ]


def test_a_vertex_more_on_the_border_makes_no_new_grid():
    before = grids(ROWS[:1], codes=[NEST + "042"])
    after = before.drop(columns="grid_code").set_geometry(before.segmentize(1.0))
    assert numbering.number(after, previous=before).tolist() == [NEST + "042"]


def test_retired_numbers_serve_again_only_when_no_other_is_left():
    strip = [(i, 0, i + 2, 2) for i in range(0, 2 * 999, 2)]
    before = grids(strip, codes=[f"{NEST}{n:03d}" for n in range(1, 1000)])
    after = grids([(0, 0, 1, 2), (1, 0, 2, 2), *strip[2:]])
    codes = numbering.number(after, previous=before)
    assert codes.tolist()[:3] == [NEST + "001", NEST + "002", NEST + "003"]
    assert codes.is_unique


def test_more_grids_than_three_digits_can_count_are_refused():
    with pytest.raises(MergeError, match="999"):
        numbering.number(grids([(i, 0, i + 1, 1) for i in range(1000)]))


def test_no_grids_have_no_codes():
    assert numbering.number(grids([])).empty
