"""A desk: the post, its boxes with their counts, the cases of one box, and the case that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import store, terms
from gridmap.cases import clocks, desk
from gridmap.web import case_card, catalogue, desk_sheet, district, figures, messages, numbers, posting, session

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from gridmap.cases import Hand

PAGE = 20
CASE = "case"


def show(title: str, *kinds: str) -> Hand:
    """Draw the desk of the posts of these kinds; give the hand that works there."""
    with st.container(horizontal=True, vertical_alignment="center", key="bar"):
        figures.place(title)
        st.space("stretch")
        hand = posting.hand(*kinds)
    with messages.catching():
        boxes(hand)
    return hand


def boxes(hand: Hand) -> None:
    """Draw the boxes of a desk, the cases of the chosen one and the chosen case."""
    db, now = district.db(), store.now()
    counts = desk.counts(db, hand, now)
    usual = next((box for box, n in counts.items() if n), next(iter(counts)))
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
        if chosen is None:
            messages.empty(terms.say("Choose a case."), terms.say("Those due first stand on top."))
        else:
            case_card.show(chosen, hand)


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
            on_click=session.put,
            kwargs={CASE: row["incident_id"]},
        )
    return chosen


def line(row: dict[Hashable, Any], now: datetime) -> str:
    """Give a case as one line: how its time stands, what it is, where it is."""
    due, time = row["due_at"], terms.say("no limit")
    late = due == due and due is not None and due < now  # noqa: PLR0124  pandas' missing time differs from itself
    if late:
        over = terms.say("{time} over", time=numbers.lasting(now - due))
        time = f":red[**{over}**]"
    elif due == due and due is not None:  # noqa: PLR0124  as above
        time = terms.say("{time} left", time=numbers.lasting(due - now))
        if due - now < (due - row["reported_at"]) * clocks.WARN:
            time = f":orange[**{time}**]"
    place = catalogue.where(row["community_code"] or row["street_code"])
    return f"**{catalogue.matter(row['matter_code'])}** · {time}  \n:gray[{place} · {row['reported_at']:%m-%d %H:%M}]"
