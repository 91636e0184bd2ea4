"""A statement of indicators opens as an office would want it: numbers as numbers, with unit, goal, definition and source."""

import io
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from gridmap import reports

LINES = [
    reports.Line(
        "K04",
        "结案率",
        0.9372,
        "%",
        True,
        part=911.0,
        n=972.0,
        goal=0.9,
        verdict="达到",
        definition="=已结 ÷ 应结",
        source="讲话",
    ),
    reports.Line("K07", "超期在办", 61.0, "件", False, goal=0.0, verdict="未达到"),
    reports.Line("K23", "每百户服务面积", 27.46, "平方米", False),
    reports.Line("K30", "解决率", None, "%", True, n=7.0, note="仅 7 件，不显示"),
]


@pytest.fixture(scope="module")
def book():
    said = reports.Statement(
        title="演示区指标统计表",
        scope=["2026年11月"],
        made_at=datetime.fromisoformat("2026-11-26 08:00"),
        lines=LINES,
        mark="演示数据",
        tables=[reports.Table("明细", pd.DataFrame({"编号": ["=1+1", "a"], "户数": [1, 2]}))],
        notes=["不足 10 件的比率不显示。"],
    )
    return openpyxl.load_workbook(io.BytesIO(reports.statement(said, language="zh")))


def test_values_are_numbers_in_their_units_below_title_scope_time_and_mark(book):
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 1).value for row in (1, 2)] == ["演示区指标统计表", "2026年11月"]
    assert "2026-11-26 08:00" in sheet.cell(3, 1).value
    assert "演示数据" in sheet.cell(3, 1).value
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=8)]
    assert rows[0] == ["序号", "指标", "数值", "单位", "符合数", "基数", "目标", "是否达标", "备注"]
    assert rows[1][:8] == ["K04", "结案率", 0.9372, "%", 911, 972, 0.9, "达到"]
    assert rows[4][2:4] == [None, "%"]  # hidden: not even in a file
    formats = [sheet.cell(row, 3).number_format for row in (5, 6, 7)]
    assert formats == ["0.0%", "#,##0", "#,##0.0##"]
    assert sheet.cell(10, 1).value == "不足 10 件的比率不显示。"
    assert sheet.page_setup.orientation == "landscape"


def test_each_indicator_is_defined_and_no_text_runs_as_a_formula(book):
    definitions = book.worksheets[1]
    assert [cell.value for cell in definitions[2]] == ["K04", "结案率", "%", "=已结 ÷ 应结", "讲话"]
    assert definitions["D2"].data_type == "s"
    listed = book.worksheets[2]
    assert listed.title == "明细"
    assert [cell.data_type for cell in listed[2]] == ["s", "n"]
