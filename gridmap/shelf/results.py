"""The result files of a merge, written street by street."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pyproj import CRS

NUMBERS = {"weight", "area_m2", "before_m2", "after_m2", "share_of_old", "share_of_new"}
COUNTS = {"parts_before", "parts_after"}
"""Columns of results that are no text."""

ROWS = 5_000
"""Rows that are gathered before they are written together."""


class Results:
    """One Parquet file that grows by frames of the same columns; with ``crs``, a GeoParquet one in that system."""

    def __init__(self, path: Path, columns: Sequence[str], crs: CRS | None = None) -> None:
        """Begin a file with these columns."""
        self._crs, self._box = crs, np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._types: set[str] = set()
        fields = [pa.field(name, _kind(name)) for name in columns]
        self._schema = pa.schema(fields, metadata=None if crs is None else {"geo": json.dumps(self._geo())})
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[pa.Table] = []

    def append(self, frame: pd.DataFrame) -> None:
        """Add rows."""
        columns: dict[str, Any] = {
            name: frame.get(name, pd.Series(None, index=frame.index, dtype=object)) for name in self._schema.names
        }
        if self._crs is not None:
            shapes = np.asarray(frame["geometry"].array, dtype=object)
            columns["geometry"] = shapely.to_wkb(shapes)
            bounds = shapely.bounds(shapes)
            bounds = bounds[np.isfinite(bounds).all(axis=1)]
            if len(bounds):
                self._box = np.append(
                    np.minimum(self._box, bounds.min(axis=0))[:2], np.maximum(self._box, bounds.max(axis=0))[2:]
                )
        arrays = [pa.array(_plain(columns[field.name]), field.type, from_pandas=True) for field in self._schema]
        self._waiting.append(pa.Table.from_arrays(arrays, schema=self._schema))
        if sum(len(table) for table in self._waiting) >= ROWS:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting).combine_chunks())
            self._waiting = []

    def __enter__(self) -> Self:
        """Use it as a block, which ends the file."""
        return self

    def __exit__(self, *_failed: object) -> None:
        """End the file."""
        self._write()
        if self._crs is not None:
            self._writer.add_key_value_metadata({"geo": json.dumps(self._geo())})
        self._writer.close()

    def _geo(self) -> dict[str, Any]:
        assert self._crs is not None  # noqa: S101 -- asked of GeoParquet only
        column: dict[str, Any] = {"encoding": "WKB", "crs": self._crs.to_json_dict(), "geometry_types": []}
        if np.isfinite(self._box).all():
            column["bbox"] = self._box.tolist()
        return {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _kind(name: str) -> pa.DataType:
    if name == "geometry":
        return pa.binary()
    if name in NUMBERS:
        return pa.float64()
    return pa.int64() if name in COUNTS else pa.string()


def _plain(values: Any) -> Any:  # noqa: ANN401 -- a column, or an array of bytes
    return (
        values.array if isinstance(values, pd.Series) and isinstance(values.array, pd.api.extensions.ExtensionArray) else values
    )


def columns(layers: Sequence[str], *, units: bool) -> Mapping[str, list[str]]:
    """Give the columns of each file, by its name without the ending."""
    change = ["layer", "id", "what", "to", "why", "area_m2", "before_m2", "after_m2", "parts_before", "parts_after", "geometry"]
    return {
        "grids": ["grid_code", "nest_id", "weight", "area_m2", "geometry"],
        "atoms": [*layers, "nest_id", "geometry", "weight", *(["unit_id"] if units else []), "grid_code"],
        "edits": change,
        "crosswalk": ["layer", "old_id", "grid_code", "area_m2", "weight", "share_of_old", "share_of_new"],
    }
