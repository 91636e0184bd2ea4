"""A merge run from a page: source files in, a draft version and the folder ``merge`` out, and that folder read again."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap import intake, merge, terms
from gridmap.errors import InputError
from gridmap.settings import settings
from gridmap.web import district

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gridmap.store import Store
    from gridmap.web.jobs import Progress


OUT = "merge"
LEAST_WORKERS = 2
"""Streets are merged in processes of their own even on one core, so that the pages stay quick."""


@dataclass(frozen=True)
class Results:
    """What a merge left in its folder (DESIGN §4); frames in the merge's own metric CRS."""

    grids: gpd.GeoDataFrame
    crosswalk: pd.DataFrame
    report: dict[str, Any]


def run(folder: Path, db: Store, progress: Progress) -> int:
    """Merge the layers that ``folder``/source/manifest.json lists, keep the files in ``folder``/merge and the plan as a draft.

    Gives the draft's version. Raises what intake and merge raise; progress may raise to stop, and then nothing is kept.
    """
    source = folder / "source"
    listed = source / "manifest.json"
    if not listed.exists():
        raise InputError("There is no {file}: it lists the files to merge.", file=f"source/{listed.name}")
    plan = json.loads(listed.read_text("utf-8"))
    progress(terms.key("Read"), 0.0)
    inputs = _inputs(source, plan, db, progress)
    options = merge.options(
        settings().merge.model_dump(exclude_none=True),
        norm=tuple(plan["norm"]),
        weight_column=plan["weights"]["column"],
        seed=int(plan.get("seed", 0)),
    )
    workers = max(LEAST_WORKERS, os.cpu_count() or 1)
    merged = merge.run(inputs, options, workers=workers, progress=lambda stage, share: progress(stage, 0.1 + 0.85 * share))
    progress(terms.key("Write"), 0.96)
    with _replacing(folder / OUT) as fresh:
        _write(merged, fresh)
    progress(terms.key("Write"), 0.98)
    return db.draft(merged, note=terms.say("Merged on the page"), norm=options.norm)


def results() -> Results | None:
    """Give what the last merge left, or None. Not to be changed."""
    report = district.folder() / OUT / "report.json"
    return _results(report.parent, report.stat().st_mtime_ns) if report.exists() else None


def edits() -> pd.DataFrame:
    """Give what cleaning did in the last merge, a row an edit: what, layer, area_m2. Not to be changed."""
    folder = district.folder() / OUT
    return _edits(folder, (folder / "report.json").stat().st_mtime_ns)


def largest_edits(what: Sequence[str], most: int) -> gpd.GeoDataFrame:
    """Give the largest edits of some kinds that have a shape, of hundreds of thousands only so many read. Not to be changed."""
    folder = district.folder() / OUT
    return _largest_edits(folder, (folder / "report.json").stat().st_mtime_ns, tuple(what), most)


def disagreements(layers: Sequence[str]) -> gpd.GeoDataFrame:
    """Give where the departments' borders agree and where not, in the last merge (merge.disagreements). Not to be changed."""
    folder = district.folder() / OUT
    return _disagreements(folder, (folder / "report.json").stat().st_mtime_ns, tuple(layers))


def new_borders(layers: Sequence[str]) -> gpd.GeoDataFrame:
    """Give the borders of the last merge that no department had (merge.new_borders). Not to be changed."""
    folder = district.folder() / OUT
    return _new_borders(folder, (folder / "report.json").stat().st_mtime_ns, tuple(layers))


def _inputs(source: Path, plan: dict[str, Any], db: Store, progress: Progress) -> merge.Inputs:
    """Give what is merged: the files of the plan, and in place of a department's file whatever it has sent since.

    The grids in force lend their codes to the same land.
    """

    def read(entry: dict[str, Any], *, shapes: Literal["polygons", "any"] = "polygons") -> gpd.GeoDataFrame:
        opened = intake.open_file(
            source / entry["file"],
            crs=entry.get("crs"),
            encoding=entry.get("encoding"),
            id_column=entry.get("id"),
            shapes=shapes,
        )
        return opened.frame

    nest = read(plan["nest"])
    metric = merge.common_crs(nest, crs=plan.get("crs"))
    layers = {}
    sent = {name: db.layer_versions(name)["source"] for name in db.layer_keys()}
    names = list(dict.fromkeys([*plan["layers"], *sent]))
    for number, name in enumerate(names):
        entry = plan["layers"].get(name)
        own = entry is not None and list(sent.get(name, [entry["file"]])) == [entry["file"]]
        frame = read(entry) if own else db.layer(name)[["geometry"]]
        layers[name] = merge.project(frame, metric, name)
        progress(terms.key("Read"), 0.02 + 0.06 * (number + 1) / len(names))
    others: dict[str, gpd.GeoDataFrame] = {
        role: merge.project(read(plan[role], shapes="any"), metric, role)
        for role in ("weights", "units", "along", "barriers", "points", "pins")
        if role in plan
    }
    if "pins" in others:
        others["pins"] = merge.pins_by_name(others["pins"])
    before = db.areas("grid")
    if len(before):
        named = before.rename(columns={"code": "grid_code", "parent": "nest_id"})
        others["previous"] = merge.project(named, metric, "previous")
    return merge.Inputs(nest=merge.project(nest, metric, "nest"), layers=layers, **others)


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Give a folder beside ``out`` that takes its place at the end, or vanishes when the block fails."""
    fresh = out.with_name(f".{out.name}-{uuid.uuid4().hex[:8]}")
    fresh.mkdir(parents=True)
    try:
        yield fresh
        old = out.with_name(f"{fresh.name}-old")
        if out.exists():
            out.rename(old)
        fresh.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(merged: merge.Merged, folder: Path) -> None:
    merged.grids.to_parquet(folder / "grids.parquet")
    merged.atoms.to_parquet(folder / "atoms.parquet")
    merged.edits.to_parquet(folder / "edits.parquet")
    merged.crosswalk.to_parquet(folder / "crosswalk.parquet", index=False)
    record = {**merged.report, "crs": str(merged.grids.crs)}
    (folder / "report.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")


@st.cache_resource(show_spinner=False, max_entries=2)
def _results(folder: Path, changed: int) -> Results:  # noqa: ARG001  the key
    return Results(
        grids=gpd.read_parquet(folder / "grids.parquet"),
        crosswalk=pd.read_parquet(folder / "crosswalk.parquet"),
        report=json.loads((folder / "report.json").read_text("utf-8")),
    )


@st.cache_resource(show_spinner=False, max_entries=2)
def _edits(folder: Path, changed: int) -> pd.DataFrame:  # noqa: ARG001  the key
    return pd.read_parquet(folder / "edits.parquet", columns=["what", "layer", "area_m2"])


@st.cache_resource(show_spinner=False, max_entries=2)
def _largest_edits(folder: Path, changed: int, what: tuple[str, ...], most: int) -> gpd.GeoDataFrame:
    areas = _edits(folder, changed).pipe(lambda every: every[every["what"].isin(what)])["area_m2"].nlargest(most)
    if areas.empty:
        return gpd.read_parquet(folder / "edits.parquet", filters=[("what", "==", "")])
    found = gpd.read_parquet(folder / "edits.parquet", filters=[("what", "in", list(what)), ("area_m2", ">=", areas.min())])
    return found[found.geometry.notna() & ~found.geometry.is_empty].nlargest(most, "area_m2")


@st.cache_resource(show_spinner=False, max_entries=2)
def _disagreements(folder: Path, changed: int, layers: tuple[str, ...]) -> gpd.GeoDataFrame:  # noqa: ARG001  the key
    return merge.disagreements(gpd.read_parquet(folder / "atoms.parquet"), layers)


@st.cache_resource(show_spinner=False, max_entries=2)
def _new_borders(folder: Path, changed: int, layers: tuple[str, ...]) -> gpd.GeoDataFrame:  # noqa: ARG001  the key
    return merge.new_borders(gpd.read_parquet(folder / "atoms.parquet"), layers)
