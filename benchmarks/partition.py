"""Parting nest units into grids beside its peers, in one run: the same units, the same objective, every result checked.

    python benchmarks/partition.py [--units 8] [--shared DIR] [--real 8] [--patience 40] [--only WORD ...] [--short] [--write]

Units are made up: four departments' near-coincident grids over one square, overlaid, with households drawn by chance; and
real: communities of Washington DC, as the whole merge overlays and cuts them, from the smallest on in even steps. Peers
know nothing of this objective; each gets the best of what it knows (borders as edge weights, old grids as attributes, the
norm as population), its result is mended the same way (loose parts split off, then merged wherever that is cheaper), and the
best of its tries counts. The exact models list every connected zone of the smallest units and let HiGHS or CP-SAT choose.
A method's patience is counted in CPU seconds, so that a busy machine takes nothing from it. A whole run takes half an hour;
--only takes the methods with one of these words in their name.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import signal
import statistics
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import harness
import numpy as np
from main_job import ROOT
from partition_units import NORM, REAL_NORM, Case, best_of, case, price, real

from gridmap.merge.objective import zone_cost
from gridmap.merge.solve import solve
from gridmap.merge.whole import Effort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 40.0
"""CPU seconds a method may take for a unit unless told; "did not finish" counts those that took longer."""
ANNEALED = 1
"""How often MaxP anneals each of its first partitions, where its default of ten takes minutes a unit."""
TREES = 1000
"""Trees that ReCom draws for one balanced cut, where its default of 100,000 does not end if there is none."""
EXACT = 18
"""Nodes up to which every connected zone can be listed."""


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
            model = MaxPHeuristic(case.frame, near, names, "homes", case.unit.low, 2, max_iterations_sa=ANNEALED)
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
    """Walk 200 steps of ReCom for each number of grids; the best of every state counts, also when time runs out."""
    from functools import partial  # noqa: PLC0415

    from gerrychain import Graph, MarkovChain, Partition, accept, constraints, updaters  # noqa: PLC0415 -- a peer
    from gerrychain.partition import recursive_tree_part  # noqa: PLC0415
    from gerrychain.proposals import recom  # noqa: PLC0415
    from gerrychain.tree import bipartition_tree  # noqa: PLC0415

    random.seed(1)
    halved = partial(bipartition_tree, max_attempts=TREES)
    graph = Graph.from_networkx(case.graph)
    total = float(case.unit.weight.sum())
    best, cheapest = np.zeros(len(graph.nodes), np.int64), np.inf
    for parts in case.parts():
        target = total / parts
        first = None
        for loose in (0.25, 0.5, 1.0):
            try:
                first = recursive_tree_part(graph, range(parts), target, "homes", loose, bipartition_tree_fn=halved)
                break
            except (RuntimeError, StopIteration, ValueError, IndexError):
                continue
        if first is None:
            continue
        start = Partition(graph, first, {"homes": updaters.Tally("homes")})
        step = partial(recom, pop_col="homes", pop_target=target, epsilon=0.5, bipartition_tree_fn=halved)
        walk = MarkovChain(step, [constraints.contiguous], accept.always_accept, start, 200) if parts > 1 else [start]
        try:
            for state in walk:
                zone = np.array([state.assignment[u] for u in range(len(best))])
                value = price(case, zone)
                if value < cheapest:
                    best, cheapest = zone, value
        except RuntimeError:  # it found no balanced cut any more
            continue
        except TimeoutError:
            break
    return best_of(case, [best])


def listed(case: Case) -> tuple[list[np.ndarray], np.ndarray]:
    """Give every connected zone of a small unit, and its cost straight from the formula."""
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
    found = [np.array([u for u in range(n) if zone >> u & 1]) for zone in sorted(zones)]
    return found, np.array([zone_cost(case.unit, members) for members in found])


def numbered(case: Case, zones: list[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """Give each node's zone."""
    zone = np.zeros(len(case.unit.weight), np.int64)
    for number, at in enumerate(np.flatnonzero(chosen)):
        zone[zones[at]] = number
    return zone


def by_highs(case: Case) -> np.ndarray:
    """List every connected zone, and let HiGHS choose: exact, for small units."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csc_array  # noqa: PLC0415

    zones, costs = listed(case)
    rows = np.concatenate(zones)
    columns = np.repeat(np.arange(len(zones)), [len(members) for members in zones])
    matrix = csc_array((np.ones(len(rows)), (rows, columns)), shape=(len(case.unit.weight), len(zones)))
    bounds, once = Bounds(0, 1), LinearConstraint(matrix, 1, 1)
    found = milp(costs, integrality=np.ones(len(costs)), bounds=bounds, constraints=once, options={"mip_rel_gap": 0})
    return numbered(case, zones, found.x > 0.5)


def by_cp_sat(case: Case) -> np.ndarray:
    """List every connected zone, and let CP-SAT choose, in millimetres: exact, for small units."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 -- a peer, needed only where it is compared

    zones, costs = listed(case)
    model = cp_model.CpModel()
    take = [model.new_bool_var(str(number)) for number in range(len(zones))]
    holding: list[list[cp_model.IntVar]] = [[] for _ in case.unit.weight]
    for variable, members in zip(take, zones, strict=True):
        for u in members:
            holding[u].append(variable)
    for variables in holding:
        model.add_exactly_one(variables)
    model.minimize(sum(round(1000 * cost) * variable for cost, variable in zip(costs.tolist(), take, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.solve(model)
    return numbered(case, zones, np.array([bool(solver.value(variable)) for variable in take]))


PEERS: dict[str, Callable[[Case], np.ndarray]] = {
    "METIS, mended": by_metis,
    "spopt MaxP, mended": lambda case: by_spopt(case, "MaxP"),
    "spopt Skater, mended": lambda case: by_spopt(case, "Skater"),
    "spopt AZP, mended": lambda case: by_spopt(case, "AZP"),
    "GerryChain ReCom, 200 steps, mended": by_recom,
    "every zone listed, HiGHS": by_highs,
    "every zone listed, CP-SAT": by_cp_sat,
}
SAME = 1e-6
"""Share of the cost below which two costs are the same: the exact models round."""


@contextlib.contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in what takes more CPU seconds, once it is back in Python."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)  # again every second: a peer may swallow the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def compared(cases: list[Case], patience: float, only: list[str]) -> list[str]:
    """Part every unit with every method; give the rows of a table."""
    ours: list[tuple[float, float]] = []
    for one in cases:
        began = time.process_time()
        zone = by_gridmap(one)
        ours.append((time.process_time() - began, price(one, zone)))
        assert np.isfinite(ours[-1][1])
    heads = ("method", "units it parted", "ours lower", "equal", "its lower", "its cost, ours 1: median", "worst",
             "CPU, ours 1", "raised", "did not finish")  # fmt: skip
    rows = [
        f"| {' | '.join(heads)} |",
        "|---|---|---|---|---|---|---|---|---|---|",
        f"| gridmap | {len(cases)} | | | | 1 | 1 | 1 ({statistics.median(cpu for cpu, _ in ours):.3f} s) | | |",
    ]
    print(*rows, sep="\n", flush=True)
    for name, method in PEERS.items():
        if only and not any(word in name for word in only):
            continue
        ratios, cpus, none, late = [], [], 0, 0
        for one, (cpu, cost) in zip(cases, ours, strict=True):
            if name.startswith("every") and len(one.unit.weight) > EXACT:
                continue
            began = time.process_time()
            try:
                with warnings.catch_warnings(action="ignore"), ended_after(patience):
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
            if ratios[-1] < 1 - SAME:
                print(f"  {name}: {one.name}: {value:.3f}, ours {cost:.3f}", flush=True)
        lower, higher = sum(r < 1 - SAME for r in ratios), sum(r > 1 + SAME for r in ratios)
        figures = f"{statistics.median(ratios):.3f} | {max(ratios):.3f} | {statistics.median(cpus):.2f}" if ratios else "| |"
        rows.append(
            f"| {name} | {len(ratios)} | {higher} | {len(ratios) - lower - higher} | {lower} | {figures} | {none} | {late} |"
        )
        print(rows[-1], flush=True)
    return rows


def sizes_of(cases: list[Case]) -> str:
    """Name the sizes of the units."""
    return ", ".join(str(len(one.unit.weight)) for one in cases)


def main() -> None:
    """Run."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--units", type=int, default=8, help="made-up units")
    ask.add_argument("--real", type=int, default=8, help="units of Washington")
    ask.add_argument("--shared", type=Path, default=Path(os.environ.get("GRIDMAP_SHARED", ROOT.parent / "shared")))
    ask.add_argument("--patience", type=float, default=PATIENCE, help="CPU seconds a method may take for a unit")
    ask.add_argument("--only", nargs="*", default=[], metavar="WORD", help="words of the methods; all unless told")
    ask.add_argument("--short", action="store_true", help="two small units, none of them real, and 8 s a method")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    sizes = [2, 4] if asked.short else [(2, 3, 4, 5, 7, 9, 12, 15)[number % 8] for number in range(asked.units)]
    made = [case(cells, seed) for seed, cells in enumerate(sizes)]
    found = [] if asked.short else real(asked.shared / "data" / "dc", asked.real)
    patience = 8.0 if asked.short else asked.patience
    for one in made + found:
        by_gridmap(one)  # compiled functions are loaded by the first run
    for name in ("pymetis", "libpysal.weights", "spopt.region", "gerrychain", "scipy.optimize", "ortools.sat.python.cp_model"):
        importlib.import_module(name)  # no peer's time
    about = (
        f"Made-up units of {sizes_of(made)} nodes, four departments, norm {NORM[0]:.0f} to {NORM[1]:.0f} households; CPU of "
        f"one run. A method may take {patience:g} CPU s a unit."
    )
    text = ["## Partition (`python benchmarks/partition.py`)", "", about, "", *compared(made, patience, asked.only)]
    if found:
        text += ["", f"Communities of Washington DC of {sizes_of(found)} nodes, norm {REAL_NORM[0]:.0f} to {REAL_NORM[1]:.0f}:"]
        print(text[-1], flush=True)
        text += ["", *compared(found, patience, asked.only)]
    if asked.write:
        harness.write("partition", "\n".join(text))


if __name__ == "__main__":
    main()
