"""Write rows as they were sent into an .xlsx: every value stays the text it was, whatever a spreadsheet would make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_OURS = 2
"""Columns that were put before the sender's own: the row's number and what is wrong."""
_WIDTHS = (8, 60)
_NARROWEST, _WIDEST = 10, 40
_WRONG, _HEADING = "FCE4D6", "DDEBF7"


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write rows, the first two columns ours, the others as they were sent: a code keeps its zeros, a formula stays letters."""
    book = Workbook()
    sheet = book.active
    for number, heading in enumerate(rows.columns, 1):
        cell = sheet.cell(1, number, ILLEGAL_CHARACTERS_RE.sub("", str(heading)))
        cell.data_type, cell.font = "s", Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=_WRONG if number <= _OURS else _HEADING)
        longest = 2 * max([len(str(heading)), *rows.iloc[:200, number - 1].astype(str).str.len()]) + 2
        width = _WIDTHS[number - 1] if number <= _OURS else min(_WIDEST, max(_NARROWEST, longest))
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row, values in enumerate(rows.itertuples(index=False), 2):
        for number, value in enumerate(values, 1):
            if isinstance(value, str):
                cell = sheet.cell(row, number)
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type, cell.number_format = "s", "@"
                cell.alignment = Alignment(vertical="top", wrap_text=number == _OURS)
            elif number == 1:
                sheet.cell(row, 1, int(value))
    sheet.freeze_panes = "C2"
    book.save(path)
