"""What the browser fetches is the frame: same order, same codes, no gap opened by simplifying."""

import gzip
import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.errors import GridmapError, MapError
from gridmap.maps import district, held, points, shapes


def squares(n=4, crs=4549):
    """N by n squares of 500 m whose borders have a vertex every 5 m, wobbling by centimetres."""
    boxes = shapely.segmentize([shapely.box(i, j, i + 1, j + 1) for i in range(n) for j in range(n)], 0.01)
    bent = shapely.transform(boxes, lambda xy: 500 * xy + 0.05 * np.sin(50 * xy[:, ::-1]) + [500_000, 4_400_000])
    codes = [f"990199001001{k:03d}" for k in range(1, n * n + 1)]
    return gpd.GeoDataFrame({"code": codes, "name_zh": [f"第{k}网格" for k in range(n * n)]}, geometry=bent, crs=crs)


def read(frame, **columns):
    return json.loads(shapes.shapes(frame, **columns))


def test_features_keep_order_code_and_name():
    frame = squares().iloc[::-1]
    features = read(frame)["features"]
    assert [f["id"] for f in features] == list(frame.code)
    assert [f["properties"]["name"] for f in features] == list(frame.name_zh)


def test_simplifying_drops_points_and_opens_no_gap():
    frame = squares()
    thin = shapely.from_geojson([json.dumps(f["geometry"]) for f in read(frame)["features"]])
    before = shapely.get_num_coordinates(frame.geometry.array).sum()
    assert shapely.get_num_coordinates(thin).sum() < before / 2
    assert shapely.coverage_is_valid(thin)
    assert len(shapely.get_rings(shapely.union_all(thin))) == 1


def test_a_label_lies_in_its_area_even_in_a_crescent():
    crescent = shapely.Point(119.9, 39.9).buffer(0.01).difference(shapely.Point(119.904, 39.9).buffer(0.009))
    feature = read(gpd.GeoDataFrame({"code": ["a"]}, geometry=[crescent], crs=4490))["features"][0]
    assert crescent.contains(shapely.Point(feature["properties"]["at"]))


def test_rows_without_geometry_keep_their_place():
    frame = squares(2)
    frame.loc[1, "geometry"] = None
    frame.loc[2, "geometry"] = shapely.Polygon()
    features = read(frame)["features"]
    assert [f["geometry"] is None for f in features] == [False, True, True, False]
    assert [f["id"] for f in features] == list(frame.code)


def test_a_frame_of_nothing_is_no_map_layer():
    with pytest.raises(MapError):
        district.area_layer(squares().iloc[:0], level="grid")


def test_a_frame_without_coordinate_system_is_refused():
    with pytest.raises(GridmapError, match="coordinate system"):
        shapes.shapes(squares().set_crs(None, allow_override=True))


def test_the_same_content_has_the_same_url_and_is_found_under_it():
    url = held.hold(b'{"a":1}')
    assert url == held.hold(b'{"a":1}') != held.hold(b'{"a":2}')
    assert gzip.decompress(held.packed(url.removeprefix(held.ROOT).removesuffix(".json"))) == b'{"a":1}'


def test_when_the_room_is_full_the_oldest_content_goes(monkeypatch):
    monkeypatch.setattr(held, "ROOM", 200)
    first = held.hold(np.random.default_rng(0).bytes(150)).removeprefix(held.ROOT).removesuffix(".json")
    held.hold(np.random.default_rng(1).bytes(150))
    with pytest.raises(MapError):
        held.packed(first)


def test_points_without_an_explained_sign_are_refused():
    frame = gpd.GeoDataFrame({"name_zh": ["x"], "sign": ["odd"]}, geometry=[shapely.Point(119.9, 39.9)], crs=4490)
    with pytest.raises(MapError, match="odd"):
        points.point_layer(frame, {"ok": points.Sign("OK", "#000000")}, key="centres")


def test_points_carry_name_lines_size_and_sign():
    frame = gpd.GeoDataFrame(
        {"name_zh": ["阵地"], "sign": ["ok"], "px": [9.04], "note": ["820 ㎡"]}, geometry=[shapely.Point(119.9, 39.9)], crs=4490
    )
    signs = {"no": points.Sign("No", "#111111"), "ok": points.Sign("OK", "#000000", "star")}
    layer = points.point_layer(frame, signs, key="centres", size="px", lines=["note"])
    body = json.loads(gzip.decompress(held.packed(layer.url.removeprefix(held.ROOT).removesuffix(".json"))))
    assert body["points"] == [{"id": "0", "at": [119.9, 39.9], "style": 1, "name": "阵地", "size": 9.0, "lines": ["820 ㎡"]}]
    assert [row["text"] for row in layer.rows] == ["No", "OK"]


def test_very_many_areas_are_sent_coarse_with_the_address_of_the_exact_ones(monkeypatch):
    monkeypatch.setattr(district, "MANY", 10)
    frame = squares()
    few = district.area_layer(frame.iloc[:9], level="grid", near="/near/")
    many = district.area_layer(frame, level="grid", near="/near/")
    assert (few.near, many.near) == ("", "/near/")
    assert many.codes == tuple(frame.code)
    exact, coarse = read(frame), read(frame, coarse=True)
    assert [f["id"] for f in coarse["features"]] == [f["id"] for f in exact["features"]]
    assert len(json.dumps(coarse)) <= len(json.dumps(exact))
    assert "near" in district._shown(many, None, None)
