"""Boards for tests of editing: squares of 100 m in rows, two communities side by side, two departments that disagree.

Columns 0-2 lie in community n1, 3-5 in n2. Department a cuts by columns, b by rows; the grids of the plan are columns of
n1 and rows of n2. Every square has 100 households.
"""

import geopandas as gpd
import shapely

from gridmap.merge.board import Board
from gridmap.merge.plan import Draft, State

WIDE, HIGH = 6, 4
HALF = 3


def number(column, row):
    """The atom of a square."""
    return row * WIDE + column


def board(*, units=(), households=100.0, norm=(300, 500)):
    """The board; units: groups of atoms that are one compound each."""
    rows = [
        {
            "nest_id": "n1" if column < HALF else "n2",
            "a": f"a{column}",
            "b": f"b{'w' if column < HALF else 'e'}{row}",
            "weight": households,
            "incidents": 2.0,
            "geometry": shapely.box(100 * column, 100 * row, 100 * column + 100, 100 * row + 100),
        }
        for row in range(HIGH)
        for column in range(WIDE)
    ]
    frame = gpd.GeoDataFrame(rows, crs=4549)
    if units:
        frame["unit_id"] = None
        for name, atoms in enumerate(units):
            frame.loc[list(atoms), "unit_id"] = f"u{name}"
    return Board(frame, norm=norm)


def state():
    """The plan: n1 by columns (n1-0, n1-1, n1-2: 400 households each), n2 by rows (n2-0 to n2-3: 300 each)."""
    return State(tuple(f"n1-{column}" if column < HALF else f"n2-{row}" for row in range(HIGH) for column in range(WIDE)))


def draft(**options):
    return Draft(board(**options), state())
