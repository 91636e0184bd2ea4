"""Read .xlsx inside the sealed process: every sheet a layer or table, the header found below titles."""

from __future__ import annotations

import datetime as dt
import zipfile
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from gridmap.errors import IntakeError
from gridmap.intake import shapes, text
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openpyxl.workbook import Workbook

    from gridmap.intake.content import Source

ABOVE = b"rows above the heading"
"""What a sheet's table says of itself besides its columns."""

_VAGUE = {"时间", "日期", "编号", "代码", "名称", "类别", "类型", "状态", "数量", "人数", "金额"}
"""Words that stand under a heading of several columns and say little without it: 上报 / 时间, 办结 / 时间."""

_GROUPS = 2
"""Headings of several columns that there must be: one alone that spans the sheet is its title."""

_HEADER_WITHIN = 20
"""Rows among which the header is looked for: titles and notes stand above it."""


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give the sheets."""
    book = _opened(source)
    for name in book.sheetnames:
        yield str(name), ""


def read(source: Source, inner: str) -> Content:
    """Read a sheet that has a column of shapes or two of coordinates. Raises IntakeError when it has neither."""
    return layer(read_table(source, inner), source)


def layer(cells: pa.Table, source: Source) -> Content:
    """Make a layer of a sheet's table. Raises IntakeError where it has no shapes and no coordinates."""
    attributes, wkb, crs = shapes.found(cells, source.name)
    return Content([(text.typed(attributes), wkb)], crs)


def read_table(source: Source, inner: str) -> pa.Table:
    """Read a sheet with every value as text."""
    return table(_opened(source)[inner].iter_rows(values_only=True), source, inner)


def table(cells: Iterable[Sequence[object]], source: Source, inner: str) -> pa.Table:
    """Make a table of a sheet's cells, every value text, its empty rows left out.

    The heading is the first row that is nearly as full as the fullest near the top. Raises IntakeError where there is nothing.
    """
    sent = [[_as_text(value) for value in row] for row in _bounded(cells, source)]
    numbers, rows = [number for number, row in enumerate(sent) if any(row)], [row for row in sent if any(row)]
    if not rows:
        raise IntakeError("{file} has a sheet {sheet} with nothing in it.", file=source.name, sheet=inner)
    full = [sum(value is not None for value in row) for row in rows[:_HEADER_WITHIN]]
    head = next(place for place, count in enumerate(full) if 10 * count >= 7 * max(full))
    names, below = _headings(rows, head)
    body = rows[below:]
    columns = {name: [row[place] if place < len(row) else None for row in body] for place, name in enumerate(names)}
    found = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return found.replace_schema_metadata({ABOVE: str(numbers[below - 1])})


def _headings(rows: list[list[str | None]], head: int) -> tuple[list[str], int]:
    """Give the columns' names and the first row below them, where row ``head`` is the heading, or one of its two rows."""
    for first in (head - 1, head):
        if 0 <= first < len(rows) - 1 and _stands_over(*rows[first : first + 2]):
            return text.distinct(_named(_together(*rows[first : first + 2]))), first + 2
    return text.distinct(_named(rows[head])), head + 1


def _together(upper: list[str | None], lower: list[str | None]) -> list[str | None]:
    """Give the names of columns under headings of two rows; words that say too little by themselves with what stands above."""
    names: list[str | None] = []
    group = ""
    for over, under in zip_longest(upper, lower):
        group = over or group
        names.append(f"{group}{under}" if under in _VAGUE else under or over)
    return names


def _named(row: list[str | None]) -> list[str]:
    """Give a heading's names as far as it has any: sheets are often formatted far beyond their content."""
    width = max((place + 1 for place, value in enumerate(row) if value), default=0)
    return [value or "" for value in row[:width]]


def _stands_over(upper: list[str | None], lower: list[str | None]) -> bool:
    """Say whether one row's headings are merged over several of the next row's, and the others down over both rows."""
    starts = [place for place, value in enumerate(upper) if value]
    below = {place for place, value in enumerate(lower) if value}
    if len(starts) < _GROUPS or not below or any(letter.isdigit() for place in below for letter in lower[place] or ""):
        return False
    if any(mark in (upper[place] or "") for place in starts for mark in ":："):
        return False  # who filled it in, and when
    groups = [range(start, end) for start, end in pairwise([*starts, max(starts[-1], *below) + 1])]
    parted = {place for group in groups if len(group) > 1 for place in group}
    return starts[0] == 0 and below == parted


def _opened(source: Source) -> Workbook:
    try:
        return openpyxl.load_workbook(source.path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise IntakeError("{file} is damaged or not what its name says; export it again.", file=source.name) from error


def _bounded(rows: Iterable[Sequence[object]], source: Source) -> Iterator[Sequence[object]]:
    for number, row in enumerate(rows):
        if number > source.limits.rows:
            raise IntakeError("{file} has more than {most} rows.", file=source.name, most=source.limits.rows)
        if len(row) > source.limits.columns:
            row = row[: source.limits.columns]  # noqa: PLW2901 - sheets are often formatted far beyond their content
        yield row


def _as_text(value: object) -> str | None:
    """Give a cell as the text a person would have typed; codes that Excel made numbers come back whole."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value).strip() or None
