"""``gridmap check``: what is wrong with a file, nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap import intake, terms
from gridmap.cli import files
from gridmap.terms import key

if TYPE_CHECKING:
    from gridmap.merge.finding import Finding

SEVERITY = {"error": key("error"), "warning": key("warning"), "note": key("note")}
SHOWN = 50
"""Findings printed for a person; --json and --out have all."""


def check(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    layer: Annotated[str | None, typer.Option(metavar="NAME", help="Which layer of several.")] = None,
    crs: Annotated[int | None, typer.Option(metavar="EPSG", help="The coordinate system the file is in.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="How its text is encoded, e.g. gbk.")] = None,
    nest: Annotated[str | None, typer.Option(metavar="FILE[:ID]", help="Communities it should fit.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the findings to .xlsx or .gpkg.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is wrong with a file; exit status 1 when it cannot be used as it is."""
    opened = intake.open_file(file, layer=layer, crs=crs, encoding=encoding)
    findings = intake.survey(opened, near=None if nest is None else files.read(nest, "nest"))
    if out is not None:
        intake.write_findings(findings, out, crs=opened.crs)
    record = {
        "file": str(file),
        "rows": len(opened.frame),
        "layer": opened.layer,
        "layers": list(opened.layers),
        "crs": None if opened.crs is None else str(opened.crs),
        "encoding": opened.encoding,
        "id_column": opened.id_column,
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
