"""Indicators and counted questions about incidents, in DuckDB, each asked once per data version.

``Filters`` says which incidents; ``strip``, ``counts``, ``trend``, ``cases`` and ``density`` answer what a page shows.
``indicators`` lists the figures of the dossier, ``run`` works one out, ``cases_behind`` lists what stands behind it,
``red_list`` what fails.
"""

from gridmap.kpi.densities import density
from gridmap.kpi.departments import Weight, by_department, departments, run_by_department
from gridmap.kpi.figures import Figure, strip
from gridmap.kpi.filters import Filters
from gridmap.kpi.indicator import Indicator, Rule, indicators, rules
from gridmap.kpi.questions import DIMENSIONS, cases, counts, data_range, trend
from gridmap.kpi.red_lists import RED_LISTS, RedList, red_counts, red_list
from gridmap.kpi.runner import GROUPS, called_not_set, cases_behind, goal, is_answered, not_set, run, work_ahead

__all__ = [
    "DIMENSIONS",
    "GROUPS",
    "RED_LISTS",
    "Figure",
    "Filters",
    "Indicator",
    "RedList",
    "Rule",
    "Weight",
    "by_department",
    "called_not_set",
    "cases",
    "cases_behind",
    "counts",
    "data_range",
    "density",
    "departments",
    "goal",
    "indicators",
    "is_answered",
    "not_set",
    "red_counts",
    "red_list",
    "rules",
    "run",
    "run_by_department",
    "strip",
    "trend",
    "work_ahead",
]
