"""The only place that opens an uploaded file: sealed off, every fault shown, nothing guessed in silence."""

from gridmap.intake.detect import Proposal, propose
from gridmap.intake.faults import Tolerances, find_faults
from gridmap.intake.handback import write as write_findings
from gridmap.intake.limits import Limits, limits
from gridmap.intake.opening import Intake, open_file
from gridmap.intake.sealed import warm

__all__ = [
    "Intake",
    "Limits",
    "Proposal",
    "Tolerances",
    "find_faults",
    "limits",
    "open_file",
    "propose",
    "warm",
    "write_findings",
]
