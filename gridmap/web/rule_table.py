"""The page of all rules: R01–R69 by the parts of the speech, each with its data, its figures, and a way to where it lives."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import kpi, terms
from gridmap.cases import registers, rulebook
from gridmap.web import district, figures, messages, numbers, words

if TYPE_CHECKING:
    from gridmap.cases.rulebook import Rule


def show() -> None:
    """Draw how many rules have data, and the rules part by part."""
    found = rulebook.rules(district.db())
    shown = sum(rule.has_data for rule in found)
    blank = sum(bool(rule.unset) for rule in found)
    figures.strip(
        [
            figures.Figure(terms.say("Mechanisms of the speech"), numbers.count(len(found))),
            figures.Figure(terms.say("With data and figure"), numbers.count(shown)),
            figures.Figure(terms.say("Waiting for a figure to be set"), numbers.count(blank)),
        ]
    )
    for first, last, title in rulebook.GROUPS:
        part = [rule for rule in found if first <= rule.id <= last]
        figures.heading(terms.say(title), f"{first}–{last}")
        st.html(f'<table class="gm-rules"><tbody>{"".join(_line(rule) for rule in part)}</tbody></table>')


def _line(rule: Rule) -> str:
    names = [kpi.indicators()[name].name() for name in rule.indicators]
    if rule.register and not names:
        one = registers.register(rule.register)
        names.append(f"{words.capital(one.name)} · {one.indicator}")
    between = "、" if terms.language() == "zh" else ", "
    unset = between.join(rule.unset)
    state = escape(terms.say("Not set: {what}", what=unset)) if unset else "" if rule.has_data else escape(messages.unset())
    state = f'<b class="gm-alert">{state}</b>' if state else ""
    original = "" if terms.language() == "zh" else f' <span lang="zh">{escape(rule.name_zh)}</span>'
    return (
        f"<tr><th>{rule.id}</th><td>{escape(rule.name)}{original}</td><td>{escape(between.join(names))} {state}</td>"
        f'<td><a href="{escape(rule.address)}" target="_self">{escape(terms.say("Go there"))}</a></td></tr>'
    )
