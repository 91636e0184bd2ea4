"""A brief as an Excel workbook: the figures, then a sheet a table with every row, then how it was counted."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from gridmap import terms
from gridmap.reports.content import absent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from gridmap.reports.content import Brief, Table

HEAD = PatternFill("solid", fgColor="DDE6EC")
WIDEST = 48

_NAME_MOST = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


def excel(brief: Brief, *, language: str | None = None) -> bytes:
    """Give a brief as the bytes of an .xlsx file; texts stay texts, so that none of them runs as a formula."""
    spoken = language or terms.language()
    book = Workbook()
    first = book.active
    if first is None:
        first = book.create_sheet()
    first.title = terms.say("Main figures", language=spoken)
    _summary(first, brief, spoken)
    for table in [table for section in brief.sections for table in section.tables]:
        add_table(book, table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _summary(sheet: Worksheet, brief: Brief, spoken: str) -> None:
    lines: list[tuple[str, ...]] = [(brief.title,), (brief.scope,), (f"{brief.made_at:%Y-%m-%d %H:%M}", brief.mark), ()]
    first = len(lines) + 1
    lines.append(tuple(terms.say(word, language=spoken) for word in ("Indicator", "Value", "Note", "Meaning")))
    lines += [(figure.label, figure.value, figure.note, figure.meaning) for figure in brief.figures]
    lines += [()] + [(note,) for note in brief.notes]
    for row, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            put(sheet, row, column, value)
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    head(sheet, first, 4)
    widths(sheet, [[line[column] for line in lines[first - 1 :] if len(line) == 4] for column in range(4)])


def add_table(book: Workbook, table: Table) -> None:
    """Add a sheet with every row of a table under a head that stays, to be filtered by any column."""
    sheet, frame = book.create_sheet(_name(table, book.sheetnames)), table.frame
    for column, name in enumerate(frame.columns, start=1):
        put(sheet, 1, column, str(name))
        for row, value in enumerate(frame[name].tolist(), start=2):
            put(sheet, row, column, value)
    head(sheet, 1, len(frame.columns))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    widths(sheet, [[name, *frame[name].head(200).tolist()] for name in frame.columns])


def put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a value into a cell, a missing one as nothing, a text as a text."""
    if absent(value):
        return
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    elif not isinstance(value, bool | int | float):
        value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell = sheet.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type = "s"  # else openpyxl takes a text that begins with = for a formula
        cell.quotePrefix = value[:1] in "=+-@\t\r" and bool(value)


def head(sheet: Worksheet, row: int, columns: int) -> None:
    """Make a row the head of a table."""
    for column in range(1, columns + 1):
        cell = sheet.cell(row, column)
        cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, Alignment(vertical="center", wrap_text=True)


def widths(sheet: Worksheet, columns: Sequence[Sequence[object]]) -> None:
    """Make each column as wide as what stands in it, wide letters counted twice."""
    for position, values in enumerate(columns, start=1):
        longest = max((sum(2 if ord(character) > 0x2E7F else 1 for character in str(value)) for value in values), default=8)
        sheet.column_dimensions[get_column_letter(position)].width = min(WIDEST, max(8, longest + 3))


def _name(table: Table, taken: Sequence[str]) -> str:
    name = _NOT_IN_NAMES.sub(" ", table.title).strip()[:_NAME_MOST] or "1"
    number = 2
    while name in taken:
        name = f"{name[: _NAME_MOST - 3]} {number}"
        number += 1
    return name
