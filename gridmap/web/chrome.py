"""The frame around every page: the navigation's entries, the look, the mark and the choice of language."""

from __future__ import annotations

from copy import copy
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import access, maps, terms
from gridmap.cases import posts
from gridmap.web import district, figures, guard, session, shell, visitor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import Page

    Sections = Mapping[str, tuple[tuple[str, str, str], ...]]

CSS = Path(__file__).with_name("gridmap.css")

LANGUAGES = {"zh": "中文", "en": "English"}


def entries(pages: Sections) -> dict[str, list[Page]]:
    """Give the navigation by section in the reader's language, only what the reader may open; the first opens by default.

    pages: section → (file, title, right). Entries carry no icon: Streamlit fetches a page's icon from an outside host to show
    it in the browser's tab.
    """
    shown = {title: [page for page in listed if guard.may(page[2])] for title, listed in pages.items()}
    shown = {title: listed for title, listed in shown.items() if listed}
    first = next((listed[0] for listed in shown.values()), None)
    return {
        terms.say(title): [copy(_entry(page[0], terms.say(page[1]), default=page is first)) for page in listed]
        for title, listed in shown.items()
    }


@cache
def _entry(file: str, title: str, *, default: bool) -> Page:
    """Make an entry, for which Streamlit looks for the page's file on the disk. A run marks its own, so it takes a copy."""
    return st.Page(file, title=title, default=default)


def frame() -> None:
    """Set title, width and look of the page."""
    st.set_page_config(page_title=terms.say("gridmap"), page_icon=shell.MARK, layout="wide")
    drop = terms.say("Choose a file, or drop it here")  # Streamlit says this, and the next, in English only
    lost = terms.say("The server does not answer; this page connects again by itself. What was recorded is kept.")
    st.html(f'<style>@import url("{maps.fonts_url()}"); :root {{ --gm-drop: "{drop}"; --gm-lost: "{lost}"; }}</style>')
    st.html(CSS)
    st.logo(shell.MARK, size="large")


def demo() -> str:
    """Give the words that mark demo data, or nothing when the data are real."""
    return terms.say("Demo data") if district.is_demo() else ""


def tools() -> DeltaGenerator:
    """Draw what stands in the bar at the top of every page: the demo mark, the choice of language, room for the reports.

    Gives that room, to be filled once the page has been drawn.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="tools"):
        room = st.container(width="content", key="reports")
        if district.exists() and demo():
            figures.mark(demo())
        badge()
        tongue()
    return room


def badge() -> None:
    """Draw whose account this is; in the demo, the choice of the role to show the pages as."""
    who = guard.actor()
    kind = _post(district.db().data_version("work_posts"), who) if district.exists() else None
    role = terms.say(posts.KINDS[kind] if kind else access.ROLES[who.role])
    if visitor.login() != "demo":
        st.html(f'<a class="gm-who" href="/account" target="_self">{escape(who.name)} · {role}</a>', width="content")
        return
    with st.popover(terms.say("Demo account · {role}", role=role)):
        st.caption(terms.say("Anybody may open the fictional demo, without a password. Show its pages as:"))
        parts = _parts(district.seen_by(access.DEMO).data_version("divisions")) if district.exists() else []
        for one, code, place in [*((one, "", "") for one in access.ROLES), *parts]:
            name = terms.say(access.ROLES[one]) + (f" · {place}" if place else "")
            st.html(f'<a class="gm-who" href="/show?as={one}:{code}" target="_self">{escape(name)}</a>')


@lru_cache(maxsize=1024)  # asked at every view
def _post(data_version: str, who: access.Actor) -> str | None:  # noqa: ARG001  the key
    return posts.title(district.db(), who.name, who.role, who.territory)


@st.cache_resource(show_spinner=False, max_entries=2)
def _parts(version: str) -> list[tuple[str, str, str]]:  # noqa: ARG001  the key
    """Give roles that answer for a part of the district, each with the first of such parts: role, code, name."""
    found = []
    for role, level in (("department_officer", "street"), ("community_secretary", "community")):
        areas = district.seen_by(access.DEMO).areas(level)
        found += [(role, str(row.code), str(row.name_zh)) for row in areas.head(1).itertuples()]
    return found


def tongue() -> None:
    """Draw the choice of language."""
    spoken = terms.language()
    chosen = st.segmented_control(
        terms.say("Language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        default=spoken,
        required=True,
        key="tongue",
        label_visibility="collapsed",
    )
    if chosen != spoken:
        session.speak(chosen)
        st.rerun()
