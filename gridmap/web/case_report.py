"""Reporting a case: where it is on the map, what it is in the reporter's own words, a photograph; one form, entered once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import cases, maps, terms
from gridmap.cases import duties, photos, place, search
from gridmap.errors import GridmapError
from gridmap.web import atlas, catalogue, chrome, district, guard, map_frame, messages, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.cases import Hand

SPOT = "report-spot"
GIVEN = "report-given"
KEY = "report-once"


def once(name: str) -> str:
    """Give a key that belongs to this form alone: a new form begins empty, and pressed twice, one is sent once."""
    return f"report-{name}-{st.session_state.setdefault(KEY, uuid.uuid4().hex)}"


def clicked(click: dict[str, Any]) -> None:
    """Take the clicked point as the place of the case."""
    if click.get("at"):
        st.session_state[SPOT] = (float(click["at"][1]), float(click["at"][0]))


def where(territory: str) -> dict[str, Any]:
    """Draw the map and the address; give what is said of the place."""
    spot = st.session_state.get(SPOT)
    address = st.text_input(
        terms.say("Address, compound or community"),
        key=once("address"),
        placeholder=terms.say("or click the place on the map"),
    )
    home = district.find(territory) or district.here()
    found = None
    with st.container(key="stage-report"):
        level = atlas.finest(home)
        map_frame.show(
            atlas.base(chrome.demo()),
            maps.repaint(
                atlas.areas(level, near=True),
                outlines=atlas.inner_borders(home),
                dots=[atlas.spot(*spot)] if spot else [],
                focus=atlas.focus(home),
            ),
            key="report-map",
            height=420,
            on_click=clicked,
        )
    said: dict[str, Any] = {"lon": spot[0], "lat": spot[1]} if spot else {}
    said["address"] = address.strip()
    if spot or said["address"]:
        with messages.catching():
            found = place.locate(district.db(), said)
    if found is not None:
        st.caption(terms.say("Place decides: {where}", where=catalogue.where(found.code)))
    return said


def what() -> str | None:
    """Draw the search for the kind of matter and give its code."""
    text = st.text_input(
        terms.say("What is it?"), key=once("what"), placeholder=terms.say("in your own words: rubbish, parking, noise …")
    )
    found = search.find(catalogue.matters(), text)
    if text and not found:
        st.caption(terms.say("Nothing fits these words; try others."))
    if not found:
        return None
    return st.radio(
        terms.say("Kind"),
        [one.code for one in found],
        format_func=lambda code: f"{catalogue.matter(code)} · {next(m.class_zh for m in found if m.code == code)}",
        key=f"report-kind-{text}",
    )


def form(hand: Hand) -> None:
    """Draw the whole form; after sending, say the number of the case and where it went."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        said = where(hand.territory)
    with right:
        if given := st.session_state.pop(GIVEN, None):
            st.success(terms.say("Reported: {number}", number=given), icon=":material/check:")
        said["matter"] = what()
        said["note"] = st.text_area(terms.say("What is the matter"), key=once("note"), height=100)
        pictures = st.file_uploader(
            terms.say("Photographs"), type=["jpg", "jpeg", "png", "webp"], accept_multiple_files=True, key=once("photos")
        )
        said["channel"] = st.selectbox(
            terms.say("Channel"),
            _channels(hand),
            format_func=lambda code: words.called(code, words.CHANNELS),
        )
        served = st.pills(
            terms.say("Duties served by the same visit"),
            list(duties.DUTIES),
            selection_mode="multi",
            format_func=lambda code: terms.say(duties.DUTIES[code]),
            key=once("duties"),
        )
        households = int(st.number_input(terms.say("Households visited"), 0, 500, 0, key=once("households")))
        spot = hand.role == "worker" and st.checkbox(terms.say("Settled on the spot"), key=once("spot"))
        done = st.text_input(terms.say("What was done"), key=once("done")) if spot else None
        if st.button(terms.say("Report a case"), type="primary", width="stretch"):
            content = [picture.getvalue() for picture in pictures]
            send(hand, said, content, served=served, households=households, done=done)


def send(
    hand: Hand, said: dict[str, Any], pictures: list[bytes], *, served: Sequence[str], households: int, done: str | None
) -> None:
    """Write the case down, with the visit that found it and the duties it served, and begin the form anew."""
    try:
        if said.get("matter") is None:
            st.error(terms.say("Say what it is: write a word and choose the kind."), icon=":material/error:")
            return
        if done is not None and not done.strip():
            st.error(terms.say("Say what was done on the spot."), icon=":material/error:")
            return
        if pictures:
            said["photos"] = [photos.keep(district.folder(), picture) for picture in pictures]
        visit = duties.Visit(tuple(served) or ("info",), households) if served or households else None
        with guard.acting("case_report", str(said["matter"])):
            case = cases.report(district.db(), hand, said, done=(done or "").strip(), visit=visit, key=once("sent"))
    except GridmapError as error:
        st.error(error.sentence(), icon=":material/error:")
        return
    st.session_state[GIVEN] = f"{case.id} · {catalogue.where(case.place)}"
    for name in (SPOT, KEY):
        st.session_state.pop(name, None)
    st.rerun()


def _channels(hand: Hand) -> list[str]:
    first = {"worker": ["patrol", "assist"], "desk": ["hotline", "resident", "property"]}.get(hand.role, ["resident"])
    return [*first, *(code for code in words.CHANNELS if code not in first)]
