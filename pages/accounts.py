"""Accounts 账号: who may sign in, as what, until when, and who is signed in now."""

import streamlit as st

from gridmap import terms
from gridmap.terms import key
from gridmap.web import admin, figures, guard, messages, visitor

VIEWS = {"accounts": key("Accounts"), "sessions": key("Signed in now")}

guard.require("accounts")
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Accounts"))
    st.space("stretch")
    view = st.segmented_control(
        terms.say("View"),
        list(VIEWS),
        default="accounts",
        format_func=lambda name: terms.say(VIEWS[name]),
        required=True,
        key="accounts-view",
        label_visibility="collapsed",
    )
    if view == "accounts":
        admin.add()
if visitor.login() == "demo":
    st.caption(terms.say("The demo asks nobody to sign in; accounts made here open nothing in it."))
with messages.catching():
    if view == "accounts":
        admin.accounts()
    else:
        admin.sessions()
