"""Whose grids an indicator is seen by: today's, those of the day, or a department's old ones through the crosswalk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import kpi, terms
from gridmap.web import district, numbers, words

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.kpi import Filters, Indicator


@dataclass(frozen=True)
class Whose:
    """A choice of grids: a layer's old ones with the weight they are shared by, else those of the day, else today's."""

    day: bool = False
    layer: str = ""
    weight: kpi.Weight = "area"


def choose() -> Whose:
    """Draw the choice of grids and give it."""
    options = {"now": Whose(), "day": Whose(day=True)}
    names = {"now": terms.say("Today's grids"), "day": terms.say("Grids of the day")}
    for layer in kpi.departments(district.db()):
        options |= {layer: Whose(layer=layer), f"{layer}:households": Whose(layer=layer, weight="households")}
        department = words.called(layer, words.LAYERS)
        names |= {
            layer: terms.say("Old grids of {department}, by area", department=department),
            f"{layer}:households": terms.say("Old grids of {department}, by households", department=department),
        }
    chosen = st.selectbox(
        terms.say("Seen by"),
        list(options),
        format_func=names.__getitem__,
        key="seen-by",
        label_visibility="collapsed",
        width=260,
        help=terms.say("Whose grids the ranking is by; the whole stays the same."),
    )
    return options[chosen]


def ranking(one: Indicator, asked: Filters, whose: Whose) -> tuple[pd.DataFrame, str]:
    """Give an indicator by the old grids of a department (columns code, name, value, n), and a line on the whole."""
    rows = kpi.run_by_department(district.db(), one.id, asked, layer=whose.layer, weight=whose.weight)
    rows = rows.rename(columns={"dgrid_id": "code"})
    rows["name"] = rows["name_zh"].fillna(rows["code"])
    named = rows["code"].notna()
    line = terms.say(
        "{n} old grids; together {whole}, of which {out} in none of them",
        n=numbers.count(int(named.sum())),
        whole=numbers.decimal(rows["n"].sum()),
        out=numbers.decimal(rows.loc[~named, "n"].sum()),
    )
    return rows[named], line
