"""Set partitioning: the cheapest zones of a pool that cover every node once, by linear and integer programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from highspy import _core

from gridmap.errors import MergeError

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints

FIRST = 3000
"""Columns the first linear program holds; more come in by reduced cost."""

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Columns:
    """Zones as columns: zone i holds ``nodes[pointer[i]:pointer[i + 1]]`` and costs ``cost[i]``."""

    nodes: Ints
    pointer: Ints
    cost: Floats

    def take(self, chosen: Ints) -> Columns:
        """Give the chosen columns only."""
        sizes = np.diff(self.pointer)[chosen]
        pointer = np.concatenate([[0], np.cumsum(sizes)])
        at = np.repeat(self.pointer[chosen] - pointer[:-1], sizes) + np.arange(pointer[-1])
        return Columns(self.nodes[at], pointer, self.cost[chosen])

    def reduced(self, price: Floats) -> Floats:
        """Give each column's reduced cost at the nodes' prices."""
        return np.asarray(self.cost - np.add.reduceat(price[self.nodes], self.pointer[:-1]))


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


def relax(columns: Columns, rows: int, *, known: Ints) -> tuple[float, Floats, Floats, Ints]:
    """Solve the linear program over all columns, letting them in by reduced cost.

    known: columns that cover every node once (the best partition known), so that there is a solution.
    Returns the value, the nodes' prices, the solution, and the columns it is over.
    """
    sizes = np.diff(columns.pointer)
    merit = columns.cost / sizes
    inside = np.zeros(len(columns.cost), bool)
    inside[np.argsort(merit, kind="stable")[:FIRST]] = True
    inside[known] = True
    chosen = np.flatnonzero(inside)
    highs = solver()
    load(highs, rows, columns.take(chosen))
    while True:
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise MergeError("The linear program of a nest unit could not be solved; please report this.")
        solution = highs.getSolution()
        price = np.array(solution.row_dual)
        reduced = columns.reduced(price)
        reduced[inside] = 0.0
        fresh = np.argsort(reduced, kind="stable")[:FIRST]
        fresh = fresh[reduced[fresh] < -TOLERANCE]
        if not len(fresh):
            return float(highs.getInfo().objective_function_value), price, np.array(solution.col_value), chosen
        inside[fresh] = True
        chosen = np.concatenate([chosen, fresh])
        part = columns.take(fresh)
        highs.addCols(
            len(fresh), part.cost, np.zeros(len(fresh)), np.full(len(fresh), highspy.kHighsInf), len(part.nodes),
            part.pointer[:-1].astype(np.int32), part.nodes.astype(np.int32), np.ones(len(part.nodes)),
        )  # fmt: skip


def join(one: Columns, two: Columns) -> Columns:
    """Put two sets of columns behind one another."""
    pointer = np.concatenate([one.pointer, one.pointer[-1] + two.pointer[1:]])
    return Columns(np.concatenate([one.nodes, two.nodes]), pointer, np.concatenate([one.cost, two.cost]))


def choose(columns: Columns, rows: int, *, known: Ints, nodes: int = 2000) -> tuple[Ints, bool]:
    """Choose the cheapest columns that cover every node once.

    known: the best such choice known. nodes: how many branching nodes the integer program may visit (a count, so that
    the answer never depends on the clock). Returns the columns chosen, and whether no choice of these columns is cheaper.
    """
    upper = float(columns.cost[known].sum())
    lower, price, value, chosen = relax(columns, rows, known=known)
    if np.all((value < 1e-7) | (value > 1 - 1e-7)):
        return chosen[value > 0.5], True
    near = np.flatnonzero(columns.reduced(price) <= upper - lower + TOLERANCE)
    near = np.union1d(near, known)
    highs = solver(integer=True)
    highs.setOptionValue("mip_max_nodes", nodes)
    load(highs, rows, columns.take(near), integer=True)
    guess = highspy.HighsSolution()
    guess.col_value = np.isin(near, known).astype(float)
    highs.setSolution(guess)
    highs.run()
    proven = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    picked = near[np.array(highs.getSolution().col_value) > 0.5]
    if len(columns.take(picked).nodes) != rows or columns.cost[picked].sum() > upper:
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
