"""What departmental layers and areas promise."""

import geopandas as gpd
import pytest
import shapely

from gridmap.errors import GridmapError, StoreError
from gridmap.store import layers

from .conftest import SOUTH, STEP, WEST, box


def layer(**shapes):
    names = [f"格{key}" for key in shapes]
    frame = gpd.GeoDataFrame({"name_zh": names, "colour": "red"}, geometry=list(shapes.values()), crs=4490)
    frame.index = list(shapes)
    return frame.to_crs(4549)


def test_a_layer_comes_back_as_it_was_saved(db):
    saved = layer(a=box(0, 0), b=box(1, 0))
    assert db.save_layer("zongzhi", saved, source="zongzhi.zip", batch="one") == 1
    found = db.layer("zongzhi")
    assert found.index.tolist() == ["a", "b"]
    assert found["name_zh"].tolist() == ["格a", "格b"]
    assert shapely.hausdorff_distance(found.to_crs(4549).geometry.array, saved.geometry.array).max() < 1e-5
    assert found["area_m2"].tolist() == pytest.approx(saved.area.tolist())
    assert db.layer_keys() == ["zongzhi"]


def test_the_same_layer_again_is_no_new_version_and_another_is(db):
    db.save_layer("zongzhi", layer(a=box(0, 0)), source="1", batch="one")
    assert db.save_layer("zongzhi", layer(a=box(0, 0)), source="2", batch="two") == 1
    assert db.save_layer("zongzhi", layer(a=box(0, 1)), source="3", batch="three") == 2
    assert db.layer("zongzhi", 1).geometry.iloc[0].centroid.y < db.layer("zongzhi").geometry.iloc[0].centroid.y


def test_the_difference_names_what_was_added_removed_and_reshaped(db):
    db.save_layer("zongzhi", layer(a=box(0, 0), b=box(1, 0), c=box(0, 1)), source="1", batch="one")
    db.save_layer("zongzhi", layer(a=box(0, 0), b=box(1, 0, 0, 0.5), d=box(1, 1)), source="2", batch="two")
    found = db.layer_diff("zongzhi")
    assert found["change"].to_dict() == {"b": "reshaped", "c": "removed", "d": "added"}
    assert found.loc["b", "moved_m2"] == pytest.approx(found.loc["b", "old_m2"] / 2, rel=1e-4)


def test_the_same_land_begun_at_another_corner_is_no_difference(db):
    (west, south, east, north) = box(0, 0).bounds
    turned = shapely.Polygon([(east, north), (west, north), (west, south), (east, south)])
    found = layers.difference(*(layer(a=shape).to_crs(4490).assign(area_m2=1.0) for shape in (box(0, 0), turned)))
    assert found.empty


def test_an_only_version_has_no_difference(db):
    db.save_layer("zongzhi", layer(a=box(0, 0)), source="1", batch="one")
    assert db.layer_diff("zongzhi").empty


def test_layers_with_repeated_ids_or_without_a_crs_are_refused(db):
    twice = layer(a=box(0, 0), b=box(1, 0))
    twice.index = ["a", "a"]
    with pytest.raises(StoreError, match="the id a more than once"):
        db.save_layer("zongzhi", twice, source="1", batch="one")
    with pytest.raises(GridmapError, match="no coordinate system"):
        db.save_layer("zongzhi", layer(a=box(0, 0)).set_crs(None, allow_override=True), source="1", batch="one")
    with pytest.raises(StoreError, match="There is no layer"):
        db.layer("zongzhi")


def test_areas_give_each_level_with_parent_households_and_area(published):
    streets = published.areas("street")
    assert streets[["code", "parent", "households"]].to_numpy().tolist() == [
        ["990199001", "990199", 1400],
        ["990199002", "990199", 1400],
    ]
    communities = published.areas("community", parent="990199002")
    assert communities["code"].tolist() == ["990199002001", "990199002002"]
    grids = published.areas("grid", parent="990199001001")
    assert grids["parent"].tolist() == ["990199001001"] * 2
    assert grids["households"].tolist() == [350, 350]
    assert grids.area_m2.sum() == pytest.approx(communities["area_m2"].iloc[0], rel=1e-3)
    assert grids.total_bounds == pytest.approx((WEST, SOUTH, WEST + STEP, SOUTH + STEP), abs=1e-9)


def test_areas_of_an_unknown_level_or_version_are_refused_and_before_publication_there_are_no_grids(district):
    assert district.areas("grid").empty
    with pytest.raises(StoreError, match="no level village"):
        district.areas("village")
    with pytest.raises(StoreError, match="no version 7"):
        district.areas("grid", version=7)
