"""A desk's cases as an Excel file that can be worked in and sent back: a move a row, made as if at the desk."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from gridmap import intake, store, terms
from gridmap.cases import books, desk, life, limits, record
from gridmap.errors import CaseError, GridmapError
from gridmap.intake.handback import safe

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gridmap.cases.hands import Hand
    from gridmap.store import Store

MOST = 5000
"""Cases in one file."""

MOVES = ("accept", "assign", "arrive", "handle", "return", "escalate", "send_down", "check", "urge", "close", "void", "note")
"""Moves that can be written into a cell: what they need is a reason, a person or a department."""

COLUMNS = {
    "case": terms.key("Case"),
    "matter": terms.key("Matter"),
    "what": terms.key("What is the matter"),
    "place": terms.key("Place"),
    "reported": terms.key("Reported at"),
    "due": terms.key("Due at"),
    "joined": terms.key("Joined cases"),
    "steps": terms.key("Steps so far"),
    "move": terms.key("What to do"),
    "person": terms.key("Person"),
    "dept": terms.key("Department"),
    "note": terms.key("Note or reason"),
}
"""Headings; the last four are filled in."""

_WIDTHS = (20, 18, 36, 24, 17, 17, 20, 8, 14, 22, 20, 40)
_FILLED = ("move", "person", "dept", "note")


@dataclass(frozen=True)
class SentBack:
    """What became of a file: how many moves were made, and the rows that were refused, each with the reason."""

    made: int
    refused: pd.DataFrame
    """Columns row, case, reason."""


def workbook(db: Store, hand: Hand, box: str, now: datetime) -> bytes:
    """Give the cases of a box as .xlsx, those due first on top, with columns to fill in and lists to choose from."""
    found = desk.cases(db, hand, box, now, limit=MOST)
    joined = desk.joined(db, found["incident_id"].tolist())
    matters, names = limits.names(db), _places(db)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = terms.say("Cases")
    sheet.append([terms.say(name) for name in COLUMNS.values()])
    for row in found.to_dict("records"):
        code = row["grid_code"] or row["community_code"] or row["street_code"] or ""
        told = [row["incident_id"], matters.get(row["matter_code"], row["matter_code"]), row["description_zh"]]
        told += [f"{names.get(code[:12], names.get(code[:9], ''))} {code[12:]}".strip()]
        told += [_time(row["reported_at"]), _time(row["due_at"]), "、".join(joined.get(row["incident_id"], ())) or None]
        told += [None if pd.isna(row["seq"]) else int(row["seq"])]
        sheet.append([safe(value) if isinstance(value, str) else value for value in told])
    _dress(sheet)
    _lists(db, hand, book, len(found) + 1)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def send_back(db: Store, hand: Hand, path: Path, *, now: datetime | None = None) -> SentBack:
    """Make the moves that a filled-in file asks for, each as if at the desk; rows without a move are passed over.

    The same file again changes nothing. A case that moved on since the file was written is refused, like every move the rules
    do not allow; the others are made. Raises IntakeError when the file cannot be read, CaseError when it is not one of these.
    """
    table = intake.open_table(path)
    known = {terms.say(title, language=spoken): name for name, title in COLUMNS.items() for spoken in terms.LANGUAGES}
    names = [known.get(column.strip(), column) for column in table.texts.column_names]
    if not {"case", "move"} <= set(names):
        raise CaseError("This is not a file of this desk: it needs the columns for the case and for what to do.")
    made, refused = 0, []
    moves = {terms.say(life.MOVES[move].name, language=spoken): move for move in MOVES for spoken in terms.LANGUAGES}
    depts = {name: code for code, both in books.departments(db).items() for name in (code, *both)}
    for number, row in enumerate(table.texts.rename_columns(names).to_pylist(), start=2):
        told = {name: str(row.get(name) or "").strip() for name in COLUMNS}
        if not told["move"]:
            continue
        try:
            _make(db, hand, told, moves, depts, key=f"sheet {hand.name} {table.digest} {number}", now=now or store.now())
            made += 1
        except GridmapError as error:
            refused.append((number, told["case"], error.sentence()))
    return SentBack(made, pd.DataFrame(refused, columns=["row", "case", "reason"]))


def _make(
    db: Store, hand: Hand, told: dict[str, str], moves: dict[str, str], depts: dict[str, str], *, key: str, now: datetime
) -> None:
    move = moves.get(told["move"])
    if move is None:
        raise CaseError("{move} is no move that can be written into a file.", move=told["move"])
    if told["dept"] and told["dept"] not in depts:
        raise CaseError("There is no department {dept}.", dept=told["dept"])
    if not desk.shows(hand, record.find(db, told["case"])):
        raise CaseError("This case is not on your desk.")
    said: dict[str, Any] = {"note": told["note"], "reason": told["note"]} if told["note"] else {}
    if move == "assign":
        said |= {"handler": told["person"].split(" ")[0] or None, "dept": depts.get(told["dept"])}
    seen = int(float(told["steps"])) if told["steps"] else None
    record.act(db, hand, told["case"], move, said, seen=seen, key=key, now=now)


def _dress(sheet: Any) -> None:  # noqa: ANN401 - a sheet of openpyxl
    for cell, name, width in zip(sheet[1], COLUMNS, _WIDTHS, strict=True):
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFF2CC" if name in _FILLED else "DDE6EC")
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "B2"


def _lists(db: Store, hand: Hand, book: Any, rows: int) -> None:  # noqa: ANN401 - a book of openpyxl
    """Write what can be chosen on a second sheet, and let the columns to fill in choose from it."""
    people = books.workers(db, hand.territory)
    spoken = 0 if terms.language() == "zh" else 1
    choices = {
        "move": [terms.say(life.MOVES[move].name) for move in MOVES if hand.role in life.MOVES[move].by.split()],
        "person": [f"{row['staff_id']} {row['name']}" for row in people.to_dict("records")],
        "dept": [both[spoken] for both in books.departments(db).values()],
    }
    lists = book.create_sheet(terms.say("To choose from"))
    letters = dict(zip(COLUMNS, "ABCDEFGHIJKL", strict=True))
    for column, (name, words) in enumerate(choices.items(), start=1):
        for line, word in enumerate([terms.say(COLUMNS[name]), *words], start=1):
            lists.cell(line, column, safe(word))
        letter = lists.cell(1, column).column_letter
        if words and rows > 1:
            allowed = DataValidation(
                "list", formula1=f"'{lists.title}'!${letter}$2:${letter}${len(words) + 1}", allow_blank=True
            )
            allowed.add(f"{letters[name]}2:{letters[name]}{rows}")
            book.worksheets[0].add_data_validation(allowed)


def _places(db: Store) -> dict[str, str]:
    rows = db.cursor().execute(
        "SELECT community_code, name_zh FROM communities UNION ALL SELECT street_code, name_zh FROM streets"
    )
    return {code: name or "" for code, name in rows.fetchall()}


def _time(value: Any) -> str | None:  # noqa: ANN401 - pandas' time or none
    return None if pd.isna(value) else f"{value:%Y-%m-%d %H:%M}"
