"""As what the reader works on this page: the post is chosen once, stands in the address, and lends its hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from gridmap import access, terms
from gridmap.cases import posts
from gridmap.web import catalogue, district, guard, messages, session

if TYPE_CHECKING:
    from gridmap.cases.hands import Hand
    from gridmap.cases.posts import Post

POST = "post"


def hand(*kinds: str) -> Hand:
    """Draw the choice of the post and give its hand; ends the page where the account has none of these kinds.

    kinds: of cases.posts.KINDS, as the page serves them.
    """
    db, actor = district.db(), guard.actor()
    own = [kind for kind in posts.kinds(db, actor.name, actor.role, actor.territory) if kind in kinds]
    if not own:
        messages.empty(terms.say("Your account has no post here."), terms.say("An administrator gives posts to accounts."))
        st.stop()
    asked = session.get(POST) or ""
    kind = own[0]
    if len(own) > 1:
        kind = st.segmented_control(
            terms.say("Post"),
            own,
            format_func=lambda name: terms.say(posts.KINDS[name]),
            default=next((name for name in own if asked.startswith(name)), own[0]),
            required=True,
            key="post-kind",
            label_visibility="collapsed",
        )
    listed = posts.posts(db, kind, actor.name, _place(actor, kind, asked))
    if not listed:
        messages.empty(terms.say("Nobody has a post here yet."))
        st.stop()
    ids = {post.id: post for post in listed}
    names = catalogue.distinct({post.hand.staff or post.id: called(post) for post in listed})
    chosen = st.selectbox(
        terms.say("Working as"),
        list(ids),
        index=list(ids).index(asked) if asked in ids else 0,
        format_func=lambda name: f"{terms.say(posts.KINDS[kind])} · {names[ids[name].hand.staff or name]}",
        key=f"post-{kind}",
        label_visibility="collapsed",
        width=340,
    )
    session.put(**{POST: chosen})
    return ids[chosen].hand if actor.name == access.DEMO.name else posts.signed(ids[chosen], actor.name)


def called(post: Post) -> str:
    """Give what a post is called in the reader's language."""
    return catalogue.dept(post.hand.dept) or post.name


def _place(actor: access.Actor, kind: str, asked: str) -> str:
    """Where the posts are looked for: the actor's territory; for workers, one community of it."""
    if kind != "worker" or len(actor.territory) >= 12:
        return actor.territory
    found = district.areas("community", actor.territory or None)
    names = catalogue.distinct(dict(zip(found["code"], found["name_zh"].fillna(found["code"]), strict=True)))
    here = district.here().code[:12]
    first = asked.removeprefix("worker-").partition("@")[0]
    codes = list(names)
    at = codes.index(here) if here in codes else codes.index(first) if first in codes else 0
    chosen: str = st.selectbox(
        terms.say("Community"),
        codes,
        index=at,
        format_func=names.__getitem__,
        key="post-community",
        label_visibility="collapsed",
        width=240,
    )
    return chosen
