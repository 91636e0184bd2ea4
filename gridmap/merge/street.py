"""One street's way from departments' layers to all-subject grids."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.merge import edits, explain, numbering, pinning, recut, stitch, straight, streets
from gridmap.merge.clean import clean
from gridmap.merge.cut import at_barriers, cut
from gridmap.merge.overlay import faces
from gridmap.merge.partition import partition
from gridmap.merge.slivers import dissolve
from gridmap.merge.weigh import weigh
from gridmap.merge.whole import Effort
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from gridmap.merge.inputs import Inputs, Options
    from gridmap.merge.partition import Plan

    Progress = Callable[[str, float], None]

STAGES = {
    key("Clean"): 0.25,
    key("Overlay"): 0.15,
    key("Weigh"): 0.05,
    key("Partition"): 0.55,
}
"""The stages of one street and about how much of its time each takes."""

ROUGH = Effort(rounds=15, cut_rounds=2, near=400, branches=100, small=0)
"""Effort of the plan by which cuts are drawn anew: it shows where grids run, and another follows."""

UNIT = "unit"
"""What the overlay calls the layer of units; atoms have it as unit_id."""


@dataclass(frozen=True, kw_only=True)
class Street:
    """What the merge of one street gives.

    rim: places of the atoms that may touch another street. held: what each old grid has here. unheld: old grids that meet
    the street and name no atom, by layer. units: the plan's records of its nest units. own: what the street was merged
    from, without its layers. households: whether atoms weigh households, not m². pinned: names of pins that have a place
    here. seconds: CPU by stage.
    """

    atoms: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    rim: NDArray[np.intp]
    edits: gpd.GeoDataFrame
    held: pd.DataFrame
    unheld: dict[str, gpd.GeoDataFrame]
    units: list[dict[str, Any]]
    lengths: pd.DataFrame
    own: streets.Own
    households: bool
    pinned: tuple[str, ...]
    touching: tuple[int, ...]
    sharing: tuple[int, ...]
    seconds: dict[str, float]


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

    def first(self, _stage: str, share: float) -> None:
        """Take how far a plan is that another will follow."""
        self.within(share / 3)


def merge_street(task: tuple[streets.Near, Options], progress: Progress) -> Street | None:
    """Merge one street: a pure function of what lies near it, the same wherever it runs.

    Mends its nest units, cleans each layer against them, overlays them, weighs the faces, cuts those above the norm, chooses
    the grids and numbers them. None where no unit is left of the street: others hold the same ground. progress may raise to
    cancel.
    """
    near, options = task
    clock = _Clock(progress)
    clock.enter("Clean")
    own = streets.own(near)
    inputs = own.inputs
    if inputs.nest.empty:
        return None
    layers: dict[str, gpd.GeoDataFrame] = {}
    log: list[gpd.GeoDataFrame] = [own.edits.assign(layer="nest")]
    held = [pd.DataFrame({"layer": [], "id": [], "area_m2": [], "parts": []})]
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
    atoms = _parted(atoms, inputs, options)
    pieces = _cut(atoms, inputs, options)
    start = None
    if options.norm is not None and len(pieces) > len(atoms):
        clock.enter("Partition")
        first = _partition(_with_cuts(pieces, atoms), inputs, options, clock.first, effort=ROUGH)
        clock.enter("Weigh")
        pieces, start = recut.redrawn(pieces, atoms, first.atoms, straight.Homes(*_homes(inputs, options)), options.norm)
        pieces = _on_grid(pieces)
    clock.enter("Partition")
    plan = _partition(pieces, inputs, options, clock.report, effort=Effort.within(options.time_limit_s), start=start)
    final = numbering.number(plan.grids, previous=inputs.previous)
    renamed = dict(zip(plan.grids["grid_code"], final, strict=True))
    grids = plan.grids.assign(grid_code=final.to_numpy()).sort_values("grid_code", ignore_index=True)
    atoms = plan.atoms.assign(grid_code=plan.atoms["grid_code"].map(renamed))
    clock.leave()
    return Street(
        atoms=atoms,
        grids=grids,
        rim=_rim(atoms, frame.geometry.iloc[0]),
        edits=pd.concat(log, ignore_index=True),
        held=pd.concat(held, ignore_index=True),
        unheld={name: layer[~layer.index.isin(atoms[name].dropna())] for name, layer in inputs.layers.items()},
        units=[{**unit, "reasons": _reasons(unit["reasons"], renamed)} for unit in plan.units],
        lengths=explain.border_lengths(atoms),
        own=replace(
            own,
            inputs=replace(inputs, layers={}, weights=None, along=None, barriers=None, previous=None, pins=None, around=None),
        ),
        households=_households(inputs, options),
        pinned=() if inputs.pins is None else tuple(pinning.pins(plan.atoms, inputs.pins)),
        touching=near.touching,
        sharing=near.sharing,
        seconds=clock.seconds,
    )


def _parted(atoms: gpd.GeoDataFrame, inputs: Inputs, options: Options) -> gpd.GeoDataFrame:
    """Cut the atoms that a barrier crosses."""
    if inputs.barriers is None:
        return atoms
    parted = at_barriers(atoms, inputs.barriers, within_m=options.objective.barrier_within_m)
    return atoms if parted is atoms else _on_grid(parted)


def _cut(atoms: gpd.GeoDataFrame, inputs: Inputs, options: Options) -> gpd.GeoDataFrame:
    """Cut the atoms above the norm where borders were given for that."""
    if inputs.along is None or options.norm is None:
        return atoms
    return _on_grid(cut(atoms, inputs.along, *_homes(inputs, options), options.norm[1]))


def _on_grid(atoms: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = stitch.on_grid(atoms.geometry.to_numpy())
    return atoms.set_geometry(gpd.GeoSeries(shapes, index=atoms.index, crs=atoms.crs))


def _with_cuts(pieces: gpd.GeoDataFrame, atoms: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the pieces of the nest units in which an atom is cut."""
    cut_up = np.bincount(recut.parents(pieces, atoms), minlength=len(atoms)) > 1
    return pieces[pieces["nest_id"].isin(atoms["nest_id"].to_numpy()[cut_up])]


def _households(inputs: Inputs, options: Options) -> bool:
    """Say whether there are households; without them the norm is one of area."""
    return inputs.weights is not None and options.weight_column is not None


def _homes(inputs: Inputs, options: Options) -> tuple[gpd.GeoDataFrame, str]:
    """Give what the norm counts, and the column it stands in."""
    if inputs.weights is not None and options.weight_column is not None:
        return inputs.weights, options.weight_column
    return inputs.nest[["geometry"]].assign(area_m2=inputs.nest.area), "area_m2"


def _partition(
    pieces: gpd.GeoDataFrame, inputs: Inputs, options: Options, progress: Progress, *, effort: Effort,
    start: pd.Series | None = None,
) -> Plan:  # fmt: skip
    """Weigh the pieces and choose the grids."""
    pinned = {} if inputs.pins is None else pinning.pins(pieces, inputs.pins)
    return partition(
        pieces,
        weights=weigh(pieces, *_homes(inputs, options)) if _households(inputs, options) else None,
        norm=options.norm,
        settings=options.objective,
        seed=options.seed,
        barriers=inputs.barriers,
        pins=[pin for pins in pinned.values() for pin in pins],
        start=start,
        effort=effort,
        progress=progress,
    )


def _rim(atoms: gpd.GeoDataFrame, ground: shapely.Geometry) -> NDArray[np.intp]:
    """Give the places of the atoms near the street's outline."""
    outline = shapely.boundary(ground)
    shapely.prepare(outline)
    return np.flatnonzero(shapely.dwithin(outline, atoms.geometry.to_numpy(), 2 * stitch.REACH_M))


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
