"""Shares of every old grid sum to 1; areas and households are those of the atoms."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap import merge
from gridmap.merge import explain

COLUMNS = ["layer", "old_id", "grid_code", "area_m2", "weight", "share_of_old", "share_of_new"]


def squares(labels, *, codes, weight=None):
    """Atoms of 10 m a side, west to east: one label a layer each."""
    count = len(codes)
    frame = {key: list(values) for key, values in labels.items()}
    frame |= {"nest_id": ["N"] * count, "grid_code": list(codes)}
    if weight is not None:
        frame["weight"] = list(weight)
    shapes = shapely.box(np.arange(count) * 10.0, 0, np.arange(count) * 10.0 + 10, 10)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=4549)


def test_each_row_says_how_much_of_an_old_grid_went_into_a_new_one():
    #  zongzhi  a a b b     codes  1 2 2 2
    atoms = squares({"zongzhi": "aabb"}, codes="1222", weight=[5, 0, 7, 8])
    table = merge.crosswalk(atoms)
    assert table.columns.tolist() == COLUMNS
    rows = table.set_index(["layer", "old_id", "grid_code"])
    assert rows.loc[("zongzhi", "a", "1")].tolist() == [100, 5, 0.5, 1]
    assert rows.loc[("zongzhi", "a", "2")].tolist() == [100, 0, 0.5, pytest.approx(1 / 3)]
    assert rows.loc[("zongzhi", "b", "2")].tolist() == [200, 15, 1, pytest.approx(2 / 3)]


def test_an_old_grid_stays_whole_is_divided_or_is_cut():
    #  old a -> p (shared with another); b -> q + s, both b's own; c -> t, its own, + r, half of which is d's; d -> r
    shares = [("a", "p", 100, 0.5), ("b", "q", 60, 1.0), ("b", "s", 40, 1.0), ("c", "t", 50, 1.0), ("c", "r", 50, 0.5),
              ("d", "r", 50, 0.5)]  # fmt: skip
    rows = pd.DataFrame(shares, columns=["old_id", "grid_code", "weight", "share_of_new"]).assign(layer="one", area_m2=1.0)
    told = explain.old_grids(rows).set_index("old_id")
    assert told["whole"].to_dict() == {"a": True, "b": False, "c": False, "d": True}
    assert told["divided"].to_dict() == {"a": False, "b": True, "c": False, "d": False}


def test_land_without_an_old_grid_counts_in_no_row():
    atoms = squares({"zongzhi": ["a", None], "yingji": [None, None]}, codes="11")
    table = merge.crosswalk(atoms)
    assert table["old_id"].tolist() == ["a"]
    assert table["share_of_new"].tolist() == [0.5]


def test_without_households_the_weight_is_the_area():
    table = merge.crosswalk(squares({"zongzhi": "ab"}, codes="11"))
    assert table["weight"].tolist() == table["area_m2"].tolist() == [100, 100]


def test_without_layers_there_are_no_rows_and_the_same_columns():
    table = merge.crosswalk(squares({}, codes="12"))
    assert table.empty
    assert table.columns.tolist() == COLUMNS


labels = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=12)


@given(st.data(), labels)
def test_shares_sum_to_one_and_area_and_weight_are_conserved(data, old):
    codes = data.draw(st.lists(st.sampled_from("123"), min_size=len(old), max_size=len(old)))
    weight = data.draw(st.lists(st.integers(0, 900), min_size=len(old), max_size=len(old)))
    atoms = squares({"zongzhi": old}, codes=codes, weight=weight)
    table = merge.crosswalk(atoms)
    assert np.allclose(table.groupby("old_id")["share_of_old"].sum(), 1)
    named = atoms[atoms["zongzhi"].notna()]
    assert table["area_m2"].sum() == pytest.approx(named.area.sum())
    assert table["weight"].sum() == pytest.approx(pd.to_numeric(named["weight"]).sum())
