"""A plan being edited: an immutable state, changes that can be done and undone without limit, and the draft they make.

A change holds what it replaced as well as what it put there, so that going back gives the state before to the byte, and a
draft is told whole by its changes in order. Changes are plain data: they are kept as JSON, one after the other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.errors import MergeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmap.merge.board import Board

Rule = tuple[str, tuple[int, ...]]
"""What people fixed about atoms: ("stay", one atom) it stays in its grid; ("apart", two atoms) never one grid."""

NEW = "+"
"""Stands between the nest unit and a number in the name of a grid that has no code yet."""


@dataclass(frozen=True)
class State:
    """A plan at one moment: the grid of each atom, which grids are locked, which rules hold."""

    grid: tuple[str, ...]
    locked: frozenset[str] = frozenset()
    rules: frozenset[Rule] = frozenset()

    def to_bytes(self) -> bytes:
        """Write the state; equal states give equal bytes."""
        body = {"grid": self.grid, "locked": sorted(self.locked), "rules": sorted(self.rules)}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def atoms_of(self, grid: str) -> tuple[int, ...]:
        """Give the atoms of a grid."""
        return tuple(atom for atom, name in enumerate(self.grid) if name == grid)

    def members(self) -> dict[str, tuple[int, ...]]:
        """Give the atoms of every grid."""
        found: dict[str, list[int]] = {}
        for atom, name in enumerate(self.grid):
            found.setdefault(name, []).append(atom)
        return {name: tuple(atoms) for name, atoms in found.items()}


@dataclass(frozen=True)
class Piece:
    """An atom whose outline a cut changed, or made: hex WKB and figures before (None: it was not there) and after."""

    atom: int
    like: int
    before: str | None
    after: str
    weight: tuple[float, float]
    incidents: tuple[float, float]


@dataclass(frozen=True)
class Change:
    """One step of an edit. what: a short name of its kind; grids: those it is about, the giving ones first.

    before and after: the grid of each of ``atoms``; locked, unlocked, ruled, freed: what was added to and taken from the
    state's locks and rules; pieces: atoms a cut changed (they come before the rest).
    """

    what: str
    grids: tuple[str, ...] = ()
    atoms: tuple[int, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()
    ruled: tuple[Rule, ...] = ()
    freed: tuple[Rule, ...] = ()
    pieces: tuple[Piece, ...] = ()

    def to_json(self) -> str:
        """Write the change as JSON, what is empty left out."""
        body: dict[str, Any] = {name: value for name, value in vars(self).items() if value}
        if self.pieces:
            body["pieces"] = [vars(piece) for piece in self.pieces]
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Change:
        """Read a change as to_json wrote it."""
        body: dict[str, Any] = json.loads(text)

        def rules(name: str) -> tuple[Rule, ...]:
            return tuple((kind, tuple(atoms)) for kind, atoms in body.get(name, ()))

        pieces = tuple(
            Piece(**{**piece, "weight": tuple(piece["weight"]), "incidents": tuple(piece["incidents"])})
            for piece in body.get("pieces", ())
        )
        plain = {name: tuple(body.get(name, ())) for name in ("grids", "atoms", "before", "after", "locked", "unlocked")}
        return cls(body["what"], **plain, ruled=rules("ruled"), freed=rules("freed"), pieces=pieces)

    @property
    def nothing(self) -> bool:
        """Say whether the change would leave everything as it is."""
        return not (self.before != self.after or self.locked or self.unlocked or self.ruled or self.freed or self.pieces)


@dataclass(frozen=True, eq=False)
class Draft:
    """A street's plan under edit: the board, the state, what was done and what was taken back. Nothing in it ever changes."""

    board: Board
    state: State
    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = field(default=())

    def do(self, change: Change) -> Draft:
        """Do a change; what had been taken back is forgotten. Raises MergeError when it does not fit the state."""
        board, state = _forward(self.board, self.state, change)
        return replace(self, board=board, state=state, done=(*self.done, change), undone=())

    def undo(self) -> Draft:
        """Take the last change back; with none the draft stays as it is."""
        if not self.done:
            return self
        change = self.done[-1]
        board, state = _backward(self.board, self.state, change)
        return replace(self, board=board, state=state, done=self.done[:-1], undone=(*self.undone, change))

    def redo(self) -> Draft:
        """Do again what was taken back last; with nothing taken back the draft stays as it is."""
        if not self.undone:
            return self
        change = self.undone[-1]
        board, state = _forward(self.board, self.state, change)
        return replace(self, board=board, state=state, done=(*self.done, change), undone=self.undone[:-1])

    def digest(self) -> str:
        """Give a digest of the state and the ground under it."""
        found = hashlib.sha256(self.state.to_bytes())
        for shape in shapely.to_wkb(self.board.atoms.geometry.to_numpy()):
            found.update(shape)
        return found.hexdigest()[:32]


def fresh(used: Sequence[str], nest: str) -> str:
    """Give a name no grid of a nest unit has yet, for a grid that gets its code when the plan is published."""
    taken = {name for name in used if name.startswith(nest + NEW)}
    return next(name for n in range(1, len(taken) + 2) if (name := f"{nest}{NEW}{n}") not in taken)


def replay(board: Board, state: State, acts: Sequence[tuple[str, str]]) -> Draft:
    """Tell a draft from the beginning. acts: ("do", change as JSON), ("undo", "") and ("redo", ""), in order."""
    draft = Draft(board, state)
    for act, text in acts:
        draft = follow(draft, act, text)
    return draft


def follow(draft: Draft, act: str, text: str) -> Draft:
    """Do one act: "do" with a change as JSON, "undo" or "redo". Raises MergeError for any other."""
    if act == "do":
        return draft.do(Change.from_json(text))
    if act not in {"undo", "redo"}:
        raise MergeError("A plan knows no step {act}.", act=act)
    return draft.undo() if act == "undo" else draft.redo()


def _forward(board: Board, state: State, change: Change) -> tuple[Board, State]:
    if change.pieces:
        board, state = _cut(board, state, change.pieces)
    grid = _put(state.grid, change.atoms, change.before, change.after)
    locked = (state.locked - set(change.unlocked)) | set(change.locked)
    return board, State(grid, locked, (state.rules - set(change.freed)) | set(change.ruled))


def _backward(board: Board, state: State, change: Change) -> tuple[Board, State]:
    grid = _put(state.grid, change.atoms, change.after, change.before)
    locked = (state.locked - set(change.locked)) | set(change.unlocked)
    state = State(grid, locked, (state.rules - set(change.ruled)) | set(change.freed))
    return _mend(board, state, change.pieces) if change.pieces else (board, state)


def _put(grid: tuple[str, ...], atoms: Sequence[int], old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    changed = list(grid)
    for atom, was, becomes in zip(atoms, old, new, strict=True):
        if not 0 <= atom < len(changed) or changed[atom] != was:
            raise MergeError("The step does not fit the plan as it is now; load the page again.")
        changed[atom] = becomes
    return tuple(changed)


def _cut(board: Board, state: State, pieces: Sequence[Piece]) -> tuple[Board, State]:
    """Put the pieces' outlines into the board; a new atom stands in the grid of the one it was cut from."""
    atoms = board.atoms
    fresh = [piece for piece in pieces if piece.before is None]
    rows = pd.concat([atoms, atoms.iloc[[piece.like for piece in fresh]]], ignore_index=True) if fresh else atoms
    grid = state.grid + tuple(state.grid[piece.like] for piece in fresh)
    return board.reshaped(_with(rows, {piece.atom: (piece.after, piece.weight[1], piece.incidents[1]) for piece in pieces})), (
        replace(state, grid=grid)
    )


def _mend(board: Board, state: State, pieces: Sequence[Piece]) -> tuple[Board, State]:
    """Put back the outlines from before a cut."""
    count = len(state.grid) - sum(piece.before is None for piece in pieces)
    back = {p.atom: (p.before, p.weight[0], p.incidents[0]) for p in pieces if p.before is not None}
    return board.reshaped(_with(board.atoms.iloc[:count], back)), replace(state, grid=state.grid[:count])


def _with(atoms: gpd.GeoDataFrame, changed: Mapping[int, tuple[str, float, float]]) -> gpd.GeoDataFrame:
    shapes = atoms.geometry.to_numpy().copy()
    weight = atoms["weight"].to_numpy(float).copy()
    incidents = atoms["incidents"].to_numpy(float).copy() if "incidents" in atoms.columns else weight * 0
    for atom, (shape, households, cases) in changed.items():
        shapes[atom], weight[atom], incidents[atom] = shapely.from_wkb(shape), households, cases
    rows = atoms.assign(weight=weight, incidents=incidents)
    return rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=atoms.crs))
