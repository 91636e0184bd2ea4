"""Read CSV inside the sealed process: its encoding and its separator are told from the bytes."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from gridmap.errors import IntakeError
from gridmap.intake import encodings, sending, shapes
from gridmap.intake.content import Content
from gridmap.terms import key

if TYPE_CHECKING:
    import _csv
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gridmap.intake.content import Source

_HEAD = 256 * 1024
_SAMPLE = 2 * 1024 * 1024
_BLOCK = 16 * 1024 * 1024
_MOST_TORN = 20_000
"""Rows with the wrong number of values a table may have; with more it is none."""
_HEADER_WITHIN = 20
"""Rows among which the heading is looked for: titles and notes stand above it."""
_SEPARATORS = ",\t;|"
_NOTHING = ["", "NULL", "null", "None", "NaN", "nan", "N/A", "#N/A", "\\N"]
"""What is read as nothing."""

_PACKED = pa.dictionary(pa.int32(), pa.string())


def layers(_source: Source) -> Iterator[tuple[str, str]]:
    """Give the one layer a text file holds."""
    yield "", ""


def read(source: Source, _inner: str) -> Content:
    """Read a CSV that has a column of shapes or two of coordinates. Raises IntakeError when it has neither."""
    stream = Stream(source)
    table, wkb, crs = shapes.found(pa.Table.from_batches(stream.batches(), stream.schema), source.name)
    torn = {"torn_rows": {"count": len(stream.torn)}} if stream.torn else None
    told = stream.told
    return Content([(typed(table), wkb)], crs, told.name, told.declared, told.sure, told.samples, told.readings, torn)


class Stream:
    """A CSV read block by block, every value as text.

    told: its encoding; schema: its columns; torn: rows so far that had the wrong number of values, which are left out, each
    with its number in the file and its values; above: how many lines of titles stand above the heading.
    plain: it holds no shapes; columns that say the same again and again come as dictionaries of texts.
    Raises IntakeError for too many columns, and, while reading, for what cannot be read as a table.
    """

    def __init__(self, source: Source, *, plain: bool = False) -> None:
        self._source = source
        self.torn: list[tuple[int, list[str]]] = []
        self.told = _told(source.path, source.encoding)
        if self.told.name != "utf-8":
            _to_utf8(source.path, self.told.name)
        with source.path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8-sig", "ignore")
        self._separator = _separator(head)
        lines = csv.reader(io.StringIO(head, newline=""), delimiter=self._separator)
        top = _top(lines)
        if not top:
            raise self._no_table()
        titles = _titles([row for _, row in top])
        self.above = top[titles - 1][0] if titles else 0
        header = top[titles][1]
        if len(header) > source.limits.columns:
            raise IntakeError("{file} has more than {most} columns.", file=source.name, most=source.limits.columns)
        self._plain = plain
        self._block = _SAMPLE if plain else _BLOCK  # a row with a shape may be long; short blocks stay in the processor's cache
        rows = chain((row for _, row in top[titles + 1 :]), lines)
        again = _again(rows, len(header)) if plain else set()
        names = enumerate(distinct(header))
        self.schema = pa.schema([(name, _PACKED if place in again else pa.string()) for place, name in names])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows."""
        rows = 0
        try:
            for batch in self._opened():
                rows += batch.num_rows
                yield batch
        except MemoryError:
            raise
        except (pa.ArrowException, ValueError) as error:
            if not _is_utf8(self._source.path):  # its rows are not even text: that is why they do not fit
                raise IntakeError(sending.MIXED, file=self._source.name) from error
            raise self._no_table() from error
        if self.torn and not rows:
            raise self._no_table()

    def _opened(self) -> arrow_csv.CSVStreamingReader:
        return arrow_csv.open_csv(
            self._source.path,
            read_options=arrow_csv.ReadOptions(
                column_names=self.schema.names,
                skip_rows=self.above,
                skip_rows_after_names=1,
                use_threads=False,
                block_size=self._block,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._separator, newlines_in_values=True, invalid_row_handler=self._leave_out
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=self.schema,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=_NOTHING,
                check_utf8=not self._plain,  # the program outside checks what comes, whoever sends it
            ),
        )

    def _leave_out(self, row: arrow_csv.InvalidRow) -> str:
        if len(self.torn) == _MOST_TORN:
            return "error"  # no table any more
        values = next(csv.reader(io.StringIO(row.text, newline=""), delimiter=self._separator), [])
        self.torn.append((row.number, values))
        return "skip"

    def _no_table(self) -> IntakeError:
        message = key("{file} cannot be read as a table: its rows and columns do not fit.")
        return IntakeError(message, file=self._source.name)


def _top(lines: _csv.Reader) -> list[tuple[int, list[str]]]:
    """Give the first rows as far as they can be read, each with the number of the line that it ends in."""
    rows: list[tuple[int, list[str]]] = []
    with suppress(csv.Error):
        for row in islice(lines, _HEADER_WITHIN):
            rows.append((lines.line_num, row))  # noqa: PERF401 - what stands before an error is kept
    return rows


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """Count the titles and notes above the heading: rows at the top that fill less than half of a usual row's columns."""
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width))
    filled = (sum(bool(value.strip()) for value in row) for row in rows)
    return next((place for place, count in enumerate(filled) if 2 * count >= usual), 0)


def _again(lines: Iterator[list[str]], width: int) -> set[int]:
    """Give the places of the columns whose first values are mostly ones that stood before."""
    try:
        rows = [line for line in lines if len(line) == width]
    except csv.Error:
        return set()
    return {place for place in range(width) if 4 * len({row[place] for row in rows}) <= len(rows)}


def _told(path: Path, asked: str | None) -> encodings.Told:
    """Tell the encoding from the first megabyte that holds more than ASCII; a UTF-8 told from it is checked to the end."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
        for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
            if sample.startswith(mark):
                return encodings.Told(codec, codec, sure=True)
        while sample.isascii() and (more := file.read(_SAMPLE)):
            sample = more
    chosen = encodings.known(asked)
    if chosen is not None:
        return encodings.Told(
            chosen,
            None,
            sure=True,
            samples=encodings.samples(_pieces(sample), chosen),
            readings=encodings.readings(_pieces(sample)),
        )
    return encodings.tell(_pieces(sample))


def _to_utf8(path: Path, encoding: str) -> None:
    """Rewrite a file in UTF-8, block by block; bytes that are no character become the mark for that."""
    fresh = path.with_name(path.name + ".utf8")
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as old, fresh.open("wb") as new:
        while block := old.read(_SAMPLE):
            new.write(decoder.decode(block).encode())
        new.write(decoder.decode(b"", final=True).encode())
    fresh.replace(path)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_SAMPLE):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _pieces(data: bytes) -> Iterator[bytes]:
    """Give whole values: the first and last, which the sample may cut, are left out where there are others."""
    pieces = [piece for piece in data.replace(b"\n", b",").split(b",") if piece]
    return iter(pieces[1:-1] if len(pieces) > 3 else pieces)


def _separator(head: str) -> str:
    """Give the separator that the first line with any has most of."""
    lines = head.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN]
    first = next((line for line in lines if any(mark in line for mark in _SEPARATORS)), "")
    return max(_SEPARATORS, key=first.count)


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
