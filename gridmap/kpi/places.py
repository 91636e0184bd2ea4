"""The same question about every place at once: who drills down, and who comes after, finds it answered.

One pass over the rows of a period costs nearly the same for one place as for all. A question about one place is asked as it is;
when another place follows before the data change, all are answered together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap import codes
from gridmap.kpi import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import pandas as pd

    from gridmap.store import Store

WHOLE = ""
"""The place of everything."""

_LEVELS = {codes.CITY, *codes.LEVELS}

_COLUMNS = ("city_code", "district_code", "street_code", "community_code", "grid_code")
_WIDER = f"left(street_code, {codes.CITY}) AS city_code, left(street_code, {codes.DISTRICT}) AS district_code"
ROWS = f"SELECT *, {_WIDER} FROM {{rows}}"
"""Rows with street_code, community_code and grid_code, made ready to be counted by groups()."""

PLACE = f"coalesce({', '.join(_COLUMNS)})"
_ALL = f"GROUPING({', '.join(_COLUMNS)}) = {2 ** len(_COLUMNS) - 1}"


def groups(more: str = "") -> str:
    """Give the GROUP BY that counts each row for its grid, community, street, district and city, and for the whole.

    more: another column to group by. The place of a group is PLACE, empty for the whole; rows come in the order of places.
    """
    sets = ", ".join(f"({', '.join(name for name in (level, more) if name)})" for level in ("", *_COLUMNS))
    order = f"place, {more}" if more else "place"
    return f"GROUP BY GROUPING SETS ({sets}) HAVING {PLACE} IS NOT NULL OR {_ALL} ORDER BY {order}"


class Everywhere:
    """Rows for every place."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._places = rows["place"].fillna(WHOLE).to_numpy(str)
        self._rows = rows.drop(columns="place")
        order = np.argsort(self._places, kind="stable")
        self._places, self._rows = self._places[order], self._rows.iloc[order].reset_index(drop=True)

    def at(self, area: str) -> pd.DataFrame:
        """Give the rows of one place; none where nothing is known of it."""
        first, last = (np.searchsorted(self._places, area, side=side) for side in ("left", "right"))
        return self._rows.iloc[first:last].reset_index(drop=True)


def answered(
    db: Store,
    question: tuple[Hashable, ...],
    area: str | None,
    everywhere: Callable[[], pd.DataFrame],
    *,
    reads: tuple[str, ...],
    days: cache.Days = cache.ALWAYS,
) -> pd.DataFrame | None:
    """Give the rows of a place from the answer for every place; None where it shall be asked about this one alone.

    question: without the place. everywhere: works out the rows of every place, with their column place (see groups). reads,
    days: as for cache.once.
    """
    every = ("everywhere", *question)
    if not _is_one(area):
        return None
    if not (cache.known(db, every, reads=reads, days=days) or cache.again(db, every, reads=reads, days=days)):
        return None
    return work_out(db, question, everywhere, reads=reads, days=days).at(area or WHOLE)


def work_out(
    db: Store,
    question: tuple[Hashable, ...],
    everywhere: Callable[[], pd.DataFrame],
    *,
    reads: tuple[str, ...],
    days: cache.Days = cache.ALWAYS,
) -> Everywhere:
    """Give the answer for every place. The arguments are those of answered."""
    return cache.once(db, ("everywhere", *question), lambda: Everywhere(everywhere()), reads=reads, days=days)


def at_hand(
    db: Store, question: tuple[Hashable, ...], area: str | None, *, reads: tuple[str, ...], days: cache.Days = cache.ALWAYS
) -> bool:
    """Say whether the answer for every place is kept and tells of this one."""
    return _is_one(area) and cache.known(db, ("everywhere", *question), reads=reads, days=days)


def _is_one(area: str | None) -> bool:
    return not area or len(area) in _LEVELS
