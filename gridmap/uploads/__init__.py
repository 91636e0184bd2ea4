"""The way of a department's file into the district: kept at every step, so that it can be left and resumed.

The pages and the command line walk it alike. A boundary file goes through five steps (``STEPS``), a table through one.
"""

from gridmap.errors import IntakeError
from gridmap.uploads.changes import Changes, changes, stored_changes
from gridmap.uploads.district import known
from gridmap.uploads.keeping import DEPARTMENTS, STEPS, Reading, Shelf, Step, Upload, departments
from gridmap.uploads.walk import (
    CLEANED,
    EDITS,
    LOOKED,
    RAW,
    Fit,
    Look,
    being_checked,
    check,
    clean,
    findings,
    keep,
    look,
    table,
    table_crs,
)

__all__ = [
    "CLEANED",
    "DEPARTMENTS",
    "EDITS",
    "LOOKED",
    "RAW",
    "STEPS",
    "Changes",
    "Fit",
    "IntakeError",
    "Look",
    "Reading",
    "Shelf",
    "Step",
    "Upload",
    "being_checked",
    "changes",
    "check",
    "clean",
    "departments",
    "findings",
    "keep",
    "known",
    "look",
    "stored_changes",
    "table",
    "table_crs",
]
