"""Patrols and duties 巡查履职: the six duties by grid, households covered, plans of patrols, tracks summarised by grid."""

import streamlit as st

from gridmap import terms
from gridmap.web import district, duty_views, figures, guard, messages

place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Patrols and duties"), place.name)
with messages.catching():
    duty_views.board(place.code)
if guard.may("case_report"):
    with messages.catching():
        duty_views.entry()
if guard.may("case_coordinate"):
    with messages.catching():
        duty_views.planning(place.code)
