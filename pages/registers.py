"""Registers 工作台账: tasks, meetings, inspections, projects and the rest, each with figure, rows, map, import, export."""

import streamlit as st

from gridmap import terms
from gridmap.web import figures, messages, registering

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Registers"))
    st.space("stretch")
    chosen = registering.choose()
with messages.catching():
    registering.show(chosen)
