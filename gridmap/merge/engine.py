"""The whole way from departments' layers to all-subject grids, street by street."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import InputError, MergeError
from gridmap.merge import checks, edits, explain, numbering, stitch, streets, tasks
from gridmap.merge.clean import clean
from gridmap.merge.crosswalk import crosswalk, layer_columns
from gridmap.merge.cut import cut
from gridmap.merge.inputs import Inputs, Options, require_usable
from gridmap.merge.overlay import faces
from gridmap.merge.partition import partition
from gridmap.merge.slivers import dissolve
from gridmap.merge.weigh import weigh
from gridmap.merge.whole import Effort
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from gridmap.finding import Finding

    Progress = Callable[[str, float], None]

STAGES = {
    key("Clean"): 0.25,
    key("Overlay"): 0.15,
    key("Weigh"): 0.05,
    key("Partition"): 0.55,
}
"""The stages of one street and about how much of its time each takes."""

UNIT = "unit"
"""What the overlay calls the layer of units; atoms have it as unit_id."""


@dataclass(frozen=True, kw_only=True)
class Street:
    """What the merge of one street gives. seconds: CPU by stage; units: the plan's records of its nest units."""

    atoms: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    edits: gpd.GeoDataFrame
    held: pd.DataFrame
    units: list[dict[str, Any]]
    lengths: pd.DataFrame
    seconds: dict[str, float]


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


@dataclass
class _Clock:
    """CPU seconds by stage, and the share of the street that is done."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = 0.0
    _stage: str = ""

    def enter(self, stage: str) -> None:
        self.leave()
        self._stage, self._since = stage, time.process_time()
        self.within(0.0)

    def leave(self) -> None:
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + time.process_time() - self._since
        self._stage = ""

    def within(self, share: float) -> None:
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(self._stage)])
        self.progress(self._stage, before + STAGES[self._stage] * min(1.0, max(0.0, share)))

    def report(self, _stage: str, share: float) -> None:
        self.within(share)


def merge_street(task: tuple[Inputs, Options], progress: Progress) -> Street:
    """Merge one street: a pure function of its inputs, the same wherever it runs.

    Cleans each layer against the street's nest units, overlays them, weighs the faces, cuts those above the norm, chooses
    the grids and numbers them. progress may raise to cancel.
    """
    inputs, options = task
    clock = _Clock(progress)
    clock.enter("Clean")
    layers: dict[str, gpd.GeoDataFrame] = {}
    log, held = [], []
    frame = gpd.GeoDataFrame(geometry=[shapely.union_all(inputs.nest.geometry.to_numpy())], crs=inputs.nest.crs)
    ground = frame.geometry.iloc[0] if inputs.around is None else shapely.union_all([*frame.geometry, *inputs.around.geometry])
    for number, (name, layer) in enumerate(inputs.layers.items()):
        if layer.empty:
            continue
        cleaned = clean(streets.clipped(layer, inputs.nest), nest=frame, priority=options.priority)
        layers[name] = cleaned.layer
        log.append(edits.of_street(cleaned.edits, layer, ground=ground).assign(layer=name))
        held.append(_held(name, cleaned.layer))
        clock.within((number + 1) / len(inputs.layers))
    clock.enter("Overlay")
    atoms, dissolved = _atoms(layers, inputs, options.sliver_m2)
    log.append(edits.of_slivers(dissolved))
    clock.enter("Weigh")
    weights = None
    if inputs.weights is not None and options.weight_column is not None:
        if inputs.along is not None and options.norm is not None:
            atoms = cut(atoms, inputs.along, inputs.weights, options.weight_column, options.norm[1])
            atoms.geometry = gpd.GeoSeries(stitch.on_grid(atoms.geometry.to_numpy()), index=atoms.index, crs=atoms.crs)
        weights = weigh(atoms, inputs.weights, options.weight_column)
    clock.enter("Partition")
    plan = partition(
        atoms,
        weights=weights,
        norm=options.norm,
        settings=options.objective,
        seed=options.seed,
        barriers=inputs.barriers,
        effort=Effort.within(options.time_limit_s),
        progress=clock.report,
    )
    final = numbering.number(plan.grids, previous=inputs.previous)
    renamed = dict(zip(plan.grids["grid_code"], final, strict=True))
    grids = plan.grids.assign(grid_code=final.to_numpy()).sort_values("grid_code", ignore_index=True)
    atoms = plan.atoms.assign(grid_code=plan.atoms["grid_code"].map(renamed))
    clock.leave()
    return Street(
        atoms=atoms,
        grids=grids,
        edits=pd.concat(log, ignore_index=True),
        held=pd.concat(held, ignore_index=True),
        units=[{**unit, "reasons": _reasons(unit["reasons"], renamed)} for unit in plan.units],
        lengths=explain.border_lengths(atoms),
        seconds=clock.seconds,
    )


def _held(layer: str, clean_layer: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say what each grid of a clean layer has in this street."""
    shapes = clean_layer.geometry.to_numpy()
    parts = shapely.get_num_geometries(shapes)
    return pd.DataFrame({"layer": layer, "id": clean_layer.index, "area_m2": shapely.area(shapes), "parts": parts})


def _atoms(
    layers: Mapping[str, gpd.GeoDataFrame], inputs: Inputs, sliver_m2: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Overlay a street's clean layers; give the atoms and the slivers dissolved.

    A layer with no grid here still has its column; units keep to themselves.
    """
    units = {} if inputs.units is None or inputs.units.empty else {UNIT: inputs.units}
    cut = faces({**layers, **units}, nest=inputs.nest)
    for name in inputs.layers:
        if name not in layers:
            cut[name] = None
    cut = cut[[*inputs.layers, *units, "nest_id", "geometry"]]
    if not units:
        whole = dissolve(cut, sliver_m2=sliver_m2)
        return whole.atoms, whole.report
    # A sliver of a compound may join the compound only, or a border would run through it: for the slivers' sake each
    # compound is a nest unit of its own.
    homes = pd.MultiIndex.from_arrays([cut["nest_id"].astype(str), cut[UNIT].fillna("").astype(str)])
    place, pairs = pd.factorize(homes)
    whole = dissolve(cut.drop(columns=UNIT).assign(nest_id=place), sliver_m2=sliver_m2)
    atoms = whole.atoms
    home = pairs.take(atoms["nest_id"].to_numpy(dtype=np.intp))
    unit = home.get_level_values(1).to_numpy(dtype=object)
    nest_id = home.get_level_values(0).to_numpy(dtype=object)
    return atoms.assign(
        nest_id=nest_id, unit_id=pd.Series([name or None for name in unit], index=atoms.index, dtype=object)
    ), whole.report


def _reasons(reasons: Sequence[dict[str, Any]], renamed: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{**reason, "grid_code": renamed[reason["grid_code"]]} for reason in reasons]


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
    report_to = progress or _silent
    if workers < 1:
        raise InputError("The number of workers must be at least 1, not {workers}.", workers=workers)
    begun, cpu = time.perf_counter(), time.process_time()
    report_to(key("Read"), 0.0)
    require_usable(inputs, options)
    mended = clean(inputs.nest)
    inputs = replace(inputs, nest=mended.layer)
    named = list(streets.divide(inputs))
    sizes = np.array([sum(len(layer) for layer in street.layers.values()) + 1.0 for _, street in named])
    shares = np.zeros(len(named))

    def listen(number: int, stage: str, share: float) -> None:
        shares[number] = max(shares[number], share)
        report_to(stage, 0.95 * float(shares @ sizes / sizes.sum()))

    work = [(street, options) for _, street in named]
    found: dict[int, Street] = {}
    with closing(_mapped(work, listen, workers=min(workers, len(work)), scheduler=scheduler)) as results:
        for number, result in results:
            found[number] = result
            listen(number, key("Streets"), 1.0)
    report_to(key("Check"), 0.95)
    merged = _gathered([found[number] for number in range(len(named))], inputs, options, mended.edits.assign(layer="nest"))
    merged.report["seconds"]["wall"] = round(time.perf_counter() - begun, 3)
    merged.report["seconds"]["cpu_here"] = round(time.process_time() - cpu, 3)
    report_to(key("Check"), 1.0)
    return merged


def _mapped(
    work: Sequence[tuple[Inputs, Options]],
    listen: Callable[[int, str, float], None],
    *,
    workers: int,
    scheduler: str | None,
) -> Generator[tuple[int, Street]]:
    if scheduler is not None:
        return tasks.run_on_cluster(merge_street, work, listen, scheduler=scheduler)
    if workers > 1:
        return tasks.run_in_processes(merge_street, work, listen, workers=workers)
    return tasks.run_here(merge_street, work, listen)


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""


def _gathered(found: Sequence[Street], inputs: Inputs, options: Options, nest_edits: gpd.GeoDataFrame) -> Merged:
    atoms = pd.concat([street.atoms for street in found], ignore_index=True)
    grids = pd.concat([street.grids for street in found], ignore_index=True)
    log = edits.together([nest_edits, *(street.edits for street in found)], [street.held for street in found])
    number = np.repeat(np.arange(len(found)), [len(street.atoms) for street in found])
    atoms, grids = _stitched(atoms, grids, number)
    if not len(grids):
        raise MergeError("The merge gave no grids; the layers do not cover the nest.")
    table = crosswalk(atoms, layers=[name for name in layer_columns(atoms) if name in inputs.layers])
    findings = checks.check(
        grids,
        nest=inputs.nest,
        layers=inputs.layers,
        crosswalk=table,
        units=inputs.units,
        points=inputs.points,
        norm=options.norm if inputs.weights is not None else None,
    )
    units = [unit for street in found for unit in street.units]
    lengths = pd.concat([street.lengths for street in found]).groupby(level=0, sort=False).sum()
    figures, sentences = explain.explain(
        table, grids, lengths, norm=options.norm, units=units, households=inputs.weights is not None
    )
    report: dict[str, Any] = {
        "grids": len(grids),
        "atoms": len(atoms),
        "streets": len(found),
        "norm": options.norm,
        "seed": options.seed,
        "objective": _sum(units, "objective"),
        "bound": _sum(units, "bound"),
        "units": units,
        "costs": figures,
        "words": {language: [sentence.say(language) for sentence in sentences] for language in ("zh", "en")},
        "checks": [_finding(finding) for finding in findings],
        "seconds": {"stages": _stages(found)},
    }
    if inputs.points is not None:
        report["incidents"] = _incidents(grids, inputs.points)
    return Merged(grids=grids, crosswalk=table, atoms=atoms, edits=log, findings=findings, sentences=sentences, report=report)


def _stitched(
    atoms: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, street: np.ndarray
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Match the streets' borders in the atoms, and give the grids that touch another street their new vertices."""
    before = atoms.geometry.to_numpy()
    after = stitch.stitch(before, street)
    changed = set(atoms["grid_code"][~shapely.equals_identical(before, after)])
    atoms = atoms.set_geometry(gpd.GeoSeries(after, index=atoms.index, crs=atoms.crs))
    pieces = atoms[atoms["grid_code"].isin(changed)]
    shapes = grids.geometry.to_numpy().copy()
    at = pd.Series(np.arange(len(grids)), index=grids["grid_code"])
    for code, geometry in pieces.groupby("grid_code")["geometry"]:
        shapes[at[code]] = shapely.normalize(shapely.coverage_union_all(geometry.to_numpy()))
    grids = grids.set_geometry(gpd.GeoSeries(shapes, index=grids.index, crs=grids.crs))
    return atoms, grids.assign(area_m2=grids.geometry.area)


def _sum(units: Sequence[dict[str, Any]], name: str) -> float | None:
    values = [unit.get(name) for unit in units]
    return None if any(value is None for value in values) else float(sum(float(value) for value in values if value is not None))


def _stages(found: Sequence[Street]) -> dict[str, float]:
    return {stage: round(sum(street.seconds.get(stage, 0.0) for street in found), 3) for stage in STAGES}


def _finding(finding: Finding) -> dict[str, Any]:
    place = None if finding.place is None else shapely.point_on_surface(finding.place)
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "zh": finding.sentence("zh"),
        "en": finding.sentence("en"),
        "size": finding.size,
        "unit": finding.unit,
        "ids": list(finding.ids),
        "place": None if place is None or place.is_empty else [round(place.x, 2), round(place.y, 2)],
    }


def _incidents(grids: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count points by grid: each in one grid, on a border in the one with the smallest code."""
    at = checks.locate(grids, points)
    counts = pd.Series(at[at >= 0]).value_counts().reindex(range(len(grids)), fill_value=0)
    return {
        "total": len(points),
        "in_no_grid": int((at < 0).sum()),
        "by_grid": {str(code): int(n) for code, n in zip(grids["grid_code"], counts, strict=True)},
    }
