"""What a plan and a step come to: figures of grids, what a step does to each grid it touches, plans compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from gridmap.merge.mending import cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gridmap.merge.board import Board
    from gridmap.merge.plan import Draft, State

COLUMNS = ("households", "area_m2", "incidents", "parts", "cut", "norm_gap", "broken")


@dataclass(frozen=True)
class Effect:
    """One grid before and after a step; None where it was not there. cut: old grids its border cuts, by layer."""

    grid: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def figures(board: Board, state: State, grids: Sequence[str] | None = None) -> pd.DataFrame:
    """Give the figures of grids (None: all of the street), index = grid.

    households, area_m2, incidents (a month), parts (1 when it hangs together), cut (texts ``layer:old id`` of the old grids
    that its border cuts), norm_gap (households below -, above +, 0 within), broken (how many checks it breaks: separate parts,
    out of the norm, a compound cut).
    """
    rows = _rows(board, state, sorted(set(state.grid)) if grids is None else grids)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("grid_code")


def _rows(board: Board, state: State, grids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Give the rows of ``figures`` as they are, for a step touches few grids and must cost little."""
    members = state.members()
    rows = {}
    for name in grids:
        if name not in members:
            continue
        atoms = np.array(members[name], np.int64)
        held = float(board.weight[atoms].sum())
        gap = _gap(board, held)
        parts = len(board.parts(atoms.tolist()))
        halved = any(state.grid[other] != name for atom in atoms.tolist() for other in board.whole[atom])
        rows[name] = {
            "households": held,
            "area_m2": float(board.area[atoms].sum()),
            "incidents": float(board.incidents[atoms].sum()),
            "parts": parts,
            "cut": _cut(board, atoms),
            "norm_gap": gap,
            "broken": int(parts > 1) + int(gap != 0) + int(halved),
        }
    return rows


def effects(before: Draft, after: Draft, grids: Sequence[str]) -> list[Effect]:
    """Say what became of each grid a step names."""
    old, new = _rows(before.board, before.state, grids), _rows(after.board, after.state, grids)
    return [Effect(name, old.get(name), new.get(name)) for name in dict.fromkeys(grids) if name in old or name in new]


def summary(board: Board, state: State, was: Draft) -> dict[str, float]:
    """Give the measures by which plans of a street are compared. was: the plan they are compared with, perhaps on other ground.

    grids; inside, below, above (the norm); parts (grids in several pieces); whole_<layer> and old_<layer> (old grids that
    stay whole, of how many: all its ground in one new grid); new_m (border that no department had); border_m; cost_m (the
    objective); moved (households that leave their grid of ``was``, whatever grids are called: each stands for at most one of
    the others, so that most households stay); households_low and _high (tenth and ninetieth hundredth).
    """
    table = figures(board, state)
    grid = pd.factorize(np.array(state.grid, dtype=object))[0]
    pairs = board.pairs
    wall = grid[pairs.one] != grid[pairs.two]
    old = pairs.parted.any(axis=1) if len(board.layers) else np.zeros(len(wall), bool)
    found = {
        "grids": float(len(table)),
        "inside": float((table["norm_gap"] == 0).sum()),
        "below": float((table["norm_gap"] < 0).sum()),
        "above": float((table["norm_gap"] > 0).sum()),
        "parts": float((table["parts"] > 1).sum()),
    }
    for place, layer in enumerate(board.layers):
        there = board.codes[:, place] >= 0
        held = pd.DataFrame({"old": board.codes[there, place], "grid": grid[there]}).drop_duplicates()
        count = held.groupby("old").size()
        found |= {f"old_{layer}": float(len(count)), f"whole_{layer}": float((count == 1).sum())}
    spread = np.quantile(table["households"], [0.1, 0.9]) if len(table) else (0.0, 0.0)
    return found | {
        "border_m": float(pairs.metres[wall].sum()),
        "new_m": float(pairs.metres[wall & ~old].sum()),
        "cost_m": cost(board, state.grid),
        "moved": _moved(board, grid, was),
        "households_low": float(spread[0]),
        "households_high": float(spread[1]),
    }


def _moved(board: Board, grid: np.ndarray, was: Draft) -> float:
    """Give the households whose grid (numbers by atom) is not the one that theirs before became."""
    before = pd.factorize(np.array(was.state.grid, dtype=object))[0]
    if was.board is not board:
        middle = shapely.point_on_surface(board.atoms.geometry.to_numpy())
        atom, there = shapely.STRtree(was.board.atoms.geometry.to_numpy()).query(middle, predicate="intersects")
        at = np.full(len(board), -1)
        at[atom] = before[there]
        before = at
    both = np.zeros((grid.max(initial=0) + 1, before.max(initial=0) + 2))  # the last column: ground that was nowhere
    np.add.at(both, (grid, before), board.weight)
    stay = linear_sum_assignment(both[:, :-1], maximize=True)
    return max(0.0, float(both.sum() - both[stay].sum()))


def _gap(board: Board, held: float) -> float:
    if board.norm is None:
        return 0.0
    low, high = board.norm
    return min(0.0, held - low) + max(0.0, held - high)


def _cut(board: Board, atoms: np.ndarray) -> tuple[str, ...]:
    """Name the old grids that lie partly in this grid and partly in another: fewer of its atoms are here than there are."""
    found = []
    for place, layer in enumerate(board.layers):
        names, sizes = board.old[place]
        codes = board.codes[atoms, place]
        here = np.bincount(codes[codes >= 0], minlength=len(sizes))
        found += [f"{layer}:{names[code]}" for code in np.flatnonzero((here > 0) & (here < sizes)).tolist()]
    return tuple(found)
