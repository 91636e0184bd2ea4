"""Blank tables to fill in, in Chinese: headings, what each column may hold, lists to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

if TYPE_CHECKING:
    from gridmap.intake.forms import Column, Form

_KINDS_ZH = {
    "text": "文字",
    "masked": "文字",
    "code9": "9 位代码(文本)",
    "code12": "12 位代码(文本)",
    "code15": "15 位代码(文本)",
    "uscc": "18 位统一社会信用代码",
    "whole": "整数",
    "number": "数字",
    "money": "金额,单位元",
    "rate": "比率,如 95% 或 0.95",
    "score": "整数,0 至 100",
    "year": "年份,如 2026",
    "date": "日期,如 2026-05-01",
    "time": "时间,如 2026-05-01 08:30",
    "flag": "是 / 否",
    "choice": "从列表中选择",
    "list": "可填多项,用顿号隔开",
    "longitude": "经度,十进制度(CGCS2000)",
    "latitude": "纬度,十进制度(CGCS2000)",
}
NOTES = "填表说明"
"""The sheet of a blank table that explains its columns; nothing is filled in there."""

_ROWS = 2000
_REQUIRED, _HEADING = "FFF2CC", "DDEBF7"


def write(form: Form, path: str | Path) -> Path:
    """Write a form's blank table as .xlsx: one sheet to fill in, one that explains each column."""
    path = Path(path)
    book = Workbook()
    sheet = book.active
    sheet.title = form.zh
    notes = book.create_sheet(NOTES)
    notes.append(["列名", "是否必填", "填写要求", "可选值"])
    for number, column in enumerate(form.columns, 1):
        cell = sheet.cell(1, number, column.zh)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=_REQUIRED if column.required else _HEADING)
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
        cell.comment = Comment("必填。" * column.required + _explained(column), "gridmap")
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(12, 2 * len(column.zh) + 4)
        words = _words(column)
        if words:
            choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
            choice.add(f"{letter}2:{letter}{_ROWS}")
            sheet.add_data_validation(choice)
        elif column.kind.startswith("code") or column.kind in {"uscc", "text"}:
            for row in range(2, 202):
                sheet.cell(row, number).number_format = "@"
        notes.append([column.zh, "必填" if column.required else "", _explained(column), "、".join(words)])
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCD", (22, 10, 50, 50), strict=True):
        notes.column_dimensions[letter].width = width
        notes[f"{letter}1"].font = Font(bold=True)
    book.save(path)
    return path


def _explained(column: Column) -> str:
    own = "可不填,不填时按内容自动编号" if column.key else ""
    return ";".join(filter(None, (_KINDS_ZH[column.kind], own, column.note_zh)))


def _words(column: Column) -> list[str]:
    """Give the words to choose from: the first that people write for each choice."""
    if column.kind == "flag":
        return ["是", "否"]
    first: dict[str, str] = {}
    for word, kept in column.choices.items():
        if not word.isascii():
            first.setdefault(kept, word)
    return list(first.values())
