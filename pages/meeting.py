"""Meeting 会商: answers and decisions while people are still talking."""

import streamlit as st

from gridmap import terms
from gridmap.terms import key
from gridmap.web import figures, messages, session
from gridmap.web.meeting import ask, borders, disputes, minutes, question, scenarios

VIEWS = {
    "ask": (key("Ask by drawing"), ask.show),
    "sql": (key("Ask in SQL"), question.show),
    "disputes": (key("Disputed borders"), disputes.show),
    "borders": (key("Move borders"), borders.show),
    "scenarios": (key("Scenarios"), scenarios.show),
    "minutes": (key("Minutes"), minutes.show),
}

with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Meeting"))
    st.space("stretch")
    given = session.get("view")
    now = given if given in VIEWS else next(iter(VIEWS))
    view = st.segmented_control(
        terms.say("View"),
        list(VIEWS),
        default=now,
        format_func=lambda name: terms.say(VIEWS[name][0]),
        required=True,
        key=f"meet-view-{now}",
        label_visibility="collapsed",
    )
    if view != now:
        session.put(view=view)
        st.rerun()
with messages.catching():
    VIEWS[now][1]()
