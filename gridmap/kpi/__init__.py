"""Indicators and counted questions about incidents, in DuckDB, each asked once per data version.

``Filters`` says which incidents; ``strip``, ``counts``, ``trend``, ``cases`` and ``density`` answer what a page shows.
"""

from gridmap.kpi.figures import Figure, strip
from gridmap.kpi.filters import Filters
from gridmap.kpi.questions import DIMENSIONS, cases, counts, data_range, density, trend

__all__ = ["DIMENSIONS", "Figure", "Filters", "cases", "counts", "data_range", "density", "strip", "trend"]
