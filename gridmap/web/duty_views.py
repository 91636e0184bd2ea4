"""Patrols and duties on a page: the six duties by grid, households seen, plans against patrols, and a track sent in."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from gridmap import store, terms
from gridmap.cases import duties, tracks
from gridmap.errors import GridmapError
from gridmap.web import catalogue, district, figures, guard, messages, numbers, posting, tables

DAYS = 30


def board(place: str) -> None:
    """Draw the last thirty days: entries by duty, coverage of households, every grid's share; nobody is ranked by mileage."""
    now = store.now()
    found = duties.by_grid(district.db(), place, now - timedelta(days=DAYS), now + timedelta(seconds=1))
    names = {duty: terms.say(name) for duty, name in duties.DUTIES.items()}
    totals = found[list(duties.DUTIES)].sum()
    figures.strip(figures.Figure(name, numbers.count(totals[duty])) for duty, name in names.items())
    planned = tracks.plans(district.db(), place).set_index("grid_code")
    shown = pd.DataFrame(
        {
            terms.say("Grid"): found["grid_code"].map(catalogue.where),
            **{name: found[duty].fillna(0).astype(int) for duty, name in names.items()},
            terms.say("Households visited"): found["visited"].fillna(0).astype(int),
            terms.say("Coverage"): [numbers.rate(value) for value in found["coverage"]],
            terms.say("Patrols planned a week"): planned["planned"]
            .reindex(found["grid_code"])
            .fillna(0)
            .astype(int)
            .to_numpy(),
            terms.say("Patrols, 7 days"): planned["done"].reindex(found["grid_code"]).fillna(0).astype(int).to_numpy(),
        }
    )
    figures.heading(terms.say("By grid"), terms.say("30 days; length of the way is not counted"))
    tables.show(shown, key="duties", height=430)


def entry() -> None:
    """Draw the form of a duty done, and of a patrol's track."""
    hand = posting.hand("worker", "community")
    left, right = st.columns(2, gap="medium")
    with left, st.form("duty"):
        duty = st.selectbox(terms.say("Duty"), list(duties.DUTIES), format_func=lambda code: terms.say(duties.DUTIES[code]))
        households = int(st.number_input(terms.say("Households visited"), 0, 500, 0))
        note = st.text_area(terms.say("Note"), height=80)
        if st.form_submit_button(terms.say("Write down"), type="primary"):
            with messages.catching():
                duties.log(district.db(), hand, duty, place=_grid(hand.territory, hand.staff), households=households, note=note)
                st.toast(terms.say("Written down."), icon=":material/check:")
    with right:
        sent = st.file_uploader(terms.say("Track of a patrol (GPX)"), type=["gpx"])
        if sent is not None and st.button(terms.say("Keep the track")):
            try:
                with guard.acting("case_report", sent.name):
                    walked = tracks.keep(district.db(), hand, sent.getvalue())
            except GridmapError as error:
                st.error(error.sentence(), icon=":material/error:")
                return
            shown = {
                terms.say("Grid"): [
                    catalogue.where(code) for code in walked["grid_code"].where(walked["grid_code"].notna(), None)
                ],
                terms.say("Minutes"): walked["minutes"].round(),
            }
            tables.show(pd.DataFrame(shown), key="walked", height=200)


def _grid(territory: str, staff: str | None) -> str:
    """Give the grid a worker has a post on, else their community."""
    return duties.grid_of(district.db(), staff) or territory
