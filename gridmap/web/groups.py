"""What the groups are called that an indicator divides its cases into: channels, levels, departments, matters and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import intake, terms
from gridmap.cases import assessment, duties, reasons
from gridmap.terms import key
from gridmap.web import case_card, catalogue, filters, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.kpi import Indicator

WORDS: dict[str, Mapping[str, str]] = {
    "channel": words.CHANNELS,
    "committee": {
        "owners_committee": key("Owners' committee"),
        "property_mgmt_committee": key("Property management committee"),
    },
    "direction": assessment.DIRECTIONS,
    "duty": duties.DUTIES,
    "fund": {
        "operations": key("Activities and public service"),
        "worker_pay": key("Workers' pay"),
        "facilities": key("Facilities and information technology"),
        "training": key("Training"),
        "special": key("Special fund of the Party organisation"),
    },
    "kind": {"daily": key("Daily"), "emergency": key("Emergency")},
    "layer": words.LAYERS,
    "level": words.LEVELS,
    "mediation": reasons.MEDIATION,
    "size": {"small": key("Too small"), "large": key("Too large")},
    "step": case_card.STEPS,
}
"""Names of the groups that an indicator's head calls so, as keys of the catalogue."""

FORMS = {
    "facility": ("sensors", "kind"),
    "group": ("volunteering", "client_group"),
    "mode": ("social_projects", "mode"),
    "project": ("projects", "kind"),
    "site": ("key_areas", "kind"),
    "way": ("service_centres", "acquire_mode"),
}
"""Groups that are the choices of a form's column."""


def names(one: Indicator) -> Mapping[str, str]:
    """Give the groups of an indicator by code, in the reader's language; a code that is not there is shown as it is."""
    if one.grp == "department":
        return catalogue.departments()
    if one.grp == "matter":
        return {matter.code: catalogue.matter(matter.code) for matter in catalogue.matters()}
    if one.grp == "class":
        return filters.classes()
    if one.grp in FORMS:
        table, column = FORMS[one.grp]
        return _choices(intake.form(table).column(column).choices)
    return {code: terms.say(word) for code, word in WORDS.get(one.grp, {}).items()}


def _choices(choices: Mapping[str, str]) -> dict[str, str]:
    """Name what a column can hold by the first Chinese word that people write for it, or by its code."""
    if terms.language() != "zh":
        return {code: words.capital(code.replace("_", " ")) for code in choices.values()}
    found: dict[str, str] = {}
    for word, code in choices.items():
        if not word.isascii():
            found.setdefault(code, word)
    return found
