"""From a draft to a version in force, and what goes out with it: the table old to new and each department's notice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap import merge, reports, store, terms
from gridmap.errors import GridmapError
from gridmap.merge import board, composing
from gridmap.web import district, guard, jobs, numbers, tables, words
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from gridmap.merge.composing import Composed
    from gridmap.web.jobs import Progress


def compose(draft: str) -> Composed:
    """Put the streets of a draft together: those edited as they are now, the others as its version has them."""
    db = district.db()
    row = room.known(draft)
    whole = db.atoms(str(row["atom_set"]))
    parts: list[pd.DataFrame] = []
    edited = set(db.edited(draft))
    for street, rows in whole.groupby("street_code", sort=True):
        if street in edited:
            now, _ = room.current(draft, str(street))
            parts.append(now.board.atoms.drop(columns="incidents", errors="ignore").assign(grid_code=list(now.state.grid)))
        else:
            parts.append(rows.drop(columns=["street_code", "atom"]))
    atoms = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=whole.crs)
    base = int(row["base_version"])
    previous = _metric(db.areas("grid", version=base), whole)
    return composing.compose(atoms, layers=board.layer_names(atoms), previous=previous, norm=room.norm(base))


def make_version(draft: str, progress: Progress) -> int:
    """Keep a draft as a version in the state draft and give its number. Raises GridmapError when a check is broken."""
    db = district.db()
    row = room.known(draft)
    progress(terms.key("Putting the streets together"), 0.1)
    plan = compose(draft)
    if plan.changes.empty:
        raise GridmapError("The draft is as its version: no grid would change.")
    progress(terms.key("Check"), 0.5)
    previous = _metric(db.areas("grid", version=int(row["base_version"])), plan.grids)
    nest = previous.dissolve("nest_id")[["geometry"]]
    findings = merge.check(plan.grids, nest=nest, layers={}, norm=plan.norm)
    wrong = [one for one in findings if one.severity == "error"]
    if wrong:
        raise GridmapError("The draft cannot become a version: {why}", why=wrong[0].sentence())
    progress(terms.key("Write"), 0.8)
    kept = db.areas("grid", version=int(row["base_version"])).set_index("code")
    grids = plan.grids.copy()
    names = [kept["name_zh"].get(code) for code in grids["grid_code"]]
    communities = tables.names("community")
    grids["name_zh"] = [
        name or terms.say("{community} grid {n}", community=communities.get(nest, nest), n=int(code[-3:]))
        for name, nest, code in zip(names, grids["nest_id"], grids["grid_code"], strict=True)
    ]
    version = db.draft(replace(plan, grids=grids, findings=findings), note=str(row["name"]), norm=plan.norm, by=room.who())
    db.made_of(version, draft)
    return version


def changes(version: int) -> pd.DataFrame:
    """Give what became of the old grids in a version made of a draft: columns as composing.Composed.changes."""
    return _changes(str(district.folder()), version)


def spoken(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table of changes for people."""
    kinds = {"new": terms.say("new"), "reshaped": terms.say("reshaped"), "removed": terms.say("removed")}
    return pd.DataFrame(
        {
            terms.say("Grid in force"): table["old_grid"],
            terms.say("Grid after"): table["new_grid"],
            terms.say("Change"): table["change"].map(kinds),
            terms.say("Households"): table["households"].round(),
            terms.say("m²"): table["area_m2"].round(),
            terms.say("Share of the old"): [numbers.rate(share) for share in table["share_of_old"]],
            terms.say("Share of the new"): [numbers.rate(share) for share in table["share_of_new"]],
        }
    )


def workbook(version: int) -> bytes:
    """Make the table old to new of a version as a workbook."""
    table = reports.Table(terms.say("Old and new grids"), spoken(changes(version)))
    return reports.excel(
        reports.Brief(
            organ=district.home().name, title=terms.say("Table old to new"), made_at=store.now(),
            scope=terms.say("Version {n}", n=version), mark=terms.say("Demo data") if district.is_demo() else "",
            sections=[reports.Section(terms.say("Old and new grids"), tables=[table])],
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Papers:
    """What goes out with a version: the table old to new as a workbook, its rows, and a .zip for each department by layer."""

    pairs: int
    table: bytes
    notices: dict[str, bytes]


def papers(version: int, progress: Progress) -> Papers:
    """Make all that goes out with a version. progress may raise to stop."""
    guard.require("export")
    progress(terms.key("Putting the streets together"), 0.05)
    pairs = len(changes(version))
    progress(terms.key("Writing the table old to new"), 0.4)
    table = workbook(version)
    return Papers(pairs, table, notices(version, progress))


def notices(version: int, progress: Progress) -> dict[str, bytes]:
    """Make each department's notice of a version, by the layer's key: a .zip each. Departments nothing changes for get none."""
    db = district.db()
    table = changes(version)
    grids = db.areas("grid", version=version).set_index("code")
    changed = table["new_grid"].unique()
    shapes = grids.loc[grids.index.isin(changed)]
    known = db.layer_sources()
    way = db.merge_map(version)
    found = {}
    concerned = list(way[way["grid_code"].isin(changed)].groupby("layer_key"))
    for number, (layer, rows) in enumerate(concerned):
        progress(terms.key("Writing the departments' notices"), 0.5 + 0.5 * number / len(concerned))
        file, crs = known.get(str(layer), (f"{layer}.gpkg", "EPSG:4490"))
        ids = rows.groupby("grid_code")["dgrid_id"].agg(lambda names: ",".join(sorted(names)))
        mine = shapes.loc[shapes.index.isin(ids.index)]
        frame = gpd.GeoDataFrame(
            {
                "grid_code": mine.index,
                "change": table.drop_duplicates("new_grid").set_index("new_grid")["change"].reindex(mine.index).to_numpy(),
                "old_ids": ids.reindex(mine.index).to_numpy(),
                "households": mine["households"].to_numpy(),
                "area_m2": mine["area_m2"].round(1).to_numpy(),
            },
            geometry=mine.geometry.to_numpy(),
            crs=grids.crs,
        )
        told = reports.Notice(
            name=f"{layer}_v{version}", source=str(file), crs=str(crs), grids=frame,
            letter=_letter(str(layer), version, frame, table, _ways(rows)),
        )  # fmt: skip
        found[str(layer)] = reports.notice(told)
    return found


def job(draft: str) -> str:
    """Give the name of the job that makes a version of a draft."""
    return f"version-{draft}"


def start(draft: str) -> None:
    """Begin to make a version of a draft in the background."""
    guard.require("publish")
    jobs.registry().start(job(draft), lambda report: make_version(draft, report))


@st.cache_resource(show_spinner=False, max_entries=8)
def _changes(folder: str, version: int) -> pd.DataFrame:  # noqa: ARG001  the key
    made = district.db().drafts()
    row = made[made["version"] == version]
    if row.empty:
        raise GridmapError("Version {version} was not made of a draft.", version=version)
    return compose(str(row.iloc[0]["draft_id"])).changes  # nobody edits a draft that a version was made of


def _ways(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            terms.say("Old grid"): rows["dgrid_id"],
            terms.say("New grid"): rows["grid_code"],
            terms.say("Share of the old"): [numbers.rate(share) for share in rows["share_of_dgrid"]],
            terms.say("Households"): rows["households"].round(),
            terms.say("m²"): rows["overlap_m2"].round(),
        }
    )


def _letter(layer: str, version: int, frame: gpd.GeoDataFrame, table: pd.DataFrame, ways: pd.DataFrame) -> reports.Brief:
    kinds = {"new": terms.say("new"), "reshaped": terms.say("reshaped")}
    listed = pd.DataFrame(
        {
            terms.say("New grid"): frame["grid_code"],
            terms.say("Change"): frame["change"].map(kinds),
            terms.say("Your grids in it"): frame["old_ids"],
            terms.say("Households"): frame["households"],
        }
    )
    said = terms.say(
        "To {department}: version {version} of the all-subject grids changes {n} grids on your ground. "
        "Please bring your records in line with it; your file is enclosed in the form you sent yours.",
        department=words.called(layer, words.LAYERS), version=version, n=len(frame),
    )  # fmt: skip
    return reports.Brief(
        organ=district.home().name,
        title=terms.say("Notice of changed all-subject grids"),
        made_at=store.now(),
        mark=terms.say("Demo data") if district.is_demo() else "",
        sections=[
            reports.Section(terms.say("What changes"), [said], tables=[reports.Table(terms.say("Changed grids"), listed)]),
            reports.Section(
                terms.say("Old and new grids"),
                tables=[
                    reports.Table(terms.say("Your grids and the new ones"), ways),
                    reports.Table(terms.say("Grids in force and the new ones"), spoken(table)),
                ],
            ),
        ],
    )


def _metric(grids: gpd.GeoDataFrame, like: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame = grids.to_crs(room.metric(like)).rename(columns={"code": "grid_code", "parent": "nest_id"})
    return gpd.GeoDataFrame(frame[["grid_code", "nest_id", "geometry"]])
