"""``gridmap load`` and ``gridmap check``: the same as the pages do, from the shell."""

import json
import sys

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from gridmap import cli, crs, intake, store, terms

CSV = """工单编号,上报时间,来源,经度,纬度,地址
A1,2026-05-01 08:30,巡查,119.9,39.9,
A2,昨天,巡查,119.9,39.9,
A3,2026-05-02,热线,,,海风里 3 号楼
"""


@pytest.fixture
def gridmap(monkeypatch, capsys):
    """Run the command line in this process: (status, output, error)."""

    def run(*arguments, language="en"):
        monkeypatch.setattr(sys, "argv", ["gridmap", *map(str, arguments)])
        monkeypatch.setenv("GRIDMAP_LANGUAGE", language)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    yield run
    terms.use("en")


@pytest.fixture
def data(tmp_path):
    """A district of one street, one community and one compound."""
    folder = tmp_path / "data"
    folder.mkdir()
    db = store.open_store(folder / "gridmap.duckdb")
    land = [shapely.box(119.8, 39.8, 120.0, 40.0)]
    code = "990199001001"
    tables = {
        "districts": {"district_code": [code[:6]], "name_zh": ["演示区"]},
        "streets": {"street_code": [code[:9]], "district_code": [code[:6]], "name_zh": ["滨海街道"]},
        "communities": {"community_code": [code], "street_code": [code[:9]], "name_zh": ["海风社区"]},
        "compounds": {"compound_id": ["C1"], "community_code": [code], "name_zh": ["海风里"]},
    }
    for table, columns in tables.items():
        db.load(table, gpd.GeoDataFrame(columns, geometry=land, crs=4490), batch=table)
    db.close()
    return folder


def asked(data, query):
    db = store.open_store(data / "gridmap.duckdb")
    rows = db.cursor().execute(query).fetchall()
    db.close()
    return rows


def test_good_rows_go_in_and_bad_ones_into_a_file_that_can_be_sent_again(gridmap, data, tmp_path):
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    status, out, _ = gridmap("load", "incidents", tmp_path / "a.csv", "--data", data, "--json")
    record = json.loads(out)["files"][0]
    assert (status, record["rows"], record["set_aside"], record["already"]) == (0, 2, 1, False)
    assert asked(data, "SELECT incident_id, compound_id, community_code FROM incidents ORDER BY 1") == [
        ("A1", None, "990199001001"),
        ("A3", "C1", "990199001001"),
    ]
    book = openpyxl.load_workbook(record["to_mend"])
    next(cell for row in book.active.iter_rows() for cell in row if cell.value == "昨天").value = "2026-05-01 09:00"
    book.save(tmp_path / "mended.xlsx")
    status, out, _ = gridmap("load", "incidents", tmp_path / "mended.xlsx", "--data", data, "--json")
    assert (status, json.loads(out)["files"][0]["rows"]) == (0, 1)


def test_the_same_file_twice_changes_nothing(gridmap, data, tmp_path):
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    gridmap("load", "incidents", tmp_path / "a.csv", "--data", data)
    before = asked(data, "SELECT * FROM incidents ORDER BY 1")
    status, out, _ = gridmap("load", "incidents", tmp_path / "a.csv", "--data", data, language="zh")
    assert status == 0
    assert "未作改动" in out
    assert asked(data, "SELECT * FROM incidents ORDER BY 1") == before


def test_points_of_centres_are_kept(gridmap, data, tmp_path):
    (tmp_path / "a.csv").write_text("名称,社区代码,经度,纬度\n海风党群服务中心,990199001001,119.9,39.9\n", "utf-8")
    assert gridmap("load", "service_centres", tmp_path / "a.csv", "--data", data)[0] == 0
    assert asked(data, "SELECT ST_X(geom), ST_Y(geom) FROM service_centres") == [(119.9, 39.9)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["secrets", "a.csv"], "There is no table secrets"),
        (["incidents"], "Name the file"),
        (["incidents", "none.csv"], "There is no file"),
        (["incidents", "none.csv", "--coordinates", "moon"], "moon is no coordinate system"),
        (["incidents", "{file}", "--map", "x"], "not COLUMN=HEADING"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(gridmap, data, tmp_path, arguments, sentence):
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    told = [text.replace("{file}", str(tmp_path / "a.csv")) for text in arguments]
    status, out, error = gridmap("load", *told, "--data", data)
    assert (status, out) == (2, "")
    assert sentence in error
    assert error.count("\n") == 1


def test_rows_that_are_there_already_are_counted_with_the_reason(gridmap, data, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(CSV + "\n" * (name == "b.csv"), "utf-8")
        said = gridmap("load", "incidents", tmp_path / name, "--data", data, language="zh")[1]
    assert "2 条未载入：该事件已在库中" in said


def test_a_template_is_written(gridmap, tmp_path):
    assert gridmap("load", "staff", "--template", tmp_path / "a.xlsx")[0] == 0
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames == ["人员", "填表说明"]


def squares(shift=0.0):
    return [shapely.box(119.9 + i / 100 + shift, 39.9, 119.91 + i / 100 + shift, 39.91) for i in range(3)]


def test_check_against_the_communities_names_the_system_that_fits_best(gridmap, tmp_path):
    nest = gpd.GeoDataFrame({"code": ["a", "b", "c"]}, geometry=squares(), crs=4490)
    nest.to_parquet(tmp_path / "nest.parquet")
    raw = gpd.GeoDataFrame({"id": ["1", "2", "3"]}, geometry=shapely.transform(squares(), lambda c: c[:, ::-1]), crs=4490)
    raw.to_file(tmp_path / "swapped.geojson")
    status, out, _ = gridmap("check", tmp_path / "swapped.geojson", "--nest", tmp_path / "nest.parquet", "--json")
    fit = next(one for one in json.loads(out)["findings"] if one["kind"] == "crs_fit")
    assert "northing first" in fit["sentence"]
    assert status in {0, 1}


def test_check_of_a_layer_in_a_citys_own_system_is_held_to_where_it_lies(gridmap, tmp_path):
    own = "+proj=tmerc +lat_0=0 +lon_0=119.9 +k=1 +x_0=50000 +y_0=-4400000 +ellps=GRS80 +units=m"
    nest = gpd.GeoDataFrame({"code": ["a", "b", "c"]}, geometry=squares(), crs=4490)
    nest.to_parquet(tmp_path / "nest.parquet")
    local = gpd.GeoDataFrame({"序号": [1, 2, 3], "网格编码": list("甲乙丙")}, geometry=nest.to_crs(own).geometry.to_numpy())
    local.to_parquet(tmp_path / "a.parquet")
    asked = ("check", tmp_path / "a.parquet", "--nest", tmp_path / "nest.parquet", "--json")
    status, out, _ = gridmap(*asked, "--crs", own)
    told = json.loads(out)
    assert (status, told["id_column"]) == (0, "网格编码")
    assert not {"crs_fit", "wrong_crs", "no_crs"} & {one["kind"] for one in told["findings"]}
    assert told["checks"]["5"] == 0
    assert json.loads(gridmap(*asked, "--crs", own, "--id", "序号")[1])["id_column"] == "序号"


def test_check_of_a_layer_that_fits_names_no_other_system(tmp_path):
    nest = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=squares(), crs=4490)
    nest.to_parquet(tmp_path / "a.parquet")
    assert intake.survey(intake.open_file(tmp_path / "a.parquet"), near=nest) == []


def test_check_of_a_layer_from_elsewhere_says_so(tmp_path):
    nest = gpd.GeoDataFrame(geometry=squares(), crs=4490)
    gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326).to_parquet(tmp_path / "a.parquet")
    kinds = {one.kind for one in intake.survey(intake.open_file(tmp_path / "a.parquet"), near=nest)}
    assert "crs_fit" in kinds


def test_check_writes_its_findings_for_the_department(gridmap, tmp_path):
    overlapping = gpd.GeoDataFrame({"id": ["1", "2", "3"]}, geometry=[*squares()[:2], squares(0.005)[0]], crs=4490)
    overlapping.to_parquet(tmp_path / "a.parquet")
    gridmap("check", tmp_path / "a.parquet", "--out", tmp_path / "a.xlsx", language="zh")
    words = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx").active["C"]]
    assert "1 与 3 重叠。" in words


def boundary(path):
    """Four grids that fill the small district's community, in GCJ-02, saying no system."""
    parts = [shapely.box(119.8 + i * 0.05, 39.8, 119.85 + i * 0.05, 40.0) for i in range(4)]
    moved = shapely.transform(parts, lambda c: np.column_stack(crs.to_gcj02(c[:, 0], c[:, 1])))
    frame = gpd.GeoDataFrame({"网格编码": list("abcd"), "户数": [1, 2, 3, 4]}, geometry=moved)
    path.write_text(frame.assign(wkt=frame.geometry.to_wkt()).drop(columns="geometry").to_csv(index=False), "utf-8")
    return path


def test_a_departments_boundaries_are_stored_as_a_version_once_the_system_is_confirmed(gridmap, data, tmp_path):
    path = boundary(tmp_path / "综治.csv")
    status, _, error = gridmap("load", "zongzhi", path, "--data", data)
    assert status == 2
    assert "--coordinates gcj02" in error
    status, out, _ = gridmap("load", "zongzhi", path, "--data", data, "--coordinates", "gcj02", "--json")
    record = json.loads(out)["files"][0]
    assert (status, record["version"], record["grids"], record["added"], record["unchanged"]) == (0, 1, 4, 4, False)
    assert asked(data, "SELECT sum(households) FROM layers_now") == [(10,)]
    status, out, _ = gridmap("load", "zongzhi", path, "--data", data, "--coordinates", "gcj02", language="zh")
    assert "未作改动" in out
    assert asked(data, "SELECT count(*) FROM layer_versions") == [(1,)]


def test_check_makes_the_twelve_checks_against_the_district(gridmap, data, tmp_path):
    path = boundary(tmp_path / "a.csv")
    _, out, _ = gridmap("check", path, "--data", data, "--crs", "gcj02", "--json")
    checks = json.loads(out)["checks"]
    assert [checks[number] for number in ("1", "3", "7")] == [0, 0, 0]
    assert checks["12"] is None


def test_an_address_is_asked_only_where_it_is_named(gridmap, data):
    status, _, error = gridmap("load", "incidents", "http://127.0.0.1:9/requests.json", "--data", data)
    assert status == 2
    assert "not among the hosts" in error
