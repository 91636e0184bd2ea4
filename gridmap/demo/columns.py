"""Arrow columns made from indices: words of a short list as dictionaries, identifiers, times."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NUMBER_DIGITS = 8


class Register:
    """The words the rows point to: codes and names of communities, streets, compounds, staff."""

    def __init__(
        self, communities: list[str], names_zh: list[str], streets: list[str], compounds: list[str], staff: list[str]
    ) -> None:
        self.communities, self.names_zh, self.streets = communities, names_zh, streets
        self.compounds, self.staff = pa.array(compounds), pa.array(staff)


def incident_ids(number: np.ndarray) -> pa.Array:
    """Name incidents by their number in the year; a negative one is null."""
    text = pc.utf8_lpad(pa.array(number + 1).cast(pa.string()), NUMBER_DIGITS, "0")
    named = pc.binary_join_element_wise("E", text, "")
    return pc.if_else(pa.array(number >= 0), named, pa.scalar(None, pa.string()))


def words(known: list[str] | tuple[str, ...], index: np.ndarray) -> pa.DictionaryArray:
    """Point to known words, each of them said once; a negative index is null."""
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32), mask=index < 0), pa.array(list(known), pa.string()))


def take(known: pa.Array, index: np.ndarray) -> pa.Array:
    """Look up words of a long list; a negative index is null."""
    return known.take(pa.array(index, mask=index < 0))


def stamp(times: np.ndarray) -> pa.Array:
    """Make timestamps of seconds; NaT is null."""
    return pa.array(times.astype("datetime64[s]")).cast(pa.timestamp("us"))
