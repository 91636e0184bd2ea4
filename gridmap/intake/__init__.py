"""The only place that opens an uploaded file: sealed off, every fault shown, nothing guessed in silence."""

from gridmap.intake.columns import Choice, Columns
from gridmap.intake.columns import propose as propose_columns
from gridmap.intake.detect import TELLS, Proposal, propose
from gridmap.intake.drawn import Tolerances
from gridmap.intake.faults import find_faults
from gridmap.intake.forms import Form, every_form, form
from gridmap.intake.handback import table as findings_table
from gridmap.intake.handback import write as write_findings
from gridmap.intake.limits import Limits, limits
from gridmap.intake.mapping import Mapping
from gridmap.intake.mapping import propose as propose_mapping
from gridmap.intake.opening import Intake, open_file, open_pieces
from gridmap.intake.references import Register
from gridmap.intake.sealed import warm
from gridmap.intake.strays import set_aside as set_strays_aside
from gridmap.intake.survey import survey
from gridmap.intake.system import name as system_name
from gridmap.intake.system import read_as
from gridmap.intake.system import text as system_text
from gridmap.intake.tables import Rows, Table, open_table, read_rows
from gridmap.intake.templates import NOTES
from gridmap.intake.templates import write as write_template
from gridmap.intake.twelve import CHECKS, District, Twelve, times
from gridmap.intake.twelve import check as check_twelve
from gridmap.intake.twelve import count as count_households

__all__ = [
    "CHECKS",
    "NOTES",
    "TELLS",
    "Choice",
    "Columns",
    "District",
    "Form",
    "Intake",
    "Limits",
    "Mapping",
    "Proposal",
    "Register",
    "Rows",
    "Table",
    "Tolerances",
    "Twelve",
    "check_twelve",
    "count_households",
    "every_form",
    "find_faults",
    "findings_table",
    "form",
    "limits",
    "open_file",
    "open_pieces",
    "open_table",
    "propose",
    "propose_columns",
    "propose_mapping",
    "read_as",
    "read_rows",
    "set_strays_aside",
    "survey",
    "system_name",
    "system_text",
    "times",
    "warm",
    "write_findings",
    "write_template",
]
