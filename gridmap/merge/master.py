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


FREE = (-np.inf, np.inf)
"""As many grids as may be."""


class Relaxed(NamedTuple):
    """What a linear program says: its value, each node's price, each triple's charge, and how much of each column it takes.

    bonus: what every zone is worth besides its nodes, below 0 where there would be too many zones.
    """

    value: float
    price: Floats
    charge: Floats
    share: Floats
    bonus: float

    def beside(self, before: Relaxed, share: float) -> Relaxed:
        """Give this solution with prices and charges in which those from before have a share."""
        price = share * before.price + (1 - share) * self.price
        charge = share * before.charge + (1 - share) * self.charge
        bonus = share * before.bonus + (1 - share) * self.bonus
        return self._replace(price=price, charge=charge, bonus=bonus)

    def whole(self) -> bool:
        """Tell whether every column is taken entirely or not at all."""
        return bool(np.all((self.share < WHOLE) | (self.share > 1 - WHOLE)))


class Master:
    """A set partitioning problem's linear program. ``order``: for each of its columns, the number of the zone it stands for.

    Its rows: the nodes, the number of zones where it is limited, the triples. Where it is, one column more, the one at
    ``_excess``, stands for zones too few or too many.
    """

    def __init__(
        self, zones: Columns, chosen: Ints, rows: int, *, grids: tuple[float, float] = FREE, fine: float = 0.0
    ) -> None:  # fmt: skip
        """Begin with the chosen zones, which must cover every one of ``rows`` nodes.

        grids: how few and how many zones there may be; fine: the price of one too few or too many. With a price of at least
        a plan's cost no plan outside of these is worth having, and the value still bounds all plans within.
        """
        self.rows = rows
        self.order = chosen
        self.cuts = triples(np.zeros((0, 3), np.int64), rows)
        self._highs = solver()
        load(self._highs, rows, zones.take(chosen))
        self._excess = [len(chosen)] if grids != FREE else []
        if grids == FREE:
            return
        every = np.arange(len(chosen), dtype=np.int32)
        self._highs.addRow(*grids, len(chosen), every, np.ones(len(chosen)))
        sign = -1.0 if np.isfinite(grids[1]) else 1.0
        self._highs.addCol(fine, 0.0, highspy.kHighsInf, 1, np.array([rows], np.int32), np.array([sign]))

    def relax(self) -> Relaxed:
        """Solve it, from where it stood. Raises MergeError where HiGHS cannot."""
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise MergeError("The linear program of a nest unit could not be solved; please report this.")
        solution = self._highs.getSolution()
        dual = np.array(solution.row_dual)
        value = float(self._highs.getInfo().objective_function_value)
        counted = len(self._excess)
        charge = np.maximum(0.0, -dual[self.rows + counted :])
        share = np.delete(np.array(solution.col_value), self._excess)
        return Relaxed(value, dual[: self.rows], charge, share, float(dual[self.rows]) if counted else 0.0)

    def reduced(self, zones: Columns, at: Relaxed) -> Floats:
        """Give the reduced cost of every zone, whether it is a column or not."""
        value = reduced(zones.pointer, zones.nodes, zones.cost, at.price, self.cuts.pointer, self.cuts.of, at.charge)
        return np.asarray(value - at.bonus)

    def enter(self, zones: Columns, fresh: Ints) -> None:
        """Let zones in as columns."""
        part = zones.take(fresh)
        each = np.ones((len(fresh), len(self._excess)), np.int8)
        row, column = np.nonzero(np.hstack([part.held(self.rows), each, self.twice(part)]))
        start = np.searchsorted(row, np.arange(len(fresh))).astype(np.int32)
        self._highs.addCols(
            len(fresh), part.cost, np.zeros(len(fresh)), np.full(len(fresh), highspy.kHighsInf), len(column), start,
            column.astype(np.int32), np.ones(len(column)),
        )  # fmt: skip
        self.order = np.concatenate([self.order, fresh])

    def cut(self, zones: Columns, nodes: Ints) -> None:
        """Add triples of nodes as rows."""
        held = np.insert(zones.take(self.order).held(self.rows), self._excess, 0, axis=0)
        forbid(self._highs, twice(held, nodes))
        self.cuts = triples(np.vstack([self.cuts.nodes, nodes]), self.rows)

    def twice(self, part: Columns) -> npt.NDArray[np.int8]:
        """Give a row a zone, with 1 at each triple of which it holds two nodes or three."""
        return twice(part.held(self.rows), self.cuts.nodes)
