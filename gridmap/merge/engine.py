"""The whole way from departments' layers to all-subject grids, street by street."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmap.errors import InputError, MergeError
from gridmap.merge import explain, finish, pinning, tasks
from gridmap.merge.inputs import Inputs, Options, require_usable
from gridmap.merge.report import Report
from gridmap.merge.street import merge_street
from gridmap.merge.streets import Divided
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping

    import geopandas as gpd

    from gridmap.finding import Finding
    from gridmap.merge.streets import Source

    Progress = Callable[[str, float], None]

ALONE, FINISH, WHOLE = 0.05, 0.9, 0.97
"""The share of a merge that is done when streets begin, when their borders are matched, and when they are put together."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A whole merge: grids, crosswalk, atoms and edits as DESIGN §4 lists them; findings of the checks; report for a file."""

    grids: gpd.GeoDataFrame
    crosswalk: pd.DataFrame
    atoms: gpd.GeoDataFrame
    edits: gpd.GeoDataFrame
    findings: list[Finding]
    sentences: list[explain.Sentence]
    report: dict[str, Any]


def run(
    inputs: Inputs,
    options: Options | None = None,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Merged:
    """Merge departmental layers into all-subject grids.

    inputs: see `Inputs`; the nest may have faults, which are mended first. Streets are merged one after the other, in
    ``workers`` processes, or on the Dask cluster at ``scheduler``; grids are the same to the byte in each case. progress gets
    a stage (a catalogue key) and the share done, and may raise to cancel. Raises MergeError or InputError.
    """
    options = options or Options()
    begun, cpu = time.perf_counter(), time.process_time()
    if progress is not None:
        progress(key("Read"), 0.0)
    require_usable(inputs, options)
    source = Divided(inputs)
    report = Report(source.layers, options, inputs.weights is not None, source.loose())
    parts = []
    for part in stream(source, options, workers=workers, scheduler=scheduler, progress=progress):
        parts.append(part)
        report.add(part)
    findings = [finding for part in parts for finding in part.findings] + report.end()
    if not report.grids:
        raise MergeError("The merge gave no grids; the layers do not cover the nest.")
    table = pd.concat([part.crosswalk for part in parts], ignore_index=True)
    rank = table["layer"].map({name: place for place, name in enumerate(source.layers)})
    table = table.iloc[np.lexsort([pd.factorize(table[name], sort=True)[0] for name in ("grid_code", "old_id")] + [rank])]
    told = report.told()
    told["words"] = {language: list(words) for language, words in told["words"].items()}
    told["seconds"]["wall"] = round(time.perf_counter() - begun, 3)
    told["seconds"]["cpu_here"] = round(time.process_time() - cpu, 3)
    if progress is not None:
        progress(key("Check"), 1.0)
    return Merged(
        grids=_joined([part.finished.grids for part in parts]),
        crosswalk=table.reset_index(drop=True),
        atoms=_joined([part.finished.atoms for part in parts]),
        edits=_joined([part.edits for part in parts]),
        findings=findings,
        sentences=list(report.costs.sentences()),
        report=told,
    )


def _joined(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    joined: gpd.GeoDataFrame = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return joined


def stream(
    source: Source,
    options: Options,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    keep: MutableMapping[tuple[str, int], Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[finish.Part]:
    """Merge street by street, and give each street's part of the whole in the order of their numbers.

    No more streets are held than are being worked on, but for what ``keep`` holds between the three passes: streets alone;
    their borders matched with their neighbours'; what lies in several added up. Raises MergeError or InputError.
    """
    if workers < 1:
        raise InputError("The number of workers must be at least 1, not {workers}.", workers=workers)
    kept = {} if keep is None else keep
    count = len(source.names)
    told = _Told(progress or _silent, count)
    with tasks.pool(workers=min(workers, count), scheduler=scheduler) as pool:
        links: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        pinned: dict[str, int] = {}
        told.stage(ALONE, FINISH)
        for number, street in pool(merge_street, ((source.near(n), options) for n in range(count)), told.street):
            told.street(number, key("Streets"), 1.0)
            if street is None:
                continue
            links[number] = (street.touching, street.sharing)
            kept["rim", number] = street.atoms.geometry.to_numpy()[street.rim]
            kept["street", number] = street
            for name in street.pinned:
                if pinned.setdefault(name, number) != number:
                    raise MergeError(pinning.APART, grid=name)
        for name in source.pinned:
            if name not in pinned:
                raise MergeError("The places pinned to {grid} lie in no community.", grid=name)
        there = sorted(links)
        told.stage(FINISH, WHOLE)

        def unfinished() -> Iterator[finish.Unfinished]:
            for number in there:
                yield finish.Unfinished(
                    number=number,
                    street=kept.pop(("street", number)),
                    rims={other: kept["rim", other] for other in links[number][0] if other in links},
                    norm=options.norm,
                )

        for place, done in pool(finish.finish_street, unfinished(), told.street):
            told.street(place, key("Check"), 1.0)
            kept["tables", there[place]] = done.tables
            kept["done", there[place]] = done
    told.stage(WHOLE, 1.0)
    for number in there:
        others = [kept["tables", other] for other in links[number][1] if other in links]
        yield finish.part(kept.pop(("done", number)), others)
        told.street(number, key("Check"), 1.0)


@dataclass
class _Told:
    """How far a merge is, from how far each street is in the pass that runs."""

    progress: Progress
    streets: int
    _from: float = 0.0
    _to: float = 0.0
    _shares: dict[int, float] = field(default_factory=dict)
    _sum: float = 0.0

    def stage(self, begins: float, ends: float) -> None:
        self._from, self._to, self._sum = begins, ends, 0.0
        self._shares.clear()

    def street(self, number: int, stage: str, share: float) -> None:
        """Take a street's share; those at their end are no longer listened to."""
        before = self._shares.get(number, 0.0)
        if share > before:
            self._sum += share - before
            self._shares[number] = share
        self.progress(stage, min(self._to, self._from + (self._to - self._from) * self._sum / self.streets))


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""
