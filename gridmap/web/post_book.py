"""Posts on a page: which account works as what. Who has a post sees its cases, and only those."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from gridmap import access, terms
from gridmap.cases import posts
from gridmap.web import catalogue, district, guard, messages, posting, tables, visitor


def show() -> None:
    """Draw the posts that were given, with the way to give one and to take one back."""
    db = district.db()
    found = posts.given(db)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        if not found:
            messages.empty(
                terms.say("No post was given yet."),
                terms.say("Secretaries work by their territory; department officers and grid workers need a post."),
            )
        else:
            shown = pd.DataFrame(found, columns=["id", terms.say("Account"), "kind", terms.say("Works as")]).drop(columns="id")
            shown.insert(1, terms.say("Post"), [terms.say(posts.KINDS[kind]) for kind in shown.pop("kind")])
            row = tables.show(shown, key="posts", height=430, pick=True)
            if st.button(terms.say("Take the chosen post back"), disabled=row is None) and row is not None:
                with messages.catching(), guard.acting("accounts", f"post {found[row][0]} taken back"):
                    posts.take(db, found[row][0])
                    st.rerun()
    with right, st.container(border=True):
        _give()


def _give() -> None:
    db = district.db()
    known = [one.name for one in visitor.book().accounts() if one.works] or [access.DEMO.name]
    account = st.selectbox(terms.say("Account"), known, key="post-account")
    kind = st.selectbox(terms.say("Post"), list(posts.KINDS), format_func=lambda name: terms.say(posts.KINDS[name]))
    place = ""
    if kind == "worker":
        homes = catalogue.distinct(tables.names("community"))
        place = st.selectbox(terms.say("Community"), list(homes), format_func=homes.__getitem__)
    listed = {post.id: post for post in posts.every(db, kind, place)}
    names = catalogue.distinct({name: posting.called(post) for name, post in listed.items()})
    chosen = st.selectbox(terms.say("Works as"), list(names), format_func=names.__getitem__)
    if st.button(terms.say("Give the post"), type="primary", disabled=chosen is None):
        with messages.catching(), guard.acting("accounts", f"post {chosen} to {account}"):
            posts.give(db, account, listed[chosen])
            st.rerun()
