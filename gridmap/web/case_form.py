"""The moves a hand may make on a case, as buttons, and the form of the one that was chosen."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import access, cases, terms
from gridmap.cases import books, desk, matrix, photos, reasons
from gridmap.terms import key
from gridmap.web import catalogue, deeds, district, guard, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.cases import Case, Hand

    Field = Callable[[Case, datetime, str], object]
    """Draws a field under a key; what was said stands in the session's state."""

VENUES = {
    "community_room": key("Community mediation room"),
    "service_centre": key("Service centre"),
    "police_station": key("Police station"),
    "court": key("Court"),
    "governance_centre": key("Social governance centre"),
}
HELPERS = {"lawyer": key("Lawyer"), "legal_worker": key("Legal worker"), "psychologist": key("Psychologist")}
OUTCOMES = {"agreed": key("Agreed"), "failed": key("Failed"), "withdrawn": key("Withdrawn")}
RIGHTS = {
    "worker": "case_handle",
    "department": "case_handle",
    "desk": "case_coordinate",
    "supervisor": "case_supervise",
    "leader": "case_supervise",
}
"""The right that a hand's moves need."""

PHOTO = ("arrive", "handle", "spot", "leave", "note")
"""Moves with which a photograph is sent."""


def moves(case: Case, hand: Hand, now: datetime) -> None:
    """Draw what the hand may do: one choice, then the form of what was chosen."""
    deeds.hindered("case")
    open_now = {move.action: move for move in cases.open_moves(case, hand, now)}
    if not open_now:
        return
    chosen = st.pills(
        terms.say("What to do"),
        list(open_now),
        format_func=lambda action: terms.say(open_now[action].name),
        key=f"move-{case.id}-{case.seq}",
        label_visibility="collapsed",
    )
    if chosen is None:
        return
    form = f"form-{case.id}-{case.seq}-{chosen}"
    with st.form(form, border=True):
        fields = _FIELDS | _SPECIAL.get(chosen, {})
        for name in _wanted(chosen):
            fields[name](case, now, f"{form}-{name}")
        deed = deeds.deed(partial(_send, case, hand, chosen, form), "case")
        st.form_submit_button(terms.say(open_now[chosen].name), type="primary", width="stretch", on_click=deed)


def _send(case: Case, hand: Hand, action: str, form: str) -> None:
    """Make the move with what the fields say, before the page is drawn: a press on another case cannot undo it."""
    said: dict[str, Any] = {name: st.session_state.get(f"{form}-{name}") for name in _wanted(action)}
    if "until" in said:
        said["until"] = datetime.combine(said["until"], st.session_state[f"{form}-until-time"])
    pictures = said.pop("pictures", None) or []
    with guard.acting(RIGHTS[hand.role], f"{case.id} {action}", code=case.place):
        if pictures:
            said["photos"] = [photos.keep(district.folder(), picture.getvalue()) for picture in pictures]
        cases.act(district.db(), hand, case.id, action, said, seen=case.seq)
    st.toast(terms.say("Done: {move}", move=terms.say(cases.MOVES[action].name)), icon=":material/check:")


def _wanted(action: str) -> list[str]:
    """Give the names of a move's fields in the order in which they are filled in."""
    return [*cases.MOVES[action].needs.split(), *_MORE.get(action, ()), *(["pictures"] if action in PHOTO else [])]


_MORE = {
    "assign": ("handler", "dept"),
    "correct": ("matter", "address"),
    "defer": ("note",),
    "carry": ("note",),
    "end_whistle": ("reason",),
    "mediate": ("helper",),
    "settle": ("petition",),
    "check": ("note",),
    "report_in": ("note",),
    "accept": (),
}
"""What can be said with a move besides what has to be."""


def _text(label: str) -> Field:
    return lambda _case, _now, key: st.text_area(terms.say(label), height=80, key=key)


def _choice(label: str, options: dict[str, str], key: str, *, empty: bool = False, index: int | None = 0) -> None:
    named = catalogue.distinct(options)
    index = None if empty else index
    st.selectbox(label, list(named), index=index, format_func=named.__getitem__, placeholder="—", key=key)


def _named(label: str, options: dict[str, str], *, empty: bool = False) -> Field:
    """Make the field of a choice among words that are the same for every case."""
    return lambda _case, _now, key: _choice(
        terms.say(label), {code: terms.say(name) for code, name in options.items()}, key, empty=empty
    )


def _handler(case: Case, _now: datetime, key: str) -> None:
    people = books.workers(district.db(), case.place, but=None if case.on_the_spot else case.reporter)
    named = {
        row["staff_id"]: f"{row['name']} · {words.called(row['post'], words.POSTS)} · {row['grid_code'][12:]}"
        for row in people.to_dict("records")
    }
    _choice(terms.say("Person"), named, key, empty=case.level != "community")


def _dept(case: Case, _now: datetime, key: str) -> None:
    options = catalogue.departments()
    leads = matrix.lead(district.db(), case.matter, case.level)
    _choice(terms.say("Department"), options, key, index=list(options).index(leads) if leads in options else None)


def _gone(case: Case, _now: datetime, key: str) -> None:
    left = {dept: catalogue.dept(dept) for dept, state in case.called.items() if state == "gone"}
    _choice(terms.say("Department"), left, key)


def _depts(case: Case, _now: datetime, key: str) -> None:
    names = catalogue.departments()
    leads = matrix.lead(district.db(), case.matter, "street")
    parties = books.parties(district.db())
    st.multiselect(
        terms.say("Departments to call"),
        parties,
        default=[leads] if leads in parties else [],
        placeholder="—",
        format_func=lambda code: names.get(code, code),
        key=key,
    )


def _until(_case: Case, now: datetime, key: str) -> None:
    left, right = st.columns(2)
    left.date_input(terms.say("New due day"), value=(now + timedelta(days=7)).date(), min_value=now.date(), key=key)
    right.time_input(terms.say("Time"), value=time(18), key=f"{key}-time")


def _matter(_case: Case, _now: datetime, key: str) -> None:
    known = {one.code: f"{catalogue.matter(one.code)} · {one.code}" for one in catalogue.matters()}
    _choice(terms.say("Matter"), known, key, empty=True)


def _into(case: Case, _now: datetime, key: str) -> None:
    """Offer what it may be a second report of; any other number can be typed."""
    found = desk.alike(district.db(), case).to_dict("records")
    named = {
        row["incident_id"]: " · ".join(
            [
                f"{row['reported_at']:%m-%d %H:%M}",
                words.called(row["status"], words.STATES),
                access.masking.prose(row["description_zh"] or row["title_zh"] or "")[:24],
                row["incident_id"],
            ]
        )
        for row in found
    }
    st.selectbox(
        terms.say("Number of the other case"),
        list(named),
        index=None,
        format_func=lambda number: named.get(number, number),
        accept_new_options=True,
        placeholder=terms.say("the same matter nearby, or type a number"),
        key=key,
    )


_FIELDS: dict[str, Field] = {
    "note": _text(key("Note")),
    "reason": _text(key("Reason")),
    "into": _into,
    "handler": _handler,
    "dept": _dept,
    "depts": _depts,
    "until": _until,
    "matter": _matter,
    "address": lambda _case, _now, key: st.text_input(terms.say("Address"), key=key),
    "kind": _named(key("Kind of whistle"), reasons.WHISTLES),
    "rating": lambda _case, _now, key: st.slider(terms.say("Rating"), 0, 100, 85, key=key),
    "venue": _named(key("Venue"), VENUES),
    "helper": _named(key("Helper"), HELPERS, empty=True),
    "outcome": _named(key("Result"), OUTCOMES),
    "petition": lambda _case, _now, key: st.checkbox(terms.say("A petition followed"), key=key),
    "resolved": lambda _case, _now, key: st.toggle(terms.say("Solved"), value=True, key=key),
    "satisfied": lambda _case, _now, key: st.toggle(terms.say("Satisfied"), value=True, key=key),
    "pictures": lambda _case, _now, key: st.file_uploader(
        terms.say("Photographs"), type=["jpg", "jpeg", "png", "webp"], accept_multiple_files=True, key=key
    ),
}

_SPECIAL: dict[str, dict[str, Field]] = {
    "rate": {"dept": _gone},
    "mediate": {"kind": _named(key("Kind of mediation"), reasons.MEDIATION)},
}
"""Fields that mean something else in one move."""
