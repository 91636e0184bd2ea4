"""What completes a step that breaks a grid or the norm, and the search over all that is not fixed.

A completion is sought twice: the least that puts the grids into one piece again (what fell off goes to the neighbour that
costs least, what does not touch is linked by the fewest pieces), and the cheapest plan of the grids concerned and their
neighbours by the merge's own objective, with the step itself fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmap.errors import MergeError
from gridmap.merge import editing
from gridmap.merge.objective import zone_cost
from gridmap.merge.partition import partition
from gridmap.merge.pins import Apart, InGrid, Locked, Pin
from gridmap.merge.plan import Change, fresh
from gridmap.merge.whole import Effort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gridmap.merge.board import Board
    from gridmap.merge.plan import Draft

    Progress = Callable[[str, float], None]

QUICK = Effort(chains=1, rounds=8, cut_rounds=1, near=300, branches=60, visits=0)
"""Effort of a completion, which people wait for with their finger on the map."""

AGAIN = Effort(rounds=40, cut_rounds=6, near=600, branches=200, visits=50_000)
"""Effort of a re-solve, which begins from a plan that is good already: less than a first solve's."""

MOST_NEAR = 9
"""Grids that a completion may change: those of the step and the nearest around them."""


@dataclass(frozen=True)
class Completion:
    """A way to complete a step: the whole change, what it moves beyond the step, its price and what still misses the norm.

    extra_atoms, extra_households: beyond what was asked. cost_m: by how much the objective changes (metres). missing: the
    households by which the grids concerned still miss the norm, summed.
    """

    change: Change
    extra_atoms: int
    extra_households: float
    cost_m: float
    missing: float


@dataclass(frozen=True)
class Finished:
    """What the search proposes for all that is not locked. cost_m, was_m: the objective after and before; bound_m or None."""

    change: Change
    cost_m: float
    was_m: float
    bound_m: float | None


def completions(draft: Draft, change: Change) -> list[Completion]:
    """Give the ways to complete a step, the cheapest first; none when nothing unlocked could.

    change: as `editing.asked` gives it, or one that is whole but misses the norm.
    """
    ways: list[Change] = []
    for seek in (_least, _best):
        found = seek(draft, change)
        if found is not None and found not in ways:
            ways.append(found)
    listed = [_weighed(draft, change, way) for way in ways]
    return sorted(listed, key=lambda way: (round(way.missing) > 0, way.cost_m, way.extra_households))


def cost(board: Board, grid: Sequence[str], nests: Iterable[str] | None = None) -> float:
    """Give what a labelling costs by the merge's objective, in metres; nests: of these nest units only."""
    total = 0.0
    for name in board.units if nests is None else nests:
        unit = board.units[name]
        zones: dict[str, list[int]] = {}
        seen = -1
        for atom, node in zip(unit.atoms[np.argsort(unit.node, kind="stable")], np.sort(unit.node), strict=True):
            if node != seen:
                zones.setdefault(grid[int(atom)], []).append(int(node))
                seen = int(node)
        total += sum(zone_cost(unit.graph, np.array(zone)) for zone in zones.values())
    return total


def finish(draft: Draft, *, seed: int = 0, effort: Effort | None = None, progress: Progress | None = None) -> Finished:
    """Let the engine solve everything that is not locked anew; rules hold. Never dearer than the state as it is.

    Nest units in which no step was taken were solved by the merge and are left as they are; with no step at all every one is
    solved. Costs and bound are of the units solved.
    Grids keep the name of the one they share most households with. The bound is of the problem with its locks and rules;
    None where a nest unit was too large to prove. ``progress`` may raise to cancel. Raises MergeError for rules that clash.
    """
    board, state = draft.board, draft.state
    after: dict[int, str] = {}
    total = was = 0.0
    bound: float | None = 0.0
    touched = {board.nest[atom] for change in draft.done for atom in change.atoms} or set(board.units)
    for number, nest in enumerate(sorted(touched)):
        unit = board.units[nest]
        if progress is not None:
            progress("Merging grids", number / len(touched))
        here = sorted(unit.atoms.tolist())
        old = new = cost(board, state.grid, [nest])
        found: dict[int, str] = {}
        proven: float | None = old  # what is locked whole cannot be any other
        if not all(state.grid[atom] in state.locked for atom in here):
            found, proven = _solved(draft, state.grid, here, {}, seed=seed, effort=effort or AGAIN)
        if found:
            labels = list(state.grid)
            for atom, name in found.items():
                labels[atom] = name
            new = cost(board, labels, [nest])
        if found and new < old - 1e-6:
            after.update(found)
            total += new
        else:
            total += old
        was += old
        bound = None if bound is None or proven is None else bound + min(proven, new, old)
    return Finished(editing.becoming(draft, "finish", after), total, was, bound)


def divide(draft: Draft, grid: str) -> Change:
    """Part one grid in as many as its households ask for (at least two), by the engine.

    Raises MergeError when it is locked or made of one piece that cannot be cut.
    """
    board, state = draft.board, draft.state
    members = state.atoms_of(grid)
    if not members:
        raise MergeError("There is no grid {grid} in this street.", grid=grid)
    if grid in state.locked:
        raise MergeError("Grid {grid} is locked; unlock it first.", grid=grid)
    if len({board.whole[atom] for atom in members}) < 2:
        raise MergeError("Grid {grid} is one piece of ground that may not be cut; draw a line to cut it.", grid=grid)
    low, high = board.norm or (0.0, np.inf)
    held = float(board.weight[list(members)].sum())
    parts = max(2, round(held / ((low + high) / 2)) if np.isfinite(high) else 2)
    norm = (0.8 * held / parts, 1.2 * held / parts)
    found = partition(
        board.ground.iloc[list(members)].reset_index(drop=True),
        weights=_weights(board, members), norm=norm, settings=board.settings, effort=QUICK,
    )  # fmt: skip
    zones = found.atoms["grid_code"].to_numpy()
    names = list(dict.fromkeys(zones))
    if len(names) < 2:
        raise MergeError("The engine finds no way to divide {grid} that does not cut what must stay whole.", grid=grid)
    heaviest = max(names, key=lambda name: float(board.weight[np.array(members)[zones == name]].sum()))
    named, grown = {heaviest: grid}, list(state.grid)
    for name in names:
        if name != heaviest:
            named[name] = fresh(grown, board.nest[members[0]])
            grown.append(named[name])
    return editing.becoming(draft, "divide", {atom: named[zone] for atom, zone in zip(members, zones, strict=True)})


def _least(draft: Draft, change: Change) -> Change | None:
    """Put the grids into one piece again with the least that moves."""
    board, state = draft.board, draft.state
    labels = editing.labels(state, change)
    to = change.grids[-1]
    moved = set(change.atoms)
    if not _linked(draft, labels, to, moved):
        return None
    for _ in range(len(change.grids) + MOST_NEAR):
        broken = _broken(board, labels, moved)
        if broken is None:
            return editing.becoming(draft, change.what, {a: g for a, g in enumerate(labels) if g != state.grid[a]})
        name, stray = broken
        if name in state.locked or any(("stay", (atom,)) in state.rules for atom in stray):
            return None
        takers = sorted({labels[near] for atom in stray for near in board.neighbours[atom]} - {name} - state.locked)
        if not takers:
            return None
        nest = board.nest[stray[0]]
        tried = []
        for taker in takers:
            for atom in stray:
                labels[atom] = taker
            tried.append((cost(board, labels, [nest]), taker))
        for atom in stray:
            labels[atom] = min(tried)[1]
    return None


def _broken(board: Board, labels: list[str], moved: set[int]) -> tuple[str, tuple[int, ...]] | None:
    """Give a grid in several pieces and the piece to give away: never one that holds what was moved, if another can go."""
    for name in sorted({labels[atom] for atom in moved} | {labels[n] for atom in moved for n in board.neighbours[atom]}):
        parts = board.parts([atom for atom, grid in enumerate(labels) if grid == name])
        if len(parts) > 1:
            return name, next((part for part in parts[::-1] if not moved & set(part)), parts[-1])
    return None


def _linked(draft: Draft, labels: list[str], to: str, moved: set[int]) -> bool:
    """Link what was given to the grid that gets it, over the fewest unlocked atoms; False when nothing can."""
    board, state = draft.board, draft.state
    for _ in range(len(moved) + 1):
        parts = board.parts([atom for atom, grid in enumerate(labels) if grid == to])
        if len(parts) < 2:
            return True
        start, goal = set(parts[0]), {atom for part in parts[1:] for atom in part}
        before: dict[int, int] = dict.fromkeys(start, -1)
        queue, reached = sorted(start), -1
        while queue and reached < 0:
            following: list[int] = []
            for atom in queue:
                for near in board.neighbours[atom]:
                    if near in before or labels[near] in state.locked or ("stay", (near,)) in state.rules:
                        continue
                    before[near] = atom
                    if near in goal:
                        reached = near
                        break
                    following.append(near)
                if reached >= 0:
                    break
            queue = following
        if reached < 0:
            return False
        while reached >= 0:
            for atom in board.whole[reached]:
                labels[atom] = to
                moved.add(atom)
            reached = before[reached]
    return True


def _best(draft: Draft, change: Change) -> Change | None:
    """Seek the cheapest plan of the grids concerned and their neighbours, with the step fixed."""
    board, state = draft.board, draft.state
    labels = editing.labels(state, change)
    names = [name for name in dict.fromkeys(change.grids) if name in labels and name not in state.locked]
    core = {atom for atom, grid in enumerate(labels) if grid in names}
    near = sorted({labels[n] for atom in core for n in board.neighbours[atom]} - set(names) - state.locked)
    names += near[: max(0, MOST_NEAR - len(names))]
    here = [atom for atom, grid in enumerate(labels) if grid in names]
    if not here:
        return None
    moved = set(change.atoms)
    anchored: dict[int, str] = {}
    for name in names:
        mine = [atom for atom in here if labels[atom] == name]
        resting = [atom for atom in mine if atom not in moved]
        held = [atom for atom in mine if atom in moved]
        if resting:
            main = board.parts(resting)[0]  # what fell off may go elsewhere
            held.append(max(main, key=lambda atom: (board.weight[atom], board.area[atom], -atom)))
        anchored |= dict.fromkeys(held, name)
    try:
        found, _ = _solved(draft, labels, here, anchored, seed=0, effort=QUICK)
    except MergeError:  # rules and step cannot be joined here: then there is no such completion
        return None
    return editing.becoming(draft, change.what, found)


def _solved(
    draft: Draft, labels: Sequence[str], here: Sequence[int], anchored: dict[int, str], *, seed: int, effort: Effort
) -> tuple[dict[int, str], float | None]:
    """Part the atoms ``here`` anew under the draft's locks and rules; give each one's grid, and the bound or None.

    anchored: atoms that must be in the grid named. A zone keeps the name it is anchored to, else that of the grid in
    ``labels`` with which it shares most households and which nobody took, else it gets a fresh one.
    """
    board, state = draft.board, draft.state
    place = {atom: at for at, atom in enumerate(here)}
    anchored = {atom: labels[atom] for kind, (atom, *_) in state.rules if kind == "stay" and atom in place} | anchored
    pins: list[Pin] = [InGrid(place[atom], name) for atom, name in sorted(anchored.items())]
    pins += [
        Apart((place[pair[0]], place[pair[1]]))
        for kind, pair in sorted(state.rules)
        if kind == "apart" and pair[0] in place and pair[1] in place
    ]
    for name in sorted(state.locked):
        members = tuple(place[atom] for atom in here if labels[atom] == name)
        if members:
            pins.append(Locked(members))
    plan = partition(
        board.ground.iloc[list(here)].reset_index(drop=True),
        weights=_weights(board, here), norm=board.norm, settings=board.settings, seed=seed, pins=pins,
        barriers=board.barriers, effort=effort, start=pd.Series([labels[atom] for atom in here]),
    )  # fmt: skip
    zones: dict[str, list[int]] = {}
    for atom, zone in zip(here, plan.atoms["grid_code"], strict=True):
        zones.setdefault(zone, []).append(atom)
    named = _named(board, labels, list(zones.values()), anchored)
    bounds = [unit["bound"] for unit in plan.units]
    return named, None if any(bound is None for bound in bounds) else float(sum(bounds))


def _named(board: Board, labels: Sequence[str], zones: list[list[int]], anchored: dict[int, str]) -> dict[int, str]:
    found: dict[int, str] = {}
    taken: set[str] = set()
    waiting = []
    for zone in zones:
        name = next((anchored[atom] for atom in zone if atom in anchored), None)
        if name is None:
            waiting.append(zone)
        else:
            taken.add(name)
            found |= dict.fromkeys(zone, name)
    shared: list[tuple[float, float, str, int]] = []
    for number, zone in enumerate(waiting):
        for name in {labels[atom] for atom in zone}:
            mine = [atom for atom in zone if labels[atom] == name]
            shared.append((-float(board.weight[mine].sum()), -float(board.area[mine].sum()), name, number))
    given: dict[int, str] = {}
    for _, _, name, number in sorted(shared):
        if name not in taken and number not in given:
            given[number] = name
            taken.add(name)
    used = [*labels, *taken]
    for number, zone in enumerate(waiting):
        if number not in given:
            given[number] = fresh(used, board.nest[zone[0]])
            used.append(given[number])
        found |= dict.fromkeys(zone, given[number])
    return found


def _weighed(draft: Draft, change: Change, way: Change) -> Completion:
    board, state = draft.board, draft.state
    after = editing.labels(state, way)
    extra = sorted(set(way.atoms) - set(change.atoms))
    nests = {board.nest[atom] for atom in way.atoms}
    names = sorted(set(way.after) | set(way.before))
    missing = sum(editing.within(draft, [a for a, grid in enumerate(after) if grid == name]) for name in names if name in after)
    return Completion(
        change=way,
        extra_atoms=len(extra),
        extra_households=float(board.weight[extra].sum()),
        cost_m=cost(board, after, nests) - cost(board, state.grid, nests),
        missing=missing,
    )


def _weights(board: Board, atoms: Sequence[int]) -> pd.Series:
    return pd.Series(board.weight[list(atoms)])
