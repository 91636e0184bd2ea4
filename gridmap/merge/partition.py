"""Atoms to all-subject grids: each nest unit parted into connected zones of least cost."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.errors import InputError, MergeError
from gridmap.merge import nodes, numbering
from gridmap.merge.objective import Floats, Ints, Objective
from gridmap.merge.reasons import AREA, HOUSEHOLDS, out_of_norm
from gridmap.merge.solve import solve
from gridmap.merge.whole import Effort

if TYPE_CHECKING:
    from gridmap.merge.pins import Pin

Progress = Callable[[str, float], None] | None


@dataclass(frozen=True)
class Plan:
    """A unified grid for every atom.

    atoms: the atoms with ``weight`` and ``grid_code``. grids: ``grid_code, nest_id, weight, area_m2, geometry``.
    layers: the layers' columns in atoms. norm: (low, high) households, or None.
    units: one record a nest unit: ``nest_id, atoms, grids, objective, bound, gap, seconds, reasons``; seconds of CPU;
    bound and gap are None where there is no bound; reasons holds one record (grid_code, weight, message, values) for
    each grid out of norm.
    """

    atoms: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    layers: tuple[str, ...]
    norm: tuple[float, float] | None
    units: list[dict[str, Any]]


def partition(
    atoms: gpd.GeoDataFrame, *, weights: pd.Series | None = None, norm: tuple[float, float] | None = None,
    pins: Sequence[Pin] = (), settings: Objective | None = None, seed: int = 0, barriers: gpd.GeoDataFrame | None = None,
    start: pd.Series | None = None, effort: Effort | None = None, progress: Progress = None,
) -> Plan:  # fmt: skip
    """Part every nest unit's atoms into connected grids of least cost (objective.py has the formula).

    atoms: a valid coverage of polygons in a metric CRS with one column a layer, ``nest_id`` and, where ground must not be
    cut, ``unit_id``. weights: households an atom, by the atoms' index; without them area in m². norm: (low, high).
    pins: what is fixed beforehand, by the atoms' positions.
    barriers: lines a grid should not cross, with a ``weight`` if wanted.
    start: a plan to begin from, a grid's name for each atom by the atoms' index; a short search betters it.
    The same atoms, in any order, and the same seed give the same grids. ``progress`` may raise to cancel.
    Raises MergeError for atoms or pins that cannot be used, InputError for a norm that makes no sense.
    """
    settings = settings or Objective()
    if norm is not None and not (0 <= norm[0] <= norm[1] and 0 < norm[1] < np.inf):
        raise InputError("The norm {low}:{high} is not a range from a lower to a higher figure.", low=norm[0], high=norm[1])
    weight = _weights(atoms, weights)
    if atoms.geometry.is_empty.any() or (atoms.geom_type != "Polygon").any():
        raise MergeError("An atom is not one polygon; overlay the layers again.")
    units = nodes.nest_units(atoms, weight, norm=norm, settings=settings, pins=pins, barriers=barriers)
    compounds = atoms["unit_id"].to_numpy(dtype=object) if "unit_id" in atoms.columns else None
    counted = HOUSEHOLDS if weights is not None else AREA
    grid = np.full(len(atoms), -1, np.int64)
    records: list[dict[str, Any]] = []
    count = 0
    for number, unit in enumerate(units):
        if progress is not None:
            progress("Merging grids", number / len(units))
        began = time.process_time()
        first = _start(unit, start, atoms)
        found = solve(unit.graph, seed=seed_of(unit.nest_id, seed), effort=effort or Effort(), start=first)
        grid[unit.atoms] = found.zone[unit.node] + count
        zones = int(found.zone.max()) + 1
        records.append({
            "nest_id": unit.nest_id, "atoms": len(unit.atoms), "grids": zones, "objective": round(found.cost, 3),
            "bound": None if found.bound is None else round(found.bound, 3),
            "gap": None if found.bound is None else round(max(0.0, found.cost - found.bound) / max(found.cost, 1e-9), 6),
            "seconds": round(time.process_time() - began, 3),
            "reasons": out_of_norm(unit, found.zone, count, compounds=compounds, counted=counted),
        })  # fmt: skip
        count += zones
    if progress is not None:
        progress("Merging grids", 1.0)
    return _plan(atoms, weight, grid, norm, records)


def _start(unit: nodes.NestUnit, start: pd.Series | None, atoms: gpd.GeoDataFrame) -> Ints | None:
    """Give each node's zone in the plan to begin from, where it knows of this nest unit."""
    names = None if start is None else start.reindex(atoms.index).to_numpy()
    return None if names is None or pd.isna(names[unit.atoms]).all() else nodes.zones_named(unit, names)


def seed_of(nest_id: str, seed: int) -> int:
    """Give the seed of one nest unit, which depends on nothing but its id and ``seed``."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{nest_id}".encode()).digest()[:8], "little")


def _weights(atoms: gpd.GeoDataFrame, weights: pd.Series | None) -> Floats:
    if weights is None:
        return np.asarray(atoms.geometry.area.to_numpy(np.float64))
    found = weights.reindex(atoms.index).to_numpy(np.float64, na_value=np.nan)
    if not np.isfinite(found).all() or (found < 0).any():
        raise MergeError("Every atom needs a number of households of at least 0.")
    return np.asarray(found)


def dissolve(geometry: np.ndarray, group: Ints) -> np.ndarray:
    """Give one polygon for each group of atoms, numbered from 0; their inner borders go, every other vertex stays.

    Raises MergeError if the atoms of a group do not make one polygon.
    """
    by = np.argsort(group, kind="stable")
    parts = np.split(geometry[by], np.flatnonzero(np.diff(group[by])) + 1)
    whole = np.array([part[0] if len(part) == 1 else shapely.coverage_union_all(part) for part in parts])
    odd = np.flatnonzero((shapely.get_type_id(whole) != 3) | ~shapely.is_valid(whole))
    for i in odd:
        whole[i] = shapely.union_all(parts[i])
        if shapely.get_type_id(whole[i]) != 3 or not shapely.is_valid(whole[i]):
            raise MergeError("A grid's atoms do not form one polygon; the atoms are no valid coverage.")
    return whole


def _plan(
    atoms: gpd.GeoDataFrame, weight: Floats, grid: Ints, norm: tuple[float, float] | None, records: list[dict[str, Any]]
) -> Plan:  # fmt: skip
    """Dissolve, number and lay out the tables."""
    shapes = dissolve(atoms.geometry.to_numpy(), grid)
    first = np.unique(grid, return_index=True)[1]
    nest = atoms["nest_id"].astype(str).to_numpy()[first]
    heavy = np.bincount(grid, weights=weight)
    grids = gpd.GeoDataFrame(
        {"nest_id": nest, "weight": heavy, "area_m2": shapely.area(shapes)}, geometry=shapes, crs=atoms.crs
    )
    codes = numbering.number(grids).to_numpy()
    grids.insert(0, "grid_code", codes)
    for record in records:
        for reason in record["reasons"]:
            reason["grid_code"] = codes[reason.pop("grid")]
    done = atoms.copy()
    done["weight"] = weight
    done["grid_code"] = codes[grid]
    return Plan(done, grids.sort_values("grid_code", ignore_index=True), nodes.layer_names(atoms), norm, records)
