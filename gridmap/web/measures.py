"""What the colours of a map can mean: cases, cases per 1,000 households, closing rate, households."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import kpi, maps, terms
from gridmap.terms import key
from gridmap.web import charts, district, numbers

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.maps import Scale
    from gridmap.maps.scales import Meaning

COLUMNS = {"grid": "grid_code", "community": "community_code", "street": "street_code"}


@dataclass(frozen=True)
class Measure:
    """A way to colour: its name and unit (catalogue keys) and the meaning its palette has."""

    name: str
    unit: str
    meaning: Meaning


MEASURES = {
    "cases": Measure(key("Incidents"), key("cases"), "count"),
    "density": Measure(key("Per 1,000 homes"), key("cases per 1,000 households"), "count"),
    "closing": Measure(key("Closed, %"), key("% of reported cases"), "rate"),
    "households": Measure(key("Households"), key("households"), "households"),
}


def choose() -> str:
    """Draw the choice of measure."""
    return st.segmented_control(
        terms.say("Colour by"),
        list(MEASURES),
        default="cases",
        format_func=lambda name: terms.say(MEASURES[name].name),
        required=True,
        key="measure",
        label_visibility="collapsed",
        persist_state="session",
    )


def values(measure: str, level: str, asked: kpi.Filters) -> tuple[pd.Series, Scale]:
    """Give the figures of a measure for every area of a level, by code, and the scale that shows them.

    The scale is made from the whole district, so that a colour means the same wherever one drills.
    """
    everywhere = replace(asked, area=None)
    frame = district.areas(level).set_index("code")
    cases = _counted(level, everywhere, frame.index)
    if measure == "cases":
        found = cases
    elif measure == "density":
        found = (1000 * cases / frame["households"].where(frame["households"] >= numbers.FEWEST)).round(1)
    elif measure == "closing":
        closed = _counted(level, replace(everywhere, statuses=("closed",)), frame.index)
        found = (100 * closed / cases.where(cases >= numbers.FEWEST)).round(1)
    else:
        found = frame["households"]
    shown = MEASURES[measure]
    scale = maps.scale_for(
        found, meaning=shown.meaning, title=terms.say(shown.name), unit=terms.say(shown.unit), theme=charts.scheme()
    )
    return found, scale


def _counted(level: str, asked: kpi.Filters, codes: pd.Index) -> pd.Series:
    column = COLUMNS[level]
    counted = kpi.counts(district.db(), asked, by=(column,)).set_index(column)["n"]
    return counted.reindex(codes, fill_value=0)
