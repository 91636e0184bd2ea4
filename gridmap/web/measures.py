"""What the colours of a map can mean: cases, cases per 1,000 households, closing rate, households."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from gridmap import kpi, maps, terms
from gridmap.terms import key
from gridmap.web import charts, district, kept, numbers

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
    """Draw the choice of measure, which the address keeps as ``by``."""
    return kept.one("by", terms.say("Colour by"), {name: terms.say(one.name) for name, one in MEASURES.items()},
                    usual="cases", hidden=True)  # fmt: skip


def values(measure: str, level: str, asked: kpi.Filters) -> tuple[pd.Series, Scale]:
    """Give the figures of a measure for every area of a level, by code, and the scale that shows them. Not to be changed."""
    made_of = district.db().data_version("incidents", "divisions", "grids"), terms.language(), charts.scheme()
    return _values(made_of, measure, level, replace(asked, area=None))


def figures(measure: str, level: str, asked: kpi.Filters) -> pd.Series:
    """Give the figures of a measure for every area of a level, by code, in the whole district, wherever one has drilled to.

    A version in the filters asks for the grids of that version.
    """
    everywhere = replace(asked, area=None)
    version = asked.version if isinstance(asked.version, int) else None
    frame = district.areas(level, version=version).set_index("code")
    if measure == "households":
        return frame["households"]
    cases = _counted(level, everywhere, frame.index)
    if measure == "cases":
        return cases
    if measure == "density":
        return (1000 * cases / frame["households"].where(frame["households"] >= numbers.FEWEST)).round(1)
    closed = _counted(level, replace(everywhere, statuses=("closed",)), frame.index)
    return (100 * closed / cases.where(cases >= numbers.FEWEST)).round(1)


def scale(measure: str, found: pd.Series) -> Scale:
    """Give the scale that shows these figures well: of the whole district, so that a colour means the same everywhere."""
    shown = MEASURES[measure]
    return maps.scale_for(
        found, meaning=shown.meaning, title=terms.say(shown.name), unit=terms.say(shown.unit), theme=charts.scheme()
    )


def _counted(level: str, asked: kpi.Filters, codes: pd.Index) -> pd.Series:
    column = COLUMNS[level]
    counted = kpi.counts(district.db(), asked, by=(column,)).set_index(column)["n"]
    return counted.reindex(codes, fill_value=0)


@lru_cache(maxsize=128)  # without Streamlit's own, which takes longer to look at the filters than most answers take
def _values(key: tuple[str, ...], measure: str, level: str, asked: kpi.Filters) -> tuple[pd.Series, Scale]:  # noqa: ARG001
    found = figures(measure, level, asked)
    return found, scale(measure, found)
