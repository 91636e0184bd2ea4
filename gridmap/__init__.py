"""gridmap: merge departmental grids into one set of all-subject grids, and put a district's work on that one map."""

__version__ = "0.1.0"
