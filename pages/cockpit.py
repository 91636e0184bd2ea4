"""Cockpit 驾驶舱: the district at a glance on a big screen, drawn again by itself when the data change."""

import streamlit as st

from gridmap import terms
from gridmap.web import atlas, cockpit, district, figures, filters, measures, messages, numbers, shaded


def clicked(click: dict[str, object]) -> None:
    """Remember the area that was clicked; the map of that place is opened below."""
    if click["kind"] == "area":
        st.session_state["opened"] = district.towards(district.home(), str(click["code"]))


place, now = district.home(), cockpit.moment()
with st.container(key="wall"):
    cockpit.alone()
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        figures.place(place.name, terms.say("as of {when}", when=numbers.moment(now)))
        st.space("stretch")
        cockpit.big_screen()
    with messages.catching():
        cockpit.head(now)
    left, middle, right = st.columns([9, 19, 10], gap="medium")
    with left, messages.catching():
        cockpit.three_ones(now)
        cockpit.mix(now, "channel", terms.say("By channel"), filters.channels())
        cockpit.mix(now, "class_code", terms.say("By kind"), filters.classes(), most=4)
    with middle, st.container(key="stage-cockpit"):
        values, scale = measures.values("cases", atlas.finest(place), cockpit.week(now))
        shaded.show(place, values, scale, heading=f"{place.full} · {terms.say('Incidents, 7 days')}", on_click=clicked)
    with right, messages.catching():
        cockpit.streets(now)
        cockpit.alarms(now)
cockpit.refresh(cockpit.version())
if opened := st.session_state.pop("opened", None):
    st.switch_page("pages/one_map.py", query_params={"at": opened})
