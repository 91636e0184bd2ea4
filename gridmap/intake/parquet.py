"""Read GeoParquet, and plain Parquet with a column of shapes or of coordinates, inside the sealed process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gridmap.errors import IntakeError
from gridmap.intake import rows, shapes
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.intake.content import Piece, Source


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give the one layer a Parquet file holds. Raises IntakeError when its footer cannot be read or promises too much."""
    try:
        metadata = pq.read_metadata(source.path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source) from error
    if metadata.num_rows > source.limits.rows:
        raise IntakeError("{file} has more than {most} rows.", file=source.name, most=source.limits.rows)
    if metadata.num_columns > source.limits.columns:
        raise IntakeError("{file} has more than {most} columns.", file=source.name, most=source.limits.columns)
    yield "", ""


def read_table(source: Source, _inner: str) -> pa.Table:
    """Read the columns that are plain values, each as text."""
    table = _whole(_opened(source), source)
    kinds = {name: table.schema.field(name).type for name in table.column_names}
    nested = [name for name, kind in kinds.items() if pa.types.is_nested(kind) or pa.types.is_binary(kind)]
    table = table.drop_columns(nested).replace_schema_metadata(None)
    return pa.table({name: _as_text(table[name]) for name in table.column_names})


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give values as text, whole numbers without a point, times without their fraction."""
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%d %H:%M:%S", locale="C").cast(pa.string())
    if pa.types.is_floating(column.type):
        try:
            return column.cast(pa.int64()).cast(pa.string())
        except pa.ArrowInvalid:
            return column.cast(pa.string())
    return column.cast(pa.string())


def read(source: Source, _inner: str) -> Content:
    """Read the file: its main geometry column as WKB, the rest as attributes."""
    file = _opened(source)
    told = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
    if not told:
        table, wkb, crs = shapes.found(_whole(file, source).replace_schema_metadata(None), source.name)
        return Content([(table, wkb)], crs)
    main = told["primary_column"]
    column = told["columns"][main]
    if column.get("encoding", "WKB") != "WKB":
        raise IntakeError("{file} keeps its shapes in a form that is not read; write them as WKB.", file=source.name)
    crs = column.get("crs", "OGC:CRS84")
    return Content(
        _pieces(file, source, main, {*told["columns"]}),
        json.dumps(crs) if isinstance(crs, dict) else crs,
    )


def _opened(source: Source) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source) from error


def _whole(file: pq.ParquetFile, source: Source) -> pa.Table:
    try:
        return file.read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source) from error


def _pieces(file: pq.ParquetFile, source: Source, main: str, shaped: set[str]) -> Iterator[Piece]:
    """Read the rows piece by piece, without columns that are no plain values. shaped: the columns of geometries."""
    schema = file.schema_arrow
    left_out = {name for name in schema.names if name in shaped or pa.types.is_nested(schema.field(name).type)} | {main}
    batches = file.iter_batches(rows.PIECE, use_threads=False)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            raise _damaged(source) from error
        table = pa.Table.from_batches([batch]).replace_schema_metadata(None)
        yield table.drop_columns([name for name in table.column_names if name in left_out]), table[main]


def _damaged(source: Source) -> IntakeError:
    return IntakeError("{file} is damaged or not what its name says; export it again.", file=source.name)
