"""The twelve merge checks (dossier §5.3): what a set of all-subject grids must keep, looked at from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gridmap import codes
from gridmap.finding import Finding
from gridmap.merge import numbering
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely import Geometry

TOLERANCE_M2 = 1.0
"""Land below this is no gap, overlap or overstepping."""

SHARE_TOLERANCE = 1e-6
"""How far the shares of an old grid may be from 1."""


def check(
    grids: gpd.GeoDataFrame,
    *,
    nest: gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoDataFrame],
    crosswalk: pd.DataFrame | None = None,
    units: gpd.GeoDataFrame | None = None,
    points: gpd.GeoDataFrame | None = None,
    norm: tuple[float, float] | None = None,
    assignments: pd.DataFrame | None = None,
    party_orgs: pd.DataFrame | None = None,
    only: Collection[int] = range(1, 13),
) -> list[Finding]:
    """Check a plan's grids against what they were made from; whatever is not given is not checked.

    grids: grid_code, nest_id, geometry and, for the norm, weight; nest: index = nest id; layers: index = old id. All in one
    metric CRS. crosswalk: as `merge.crosswalk` gives. units: compounds or buildings no border may cut, index = unit id.
    points: incidents. norm: households low, high. assignments: grid_code, staff_id, post, duties; party_orgs: grid_code.
    The numbers are those of dossier §5.3: 1 valid rings, 2 matched edges, 3 overlaps, 4 gaps, 5 land outside the community,
    6 compounds cut, 7 parts, 8 norm, 9 incidents in no grid, 10 old grids without a new one, 11 order of codes, 12 the four
    fixings and a Party organisation. only: of 1 to 5, 7 and 11, which need nothing but grids and nest, those to make; 1 and
    7, 4 and 5, and 2 with 3 come together. Returns no finding for what is kept.
    """
    found: list[Finding] = []
    if {1, 7} & set(only):
        found += _rings(grids)
    if {2, 3} & set(only):
        found += _coverage(grids, overlaps=3 in only)
    if {4, 5} & set(only):
        found += _frame(grids, nest)
    if 11 in only:
        found += _codes(grids, nest)
    if norm is not None and "weight" in grids.columns:
        found += _norm(grids, norm)
    if units is not None and len(units):
        found += _units(grids, units)
    if points is not None:
        found += _points(grids, points, nest)
    if crosswalk is not None:
        found += _crosswalk(layers, crosswalk, nest)
    if assignments is not None:
        found += _fixings(grids, assignments)
    if party_orgs is not None:
        found += _party(grids, party_orgs)
    return found


def seams(grids: gpd.GeoDataFrame, others: Sequence[gpd.GeoDataFrame]) -> list[Finding]:
    """Check that grids (grid_code, geometry) match and do not overlap those of ``others``, e.g. of the streets next door."""
    if not others or not len(grids):
        return []
    own = set(grids["grid_code"].astype(str))
    together = pd.concat([grids, *others], ignore_index=True)
    return [finding for finding in _coverage(together) if finding.ids[0] in own]


def _rings(grids: gpd.GeoDataFrame) -> Iterator[Finding]:
    shapes = grids.geometry.to_numpy()
    for place in np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes)):
        code, shape = str(grids["grid_code"].iloc[place]), shapes[place]
        yield Finding(
            "invalid_geom",
            "error",
            key("Grid {grid} is no valid area: {reason}."),
            {"grid": code, "reason": shapely.is_valid_reason(shape)},
            place=shape,
            ids=(code,),
        )
    for place in np.flatnonzero(shapely.get_num_geometries(shapes) != 1):
        code, parts = str(grids["grid_code"].iloc[place]), int(shapely.get_num_geometries(shapes[place]))
        yield Finding(
            "multipart",
            "error",
            key("Grid {grid} lies in {parts} separate parts."),
            {"grid": code, "parts": parts},
            place=shapes[place],
            size=float(parts),
            unit="parts",
            ids=(code,),
        )


def _coverage(grids: gpd.GeoDataFrame, *, overlaps: bool = True) -> Iterator[Finding]:
    shapes = shapely.make_valid(grids.geometry.to_numpy())
    grid_codes = grids["grid_code"].astype(str).to_numpy()
    flat = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    edges = np.full(len(shapes), None, dtype=object)
    edges[flat] = shapely.coverage_invalid_edges(shapes[flat])
    for place in np.flatnonzero(shapely.length(edges) > 0):
        yield Finding(
            "mismatch",
            "error",
            key("The border of grid {grid} does not match its neighbours' over {metres} m."),
            {"grid": grid_codes[place], "metres": round(float(shapely.length(edges[place])), 2)},
            place=edges[place],
            size=float(shapely.length(edges[place])),
            unit="m",
            ids=(grid_codes[place],),
        )
    if not overlaps:
        return
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    # Polygons whose borders match, and that lie in nobody's inside, overlap nothing.
    odd = ~flat | (shapely.length(edges) > 0)
    here = (one < two) & (odd[one] | odd[two])
    one, two = one[here], two[here]
    common = shapely.intersection(shapes[one], shapes[two])
    for pair in np.flatnonzero(shapely.area(common) > TOLERANCE_M2):
        names = (grid_codes[one[pair]], grid_codes[two[pair]])
        yield Finding(
            "overlap",
            "error",
            key("Grids {grid} and {other} overlap by {area} m²."),
            {"grid": names[0], "other": names[1], "area": round(float(shapely.area(common[pair])), 1)},
            place=common[pair],
            size=float(shapely.area(common[pair])),
            unit="m²",
            ids=names,
        )


def _frame(grids: gpd.GeoDataFrame, nest: gpd.GeoDataFrame) -> Iterator[Finding]:
    shapes = shapely.make_valid(grids.geometry.to_numpy())
    home = shapely.make_valid(nest.geometry.to_numpy())
    at = pd.Index(nest.index.astype(str)).get_indexer(grids["nest_id"].astype(str))
    for place in np.flatnonzero(at < 0):
        code = str(grids["grid_code"].iloc[place])
        yield Finding(
            "cross_community",
            "error",
            key("Grid {grid} belongs to no community of the list: {nest}."),
            {"grid": code, "nest": grids["nest_id"].iloc[place]},
            place=shapes[place],
            ids=(code,),
        )
    # A unit that its own grids fill together needs no closer look.
    matched = shapely.coverage_is_valid(shapes[shapely.get_dimensions(shapes) == 2])
    full = np.array([matched and _fills(shapes[at == unit], ground) for unit, ground in enumerate(home)])
    known = np.flatnonzero((at >= 0) & ~full[at])
    outside = shapely.difference(shapes[known], home[at[known]])
    for k in np.flatnonzero(shapely.area(outside) > TOLERANCE_M2):
        code, nest_id = str(grids["grid_code"].iloc[known[k]]), str(grids["nest_id"].iloc[known[k]])
        yield Finding(
            "cross_community",
            "error",
            key("Grid {grid} reaches {area} m² out of its community {nest}."),
            {"grid": code, "nest": nest_id, "area": round(float(shapely.area(outside[k])), 1)},
            place=outside[k],
            size=float(shapely.area(outside[k])),
            unit="m²",
            ids=(code, nest_id),
        )
    # Whoever's grid it is: land covered from next door is an overstepping above, not also a gap.
    unit, grid = shapely.STRtree(shapes).query(home, predicate="intersects")
    for at_home in np.flatnonzero(~full).tolist():
        ground = home[at_home]
        bare = shapely.difference(ground, shapely.union_all(shapes[grid[unit == at_home]]))
        if shapely.area(bare) > TOLERANCE_M2:
            nest_id = str(nest.index[at_home])
            yield Finding(
                "gap",
                "error",
                key("{area} m² of {nest} lie in no grid."),
                {"nest": nest_id, "area": round(float(shapely.area(bare)), 1)},
                place=bare,
                size=float(shapely.area(bare)),
                unit="m²",
                ids=(nest_id,),
            )


def _fills(grids: NDArray[np.object_], ground: Geometry) -> bool:
    """Say whether grids that are a coverage fill the ground and nothing else."""
    whole = shapely.coverage_union_all(grids)
    return bool(shapely.area(shapely.symmetric_difference(whole, ground)) <= TOLERANCE_M2)


def _units(grids: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> Iterator[Finding]:
    shapes, whole = grids.geometry.to_numpy(), shapely.make_valid(units.geometry.to_numpy())
    unit, grid = shapely.STRtree(shapes).query(whole, predicate="intersects")
    part = shapely.intersection(whole[unit], shapes[grid])
    lying = shapely.area(part) > TOLERANCE_M2
    table = pd.DataFrame({"unit": unit[lying], "grid": grid[lying]})
    for place, rows in table.groupby("unit"):
        # Communities are given: a compound standing across two of them is not the plan's doing.
        homes = grids["nest_id"].iloc[rows["grid"]].astype(str)
        cut = [g for _, same in rows.groupby(homes.to_numpy()) if len(same) > 1 for g in same["grid"]]
        if cut:
            name, parts = str(units.index[int(str(place))]), tuple(grids["grid_code"].iloc[cut].astype(str))
            yield Finding(
                "cuts_compound",
                "error",
                key("{unit} is cut: it lies in {grids} grids."),
                {"unit": name, "grids": len(cut)},
                place=whole[int(str(place))],
                size=float(len(cut)),
                unit="grids",
                ids=(name, *parts),
            )


def _norm(grids: gpd.GeoDataFrame, norm: tuple[float, float]) -> Iterator[Finding]:
    low, high = norm
    for code, weight, shape in zip(grids["grid_code"], grids["weight"], grids.geometry, strict=True):
        if low <= weight <= high:
            continue
        few = key("Grid {grid} has {households} households, fewer than {norm}.")
        many = key("Grid {grid} has {households} households, more than {norm}.")
        yield Finding(
            "size_out_of_range",
            "warning",
            few if weight < low else many,
            {"grid": str(code), "households": round(float(weight), 1), "norm": low if weight < low else high},
            place=shape,
            size=float(weight),
            unit="households",
            ids=(str(code),),
        )


def locate(grids: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Give the place of the grid each point lies in, -1 for none; on a border, the one with the smallest code."""
    order = np.argsort(grids["grid_code"].astype(str).to_numpy(), kind="stable")
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    at = np.full(len(points), len(order), dtype=np.intp)
    where = points.geometry.to_numpy()
    point, grid = shapely.STRtree(grids.geometry.to_numpy()).query(where, predicate="intersects")
    np.minimum.at(at, point, rank[grid])
    return np.where(at < len(order), order[np.minimum(at, max(len(order) - 1, 0))], -1) if len(order) else at - 1


def _points(grids: gpd.GeoDataFrame, points: gpd.GeoDataFrame, nest: gpd.GeoDataFrame) -> Iterator[Finding]:
    lost = np.flatnonzero(locate(grids, points) < 0)
    if len(lost) == 0:
        return
    where: Any = points.geometry.to_numpy()[lost]
    inside = np.zeros(len(lost), dtype=bool)
    inside[shapely.STRtree(nest.geometry.to_numpy()).query(where, predicate="intersects")[0]] = True
    sentences = {
        True: key("{points} incidents lie in a community but in no grid."),
        False: key("{points} incidents lie outside every community."),
    }
    for within, sentence in sentences.items():
        some = np.flatnonzero(inside == within)
        if len(some):
            yield Finding(
                "orphan",
                "error" if within else "warning",
                sentence,
                {"points": len(some)},
                place=shapely.union_all(where[some]),
                size=float(len(some)),
                unit="rows",
                ids=tuple(points.index[lost[some]].astype(str)),
            )


def _crosswalk(layers: Mapping[str, gpd.GeoDataFrame], crosswalk: pd.DataFrame, nest: gpd.GeoDataFrame) -> Iterator[Finding]:
    shares = crosswalk.groupby(["layer", "old_id"])["share_of_old"].sum()
    off = shares[(shares - 1).abs() > SHARE_TOLERANCE].reset_index()
    for layer, old_id, share in off.itertuples(index=False):
        yield Finding(
            "orphan",
            "error",
            key("The shares of {layer} grid {grid} sum to {share}, not 1."),
            {"layer": layer, "grid": old_id, "share": round(float(share), 6)},
            place=_shape(layers, str(layer), str(old_id)),
            ids=(str(old_id),),
        )
    home = shapely.union_all(shapely.make_valid(nest.geometry.to_numpy()))
    for name, frame in layers.items():
        known = crosswalk.loc[crosswalk["layer"] == name, "old_id"].astype(str)
        missing = frame[~frame.index.astype(str).isin(known)]
        inside_m2 = shapely.area(shapely.intersection(shapely.make_valid(missing.geometry.to_numpy()), home))
        for missing_id, shape, area in zip(missing.index.astype(str), missing.geometry, inside_m2, strict=True):
            if area > TOLERANCE_M2:
                yield Finding(
                    "orphan",
                    "warning",
                    key("{layer} grid {grid} ({area} m²) has gone into no unified grid under its own name."),
                    {"layer": name, "grid": missing_id, "area": round(float(area), 1)},
                    place=shape,
                    size=float(area),
                    unit="m²",
                    ids=(missing_id,),
                )


def _shape(layers: Mapping[str, gpd.GeoDataFrame], layer: str, old_id: str) -> Geometry | None:
    frame: Any = layers.get(layer)
    if frame is None:
        return None
    at = frame.index.astype(str) == old_id
    return frame.geometry[at].iloc[0] if at.any() else None


def _codes(grids: gpd.GeoDataFrame, nest: gpd.GeoDataFrame) -> Iterator[Finding]:
    official = nest.index.astype(str).str.fullmatch(r"[0-9]{12}").all()
    text = grids["grid_code"].astype(str)
    wrong = text.duplicated(keep=False)
    if official:
        wrong |= ~text.str.fullmatch(r"[0-9]{15}") | (text.str[: codes.COMMUNITY] != grids["nest_id"].astype(str))
    for code, nest_id, shape in zip(text[wrong], grids.loc[wrong, "nest_id"], grids.geometry[wrong], strict=True):
        yield Finding(
            "code_mismatch",
            "error",
            key("The code {grid} is not a code of its own under {nest}."),
            {"grid": code, "nest": nest_id},
            place=shape,
            ids=(code,),
        )
    right, named, shapes = ~wrong.to_numpy(), text.to_numpy(dtype=object), grids.geometry.to_numpy()
    home, nests = pd.factorize(grids["nest_id"].astype(str), sort=True)
    for number, nest_id in enumerate(nests):
        here = np.flatnonzero(right & (home == number))
        sequence = named[here][numbering.reading_order(shapes[here])]
        late = tuple(sequence[1:][sequence[1:] < sequence[:-1]])
        if late:
            yield Finding(
                "code_order",
                "note",
                key("The codes of {nest} do not run west to east and north to south; kept codes are the usual reason."),
                {"nest": nest_id},
                place=shapely.union_all(shapes[here]),
                ids=late,
            )


def _fixings(grids: gpd.GeoDataFrame, assignments: pd.DataFrame) -> Iterator[Finding]:
    whole = assignments.dropna(subset=["grid_code", "staff_id", "post", "duties"])
    whole = whole[[len(duties) > 0 for duties in whole["duties"]]]
    yield from _without(
        grids,
        whole["grid_code"],
        "four_fixings",
        key("Grid {grid} lacks one of the four fixings: grid, person, post and duty."),
    )


def _party(grids: gpd.GeoDataFrame, party_orgs: pd.DataFrame) -> Iterator[Finding]:
    yield from _without(grids, party_orgs["grid_code"], "no_party_org", key("Grid {grid} has no Party branch or Party group."))


def _without(grids: gpd.GeoDataFrame, having: pd.Series, kind: str, sentence: str) -> Iterator[Finding]:
    bare = ~grids["grid_code"].astype(str).isin(having.dropna().astype(str))
    for code, shape in zip(grids["grid_code"][bare], grids.geometry[bare], strict=True):
        yield Finding(kind, "warning", sentence, {"grid": str(code)}, place=shape, ids=(str(code),))
