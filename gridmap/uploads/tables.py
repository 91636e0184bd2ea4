"""A table's way in: which column is which, good rows typed and placed, bad rows handed back; the pages and the shell alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from gridmap import intake
from gridmap.errors import InputError
from gridmap.terms import key
from gridmap.uploads import district

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridmap import store
    from gridmap.store import Store

    Progress = Callable[[str, float], None]

System = int | Literal["gcj02", "bd09"]
_SHIFTED: dict[str, Literal["gcj02", "bd09"]] = {"gcj02": "gcj02", "bd09": "bd09"}
LAST_TIME = key("as the last time")
JUDGING = key("Looking at each row")
SET_ASIDE = "set_aside"
"""The folder under the district's data that rows to be mended are kept in."""


class Choice(BaseModel):
    """How a table is read: its sheet, encoding, the system of its coordinates, form's column -> file's column.

    left: the file's columns that were not taken, so that the next file's new ones are told from those left out on purpose.
    """

    model_config = ConfigDict(frozen=True)

    sheet: str | None = None
    encoding: str | None = None
    system: str = "4490"
    columns: dict[str, str] = {}
    left: tuple[str, ...] = ()


def system(text: str) -> System:
    """Read the name of a coordinate system of a table. Raises InputError."""
    if text in _SHIFTED:
        return _SHIFTED[text]
    if not text.isdecimal():
        raise InputError("{system} is no coordinate system; give an EPSG code, gcj02 or bd09.", system=text)
    return int(text)


def propose(form: intake.Form, table: intake.Table, db: Store) -> intake.Mapping:
    """Propose which column is which: as confirmed the last time, where the file has those columns; else by name and value."""
    proposed = intake.propose_mapping(form, table.texts)
    names = table.texts.column_names
    kept = db.profiles(form.table)
    last = Choice.model_validate_json(next(iter(kept.values()))) if kept else Choice()
    if not last.columns or not set(last.columns.values()) <= set(names):
        return proposed
    before = {*last.columns.values(), *last.left}
    fresh = {ours: name for ours, name in proposed.columns.items() if ours not in last.columns and name not in before}
    columns = {**last.columns, **fresh}
    by = {ours: LAST_TIME if ours in last.columns else proposed.by[ours] for ours in columns}
    return intake.Mapping(columns, by, tuple(name for name in names if name not in set(columns.values())))


def likelier(form: intake.Form, table: intake.Table) -> intake.Form | None:
    """Give the register whose headings a table bears more of than this one's, and all it needs; None where there is none."""

    def named(one: intake.Form) -> int:
        by = intake.propose_mapping(one, table.texts).by
        if any(column.required and column.name not in by for column in one.columns):
            return 0
        return sum(why == "heading" for why in by.values())

    best = max(intake.every_form().values(), key=named)
    return best if named(best) > named(form) else None


def judge(form: intake.Form, table: intake.Table, choice: Choice, db: Store) -> intake.Rows:
    """Type and place every row; those that cannot be used are set aside with what is wrong. Raises IntakeError, InputError."""
    return intake.read_rows(
        table,
        form,
        columns=choice.columns,
        coordinates=system(choice.system),
        compounds=_compounds(db) if "address" in choice.columns else None,
        grids=_grids(db) if form.table == "incidents" and "grid_code" in choice.columns else None,
        registers=_registers(db, form, table, choice),
    )


def load(
    db: Store, rows: intake.Rows, choice: Choice, *, by: str | None = None, progress: Progress | None = None
) -> store.Loaded:
    """Load the good rows; the same file again changes nothing. How the file was read is kept for the next one."""
    done = db.load(rows.form.table, _offered(rows), batch=rows.batch, progress=progress)
    db.save_profile(rows.form.table, choice.model_dump_json(), by=by)
    return done


def refused(db: Store, rows: intake.Rows) -> pd.DataFrame:
    """Give what the store itself did not take of the good rows: columns key, reason (a catalogue key)."""
    asked = "SELECT row_key AS key, reason FROM set_aside WHERE batch = ? ORDER BY reason, row_key"
    return db.cursor().execute(asked, [rows.batch]).df()


def hand_back(rows: intake.Rows, folder: Path, *, name: str, digest: str) -> Path | None:
    """Write the bad rows under the district's data, to be mended and sent again; None where there are none."""
    if rows.bad.empty:
        return None
    path = folder / SET_ASIDE / f"{Path(name).stem}-{digest}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    return rows.write_bad(path)


def _registers(db: Store, form: intake.Form, table: intake.Table, choice: Choice) -> dict[str, intake.Register]:
    """Give what the district has of the codes and names that stand in the table's columns."""
    words = {
        ours: pc.unique(pc.utf8_trim_whitespace(pc.drop_null(table.texts[name].cast(pa.string()))))
        for ours, name in choice.columns.items()
        if name in table.texts.column_names
    }
    found = db.references(form.table, words)
    return {column: intake.Register(one.codes, one.must) for column, one in found.items()}


def _compounds(db: Store) -> gpd.GeoDataFrame | None:
    return district.frame(
        db,
        "SELECT compound_id AS id, name_zh, community_code, ST_AsWKB(geom) AS geom FROM compounds WHERE geom IS NOT NULL",
    )


def _grids(db: Store) -> gpd.GeoDataFrame | None:
    return district.frame(db, "SELECT grid_code AS id, ST_AsWKB(geom) AS geom FROM grids_now")


def _offered(rows: intake.Rows) -> pd.DataFrame | pa.Table:
    """Give the good rows as the store takes them: with points where the table has a geometry."""
    names = set(rows.good.column_names)
    if rows.form.table != "incidents" and {"lon", "lat"} <= names:
        frame = rows.good.to_pandas()
        points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=4490)
        return gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points)
    return rows.good
