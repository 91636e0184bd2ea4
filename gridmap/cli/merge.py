"""``gridmap merge``: departmental layers in, one set of all-subject grids out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from gridmap import merge as engine
from gridmap import shelf, terms
from gridmap.cli import files
from gridmap.errors import InputError
from gridmap.settings import settings


def merge(
    *,
    nest: Annotated[str, typer.Option(metavar="FILE[:ID]", help="Communities: no grid leaves its own.")],
    layer: Annotated[list[str], typer.Option(metavar="KEY=FILE[:ID]", help="A department's grids; name each.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")],
    weights: Annotated[str | None, typer.Option(metavar="FILE:COLUMN", help="Households; without them, area.")] = None,
    units: Annotated[str | None, typer.Option(metavar="FILE", help="Compounds or buildings, never cut.")] = None,
    cut_along: Annotated[str | None, typer.Option(metavar="FILE", help="Borders to cut pieces above the norm by.")] = None,
    barriers: Annotated[
        str | None, typer.Option(metavar="FILE", help="Lines not to be crossed (column weight: how much).")
    ] = None,
    pins: Annotated[
        str | None, typer.Option(metavar="FILE", help="Places with the grid each belongs to (column grid).")
    ] = None,
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

    A folder in the place of a file stands for all files in it, which are read one after another: what is too large for memory
    is given so. Columns: the id of a nest or layer is the column named behind the colon, else the first with one value a row.
    """
    options = engine.options(
        settings().merge.model_dump(exclude_none=True), norm=_norm(norm), weight_column=_column(weights), seed=seed
    )
    given = _layers(layer)
    with (
        files.replacing(out, holding=shelf.FILES) as folder,
        tempfile.TemporaryDirectory(dir=folder, prefix=".split-") as split,
        files.bar() as report,
    ):
        report("Read", 0.0)
        metric, frames = files.nested(nest, crs=crs)
        source = shelf.Parted(Path(split), frames, options)
        for key, text in given.items():
            source.put(key, files.pieces(text, key, crs=metric), layer=True)
        others = {"units": units, "along": cut_along, "barriers": barriers, "points": points, "previous": previous}
        others["weights"] = None if weights is None else str(files.named(weights).path)
        for name, path in others.items():
            if path is not None:
                source.put(name, files.pieces(path, name, crs=metric, areas=False))
        if pins is not None:
            source.put("pins", [engine.pins_by_name(files.read(pins, "pins", crs=metric, areas=False))])
        done = shelf.merge_to(
            folder,
            source,
            options,
            crs=metric,
            units=units is not None,
            language=terms.language(),
            workers=workers,
            scheduler=scheduler,
            progress=report,
        )
        report("Write", 1.0)
    _say(done, out, as_json=as_json)


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


def _say(done: shelf.Outcome, out: Path, *, as_json: bool) -> None:
    record: dict[str, Any] = {"out": str(out), "grids": done.grids, "findings": done.severities, "costs": done.costs}
    told = out / "report.json"
    lines = [
        terms.say("{grids} grids are in {out}.", grids=done.grids, out=out),
        *done.words,
        *([terms.say("{count} more sentences are in {file}.", count=done.unsaid, file=told)] if done.unsaid else ()),
        *(finding.sentence() for finding in done.errors),
    ]
    files.out(record, lines, as_json=as_json)
