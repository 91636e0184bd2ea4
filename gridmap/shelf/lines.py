"""Lists too long to hold, as lines of JSON on disk, and JSON written from them piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO


class Lines:
    """A list of plain values, one a line of a file: items are added at its end and read from the start."""

    def __init__(self, path: Path) -> None:
        """Begin an empty list at ``path``."""
        self._path = path
        path.write_bytes(b"")

    def append(self, item: Any, /) -> None:  # noqa: ANN401 -- whatever JSON can hold
        """Add an item."""
        # Opened each time: a merge of many layers has more lists than a process may hold files open.
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(item, ensure_ascii=False) + "\n")

    def __iter__(self) -> Iterator[Any]:
        """Give the items in order."""
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A list of names and values that is written as one object."""

    items: Iterable[Any]


def write(value: Any, file: TextIO, indent: str = "") -> None:  # noqa: ANN401 -- whatever JSON can hold
    """Write a value as JSON, one space deeper a level; anything iterable is a list, read item by item."""
    if isinstance(value, Pairs):
        _between("{", "}", iter(value.items), file, indent, named=True)
    elif isinstance(value, Mapping):
        _between("{", "}", iter(value.items()), file, indent, named=True)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        _between("[", "]", iter(value), file, indent, named=False)
    else:
        file.write(json.dumps(value, ensure_ascii=False))


def _between(begin: str, end: str, items: Iterator[Any], file: TextIO, indent: str, *, named: bool) -> None:
    file.write(begin)
    separator = "\n"
    for item in items:
        file.write(f"{separator}{indent} ")
        separator = ",\n"
        if named:
            file.write(json.dumps(item[0], ensure_ascii=False) + ": ")
        write(item[1] if named else item, file, indent + " ")
    file.write(f"\n{indent}{end}" if separator != "\n" else end)


def read(value: Any) -> Any:  # noqa: ANN401 -- whatever JSON can hold
    """Give a value with every list of its in memory."""
    if isinstance(value, Mapping):
        return {name: read(one) for name, one in value.items()}
    return [read(one) for one in value] if isinstance(value, Iterable) and not isinstance(value, str) else value
