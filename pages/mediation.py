"""Disputes 矛盾调处: three mediations, helpers and venues, and at which level disputes end."""

import streamlit as st

from gridmap import terms
from gridmap.web import district, figures, messages, whistling

place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Disputes"), place.name)
with messages.catching():
    whistling.disputes(place.code)
