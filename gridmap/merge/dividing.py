"""Dividing a grid along a line drawn on the map: ground that may be cut is cut, what must stay whole goes to one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import ops

from gridmap.errors import MergeError
from gridmap.merge.cut import parted
from gridmap.merge.plan import Change, Piece, fresh
from gridmap.merge.weigh import weigh

if TYPE_CHECKING:
    import pandas as pd
    from shapely import LineString

    from gridmap.merge.board import Board
    from gridmap.merge.plan import Draft

LEAST_M2 = 500.0
"""A side smaller than this is no division but a slip of the hand."""


def along(draft: Draft, grid: str, line: LineString, *, buildings: gpd.GeoDataFrame | None = None) -> Change:
    """Divide a grid along a line; the side of most ground keeps the name.

    line: in the atoms' CRS, through the grid from outside to outside. buildings: ``households`` as points or polygons in the
    same CRS, to share a cut piece's households; without them by area, as its incidents are.
    Raises MergeError when the grid is locked or does not exist, or the line does not divide it.
    """
    board, state = draft.board, draft.state
    members = np.array(state.atoms_of(grid), dtype=np.intp)
    if not len(members):
        raise MergeError("There is no grid {grid} in this street.", grid=grid)
    if grid in state.locked:
        raise MergeError("Grid {grid} is locked; unlock it first.", grid=grid)
    shapes = board.atoms.geometry.to_numpy()
    sides = [part for part in ops.split(shapely.union_all(shapes[members]), line).geoms if part.area >= LEAST_M2]
    if len(sides) < 2:
        raise MergeError("The line does not divide grid {grid}: draw it from outside to outside, right through.", grid=grid)
    sides.sort(key=lambda part: -part.area)
    may_cut = np.zeros(len(shapes), bool)
    may_cut[[atom for atom in members if len(board.whole[atom]) == 1 and not _kept(board, atom)]] = True
    cut = parted(shapes, may_cut, np.array([line], dtype=object))
    pieces, ground = _pieces(board, cut, buildings)
    homes = {int(atom): 0 for atom in members} | {piece.atom: 0 for piece in pieces if piece.before is None}
    for group in {tuple(board.whole[atom]) if atom < len(shapes) else (atom,) for atom in homes}:
        shared = [sum(ground.get(a, shapes[min(a, len(shapes) - 1)]).intersection(part).area for a in group) for part in sides]
        homes |= dict.fromkeys((atom for atom in group if atom in homes), int(np.argmax(shared)))
    names, used = {0: grid}, [*state.grid]
    for side in sorted(set(homes.values()) - {0}):
        names[side] = fresh(used, board.nest[members[0]])
        used.append(names[side])
    if len(set(homes.values())) < 2 or 0 not in homes.values():
        raise MergeError("What the line would part off must stay whole with the rest of grid {grid}.", grid=grid)
    moved = tuple(sorted(atom for atom, side in homes.items() if side))
    change = Change(
        "split", tuple(names[side] for side in sorted(names)), moved, tuple(grid for _ in moved),
        tuple(names[homes[atom]] for atom in moved), pieces=tuple(pieces),
    )  # fmt: skip
    after = draft.do(change)
    for name in names.values():
        if len(after.board.parts(after.state.atoms_of(name))) > 1:
            raise MergeError("The line would leave a grid in separate pieces; draw it more simply.")
    return change


def _kept(board: Board, atom: int) -> bool:
    """Say whether an atom is (part of) a compound, which no border may cut."""
    return "unit_id" in board.atoms.columns and isinstance(board.atoms["unit_id"].iloc[atom], str)


def _pieces(
    board: Board, cut: list[np.ndarray], buildings: gpd.GeoDataFrame | None
) -> tuple[list[Piece], dict[int, shapely.Geometry]]:
    """List the atoms whose outline changed and those that are new, with their shares of households and incidents."""
    shapes, count = board.atoms.geometry.to_numpy(), len(board)
    listed: list[Piece] = []
    ground: dict[int, shapely.Geometry] = {}
    for atom, parts in enumerate(cut):
        if len(parts) == 1 and bool(shapely.equals_identical(parts[0], shapes[atom])):
            continue
        shares = _shares(board, parts, buildings)
        for number, part in enumerate(parts):
            place = atom if number == 0 else count
            count += number > 0
            ground[place] = part
            households, cases = float(board.weight[atom]), float(board.incidents[atom])
            listed.append(
                Piece(
                    place, atom, _hex(shapes[atom]) if number == 0 else None, _hex(part),
                    (households if number == 0 else 0.0, households * float(shares[number])),
                    (cases if number == 0 else 0.0, cases * float(part.area / sum(p.area for p in parts))),
                )
            )  # fmt: skip
    return listed, ground


def _shares(board: Board, parts: np.ndarray, buildings: gpd.GeoDataFrame | None) -> np.ndarray:
    by_area = np.asarray(shapely.area(parts) / shapely.area(parts).sum())
    if len(parts) == 1 or buildings is None or not len(buildings):
        return by_area
    frame = gpd.GeoDataFrame(geometry=list(parts), crs=board.atoms.crs)
    held: pd.Series = weigh(frame, buildings, "households")
    return np.asarray(held / held.sum()) if held.sum() > 0 else by_area


def _hex(shape: shapely.Geometry) -> str:
    return str(shapely.to_wkb(shape, hex=True))
