"""The tables that departments fill in: their columns, what each may hold, and the words people use for it.

They stand in data/reference/forms.csv, a line a column, so that an office can add a word of its own without touching code.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache

from gridmap.errors import IntakeError
from gridmap.settings import REFERENCE


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form.

    kind: text, masked (a person's name), code9, code12, code15, uscc, whole, score, number, money, rate, year, date, time,
    flag, choice, list, longitude or latitude. required: a row without it is set aside; key: it names the row, and is made
    from the row's content where the file has none. choices: what the store keeps, by each word people write for it. also:
    other headings of the column. not_before: the column whose time this one may not precede, or whose number it may not be
    smaller than.
    """

    name: str
    zh: str
    en: str
    kind: str
    required: bool
    key: bool
    choices: dict[str, str]
    also: tuple[str, ...]
    not_before: str | None
    note_zh: str

    def heading(self, language: str) -> str:
        """Give the column's heading in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Form:
    """One table: its name in the store, its names for people, its columns in the order of the template."""

    table: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> Column | None:
        """The column that names a row."""
        return next((column for column in self.columns if column.key), None)

    def column(self, name: str) -> Column:
        """Give one column by its name in the store."""
        return next(column for column in self.columns if column.name == name)


def form(table: str) -> Form:
    """Give the form of a table. Raises IntakeError when there is none."""
    if table not in every_form():
        raise IntakeError("There is no table {table} to load; there are {tables}.", table=table, tables=", ".join(every_form()))
    return every_form()[table]


@cache
def every_form() -> dict[str, Form]:
    """Give every form by its table's name."""
    with (REFERENCE / "forms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        named.setdefault(row["table"], []).append(row)
    return {
        table: Form(table, lines[0]["table_zh"], lines[0]["table_en"], tuple(_column(line) for line in lines))
        for table, lines in named.items()
    }


def _column(line: dict[str, str]) -> Column:
    choices: dict[str, str] = {}
    for choice in filter(None, line["choices"].split(";")):
        kept, words = choice.split("=")
        choices |= {plain(word): kept for word in (kept, *words.split("|"))}
    return Column(
        line["column"],
        line["name_zh"],
        line["name_en"],
        line["kind"],
        required=line["required"] == "yes",
        key=line["required"] == "key",
        choices=choices,
        also=tuple(filter(None, line["also"].split("|"))),
        not_before=line["not_before"] or None,
        note_zh=line["note_zh"],
    )


def plain(word: str) -> str:
    """Give a word as it is compared: full width made half, case, spaces and underscores gone."""
    return unicodedata.normalize("NFKC", word).casefold().replace(" ", "").replace("_", "").strip()
