"""Parting nest units into grids beside its peers, in one run: the same units, the same objective, every result checked.

    python benchmarks/partition.py [--units 8] [--short] [--write]

Units are made up: four departments' near-coincident grids over one square, overlaid, with households drawn by chance. Peers
know nothing of this objective; each gets the best of what it knows (borders as edge weights, old grids as attributes, the
norm as population), its result is mended the same way (loose parts split off, then merged wherever that is cheaper), and the
best of its tries counts. The exact model lists every connected zone of the smallest units and lets HiGHS choose.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import random
import signal
import statistics
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import harness
import networkx as nx
import numpy as np
import shapely
import synthetic

from gridmap import merge
from gridmap.merge import nodes
from gridmap.merge.objective import Objective, zone_cost
from gridmap.merge.solve import solve
from gridmap.merge.whole import Effort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gridmap.merge.objective import Unit

NORM = (300.0, 500.0)
PATIENCE = 8
"""Seconds a method may take for a unit; "did not finish" counts those that took longer."""
EXACT = 16
"""Nodes up to which every connected zone can be listed."""


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
        fewest, most = int(np.ceil(total / NORM[1])), int(total // NORM[0])
        return sorted({max(1, n) for n in (fewest, (fewest + most) // 2, most)})


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
    unit = found.graph
    graph = nx.Graph()
    graph.add_nodes_from(range(len(unit.weight)))
    for u in range(len(unit.weight)):
        graph.nodes[u]["homes"] = float(unit.weight[u])
        for at in range(unit.pointer[u], unit.pointer[u + 1]):
            graph.add_edge(u, int(unit.neighbour[at]), keep=float(unit.inside[at]), draw=float(unit.leaving[at]))
    frame = atoms.iloc[found.atoms].reset_index(drop=True)
    frame["homes"] = unit.weight
    for key in layers:
        for name in sorted(frame[key].dropna().unique()):
            frame[f"is_{name}"] = (frame[key] == name).astype(float)
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


def by_gridmap(case: Case) -> np.ndarray:
    """Part with the engine, without proof."""
    return solve(case.unit, seed=1, effort=Effort(visits=0)).zone


def by_metis(case: Case) -> np.ndarray:
    """Part with METIS: borders that cost much to erase are cheap to cut."""
    import pymetis  # noqa: PLC0415 -- a peer, needed only where it is compared

    most = max((d["keep"] for _, _, d in case.graph.edges(data=True)), default=1.0)
    lists = [list(case.graph[u]) for u in case.graph]
    pointer = np.concatenate([[0], np.cumsum([len(near) for near in lists])]).tolist()
    flat = [v for near in lists for v in near]
    weights = [1 + int(1000 * (most - case.graph[u][v]["keep"]) / most) for u, near in enumerate(lists) for v in near]
    homes = [max(1, int(h)) for h in case.unit.weight]
    tries = []
    for parts in case.parts():
        found = pymetis.part_graph(parts, xadj=pointer, adjncy=flat, vweights=homes, eweights=weights)
        tries.append(np.asarray(found[1]))
    return best_of(case, tries)


def by_spopt(case: Case, method: str) -> np.ndarray:
    """Part with one of spopt's heuristics, by the old grids as attributes."""
    from libpysal.weights import W  # noqa: PLC0415 -- peers, needed only where they are compared
    from spopt.region import AZP, MaxPHeuristic, Skater  # noqa: PLC0415

    near = W({u: list(case.graph[u]) for u in case.graph}, silence_warnings=True)
    names = [name for name in case.frame.columns if name.startswith("is_")]
    tries = []
    for parts in case.parts():
        if method == "MaxP":
            model = MaxPHeuristic(case.frame, near, names, "homes", NORM[0], 2)
        elif method == "Skater":
            model = Skater(case.frame, near, names, n_clusters=parts, islands="ignore")
        else:
            model = AZP(case.frame, near, names, n_clusters=parts, random_state=1)
        model.solve()
        tries.append(np.asarray(model.labels_))
        if method == "MaxP":
            break
    return best_of(case, tries)


def by_recom(case: Case) -> np.ndarray:
    """Walk 200 steps of ReCom; the best of every state counts."""
    from functools import partial  # noqa: PLC0415

    from gerrychain import Graph, MarkovChain, Partition, accept, constraints, updaters  # noqa: PLC0415 -- a peer
    from gerrychain.partition import recursive_tree_part  # noqa: PLC0415
    from gerrychain.proposals import recom  # noqa: PLC0415

    random.seed(1)
    graph = Graph.from_networkx(case.graph)
    total = float(case.unit.weight.sum())
    best, cheapest = np.zeros(len(graph.nodes), np.int64), np.inf
    for parts in case.parts():
        target = total / parts
        first = None
        for loose in (0.25, 0.5, 1.0):
            try:
                first = recursive_tree_part(graph, range(parts), target, "homes", loose)
                break
            except (RuntimeError, StopIteration, ValueError):
                continue
        if first is None:
            continue
        start = Partition(graph, first, {"homes": updaters.Tally("homes")})
        step = partial(recom, pop_col="homes", pop_target=target, epsilon=0.5)
        walk = MarkovChain(step, [constraints.contiguous], accept.always_accept, start, 200) if parts > 1 else [start]
        try:
            for state in walk:
                zone = np.array([state.assignment[u] for u in range(len(best))])
                value = price(case, zone)
                if value < cheapest:
                    best, cheapest = zone, value
        except RuntimeError:  # it found no balanced cut any more
            continue
    return best_of(case, [best])


def by_listing(case: Case) -> np.ndarray:
    """List every connected zone, and let HiGHS choose: exact, for small units."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csc_array  # noqa: PLC0415

    n = len(case.unit.weight)
    near = [sum(1 << v for v in case.graph[u]) for u in range(n)]
    zones = {1 << u for u in range(n)}
    layer = list(zones)
    while layer:
        fresh = set()
        for zone in layer:
            around = 0
            for u in range(n):
                if zone >> u & 1:
                    around |= near[u]
            fresh |= {zone | 1 << v for v in range(n) if around & ~zone & 1 << v}
        layer = list(fresh - zones)
        zones |= fresh
    listed = [np.array([u for u in range(n) if zone >> u & 1]) for zone in sorted(zones)]
    costs = np.array([zone_cost(case.unit, members) for members in listed])
    rows = np.concatenate(listed)
    columns = np.repeat(np.arange(len(listed)), [len(members) for members in listed])
    matrix = csc_array((np.ones(len(rows)), (rows, columns)), shape=(n, len(listed)))
    found = milp(costs, integrality=np.ones(len(costs)), bounds=Bounds(0, 1), constraints=LinearConstraint(matrix, 1, 1))
    zone = np.zeros(n, np.int64)
    for number, at in enumerate(np.flatnonzero(found.x > 0.5)):
        zone[listed[at]] = number
    return zone


PEERS: dict[str, Callable[[Case], np.ndarray]] = {
    "METIS, mended": by_metis,
    "spopt MaxP, mended": lambda case: by_spopt(case, "MaxP"),
    "spopt Skater, mended": lambda case: by_spopt(case, "Skater"),
    "spopt AZP, mended": lambda case: by_spopt(case, "AZP"),
    "GerryChain ReCom, 200 steps, mended": by_recom,
    "every zone listed, HiGHS": by_listing,
}


@contextlib.contextmanager
def ended_after(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what takes longer on the clock."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def compared(cases: list[Case]) -> list[str]:
    """Part every unit with every method; give the rows of a table."""
    ours: list[tuple[float, float]] = []
    for one in cases:
        began = time.process_time()
        zone = by_gridmap(one)
        ours.append((time.process_time() - began, price(one, zone)))
        assert np.isfinite(ours[-1][1])
    rows = [
        "| method | units | cost, ours 1: median | worst | lower than ours | equal | CPU, ours 1 | nothing | did not finish |",
        "|---|---|---|---|---|---|---|---|---|",
        f"| gridmap | {len(cases)} | 1 | 1 | | | 1 ({statistics.median(cpu for cpu, _ in ours):.3f} s) | | |",
    ]
    print(rows[-1], flush=True)
    for name, method in PEERS.items():
        ratios, cpus, none, late = [], [], 0, 0
        for one, (cpu, cost) in zip(cases, ours, strict=True):
            if name.startswith("every") and len(one.unit.weight) > EXACT:
                continue
            began = time.process_time()
            try:
                with warnings.catch_warnings(action="ignore"), ended_after(PATIENCE):
                    zone = method(one)
                value = price(one, zone)
            except TimeoutError:
                late += 1
                continue
            except Exception as error:  # noqa: BLE001 -- a peer may fail in its own ways; the table says so
                print(f"  {name}: {type(error).__name__}: {error}"[:120], flush=True)
                none += 1
                continue
            cpus.append((time.process_time() - began) / max(cpu, 1e-3))
            ratios.append(value / cost)
        if not ratios:
            rows.append(f"| {name} | 0 | | | | | | {none} | {late} |")
            print(rows[-1], flush=True)
            continue
        lower, equal = sum(r < 1 - 1e-9 for r in ratios), sum(abs(r - 1) <= 1e-9 for r in ratios)
        rows.append(
            f"| {name} | {len(ratios)} | {statistics.median(ratios):.3f} | {max(ratios):.3f} | {lower} | {equal} | "
            f"{statistics.median(cpus):.2f} | {none} | {late} |"
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Run."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--units", type=int, default=8)
    ask.add_argument("--short", action="store_true", help="two small units")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    sizes = [4, 5] if asked.short else [(4, 5, 9, 12, 15, 18)[number % 6] for number in range(asked.units)]
    cases = [case(cells, seed) for seed, cells in enumerate(sizes)]
    for one in cases:
        by_gridmap(one)  # compiled functions are loaded by the first run
    for name in ("pymetis", "libpysal.weights", "spopt.region", "gerrychain", "scipy.optimize"):
        importlib.import_module(name)  # no peer's time
    rows = compared(cases)
    names = ", ".join(str(len(one.unit.weight)) for one in cases)
    about = (
        f"Units of {names} atoms, four departments, norm {NORM[0]:.0f} to {NORM[1]:.0f} households; CPU of one run. "
        f"A method may take {PATIENCE} s a unit."
    )
    text = ["## Partition", "", about, "", *rows]
    if asked.write:
        harness.write("partition", "\n".join(text))


if __name__ == "__main__":
    main()
