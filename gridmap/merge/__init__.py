"""The engine: cleans departmental layers, overlays them, and joins the pieces to unified grids. Pure: no files, no output."""

from gridmap.finding import Finding
from gridmap.merge.checks import check, locate
from gridmap.merge.clean import Cleaned, clean
from gridmap.merge.crosswalk import crosswalk
from gridmap.merge.cut import cut
from gridmap.merge.disagreements import disagreements, new_borders
from gridmap.merge.engine import Merged, run, stream
from gridmap.merge.explain import Sentence
from gridmap.merge.inputs import Inputs, Options, common_crs, options, project
from gridmap.merge.numbering import number
from gridmap.merge.objective import Objective
from gridmap.merge.overlay import overlay
from gridmap.merge.partition import Plan, partition
from gridmap.merge.pinning import by_name as pins_by_name
from gridmap.merge.pins import Apart, InGrid, Locked, Pin, Together
from gridmap.merge.tasks import CancelledError
from gridmap.merge.weigh import weigh

__all__ = [
    "Apart",
    "CancelledError",
    "Cleaned",
    "Finding",
    "InGrid",
    "Inputs",
    "Locked",
    "Merged",
    "Objective",
    "Options",
    "Pin",
    "Plan",
    "Sentence",
    "Together",
    "check",
    "clean",
    "common_crs",
    "crosswalk",
    "cut",
    "disagreements",
    "locate",
    "new_borders",
    "number",
    "options",
    "overlay",
    "partition",
    "pins_by_name",
    "project",
    "run",
    "stream",
    "weigh",
]
