"""Where departments disagree most: ground that all of them keep together, but each attaches to other neighbours."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap import terms
from gridmap.merge.explain import Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.merge.board import Board
    from gridmap.merge.objective import Ints

LEAST_M = 20.0
"""Borders in dispute over fewer metres than this are drawing, not disagreement."""


@dataclass(frozen=True)
class Dispute:
    """One place. atoms: its ground; households; metres: of its border on which departments disagree.

    joins: for each neighbouring place (by one of its atoms) the metres shared and the layers that keep both together and
    those that part them. grids: each layer's old grid there. units: what lies in it that is never cut (compounds).
    """

    atoms: tuple[int, ...]
    nest: str
    households: float
    area_m2: float
    metres: float
    joins: tuple[tuple[int, float, tuple[str, ...], tuple[str, ...]], ...]
    grids: dict[str, str]
    units: tuple[str, ...] = ()
    twin: int = 1
    """Which of the places this is that lie in the same old grids of every layer, apart from each other: the gravest is 1."""

    @property
    def key(self) -> str:
        """Name the place by what the departments call it: the same as long as their grids are."""
        named = f"{self.nest}/" + "/".join(f"{layer}={old}" for layer, old in sorted(self.grids.items()))
        return named if self.twin == 1 else f"{named}#{self.twin}"


def disputes(board: Board) -> list[Dispute]:
    """List the places where departments disagree, those of most households first, then of most metres.

    A place is a set of atoms that every layer there keeps together. It is in dispute when one layer joins it to a neighbour
    from which another parts it, over at least LEAST_M metres in all.
    """
    pairs = board.pairs
    place = _places(board)
    outer = place[pairs.one] != place[pairs.two]
    known = (board.codes[pairs.one] >= 0) & (board.codes[pairs.two] >= 0)
    parts = (pairs.parted & known).any(axis=1)
    joins = (~pairs.parted & known).any(axis=1)
    torn = outer & parts & joins
    ends = pd.DataFrame({
        "mine": np.append(place[pairs.one[torn]], place[pairs.two[torn]]),
        "theirs": np.append(place[pairs.two[torn]], place[pairs.one[torn]]),
        "atom": np.append(pairs.two[torn], pairs.one[torn]),
        "pair": np.tile(np.flatnonzero(torn), 2),
        "metres": np.tile(pairs.metres[torn], 2),
    })  # fmt: skip
    members = pd.Series(np.arange(len(board))).groupby(place).agg(tuple)
    found = [_dispute(board, members[mine], rows, known) for mine, rows in ends.groupby("mine", sort=True)]
    kept = [one for one in found if one.metres >= LEAST_M and one.households >= 1]
    listed, twins = [], Counter[str]()
    for one in sorted(kept, key=lambda one: (-round(one.households), -one.metres, one.key, one.atoms)):
        twins[one.key] += 1
        listed.append(replace(one, twin=twins[one.key]))
    return listed


def followed(grid: Sequence[str], dispute: Dispute) -> dict[str, tuple[float, float]]:
    """Give, for each layer, on how many metres of the disputed border a plan does as the layer does, and on how many not."""
    mine = grid[dispute.atoms[0]]
    yes, no = defaultdict[str, float](float), defaultdict[str, float](float)
    for atom, metres, together, apart in dispute.joins:
        same = grid[atom] == mine
        for layer in together if same else apart:
            yes[layer] += metres
        for layer in apart if same else together:
            no[layer] += metres
    return {layer: (yes[layer], no[layer]) for layer in sorted({*yes, *no})}


def reasons(board: Board, grid: Sequence[str], dispute: Dispute) -> list[Sentence]:
    """Say to which grid a plan puts the place, and what else the norm would make of it."""
    mine = grid[dispute.atoms[0]]
    said = []
    held = float(board.weight[[a for a, name in enumerate(grid) if name == mine]].sum())
    said.append(
        Sentence(terms.key("It goes to grid {grid} of {households} households."), {"grid": mine, "households": round(held)})
    )
    if board.norm is not None:
        low, high = board.norm
        alone = held - dispute.households
        if low <= held <= high and alone < low:
            said.append(
                Sentence(terms.key("Without this place the grid would fall below {low} households."), {"low": round(low)})
            )
        for atom in dict.fromkeys(a for a, *_ in dispute.joins if grid[a] != mine):
            theirs = float(board.weight[[a for a, name in enumerate(grid) if name == grid[atom]]].sum())
            if theirs + dispute.households > high:
                said.append(
                    Sentence(
                        terms.key("With this place grid {grid} would have {households} households, above {high}."),
                        {"grid": grid[atom], "households": round(theirs + dispute.households), "high": round(high)},
                    )
                )
    return list({repr(sentence): sentence for sentence in said}.values())


def _places(board: Board) -> Ints:
    """Give each atom the number of its place: atoms that every layer keeps together, or that are one compound."""
    pairs = board.pairs
    together = ~pairs.parted.any(axis=1)
    one, two = pairs.one[together].tolist(), pairs.two[together].tolist()
    for group in {group for group in board.whole if len(group) > 1}:
        one += group[:-1]
        two += group[1:]
    count = len(board)
    graph = coo_array((np.ones(len(one)), (one, two)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _dispute(board: Board, atoms: tuple[int, ...], rows: pd.DataFrame, known: np.ndarray) -> Dispute:
    joins = []
    for _, shared in rows.groupby("theirs", sort=True):
        pair = shared["pair"].to_numpy()
        metres = board.pairs.metres[pair]
        parted = (board.pairs.parted[pair] & known[pair]) * metres[:, None]
        kept = (~board.pairs.parted[pair] & known[pair]) * metres[:, None]
        apart = tuple(layer for at, layer in enumerate(board.layers) if parted[:, at].sum() > kept[:, at].sum())
        together = tuple(layer for at, layer in enumerate(board.layers) if kept[:, at].sum() >= parted[:, at].sum() > 0 or (
            kept[:, at].sum() > 0 and parted[:, at].sum() == 0
        ))  # fmt: skip
        if apart and together:
            joins.append((int(shared["atom"].iloc[0]), round(float(metres.sum()), 1), together, apart))
    biggest = max(atoms, key=lambda atom: (board.weight[atom], board.area[atom], -atom))
    old = {layer: board.atoms[layer].iloc[biggest] for layer in board.layers}
    return Dispute(
        atoms=tuple(int(atom) for atom in atoms),
        nest=board.nest[atoms[0]],
        households=float(board.weight[list(atoms)].sum()),
        area_m2=float(board.area[list(atoms)].sum()),
        metres=round(sum(metres for _, metres, _, _ in joins), 1),
        joins=tuple(joins),
        grids={layer: str(name) for layer, name in old.items() if isinstance(name, str)},
        units=tuple(dict.fromkeys(unit for unit in _units(board, atoms) if isinstance(unit, str))),
    )


def _units(board: Board, atoms: tuple[int, ...]) -> list[object]:
    return board.atoms["unit_id"].iloc[list(atoms)].tolist() if "unit_id" in board.atoms.columns else []
