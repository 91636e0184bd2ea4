"""The commands on a district's database: draft, publish, versions, rollback, kpi."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import geopandas as gpd
import pandas as pd
import typer
from shapely import Point

from gridmap import kpi, store, terms
from gridmap.cli import files
from gridmap.errors import InputError
from gridmap.finding import Finding
from gridmap.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "gridmap.duckdb"

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the district's data.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True)
class Draft:
    """A merge as `gridmap merge` wrote it, ready to be kept as a version, with the conflicts on its way."""

    grids: gpd.GeoDataFrame
    crosswalk: pd.DataFrame
    atoms: gpd.GeoDataFrame
    edits: gpd.GeoDataFrame
    findings: list[Finding]
    norm: tuple[float, float] | None


def database(data: Path | None) -> Path:
    """Give the path of a district's database, in ``data`` or the folder of the settings."""
    return (data or settings().data) / DATABASE


@contextmanager
def opened(data: Path | None, *, make: bool = False) -> Iterator[store.Store]:
    """Open a district's database. Raises InputError when there is none, unless ``make`` says to begin one."""
    path = database(data)
    if not make and not path.exists():
        raise InputError("There is no district in {path}; make one with gridmap demo or gridmap load.", path=path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    db = store.open_store(path)
    try:
        yield db
    finally:
        db.close()


def publish(
    plan: Annotated[str, typer.Argument(metavar="VERSION|DIR", help="A draft's number, or a folder gridmap merge wrote.")],
    *,
    note: Annotated[str, typer.Option(help="What this version is about.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a version into force: a draft by its number, or a merge's results, kept as a draft first."""
    folder = Path(plan)
    with opened(data) as db:
        if plan.isdecimal():
            version = int(plan)
        elif (folder / "grids.parquet").is_file():
            version = db.draft(_merged(folder), note=note)
        else:
            raise InputError("{plan} is neither a version's number nor a folder of gridmap merge.", plan=plan)
        db.publish(version)
    files.out({"version": version}, [terms.say("Version {version} is in force.", version=version)], as_json=as_json)


def _merged(folder: Path) -> Draft:
    grids, atoms, edits = (gpd.read_parquet(folder / f"{name}.parquet") for name in ("grids", "atoms", "edits"))
    told = json.loads((folder / "report.json").read_text("utf-8"))
    findings = [
        Finding(
            one["kind"], one["severity"], one["en"], place=Point(one["place"]) if one["place"] else None, size=one["size"],
            unit=one["unit"], ids=tuple(one["ids"]),
        )
        for one in told["checks"]
    ]  # fmt: skip
    norm = tuple(told["norm"]) if told["norm"] else None
    return Draft(grids, pd.read_parquet(folder / "crosswalk.parquet"), atoms, edits, findings, norm)


def versions(*, data: Data = None, as_json: Json = False) -> None:
    """List the versions of the district's grids."""
    with opened(data) as db:
        table = db.versions()
    files.out(_records(table), _lines(table[["version", "status", "grids", "made_at", "note"]]), as_json=as_json)


def rollback(*, data: Data = None, as_json: Json = False) -> None:
    """Put the version before the one in force back; nothing is erased."""
    with opened(data) as db:
        version = db.rollback()
    files.out({"version": version}, [terms.say("Version {version} is in force.", version=version)], as_json=as_json)


def indicators(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Which, e.g. K01; all when none is named.")] = None,
    *,
    by: Annotated[list[str] | None, typer.Option(help="Break down, e.g. street_code, grid_code, month.")] = None,
    area: Annotated[str | None, typer.Option(help="Code of a division or grid.")] = None,
    seen_by: Annotated[
        str | None,
        typer.Option(
            metavar="day|VERSION|LAYER[:households]", help="Whose grids: of the day, a version's, a department's old ones."
        ),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Work out indicators; the number of cases stands beside every rate."""
    known = kpi.indicators()
    layer, _, weight = (seen_by or "").partition(":")
    version: Any = int(layer) if layer.isdecimal() else "day" if layer == "day" else None
    if weight not in {"", "area", "households"}:
        raise InputError("Old grids are weighed by area or households, not by {weight}.", weight=weight)
    filters = kpi.Filters(area=area, version=version)
    by_layer = bool(layer) and version is None
    records: list[dict[str, Any]] = []
    lines: list[str] = []
    with opened(data) as db:
        for name in ids or [one.id for one in known.values() if not by_layer or one.kind != "mix"]:
            if by_layer:
                way: kpi.Weight = "households" if weight == "households" else "area"
                table = kpi.run_by_department(db, name, filters, layer=layer, weight=way)
            else:
                table = kpi.run(db, name, filters, by=tuple(by or ()))
            unset = kpi.not_set(db, name)
            records.append({"id": name, "name": known[name].name(), "not_set": unset, "rows": _records(table)})
            lines += [f"{name} {known[name].name()}", *(f"  {line}" for line in _lines(table))]
            if unset:
                lines.append("  " + terms.say("not set: {settings}", settings=", ".join(unset)))
    files.out(records, lines, as_json=as_json)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _lines(table: pd.DataFrame) -> list[str]:
    return table.to_string(index=False, na_rep="–").splitlines()
