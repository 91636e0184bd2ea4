"""The ground a plan is edited on: one street's atoms, who touches whom, which old borders lie between them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.errors import MergeError
from gridmap.merge import borders, nodes
from gridmap.merge.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from pyproj import CRS

    from gridmap.merge.nodes import NestUnit
    from gridmap.merge.objective import Floats, Ints


_serials = itertools.count()


@dataclass(frozen=True)
class Pairs:
    """Atoms of one nest unit that touch along a line: ``one < two``, the metres they share, and which layers part them."""

    one: Ints
    two: Ints
    metres: Floats
    parted: np.ndarray

    def around(self, atom: int) -> Ints:
        """Give the places of the pairs an atom is in."""
        return np.flatnonzero((self.one == atom) | (self.two == atom))


@dataclass(frozen=True, eq=False)
class Board:
    """What stays while a street's plan is edited; whatever is worked out from it is worked out once.

    atoms: a valid coverage in a metric CRS, RangeIndex, columns nest_id, a column a layer, ``weight`` (households),
    ``incidents`` (a month; may be missing) and, where ground must not be cut, unit_id. norm: households low, high.
    """

    atoms: gpd.GeoDataFrame
    norm: tuple[float, float] | None = None
    settings: Objective = field(default_factory=Objective)
    barriers: gpd.GeoDataFrame | None = None
    serial: int = field(init=False, default_factory=_serials.__next__)
    """Tells this board from every other of the process, also from one that has its place in memory later."""

    def __post_init__(self) -> None:
        """Refuse atoms without what every edit needs."""
        missing = {"nest_id", "weight"} - set(self.atoms.columns)
        if missing:
            raise MergeError("The atoms have no column {column}.", column=min(missing))

    def __len__(self) -> int:
        return len(self.atoms)

    @property
    def crs(self) -> CRS:
        """Give the metric CRS of the atoms."""
        found = self.atoms.crs
        if found is None:
            raise MergeError("The atoms say no coordinate system.")
        return found

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Name the departments' layers."""
        return layer_names(self.atoms)

    @cached_property
    def weight(self) -> Floats:
        """Give the households of each atom."""
        return self.atoms["weight"].to_numpy(np.float64)

    @cached_property
    def area(self) -> Floats:
        """Give the m² of each atom."""
        return np.asarray(self.atoms.geometry.area, np.float64)

    @cached_property
    def incidents(self) -> Floats:
        """Give the incidents a month of each atom; 0 where nobody counted."""
        if "incidents" not in self.atoms.columns:
            return np.zeros(len(self.atoms))
        return self.atoms["incidents"].to_numpy(np.float64)

    @cached_property
    def nest(self) -> tuple[str, ...]:
        """Give the nest unit of each atom."""
        return tuple(self.atoms["nest_id"].astype(str))

    @cached_property
    def codes(self) -> Ints:
        """Number the old grid of each atom in each layer (atoms x layers), -1 for none."""
        columns = [pd.factorize(self.atoms[layer])[0] for layer in self.layers]
        return np.column_stack(columns) if columns else np.zeros((len(self.atoms), 0), np.int64)

    @cached_property
    def old(self) -> tuple[tuple[tuple[str, ...], Ints], ...]:
        """Give, for each layer, the name of each numbered old grid, and of how many atoms it is."""
        found = []
        for place, layer in enumerate(self.layers):
            names = pd.factorize(self.atoms[layer])[1]
            codes = self.codes[:, place]
            found.append((tuple(map(str, names)), np.bincount(codes[codes >= 0], minlength=len(names))))
        return tuple(found)

    @cached_property
    def pairs(self) -> Pairs:
        """Find who touches whom inside the nest units."""
        found = borders.shared_segments(self.atoms.geometry.to_numpy())
        table = pd.DataFrame({"one": found.one, "two": found.two, "metres": borders.lengths(found)})
        nest = pd.factorize(np.array(self.nest, dtype=object))[0]
        table = table[nest[table["one"]] == nest[table["two"]]].groupby(["one", "two"], sort=True, as_index=False).sum()
        one, two = table["one"].to_numpy(np.int64), table["two"].to_numpy(np.int64)
        return Pairs(one, two, table["metres"].to_numpy(np.float64), self.codes[one] != self.codes[two])

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """Give the atoms each atom touches inside its nest unit."""
        listed: list[list[int]] = [[] for _ in range(len(self.atoms))]
        for a, b in zip(self.pairs.one.tolist(), self.pairs.two.tolist(), strict=True):
            listed[a].append(b)
            listed[b].append(a)
        return tuple(tuple(sorted(near)) for near in listed)

    @cached_property
    def units(self) -> dict[str, NestUnit]:
        """Give the nest units as the search sees them, nothing pinned."""
        found = nodes.nest_units(
            self.ground, self.weight, norm=self.norm, settings=self.settings, pins=(), barriers=self.barriers
        )
        return {unit.nest_id: unit for unit in found}

    @cached_property
    def ground(self) -> gpd.GeoDataFrame:
        """Give the atoms with the columns the search takes and no others."""
        kept = [*self.layers, "nest_id", *(["unit_id"] if "unit_id" in self.atoms.columns else []), "geometry"]
        return self.atoms[kept]

    @cached_property
    def whole(self) -> tuple[tuple[int, ...], ...]:
        """Give, for each atom, all atoms that cannot be parted from it (its compound's), itself among them."""
        found: list[tuple[int, ...]] = [(i,) for i in range(len(self.atoms))]
        for unit in self.units.values():
            order = np.argsort(unit.node, kind="stable")
            starts = np.flatnonzero(np.append(True, np.diff(unit.node[order]) > 0))
            for part in np.split(unit.atoms[order], starts[1:]):
                if len(part) > 1:
                    group = tuple(sorted(part.tolist()))
                    for atom in group:
                        found[atom] = group
        return tuple(found)

    def widened(self, atoms: Sequence[int]) -> tuple[int, ...]:
        """Give the atoms and all that cannot be parted from them. Raises MergeError for one that does not exist."""
        chosen: set[int] = set()
        for atom in atoms:
            if not 0 <= atom < len(self.atoms):
                raise MergeError("There is no piece of ground {atom} in this street.", atom=atom)
            chosen.update(self.whole[atom])
        return tuple(sorted(chosen))

    def parts(self, atoms: Sequence[int]) -> list[tuple[int, ...]]:
        """Part atoms into those that hang together, the part of most households first."""
        left = set(atoms)
        found = []
        while left:
            start = min(left)
            left.remove(start)
            part, queue = [start], [start]
            while queue:
                for near in self.neighbours[queue.pop()]:
                    if near in left:
                        left.remove(near)
                        part.append(near)
                        queue.append(near)
            found.append(tuple(sorted(part)))
        return sorted(
            found, key=lambda part: (-float(self.weight[list(part)].sum()), -float(self.area[list(part)].sum()), part)
        )

    def reshaped(self, atoms: gpd.GeoDataFrame) -> Board:
        """Give the board with other atoms: after ground was cut."""
        return replace(self, atoms=atoms)


def layer_names(atoms: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Give the columns of atoms that are a department's layer, in the frame's order."""
    return tuple(name for name in nodes.layer_names(atoms) if name != "incidents")
