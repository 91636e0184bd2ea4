"""Supervision 督查督办: what is to be checked and called back, spot checks, what residents say."""

import streamlit as st

from gridmap import terms
from gridmap.web import desks, figures, messages, posting, whistling

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Supervision"))
    st.space("stretch")
    hand = posting.hand("supervisor", "leader")
with messages.catching():
    whistling.supervision(hand)
with messages.catching():
    desks.boxes(hand)
