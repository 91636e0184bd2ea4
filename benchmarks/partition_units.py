"""Nest units for ``partition.py``, made up and real, as its peers want them; what parting one costs, and how it is mended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
import synthetic
from main_job import ALONG, LAYERS, NEST, ROOT, WEIGHTS

from gridmap import merge
from gridmap.merge import nodes
from gridmap.merge.objective import Objective, zone_cost

if TYPE_CHECKING:
    from gridmap.merge.nodes import NestUnit
    from gridmap.merge.objective import Unit

NORM = (300.0, 500.0)
REAL_NORM = (600.0, 1000.0)
LARGEST = 60
"""Nodes of the largest real unit: peers take minutes beyond."""


@dataclass(frozen=True)
class Case:
    """One unit: the search's graph, the same as a networkx graph, and its nodes as a frame with old grids as columns."""

    name: str
    unit: Unit
    graph: nx.Graph
    frame: gpd.GeoDataFrame

    def parts(self) -> list[int]:
        """Numbers of grids that the norm allows for."""
        total = self.unit.weight.sum()
        fewest, most = int(np.ceil(total / self.unit.high)), int(total // self.unit.low)
        return sorted({min(len(self.unit.weight), max(1, n)) for n in (fewest, (fewest + most) // 2, most)})


def case(cells: int, seed: int) -> Case:
    """Make a unit whose four layers have about ``cells`` grids each."""
    rng = np.random.default_rng(seed)
    side = 250.0 * np.sqrt(cells)
    common = rng.uniform(0, side, (int(0.7 * cells), 2))
    layers = {}
    for key in synthetic.KEYS[1:]:
        points = np.vstack([common, rng.uniform(0, side, (cells - len(common), 2))])
        layers[key] = synthetic.frame(synthetic.coverage(points, side, 40), key, rng, 2.0)
    ground = shapely.box(*shapely.total_bounds(layers["zongzhi"].geometry.to_numpy()))
    nest = gpd.GeoDataFrame(geometry=[ground], index=["990199001001"], crs=synthetic.CRS)
    atoms = merge.overlay({key: merge.clean(layer, nest=nest).layer for key, layer in layers.items()}, nest=nest)
    homes = rng.lognormal(0, 0.8, len(atoms)) * atoms.area.to_numpy()
    homes *= min(cells * 260.0 / homes.sum(), 0.9 * NORM[1] / homes.max())
    (found,) = nodes.nest_units(atoms, homes, norm=NORM, settings=Objective(), pins=(), barriers=None)
    return laid_out(found, atoms, tuple(layers))


def real(data: Path, count: int) -> list[Case]:
    """Merge Washington in a process of its own; give ``count`` of its communities of up to LARGEST nodes, of all sizes."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-c", "from gridmap.cli import main; main()", "merge", "--nest", f"{data / NEST}.parquet"]
        command += [part for key, name in LAYERS.items() for part in ("--layer", f"{key}={data / name}.parquet")]
        command += ["--weights", f"{data / WEIGHTS}.parquet:HHBYTAZ", "--cut-along", f"{data / ALONG}.parquet"]
        command += ["--norm", f"{REAL_NORM[0]:.0f}:{REAL_NORM[1]:.0f}", "--crs", "26985", "--out", scratch]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT)
        atoms = gpd.read_parquet(Path(scratch) / "atoms.parquet")
    homes = atoms["weight"].to_numpy(float)
    plain = atoms.drop(columns=["weight", "grid_code"])
    found = nodes.nest_units(plain, homes, norm=REAL_NORM, settings=Objective(), pins=(), barriers=None)
    # One piece alone leaves no choice, and a community below the norm's middle makes one grid.
    fit = [one for one in found if 3 <= len(one.graph.weight) <= LARGEST and one.graph.weight.sum() > sum(REAL_NORM)]
    fit.sort(key=lambda one: (len(one.graph.weight), one.nest_id))
    chosen = [fit[i] for i in np.unique(np.linspace(0, len(fit) - 1, count).round().astype(int))] if fit else []
    return [laid_out(one, plain, tuple(LAYERS)) for one in chosen]


def laid_out(found: NestUnit, atoms: gpd.GeoDataFrame, layers: tuple[str, ...]) -> Case:
    """Give a unit as its peers want it."""
    unit = found.graph
    graph = nx.Graph()
    graph.add_nodes_from(range(len(unit.weight)))
    for u in range(len(unit.weight)):
        graph.nodes[u]["homes"] = float(unit.weight[u])
        for at in range(unit.pointer[u], unit.pointer[u + 1]):
            graph.add_edge(u, int(unit.neighbour[at]), keep=float(unit.inside[at]), draw=float(unit.leaving[at]))
    frame = atoms.iloc[found.atoms[np.argsort(found.node)]].reset_index(drop=True)
    frame["homes"] = unit.weight
    names = {f"is_{key}_{name}": frame[key] == name for key in layers for name in sorted(frame[key].dropna().unique())}
    frame = frame.assign(**{name: there.astype(float) for name, there in names.items()})
    return Case(f"{len(unit.weight)} atoms", unit, graph, frame)


def price(case: Case, zone: np.ndarray) -> float:
    """Judge a partition from the outside: every zone in one piece, and what it costs straight from the formula."""
    total = 0.0
    for z in np.unique(zone):
        members = np.flatnonzero(zone == z)
        if not nx.is_connected(case.graph.subgraph(members.tolist())):
            return np.inf
        total += zone_cost(case.unit, members)
    return total


def mended(case: Case, zone: np.ndarray) -> np.ndarray:
    """Split zones in parts, then merge the two that gain most until no merge gains."""
    zone = zone.copy()
    pieces = [list(part) for z in np.unique(zone)
              for part in nx.connected_components(case.graph.subgraph(np.flatnonzero(zone == z).tolist()))]  # fmt: skip
    for number, part in enumerate(pieces):
        zone[part] = number
    costs = {z: zone_cost(case.unit, np.flatnonzero(zone == z)) for z in np.unique(zone)}
    gains: dict[tuple[int, int], float] = {}
    while True:
        pairs = {tuple(sorted((int(zone[a]), int(zone[b])))) for a, b in case.graph.edges if zone[a] != zone[b]}
        for pair in pairs - gains.keys():
            joined = zone_cost(case.unit, np.flatnonzero(np.isin(zone, pair)))
            gains[pair] = costs[pair[0]] + costs[pair[1]] - joined
        best = max(pairs, key=lambda pair: (gains[pair], pair), default=None)
        if best is None or gains[best] <= 0:
            return zone
        costs[best[0]] += costs[best[1]] - gains[best]
        zone[zone == best[1]] = best[0]
        gains = {pair: gain for pair, gain in gains.items() if not set(pair) & set(best)}


def best_of(case: Case, tries: list[np.ndarray]) -> np.ndarray:
    """Mend each try; give the cheapest."""
    return min((mended(case, zone) for zone in tries), key=lambda zone: price(case, zone))
