"""The Party's page: organisations on every grid, two posts in one hand, the six parties, companies and committees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd
import streamlit as st

from gridmap import analysis, codes, kpi, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, district, figures, messages, numbers, shaded, tables

if TYPE_CHECKING:
    from gridmap.web.district import Place

COLOURED = {
    "stands": key("Organisation on each grid"),
    "parties": key("Six parties"),
    "posts": key("One person, two posts"),
    "owners": key("Owners' committees"),
}
"""What the map's colours can mean."""

STANDS = (key("Organisation with a secretary"), key("Organisation without a secretary"), key("None yet"))
POSTS = (key("One person in both posts"), key("Two persons"), key("A post is vacant"))
THREE = {"light": ("#9cc5c0", "#e9a957", "#b3261e"), "dark": ("#2f6f6c", "#c8842f", "#ff8a80")}
"""As it should be, half, and not: what is as it should be stays quiet, and each is darker than the one before."""

PARTIES = {
    "party": key("Party organisation"),
    "committee": key("Residents' committee"),
    "owners": key("Owners' committee"),
    "property": key("Property company"),
    "leaders": key("Building leaders"),
    "station": key("Service station"),
}

SHARES = {
    "K20": key("Grids with a Party branch or group among all grids."),
    "R29": key("Organisations on a grid that have a secretary or group leader."),
    "K21": key("Urban communities whose secretary is also director of the residents' committee; a vacant post does not pass."),
    "K24": key("Companies with a Party organisation among those with 3 or more full members."),
    "K25": key("Companies with a Party member among those with 50 or more employees."),
    "K26": key("Compounds with an owners' committee among those under property management."),
}
"""Indicators of the strip that are shares, and how each is counted."""

LISTS = {
    "grid_without_org": "K20",
    "two_posts": "K21",
    "company_without_org": "K24",
    "company_without_member": "K25",
}
"""Red lists shown here, each with its indicator."""

WHOLE = ("city", "district")
"""Levels at which thousands of stars would hide the map, and lists name the sub-district."""

SHORT, HIGH = 14, 560
"""A list of more rows than this scrolls, as high as the map."""


def strip(place: Place) -> None:
    """Draw the figures: organisations and secretaries on grids, two posts, companies, committees and their Party share."""
    db = district.db()
    asked = kpi.Filters(area=place.code)
    known = kpi.indicators()
    tiles = []
    for one, meaning in SHARES.items():
        row, goal = kpi.run(db, one, asked).iloc[0], kpi.goal(db, one)
        below = goal is not None and not pd.isna(row["value"]) and row["value"] < goal
        counted = terms.say("{part} of {n}", part=numbers.count(row["part"]), n=numbers.count(row["n"]))
        tiles.append(
            figures.Figure(known[one].name(), numbers.rate(row["value"]), note=counted, alert=below, meaning=terms.say(meaning))
        )
    members = kpi.run(db, "K27", asked).iloc[0]["value"]
    goal = kpi.goal(db, "K27")
    said = terms.say("goal: {goal}", goal=messages.unset() if goal is None else numbers.rate(goal))
    tiles.append(
        figures.Figure(
            known["K27"].name(),
            numbers.rate(None if pd.isna(members) else members),
            note=said,
            meaning=terms.say("Party members among the members of all owners' committees."),
        )
    )
    figures.strip(tiles)


def draw(place: Place, coloured: str, chosen: str | None) -> None:
    """Draw the map of what the colours mean, with the organisations as stars; a click drills down, a chosen row is shown."""
    level, values, scale = _coloured(place, coloured)
    found = district.find(chosen)
    shaded.show(
        place,
        values,
        scale,
        level=level,
        dots=[] if place.level in WHOLE else [atlas.party(place)],
        selected=chosen if chosen and codes.level(chosen) == level else None,
        focus=atlas.focus(found) if found else None,
    )


def beside(place: Place) -> str | None:
    """Draw what is not as it must be, and the six parties of every community; give the code of the place that is chosen."""
    titles = {name: terms.say(kpi.RED_LISTS[name].title) for name in LISTS}
    titles["six"] = terms.say("Six parties of each community")
    view = st.selectbox(
        terms.say("List"), list(titles), format_func=titles.__getitem__, key="party-list", label_visibility="collapsed"
    )
    if view == "six":
        return _six(place)
    rows = kpi.red_list(district.db(), view, kpi.Filters(area=place.code))
    figures.heading(titles[view], numbers.count(len(rows)))
    if rows.empty:
        messages.empty(terms.say("There are none."))
        return None
    known = ["grid_code", "label", "community_code", "street_code", "full_party_members", "employees"]
    shown = rows[[name for name in known if name in rows and rows[name].notna().any()]]
    if place.level not in WHOLE and "street_code" in shown:
        shown = shown.drop(columns="street_code")
    row = tables.show(tables.spoken(shown), key=f"party-{view}", height=_high(shown), pick=True)
    if row is None:
        return None
    codes_there = [rows.iloc[row].get(name) for name in ("grid_code", "community_code", "street_code")]
    return next((str(code) for code in codes_there if isinstance(code, str)), None)


def _six(place: Place) -> str | None:
    found = analysis.parties(district.db(), place.code)
    complete = int((found["present"] == len(analysis.PARTIES)).sum())
    figures.heading(
        terms.say("Six parties of each community"),
        terms.say("{part} of {n} complete", part=numbers.count(complete), n=numbers.count(len(found))),
    )
    found = found.sort_values("present", kind="stable")
    shown = pd.DataFrame({terms.say("Community"): found.index.map(tables.names("community")).to_numpy()})
    for name in analysis.PARTIES:
        shown[terms.say(PARTIES[name])] = ["●" if there else "○" for there in found[name]]
    row = tables.show(shown, key="party-six", height=_high(shown), pick=True)
    return None if row is None else str(found.index[row])


def _high(shown: pd.DataFrame) -> int | Literal["content"]:
    return "content" if len(shown) <= SHORT else HIGH


def _coloured(place: Place, coloured: str) -> tuple[str, pd.Series, maps.Scale]:
    db, theme = district.db(), charts.scheme()
    everywhere = district.home().code
    if coloured == "stands":
        return atlas.finest(place), analysis.stands(db, everywhere), _three(COLOURED["stands"], STANDS)
    found = analysis.parties(db, everywhere)
    if coloured == "posts":
        kinds = found["two_posts"].map({True: 0, False: 1}).fillna(2)
        return "community", kinds, _three(COLOURED["posts"], POSTS)
    if coloured == "parties":
        scale = maps.scale_for(
            found["present"],
            meaning="rate",
            title=terms.say("Parties of six present"),
            breaks=(2, 3, 4, 5, 6),
            digits=0,
            theme=theme,
        )
        return "community", found["present"], scale
    shares = (100 * found["formed"] / found["managed"].where(found["managed"] > 0)).round(1)
    title = terms.say("Compounds with an owners' committee")
    return "community", shares, maps.scale_for(
        shares, meaning="rate", title=title, unit=terms.say("% of those under property management"),
        breaks=(20, 40, 60, 80, 100), theme=theme,
    )  # fmt: skip


def _three(title: str, names: tuple[str, ...]) -> maps.Scale:
    theme = charts.scheme()
    blank = maps.scale_for([], meaning="kind", title="", names=(), theme=theme).none
    return maps.Scale(
        "kind", terms.say(title), THREE[theme], blank, names=tuple(terms.say(name) for name in names), theme=theme
    )
