"""A brief as a Word file, laid out as Chinese offices lay out theirs: red head, song title, fangsong text, numbered headings.

Margins, sizes and line spacing are those in use for official papers: 37/35/28/26 mm, text at 16 pt on lines of 28 pt, headings
in hei, page numbers at the foot between dashes. Fonts are named as offices have them; Word takes its own where one is missing.
Tables too wide for the page are annexed on pages turned across.
"""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any

import pandas as pd
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from gridmap import terms
from gridmap.reports.content import absent

if TYPE_CHECKING:
    from docx.document import Document as Paper
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

    from gridmap.reports.content import Brief, Section, Table

SONG, FANGSONG, HEI, KAI, LATIN = "方正小标宋简体", "仿宋", "黑体", "楷体", "Times New Roman"
RED = RGBColor(0xD0, 0x02, 0x1B)
TEXT_PT, LINE_PT, TITLE_PT, ORGAN_PT, TABLE_PT, ANNEX_PT, NOTE_PT = 16, 28, 22, 36, 11, 9, 12
WIDTH_MM, ACROSS_MM = 156, 225
"""Width of the text on a page, and on one turned across."""

LEAST_WIDE, MOST_WIDE, BROKEN_WIDE = 6, 36, 10
"""Half characters of a table's column: at least, at most, and where the page is too narrow for a table even so broken."""

MARGINS = 2
"""Half characters that the margins of a cell take."""


MOST_ROWS = 40
"""Rows of a table that a brief shows; the rest is for the workbook."""

_ORDINALS = "一二三四五六七八九十"


def word(brief: Brief, *, language: str | None = None) -> bytes:
    """Give a brief as the bytes of a .docx file: head, title, main figures, sections, and how it was counted.

    Tables show their first MOST_ROWS rows and say how many there are; those too wide for the page come last, on pages turned
    across, and their place in the text says so.
    """
    spoken = language or terms.language()
    paper = Document()
    _page(paper, brief)
    _head(paper, brief, spoken)
    number = 0
    if brief.figures:
        number += 1
        _heading(paper, terms.say("Main figures", language=spoken), number, spoken)
        _figures(paper, brief.figures, spoken)
    annexed: list[Table] = []
    for section in brief.sections:
        number += 1
        _heading(paper, section.title, number, spoken)
        _section(paper, section, annexed, spoken)
    colon = "：" if spoken == "zh" else ": "
    meanings = [f"{figure.label}{colon}{figure.meaning}" for figure in brief.figures if figure.meaning]
    if meanings or brief.notes:
        _heading(paper, terms.say("How it was counted", language=spoken), number + 1, spoken)
        for line in [*meanings, *brief.notes]:
            _text(paper, line, size=NOTE_PT, font=FANGSONG, line_pt=20)
    if annexed:
        _annex(paper, annexed, spoken)
    file = io.BytesIO()
    paper.save(file)
    return file.getvalue()


def _page(paper: Paper, brief: Brief) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    style = paper.styles["Normal"]
    _fonts(style, FANGSONG, TEXT_PT)
    if brief.mark:
        mark = section.header.paragraphs[0]
        mark.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = mark.add_run(brief.mark)
        _fonts(run, HEI, NOTE_PT)
        run.font.color.rgb = RED
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in ("— ", "PAGE", " —"):
        run = foot.add_run("" if part == "PAGE" else part)
        _fonts(run, "宋体", 14)
        if part == "PAGE":
            _field(run, part)


def _head(paper: Paper, brief: Brief, spoken: str) -> None:
    head = paper.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run(terms.say("{organ} brief", language=spoken, organ=brief.organ))
    _fonts(run, SONG, min(ORGAN_PT, int(_room(WIDTH_MM, 1) / _wide(run.text))))  # on one line
    run.font.color.rgb = RED
    under = paper.add_paragraph()
    day = f"{brief.made_at:%Y年%-m月%-d日}" if spoken == "zh" else f"{brief.made_at:%-d %B %Y}"
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _fonts(under.add_run(day), KAI, TEXT_PT)
    _rule(under)
    title = paper.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(18), Pt(6)
    _fonts(title.add_run(brief.title), SONG, TITLE_PT)
    if brief.scope:
        scope = paper.add_paragraph()
        scope.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _fonts(scope.add_run(brief.scope), KAI, TEXT_PT - 2)


def _heading(paper: Paper, title: str, number: int, spoken: str) -> None:
    said = f"{_ordinal(number)}、{title}" if spoken == "zh" else f"{number}. {title}"
    line = _text(paper, said, font=HEI)
    line.paragraph_format.keep_with_next = True
    line.paragraph_format.space_before = Pt(6)


def _figures(paper: Paper, figures: Any, spoken: str) -> None:  # noqa: ANN401 - a sequence of figures
    frame = pd.DataFrame(
        [(figure.label, figure.value, figure.note) for figure in figures],
        columns=[terms.say(word, language=spoken) for word in ("Indicator", "Value", "Note")],
    )
    _table(paper, frame)


def _section(paper: Paper, section: Section, annexed: list[Table], spoken: str) -> None:
    """Write a section; tables too wide for the page are added to ``annexed``."""
    for paragraph in section.paragraphs:
        _text(paper, paragraph)
    for picture in section.pictures:
        shown = paper.add_paragraph()
        shown.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shown.add_run().add_picture(io.BytesIO(picture), width=Mm(WIDTH_MM))
    for table in section.tables:
        if sum(min(need, BROKEN_WIDE + MARGINS) for need in _needs(table.frame.head(MOST_ROWS))) <= _room(WIDTH_MM, TABLE_PT):
            _titled(paper, table, table.title, spoken)
            continue
        annexed.append(table)
        _text(paper, terms.say("{title}: see annexed table {n}.", language=spoken, title=table.title, n=len(annexed)), font=KAI)


def _annex(paper: Paper, tables: list[Table], spoken: str) -> None:
    across = paper.add_section(WD_SECTION.NEW_PAGE)
    across.orientation, across.page_width, across.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    across.top_margin, across.bottom_margin, across.left_margin, across.right_margin = Mm(28), Mm(26), Mm(37), Mm(35)
    for number, table in enumerate(tables, start=1):
        title = terms.say("Annexed table {n}: {title}", language=spoken, n=number, title=table.title)
        _titled(paper, table, title, spoken, size=ANNEX_PT, width_mm=ACROSS_MM)


def _titled(paper: Paper, table: Table, title: str, spoken: str, *, size: float = TABLE_PT, width_mm: float = WIDTH_MM) -> None:
    if title:
        _text(paper, title, font=KAI).paragraph_format.keep_with_next = True
    _table(paper, table.frame.head(MOST_ROWS), size=size, width_mm=width_mm)
    if len(table.frame) > MOST_ROWS:
        said = terms.say(
            "The first {n} of {all} rows; all are in the workbook.", language=spoken, n=MOST_ROWS, all=len(table.frame)
        )
        _text(paper, said, size=NOTE_PT, line_pt=20)


def _table(paper: Paper, frame: pd.DataFrame, *, size: float = TABLE_PT, width_mm: float = WIDTH_MM) -> None:
    if frame.empty:
        return
    drawn = paper.add_table(rows=1 + len(frame), cols=len(frame.columns))
    drawn.style = "Table Grid"
    drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
    drawn.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - repeated on every page; docx has no call
    numeric = [pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]) for name in frame]
    said = [[written(value) for value in values] for values in frame.itertuples(index=False)]
    heads = [str(name) for name in frame.columns]
    widths = _widths(_needs(frame), size, width_mm)
    columns = zip(*said, strict=True)
    right = [figures or all(text.endswith("%") for text in texts) for figures, texts in zip(numeric, columns, strict=True)]
    drawn.autofit = False
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    first, *others = drawn.rows
    for cell, name, width in zip(first.cells, heads, widths, strict=True):
        cell.width = width
        _cell(cell, name, size, font=HEI, centred=True)
    for row, texts in zip(others, said, strict=True):
        for cell, text, width, figures in zip(row.cells, texts, widths, right, strict=True):
            cell.width = width
            _cell(cell, text, size, right=figures)


def _needs(frame: pd.DataFrame) -> list[int]:
    """Give what each column's longest text needs, in half characters, within LEAST_WIDE and MOST_WIDE."""
    texts = [[str(name), *map(written, column.tolist())] for name, column in frame.items()]
    return [MARGINS + min(MOST_WIDE, max(LEAST_WIDE, *map(_wide, column))) for column in texts]


def _room(width_mm: float, size: float) -> float:
    """Give how many half characters of a size in points stand beside each other."""
    return width_mm / float(Pt(size / 2).mm)


def _widths(needs: list[int], size: float, width_mm: float) -> list[Length]:
    """Share out a width: to each column what it needs; where that is too much, the widest give way, to one width."""
    left, room = sorted(needs), _room(width_mm, size)
    while left and left[0] <= room / len(left):
        room -= left.pop(0)
    shares = [min(need, room / len(left)) for need in needs] if left else needs
    return [Mm(width_mm * share / sum(shares)) for share in shares]


def _wide(text: str) -> int:
    """Give how wide a text is in half characters: a Chinese one is as wide as two Latin ones."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def written(value: object) -> str:
    """Write a value of a table as text: nothing for what is absent, figures with separators, times to the minute."""
    if absent(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _cell(cell: Any, said: str, size: float, *, font: str = FANGSONG, centred: bool = False, right: bool = False) -> None:  # noqa: ANN401 - docx's own
    paragraph = cell.paragraphs[0]
    paragraph.alignment = (
        WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    )
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(size + 4)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    _fonts(paragraph.add_run(said), font, size)


def _text(paper: Paper, said: str, *, size: float = TEXT_PT, font: str = FANGSONG, line_pt: float = LINE_PT) -> Paragraph:
    line = paper.add_paragraph()
    line.paragraph_format.first_line_indent = Pt(2 * size)
    line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    line.paragraph_format.line_spacing = Pt(line_pt)
    line.paragraph_format.space_after = Pt(0)
    _fonts(line.add_run(said), font, size)
    return line


def _fonts(run: Run | Any, chinese: str, size: float) -> None:  # noqa: ANN401 - a run or a style
    run.font.name, run.font.size = LATIN, Pt(size)
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def _rule(paragraph: Paragraph) -> None:
    """Draw a red line under a paragraph."""
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", f"{RED}")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)  # noqa: SLF001 - docx has no call for borders


def _field(run: Run, name: str) -> None:
    """Let Word fill in a field, such as the number of the page."""
    for kind in ("begin", None, "end"):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = name
        run._r.append(mark)  # noqa: SLF001 - docx has no call for fields


def _ordinal(number: int) -> str:
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    return f"十{_ORDINALS[number - 11]}" if number < 20 else str(number)
