"""A desk: the post, its boxes with their counts, the cases of one box, and the case that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import store, terms
from gridmap.cases import clocks, desk, limits
from gridmap.terms import key
from gridmap.web import case_card, catalogue, desk_sheet, district, figures, messages, numbers, posting, session

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

    from gridmap.cases import Hand

PAGE = 20
CASE = case_card.CASE
EVERY_S = 15
NEXT = {"accept": key("Accept"), "arrive": key("Arrive")}
"""What is due before a case is to be closed."""


def show(title: str, *kinds: str) -> Hand:
    """Draw the desk of the posts of these kinds; give the hand that works there."""
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        figures.place(title)
        st.space("stretch")
        hand = posting.hand(*kinds)
    with messages.catching():
        boxes(hand)
    return hand


def boxes(hand: Hand, idle: Callable[[], None] | None = None) -> None:
    """Draw the boxes of a desk, the cases of the chosen one and the chosen case. idle: draws its place while none is chosen."""
    db, now = district.db(), store.now()
    counts = desk.counts(db, hand, now)
    with st.container(key="case-news"):
        _watch(hand, counts, db.data_version("incidents"))
    usual = next((box for box, n in counts.items() if n), next(iter(counts)))
    with st.container(key="case-boxes"):
        box = st.pills(
            terms.say("Boxes"),
            list(counts),
            default=usual,
            required=True,
            format_func=lambda name: f"{terms.say(desk.BOXES[name][0])} {numbers.count(counts[name])}",
            key=f"box-{hand.role}-{hand.territory}-{hand.dept}-{hand.staff}",
            label_visibility="collapsed",
        )
    left, right = st.columns([4, 7], gap="medium")
    with left, st.container(key="case-list"):
        chosen = listing(hand, box or usual, counts[box or usual], now)
        desk_sheet.exchange(hand, box or usual)
    with right, st.container(key="case-place"), messages.catching():
        if chosen is not None:
            case_card.show(chosen, hand)
        elif idle is not None:
            idle()
        else:
            messages.empty(terms.say("Choose a case."), terms.say("Those due first stand on top."))


@session.fragment(run_every=EVERY_S)
def _watch(hand: Hand, counts: dict[str, int], version: str) -> None:
    """Look every while whether a report or a move has changed the desk: the list follows, but no open case is disturbed."""
    db = district.db()
    if db.data_version("incidents") == version or desk.counts(db, hand, store.now()) == counts:
        return
    if session.get(CASE) is None or st.button(terms.say("The desk has changed"), icon=":material/refresh:", type="primary"):
        st.rerun()


def listing(hand: Hand, box: str, count: int, now: datetime) -> str | None:
    """Draw the cases of a box as buttons, PAGE at a time; give the chosen case."""
    pages = max(1, -(-count // PAGE))
    page = 1
    if pages > 1:
        page = int(st.number_input(terms.say("Page of {n}", n=pages), 1, pages, 1, key=f"page-{box}"))
    rows = desk.cases(district.db(), hand, box, now, limit=PAGE, offset=(page - 1) * PAGE)
    chosen = session.get(CASE)
    if rows.empty:
        messages.empty(terms.say("Nothing lies here."))
    for row in rows.to_dict("records"):
        st.button(
            line(row, now),
            key=f"case-{row['incident_id']}",
            width="stretch",
            type="primary" if row["incident_id"] == chosen else "secondary",
            on_click=case_card.choose,
            args=(row["incident_id"],),
        )
    return chosen


def line(row: dict[Hashable, Any], now: datetime) -> str:
    """Give a case as one line: how its time stands, what it is, where it is."""
    clock, due = desk.next_due(row, limits.rules(district.db()), now)
    before = f"{terms.say(NEXT[clock])} " if clock in NEXT else ""
    if due is None:
        time = terms.say("no limit")
    elif due < now:
        time = f":red[**{before}{terms.say('{time} over', time=numbers.lasting(now - due))}**]"
    else:
        time = before + terms.say("{time} left", time=numbers.lasting(due - now))
        if due - now < (due - row["reported_at"]) * clocks.WARN:
            time = f":orange[**{time}**]"
    place = catalogue.where(row["community_code"] or row["street_code"])
    return f"**{catalogue.matter(row['matter_code'])}** · {time}  \n:gray[{place} · {row['reported_at']:%m-%d %H:%M}]"
