"""``gridmap check``: what is wrong with a file, nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap import intake, terms
from gridmap.cli import files
from gridmap.terms import key

SEVERITY = {"error": key("error"), "warning": key("warning"), "note": key("note")}


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    crs: Annotated[int | None, typer.Option(metavar="EPSG", help="The coordinate system the file is in.")] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="How its text is encoded, e.g. gbk.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is wrong with a file; exit status 1 when it cannot be used as it is."""
    opened = intake.open_file(file, crs=crs, encoding=encoding)
    findings = opened.findings
    record = {
        "file": str(file),
        "rows": len(opened.frame),
        "layers": list(opened.layers),
        "crs": None if opened.crs is None else str(opened.crs),
        "encoding": opened.encoding,
        "id_column": opened.id_column,
        "findings": [
            {
                "kind": finding.kind,
                "severity": finding.severity,
                "sentence": finding.sentence(),
                "advice": finding.advice(),
                "size": finding.size,
                "unit": finding.unit,
                "ids": list(finding.ids),
            }
            for finding in findings
        ],
    }
    lines = [
        f"{terms.say(SEVERITY[finding.severity])}: {finding.sentence()} {finding.advice()}".rstrip() for finding in findings
    ]
    files.out(record, lines or [terms.say("Nothing is wrong with {file}.", file=file)], as_json=as_json)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)
