"""Where the departments' borders agree and where they do not: every piece of border with the layers that draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.merge import borders

if TYPE_CHECKING:
    from collections.abc import Sequence


def new_borders(atoms: gpd.GeoDataFrame, layers: Sequence[str]) -> gpd.GeoDataFrame:
    """Give the borders between grids of one nest unit that no layer draws, a row a nest unit.

    atoms: as for `disagreements`, with ``nest_id`` and ``grid_code``. Columns: nest_id, length_m, geometry (lines, the atoms'
    CRS).
    """
    found = borders.shared_segments(np.asarray(atoms.geometry.array))
    new = _parts(atoms["grid_code"], found) & ~_parts(atoms["nest_id"], found)
    for layer in layers:
        new &= ~_parts(atoms[layer], found)
    nest, metres = atoms["nest_id"].to_numpy()[found.one], borders.lengths(found)
    rows = []
    for unit, at in pd.Series(np.flatnonzero(new)).groupby(nest[new]):
        rows.append((unit, float(metres[at.to_numpy()].sum()), borders.joined(_of(found, at.to_numpy()))))
    return gpd.GeoDataFrame(rows, columns=["nest_id", "length_m", "geometry"], geometry="geometry", crs=atoms.crs)


def _of(found: borders.Segments, which: np.ndarray) -> borders.Segments:
    return borders.Segments(*(column[which] for column in found))


def _parts(labels: pd.Series, found: borders.Segments) -> np.ndarray:
    """Say which segments lie between two labels; no label is one as well."""
    number = pd.factorize(labels)[0]
    return np.asarray(number[found.one] != number[found.two])


def disagreements(atoms: gpd.GeoDataFrame, layers: Sequence[str]) -> gpd.GeoDataFrame:
    """Give the inner borders of the atoms, joined by which layers draw them.

    atoms: a valid coverage in a metric CRS with one id column a layer (see overlay); a layer draws a border where the atoms
    on its two sides lie in different grids of it, or in one and in none. Columns: holders (the layers' keys, comma between,
    in the order given), n (how many), length_m, geometry (lines, the atoms' CRS); the most held first. Borders that no layer
    draws, such as those along which an atom was cut, are left out.
    """
    found = borders.shared_segments(np.asarray(atoms.geometry.array))
    held = np.zeros((len(found.one), len(layers)), bool)
    for place, layer in enumerate(layers):
        ids = pd.factorize(atoms[layer])[0]  # -1 where the layer has no grid
        held[:, place] = ids[found.one] != ids[found.two]
    kind = held @ (1 << np.arange(len(layers)))
    length = borders.lengths(found)
    rows = []
    for value in np.unique(kind[kind > 0]):
        among = kind == value
        names = [layer for place, layer in enumerate(layers) if value >> place & 1]
        rows.append((",".join(names), len(names), float(length[among].sum()), borders.joined(_of(found, among))))
    frame = gpd.GeoDataFrame(rows, columns=["holders", "n", "length_m", "geometry"], geometry="geometry", crs=atoms.crs)
    return frame.sort_values(["n", "length_m"], ascending=False, ignore_index=True)
