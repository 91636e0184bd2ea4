"""One street's way from departments' layers to all-subject grids."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.merge import edits, explain, numbering, pinning, stitch, streets
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
    weights = None
    if inputs.weights is not None and options.weight_column is not None:
        weights = weigh(atoms, inputs.weights, options.weight_column)
    clock.enter("Partition")
    pinned = {} if inputs.pins is None else pinning.pins(atoms, inputs.pins)
    plan = partition(
        atoms,
        weights=weights,
        norm=options.norm,
        settings=options.objective,
        seed=options.seed,
        barriers=inputs.barriers,
        pins=[pin for pins in pinned.values() for pin in pins],
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
        households=weights is not None,
        pinned=tuple(pinned),
        touching=near.touching,
        sharing=near.sharing,
        seconds=clock.seconds,
    )


def _parted(atoms: gpd.GeoDataFrame, inputs: Inputs, options: Options) -> gpd.GeoDataFrame:
    """Cut the atoms that a barrier crosses, and those above the norm where borders were given for that."""
    parted = atoms
    if inputs.barriers is not None:
        parted = at_barriers(parted, inputs.barriers, within_m=options.objective.barrier_within_m)
    if inputs.along is not None and options.norm is not None:
        if inputs.weights is None or options.weight_column is None:  # the norm is one of area
            ground = inputs.nest[["geometry"]].assign(area_m2=inputs.nest.area)
            parted = cut(parted, inputs.along, ground, "area_m2", options.norm[1])
        else:
            parted = cut(parted, inputs.along, inputs.weights, options.weight_column, options.norm[1])
    if parted is not atoms:
        parted.geometry = gpd.GeoSeries(stitch.on_grid(parted.geometry.to_numpy()), index=parted.index, crs=parted.crs)
    return parted


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
