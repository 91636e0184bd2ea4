"""The command's map: where open cases pile up, where they are overdue, where a whistle waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from gridmap import maps, store, terms
from gridmap.cases import desk
from gridmap.terms import key
from gridmap.web import atlas, charts, chrome, district, figures, kept, map_frame, numbers, tables

if TYPE_CHECKING:
    from gridmap.cases import Hand

VIEWS = {"table": key("Table"), "map": key("Map")}
MEASURES = {"open": key("Open cases"), "late": key("Overdue"), "whistles": key("Whistles")}


def view() -> str:
    """Draw the choice between table and map."""
    shown = {name: terms.say(title) for name, title in VIEWS.items()}
    return kept.one("view", terms.say("View"), shown, usual="table", hidden=True)


def by_map(hand: Hand) -> None:
    """Draw the communities of a hand's territory by what is open there, with the same figures as a table."""
    found = desk.by_area(district.db(), hand, store.now())
    measures = {name: terms.say(title) for name, title in MEASURES.items()}
    measure = kept.one("measure", terms.say("Measure"), measures, usual="open", hidden=True)
    totals = found[list(MEASURES)].sum()
    figures.strip(figures.Figure(terms.say(name), numbers.count(totals[code])) for code, name in MEASURES.items())
    place = district.find(hand.territory) or district.home()
    layer = atlas.areas("community")
    codes = district.areas("community")["code"]
    values = found.set_index("community_code")[measure].reindex(codes, fill_value=0)
    left, right = st.columns([7, 4])
    with left, st.container(key="stage-linked"):
        scale = maps.scale_for(
            values, meaning="count", title=terms.say(MEASURES[measure]), unit=terms.say("cases"), theme=charts.scheme()
        )
        map_frame.show(
            atlas.base(chrome.demo()),
            maps.repaint(layer, values, scale, outlines=atlas.inner_borders(place), focus=atlas.focus(place)),
            key="command-map",
            height=560,
        )
    with right:
        shown = found.sort_values(measure, ascending=False).rename(columns={code: terms.say(n) for code, n in MEASURES.items()})
        shown.insert(0, terms.say("Community"), shown.pop("community_code").map(tables.names("community")))
        tables.show(shown, key="command-table", height=520)
