"""Assessment 双向考核: district scores streets, streets score departments; the indicators stand beside as evidence."""

import streamlit as st

from gridmap import terms
from gridmap.web import figures, messages, scoring

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Two-way assessment"))
    st.space("stretch")
    period = scoring.period()
with messages.catching():
    scoring.show(period)
