"""A whole merge from inputs on disk to results on disk, of which memory holds a few streets at a time."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gridmap import merge
from gridmap.errors import MergeError
from gridmap.merge.report import Report
from gridmap.shelf import lines, results
from gridmap.shelf.kept import Kept
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyproj import CRS

    from gridmap.finding import Finding
    from gridmap.shelf.parted import Parted

FILES = frozenset({"grids.parquet", "crosswalk.parquet", "atoms.parquet", "edits.parquet", "report.json"})
"""What a merge writes."""


SAID = 50
"""Sentences that a person is told at once; a city has thousands of grids, and the report says why of each out of norm."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a person is told of a merge whose results are on disk.

    severities: how many findings of each. words: the report's first sentences, SAID at most; unsaid: how many more it has.
    """

    grids: int
    severities: dict[str, int]
    errors: list[Finding]
    costs: dict[str, Any]
    words: list[str]
    unsaid: int


def merge_to(
    folder: Path,
    source: Parted,
    options: merge.Options,
    *,
    crs: CRS,
    units: bool = False,
    language: str = "zh",
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Outcome:
    """Merge a source street by street and write FILES into ``folder``: the same rows as `merge.run` gives, by street.

    crs: the source's. units: whether compounds were given. What is kept between passes lies in ``folder`` meanwhile. Raises
    MergeError or InputError as `merge.run` does.
    """
    begun, cpu = time.perf_counter(), time.process_time()
    severities: dict[str, int] = {}
    errors: list[Finding] = []
    with TemporaryDirectory(dir=folder, prefix=".kept-") as between, ExitStack() as open_files:
        passes, lists = Path(between) / "passes", Path(between) / "lists"
        passes.mkdir()
        lists.mkdir()
        number = count()
        report = Report(
            source.layers,
            options,
            options.weight_column is not None,
            source.loose(),
            lines=lambda: lines.Lines(lists / str(next(number))),
            pairs=lines.Pairs,
        )
        into = {
            name: open_files.enter_context(
                results.Results(folder / f"{name}.parquet", columns, crs if "geometry" in columns else None)
            )
            for name, columns in results.columns(source.layers, units=units).items()
        }

        def count_in(findings: list[Finding]) -> None:
            for finding in findings:
                severities[finding.severity] = severities.get(finding.severity, 0) + 1
            errors.extend(finding for finding in findings if finding.severity == "error")

        for part in merge.stream(source, options, workers=workers, scheduler=scheduler, keep=Kept(passes), progress=progress):
            report.add(part)
            count_in(part.findings)
            into["grids"].append(part.finished.grids)
            into["atoms"].append(part.finished.atoms)
            into["edits"].append(part.edits)
            into["crosswalk"].append(part.crosswalk)
        count_in(report.end())
        if not report.grids:
            raise MergeError("The merge gave no grids; the layers do not cover the nest.")
        told = report.told()
        told["seconds"]["wall"] = round(time.perf_counter() - begun, 3)
        told["seconds"]["cpu_here"] = round(time.process_time() - cpu, 3)
        with (folder / "report.json").open("w", encoding="utf-8") as file:
            lines.write({**told, "crs": crs.to_string()}, file)
        if progress is not None:
            progress(key("Check"), 1.0)
        sentences = iter(told["words"][language])
        return Outcome(
            grids=report.grids,
            severities=severities,
            errors=errors,
            costs=lines.read(told["costs"]),
            words=list(islice(sentences, SAID)),
            unsaid=sum(1 for _ in sentences),
        )
