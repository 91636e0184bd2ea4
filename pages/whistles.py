"""Whistles 吹哨报到: which calls wait for an answer, and how departments answered."""

import streamlit as st

from gridmap import terms
from gridmap.web import district, figures, messages, whistling

place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Whistles"), place.name)
with messages.catching():
    whistling.board(place.code)
