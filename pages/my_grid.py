"""My grid today 我的网格: what a grid worker can begin at once, what is in their hands, what was walked and done today."""

import streamlit as st

from gridmap import terms
from gridmap.web import desks, duty_views, figures, messages, posting, session

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("My grid today"))
    st.space("stretch")
    hand = posting.hand("worker")
with messages.catching():
    if st.button(terms.say("Report a case"), type="primary", width=360, icon=":material/add_location_alt:"):
        st.switch_page("pages/report.py", query_params={"post": session.get("post") or ""})
    desks.boxes(hand)
with messages.catching():
    duty_views.today(hand)
