"""Cuts drawn anew for a plan: where two of its grids part an atom, the shortest line that lets both meet the norm.

The cuts that the search chose from were drawn before anyone knew where grids would run. Once a plan uses one, it is known what
each of its two grids holds elsewhere, and so how many households of the atom either may take: mostly a wide range, in which
the shortest cut is shorter, and lies where neither grid misses the norm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.merge import noding, slivers, straight
from gridmap.merge.borders import shared_segments
from gridmap.merge.cut import parted

if TYPE_CHECKING:
    import numpy.typing as npt

    from gridmap.merge.objective import Floats, Ints
    from gridmap.merge.straight import Homes

SURE = 0.01
"""Share of a place's households by which both grids keep clear of the norm's ends: where a line runs is found on samples."""

LEAST = 0.03
"""Share of a place's households that either grid must take for a line to be drawn."""

TRIES = 9
"""Shares tried, between the least and the most that one of the grids may take."""


def redrawn(
    pieces: gpd.GeoDataFrame, atoms: gpd.GeoDataFrame, plan: pd.DataFrame, homes: Homes, norm: tuple[float, float]
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Give the pieces of atoms that a plan needs, with new lines where it parts an atom; and the grid of each in that plan.

    pieces: cut from ``atoms``, a valid coverage with a fresh index. plan: ``weight`` and ``grid_code`` of the pieces that are
    planned, by the pieces' index; the others come back as they are, without a grid. homes and norm: in the plan's unit. Cuts
    that the plan does not use are gone. Returns what cut.cut returns, and a Series by its index.
    """
    whole = _whole(pieces.join(plan[["weight", "grid_code"]]), atoms)
    shapes, grid, parent = whole.geometry.to_numpy(), whole["grid_code"].to_numpy(), whole["parent"].to_numpy()
    segments = shared_segments(shapes)
    pairs = np.unique(np.column_stack([segments.one, segments.two]), axis=0)
    one, two = pairs.T
    pairs = pairs[(parent[one] == parent[two]) & pd.notna(grid[one]) & pd.notna(grid[two])]
    held = whole["weight"].to_numpy()
    elsewhere = whole.groupby("grid_code")["weight"].sum().reindex(grid).to_numpy() - held
    lines = [line for pair in pairs for line in _between(shapes[pair], held[pair], elsewhere[pair], homes, norm)]
    may_cut = np.isin(np.arange(len(whole)), pairs)
    parts = parted(shapes, may_cut, np.array(lines, dtype=object))
    done = whole.iloc[np.repeat(np.arange(len(whole)), [len(part) for part in parts])].reset_index(drop=True)
    done = done.set_geometry(gpd.GeoSeries(np.concatenate(parts), crs=atoms.crs))
    return done.drop(columns=["weight", "grid_code", "parent"]), done["grid_code"]


def parents(pieces: gpd.GeoDataFrame, atoms: gpd.GeoDataFrame) -> Ints:
    """Give the place of the atom that each piece is cut from."""
    inside = noding.inside(pieces.geometry.to_numpy())
    piece, atom = shapely.STRtree(atoms.geometry.to_numpy()).query(inside, predicate="intersects")
    found = np.zeros(len(pieces), np.int64)
    found[piece] = atom
    return found


def _whole(pieces: gpd.GeoDataFrame, atoms: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put pieces of one atom together where they are in one grid; ``parent``: the atom each comes from."""
    shapes, parent = pieces.geometry.to_numpy(), parents(pieces, atoms)
    grid = pd.factorize(pieces["grid_code"])[0]
    segments = shared_segments(shapes)
    one, two = segments.one, segments.two
    same = (parent[one] == parent[two]) & (grid[one] == grid[two]) & (grid[one] >= 0)
    links = coo_array((np.ones(same.sum()), (one[same], two[same])), shape=(len(shapes), len(shapes)))
    group = np.asarray(connected_components(links, directed=False)[1], np.int64)
    first = np.unique(group, return_index=True)[1]
    weight = np.bincount(group, pieces["weight"].fillna(0.0).to_numpy())
    done = pieces.iloc[first].assign(parent=parent[first], weight=weight).reset_index(drop=True)
    return done.set_geometry(gpd.GeoSeries(slivers.union_by(shapes, group), crs=pieces.crs))


def _between(
    shapes: npt.NDArray[np.object_], held: Floats, elsewhere: Floats, homes: Homes, norm: tuple[float, float]
) -> list[shapely.LineString]:
    """Draw the line between two grids' ground in an atom anew: for both to meet the norm or, where that cannot be, for each.

    held, elsewhere: what each of the two has of this ground and of other ground.
    """
    ground = shapely.coverage_union_all(shapes)
    if not isinstance(ground, shapely.Polygon):
        return []
    here = float(held.sum())
    low, high = norm[0] + SURE * here, norm[1] - SURE * here
    mine, other = (low - elsewhere[0], high - elsewhere[0]), (here + elsewhere[1] - high, here + elsewhere[1] - low)
    both = max(mine[0], other[0]), min(mine[1], other[1])
    ranges = [
        (max(least, LEAST * here), min(most, (1 - LEAST) * here))
        for least, most in ([both] if both[0] <= both[1] else [mine, other])
    ]
    ranges = [(least, most) for least, most in ranges if least <= most]
    if not ranges:
        return []
    xy, households = straight.sample(ground, *homes.near(ground))
    sides = shapely.get_coordinates(shapely.point_on_surface(shapes))
    shares = [np.linspace(least, most, TRIES) / here for least, most in ranges]
    lines = [straight.between(ground, xy, households, part, sides) for part in shares]
    return [line for line in lines if line is not None]
