"""The demo's source folder: the departments' files, the land and the tables, and a manifest that says what is what."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.demo import (
    casebook,
    columns,
    divisions,
    handover,
    incidents,
    land_tables,
    names,
    organisations,
    people,
    rhythms,
    spots,
)
from gridmap.demo import district as district_
from gridmap.demo.ground import CRS
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.demo.district import District

TODAY = "2026-11-20"
"""The demo's today: fixed, so that the same seed gives the same district on any day."""


@dataclass(frozen=True)
class Size:
    """How much is made: which streets (None: all eight), how many districts, how many incidents in the year."""

    streets: tuple[int, ...] | None
    districts: int
    incidents: int


SIZES = {
    "street": Size(streets=(2,), districts=1, incidents=6_000),
    "district": Size(streets=None, districts=1, incidents=200_000),
    "city": Size(streets=None, districts=20, incidents=10_000_000),
}
"""street: one street, for tests; district: the demo; city: twenty districts on islands of their own, for measuring."""


def make_source(
    out: str | Path, *, size: str = "district", seed: int = 1, progress: Callable[[str, float], None] | None = None
) -> Path:
    """Write a fictional district's source files into ``out``/source and give that folder.

    size: a key of SIZES. The folder is written beside its place and renamed at the end, so that none is half-written.
    Raises InputError for an unknown size.
    """
    require_size(size)
    target = Path(out) / "source"
    scratch = target.with_name("source.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    say = progress or (lambda _stage, _share: None)
    try:
        _write(scratch, size, seed, say)
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def require_size(size: str) -> None:
    """Raise InputError for a size the demo does not know."""
    if size not in SIZES:
        raise InputError("The demo knows no size {size}; choose street, district or city.", size=size)


def _write(folder: Path, size: str, seed: int, say: Callable[[str, float], None]) -> None:
    spec = SIZES[size]
    districts: list[District] = []
    tables: dict[str, list[gpd.GeoDataFrame]] = {}
    for number in range(spec.districts):
        say("Drawing the ground", number / spec.districts)
        code = divisions.DISTRICT_CODE if spec.districts == 1 else f"9901{number + 1:02d}"
        name = names.district(number) if spec.districts > 1 else names.DISTRICT
        offset = (15_500.0 * (number % 5), 11_500.0 * (number // 5))
        built = district_.build(seed, code=code, name_zh=name, streets=spec.streets, offset_m=offset)
        districts.append(built)
        for table, frame in land_tables.build(built, np.random.default_rng([seed, number, 2])).items():
            tables.setdefault(table, []).append(frame)
    land = {table: gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geom") for table, frames in tables.items()}
    say("Writing the departments' files", 0.0)
    layer_rows = handover.write(folder, districts, np.random.default_rng([seed, 3]))
    rng = np.random.default_rng([seed, 4])
    staff = people.hire(land, rng)
    land["communities"] = people.heads(land["communities"], staff, rng)
    made: dict[str, pd.DataFrame] = {}
    made.update(land)
    made.update(organisations.build(land, staff, rng))
    made["staff"] = staff.table
    made["micro_units"] = people.micro_units(land["buildings"], staff)
    rows = {}
    for table, rowset in made.items():
        rowset.to_parquet(folder / f"{table}.parquet", index=False)
        rows[table] = len(rowset)
    rows |= _incidents(folder, spec, land, staff, seed=seed, say=say)
    faults = [fault for built in districts for fault in _faults(built, land)]
    text = json.dumps(_manifest(size, seed, layer_rows, rows, faults), ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def _incidents(
    folder: Path,
    spec: Size,
    land: dict[str, gpd.GeoDataFrame],
    staff: people.Staff,
    *,
    seed: int,
    say: Callable[[str, float], None],
) -> dict[str, int]:
    """Write the year's incidents and what follows from them; for a whole city, steps of the last month only."""
    communities, streets = land["communities"], land["streets"]
    street_of = pd.Index(streets["street_code"]).get_indexer(communities["street_code"])
    register = columns.Register(
        communities=list(communities["community_code"]),
        names_zh=list(communities["name_zh"]),
        streets=list(streets["street_code"]),
        compounds=list(land["compounds"]["compound_id"]),
        staff=list(staff.table["staff_id"]),
    )
    found = spots.find(land, np.random.default_rng([seed, 5]))
    chunks = incidents.make(spec.incidents, found, street_of, staff, seed)
    since = rhythms.START if spec.districts == 1 else np.datetime64(TODAY) - 30
    return casebook.write(folder, chunks, register, total=spec.incidents, seed=seed, events_from=since, say=say)


def _faults(built: District, land: dict[str, gpd.GeoDataFrame]) -> list[dict[str, object]]:
    """List what was planted, places in EPSG:4549, and what follows from how the offices drew."""
    found = []
    for sheet in built.sheets.values():
        for fault in sheet.planted:
            x, y = float(str(fault["x"])) + built.shift[0], float(str(fault["y"])) + built.shift[1]
            found.append({**fault, "x": round(x, 1), "y": round(y, 1)})
    compounds = land["compounds"]
    compounds = compounds[compounds["community_code"].str.startswith(built.code)]
    for key, layer in built.layers.items():
        crossing = _crossing(built, layer.shapes)
        found += [
            {"layer": key, "kind": "cross_community", "ids": ids, "note": "reaches into more than one community"}
            for ids in ([district_.grid_ids(layer, built.divisions)[row]] for row in crossing)
        ]
        cut = _cut(built.at(layer.shapes), compounds)
        if len(cut):
            found.append(
                {"layer": key, "kind": "cuts_compound", "ids": cut, "note": "compounds that a border of this layer cuts"}
            )
    return found


def _crossing(built: District, shapes: np.ndarray) -> list[int]:
    """Find grids of which at least 2 % and 500 m2 lie in a second community."""
    grid, community = shapely.STRtree(built.divisions.communities).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[grid], built.divisions.communities[community]))
    much = shared > np.maximum(500, 0.02 * shapely.area(shapes)[grid])
    count = np.bincount(grid[much], minlength=len(shapes))
    return [int(row) for row in np.flatnonzero(count > 1)]


def _cut(shapes: np.ndarray, compounds: gpd.GeoDataFrame) -> list[str]:
    """Find compounds of which a grid takes more than a tenth and less than nine tenths."""
    units = compounds.geometry.to_numpy()
    grid, unit = shapely.STRtree(units).query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[grid], units[unit])) / shapely.area(units)[unit]
    return sorted(set(compounds["compound_id"].to_numpy()[unit[(share > 0.1) & (share < 0.9)]]))


def _manifest(
    size: str, seed: int, layers: dict[str, int], rows: dict[str, int], faults: list[dict[str, object]]
) -> dict[str, object]:
    return {
        "label_zh": names.LABEL,
        "fictional": True,
        "name_zh": names.DISTRICT if size != "city" else names.CITY,
        "size": size,
        "seed": seed,
        "today": TODAY,
        "now": str(rhythms.NOW),
        "crs": CRS,
        "norm": [300, 500],
        "nest": {"file": "communities.parquet", "id": "community_code"},
        "layers": {key: {**handover.FILES[key], "rows": layers[key]} for key in handover.FILES},
        "weights": {"file": "buildings.parquet", "column": "households"},
        "units": {"file": "compounds.parquet", "id": "compound_id"},
        "barriers": {"file": "barriers.parquet"},
        "tables": {table: {"file": f"{table}.parquet", "rows": count} for table, count in sorted(rows.items())},
        "faults": [*handover.FILE_FAULTS, *faults],
    }
