"""Which column names the grids, and how its values become an index of unique text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.errors import IntakeError

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def index(
    frame: gpd.GeoDataFrame, column: str | None, row: NDArray[np.int64], name: str
) -> tuple[gpd.GeoDataFrame, str | None, list[str]]:
    """Give the frame with its ids as index, the column they came from, and the ids that stand in more than one row.

    column: the one asked for; else the first whose values are one text or whole number a row. Rows without a value are called
    ``#7``; a value that comes again gets ``#2``, ``#3``. row: each row's number in the file, from 0.
    Raises IntakeError when the column asked for is not there.
    """
    attributes = frame.drop(columns="geometry")
    if column is None:
        for key in attributes.columns:
            names = _names(attributes[key])
            if names is not None:
                return frame.set_axis(pd.Index(names, name=str(key), dtype="str"), axis=0), str(key), []
        return frame.set_axis(pd.Index([str(number + 1) for number in row], name="id"), axis=0), None, []
    if column not in attributes.columns:
        known = ", ".join(map(str, attributes.columns[:20]))
        raise IntakeError("{file} has no column {column}; it has {columns}.", file=name, column=column, columns=known)
    text = as_text(attributes[column])
    if text.is_unique and text.notna().all():
        return frame.set_axis(pd.Index(text, name=column, dtype="str"), axis=0), column, []
    missing = text.isna()
    text[missing] = [f"#{number + 1}" for number in row[missing.to_numpy()]]
    again = text.groupby(text).cumcount().to_numpy()
    doubled = sorted(text[text.duplicated()].unique())
    unique = [value if not count else f"{value}#{count + 1}" for value, count in zip(text, again, strict=True)]
    return frame.set_axis(pd.Index(unique, name=column, dtype="str"), axis=0), column, doubled


def names_rows(values: pd.Series) -> bool:
    """Say whether a column could be an id: text or whole numbers, none missing, none twice."""
    return _names(values) is not None


def _names(values: pd.Series) -> pd.Series | None:
    """Give a column as text where it could be an id."""
    if not len(values) or pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return None
    text = as_text(values)
    if pd.api.types.is_float_dtype(values) and text.str.contains(".", regex=False).any():
        return None
    return text if text.notna().all() and text.is_unique else None


def as_text(values: pd.Series) -> pd.Series:
    """Give a column as stripped text: whole numbers without a point, nothing where there is nothing."""
    if pd.api.types.is_float_dtype(values):
        whole = values.notna() & np.isfinite(values) & (values == values.round()) & (values.abs() < 1e15)
        text = values.astype("str").where(values.notna())
        text[whole] = values[whole].astype("int64").astype("str")
        return text
    text = values.astype("str").str.strip()
    return text.where(values.notna() & (text != ""))
