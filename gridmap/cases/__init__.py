"""The work in the grid: how a case runs through its six steps and three levels, and everything that is kept beside it.

``report`` writes a case down, ``act`` makes a move, ``find`` and ``history`` tell it. Rules stand in ``life`` (moves),
``clocks`` (times) and ``place`` (who is meant); everything else reads or keeps books.
"""

from gridmap.cases.calendar import Calendar
from gridmap.cases.case import Case, Event
from gridmap.cases.clocks import Clock, Rules
from gridmap.cases.hands import LEVELS, Hand
from gridmap.cases.life import LIFE, MOVES, STATES, STEPS, Move, fold, open_moves, refusal, step
from gridmap.cases.record import act, find, history, report

__all__ = [
    "LEVELS",
    "LIFE",
    "MOVES",
    "STATES",
    "STEPS",
    "Calendar",
    "Case",
    "Clock",
    "Event",
    "Hand",
    "Move",
    "Rules",
    "act",
    "find",
    "fold",
    "history",
    "open_moves",
    "refusal",
    "report",
    "step",
]
