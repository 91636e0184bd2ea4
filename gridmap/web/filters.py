"""The choice of period, channel, kind and street, as widgets whose state is in the address or lasts for the visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, cast

import streamlit as st

from gridmap import analysis, kpi, store, terms
from gridmap.web import district, numbers, recorded, session, words

if TYPE_CHECKING:
    from collections.abc import Mapping

PERIODS = (7, 30, 90, 365)
"""Lengths of the period one can choose with a click, in days."""

USUAL = 30


def period() -> tuple[datetime, datetime]:
    """Draw the choice of period and give it as start and end (not included), ending with the last day there are data of.

    The choice is the parameter ``days`` of the address. Without any incidents it ends today.
    """
    known = kpi.data_range(district.db())
    last = known[1] if known else store.now()
    given = session.get("days")
    now = int(given) if given and given.isdigit() and int(given) in PERIODS else USUAL
    chosen = st.segmented_control(
        terms.say("Period"),
        PERIODS,
        default=now,
        format_func=lambda n: terms.say("Last year") if n == PERIODS[-1] else terms.say("{n} days", n=n),
        required=True,
        key=f"period-{now}",
        label_visibility="collapsed",
    )
    if chosen != now:
        session.put(days=None if chosen == USUAL else str(chosen))
        st.rerun()
    start, end = ending(last, chosen)
    recorded.screen().scope = terms.say("{first} to {last}", first=numbers.day(start), last=numbers.day(last))
    return start, end


def ending(last: datetime, days: int) -> tuple[datetime, datetime]:
    """Give the start and the end (not included) of so many days, of which the last is that of a moment."""
    end = datetime.combine(last.date(), time()) + timedelta(days=1)
    return end - timedelta(days=days), end


def many(label: str, options: Mapping[str, str], key: str) -> tuple[str, ...]:
    """Draw a choice of several, none meaning all; options: code -> text in the reader's language. Lasts for the visit."""
    return tuple(
        st.multiselect(
            label,
            list(options),
            format_func=lambda code: options.get(code, code),
            key=key,
            placeholder=terms.say("{what}: all", what=label),
            label_visibility="collapsed",
            persist_state="session",
        )
    )


def channels() -> dict[str, str]:
    """Give the channels as options."""
    return {code: terms.say(word) for code, word in words.CHANNELS.items()}


def classes() -> dict[str, str]:
    """Give the classes of matters as options."""
    spoken = terms.LANGUAGES.index(terms.language())
    return {code: words.capital(names[spoken]) for code, names in _classes(district.db().data_version("matter_types")).items()}


def before(chosen: kpi.Filters) -> kpi.Filters:
    """Give the same filters for the period of the same length before."""
    start, end = cast("datetime", chosen.start), cast("datetime", chosen.end)
    return replace(chosen, start=start - (end - start), end=start, as_of=None)


@st.cache_resource(show_spinner=False, max_entries=4)
def _classes(data_version: str) -> dict[str, tuple[str, str]]:  # noqa: ARG001  the key
    return analysis.classes(district.db())
