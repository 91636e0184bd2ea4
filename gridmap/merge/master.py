"""The linear program over zones, which grows by columns (zones) and by rows (triples) and says what each node is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

from gridmap.errors import MergeError
from gridmap.merge.columns import Columns, forbid, load, solver
from gridmap.merge.triples import reduced, triples, twice

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints

WHOLE = 1e-6
"""How far from 0 or 1 a share may be and count as whole."""


class Relaxed(NamedTuple):
    """What a linear program says: its value, each node's price, each triple's charge, and how much of each column it takes."""

    value: float
    price: Floats
    charge: Floats
    share: Floats

    def beside(self, before: Relaxed, share: float) -> Relaxed:
        """Give this solution with prices and charges in which those from before have a share."""
        price = share * before.price + (1 - share) * self.price
        return self._replace(price=price, charge=share * before.charge + (1 - share) * self.charge)

    def whole(self) -> bool:
        """Tell whether every column is taken entirely or not at all."""
        return bool(np.all((self.share < WHOLE) | (self.share > 1 - WHOLE)))


class Master:
    """A set partitioning problem's linear program. ``order``: for each of its columns, the number of the zone it stands for."""

    def __init__(self, zones: Columns, chosen: Ints, rows: int) -> None:
        """Begin with the chosen zones, which must cover every one of ``rows`` nodes."""
        self.rows = rows
        self.order = chosen
        self.cuts = triples(np.zeros((0, 3), np.int64), rows)
        self._highs = solver()
        load(self._highs, rows, zones.take(chosen))

    def relax(self) -> Relaxed:
        """Solve it, from where it stood. Raises MergeError where HiGHS cannot."""
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise MergeError("The linear program of a nest unit could not be solved; please report this.")
        solution = self._highs.getSolution()
        dual = np.array(solution.row_dual)
        value = float(self._highs.getInfo().objective_function_value)
        return Relaxed(value, dual[: self.rows], np.maximum(0.0, -dual[self.rows :]), np.array(solution.col_value))

    def reduced(self, zones: Columns, at: Relaxed) -> Floats:
        """Give the reduced cost of every zone, whether it is a column or not."""
        return np.asarray(reduced(zones.pointer, zones.nodes, zones.cost, at.price, self.cuts.pointer, self.cuts.of, at.charge))

    def enter(self, zones: Columns, fresh: Ints) -> None:
        """Let zones in as columns."""
        part = zones.take(fresh)
        row, column = np.nonzero(np.hstack([part.held(self.rows), self.twice(part)]))
        start = np.searchsorted(row, np.arange(len(fresh))).astype(np.int32)
        self._highs.addCols(
            len(fresh), part.cost, np.zeros(len(fresh)), np.full(len(fresh), highspy.kHighsInf), len(column), start,
            column.astype(np.int32), np.ones(len(column)),
        )  # fmt: skip
        self.order = np.concatenate([self.order, fresh])

    def cut(self, zones: Columns, nodes: Ints) -> None:
        """Add triples of nodes as rows."""
        forbid(self._highs, twice(zones.take(self.order).held(self.rows), nodes))
        self.cuts = triples(np.vstack([self.cuts.nodes, nodes]), self.rows)

    def twice(self, part: Columns) -> npt.NDArray[np.int8]:
        """Give a row a zone, with 1 at each triple of which it holds two nodes or three."""
        return twice(part.held(self.rows), self.cuts.nodes)
