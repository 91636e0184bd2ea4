"""Log of actions 操作日志: who did what to which object when; searched, exported, and checked for being whole."""

import streamlit as st

from gridmap import terms
from gridmap.web import admin, figures, guard, messages

guard.require("audit")
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Log of actions"))
    st.space("stretch")
    asked = admin.asked()
with messages.catching():
    admin.whole()
    admin.log(asked)
