"""Report 事件上报: a point on the map, a photograph and a few words; place decides the rest."""

import streamlit as st

from gridmap import terms
from gridmap.web import case_report, figures, messages, posting

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Report a case"))
    st.space("stretch")
    hand = posting.hand("worker", "community", "street", "district")
with messages.catching():
    case_report.form(hand)
