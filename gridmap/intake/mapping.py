"""Propose which column of a file is which of a form, by headings and by values; a person confirms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from gridmap.intake.forms import plain

if TYPE_CHECKING:
    from gridmap.intake.forms import Column, Form

_LOOKED_AT = 200
_COUNTED = 50_000
_MOSTLY = 0.9
_PATTERNS = {
    "code15": re.compile(r"\d{12}[0-9A-Z]{3}"),
    "code12": re.compile(r"\d{12}"),
    "uscc": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}"),
}
_UNIT = re.compile(r"[((][^()()]*[))]$")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column of the file is which of the form. by: why, "heading" or "values"; unused: columns of the file left over."""

    columns: dict[str, str]
    by: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def propose(form: Form, table: pa.Table) -> Mapping:
    """Propose a mapping: first exact headings, then headings without their unit, then values that can be nothing else.

    Of several headings that may name a row, the one whose values repeat least.
    """
    left = {plain(name): name for name in reversed(table.column_names)}
    bare = {plain(_UNIT.sub("", name)): name for name in reversed(table.column_names)}
    found: dict[str, str] = {}
    by: dict[str, str] = {}
    used: set[str] = set()
    for names in (left, bare):
        for column in form.columns:
            meant = [names[word] for word in _words(column) if names.get(word, None) not in {None, *used}]
            if column.key and len(meant) > 1:
                meant.sort(key=lambda one: -pc.count_distinct(table[one].slice(0, _COUNTED).cast(pa.string())).as_py())
            if column.name not in found and meant:
                name = meant[0]
                found[column.name], by[column.name] = name, "heading"
                used.add(name)
    for column in form.columns:
        if column.name not in found:
            name = next((one for one in table.column_names if one not in used and _looks_like(column, table[one])), None)
            if name is not None:
                found[column.name], by[column.name] = name, "values"
                used.add(name)
    return Mapping(found, by, tuple(name for name in table.column_names if name not in used))


def _words(column: Column) -> list[str]:
    words = [column.name, column.zh, column.en, *column.also]
    return [plain(word) for word in [*words, _UNIT.sub("", column.zh)]]


def _looks_like(column: Column, values: pa.ChunkedArray) -> bool:
    """Say whether a column's values can hardly be anything else: a code of its length, or only words of its choices."""
    texts = [text for text in values.slice(0, _LOOKED_AT).cast(pa.string()).to_pylist() if text]
    if len(texts) < 3:
        return False
    if column.kind == "choice":
        return sum(plain(text) in column.choices for text in texts) >= _MOSTLY * len(texts)
    pattern = _PATTERNS.get(column.kind)
    return pattern is not None and sum(bool(pattern.fullmatch(text)) for text in texts) >= _MOSTLY * len(texts)
