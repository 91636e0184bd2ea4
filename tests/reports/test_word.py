"""A brief in Word says what it was given, in the layout of an official paper, and marks demo data on every page."""

import io

import pandas as pd
import pytest
from docx import Document
from docx.shared import Mm

from gridmap import reports
from gridmap.reports.word import MOST_ROWS, written

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea135810b0000000049454e44ae426082"
)


def brief(**changes):
    rows = pd.DataFrame({"社区": ["甲社区", "乙社区"], "户数": [1204, 89], "时间": [pd.Timestamp("2026-01-02 03:04"), None]})
    given = {
        "organ": "演示区",
        "title": "演示区事件情况",
        "made_at": pd.Timestamp("2026-03-05 09:00"),
        "scope": "2026年2月",
        "mark": "演示数据",
        "figures": [reports.Figure("结案率", "93.7%", "共 972 件", "应结案件中已结案的比例")],
        "sections": [reports.Section("分布", ("正文一段。",), (PNG,), (reports.Table("明细", rows),))],
        "notes": ["说明一条"],
    }
    return reports.Brief(**(given | changes))


def opened(given, language="zh"):
    return Document(io.BytesIO(reports.word(given, language=language)))


def test_head_title_headings_and_text_stand_in_order():
    said = [paragraph.text for paragraph in opened(brief()).paragraphs if paragraph.text]
    assert said == [
        "演示区网格化治理简报", "2026年3月5日", "演示区事件情况", "2026年2月", "一、主要指标", "二、分布", "正文一段。", "明细",
        "三、指标口径", "结案率：应结案件中已结案的比例", "说明一条",
    ]  # fmt: skip


def test_tables_hold_figures_as_offices_write_them():
    figures, rows = opened(brief()).tables
    assert [cell.text for cell in figures.rows[0].cells] == ["指标", "数值", "备注"]
    assert [cell.text for cell in figures.rows[1].cells] == ["结案率", "93.7%", "共 972 件"]
    assert [cell.text for cell in rows.rows[1].cells] == ["甲社区", "1,204", "2026-01-02 03:04"]
    assert rows.rows[2].cells[2].text == ""


def test_demo_data_are_marked_on_every_page_and_real_ones_are_not():
    assert opened(brief()).sections[0].header.paragraphs[0].text == "演示数据"
    assert opened(brief(mark="")).sections[0].header.paragraphs[0].text == ""


def test_page_and_picture_keep_the_margins_of_official_papers():
    paper = opened(brief())
    section = paper.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    assert abs(paper.inline_shapes[0].width - Mm(156)) < 100


def test_a_long_table_says_how_much_more_there_is():
    long = pd.DataFrame({"n": range(MOST_ROWS + 5)})
    paper = opened(brief(sections=[reports.Section("明细", tables=(reports.Table("表", long),))]))
    assert len(paper.tables[1].rows) == MOST_ROWS + 1
    assert any(f"共{MOST_ROWS + 5}条" in paragraph.text for paragraph in paper.paragraphs)


def test_a_table_too_wide_for_the_page_is_annexed_on_a_page_turned_across():
    wide = pd.DataFrame([["一二三四五六七八"] * 10 + ["很长的一句话" * 8]], columns=[f"列{n}" for n in range(11)])
    paper = opened(brief(sections=[reports.Section("明细", tables=(reports.Table("案件", wide),))]))
    said = [paragraph.text for paragraph in paper.paragraphs if paragraph.text]
    assert "案件（见附表1）" in said
    assert said[-1] == "附表1　案件"
    upright, across = paper.sections
    assert (round(upright.page_width.mm), round(across.page_width.mm)) == (210, 297)
    room = across.page_width - across.left_margin - across.right_margin
    widths = [cell.width for cell in paper.tables[-1].rows[0].cells]
    assert abs(sum(widths) - room) < Mm(1)
    assert min(widths) > Mm(15)  # the long sentence gives way, so that the others need no second line


def test_an_english_brief_is_english():
    said = [paragraph.text for paragraph in opened(brief(), "en").paragraphs]
    assert "1. Main figures" in said
    assert "5 March 2026" in said


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (float("nan"), ""), (pd.NaT, ""), (True, "✓"), (1234.0, "1,234"), (0.5, "0.50"), ([1], "[1]")],
)
def test_values_are_written_for_people(value, text):
    assert written(value) == text
