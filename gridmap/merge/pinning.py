"""Pins as people give them: places on the map, each with the name of the grid that its ground belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import terms
from gridmap.errors import InputError, MergeError
from gridmap.merge import noding
from gridmap.merge.pins import InGrid, Locked, Pin

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME, LOCKED = "grid", "locked"
"""Columns: whose ground it is, and whether the grid is that ground and nothing else."""

APART = terms.key("Places pinned to {grid} lie in different communities or outside; a grid stays inside one.")

YES = frozenset({"1", "1.0", "true", "yes", "y", "是"})
"""What stands for yes in a table."""


def by_name(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give one row for each name in column ``grid``: its places together, locked where one of them is; index = the name.

    places: points and areas in one CRS. Raises InputError where there is no such column, a name is missing, or a line is given.
    """
    if NAME not in places.columns:
        raise InputError("The pins need a column {column} with the name of the grid that each place belongs to.", column=NAME)
    shapes, names = places.geometry.to_numpy(), places[NAME]
    if names.isna().any() or (names.astype(str).str.strip() == "").any():
        raise InputError("A pin has no name in its column {column}.", column=NAME)
    if (shapely.get_dimensions(shapes) == 1).any():
        raise InputError("Pins are points or areas; a line says of no ground whose it is.")
    locked = places[LOCKED].astype(str).str.strip().str.lower().isin(YES) if LOCKED in places.columns else names.isna()
    rows = {
        str(name).strip(): (shapely.geometrycollections(shapes[at]), bool(locked.to_numpy()[at].any()))
        for name, at in names.groupby(names.astype(str).str.strip()).indices.items()
    }
    frame = pd.DataFrame({NAME: list(rows), LOCKED: [lock for _, lock in rows.values()]}, index=list(rows))
    return gpd.GeoDataFrame(frame, geometry=np.array([shape for shape, _ in rows.values()], dtype=object), crs=places.crs)


def pins(atoms: gpd.GeoDataFrame, named: gpd.GeoDataFrame) -> dict[str, list[Pin]]:
    """Put pins in terms of atoms: an area pins the atoms whose inside it holds, a point or a small area the one it lies in.

    named: one row a name (see by_name), same CRS as the atoms, which are those of one street. Gives the pins of each name that
    has a place here. Raises MergeError where others of its places lie in none of the atoms.
    """
    shapes = atoms.geometry.to_numpy()
    inside, tree = noding.inside(shapes), shapely.STRtree(shapes)
    found: dict[str, list[Pin]] = {}
    for name, places, locked in zip(named[NAME], named.geometry, named[LOCKED], strict=True):
        parts = shapely.get_parts(shapely.get_parts(np.array([places], dtype=object)))
        held = [_under(part, shapes, inside, tree) for part in parts]
        if not any(len(at) for at in held):
            continue  # another street's
        if not all(len(at) for at in held):
            raise MergeError(APART, grid=name)
        mine = tuple(np.unique(np.concatenate(held)).tolist())
        found[str(name)] = [Locked(mine)] if locked else []
        found[str(name)] += [InGrid(atom, str(name)) for atom in mine]
    return found


def _under(
    place: shapely.Geometry, shapes: NDArray[np.object_], inside: NDArray[np.object_], tree: shapely.STRtree
) -> NDArray[np.intp]:
    """Give the atoms that a place pins."""
    near = np.sort(tree.query(place, predicate="intersects"))
    if shapely.get_dimensions(place) == 2:
        whole = near[shapely.contains(place, inside[near])]
        if len(whole):
            return whole
        near = near[shapely.contains(shapes[near], shapely.point_on_surface(place))]
    return near[:1]
