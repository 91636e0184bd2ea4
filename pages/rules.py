"""Rules 机制对照: R01–R69 of the speech, each with its data, its figure and a link to where it lives."""

import streamlit as st

from gridmap import terms
from gridmap.web import figures, messages, rule_table

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Rules of the speech"))
with messages.catching():
    rule_table.show()
