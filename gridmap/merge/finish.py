"""The second and third pass over streets: borders between streets are matched, and what lies in several is added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.merge import checks, edits, explain, stitch
from gridmap.merge.crosswalk import crosswalk, layer_columns, with_shares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from gridmap.finding import Finding
    from gridmap.merge.street import Street


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """A street that was merged alone, and the shapes of the atoms along its neighbours' outlines, by their numbers."""

    number: int
    street: Street
    rims: Mapping[int, NDArray[np.object_]]
    norm: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What other streets ask of this one about old grids that lie in both.

    crosswalk: as `merge.crosswalk` gives, of this street alone. held: what each grid has here. said: edits about whole grids,
    without their geometry. rim: the grids along the outline.
    """

    number: int
    crosswalk: pd.DataFrame
    held: pd.DataFrame
    said: pd.DataFrame
    rim: gpd.GeoDataFrame


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A street whose borders match its neighbours'. by_grid: incidents counted; outside: those in no unit."""

    atoms: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    edits: gpd.GeoDataFrame
    tables: Tables
    findings: list[Finding]
    units: list[dict[str, Any]]
    lengths: pd.DataFrame
    seconds: dict[str, float]
    sharing: tuple[int, ...]
    by_grid: dict[str, int]
    incidents: int
    outside: gpd.GeoDataFrame | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One street of the whole merge: its rows of each table, and what it adds to the report.

    old: the old grids that are counted here, each in the first of its streets, as `explain.old_grids` gives them.
    """

    finished: Finished
    crosswalk: pd.DataFrame
    edits: gpd.GeoDataFrame
    findings: list[Finding]
    old: pd.DataFrame


def finish_street(task: Unfinished, progress: Callable[[str, float], None]) -> Finished:
    """Match a street's borders with its neighbours', check its grids and say where its old grids went."""
    street = task.street
    inputs = street.own.inputs
    atoms, grids = _stitched(street, task)
    progress("Check", 0.3)
    table = crosswalk(atoms, layers=[name for name in layer_columns(atoms) if name in street.unheld])
    points = inputs.points
    findings = checks.check(
        grids,
        nest=inputs.nest,
        layers=street.unheld,
        crosswalk=table,
        units=inputs.units,
        points=points,
        norm=task.norm if street.households else None,
    )
    counts: dict[str, int] = {}
    if points is not None:
        at = checks.locate(grids, points)
        tally = pd.Series(at[at >= 0]).value_counts().reindex(range(len(grids)), fill_value=0)
        counts = {str(code): int(n) for code, n in zip(grids["grid_code"], tally, strict=True)}
    said = street.edits[street.edits["what"].isin(edits.WHOLE)]
    outline = shapely.boundary(shapely.union_all(inputs.nest.geometry.to_numpy()))
    shapely.prepare(outline)
    along = shapely.dwithin(outline, grids.geometry.to_numpy(), 2 * stitch.REACH_M)
    progress("Check", 1.0)
    return Finished(
        atoms=atoms,
        grids=grids,
        edits=street.edits,
        tables=Tables(
            number=task.number,
            crosswalk=table,
            held=street.held,
            said=pd.DataFrame(said.drop(columns="geometry")),
            rim=grids.loc[along, ["grid_code", "geometry"]],
        ),
        findings=findings,
        units=street.units,
        lengths=street.lengths,
        seconds=street.seconds,
        sharing=street.sharing,
        by_grid=counts,
        incidents=0 if points is None else len(points),
        outside=street.own.outside,
    )


def _stitched(street: Street, task: Unfinished) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Match the atoms' borders with other streets', and give the grids that touch one their new vertices."""
    atoms, grids = street.atoms, street.grids
    if not task.rims:
        return atoms, grids
    before = atoms.geometry.to_numpy()
    rims = {**task.rims, task.number: before[street.rim]}
    order = sorted(rims)
    number = np.repeat(order, [len(rims[one]) for one in order])
    stitched = stitch.stitch(np.concatenate([rims[one] for one in order]), number)[number == task.number]
    after = before.copy()
    after[street.rim] = stitched
    changed = set(atoms["grid_code"][~shapely.equals_identical(before, after)])
    atoms = atoms.set_geometry(gpd.GeoSeries(after, index=atoms.index, crs=atoms.crs))
    pieces = atoms[atoms["grid_code"].isin(changed)]
    shapes = grids.geometry.to_numpy().copy()
    at = pd.Series(np.arange(len(grids)), index=grids["grid_code"])
    for code, geometry in pieces.groupby("grid_code")["geometry"]:
        shapes[at[code]] = shapely.normalize(shapely.coverage_union_all(geometry.to_numpy()))
    grids = grids.set_geometry(gpd.GeoSeries(shapes, index=grids.index, crs=grids.crs))
    return atoms, grids.assign(area_m2=grids.geometry.area)


def part(own: Finished, others: Sequence[Tables]) -> Part:
    """Complete a street with what old grids that also lie in ``others``, its neighbours, have there.

    An old grid is counted, and a change to the whole of it said, in the first of its streets only.
    """
    number = own.tables.number
    every = sorted([own.tables, *others], key=lambda tables: tables.number)
    rows = pd.concat([tables.crosswalk.assign(street=tables.number) for tables in every], ignore_index=True)
    mine = rows["street"].to_numpy() == number
    # Only grids that lie here matter; others' rows are of use for those alone.
    here = pd.MultiIndex.from_frame(rows.loc[mine, ["layer", "old_id"]]).unique()
    rows = rows[mine | pd.MultiIndex.from_frame(rows[["layer", "old_id"]]).isin(here)]
    area = own.grids.set_index("grid_code")["area_m2"]
    shared = with_shares(rows, area)
    table = shared[rows["street"] == number].reset_index(drop=True)
    first = rows.groupby(["layer", "old_id"], sort=False)["street"].min()
    first = first[first == number]
    old = explain.old_grids(rows)
    old = old[pd.MultiIndex.from_frame(old[["layer", "old_id"]]).isin(first.index)]
    log = own.edits
    if len(log):
        logs = [log.assign(street=number) if t is own.tables else t.said.assign(street=t.number) for t in every]
        whole = edits.together([one for one in logs if len(one)], [tables.held for tables in every])
        mine_alone = whole[whole["street"] == number].drop(columns="street")
        log = gpd.GeoDataFrame(mine_alone, geometry="geometry", crs=own.grids.crs)
    return Part(
        finished=own,
        crosswalk=table,
        edits=log.reset_index(drop=True),
        findings=[*_without_others(own, others), *checks.seams(own.tables.rim, [tables.rim for tables in others])],
        old=old,
    )


def _without_others(own: Finished, others: Sequence[Tables]) -> list[Finding]:
    """Give a street's findings without old grids that only seem to have gone nowhere: another street holds them."""
    elsewhere = {
        (str(layer), str(old))
        for tables in others
        for layer, old in zip(tables.crosswalk["layer"], tables.crosswalk["old_id"], strict=True)
    }

    def stays(finding: Finding) -> bool:
        said = dict(finding.values)
        return finding.kind != "orphan" or (str(said.get("layer")), str(said.get("grid"))) not in elsewhere

    return [finding for finding in own.findings if stays(finding)]
