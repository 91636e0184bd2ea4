"""Read CSV inside the sealed process: its encoding and its separator are told from the bytes."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from gridmap.errors import IntakeError
from gridmap.intake import encodings, shapes
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.intake.content import Source

_SAMPLE = 4 * 1024 * 1024
_BLOCK = 16 * 1024 * 1024
_SEPARATORS = ",\t;|，"


def layers(_source: Source) -> Iterator[tuple[str, str]]:
    """Give the one layer a text file holds."""
    yield "", ""


def read(source: Source, _inner: str) -> Content:
    """Read a CSV that has a column of shapes or two of coordinates. Raises IntakeError when it has neither."""
    table, told, lost = read_table(source)
    table, wkb, crs = shapes.found(table, source.name)
    torn = {"torn_rows": {"count": lost}} if lost else None
    return Content(typed(table), wkb, crs, told.name, told.declared, told.sure, told.samples, torn)


def read_table(source: Source) -> tuple[pa.Table, encodings.Told, int]:
    """Read a CSV with every value as text: the table, its encoding, and how many rows had the wrong number of values."""
    data = source.path.read_bytes()
    told = _told(data)
    chosen = encodings.known(source.encoding)
    if chosen is not None:
        told = encodings.Told(chosen, told.declared, sure=True, samples=encodings.samples(_pieces(data), chosen))
    body = data.decode(told.name, "replace").removeprefix("\ufeff").encode() if told.name != "utf-8" else data
    body = body.removeprefix(codecs.BOM_UTF8)
    head = body[:65536].decode("utf-8", "ignore")
    separator = _separator(head)
    header = next(csv.reader(io.StringIO(head), delimiter=separator), [])
    if len(header) > source.limits.columns:
        raise IntakeError("{file} has more than {most} columns.", file=source.name, most=source.limits.columns)
    lost = 0

    def torn(_row: arrow_csv.InvalidRow) -> str:
        nonlocal lost
        lost += 1
        return "skip"

    columns = distinct(header)
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(body),
            read_options=arrow_csv.ReadOptions(
                column_names=columns, skip_rows_after_names=1, use_threads=False, block_size=_BLOCK
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=torn),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True, quoted_strings_can_be_null=True,
                null_values=["", "NULL", "null", "None", "NaN", "nan", "N/A", "#N/A", "\\N"], check_utf8=True,
            ),
        )  # fmt: skip
    except (pa.ArrowException, ValueError) as error:
        raise IntakeError("{file} cannot be read as a table: its rows and columns do not fit.", file=source.name) from error
    if lost and not table.num_rows:
        raise IntakeError("{file} cannot be read as a table: its rows and columns do not fit.", file=source.name)
    return table, told, lost


def _told(data: bytes) -> encodings.Told:
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return encodings.Told(codec, codec, sure=True)
    return encodings.tell(_pieces(data))


def _pieces(data: bytes) -> Iterator[bytes]:
    return (piece for piece in data[:_SAMPLE].replace(b"\n", b",").split(b",") if piece)


def _separator(head: str) -> str:
    """Give the separator that the first line has most of."""
    first = head.split("\n", 1)[0]
    best = max(_SEPARATORS[:4], key=first.count)
    return best if best in first else ","


def distinct(header: list[str]) -> list[str]:
    """Give each column a name of its own."""
    seen: dict[str, int] = {}
    names = []
    for place, raw in enumerate(header):
        name = raw.strip() or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def typed(table: pa.Table) -> pa.Table:
    """Give a table of texts with numbers where a column holds nothing else."""
    return pa.table({name: _typed(table[name]) for name in table.column_names})


def _typed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Make numbers of a column of texts that are all plain numbers; codes with leading zeros stay text."""
    if not pa.types.is_string(column.type):
        return column
    coded = pc.any(pc.match_substring_regex(column, r"^[+-]?0\d")).as_py()
    if coded or column.null_count == len(column):
        return column
    for kind in (pa.int64(), pa.float64()):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            continue
    return column
