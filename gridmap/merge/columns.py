"""Set partitioning: zones as columns, and the cheapest choice of them that covers every node once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
import numpy.typing as npt
from highspy import _core

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints


@dataclass(frozen=True)
class Columns:
    """Zones as columns: zone i holds ``nodes[pointer[i]:pointer[i + 1]]`` and costs ``cost[i]``."""

    nodes: npt.NDArray[np.int32]
    pointer: Ints
    cost: Floats

    def take(self, chosen: Ints) -> Columns:
        """Give the chosen columns only."""
        sizes = np.diff(self.pointer)[chosen]
        pointer = np.concatenate([[0], np.cumsum(sizes)])
        at = np.repeat(self.pointer[chosen] - pointer[:-1], sizes) + np.arange(pointer[-1])
        return Columns(self.nodes[at], pointer, self.cost[chosen])

    def held(self, rows: int) -> npt.NDArray[np.int8]:
        """Give a row a column, with 1 at each of ``rows`` nodes that it holds."""
        held = np.zeros((len(self.cost), rows), np.int8)
        held[np.repeat(np.arange(len(self.cost)), np.diff(self.pointer)), self.nodes] = 1
        return held


def solver(*, integer: bool = False) -> _core._Highs:
    """Make a silent HiGHS on one thread, whose results do not depend on the clock."""
    highs = _core._Highs()  # noqa: SLF001 - its child highspy.Highs greets on standard output, where the shell writes JSON
    highs.setOptionValue("log_to_console", False)  # noqa: FBT003 - the name says what it is
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 1)
    if integer:
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.setOptionValue("mip_abs_gap", 1e-4)
    return highs


def load(highs: _core._Highs, rows: int, columns: Columns, *, integer: bool = False) -> None:
    """Give HiGHS the set partitioning problem over ``columns``."""
    model = highspy.HighsLp()
    model.num_col_ = len(columns.cost)
    model.num_row_ = rows
    model.col_cost_ = columns.cost
    model.col_lower_ = np.zeros(len(columns.cost))
    model.col_upper_ = np.full(len(columns.cost), highspy.kHighsInf)
    model.row_lower_ = np.ones(rows)
    model.row_upper_ = np.ones(rows)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = columns.pointer.astype(np.int32)
    model.a_matrix_.index_ = columns.nodes.astype(np.int32)
    model.a_matrix_.value_ = np.ones(len(columns.nodes))
    if integer:
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(columns.cost)
    highs.passModel(model)


def forbid(highs: _core._Highs, twice: npt.NDArray[np.int8]) -> None:
    """Add rows: of the columns with 1 in each of the columns of ``twice``, at most one is taken."""
    for cut in twice.T:
        at = np.flatnonzero(cut).astype(np.int32)
        highs.addRow(-highspy.kHighsInf, 1.0, len(at), at, np.ones(len(at)))


def choose(columns: Columns, twice: npt.NDArray[np.int8], rows: int, *, known: Ints, most: int) -> tuple[Ints, bool]:
    """Choose the cheapest columns that cover every node once.

    twice: valid cuts (see ``forbid``). known: the best such choice known. most: how many branching nodes the integer program
    may visit (a count, so that the answer never depends on the clock). Returns the columns chosen, and whether no choice of
    these columns is cheaper.
    """
    highs = solver(integer=True)
    highs.setOptionValue("mip_max_nodes", most)
    load(highs, rows, columns, integer=True)
    forbid(highs, twice)
    guess = highspy.HighsSolution()
    guess.col_value = np.isin(np.arange(len(columns.cost)), known).astype(float)
    highs.setSolution(guess)
    highs.run()
    proven = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    picked = np.flatnonzero(np.array(highs.getSolution().col_value) > 0.5)
    if len(columns.take(picked).nodes) != rows or columns.cost[picked].sum() > columns.cost[known].sum():
        return known, proven
    return picked, proven


def find(columns: Columns, zone: Ints) -> Ints | None:
    """Give the columns that are a partition's zones (``zone``: each node's), or None where one is missing."""
    sizes = np.diff(columns.pointer)
    rows = zone[columns.nodes]
    first = rows[columns.pointer[:-1]]
    alike = np.add.reduceat((rows == np.repeat(first, sizes)).astype(np.int64), columns.pointer[:-1]) == sizes
    whole = np.flatnonzero(alike & (sizes == np.bincount(zone)[first]))
    _, once = np.unique(first[whole], return_index=True)
    return whole[once] if len(once) == len(np.unique(zone)) else None


def zones_of(columns: Columns, rows: int) -> Ints:
    """Give each node's zone, where the columns cover every node once."""
    zone = np.empty(rows, np.int64)
    zone[columns.nodes] = np.repeat(np.arange(len(columns.cost)), np.diff(columns.pointer))
    return zone
