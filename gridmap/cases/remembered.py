"""What every move asks for and hardly ever changes, kept until a table it was read from is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.store import Store

T = TypeVar("T")


def remembered(db: Store, what: str, tables: tuple[str, ...], read: Callable[[], T]) -> T:
    """Give what read() gives, read again when one of the tables was written. what: its key, one for each thing kept."""
    version = db.data_version(*tables)
    kept = cast("tuple[str, T] | None", db.cache.get(what))
    if kept is None or kept[0] != version:
        kept = (version, read())
        db.cache[what] = kept
    return kept[1]
