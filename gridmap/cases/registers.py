"""The registers beside the cases: tasks, meetings, inspections, projects, organisations … each from one declared description.

What a register holds stands in data/reference/forms.csv (columns, kinds, the words people use: import, template and hand-back
follow from it), what is counted of it in data/reference/registers.csv. There is no code for a single register.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd

from gridmap import codes, intake, settings, store, terms
from gridmap.errors import InputError
from gridmap.intake.handback import safe

if TYPE_CHECKING:
    from gridmap.intake import Form
    from gridmap.store import Store


PLACES = ("community_code", "street_code", "place_code")
"""Columns that say where a row belongs, the most exact first; the last holds a code of any level."""


@dataclass(frozen=True)
class Register:
    """One register: its table, the rules of the dossier it serves, and its figure: a number, or the share met / of.

    met, of: SQL over the rows of a territory; {districts}, {streets} and {communities} stand for how many that has, $today for
    the day. of is empty where the figure is a plain number.
    """

    table: str
    rules: tuple[str, ...]
    indicator_zh: str
    indicator_en: str
    met: str
    of: str

    @property
    def form(self) -> Form:
        """Give the register's description."""
        return intake.form(self.table)

    @property
    def name(self) -> str:
        """Give what the register is called, in the reader's language."""
        return self.form.zh if terms.language() == "zh" else self.form.en

    @property
    def indicator(self) -> str:
        """Give what its figure is called, in the reader's language."""
        return self.indicator_zh if terms.language() == "zh" else self.indicator_en

    @property
    def place(self) -> str | None:
        """Give the column that says where a row belongs: the community's, else the street's, else one of any level."""
        names = {column.name for column in self.form.columns}
        return next((name for name in PLACES if name in names), None)


@cache
def every() -> dict[str, Register]:
    """Give every register by its table's name."""
    with (settings.REFERENCE / "registers.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["register"]: Register(
                row["register"], tuple(row["rules"].split()), row["indicator_zh"], row["indicator_en"], row["met"], row["of"]
            )
            for row in csv.DictReader(file)
        }


def register(table: str) -> Register:
    """Give one register. Raises InputError when there is none of that name."""
    if table not in every():
        raise InputError("There is no register {name}.", name=table)
    return every()[table]


def rows(db: Store, wanted: Register, place: str = "", *, limit: int = 2000) -> pd.DataFrame:
    """List a register's rows in a territory, in the order of its key: the columns of its form."""
    stored = {
        row[0]
        for row in db.cursor()
        .execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [wanted.table])
        .fetchall()
    }
    names = [column.name for column in wanted.form.columns if column.name in stored]
    where, values = _inside(wanted, place)
    columns = ", ".join(f'"{name}"' for name in names)
    return (
        db.cursor()
        .execute(f"SELECT {columns} FROM {wanted.table} WHERE {where} ORDER BY 1 LIMIT $limit", values | {"limit": limit})
        .df()
    )


def count(db: Store, wanted: Register, place: str = "") -> int:
    """Count a register's rows in a territory."""
    where, values = _inside(wanted, place)
    row = db.cursor().execute(f"SELECT count(*) FROM {wanted.table} WHERE {where}", values).fetchone()
    return row[0] if row else 0


def figure(db: Store, wanted: Register, place: str = "") -> tuple[float, float | None]:
    """Give the two numbers of a register's figure in a territory: met, and of what; None for a plain number or a blank rule."""
    where, _ = _inside(wanted, place)
    text = f"SELECT coalesce({wanted.met}, 0)::DOUBLE, ({wanted.of or 'NULL'})::DOUBLE FROM {wanted.table} WHERE {where}"
    for table, column in (("districts", "district_code"), ("streets", "street_code"), ("communities", "community_code")):
        text = text.replace(f"{{{table}}}", f"(SELECT count(*) FROM {table} WHERE starts_with({column}, $place))")
    known = {"place": place, "today": store.now().date()}
    row = db.cursor().execute(text, {name: value for name, value in known.items() if f"${name}" in text}).fetchone()
    return (row[0], row[1]) if row else (0, None)


def by_area(db: Store, wanted: Register) -> pd.DataFrame:
    """Give a register's rows by community, or by street where they name no more; the district's own are not among them.

    Columns code, n (rows) and share (the register's figure in that area: met / of; missing where it is a plain number).
    """
    column = wanted.place or "NULL"
    if column == "place_code":
        column = f"CASE WHEN length(place_code) >= {codes.STREET} THEN left(place_code, {codes.STREET}) END"
    of = (wanted.of or "NULL").replace("{districts}", "NULL")
    one = {"{communities}": column == "community_code", "{streets}": column != "community_code"}
    for name, here in one.items():
        of = of.replace(name, str(int(here)))
    text = f"""
        SELECT {column} AS code, count(*) AS n, least(1, coalesce({wanted.met}, 0)::DOUBLE / nullif({of}, 0)) AS share
        FROM {wanted.table} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1"""
    return db.cursor().execute(text, {"today": store.now().date()} if "$today" in text else {}).df()


def workbook(db: Store, wanted: Register, place: str = "") -> bytes:
    """Give a register's rows as an Excel file with the headings of its form, so that it can be filled in and sent back."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(wanted.form.zh)
    found = rows(db, wanted, place, limit=1_000_000)
    sheet.append([wanted.form.column(name).zh for name in found.columns])
    back = {name: _words(wanted, name) for name in found.columns}
    for line in found.itertuples(index=False):
        sheet.append([_cell(back[name].get(value, value)) for name, value in zip(found.columns, line, strict=True)])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def spoken(wanted: Register, frame: pd.DataFrame) -> pd.DataFrame:
    """Give rows for people: headings and choices in words."""
    shown = frame.copy()
    for name in shown.columns:
        if wanted.form.column(name).kind == "year":
            shown[name] = shown[name].map(lambda year: None if pd.isna(year) else f"{year:.0f}")
        if wanted.form.column(name).kind == "date":
            shown[name] = pd.to_datetime(shown[name]).dt.strftime("%Y-%m-%d").where(shown[name].notna(), None)
        back = _words(wanted, name)
        if back and terms.language() == "zh":
            shown[name] = shown[name].map(lambda value, back=back: back.get(value, value))
        elif back:
            shown[name] = shown[name].map(lambda value: value.replace("_", " ") if isinstance(value, str) else value)
    return shown.rename(columns={name: wanted.form.column(name).heading(terms.language()) for name in shown.columns})


def _words(wanted: Register, name: str) -> dict[Any, str]:
    """Give the first Chinese word of each choice of a column."""
    words: dict[Any, str] = {}
    for word, kept in wanted.form.column(name).choices.items():
        if not word.isascii():
            words.setdefault(kept, word)
    return words


def _cell(value: Any) -> Any:  # noqa: ANN401 - what a cell holds
    if pd.isna(value):
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    return safe(value.to_pydatetime() if hasattr(value, "to_pydatetime") else value.item() if hasattr(value, "item") else value)


def _inside(wanted: Register, place: str) -> tuple[str, dict[str, Any]]:
    if len(place) <= 6 or wanted.place is None:
        return "true", {}
    names = {column.name for column in wanted.form.columns}
    return " OR ".join(f"starts_with({name}, $place)" for name in PLACES if name in names), {"place": place}
