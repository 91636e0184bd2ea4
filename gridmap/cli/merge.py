"""``gridmap merge``: departmental layers in, one set of all-subject grids out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap import merge as engine
from gridmap import terms
from gridmap.cli import files
from gridmap.errors import InputError
from gridmap.settings import settings

if TYPE_CHECKING:
    from pyproj import CRS

RESULTS = frozenset({"grids.parquet", "crosswalk.parquet", "atoms.parquet", "edits.parquet", "report.json"})


def merge(
    *,
    nest: Annotated[str, typer.Option(metavar="FILE[:ID]", help="Communities: no grid leaves its own.")],
    layer: Annotated[list[str], typer.Option(metavar="KEY=FILE[:ID]", help="A department's grids; name each.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")],
    weights: Annotated[str | None, typer.Option(metavar="FILE:COLUMN", help="Households; without them, area.")] = None,
    units: Annotated[str | None, typer.Option(metavar="FILE", help="Compounds or buildings, never cut.")] = None,
    cut_along: Annotated[str | None, typer.Option(metavar="FILE", help="Borders to cut pieces above the norm by.")] = None,
    barriers: Annotated[str | None, typer.Option(metavar="FILE", help="Lines a grid should not cross.")] = None,
    points: Annotated[str | None, typer.Option(metavar="FILE", help="Incidents, counted by grid in the report.")] = None,
    previous: Annotated[str | None, typer.Option(metavar="FILE", help="The plan before: same land, same code.")] = None,
    norm: Annotated[str | None, typer.Option(metavar="LOW:HIGH", help="Households a grid should have.")] = None,
    crs: Annotated[int | None, typer.Option(metavar="EPSG", help="Metric coordinate system to compute in.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes to merge streets in.")] = 1,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Dask cluster to merge streets on.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Merge departmental layers into one set of all-subject grids.

    Columns: the id of a nest or layer is the column named behind the colon, else the first with one value a row.
    """
    options = engine.options(
        settings().merge.model_dump(exclude_none=True), norm=_norm(norm), weight_column=_column(weights), seed=seed
    )
    given = _layers(layer)
    with files.replacing(out, holding=RESULTS) as folder, files.bar() as report:
        report("Read", 0.0)
        frame = files.read(nest, "nest")
        metric = engine.common_crs(frame, crs=crs)
        others = {"units": units, "along": cut_along, "barriers": barriers, "points": points, "previous": previous}
        inputs = engine.Inputs(
            nest=engine.project(frame, metric, "nest"),
            layers={key: files.read(text, key, crs=metric) for key, text in given.items()},
            weights=None if weights is None else files.read(str(files.named(weights).path), "weights", crs=metric, areas=False),
            **{name: files.read(text, name, crs=metric, areas=False) for name, text in others.items() if text is not None},
        )
        merged = engine.run(inputs, options, workers=workers, scheduler=scheduler, progress=report)
        report("Write", 1.0)
        _write(merged, folder, metric)
    _say(merged, out, as_json=as_json)


def _norm(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = (float(part) for part in text.split(":"))
    except ValueError as error:
        raise InputError("The norm {norm} is not two numbers LOW:HIGH, e.g. 300:500.", norm=text) from error
    return low, high


def _column(weights: str | None) -> str | None:
    if weights is None:
        return None
    column = files.named(weights).column
    if column is None:
        raise InputError("Name the column of households: --weights {path}:COLUMN.", path=weights)
    return column


def _layers(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        key, equals, path = text.partition("=")
        if not (key and equals and path):
            raise InputError("The layer {layer} is not KEY=FILE, e.g. zongzhi=grids.gpkg.", layer=text)
        if key in found:
            raise InputError("The layer {layer} is given twice.", layer=key)
        found[key] = path
    return found


def _write(merged: engine.Merged, folder: Path, crs: CRS) -> None:
    merged.grids.to_parquet(folder / "grids.parquet", compression="zstd")
    merged.atoms.to_parquet(folder / "atoms.parquet", compression="zstd")
    merged.edits.to_parquet(folder / "edits.parquet", compression="zstd")
    merged.crosswalk.to_parquet(folder / "crosswalk.parquet", compression="zstd", index=False)
    record = {**merged.report, "crs": crs.to_string()}
    (folder / "report.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")


def _say(merged: engine.Merged, out: Path, *, as_json: bool) -> None:
    counts: dict[str, int] = {}
    for finding in merged.findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    record: dict[str, Any] = {"out": str(out), "grids": len(merged.grids), "findings": counts, "costs": merged.report["costs"]}
    lines = [
        terms.say("{grids} grids are in {out}.", grids=len(merged.grids), out=out),
        *merged.report["words"][terms.language()],
        *(finding.sentence() for finding in merged.findings if finding.severity == "error"),
    ]
    files.out(record, lines, as_json=as_json)
