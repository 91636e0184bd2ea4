"""The five steps of a boundary file.

Each step's work takes ``progress(stage, share)``, which may raise to stop it, and keeps what it made before the record says
that the step is done; so a step that is stopped has never been.
"""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - pydantic reads it as the program runs
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict
from pyproj import CRS

from gridmap import crs as systems
from gridmap import intake, merge
from gridmap.errors import InputError, IntakeError
from gridmap.terms import key
from gridmap.uploads import district, found
from gridmap.uploads.keeping import Reading, Shelf, Upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.finding import Finding
    from gridmap.store import Store

    Progress = Callable[[str, float], None]

RAW, CLEANED, EDITS, FOUND, LOOKED = "raw.parquet", "cleaned.parquet", "edits.parquet", "found", "look.json"

_FOUND_IN_FILE = "found-file.parquet"
_FAR_M = 20_000.0
"""A layer farther than this from the district is not its department's."""


class Fit(BaseModel):
    """A system and how the layer fits the district in it (see intake.Proposal)."""

    model_config = ConfigDict(frozen=True)

    system: str
    follows: float | None
    inside: float | None
    shift_m: float | None
    left_m: tuple[float, float] | None


class Look(BaseModel):
    """What a file offers to be read as, and what is proposed.

    layers, kinds: every layer and what shapes it holds; encoding, sure, readings: the encoding told and the same sample texts
    in every encoding; crs: what the file says, None for nothing; own: the same as a system, "" where it
    has no EPSG code; rows: in the file; columns: of the layer read, ids: the one its rows were named by. proposals:
    ways to read the coordinates, the likeliest first. why: the reason each column was proposed for, by role (id, name,
    households): a catalogue key. profile: the department's own was used.
    """

    model_config = ConfigDict(frozen=True)

    layers: tuple[str, ...]
    kinds: tuple[str, ...]
    encoding: str | None
    sure: bool
    readings: dict[str, list[str]]
    crs: str | None
    own: str
    rows: int
    columns: tuple[str, ...]
    ids: str | None = None
    proposals: tuple[Fit, ...]
    why: dict[str, str]
    profile: bool

    @classmethod
    def read(cls, path: Path) -> Look:
        """Read one back."""
        return cls.model_validate_json(path.read_bytes())


def look(shelf: Shelf, upload: Upload, db: Store, progress: Progress, *, wanted: Reading | None = None) -> Upload:
    """Open the file in the sealed process and propose how to read it: step ``read``.

    wanted: the layer and encoding a person chose, and the system chosen so far, which counts for the same layer alone; else
    the department's profile, where the file has its columns. Raises IntakeError as `intake.open_file`.
    """
    kept = None if wanted is not None else _profile(db, upload.department)
    asked = wanted or Reading(encoding=None)
    opened = intake.open_file(
        shelf.sent(upload),
        layer=asked.layer,
        encoding=asked.encoding,
        name=upload.file,
        progress=lambda stage, share: progress(stage, 0.6 * share),
    )
    opened = intake.set_strays_aside(opened)
    progress(key("Comparing with the district"), 0.65)
    communities, roads = district.bearings(db)
    proposals = intake.propose(opened.frame, near=communities, roads=roads)
    ids = set(db.layer(upload.department).index) if upload.department in db.layer_keys() else set()
    progress(key("Comparing with the district"), 0.85)
    proposed = intake.propose_columns(opened.frame, known=ids)
    fits = kept is not None and {kept.id_column, kept.name_column, kept.households_column} - {None} <= set(opened.columns)
    system = intake.system_text(proposals[0]) if proposals else kept.system if kept is not None and fits else ""
    reading = Reading(
        layer=opened.layer,
        encoding=asked.encoding or opened.encoding,
        system=wanted.system if wanted is not None and wanted.system and wanted.layer == upload.reading.layer else system,
        id_column=kept.id_column if kept is not None and fits else proposed.id.column,
        name_column=kept.name_column if kept is not None and fits else proposed.name.column,
        households_column=kept.households_column if kept is not None and fits else proposed.households.column,
    )
    again = key("as the last time")
    roles = {"id": proposed.id, "name": proposed.name, "households": proposed.households}
    offered = Look(
        layers=opened.layers,
        kinds=opened.kinds,
        encoding=opened.encoding,
        sure=opened.encoding_sure,
        readings=opened.readings,
        crs=None if opened.crs is None else opened.crs.name,
        own="" if opened.crs is None else str(opened.crs.to_epsg() or ""),
        rows=opened.rows,
        columns=opened.columns,
        ids=opened.id_column,
        proposals=tuple(
            Fit(
                system=intake.system_text(one),
                follows=one.follows,
                inside=one.inside,
                shift_m=one.shift_m,
                left_m=one.left_m,
            )
            for one in proposals
        ),
        why={role: again if fits else choice.why for role, choice in roles.items()},
        profile=bool(fits),
    )
    _write_frame(opened.frame, shelf.path(upload, RAW))
    found.write(opened.findings, shelf.path(upload, _FOUND_IN_FILE))
    shelf.path(upload, LOOKED).write_text(offered.model_dump_json(), "utf-8")
    progress(key("Comparing with the district"), 1.0)
    return shelf.put(upload, step="read", reading=reading)


def check(shelf: Shelf, upload: Upload, reading: Reading, db: Store, progress: Progress) -> Upload:
    """Read the layer as a person confirmed, find every fault, keep the profile: step ``findings``.

    Raises IntakeError when the columns or the system do not fit the file.
    """
    sent, about = _sent(shelf, upload, reading, lambda stage, share: progress(stage, 0.2 * share))
    known = district.known(db, upload.department)
    frame = intake.read_as(sent, reading.system)
    metric = systems.require(frame, upload.department)
    if not systems.is_metric(metric):
        home = frame if known.communities is None else known.communities
        metric = merge.common_crs(home)
        frame = frame.to_crs(metric)
    _near(frame, known.communities, reading.system)
    layer = _layer(frame, reading, upload)
    done = upload.model_copy(update={"reading": reading})
    path = shelf.path(upload, done.layer)
    stood = path.exists()
    try:
        _write_frame(layer, path)  # first, so that it can be looked at meanwhile
        findings, made = _faults(layer, known, progress)
        progress(key("Writing down what was found"), 0.92)
        confirmed = {"no_crs", "crs_fit", "metres_as_degrees", "invalid_geom", "layers", "encoding"}
        whole = [one for one in about if one.kind not in confirmed] + findings
        found.write(whole, shelf.path(upload, f"{FOUND}.parquet"), metric)
        shelf.path(upload, "made.json").write_text(json.dumps(sorted(made)), "utf-8")
    except BaseException:
        if not stood:
            path.unlink(missing_ok=True)
        raise
    db.save_profile(upload.department, reading.model_dump_json(), by=upload.by)
    return shelf.put(upload, step="findings", reading=reading)


def being_checked(shelf: Shelf, upload: Upload) -> Path | None:
    """Give the layer that was written last: while faults are looked for, the one they are looked for in."""
    layers = sorted(shelf.path(upload, "").glob("layer-*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    return layers[-1] if layers else None


def _faults(layer: gpd.GeoDataFrame, known: intake.District, progress: Progress) -> tuple[list[Finding], frozenset[int]]:
    """Find every fault of a layer; give the findings and the numbers of the twelve checks that could be made."""
    progress(key("Looking at each grid"), 0.22)
    findings = intake.find_faults(
        layer,
        near=known.communities,
        compounds=known.compounds,
        progress=lambda stage, share: progress(stage, 0.2 + 0.5 * share),
    )
    progress(key("The twelve checks"), 0.72)
    twelve = intake.check_twelve(layer, known, households=layer.get("households"))
    return twelve.findings + findings, frozenset(twelve.made)


def clean(shelf: Shelf, upload: Upload, db: Store, progress: Progress) -> Upload:
    """Clean the layer against the communities, with its log of edits: step ``cleaned``."""
    layer = gpd.read_parquet(shelf.path(upload, upload.layer))
    communities, _ = district.bearings(db)
    nest = None if communities is None else communities.to_crs(systems.require(layer, upload.department))
    done = merge.clean(layer, nest=nest, progress=lambda stage, share: progress(stage, 0.9 * share))
    progress(key("Writing down what was found"), 0.95)
    _write_frame(done.layer, shelf.path(upload, CLEANED))
    _write_frame(done.edits, shelf.path(upload, EDITS))
    return shelf.put(upload, step="cleaned")


def keep(shelf: Shelf, upload: Upload, db: Store, *, by: str, note: str = "") -> Upload:
    """Store the cleaned layer as the next version of the department's: step ``stored``. Twice stored, it is stored once."""
    if upload.step not in {"cleaned", "stored"}:
        raise InputError("Clean the layer before it is stored.")
    layer = gpd.read_parquet(shelf.path(upload, CLEANED))
    before = db.layer_versions(upload.department)
    version = db.save_layer(upload.department, layer, source=upload.file, batch=f"upload-{upload.id}", by=by, note=note)
    unchanged = upload.version is None and version in set(before["version"])
    return shelf.put(upload, step="stored", version=version, unchanged=unchanged)


def table(shelf: Shelf, upload: Upload, name: str) -> gpd.GeoDataFrame:
    """Give one of the frames a step made: RAW, the upload's ``layer``, CLEANED or EDITS."""
    return gpd.read_parquet(shelf.path(upload, name))


def table_crs(path: Path) -> CRS:
    """Give the coordinate system of a frame a step made, without reading its rows."""
    return CRS.from_user_input(gpd.read_parquet(path, columns=["geometry"]).crs)


def findings(shelf: Shelf, upload: Upload) -> tuple[list[Finding], frozenset[int]]:
    """Give what was found, the worst and largest first, and the numbers of the twelve checks that could be made."""
    listed = found.read(shelf.path(upload, f"{FOUND}.parquet"))
    order = {"error": 0, "warning": 1, "note": 2}
    listed.sort(key=lambda one: (order[one.severity], one.unit != "m²", -(one.size or 0.0)))
    return listed, frozenset(json.loads(shelf.path(upload, "made.json").read_bytes()))


def _sent(shelf: Shelf, upload: Upload, reading: Reading, progress: Progress) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Give the layer as it was sent and what was found in the file: as opened last, or anew where it is read otherwise."""
    offered = Look.read(shelf.path(upload, LOOKED))
    before = (upload.reading.layer, upload.reading.encoding, offered.ids)
    if (reading.layer, reading.encoding, reading.id_column) == before:
        return gpd.read_parquet(shelf.path(upload, RAW)), found.read(shelf.path(upload, _FOUND_IN_FILE))
    sent = intake.open_file(
        shelf.sent(upload), layer=reading.layer, encoding=reading.encoding, id_column=reading.id_column, name=upload.file,
        progress=progress,
    )  # fmt: skip
    sent = intake.set_strays_aside(sent)
    return sent.frame, sent.findings


def _profile(db: Store, department: str) -> Reading | None:
    kept = db.profiles(department)
    return Reading.model_validate_json(next(iter(kept.values()))) if kept else None


def _near(frame: gpd.GeoDataFrame, communities: gpd.GeoDataFrame | None, system: str) -> None:
    """Hold the layer to the district: a wrong system that puts it elsewhere is said at once, and not as a thousand faults."""
    if communities is None:
        return
    home = shapely.box(*communities.to_crs(systems.require(frame, "layer")).total_bounds)
    away = home.distance(shapely.box(*frame.total_bounds))
    if not away < _FAR_M:
        raise IntakeError(
            "Read as {system}, the layer lies {km} km from the district; choose another system.",
            system=intake.system_name(system),
            km=round(away / 1000) if np.isfinite(away) else "?",
        )


def _layer(frame: gpd.GeoDataFrame, reading: Reading, upload: Upload) -> gpd.GeoDataFrame:
    """Give the layer as the store takes it: index = id, name_zh, households, and the file's other columns."""
    for column in (reading.name_column, reading.households_column):
        if column is not None and column not in frame.columns:
            raise IntakeError(
                "{file} has no column {column}; it has {columns}.", file=upload.file, column=column,
                columns=", ".join(map(str, frame.columns[:20])),
            )  # fmt: skip
    own: dict[str, pd.Series] = {}
    if reading.name_column is not None:
        own["name_zh"] = frame[reading.name_column].astype("str").where(frame[reading.name_column].notna(), None)
    if reading.households_column is not None:
        numbers: pd.Series = pd.to_numeric(frame[reading.households_column], errors="coerce")
        whole = numbers.where(np.isfinite(numbers) & (numbers >= 0) & (numbers < 2**31)).round()
        own["households"] = whole.astype("Int64")
    others = frame.drop(columns=[name for name in own if name in frame.columns and name not in set(own)], errors="ignore")
    others = others.drop(columns=[name for name in own if name in others.columns])
    return others.assign(**own, dept_id=upload.department).rename_axis("grid_id")


def _write_frame(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a frame, columns of mixed values as text; its index becomes the plain column it is read back from."""
    plain = frame.copy(deep=False)
    for name in plain.columns:
        if plain[name].dtype == object and name != plain.geometry.name:
            plain[name] = plain[name].map(lambda value: value if value is None or isinstance(value, str) else str(value))
    fresh = path.with_name(f".{path.name}")
    plain.to_parquet(fresh)
    fresh.replace(path)
