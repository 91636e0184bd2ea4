"""Reporting a case: where it is on the map, what it is in the reporter's own words, a photograph; one form, entered once."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import cases, maps, terms
from gridmap.cases import duties, photos, place, search
from gridmap.errors import CaseError
from gridmap.web import atlas, catalogue, chrome, deeds, district, guard, map_frame, messages, words

if TYPE_CHECKING:
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


def where(territory: str) -> None:
    """Draw the map and the address, and say what place they come to."""
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


def what() -> None:
    """Draw the search for the kind of matter and the kinds that fit."""
    text = st.text_input(
        terms.say("What is it?"), key=once("what"), placeholder=terms.say("in your own words: rubbish, parking, noise …")
    )
    found = search.find(catalogue.matters(), text)
    if text and not found:
        st.caption(terms.say("Nothing fits these words; try others."))
    if found:
        st.radio(
            terms.say("Kind"),
            [one.code for one in found],
            format_func=lambda code: f"{catalogue.matter(code)} · {next(m.class_zh for m in found if m.code == code)}",
            key=_kind(text),
        )


def _kind(text: str) -> str:
    return once(f"kind-{text}")


def form(hand: Hand) -> None:
    """Draw the whole form; after sending, say the number of the case and where it went."""
    left, right = st.columns([6, 5], gap="medium")
    with left:
        where(hand.territory)
    with right:
        what()
        st.text_area(terms.say("What is the matter"), key=once("note"), height=100)
        st.file_uploader(
            terms.say("Photographs"), type=["jpg", "jpeg", "png", "webp"], accept_multiple_files=True, key=once("photos")
        )
        st.selectbox(
            terms.say("Channel"),
            _channels(hand),
            format_func=lambda code: words.called(code, words.CHANNELS),
            key=f"report-channel-{hand.role}",
        )
        st.pills(
            terms.say("Duties served by the same visit"),
            list(duties.DUTIES),
            selection_mode="multi",
            format_func=lambda code: terms.say(duties.DUTIES[code]),
            key=once("duties"),
        )
        st.number_input(terms.say("Households visited"), 0, 500, 0, key=once("households"))
        if hand.role == "worker" and st.checkbox(terms.say("Settled on the spot"), key=once("spot")):
            st.text_input(terms.say("What was done"), key=once("done"))
        deeds.hindered()
        if given := st.session_state.pop(GIVEN, None):
            st.success(terms.say("Reported: {number}", number=given), icon=":material/check:")
        send = deeds.deed(partial(_send, hand))
        st.button(terms.say("Report a case"), type="primary", width="stretch", on_click=send)


def _send(hand: Hand) -> None:
    """Write the case down, with the visit that found it and the duties it served, and begin the form anew."""
    told = {name: st.session_state.get(once(name)) for name in ("address", "what", "note", "photos", "duties", "households")}
    spot = st.session_state.get(SPOT)
    said: dict[str, Any] = {"lon": spot[0], "lat": spot[1]} if spot else {}
    said |= {"address": (told["address"] or "").strip(), "note": told["note"]}
    said |= {
        "matter": st.session_state.get(_kind(told["what"] or "")),
        "channel": st.session_state[f"report-channel-{hand.role}"],
    }
    if said["matter"] is None:
        raise CaseError("Say what it is: write a word and choose the kind.")
    done = (st.session_state.get(once("done")) or "").strip()
    if st.session_state.get(once("spot")) and not done:
        raise CaseError("Say what was done on the spot.")
    visit = None
    if told["duties"] or told["households"]:
        visit = duties.Visit(tuple(told["duties"] or ("info",)), int(told["households"] or 0))
    with guard.acting("case_report", str(said["matter"])):
        if told["photos"]:
            said["photos"] = [photos.keep(district.folder(), picture.getvalue()) for picture in told["photos"]]
        case = cases.report(district.db(), hand, said, done=done, visit=visit, key=once("sent"))
    st.session_state[GIVEN] = f"{case.id} · {catalogue.where(case.place)}"
    for name in (SPOT, KEY):
        st.session_state.pop(name, None)


def _channels(hand: Hand) -> list[str]:
    first = {"worker": ["patrol", "assist"], "desk": ["hotline", "resident", "property"]}.get(hand.role, ["resident"])
    return [*first, *(code for code in words.CHANNELS if code not in first)]
