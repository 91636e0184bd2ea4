"""The command's map: where open cases pile up, where they are overdue, where a whistle waits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import maps, store, terms
from gridmap.cases import desk
from gridmap.terms import key
from gridmap.web import atlas, case_card, charts, chrome, desks, district, figures, kept, map_frame, numbers, session, tables

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.cases import Hand

VIEWS = {"table": key("Table"), "map": key("Map")}
AREA = "area"
BOXES = {"open": "all", "late": "late", "whistles": "coordinate"}
"""The box of a desk that holds what a measure counts."""
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
    _totals(found)
    area = session.get(AREA)
    area = area if area and area.startswith(hand.territory) else None
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
            maps.repaint(
                layer,
                values,
                scale,
                outlines=atlas.inner_borders(place),
                focus=atlas.focus(place),
                selected=area,
            ),
            key="command-map",
            height=560,
            on_click=_pick,
        )
    with right:
        if area is None:
            _table(found, measure)
        else:
            _cases(hand, area, measure)


def _pick(click: dict[str, Any]) -> None:
    """Take the clicked community as the one whose cases are listed; a click beside them all takes it back."""
    session.put(**{AREA: click["code"] if click.get("level") == "community" else None})


def _cases(hand: Hand, area: str, measure: str) -> None:
    """Draw the most urgent cases of a community, whatever their level; the one that is pressed is opened on the desk."""
    now, there = store.now(), replace(hand, role="leader", territory=area)
    box = BOXES[measure]
    count = desk.counts(district.db(), there, now)[box]
    figures.heading(tables.names("community").get(area, area), f"{terms.say(MEASURES[measure])} {numbers.count(count)}")
    st.button(terms.say("All communities"), icon=":material/arrow_back:", on_click=session.put, kwargs={AREA: None})
    with st.container(key="case-list", height=480, border=False):
        for row in desk.cases(district.db(), there, box, now, limit=desks.PAGE).to_dict("records"):
            name = row["incident_id"]
            st.button(desks.line(row, now), key=f"case-{name}", width="stretch", on_click=_open, args=(name,))


def _open(case_id: str) -> None:
    session.put(view=None, **{AREA: None})
    case_card.choose(case_id)


def by_table(hand: Hand) -> None:
    """Draw the same figures by community alone, what is overdue first: what stands beside the list while no case is chosen."""
    found = desk.by_area(district.db(), hand, store.now())
    figures.heading(terms.say("By community"), terms.say("all three levels; choose a case in the list"))
    _totals(found)
    _table(found, "late")


def _totals(found: pd.DataFrame) -> None:
    totals = found[list(MEASURES)].sum()
    note = terms.say("all three levels")
    figures.strip(figures.Figure(terms.say(name), numbers.count(totals[code]), note=note) for code, name in MEASURES.items())


def _table(found: pd.DataFrame, measure: str) -> None:
    shown = found.sort_values(measure, ascending=False).rename(columns={code: terms.say(n) for code, n in MEASURES.items()})
    shown.insert(0, terms.say("Community"), shown.pop("community_code").map(tables.names("community")))
    tables.show(shown, key="command-table", height=520)
