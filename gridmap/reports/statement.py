"""A statement of indicators as an office files it: values as numbers with their units, and how each is worked out."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from gridmap import terms
from gridmap.reports import sheets
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openpyxl.worksheet.worksheet import Worksheet

    from gridmap.reports.content import Table

VALUES = (
    (key("No."), 7),
    (key("Indicator"), 30),
    (key("Value"), 12),
    (key("Unit"), 12),
    (key("Part"), 12),
    (key("Of"), 12),
    (key("Goal"), 10),
    (key("Verdict"), 10),
    (key("Note"), 34),
)
"""Columns of the first sheet, with their widths."""

DEFINITIONS = (
    (key("No."), 7),
    (key("Indicator"), 30),
    (key("Unit"), 12),
    (key("How it is worked out"), 70),
    (key("Goes back to"), 40),
)

_THIN = Side(style="thin", color="9AA9B3")
_LINED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_PERCENT, _WHOLE, _MEASURE = "0.0%", "#,##0", "#,##0.0##"


@dataclass(frozen=True)
class Line:
    """One indicator. value, goal: numbers, a share 0-1; None where there is none or it must not be shown.

    part, n: what the value is of, None where they say nothing. unit, verdict, note, definition, source: in the reader's words.
    """

    number: str
    name: str
    value: float | None
    unit: str
    is_share: bool
    part: float | None = None
    n: float | None = None
    goal: float | None = None
    verdict: str = ""
    note: str = ""
    definition: str = ""
    source: str = ""


@dataclass(frozen=True)
class Statement:
    """What a statement says: title, scope (period, whose grids), when it was made (UTC+8), a mark, lines and tables."""

    title: str
    scope: Sequence[str]
    made_at: datetime
    lines: Sequence[Line]
    mark: str = ""
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()


def statement(said: Statement, *, language: str | None = None) -> bytes:
    """Give a statement as the bytes of an .xlsx file: a sheet of values, one of definitions, then a sheet a table."""
    spoken = language or terms.language()
    book = Workbook()
    first = book.active
    if first is None:
        first = book.create_sheet()
    first.title = terms.say("Values of the indicators", language=spoken)
    _values(first, said, spoken)
    _definitions(book.create_sheet(terms.say("Definitions", language=spoken)), said, spoken)
    for table in said.tables:
        sheets.add_table(book, table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _values(sheet: Worksheet, said: Statement, spoken: str) -> None:
    wide = len(VALUES)
    made = terms.say("Made at {time}", language=spoken, time=f"{said.made_at:%Y-%m-%d %H:%M}")
    above = [said.title, "    ".join(said.scope), "    ".join(text for text in (made, said.mark) if text)]
    for row, text in enumerate(above, start=1):
        sheets.put(sheet, row, 1, text)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=wide)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center", wrap_text=True)
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    sheet.row_dimensions[1].height = 30
    top = len(above) + 1
    _columns(sheet, top, VALUES, spoken)
    for row, line in enumerate(said.lines, start=top + 1):
        cells = (line.number, line.name, line.value, line.unit, line.part, line.n, line.goal, line.verdict, line.note)
        for column, value in enumerate(cells, start=1):
            sheets.put(sheet, row, column, value)
            cell = sheet.cell(row, column)
            cell.border, cell.alignment = _LINED, Alignment(vertical="center", wrap_text=column in {2, 9})
        for column, is_share in ((3, line.is_share), (5, False), (6, False), (7, line.is_share)):
            value = cells[column - 1]
            whole = isinstance(value, int | float) and float(value).is_integer()
            sheet.cell(row, column).number_format = _PERCENT if is_share else _WHOLE if whole else _MEASURE
    bottom = top + len(said.lines) + 1
    for row, text in enumerate(said.notes, start=bottom + 1):
        sheets.put(sheet, row, 1, text)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=wide)
        sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 30
    sheet.freeze_panes = sheet.cell(top + 1, 3)
    sheet.print_title_rows = f"{top}:{top}"
    _on_paper(sheet)


def _definitions(sheet: Worksheet, said: Statement, spoken: str) -> None:
    _columns(sheet, 1, DEFINITIONS, spoken)
    for row, line in enumerate(said.lines, start=2):
        for column, value in enumerate((line.number, line.name, line.unit, line.definition, line.source), start=1):
            sheets.put(sheet, row, column, value)
            sheet.cell(row, column).border = _LINED
            sheet.cell(row, column).alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes = "C2"
    sheet.print_title_rows = "1:1"
    _on_paper(sheet)


def _columns(sheet: Worksheet, row: int, columns: Sequence[tuple[str, int]], spoken: str) -> None:
    for column, (name, width) in enumerate(columns, start=1):
        sheets.put(sheet, row, column, terms.say(name, language=spoken))
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(row, column).border = _LINED
    sheets.head(sheet, row, len(columns))


def _on_paper(sheet: Worksheet) -> None:
    """Print on A4 across, one page wide, with page numbers."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&P / &N"
