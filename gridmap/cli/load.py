"""``gridmap load``: a department's table into the district's store; rows that cannot be used come back to be mended."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import geopandas as gpd
import pyarrow.parquet as pq
import typer

from gridmap import intake, terms
from gridmap.cli import district, files
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridmap import store

System = int | Literal["gcj02", "bd09"]


@dataclass(frozen=True)
class How:
    """How the files are to be read: what the options say."""

    sheet: str | None
    encoding: str | None
    system: System
    columns: dict[str, str]
    bad: Path | None


def load(
    *,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="incidents, service_centres, party_orgs, staff ...")],
    file: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help=".xlsx, .csv, .dbf; .parquet as the store has it.")
    ] = None,
    data: district.Data = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Which sheet of several.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="How its text is encoded, e.g. gbk.")] = None,
    coordinates: Annotated[str, typer.Option(metavar="SYSTEM", help="EPSG code, gcj02 or bd09.")] = "4490",
    columns: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=HEADING", help="Name a column.")] = None,
    bad: Annotated[Path | None, typer.Option(metavar="FILE", help="Where rows to be mended go, .xlsx or .csv.")] = None,
    template: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the blank table as .xlsx and stop.")] = None,
    as_json: district.Json = False,
) -> None:
    """Load tables into the district; the same file again changes nothing. Rows that cannot be used come back to be mended.

    Parquet files are taken to have the store's own columns; others are read as departments fill them in.
    """
    if template is not None:
        written = intake.write_template(intake.form(table), template)
        files.out({"template": str(written)}, [terms.say("The blank table is {file}.", file=written)], as_json=as_json)
        return
    if not file:
        raise InputError("Name the file to load.")
    how = How(sheet, encoding, _system(coordinates), _named(columns or []), bad)
    for path in file:
        if path.suffix != ".parquet":
            intake.form(table)
        if not path.is_file():
            raise InputError("There is no file {path}.", path=path)
    with district.opened(data, make=True) as db, files.bar() as report:
        records = [(_own if path.suffix == ".parquet" else _sent)(db, table, path, how, report) for path in file]
    files.out({"table": table, "files": records}, [line for record in records for line in _lines(record)], as_json=as_json)


def _own(db: store.Store, table: str, path: Path, _how: How, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Load a file that has the store's own columns."""
    with path.open("rb") as content:
        batch = f"{table}-{hashlib.file_digest(content, 'sha256').hexdigest()[:16]}"
    return _record(path, db.load(table, path, batch=batch, progress=report))


def _sent(db: store.Store, table: str, path: Path, how: How, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Load a file as a department sent it."""
    report("Read", 0.0)
    form = intake.form(table)
    read = intake.open_table(path, sheet=how.sheet, encoding=how.encoding)
    chosen = {**intake.propose_mapping(form, read.texts).columns, **how.columns}
    rows = intake.read_rows(read, form, columns=chosen, coordinates=how.system, compounds=_compounds(db, chosen))
    with tempfile.TemporaryDirectory(prefix="gridmap-load-") as place:
        done = db.load(form.table, _offered(rows, Path(place)), batch=rows.batch, progress=report)
    aside = None
    if not rows.bad.empty:
        aside = how.bad or db.path.parent / "set_aside" / f"{path.stem}-{read.digest}.xlsx"
        aside.parent.mkdir(parents=True, exist_ok=True)
        rows.write_bad(aside)
    return {
        **_record(path, done, more_aside=len(rows.bad)),
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


def _system(text: str) -> System:
    shifted: dict[str, Literal["gcj02", "bd09"]] = {"gcj02": "gcj02", "bd09": "bd09"}
    if text in shifted:
        return shifted[text]
    if not text.isdecimal():
        raise InputError("{system} is no coordinate system; give an EPSG code, gcj02 or bd09.", system=text)
    return int(text)


def _named(columns: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    for column, equals, heading in pairs:
        if not (column and equals and heading):
            raise InputError("{column} is not COLUMN=HEADING, e.g. reported_at=上报时间.", column=column)
    return {column: heading for column, _, heading in pairs}


def _compounds(db: store.Store, chosen: dict[str, str]) -> gpd.GeoDataFrame | None:
    """Give the compounds to place addresses by, where the file has addresses."""
    if "address" not in chosen:
        return None
    rows = db.cursor().execute(
        "SELECT compound_id, name_zh, community_code, ST_AsWKB(geom) AS geom FROM compounds WHERE geom IS NOT NULL"
    )
    frame = rows.df().set_index("compound_id")
    shapes = gpd.GeoSeries.from_wkb(frame.pop("geom").map(bytes), crs=4490)
    return gpd.GeoDataFrame(frame, geometry=shapes)


def _offered(rows: intake.Rows, place: Path) -> pd.DataFrame | Path:
    """Give the good rows as the store takes them: with points where the table has a geometry, else as a file."""
    names = set(rows.good.column_names)
    if rows.form.table != "incidents" and {"lon", "lat"} <= names:
        frame = rows.good.to_pandas()
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=4490)
        return gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points)
    path = place / "rows.parquet"
    pq.write_table(rows.good, path, compression="none", use_dictionary=False)
    return path


def _lines(record: dict[str, Any]) -> list[str]:
    counts = {name: record[name] for name in ("file", "rows", "set_aside", "unassigned")}
    said = [terms.say("{file}: {rows} rows loaded, {set_aside} set aside, {unassigned} in no grid.", **counts)]
    if record["already"]:
        said = [terms.say("{file} was loaded before; nothing was changed.", file=record["file"])]
    said += [str(sentence) for sentence in record.get("findings", ())]
    if record.get("to_mend"):
        said.append(terms.say("The rows to mend are in {file}; send it again when they are right.", file=record["to_mend"]))
    return said
