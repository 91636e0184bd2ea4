"""``gridmap check``: what is wrong with a file, nothing changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap import intake, terms, uploads
from gridmap.cli import district, files
from gridmap.terms import key

if TYPE_CHECKING:
    from pyproj import CRS

    from gridmap.finding import Finding

SEVERITY = {"error": key("error"), "warning": key("warning"), "note": key("note")}
SHOWN = 50
"""Findings printed for a person; --json and --out have all."""


def check(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    layer: Annotated[str | None, typer.Option(metavar="NAME", help="Which layer of several.")] = None,
    crs: Annotated[str | None, typer.Option(metavar="SYSTEM", help="EPSG code, gcj02, bd09 or a PROJ string.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="How its text is encoded, e.g. gbk.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="The column of the grids' ids.")] = None,
    nest: Annotated[str | None, typer.Option(metavar="FILE[:ID]", help="Communities it should fit.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="The district it should fit, for the twelve checks.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the findings to .xlsx or .gpkg.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is wrong with a file; exit status 1 when it cannot be used as it is."""
    with files.bar() as report:
        opened = intake.open_file(file, layer=layer, encoding=encoding, id_column=id_column, progress=report)
        proposed = intake.propose_columns(opened.frame).id.column
        if id_column is None and proposed not in {None, opened.id_column}:
            opened = intake.open_file(file, layer=layer, encoding=encoding, id_column=proposed, progress=report)
        opened = intake.set_strays_aside(opened)
        if crs is not None:
            frame = intake.read_as(opened.frame, crs)
            told = [one for one in opened.findings if one.kind not in {"no_crs", "metres_as_degrees"}]
            opened = replace(opened, frame=frame, crs=frame.crs, findings=told)
        known = _district(data)
        near = known.communities if nest is None else files.read(nest, "nest")
        findings = intake.survey(opened, near=near, roads=known.roads, compounds=known.compounds, progress=report)
        made: frozenset[int] = frozenset()
        if opened.crs is not None and near is not None and all(one.kind != "wrong_crs" for one in findings):
            twelve = intake.check_twelve(opened.frame, replace(known, communities=near))
            findings, made = findings + twelve.findings, twelve.made
    if out is not None:
        intake.write_findings(findings, out, crs=opened.crs)
    record = {
        "file": str(file),
        "rows": len(opened.frame),
        "layer": opened.layer,
        "layers": list(opened.layers),
        "crs": _called(opened.crs),
        "encoding": opened.encoding,
        "id_column": opened.id_column,
        "checks": {
            str(number): sum(intake.times(one) for one in findings if one.kind in kinds) if number in made else None
            for number, (_, kinds) in intake.CHECKS.items()
        },
        "findings": [_record(finding) for finding in findings],
    }
    lines = [
        f"{terms.say(SEVERITY[finding.severity])}: {finding.sentence()} {finding.advice()}".rstrip()
        for finding in findings[:SHOWN]
    ]
    if len(findings) > SHOWN:
        lines.append(terms.say("{count} more; --out FILE.xlsx writes them all.", count=len(findings) - SHOWN))
    files.out(record, lines or [terms.say("Nothing is wrong with {file}.", file=file)], as_json=as_json)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)


def _called(crs: CRS | None) -> str | None:
    """Name a system by its EPSG code, else as it calls itself."""
    code = None if crs is None else crs.to_epsg()
    return f"EPSG:{code}" if code else None if crs is None else str(crs.name)


def _district(data: Path | None) -> intake.District:
    """Give what is known of the district in a folder, or nothing."""
    if data is None:
        return intake.District()
    with district.opened(data) as db:
        return uploads.known(db, "")


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "sentence": finding.sentence(),
        "advice": finding.advice(),
        "size": finding.size,
        "unit": finding.unit,
        "ids": list(finding.ids),
    }
