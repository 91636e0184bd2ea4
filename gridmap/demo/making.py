"""The whole demo: source files, a merge of the four layers, and a store that is ready to serve."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import crs, intake, merge, store
from gridmap.demo import calling, closures, posts, visits, work
from gridmap.demo.source import SIZES, make_source, require_size
from gridmap.settings import settings
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS = ("source", "merge", "gridmap.duckdb")
"""What a demo puts into its folder."""

_LAND = ("districts", "streets", "communities", "property_companies", "compounds", "buildings", "roads", "waters")
_PEOPLE = ("staff", "service_centres", "owners_committees", "budgets", "assessments")
_CASES = ("incidents", "incident_events", "whistles", "whistle_responses", "mediations")
_IN_FORCE = pd.Timestamp("2025-11-01").to_pydatetime()
_SHARES = {"source": 0.25, "merge": 0.45, "store": 0.30}


@dataclass(frozen=True)
class Made:
    """What was made: the folder, how many grids in force, how many incidents."""

    folder: Path
    grids: int
    incidents: int


def make(
    out: str | Path,
    *,
    size: str = "district",
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> Made:
    """Make a fictional district in the folder ``out``: source/, merge/ and gridmap.duckdb.

    Everything is made in a hidden folder beside it and moved in at the end; what else lies in ``out`` stays.
    size: a key of SIZES; workers: processes the merge may use. Raises InputError for an unknown size.
    """
    require_size(size)
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    scratch = target / f".demo.{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    say = progress or (lambda _stage, _share: None)
    try:
        source = make_source(scratch, size=size, seed=seed, progress=_part(say, 0.0, _SHARES["source"]))
        merged = merge_source(source, seed=seed, workers=workers, progress=_part(say, _SHARES["source"], _SHARES["merge"]))
        write_merge(merged, scratch / "merge")
        fill_store(scratch / "gridmap.duckdb", source, merged, progress=_part(say, 1 - _SHARES["store"], _SHARES["store"]))
        for part in PARTS:
            old = target / part
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            (scratch / part).rename(old)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Made(target, len(merged.grids), SIZES[size].incidents)


def merge_source(
    source: Path, *, seed: int = 0, workers: int = 1, progress: Callable[[str, float], None] | None = None
) -> merge.Merged:
    """Merge the layers of a source folder the way ``gridmap merge`` does with its manifest."""
    manifest = json.loads((source / "manifest.json").read_text("utf-8"))
    metric = merge.common_crs(_nest(source, manifest))
    units = gpd.read_parquet(source / manifest["units"]["file"]).set_index(manifest["units"]["id"])
    inputs = merge.Inputs(
        nest=_nest(source, manifest),
        layers={name: merge.project(frame, metric, name) for name, frame in read_layers(source, manifest).items()},
        weights=gpd.read_parquet(source / manifest["weights"]["file"]),
        units=units,
        barriers=gpd.read_parquet(source / manifest["barriers"]["file"]),
    )
    options = merge.options(
        settings().merge.model_dump(exclude_none=True),
        norm=tuple(manifest["norm"]),
        weight_column=manifest["weights"]["column"],
        seed=seed,
    )
    merged = merge.run(inputs, options, workers=workers, progress=progress)
    return replace(merged, grids=posts.name(merged.grids, source))


def read_layers(source: Path, manifest: dict[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """Read the departments' files as an upload would be read, index = the office's own grid id."""
    found = {}
    for name, spec in manifest["layers"].items():
        path = source / spec["file"]
        found[name] = intake.open_file(path, crs=spec["crs"], encoding=spec["encoding"], id_column=spec["id"]).frame
    return found


def write_merge(merged: merge.Merged, folder: Path) -> None:
    """Write what ``gridmap merge --out`` writes."""
    folder.mkdir(parents=True)
    for name in ("grids", "atoms", "edits"):
        getattr(merged, name).to_parquet(folder / f"{name}.parquet", compression="zstd")
    merged.crosswalk.to_parquet(folder / "crosswalk.parquet", compression="zstd", index=False)
    report = {**merged.report, "crs": crs.require(merged.grids, "grids").to_string()}
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str), "utf-8")


def fill_store(path: Path, source: Path, merged: merge.Merged, *, progress: Callable[[str, float], None] | None = None) -> None:
    """Make the store: the land and its people, the layers as sent, the plan in force, then the year's cases."""
    manifest = json.loads((source / "manifest.json").read_text("utf-8"))
    say = progress or (lambda _stage, _share: None)
    stage = key("Filling the store")
    database = store.open_store(path)
    try:
        for number, table in enumerate((*_LAND, *_PEOPLE)):
            database.load(table, source / f"{table}.parquet", batch=f"demo-{table}")
            say(stage, 0.3 * (number + 1) / len((*_LAND, *_PEOPLE)))
        for name, layer in read_layers(source, manifest).items():
            database.save_layer(name, layer, source=manifest["layers"][name]["file"], batch=f"demo-layer-{name}")
        low, high = manifest["norm"]
        version = database.draft(merged, note=manifest["label_zh"], norm=(low, high), by=manifest["label_zh"])
        database.publish(version, by=manifest["label_zh"], when=_IN_FORCE)
        rng = np.random.default_rng([manifest["seed"], 6])
        served = posts.fill(merged.grids, source, rng)
        books = work.fill(source, rng)
        rng = np.random.default_rng([manifest["seed"], 8])
        books |= {"patrol_plans": visits.plans(served["patrols"], rng)}
        books |= {"duty_logs": visits.logs(served["patrols"], merged.grids, rng)}
        for table, frame in (*served.items(), *books.items()):
            database.load(table, frame, batch=f"demo-{table}")
        closed = closures.draw(source, np.random.default_rng([manifest["seed"], 7]))
        database.load("restricted_areas", closed, batch="demo-restricted_areas")
        say(stage, 0.4)
        for number, table in enumerate(_CASES):
            database.load(table, source / f"{table}.parquet", batch=f"demo-{table}")
            say(stage, 0.4 + 0.6 * (number + 1) / len(_CASES))
        cases = pd.read_parquet(source / "incidents.parquet", columns=["incident_id", "closed_at"], filters=visits.LAST_WEEK)
        database.load("spot_checks", visits.spot_checks(cases, rng), batch="demo-spot_checks")
        calling.blow(database, rng)
    finally:
        database.close()


def _nest(source: Path, manifest: dict[str, Any]) -> gpd.GeoDataFrame:
    return gpd.read_parquet(source / manifest["nest"]["file"]).set_index(manifest["nest"]["id"])


def _part(say: Callable[[str, float], None], start: float, share: float) -> Callable[[str, float], None]:
    return lambda stage, done: say(stage, start + share * done)
