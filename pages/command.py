"""Street and district command 街道、区指挥: by table what lies on the desk, by map where it piles up."""

import streamlit as st

from gridmap import terms
from gridmap.web import command, desks, figures, messages, posting

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Command"))
    st.space("stretch")
    hand = posting.hand("street", "district")
    view = command.view()
with messages.catching():
    if view == "map":
        command.by_map(hand)
    else:
        desks.boxes(hand, idle=lambda: command.by_table(hand))
