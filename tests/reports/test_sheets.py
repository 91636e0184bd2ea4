"""A workbook holds every row with its type, and no text of it can run."""

import io

import openpyxl
import pandas as pd
import pytest

from gridmap import reports


def opened(frame, title="明细"):
    sections = [reports.Section("分布", tables=(reports.Table(title, frame), reports.Table(title, frame)))]
    figures = [reports.Figure("=1+1", "93.7%", "n", "口径")]
    brief = reports.Brief(
        "演示区", "演示区情况", pd.Timestamp("2026-03-05 09:00"), figures=figures, sections=sections, notes=["@注"]
    )
    return openpyxl.load_workbook(io.BytesIO(reports.excel(brief, language="zh")))


def test_every_row_is_there_with_its_type():
    frame = pd.DataFrame({"名称": ["甲", "乙"], "户数": [3, None], "时间": [pd.Timestamp("2026-01-02"), None]})
    sheet = opened(frame)["明细"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["名称", "户数", "时间"], ["甲", 3, pd.Timestamp("2026-01-02").to_pydatetime()], ["乙", None, None]
    ]  # fmt: skip
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("payload", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1"])
def test_a_text_that_looks_like_a_formula_stays_a_text(payload):
    cell = opened(pd.DataFrame({"名称": [payload]}))["明细"]["A2"]
    assert cell.value == payload
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_control_characters_and_long_or_repeated_names_do_no_harm():
    book = opened(pd.DataFrame({"名称": ["a\x00b"]}), title="很长的名字[1]:" * 9)
    assert len(set(book.sheetnames)) == 3
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert book.worksheets[1]["A2"].value == "ab"


def test_figures_stand_on_the_first_sheet():
    first = opened(pd.DataFrame({"a": [1]})).worksheets[0]
    values = [cell.value for row in first.iter_rows() for cell in row if cell.value]
    assert values[:2] == ["演示区情况", "2026-03-05 09:00"]
    assert {"=1+1", "93.7%", "口径", "@注"} <= set(values)
