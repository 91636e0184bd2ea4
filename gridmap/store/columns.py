"""What a column of a table takes, and how what a load brings is read for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

KINDS = {
    "BIGINT": pa.int64(), "BOOLEAN": pa.bool_(), "DATE": pa.date32(), "DOUBLE": pa.float64(), "INTEGER": pa.int32(),
    "SMALLINT": pa.int16(), "TIMESTAMP": pa.timestamp("us"),
}  # fmt: skip
"""Kinds of column and the Arrow type that is exactly this kind."""

_SPACE = ord(" ")


@dataclass(frozen=True)
class Column:
    """One column of a table as the schema declares it."""

    name: str
    kind: str
    filled: bool
    """May not be empty."""
    default: str | None
    """What stands in it where nothing is given."""

    @property
    def required(self) -> bool:
        """Say whether a source must bring this column."""
        return self.filled and self.default is None


def as_it_is(column: Column, values: pa.ChunkedArray) -> bool:
    """Say whether values can go into a column without being read anew: of its kind, filled where they must be, trimmed."""
    if column.filled and values.null_count:
        return False
    if column.kind != "VARCHAR":
        return bool(KINDS.get(column.kind) == values.type)
    if pa.types.is_dictionary(values.type):
        return all(_trimmed(pa.array(part.dictionary, pa.string())) for part in values.chunks)
    return bool(values.type == pa.string()) and all(_trimmed(part) for part in values.chunks)


def _trimmed(texts: pa.Array) -> bool:
    """Say whether no text is empty or begins or ends with a space; reading Arrow's buffers costs a tenth of trimming."""
    _, offsets, content = texts.buffers()
    if not len(texts) or content is None:
        return bool(texts.null_count == len(texts))
    edges = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first, end = edges[:-1], edges[1:]
    filled = end > first
    if texts.null_count + np.count_nonzero(filled) < len(texts):
        return False
    letters = np.frombuffer(content, np.uint8)
    first, end = first[filled], end[filled]
    return not bool(((letters[first] == _SPACE) | (letters[end - 1] == _SPACE)).any())


def typed(column: Column) -> str:
    """Give the SQL that reads what a load brings for a column: trimmed, of its kind or empty, with the default for nothing."""
    name = f'"{column.name}"'
    if column.kind.startswith("GEOMETRY"):
        return f"ST_GeomFromWKB({name})"
    if column.kind == "VARCHAR":
        return f"nullif(trim({name}::VARCHAR), '')"
    cast = f"TRY_CAST({name} AS {column.kind})"
    return f"CASE WHEN {name} IS NULL THEN {column.default} ELSE {cast} END" if column.filled and column.default else cast
