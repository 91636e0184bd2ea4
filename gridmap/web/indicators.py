"""The indicators page: every figure of the rules with its goal, its trend, its ranking, and the rows behind it."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import kpi, terms
from gridmap.web import charts, district, figures, groups, guard, messages, numbers, ranking, statements, tables

if TYPE_CHECKING:
    from gridmap.kpi import Filters, Indicator
    from gridmap.web.district import Place
    from gridmap.web.ranking import Bars
    from gridmap.web.whose import Whose

MOST = 500
"""Rows behind a figure that are listed."""

WEEKLY_UP_TO = 100
"""Days up to which a trend goes by week; longer ones go by month."""

WEEKS = 26
"""Weeks of a trend by week, whatever the period."""

PATIENT_S = 0.4
"""Seconds after which the page tells how far the indicators are."""

_lane = threading.Lock()
"""Held while an indicator is worked out for the list: one at a time over all readers, so that a core is left to the maps."""


def choose(group: str, asked: Filters) -> Indicator:
    """Draw the indicators of a group (``K`` or ``R``) with their figures, and give the one that is chosen, else the first."""
    db = district.db()
    listed = [one for one in kpi.indicators().values() if one.id.startswith(group)]
    found, begun, bar = [], time.monotonic(), st.empty()
    for number, one in enumerate(listed):
        found.append(statements.Found(one, _answer(one, asked), kpi.goal(db, one.id)))
        if time.monotonic() > begun + PATIENT_S:  # telling also stops the work of a reader who has gone on
            bar.progress((number + 1) / len(listed), terms.say("Working the indicators out …"))
    bar.empty()
    rows = [(one.indicator.id, one.indicator.name(), one.text, one.of, one.wanted, one.verdict) for one in found]
    columns = [terms.say(name) for name in ("No.", "Indicator", "Figure", "Of", "Goal", "Verdict")]
    widths = dict(zip(columns, (60, 290, 180, 76, 72, 80), strict=True))
    row = tables.show(
        pd.DataFrame(rows, columns=columns), key=f"indicators-{group}", height=760, pick=True,
        **{name: st.column_config.TextColumn(width=width) for name, width in widths.items()},
    )  # fmt: skip
    statements.button(found, name=group)
    return listed[row or 0]


def detail(one: Indicator, asked: Filters, place: Place, seen_by: Whose) -> Bars:
    """Draw one indicator: figure, goal, how it is worked out, its trend and its ranking; give the bars of the ranking."""
    db = district.db()
    figures.heading(one.name(), one.id)
    if blank := kpi.called_not_set(db, one.id):
        messages.empty(
            terms.say("Not set: {what}", what="、".join(blank)),
            terms.say("The rules leave this figure blank; it is never guessed."),
        )
    goal = kpi.goal(db, one.id)
    found = statements.Found(one, _answer(one, asked), goal)
    figures.strip(
        [
            figures.Figure(terms.say("Figure"), found.text, unit=found.unit, note=found.note),
            figures.Figure(terms.say("Goal"), messages.unset() if goal is None else found.wanted),
        ]
    )
    st.caption(f"{one.definition()} · {one.sources()}")
    left, right = st.columns(2)
    with left:
        _trend(one, asked, goal)
    with right:
        return ranking.show(one, asked, place, seen_by)


def behind(one: Indicator, asked: Filters, bars: Bars) -> dict[str, str] | None:
    """Draw the rows behind an indicator, or behind one bar of its ranking (of a share, those that miss it).

    Gives the address of a chosen row's place.
    """
    failing = True if one.kind == "share" else None
    with st.container(horizontal=True, vertical_alignment="center"):
        title = st.container()
        st.space("stretch")
        chosen = ranking.choose(one, bars)
    rows = kpi.cases_behind(district.db(), one.id, asked, failing=failing, limit=MOST, **chosen)
    if failing:
        rows = rows.drop(columns="hit", errors="ignore")  # the heading says it of all of them
    with title:
        figures.heading(
            terms.say("Those that miss it") if failing else terms.say("What it is made of"),
            terms.say("{n} listed", n=numbers.count(len(rows))) if len(rows) < MOST else terms.say("the first {n}", n=MOST),
        )
    if rows.empty:
        messages.empty(terms.say("There are none."))
        return None
    return _listed(rows, f"behind-{one.id}", 320, one, asked)


def red(asked: Filters) -> dict[str, str] | None:
    """Draw the red lists, each with its number, and the rows of the chosen one; give the address of a chosen row's place."""
    db = district.db()
    with st.spinner(terms.say("Working the indicators out …")):
        counts = kpi.red_counts(db, asked)
    lists = sorted(kpi.RED_LISTS.values(), key=lambda one: -counts[one.id])
    left, right = st.columns([5, 8])
    with left:
        frame = pd.DataFrame(
            {
                terms.say("Red list"): [terms.say(one.title) for one in lists],
                terms.say("Number"): [counts[one.id] for one in lists],
            }
        )
        title, number = frame.columns
        columns = {
            title: st.column_config.Column(width=520),
            number: st.column_config.NumberColumn(width=80, format="localized"),
        }
        row = tables.show(frame, key="red-lists", height=40 * (len(lists) + 1), pick=True, **columns)
    chosen = lists[row or 0]
    with right:
        one = kpi.indicators()[chosen.indicator]
        found = statements.Found(one, _answer(one, asked), None)
        whole = f" · {found.text} {found.unit}" if one.kind == "sum" else ""  # the m² that are missing
        figures.heading(terms.say(chosen.title), numbers.count(counts[chosen.id]) + whole)
        rows = kpi.red_list(db, chosen.id, asked, limit=MOST).drop(columns="hit", errors="ignore")  # all of them miss it
        if rows.empty:
            messages.empty(terms.say("There are none."))
            return None
        return _listed(rows, f"red-{chosen.id}", 600, one, asked)


def _listed(rows: pd.DataFrame, key_: str, height: int, one: Indicator, asked: Filters) -> dict[str, str] | None:
    """Draw rows that can be taken along as a file; give the address on the map of the one that is chosen."""
    if {"label", "grp"} <= set(rows) and rows["label"].equals(rows["grp"]):
        rows = rows.drop(columns="label")  # the group says it in words
    called = groups.names(one)
    shown = tables.spoken(rows.assign(grp=[called.get(code, code) for code in rows["grp"]]) if "grp" in rows else rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(terms.say("Click a row to see its place on the map."))
        st.space("stretch")
        found = statements.Found(one, _answer(one, asked), kpi.goal(district.db(), one.id))
        statements.button([found], name=one.id, listed=shown)
        guard.download(
            terms.say("Export"),
            lambda: tables.csv(tables.masked(shown)),
            file_name=f"{one.id}.csv",
            mime="text/csv",
            type="tertiary",
            key=f"export-{key_}",
        )
    at = tables.show(shown, key=key_, height=height, pick=True)
    return None if at is None else _address(rows.iloc[at], one.id)


def _address(row: pd.Series, id_: str) -> dict[str, str] | None:
    """Say where on the map a row is: its grid, community or sub-district, with the card of the case or centre itself."""
    found = [row[name] for name in ("grid_code", "community_code", "street_code") if name in row and pd.notna(row[name])]
    if not found:
        return None
    is_case = "incident_id AS id" in kpi.indicators()[id_].sql  # not so a grid with repeats, or a step of a case
    layer = "case" if is_case else "centre" if id_ in {"K22", "K22C"} else ""
    return {"at": str(found[0])} | ({"pick": f"{layer}:{row['id']}"} if layer else {})


def _answer(one: Indicator, asked: Filters) -> pd.DataFrame:
    """Give an indicator's rows; what nobody asked before is worked out one at a time over all readers."""
    db = district.db()
    with contextlib.nullcontext() if kpi.is_answered(db, one.id, asked) else _lane:
        return kpi.run(db, one.id, asked)


def _trend(one: Indicator, asked: Filters, goal: float | None) -> None:
    days = 365 if asked.start is None or asked.end is None else (pd.Timestamp(asked.end) - pd.Timestamp(asked.start)).days
    step = "week" if days <= WEEKLY_UP_TO else "month"
    figures.heading(terms.say("Trend"), terms.say("by week") if step == "week" else terms.say("by month"))
    weekly = replace(
        asked, start=None if asked.end is None else pd.Timestamp(asked.end).to_pydatetime() - timedelta(weeks=WEEKS)
    )
    rows = kpi.run(district.db(), one.id, weekly if days <= WEEKLY_UP_TO else asked, by=(step,))
    rows = rows[rows[step].notna()].tail(WEEKS)
    if one.kind == "mix" or len(rows) < 2:
        messages.empty(terms.say("This figure has no trend."))
        return
    factor = 100 if ranking.is_rate(one) else 1
    labels = [f"{pd.Timestamp(day):%Y-%m-%d}" if step == "week" else f"{pd.Timestamp(day):%Y-%m}" for day in rows[step]]
    values = [None if pd.isna(value) else round(float(value) * factor, 2) for value in rows["value"]]
    option = charts.line(labels, values, goal=None if goal is None else goal * factor, percent=ranking.is_rate(one))
    charts.show(option, key=f"trend-{one.id}", height=260, alt=one.name())
