"""Service centres 阵地: standards met, missing m², who walks too far, and where a new centre would serve most."""

import streamlit as st

from gridmap.web import centres, district, messages, shaded

place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    district.title(place)
    st.space("stretch")
    wanted = centres.need()
    coloured = shaded.colour(centres.COLOURED)
with messages.catching():
    if found := centres.measured(place, wanted):
        reach, proposed = found
        centres.strip(place, reach)
        left, right = st.columns([7, 4])
        with right:
            chosen = centres.beside(place, reach, proposed)
        with left, st.container(key="stage"):
            centres.draw(place, reach, proposed, coloured, chosen)
