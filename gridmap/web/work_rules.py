"""Rules of work on a page: who leads what, how long it may take, which days are worked, who and which systems may act."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import store, terms
from gridmap.cases import calendar, clocks, limits, matrix, systems
from gridmap.cases.hands import LEVELS
from gridmap.terms import key
from gridmap.web import catalogue, deeds, district, figures, guard, kept, messages, numbers, post_book, tables, words

if TYPE_CHECKING:
    from collections.abc import Hashable

VIEWS = {
    "matrix": key("Responsibility matrix"),
    "limits": key("Limits"),
    "calendar": key("Working calendar"),
    "systems": key("Systems"),
    "posts": key("Posts"),
}


def view() -> str:
    """Draw the choice of what to see; posts are for those who manage accounts."""
    shown = {name: terms.say(title) for name, title in VIEWS.items() if name != "posts" or guard.may("accounts")}
    return kept.one("view", terms.say("View"), shown, usual="matrix", hidden=True)


def show(name: str) -> None:
    """Draw one of VIEWS."""
    {"matrix": _matrix, "limits": _limits, "calendar": _calendar, "systems": _systems, "posts": post_book.show}[name]()


def _matrix() -> None:
    cells = matrix.matrix(district.db())
    gaps, doubles = matrix.gaps(cells), matrix.doubles(cells)
    figures.strip(
        [
            figures.Figure(terms.say("Cells"), numbers.count(len(cells))),
            figures.Figure(terms.say("Nobody leads"), numbers.count(len(gaps)), alert=len(gaps) > 0),
            figures.Figure(terms.say("Several lead"), numbers.count(len(doubles)), alert=len(doubles) > 0),
        ]
    )
    only = st.checkbox(terms.say("Only gaps and doubles"))
    shown = cells.assign(text=[_leads(row) for row in cells.to_dict("records")])
    if only:
        bad = set(gaps["matter_code"]) | set(doubles["matter_code"])
        shown = shown[shown["matter_code"].isin(bad)]
    spoken = terms.language()
    wide = shown.pivot_table(
        index=["matter_code", f"class_{spoken}", f"name_{spoken}"], columns="level", values="text", aggfunc="first", sort=False
    ).reset_index()
    named = {level: words.called(level, words.LEVELS) for level in LEVELS}
    wide = wide[["matter_code", f"class_{spoken}", f"name_{spoken}", *LEVELS]].rename(
        columns={
            "matter_code": terms.say("Code"),
            f"class_{spoken}": terms.say("Kind"),
            f"name_{spoken}": terms.say("Matter"),
            **named,
        }
    )
    for name in (terms.say("Kind"), terms.say("Matter")):
        wide[name] = wide[name].map(words.capital)
    tables.show(wide, key="matrix", height=430)
    if guard.may("settings"):
        _edit(cells)


def _leads(row: dict[Hashable, Any]) -> str:
    depts = list(row["depts"])
    if not depts:
        return terms.say("grid staff") if row["level"] == "community" else terms.say("Nobody leads")
    return " + ".join(catalogue.dept(dept) for dept in depts)


def _edit(cells: pd.DataFrame) -> None:
    """Draw the way to set who leads a matter at a level; the next case of that matter goes there."""
    figures.heading(terms.say("Set who leads"), terms.say("holds for the next case at once"))
    deeds.hindered()
    with st.container(border=True):
        one, two, three = st.columns(3)
        known = {matter.code: f"{catalogue.matter(matter.code)} · {matter.code}" for matter in catalogue.matters()}
        matter = one.selectbox(terms.say("Matter"), list(known), format_func=known.__getitem__, key="matrix-matter")
        level = two.selectbox(
            terms.say("Level"), LEVELS, index=1, format_func=lambda name: words.called(name, words.LEVELS), key="matrix-level"
        )
        cell = cells[(cells["matter_code"] == matter) & (cells["level"] == level)].to_dict("records")[0]
        names, own = catalogue.departments(), f"matrix-depts-{matter}-{level}"
        three.multiselect(
            terms.say("Lead (none: the usual department)"),
            list(names),
            default=list(cell["depts"]) if cell["is_set"] else [],
            format_func=names.__getitem__,
            placeholder=_leads(cell),
            key=own,
        )
        st.button(terms.say("Save"), type="primary", on_click=deeds.deed(partial(_save, matter, level, own)))


def _save(matter: str, level: str, chosen: str) -> None:
    with guard.acting("settings", f"responsibility {matter} {level}") as who:
        matrix.put(district.db(), matter, level, st.session_state[chosen], source=who.name)
    st.toast(terms.say("Written down."), icon=":material/check:")


def _limits() -> None:
    found = limits.listed(district.db())
    shown = pd.DataFrame(
        {
            terms.say("Matter"): [
                catalogue.matter(code) if code else terms.say("every matter") for code in found["matter_code"]
            ],
            terms.say("Channel"): [
                words.called(code, words.CHANNELS) or terms.say("every channel") for code in found["channel"]
            ],
            terms.say("For"): [terms.say(STAGES[stage]) for stage in found["stage"]],
            terms.say("Limit"): [
                f"{value:g} {words.called(unit, clocks.UNITS)}"
                for value, unit in zip(found["limit_value"], found["limit_unit"], strict=True)
            ],
            terms.say("May be paused"): found["pausable"],
            terms.say("Source"): found["source"],
        }
    )
    tables.show(shown, key="limits", height=430)
    if not guard.may("settings"):
        return
    with st.form("limit-edit"):
        one, two, three, four = st.columns(4)
        known = {matter.code: f"{catalogue.matter(matter.code)} · {matter.code}" for matter in catalogue.matters()}
        matter = one.selectbox(terms.say("Matter"), list(known), format_func=known.__getitem__)
        value = two.number_input(terms.say("Limit"), 0.5, 1000.0, 4.0)
        unit = three.selectbox(
            terms.say("Unit"), list(clocks.UNITS), index=4, format_func=lambda name: terms.say(clocks.UNITS[name])
        )
        pausable = four.checkbox(terms.say("May be paused"))
        if st.form_submit_button(terms.say("Save"), type="primary"):
            with messages.catching(), guard.acting("settings", f"limit {matter}"):
                limits.put(district.db(), matter, value, unit, pausable=pausable, source=guard.actor().name)
                st.rerun()


STAGES = {"accept": key("Accept"), "arrive": key("Arrive"), "close": key("Close the case")}


def _calendar() -> None:
    known, this = calendar.read(district.db()), store.now().year
    years = [this, this + 1]
    figures.strip(
        figures.Figure(
            terms.say("Year {year}", year=year),
            terms.say("published") if known.known(year) else terms.say("not published"),
            note="" if known.known(year) else terms.say("Monday to Friday count until a day is entered"),
        )
        for year in years
    )
    days = pd.DataFrame({"day": list(known.days), "works": list(known.days.values())})
    tables.show(
        pd.DataFrame({terms.say("Day"): days["day"].astype(str), terms.say("Worked"): days["works"]}),
        key="calendar",
        height=260,
    )
    if not guard.may("settings"):
        return
    with st.form("day-edit"):
        day = st.date_input(terms.say("Day"), value=date(this, 12, 31))
        works = st.checkbox(terms.say("Worked"))
        if st.form_submit_button(terms.say("Save"), type="primary"):
            with messages.catching(), guard.acting("settings", f"calendar {day}"):
                calendar.put(district.db(), day, works=works, source=guard.actor().name)
                st.rerun()


def _systems() -> None:
    found = systems.listed(district.db())
    shown = pd.DataFrame(
        {
            terms.say("System"): found["system"],
            terms.say("Department"): [catalogue.dept(code) for code in found["dept_id"]],
            terms.say("Requests a minute"): found["a_minute"],
            terms.say("Made at"): found["made_at"],
            terms.say("Taken back at"): found["revoked_at"],
        }
    )
    tables.show(shown, key="systems", height=260)
    if not guard.may("accounts"):
        return
    with st.form("key-make"):
        one, two = st.columns(2)
        name = one.text_input(terms.say("Name of the system"))
        names = catalogue.departments()
        dept = two.selectbox(
            terms.say("Department (none: a hotline)"), [None, *names], format_func=lambda code: names.get(code, "—")
        )
        if st.form_submit_button(terms.say("Make a key"), type="primary"):
            with messages.catching(), guard.acting("accounts", f"key {name}") as who:
                made = systems.make_key(district.db(), name, by=who.name, role="department" if dept else "system", dept=dept)
                st.success(terms.say("The key is shown this once:"))
                st.code(made, language=None)
    alive = {row["key_id"]: row["system"] for row in found[found["revoked_at"].isna()].to_dict("records")}
    if alive:
        taken = st.selectbox(terms.say("Key to take back"), list(alive), format_func=alive.__getitem__)
        if st.button(terms.say("Take back")):
            with messages.catching(), guard.acting("accounts", f"key {taken} revoked"):
                systems.revoke(district.db(), taken)
                st.rerun()
