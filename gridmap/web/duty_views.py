"""Patrols and duties on a page: the six duties by grid, households seen, plans against patrols; a visit entered once."""

from __future__ import annotations

from datetime import time, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import store, terms
from gridmap.cases import books, duties, patrols, tracks
from gridmap.web import catalogue, deeds, district, figures, guard, messages, numbers, posting, tables

if TYPE_CHECKING:
    from gridmap.cases import Hand

DAYS = 30
ENTERED = "visits-entered"
WALKED = "visit-walked"


def board(place: str) -> None:
    """Draw the last thirty days: entries by duty, coverage of households, every grid's share; nobody is ranked by mileage."""
    now = store.now()
    found = duties.by_grid(district.db(), place, now - timedelta(days=DAYS), now + timedelta(seconds=1))
    names = {duty: terms.say(name) for duty, name in duties.DUTIES.items()}
    totals = found[list(duties.DUTIES)].sum()
    figures.strip(figures.Figure(name, numbers.count(totals[duty])) for duty, name in names.items())
    kept = patrols.kept(district.db(), place).set_index("grid_code")
    walked = kept.reindex(found["grid_code"]).fillna(0).astype({"done": int, "planned": int})
    shown = pd.DataFrame(
        {
            terms.say("Grid"): found["grid_code"].map(catalogue.where),
            **{name: found[duty].fillna(0).astype(int) for duty, name in names.items()},
            terms.say("Households visited"): found["visited"].fillna(0).astype(int),
            terms.say("Coverage"): [numbers.rate(value) for value in found["coverage"]],
            terms.say("Patrols of planned"): [f"{done} / {plan}" for done, plan in walked[["done", "planned"]].to_numpy()],
        }
    )
    figures.heading(terms.say("By grid"), terms.say("30 days; length of the way is not counted"))
    tables.show(shown, key="duties", height=430)


def entry() -> None:
    """Draw the choice of the post and the form of a visit."""
    with st.container(horizontal=True, vertical_alignment="center"):
        hand = posting.hand("worker", "community")
    visit(hand)


def visit(hand: Hand) -> None:
    """Draw the form of a visit or a patrol, entered once: the duties it served, households seen, the way that was walked."""
    form = f"duty-{st.session_state.setdefault(ENTERED, 0)}"  # the fields are emptied by being others
    with st.form("duty"):
        st.pills(
            terms.say("Duties served"),
            list(duties.DUTIES),
            selection_mode="multi",
            format_func=lambda code: terms.say(duties.DUTIES[code]),
            key=f"{form}-served",
        )
        left, right = st.columns([3, 2], gap="medium")
        left.text_area(terms.say("Note"), height=104, key=f"{form}-note")
        right.number_input(terms.say("Households visited"), 0, 500, 0, key=f"{form}-households")
        right.file_uploader(terms.say("Track of a patrol (GPX)"), type=["gpx"], key=f"{form}-track")
        deed = deeds.deed(partial(_write, hand, form), "visit")
        st.form_submit_button(terms.say("Write down"), type="primary", icon=":material/check:", on_click=deed)
    deeds.hindered("visit")
    walked = st.session_state.pop(WALKED, None)
    if walked is None:
        return
    st.success(terms.say("Written down."), icon=":material/check:")
    if len(walked):
        shown = {
            terms.say("Grid"): [catalogue.where(code) for code in walked["grid_code"]],
            terms.say("Time, minutes"): walked["minutes"].round(),
        }
        tables.show(pd.DataFrame(shown), key="walked", height=200)


def _write(hand: Hand, form: str) -> None:
    """Keep the track, if there is one, and write the visit down where it was walked longest, else on the person's own grid."""
    served, note, households, sent = (st.session_state[f"{form}-{name}"] for name in ("served", "note", "households", "track"))
    db, walked, done = district.db(), pd.DataFrame(), duties.Visit(tuple(served), int(households), note)
    with guard.acting("case_report", sent.name if sent else " ".join(served)):
        if sent is not None:
            walked = tracks.keep(db, hand, sent.getvalue(), done)
        else:
            duties.log(db, hand, done, place=duties.grid_of(db, hand.staff) or hand.territory)
    st.session_state[WALKED] = walked
    st.session_state[ENTERED] += 1


def planning(place: str) -> None:
    """Draw the patrols planned in a place, with the way to plan one and to take one back."""
    db = district.db()
    figures.heading(terms.say("Plans of patrols"), terms.say("a week, by grid"))
    left, right = st.columns([7, 5], gap="medium")
    found = patrols.planned(db, place)
    with left:
        if found.empty:
            messages.empty(terms.say("No patrol is planned yet."))
        else:
            shown = pd.DataFrame(
                {
                    terms.say("Grid"): found["grid_code"].map(catalogue.where),
                    terms.say("Day"): [terms.say(patrols.WEEKDAYS[day - 1]) for day in found["weekday"]],
                    terms.say("From"): found["starts_at"],
                    terms.say("Person"): found["name"].fillna("—"),
                    terms.say("Note"): found["note_zh"].fillna(""),
                }
            )
            row = tables.show(shown, key="plans", height=330, pick=True)
            if st.button(terms.say("Take the chosen plan back"), disabled=row is None) and row is not None:
                with messages.catching(), guard.acting("case_coordinate", str(found["plan_id"][row])):
                    patrols.withdraw(db, str(found["plan_id"][row]))
                    st.rerun()
    with right, st.container(border=True):
        _plan(place)


def _plan(place: str) -> None:
    db = district.db()
    grids = patrols.kept(db, place)["grid_code"].tolist()
    grid = st.selectbox(terms.say("Grid"), grids, format_func=catalogue.where, key="plan-grid")
    near = [row for row in books.workers(db, grid).to_dict("records") if row["near"]]
    people = catalogue.distinct({row["staff_id"]: row["name"] for row in near})
    with st.form("plan"):
        staff = st.selectbox(terms.say("Person"), [*people, None], format_func=lambda code: people.get(code, "—"))
        days = st.pills(
            terms.say("Days"),
            list(range(1, 8)),
            selection_mode="multi",
            format_func=lambda day: terms.say(patrols.WEEKDAYS[day - 1]),
        )
        one, two = st.columns([1, 2])
        at = one.time_input(terms.say("From"), value=time(9), step=900)
        note = two.text_input(terms.say("Note"))
        if st.form_submit_button(terms.say("Plan the patrol"), type="primary"):
            with messages.catching(), guard.acting("case_coordinate", f"patrols of {grid}", code=grid):
                added = patrols.plan(db, grid, days, f"{at:%H:%M}", staff=staff, note=note)
                st.toast(terms.say("{n} patrols a week were planned.", n=added), icon=":material/check:")
                st.rerun()


def today(hand: Hand) -> None:
    """Draw the patrols a worker has to walk today, and what was done for each duty."""
    with st.expander(terms.say("Write down a visit or a patrol"), icon=":material/edit_note:"):
        visit(hand)
    found = patrols.today(district.db(), hand.staff)
    if len(found):
        figures.heading(terms.say("Patrols today"))
        figures.rows(
            (f"{row['starts_at']} {catalogue.where(row['grid_code'])}", terms.say("walked") if row["done"] else "—", False)
            for row in found.to_dict("records")
        )
    figures.heading(terms.say("Done today"))
    figures.rows((terms.say(duties.DUTIES[duty]), str(n), False) for duty, n in duties.today(district.db(), hand).items())
