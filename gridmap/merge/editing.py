"""What people do to a plan by hand: give ground to another grid, merge, make a new one, lock, pin, forbid.

Every function takes a draft and gives a Change; nothing is done until the draft does it. A grid stays in one piece inside one
nest unit: a step that would break that is refused with NotWhole, and `mending` says how it could be completed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmap.errors import MergeError
from gridmap.merge.plan import NEW, Change, fresh
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmap.merge.plan import Draft, Rule, State


class NotWhole(MergeError):  # noqa: N818  it asks for a completion rather than being a fault
    """The step would leave a grid in several pieces. change: what was asked, for `mending.completions`."""

    change: Change


def give(draft: Draft, atoms: Sequence[int], to: str) -> Change:
    """Give atoms, and all that cannot be parted from them, to a grid of their nest unit.

    Raises MergeError when the grid does not exist or lies elsewhere, when either side is locked or a rule forbids it, and
    NotWhole when a grid would fall into pieces.
    """
    return whole(draft, asked(draft, atoms, to))


def asked(draft: Draft, atoms: Sequence[int], to: str) -> Change:
    """Give the change that was asked for, allowed but perhaps leaving grids in pieces (see give)."""
    board, state = draft.board, draft.state
    chosen = [atom for atom in board.widened(atoms) if state.grid[atom] != to]
    theirs = state.atoms_of(to)
    home = board.nest[theirs[0]] if theirs else to.partition(NEW)[0]
    if not theirs and NEW not in to:
        raise MergeError("There is no grid {grid} in this street.", grid=to)
    if not chosen:
        raise MergeError("The ground chosen belongs to {grid} already.", grid=to)
    for atom in chosen:
        if board.nest[atom] != home:
            raise MergeError(
                "The ground chosen lies in {one} and the grid in {two}; a grid stays inside one of them.",
                one=board.nest[atom],
                two=home,
            )
        if ("stay", (atom,)) in state.rules:
            raise MergeError("Part of the ground chosen is pinned to {grid}; release it first.", grid=state.grid[atom])
    for name in sorted({to, *(state.grid[atom] for atom in chosen)} & state.locked):
        raise MergeError("Grid {grid} is locked; unlock it first.", grid=name)
    becoming = set(chosen) | set(theirs)
    for kind, pair in state.rules:
        if kind == "apart" and set(pair) <= becoming:
            raise MergeError("A rule of this draft keeps part of the ground chosen out of {grid}.", grid=to)
    before = tuple(state.grid[atom] for atom in chosen)
    givers = tuple(dict.fromkeys(before))
    return Change("give", (*givers, to), tuple(chosen), before, tuple(to for _ in chosen))


def whole(draft: Draft, change: Change) -> Change:
    """Give the change back. Raises NotWhole when it would leave a grid in several pieces."""
    after = labels(draft.state, change)
    for name in change.grids:
        members = [atom for atom, grid in enumerate(after) if grid == name]
        if members and len(draft.board.parts(members)) > 1:
            refused = NotWhole(key("Grid {grid} would lie in separate pieces."), grid=name)
            refused.change = change
            raise refused
    return change


def merge(draft: Draft, one: str, two: str) -> Change:
    """Join grid ``two`` to grid ``one``. Raises MergeError as give does, NotWhole when they do not touch."""
    change = give(draft, draft.state.atoms_of(two), one)
    return Change("merge", change.grids, change.atoms, change.before, change.after)


def make(draft: Draft, atoms: Sequence[int]) -> Change:
    """Make a new grid of atoms; it gets its code when the plan is published."""
    chosen = draft.board.widened(atoms)
    if not chosen:
        raise MergeError("Choose ground on the map first.")
    change = give(draft, chosen, fresh(draft.state.grid, draft.board.nest[chosen[0]]))
    return Change("make", change.grids, change.atoms, change.before, change.after)


def lock(draft: Draft, grid: str) -> Change:
    """Lock a grid: no step and no search changes it. A locked grid is unlocked."""
    if not draft.state.atoms_of(grid):
        raise MergeError("There is no grid {grid} in this street.", grid=grid)
    if grid in draft.state.locked:
        return Change("unlock", (grid,), unlocked=(grid,))
    return Change("lock", (grid,), locked=(grid,))


def pin(draft: Draft, atoms: Sequence[int]) -> Change:
    """Pin atoms to the grids they are in, for steps and for the search."""
    chosen = draft.board.widened(atoms)
    rules = tuple(rule for atom in chosen if (rule := _stay(atom)) not in draft.state.rules)
    return Change("pin", _grids(draft.state, chosen), ruled=rules)


def forbid(draft: Draft, atoms: Sequence[int], grid: str) -> Change:
    """Keep atoms out of a grid: never one grid with the atom of it that has most households.

    Raises MergeError when an atom is in that grid now.
    """
    board, state = draft.board, draft.state
    chosen, theirs = board.widened(atoms), state.atoms_of(grid)
    if not theirs:
        raise MergeError("There is no grid {grid} in this street.", grid=grid)
    if set(chosen) & set(theirs):
        raise MergeError("The ground chosen is in {grid} now; give it to another grid first.", grid=grid)
    anchor = max(theirs, key=lambda atom: (board.weight[atom], board.area[atom], -atom))
    rules: tuple[Rule, ...] = tuple(("apart", (min(atom, anchor), max(atom, anchor))) for atom in chosen)
    return Change("forbid", (grid,), ruled=tuple(rule for rule in rules if rule not in state.rules))


def release(draft: Draft, atoms: Sequence[int]) -> Change:
    """Take every rule back that concerns these atoms."""
    chosen = set(draft.board.widened(atoms))
    freed = tuple(sorted(rule for rule in draft.state.rules if chosen & set(rule[1])))
    return Change("release", _grids(draft.state, sorted(chosen)), freed=freed)


def becoming(draft: Draft, what: str, after: Mapping[int, str]) -> Change:
    """Give the change that puts each atom of ``after`` into its grid there."""
    atoms = tuple(atom for atom in sorted(after) if draft.state.grid[atom] != after[atom])
    before = tuple(draft.state.grid[atom] for atom in atoms)
    names = tuple(dict.fromkeys([*before, *(after[atom] for atom in atoms)]))
    return Change(what, names, atoms, before, tuple(after[atom] for atom in atoms))


def labels(state: State, change: Change) -> list[str]:
    """Give each atom's grid after a change."""
    after = list(state.grid)
    for atom, name in zip(change.atoms, change.after, strict=True):
        after[atom] = name
    return after


def within(draft: Draft, atoms: Sequence[int]) -> float:
    """Give by how many households a set of atoms misses the norm, 0 inside it."""
    if draft.board.norm is None or not len(atoms):
        return 0.0
    low, high = draft.board.norm
    held = float(draft.board.weight[np.asarray(atoms, dtype=np.intp)].sum())
    return max(0.0, low - held, held - high)


def _stay(atom: int) -> Rule:
    return ("stay", (atom,))


def _grids(state: State, atoms: Sequence[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(state.grid[atom] for atom in atoms))
