"""An indicator's parts beside each other: by sub-district, community or grid, by its own groups, or by old grids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import kpi, terms
from gridmap.web import district, figures, groups, messages, numbers, tables, whose, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.kpi import Filters, Indicator
    from gridmap.web.district import Place
    from gridmap.web.whose import Whose

MOST = 12
"""Bars that are drawn; of more, the first and the last half of these."""


@dataclass(frozen=True)
class Bars:
    """What a ranking shows: the column it divides by (empty where no list can be asked for), and its bars, code -> name."""

    by: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def show(one: Indicator, asked: Filters, place: Place, seen_by: Whose) -> Bars:
    """Draw the ranking of an indicator by the parts that the reader chooses, the best first; give its bars."""
    line = ""
    if seen_by.layer and one.kind != "mix":
        by = ""
        rows, line = whose.ranking(one, asked, seen_by)
    else:
        by = _by(one, place, seen_by)
        rows = kpi.run(district.db(), one.id, asked, by=() if one.kind == "mix" else (by,))
        rows = rows[rows[by].notna()]
        called = groups.names(one) if by == "grp" else tables.names(by.removesuffix("_code"))
        rows["name"] = [called.get(code, code) for code in rows[by]]
    if rows.empty:
        messages.empty(terms.say("There is nothing to rank."))
        return Bars()
    rows = rows.sort_values("value", ascending=one.better == "down", na_position="last")
    if len(rows) > MOST:
        line = line or terms.say("the first {n} and the last {n} of {all}", n=MOST // 2, all=numbers.count(len(rows)))
        rows = pd.concat([rows.head(MOST // 2), rows.tail(MOST // 2)])
    if line:
        st.caption(line)
    top = rows["value"].max()
    figures.meters(
        figures.Meter(
            name,
            text(one, value),
            None if pd.isna(value) else value if is_rate(one) else value / top if top else 0.0,
            terms.say("of {n}", n=numbers.short(round(n, 1))) if one.kind in {"share", "mix"} else "",
        )
        for name, value, n in zip(rows["name"], rows["value"], rows["n"], strict=True)
    )
    return Bars(by, dict(zip(rows[by], rows["name"], strict=True))) if by else Bars()


def choose(one: Indicator, bars: Bars) -> dict[str, Any]:
    """Draw the choice of one bar of a ranking, whose rows are listed; give it as a group of kpi.cases_behind."""
    if not bars.names:
        return {}
    chosen = st.selectbox(
        terms.say("Behind which bar"),
        [None, *bars.names],
        format_func=lambda code: terms.say("All bars of the ranking") if code is None else bars.names[code],
        key=f"bar-{one.id}-{bars.by}",
        label_visibility="collapsed",
        width=280,
    )
    return {} if chosen is None else {bars.by: chosen}


def text(one: Indicator, value: float | None) -> str:
    """Write an indicator's figure: a share in percent, a number of things at a glance, a measure with three figures."""
    if is_rate(one):
        return numbers.rate(value)
    if value is None or pd.isna(value):
        return numbers.NONE
    return numbers.short(value) if one.kind in {"count", "sum"} else numbers.decimal(value)


def is_rate(one: Indicator) -> bool:
    """Say whether a figure is a part of a whole: a share of cases, or one measure over another of the same unit."""
    return one.kind in {"share", "mix"} or one.unit == "share"


def _by(one: Indicator, place: Place, seen_by: Whose) -> str:
    """Draw the choice of what the ranking divides by, below its heading, and give the column."""
    levels = ["community"] if place.level in {"street", "community", "grid"} else ["street", "community"]
    levels = ["grid"] if seen_by.day else levels
    options = {f"{level}_code": terms.say(words.LEVELS[level]) for level in levels} if one.kind != "mix" else {}
    if one.grp:
        options["grp"] = terms.say("Groups")
    with st.container(horizontal=True, vertical_alignment="center"):
        figures.heading(terms.say("Parts") if one.kind == "mix" else terms.say("Ranking"))
        if len(options) == 1:
            return next(iter(options))
        return st.segmented_control(
            terms.say("Ranking by"),
            list(options),
            default=next(iter(options)),
            format_func=options.__getitem__,
            required=True,
            key=f"by-{one.id}-{'-'.join(options)}",
            label_visibility="collapsed",
        )
