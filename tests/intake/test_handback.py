"""Findings go back to the department as a list or a map."""

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from pyproj import CRS

from gridmap import intake
from gridmap.errors import IntakeError
from gridmap.finding import Finding

FINDINGS = [
    Finding("gap", "warning", "A gap that belongs to no grid.", place=shapely.box(0, 0, 10, 10), size=100.0, unit="m²"),
    Finding("overlap", "warning", "{grid} and {other} overlap.", {"grid": "=1+1", "other": "乙"}, ids=("=1+1", "乙")),
    Finding(
        "invalid_geom",
        "warning",
        "Set aside: {count:# row|# rows} without a shape.",
        {"count": 2},
        "",
        place=shapely.Point(3, 4),
    ),
]


def test_the_list_is_in_the_readers_language_and_holds_no_formula(tmp_path):
    intake.write_findings(FINDINGS, tmp_path / "a.xlsx", language="zh")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [cell.value for cell in sheet[1]][:4] == ["序号", "严重程度", "问题", "处理办法"]
    assert sheet["C2"].value == "存在不属于任何网格的空白。"
    assert sheet["G3"].value == "'=1+1, 乙"
    assert sheet["H4"].value == 3
    assert sheet.title == "问题清单"


@pytest.mark.parametrize(
    ("place", "written"),
    [((490011.1937550718, 4419814.1), (490011.19, 4419814.1)), ((119.9012345678, 39.9), (119.9012346, 39.9))],
)
def test_places_are_written_to_a_centimetre(tmp_path, place, written):
    intake.write_findings(
        [Finding("gap", "warning", "A gap that belongs to no grid.", place=shapely.Point(place))], tmp_path / "a.xlsx"
    )
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert (sheet["H2"].value, sheet["I2"].value) == written


def test_the_grids_concerned_are_named_and_more_than_fit_are_hinted_at(tmp_path):
    many = Finding("mismatch", "warning", "A gap that belongs to no grid.", ids=tuple(f"g{n}" for n in range(250)))
    intake.write_findings([many], tmp_path / "a.xlsx")
    named = openpyxl.load_workbook(tmp_path / "a.xlsx").active["G2"].value
    assert named.endswith("g198, g199 …")


def test_the_map_has_a_layer_for_each_kind_of_place(tmp_path):
    intake.write_findings(FINDINGS, tmp_path / "a.gpkg", crs=CRS(4549))
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")} == {"areas", "points", "file"}
    areas = gpd.read_file(tmp_path / "a.gpkg", layer="areas")
    assert areas.geometry.area.tolist() == [100.0]
    assert areas.crs == 4549


def test_nothing_found_still_gives_a_file(tmp_path):
    for name in ("a.xlsx", "a.gpkg"):
        assert intake.write_findings([], tmp_path / name, crs=CRS(4549)).stat().st_size > 0


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(IntakeError, match=r"not as a\.doc"):
        intake.write_findings([], tmp_path / "a.doc")
