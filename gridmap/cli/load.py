"""``gridmap load``: a department's table into the district's store; rows that cannot be used come back to be mended."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap import intake, terms, uploads
from gridmap.cli import district, files, load_layer
from gridmap.errors import InputError
from gridmap.uploads import address, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap import store


STORED = "4490"
"""The system coordinates are in where nothing is said."""


@dataclass(frozen=True)
class How:
    """How the files are to be read: what the options say."""

    sheet: str | None
    encoding: str | None
    system: str | None
    columns: dict[str, str]
    bad: Path | None


def load(
    *,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="incidents, staff ...; or zongzhi, yingji ...")],
    file: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help=".xlsx, .xls, .csv, .dbf, Open311; .parquet as the store has it; or an address."),
    ] = None,
    data: district.Data = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Which sheet or layer of several.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="How its text is encoded, e.g. gbk.")] = None,
    coordinates: Annotated[
        str | None, typer.Option(metavar="SYSTEM", help="EPSG code, gcj02, bd09; of boundaries a PROJ string too.")
    ] = None,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="The grids' ids, of a boundary file.")] = None,
    columns: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=HEADING", help="Name a column.")] = None,
    bad: Annotated[Path | None, typer.Option(metavar="FILE", help="Where rows to be mended go, .xlsx or .csv.")] = None,
    template: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the blank table as .xlsx and stop.")] = None,
    as_json: district.Json = False,
) -> None:
    """Load tables into the district; the same file again changes nothing. Rows that cannot be used come back to be mended.

    Parquet files are taken to have the store's own columns; others are read as departments fill them in. Under a department's
    key (zongzhi, yingji, chengguan, huanjing) a boundary file is checked, cleaned and stored as its layer's next version.
    """
    if template is not None:
        written = intake.write_template(intake.form(table), template)
        files.out({"template": str(written)}, [terms.say("The blank table is {file}.", file=written)], as_json=as_json)
        return
    if not file:
        raise InputError("Name the file to load.")
    boundaries = table in uploads.DEPARTMENTS
    how = How(sheet, encoding, coordinates, _named(columns or []), bad)
    if not boundaries:
        tables.system(coordinates or STORED)
    for name in file:
        if not name.endswith(".parquet") and not boundaries:
            intake.form(table)
        if not address.is_address(name) and not Path(name).is_file():
            raise InputError("There is no file {path}.", path=name)
    with district.opened(data, make=not boundaries) as db, files.bar() as report, tempfile.TemporaryDirectory() as place:
        found = [_found(name, Path(place), report) for name in file]
        if boundaries:
            asked = load_layer.Asked(table, how.sheet, how.encoding, how.system, id_column)
            records = [load_layer.load(db, path, asked, report) for path in found]
        else:
            records = [(_own if path.suffix == ".parquet" else _sent)(db, table, path, how, report) for path in found]
    records = [{**record, "file": name} for record, name in zip(records, file, strict=True)]
    lines = [line for record in records for line in (load_layer.lines if boundaries else _lines)(record)]
    files.out({"table": table, "files": records}, lines, as_json=as_json)


def _found(name: str, place: Path, report: Callable[[str, float], None]) -> Path:
    """Give the file a name stands for; what an address gives is fetched into ``place``."""
    if not address.is_address(name):
        return Path(name)
    fresh = place / "answer"
    with fresh.open("wb") as into:
        called = address.fetch(name, into, progress=report)
    return fresh.rename(place / called)


def _own(db: store.Store, table: str, path: Path, _how: How, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Load a file that has the store's own columns."""
    with path.open("rb") as content:
        batch = f"{table}-{hashlib.file_digest(content, 'sha256').hexdigest()[:16]}"
    return _record(path, db.load(table, path, batch=batch, progress=report))


def _sent(db: store.Store, table: str, path: Path, how: How, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Load a file as a department sent it."""
    form = intake.form(table)
    read = intake.open_table(path, sheet=how.sheet, encoding=how.encoding, progress=report)
    chosen = {**tables.propose(form, read, db).columns, **how.columns}
    left = tuple(name for name in read.texts.column_names if name not in set(chosen.values()))
    choice = tables.Choice(sheet=how.sheet, encoding=how.encoding, system=how.system or STORED, columns=chosen, left=left)
    rows = tables.judge(form, read, choice, db)
    done = tables.load(db, rows, choice, progress=report)
    if how.bad is not None and not rows.bad.empty:
        how.bad.parent.mkdir(parents=True, exist_ok=True)
        aside: Path | None = rows.write_bad(how.bad)
    else:
        aside = tables.hand_back(rows, db.path.parent, name=path.name, digest=read.digest)
    refused = {} if done.already or not done.set_aside else tables.refused(db, rows)["reason"].value_counts().to_dict()
    return {
        **_record(path, done, more_aside=len(rows.bad)),
        "refused": refused,
        "to_mend": None if aside is None else str(aside),
        "columns": chosen,
        "findings": [finding.sentence() for finding in rows.findings],
    }


def _record(path: Path, done: store.Loaded, *, more_aside: int = 0) -> dict[str, Any]:
    return {
        "file": str(path),
        "rows": done.rows,
        "set_aside": done.set_aside + more_aside,
        "unassigned": done.unassigned,
        "ignored": list(done.ignored),
        "already": done.already,
    }


def _named(columns: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    for column, equals, heading in pairs:
        if not (column and equals and heading):
            raise InputError("{column} is not COLUMN=HEADING, e.g. reported_at=上报时间.", column=column)
    return {column: heading for column, _, heading in pairs}


def _lines(record: dict[str, Any]) -> list[str]:
    counts = {name: record[name] for name in ("file", "rows", "set_aside", "unassigned")}
    said = [terms.say("{file}: {rows} rows loaded, {set_aside} set aside, {unassigned} in no grid.", **counts)]
    if record["already"]:
        said = [terms.say("{file} was loaded before; nothing was changed.", file=record["file"])]
    for reason, count in record.get("refused", {}).items():
        said.append(terms.say("{count:# row was|# rows were} not taken: {reason}", count=count, reason=terms.say(reason)))
    said += [str(sentence) for sentence in record.get("findings", ())]
    if record.get("to_mend"):
        said.append(terms.say("The rows to mend are in {file}; send it again when they are right.", file=record["to_mend"]))
    return said
