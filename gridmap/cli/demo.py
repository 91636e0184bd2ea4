"""``gridmap demo``: a fictional district, ready to serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap import demo as demonstration
from gridmap import terms
from gridmap.cli import files


def demo(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the district's data.")],
    size: Annotated[str, typer.Option(help="street, district or city.")] = "district",
    seed: Annotated[int, typer.Option(help="Another seed makes another district.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes to merge streets in.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a fictional district: files, merged grids, a year of incidents, a database to serve."""
    with files.bar() as report:
        made = demonstration.make(out, size=size, seed=seed, workers=workers, progress=report)
    record = {"out": str(made.folder), "grids": made.grids, "incidents": made.incidents}
    lines = [
        terms.say(
            "The demo district is in {out}: {grids} grids, {incidents} incidents, all of it fictional.",
            out=made.folder, grids=made.grids, incidents=made.incidents,
        ),
        terms.say("Open it with: gridmap serve --data {out}", out=made.folder),
    ]  # fmt: skip
    files.out(record, lines, as_json=as_json)
