"""Read the spreadsheets that are no .xlsx inside the sealed process: .xls, which WPS writes as .et too, .xlsb and .ods."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import python_calamine as calamine

from gridmap.errors import IntakeError
from gridmap.intake import excel, kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from gridmap.intake.content import Content, Source


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give the sheets that hold cells. Raises IntakeError for a locked or damaged file."""
    for sheet in _opened(source).sheets_metadata:
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            yield sheet.name, ""


def read(source: Source, inner: str) -> Content:
    """Read a sheet that has a column of shapes or two of coordinates. Raises IntakeError when it has neither."""
    return excel.layer(read_table(source, inner), source)


def read_table(source: Source, inner: str) -> pa.Table:
    """Read a sheet with every value as text, as `excel.table` does."""
    try:
        sheet = _opened(source).get_sheet_by_name(inner)
        rows = sheet.to_python(skip_empty_area=False, nrows=source.limits.rows + 2)
    except calamine.CalamineError as error:
        raise _damaged(source) from error
    return excel.table(rows, source, inner)


def _opened(source: Source) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.path.read_bytes()))  # told by its bytes, not its name
    except calamine.PasswordError as error:
        raise IntakeError(kinds.LOCKED, file=source.name) from error
    except calamine.CalamineError as error:
        raise _damaged(source) from error


def _damaged(source: Source) -> IntakeError:
    return IntakeError("{file} is damaged or not what its name says; export it again.", file=source.name)
