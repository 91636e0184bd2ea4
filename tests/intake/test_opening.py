"""Every format in, the same layer out; every fault of a file said in one finding or one sentence."""

import dataclasses
import sqlite3
import struct
import zipfile
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from gridmap import intake
from gridmap.errors import IntakeError

from .conftest import NAMES


def kinds(found):
    return {finding.kind for finding in found.findings}


def same(found, grids, tolerance_m=0.01):
    assert sorted(found.frame.index) == sorted(NAMES)
    found = dataclasses.replace(found, frame=found.frame.loc[NAMES])  # FlatGeobuf keeps an order of its own
    there = found.frame.geometry.to_crs(grids.crs) if found.crs is not None else found.frame.geometry
    assert shapely.hausdorff_distance(there.values, grids.geometry.values).max() < tolerance_m
    assert list(found.frame["households"]) == [310, 420, 510]


def zipped(folder, target, *, inside="", leave_out=()):
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in leave_out:
                archive.write(part, inside + part.name)
    return target


@pytest.fixture
def shapefile(grids, tmp_path):
    folder = tmp_path / "shapefile"
    folder.mkdir()
    grids.to_file(folder / "网格.shp", encoding="gbk")
    return folder


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.fgb", "a.parquet"])
def test_each_format_gives_the_same_layer(grids, tmp_path, name):
    path = tmp_path / name
    frame = grids.to_crs(4490) if name == "a.geojson" else grids
    frame.to_parquet(path) if name == "a.parquet" else frame.to_file(path)
    found = intake.open_file(path)
    same(found, grids)
    assert not found.findings
    assert found.id_column == "name"
    assert found.crs is not None


def test_kml_and_kmz_give_the_same_layer(grids, tmp_path):
    grids.to_crs(4326).to_file(tmp_path / "a.kml", driver="KML")
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.write(tmp_path / "a.kml", "doc.kml")
    for name in ("a.kml", "a.kmz"):
        found = intake.open_file(tmp_path / name)
        assert len(found.frame) == 3
        assert found.crs.to_epsg() == 4326


@pytest.mark.parametrize("inside", ["", "网格数据/"])
def test_a_zipped_shapefile_is_found_in_any_folder_and_read_in_its_encoding(shapefile, grids, tmp_path, inside):
    found = intake.open_file(zipped(shapefile, tmp_path / "a.zip", inside=inside, leave_out={".cpg"}))
    same(found, grids)
    assert found.encoding == "gb18030"


def test_a_zip_in_a_zip_is_opened_once(shapefile, grids, tmp_path):
    inner = zipped(shapefile, tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(inner, "inner.zip")
    same(intake.open_file(tmp_path / "outer.zip"), grids)


def test_a_loose_shapefile_brings_its_parts_along(shapefile, grids):
    same(intake.open_file(shapefile / "网格.shp"), grids)


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 0, 0], [0, 1]])
def test_an_index_that_does_not_fit_is_made_again_and_the_one_sent_is_left(shapefile, grids, order):
    index = shapefile / "网格.shx"
    whole = index.read_bytes()
    records = [whole[100 + 8 * n : 108 + 8 * n] for n in order]
    index.write_bytes(whole[:100] + b"".join(records))
    wrong = index.read_bytes()
    same(intake.open_file(shapefile / "网格.shp"), grids)
    assert index.read_bytes() == wrong


def test_a_missing_shx_is_made_again(shapefile, grids, tmp_path):
    same(intake.open_file(zipped(shapefile, tmp_path / "a.zip", leave_out={".shx"})), grids)


def test_a_missing_prj_gives_no_crs_and_says_so(shapefile, tmp_path):
    path = zipped(shapefile, tmp_path / "a.zip", leave_out={".prj"})
    found = intake.open_file(path)
    assert found.crs is None
    assert found.frame.crs is None
    assert "no_crs" in kinds(found)
    assert intake.open_file(path, crs=4549).frame.crs == 4549


def test_every_layer_is_offered_and_can_be_asked_for(grids, tmp_path):
    grids.to_file(tmp_path / "a.gpkg", layer="甲")
    grids.iloc[:2].to_file(tmp_path / "a.gpkg", layer="乙")
    found = intake.open_file(tmp_path / "a.gpkg")
    assert found.layers == ("甲", "乙")
    assert "layers" in kinds(found)
    assert len(intake.open_file(tmp_path / "a.gpkg", layer="乙").frame) == 2
    with pytest.raises(IntakeError, match="has no layer 丙"):
        intake.open_file(tmp_path / "a.gpkg", layer="丙")


def test_a_csv_with_wkt_in_gbk_is_read(grids, tmp_path):
    grids.assign(wkt=grids.geometry.to_wkt()).drop(columns="geometry").to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    found = intake.open_file(tmp_path / "a.csv", crs=4549)
    same(found, grids)
    assert found.encoding == "gb18030"


def test_points_are_kept_only_where_any_shape_will_do(tmp_path):
    (tmp_path / "a.csv").write_text("id,经度,纬度,户数\n007,119.9,39.9,12\n008,119.91,39.9,30\n", "utf-8")
    found = intake.open_file(tmp_path / "a.csv", shapes="any")
    assert list(found.frame.index) == ["007", "008"]
    assert list(found.frame["户数"]) == [12, 30]
    with pytest.raises(IntakeError, match="no area"):
        intake.open_file(tmp_path / "a.csv")


def test_the_column_asked_for_names_the_grids(grids, tmp_path):
    grids.to_parquet(tmp_path / "a.parquet")
    found = intake.open_file(tmp_path / "a.parquet", id_column="households")
    assert list(found.frame.index) == ["310", "420", "510"]
    with pytest.raises(IntakeError, match="has no column 网格编码"):
        intake.open_file(tmp_path / "a.parquet", id_column="网格编码")


def test_ids_that_come_twice_are_numbered_and_reported(grids, tmp_path):
    grids.assign(name=["甲", "甲", "乙"]).to_parquet(tmp_path / "a.parquet")
    found = intake.open_file(tmp_path / "a.parquet", id_column="name")
    assert list(found.frame.index) == ["甲", "甲#2", "乙"]
    assert "duplicate_id" in kinds(found)


def test_rows_without_a_usable_shape_are_set_aside_and_counted(tmp_path):
    square = shapely.box(0, 0, 1, 1)
    shapes = [square, None, shapely.Polygon(), shapely.Polygon([(0, 0), (1, 1), (1e300, 0)]), shapely.Point(0, 0)]
    gpd.GeoDataFrame({"id": list("abcde")}, geometry=shapes, crs=4549).to_parquet(tmp_path / "a.parquet")
    found = intake.open_file(tmp_path / "a.parquet")
    assert list(found.frame.index) == ["a"]
    assert found.rows == 5
    assert {finding.kind: finding.size for finding in found.findings} == {"no_shape": 2, "no_place": 1, "not_area": 1}


def test_shapes_without_a_row_of_the_table_are_said_to_be_lost(grids, tmp_path):
    grids.to_file(tmp_path / "a.shp", encoding="utf-8")
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    head, row = struct.unpack_from("<HH", table, 8)
    struct.pack_into("<I", table, 4, 1)
    (tmp_path / "a.dbf").write_bytes(table[: head + row])
    found = intake.open_file(tmp_path / "a.shp")
    assert len(found.frame) == 1
    assert "the last 2 are lost" in next(one.sentence("en") for one in found.findings if one.kind == "fewer_rows")


def test_metres_that_call_themselves_degrees_have_no_crs(grids, tmp_path):
    grids.set_crs(4326, allow_override=True).to_file(tmp_path / "a.geojson")
    found = intake.open_file(tmp_path / "a.geojson")
    assert found.crs is None
    assert kinds(found) == {"metres_as_degrees"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"AC1032 drawing", "save it as DXF"),
        (b"Rar!\x1a\x07", "pack it as .zip"),
        (b"%PDF-1.4", "is a PDF"),
        (b'{"hello": 1}', "not GeoJSON"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "XML, but not KML"),
        (b"PK\x03\x04 broken", "damaged archive"),
        (b"SQLite format 3\0 broken", "damaged"),
        (b"PAR1 broken", "damaged"),
        (b"a,b\n1,2\n", "neither a column of shapes"),
    ],
)
def test_what_is_no_boundary_file_gets_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(IntakeError, match=sentence):
        intake.open_file(path, name="网格.dat")


def test_a_missing_file_a_folder_and_a_link_get_one_sentence_each(tmp_path):
    with pytest.raises(IntakeError, match="There is no file"):
        intake.open_file(tmp_path / "none.zip")
    with pytest.raises(IntakeError, match="is a folder"):
        intake.open_file(tmp_path)
    (tmp_path / "link.geojson").symlink_to("/etc/passwd")
    with pytest.raises(IntakeError, match="is a link"):
        intake.open_file(tmp_path / "link.geojson")


def test_chinese_that_was_scrambled_before_it_was_sent_is_given_back(grids, tmp_path):
    scrambled = [name.encode("gbk").decode("latin-1") for name in NAMES]
    grids.assign(name=scrambled).to_file(tmp_path / "a.gpkg")
    found = intake.open_file(tmp_path / "a.gpkg")
    same(found, grids)
    assert kinds(found) == {"scrambled"}


@pytest.mark.parametrize(("column", "suffix"), [(None, "gpkg"), ("no", "fgb"), ("twice", "geojson")])
def test_a_file_read_in_pieces_has_the_rows_ids_and_shapes_of_the_whole(tmp_path, column, suffix):
    squares = [shapely.box(119.3 + n / 100, 26.0, 119.31 + n / 100, 26.01) for n in range(7)]
    columns = {"no": [f"g{n}" for n in range(7)], "twice": ["a", "b", "a", None, "c", "a", "d"]}
    path = tmp_path / f"layer.{suffix}"
    gpd.GeoDataFrame(columns, geometry=squares, crs=4490).to_file(path)
    whole = intake.open_file(path, id_column=column)
    pieces = list(intake.open_pieces(path, id_column=column, rows=3))
    assert [len(piece.frame) for piece in pieces] == [3, 3, 1]
    assert {piece.id_column for piece in pieces} == {whole.id_column}
    assert_geodataframe_equal(pd.concat([piece.frame for piece in pieces]), whole.frame)


def test_a_file_without_areas_is_refused_in_pieces_as_in_whole(tmp_path):
    gpd.GeoDataFrame({"no": ["a"]}, geometry=[shapely.Point(119, 26)], crs=4490).to_file(tmp_path / "points.gpkg")
    with pytest.raises(IntakeError, match="no area"):
        next(intake.open_pieces(tmp_path / "points.gpkg"))


@pytest.mark.parametrize("written", ["a.gpkg", "a.fgb", "a.geojson", "a.parquet"])
@pytest.mark.parametrize("called", ["b.json", "b.gpkg", "b.csv"])
def test_a_file_is_read_as_what_it_is_whatever_it_is_called(grids, tmp_path, written, called):
    path = tmp_path / written
    grids.to_parquet(path) if written == "a.parquet" else grids.to_file(path)
    named = path.rename(tmp_path / called)
    before = named.read_bytes()
    same(intake.open_file(named), grids)
    assert named.read_bytes() == before


def test_a_geopackage_that_keeps_a_log_is_read_and_left_as_it_was(grids, tmp_path):
    path = tmp_path / "a.gpkg"
    grids.to_file(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode = wal").fetchone() == ("wal",)
    before = path.read_bytes()
    same(intake.open_file(path), grids)
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_text_in_another_encoding_is_left_as_it_was_sent(tmp_path):
    path = tmp_path / "a.geojson"
    sent = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"滨河东路第一网格"},"geometry":'
        '{"type":"Polygon","coordinates":[[[119,39],[119.01,39],[119.01,39.01],[119,39]]]}}]}'
    ).encode("gb18030")
    path.write_bytes(sent)
    assert list(intake.open_file(path).frame.index) == ["滨河东路第一网格"]
    assert path.read_bytes() == sent
