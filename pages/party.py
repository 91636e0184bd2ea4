"""Party on the grid 党建: an organisation on every grid, two posts in one hand, six parties, companies and committees."""

import streamlit as st

from gridmap.web import district, messages, party, shaded

place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    district.title(place)
    st.space("stretch")
    coloured = shaded.colour(party.COLOURED)
with messages.catching():
    party.strip(place)
    left, right = st.columns([7, 4])
    with right:
        chosen = party.beside(place)
    with left, st.container(key="stage"):
        party.draw(place, coloured, chosen)
