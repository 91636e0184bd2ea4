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
from gridmap.terms import key
from gridmap.web import charts, district, figures, groups, guard, messages, numbers, ranking, tables, words

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

NOTHING = pd.Series({"value": None})
"""The figure of a mix, which has none: its parts are drawn."""

_lane = threading.Lock()
"""Held while an indicator is worked out for the list: one at a time over all readers, so that a core is left to the maps."""

UNITS = {
    "CNY": key("CNY"),
    "assignments": key("assignments"),
    "calls": key("calls"),
    "cases": key("cases"),
    "cases per 1,000 households": key("cases per 1,000 households"),
    "committees": key("committees"),
    "grids": key("grids"),
    "minutes": key("minutes"),
    "moves": key("moves"),
    "meetings": key("meetings"),
    "m²": key("m²"),
    "m² per 100 households": key("m² per 100 households"),
    "people": key("people"),
    "people per 10,000": key("people per 10,000"),
    "places": key("places"),
    "points": key("points"),
    "stories": key("stories"),
    "times": key("times"),
}


def choose(group: str, asked: Filters) -> Indicator:
    """Draw the indicators of a group (``K`` or ``R``) with their figures, and give the one that is chosen, else the first."""
    db = district.db()
    listed = [one for one in kpi.indicators().values() if one.id.startswith(group)]
    rows, begun, bar = [], time.monotonic(), st.empty()
    for number, one in enumerate(listed):
        goal = kpi.goal(db, one.id)
        wanted = "" if goal is None else ranking.text(one, goal)
        figure = NOTHING if one.kind == "mix" else _figure(one, asked)
        rows.append((one.id, one.name(), _whole(one, figure), _over(one, figure), wanted, _verdict(one, figure, goal)))
        if time.monotonic() > begun + PATIENT_S:  # telling also stops the work of a reader who has gone on
            bar.progress((number + 1) / len(listed), terms.say("Working the indicators out …"))
    bar.empty()
    columns = [terms.say(name) for name in ("No.", "Indicator", "Figure", "Of", "Goal", "Verdict")]
    small = st.column_config.TextColumn(width="small")
    row = tables.show(
        pd.DataFrame(rows, columns=columns), key=f"indicators-{group}", height=620, pick=True,
        **{name: small for name in columns if name != columns[1]},
    )  # fmt: skip
    return listed[row or 0]


def detail(one: Indicator, asked: Filters, place: Place, seen_by: Whose) -> Bars:
    """Draw one indicator: figure, goal, how it is worked out, its trend and its ranking; give the bars of the ranking."""
    db = district.db()
    figures.heading(one.name(), one.id)
    blank = kpi.not_set(db, one.id)
    if blank:
        messages.empty(
            terms.say("Not set: {what}", what="、".join(blank)),
            terms.say("The rules leave this figure blank; it is never guessed."),
        )
    goal = kpi.goal(db, one.id)
    figure = NOTHING if one.kind == "mix" else _figure(one, asked)
    figures.strip(
        [
            figures.Figure(terms.say("Figure"), _whole(one, figure), unit=_unit(one), note=_note(one, figure)),
            figures.Figure(terms.say("Goal"), messages.unset() if goal is None else ranking.text(one, goal)),
        ]
    )
    if terms.language() == "en":
        st.caption(f"{one.formula} · {one.source}")
    elif one.rules:
        st.caption(terms.say("By rule {rules}", rules="、".join(one.rules)))
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
    return _listed(rows, f"behind-{one.id}", 320, one.id)


def red(asked: Filters) -> dict[str, str] | None:
    """Draw the red lists, each with its number, and the rows of the chosen one; give the address of a chosen row's place."""
    db = district.db()
    with st.spinner(terms.say("Working the indicators out …")):
        counts = kpi.red_counts(db, asked)
    lists = sorted(kpi.RED_LISTS.values(), key=lambda one: -counts[one.id])
    left, right = st.columns([4, 7])
    with left:
        frame = pd.DataFrame(
            {
                terms.say("Red list"): [terms.say(one.title) for one in lists],
                terms.say("Number"): [counts[one.id] for one in lists],
            }
        )
        row = tables.show(frame, key="red-lists", height=40 * (len(lists) + 1), pick=True)
    chosen = lists[row or 0]
    with right:
        figures.heading(terms.say(chosen.title), numbers.count(counts[chosen.id]))
        rows = kpi.red_list(db, chosen.id, asked, limit=MOST)
        if rows.empty:
            messages.empty(terms.say("There are none."))
            return None
        return _listed(rows, f"red-{chosen.id}", 600, chosen.indicator)


def _listed(rows: pd.DataFrame, key_: str, height: int, id_: str) -> dict[str, str] | None:
    """Draw rows that can be taken along as a file; give the address on the map of the one that is chosen."""
    if {"label", "grp"} <= set(rows) and rows["label"].equals(rows["grp"]):
        rows = rows.drop(columns="label")  # the group says it in words
    called = groups.names(kpi.indicators()[id_])
    shown = tables.spoken(rows.assign(grp=[called.get(code, code) for code in rows["grp"]]) if "grp" in rows else rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(terms.say("Click a row to see its place on the map."))
        st.space("stretch")
        guard.download(
            terms.say("Export"),
            lambda: tables.csv(tables.masked(shown)),
            file_name=f"{id_}.csv",
            mime="text/csv",
            type="tertiary",
            key=f"export-{key_}",
        )
    at = tables.show(shown, key=key_, height=height, pick=True)
    return None if at is None else _address(rows.iloc[at], id_)


def _address(row: pd.Series, id_: str) -> dict[str, str] | None:
    """Say where on the map a row is: its grid, community or sub-district, with the card of the case or centre itself."""
    found = [row[name] for name in ("grid_code", "community_code", "street_code") if name in row and pd.notna(row[name])]
    if not found:
        return None
    layer = "case" if "meant" in kpi.indicators()[id_].sql.split() else "centre" if id_.startswith("K22") else ""
    return {"at": str(found[0])} | ({"pick": f"{layer}:{row['id']}"} if layer else {})


def _figure(one: Indicator, asked: Filters) -> pd.Series:
    """Give an indicator's figure; what nobody asked before is worked out one at a time over all readers."""
    db = district.db()
    with contextlib.nullcontext() if kpi.is_answered(db, one.id, asked) else _lane:
        return kpi.run(db, one.id, asked).iloc[0]


def _whole(one: Indicator, figure: pd.Series) -> str:
    return terms.say("see the chart") if one.kind == "mix" else ranking.text(one, figure["value"])


def _over(one: Indicator, figure: pd.Series) -> str:
    """Say over how many cases a rate is."""
    return numbers.count(figure["n"]) if one.kind == "share" else ""


def _unit(one: Indicator) -> str:
    return words.called(one.unit, UNITS) if one.unit in UNITS else ""


def _note(one: Indicator, figure: pd.Series) -> str:
    if one.kind != "share":
        return ""
    if figure["hidden"]:
        return terms.say("hidden: only {n} cases", n=numbers.count(figure["n"]))
    return terms.say("{part} of {n}", part=numbers.count(figure["part"]), n=numbers.count(figure["n"]))


def _verdict(one: Indicator, figure: pd.Series, goal: float | None) -> str:
    if goal is None or one.kind == "mix" or pd.isna(figure["value"]):
        return ""
    met = figure["value"] <= goal if one.better == "down" else figure["value"] >= goal
    return terms.say("met") if met else terms.say("not met")


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
