"""Rules of work 办理规则: responsibility matrix, limits, working calendar, keys of other systems."""

import streamlit as st

from gridmap import terms
from gridmap.web import figures, messages, work_rules

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Rules of work"))
    st.space("stretch")
    name = work_rules.view()
with messages.catching():
    work_rules.show(name)
