"""Read GeoParquet, and plain Parquet with a column of shapes or of coordinates, inside the sealed process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gridmap.errors import IntakeError
from gridmap.intake import shapes
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.intake.content import Source


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give the one layer a Parquet file holds. Raises IntakeError when its footer cannot be read or promises too much."""
    try:
        metadata = pq.read_metadata(source.path)
    except (pa.ArrowException, OSError) as error:
        raise IntakeError("{file} is damaged or not what its name says; it could not be read.", file=source.name) from error
    if metadata.num_rows > source.limits.rows:
        raise IntakeError("{file} has more than {most} rows.", file=source.name, most=source.limits.rows)
    if metadata.num_columns > source.limits.columns:
        raise IntakeError("{file} has more than {most} columns.", file=source.name, most=source.limits.columns)
    yield "", ""


def read_table(source: Source, _inner: str) -> pa.Table:
    """Read the columns that are plain values, each as text."""
    try:
        table = pq.ParquetFile(source.path).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise IntakeError("{file} is damaged or not what its name says; it could not be read.", file=source.name) from error
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
    try:
        table = pq.ParquetFile(source.path).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise IntakeError("{file} is damaged or not what its name says; it could not be read.", file=source.name) from error
    told = json.loads((table.schema.metadata or {}).get(b"geo", b"null"))
    table = table.replace_schema_metadata(None)
    if not told:
        table, wkb, crs = shapes.found(table, source.name)
        return Content(table, wkb, crs)
    main = told["primary_column"]
    column = told["columns"][main]
    if column.get("encoding", "WKB") != "WKB":
        raise IntakeError("{file} keeps its shapes in a form that is not read; write them as WKB.", file=source.name)
    others = [key for key in told["columns"] if key != main and key in table.column_names]
    boxes = [key for key in table.column_names if pa.types.is_nested(table.schema.field(key).type)]
    crs = column.get("crs", "OGC:CRS84")
    return Content(
        table.drop_columns([main, *{*others, *boxes}]),
        table[main],
        json.dumps(crs) if isinstance(crs, dict) else crs,
    )
