"""Indicators 指标: every figure of the rules with goal, trend and ranking, the rows behind it, and the red lists."""

import streamlit as st

from gridmap import kpi, terms
from gridmap.terms import key
from gridmap.web import district, filters, indicators, messages, whose

GROUPS = {"K": key("Core figures"), "R": key("Mechanisms"), "red": key("Red lists")}

place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    district.title(place)
    st.space("stretch")
    seen_by = whose.choose()
    start, end = filters.period()
    group = st.segmented_control(
        terms.say("Group"),
        list(GROUPS),
        default="K",
        format_func=lambda name: terms.say(GROUPS[name]),
        required=True,
        key="group",
        label_visibility="collapsed",
        persist_state="session",
    )
asked = kpi.Filters(area=None if not place.above else place.code, start=start, end=end, version="day" if seen_by.day else None)
opened = None
with messages.catching():
    if group == "red":
        opened = indicators.red(asked)
    else:
        left, right = st.columns([6, 7], gap="medium")
        with left:
            chosen = indicators.choose(group, asked)
        with right:
            bars = indicators.detail(chosen, asked, place, seen_by)
        opened = indicators.behind(chosen, asked, bars)
if opened:
    st.switch_page("pages/one_map.py", query_params=opened)
