"""The moves a hand may make on a case, as buttons, and the form of the one that was chosen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import cases, terms
from gridmap.cases import books, desk, matrix, photos, reasons
from gridmap.errors import GridmapError
from gridmap.terms import key
from gridmap.web import catalogue, district, guard, numbers, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.cases import Case, Hand

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
    with st.form(f"form-{case.id}-{case.seq}-{chosen}", border=True):
        said = _fields(case, hand, chosen, now)
        if st.form_submit_button(terms.say(open_now[chosen].name), type="primary", width="stretch"):
            _send(case, hand, chosen, said)


def _send(case: Case, hand: Hand, action: str, said: dict[str, Any]) -> None:
    try:
        pictures = said.pop("pictures", [])
        if pictures:
            said["photos"] = [photos.keep(district.folder(), picture.getvalue()) for picture in pictures]
        with guard.acting(RIGHTS[hand.role], f"{case.id} {action}", code=case.place):
            cases.act(district.db(), hand, case.id, action, said, seen=case.seq)
    except GridmapError as error:
        st.error(error.sentence(), icon=":material/error:")
        return
    st.toast(terms.say("Done: {move}", move=terms.say(cases.MOVES[action].name)), icon=":material/check:")
    st.rerun()


def _fields(case: Case, hand: Hand, action: str, now: datetime) -> dict[str, Any]:
    """Draw the fields of a move and give what was said."""
    wanted = [*cases.MOVES[action].needs.split(), *_MORE.get(action, ())]
    fields = _FIELDS | _SPECIAL.get(action, {})
    said = {name: fields[name](case, hand, now) for name in wanted}
    if action in PHOTO:
        said["pictures"] = st.file_uploader(
            terms.say("Photographs"), type=["jpg", "jpeg", "png", "webp"], accept_multiple_files=True
        )
    return said


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


def _text(label: str) -> Callable[[Case, Hand, datetime], Any]:
    return lambda _case, _hand, _now: st.text_area(terms.say(label), height=80)


def _choice(label: str, options: dict[str, str], *, empty: bool = False, index: int | None = 0) -> Any:  # noqa: ANN401 - one of the options
    named = catalogue.distinct(options)
    return st.selectbox(label, list(named), index=None if empty else index, format_func=named.__getitem__, placeholder="—")


def _handler(case: Case, _hand: Hand, _now: datetime) -> str | None:
    people = books.workers(district.db(), case.place, but=None if case.on_the_spot else case.reporter)
    named = {
        row["staff_id"]: f"{row['name']} · {words.called(row['post'], words.POSTS)} · {row['grid_code'][12:]}"
        for row in people.to_dict("records")
    }
    return _choice(terms.say("Person"), named, empty=case.level != "community")  # type: ignore[no-any-return]


def _dept(case: Case, _hand: Hand, _now: datetime) -> str | None:
    options = catalogue.departments()
    leads = matrix.lead(district.db(), case.matter, case.level)
    index = list(options).index(leads) if leads in options else None
    label = terms.say("Department")
    return _choice(label, options, index=index)  # type: ignore[no-any-return]


def _gone(case: Case, _hand: Hand, _now: datetime) -> str | None:
    left = {dept: catalogue.dept(dept) for dept, state in case.called.items() if state == "gone"}
    return _choice(terms.say("Department"), left)  # type: ignore[no-any-return]


def _depts(case: Case, _hand: Hand, _now: datetime) -> list[str]:
    names = catalogue.departments()
    leads = matrix.lead(district.db(), case.matter, "street")
    parties = books.parties(district.db())
    return st.multiselect(
        terms.say("Departments to call"),
        parties,
        default=[leads] if leads in parties else [],
        placeholder="—",
        format_func=lambda code: names.get(code, code),
    )


def _until(_case: Case, _hand: Hand, now: datetime) -> datetime:
    left, right = st.columns(2)
    day = left.date_input(terms.say("New due day"), value=(now + timedelta(days=7)).date(), min_value=now.date())
    hour = right.time_input(terms.say("Time"), value=now.replace(hour=18, minute=0, second=0).time())
    return datetime.combine(day, hour)


def _matter(_case: Case, _hand: Hand, _now: datetime) -> str | None:
    known = {one.code: f"{catalogue.matter(one.code)} · {one.code}" for one in catalogue.matters()}
    return _choice(terms.say("Matter"), known, empty=True)  # type: ignore[no-any-return]


def _into(case: Case, _hand: Hand, _now: datetime) -> str | None:
    """Offer what it may be a second report of; any other number can be typed."""
    found = desk.alike(district.db(), case).to_dict("records")
    named = {
        row["incident_id"]: f"{row['incident_id']} · {row['title_zh'] or ''} · {numbers.moment(row['reported_at'])}"
        for row in found
    }
    return st.selectbox(
        terms.say("Number of the other case"),
        list(named),
        index=None,
        format_func=lambda number: named.get(number, number),
        accept_new_options=True,
        placeholder=terms.say("the same matter nearby, or type a number"),
    )


_FIELDS: dict[str, Callable[[Case, Hand, datetime], Any]] = {
    "note": _text(key("Note")),
    "reason": _text(key("Reason")),
    "into": _into,
    "handler": _handler,
    "dept": _dept,
    "depts": _depts,
    "until": _until,
    "matter": _matter,
    "address": lambda *_: st.text_input(terms.say("Address")),
    "kind": lambda *_: _choice(terms.say("Kind of whistle"), {k: terms.say(n) for k, n in reasons.WHISTLES.items()}),
    "rating": lambda *_: st.slider(terms.say("Rating"), 0, 100, 85),
    "venue": lambda *_: _choice(terms.say("Venue"), {k: terms.say(n) for k, n in VENUES.items()}),
    "helper": lambda *_: _choice(terms.say("Helper"), {k: terms.say(n) for k, n in HELPERS.items()}, empty=True),
    "outcome": lambda *_: _choice(terms.say("Result"), {k: terms.say(n) for k, n in OUTCOMES.items()}),
    "petition": lambda *_: st.checkbox(terms.say("A petition followed")),
    "resolved": lambda *_: st.toggle(terms.say("Solved"), value=True),
    "satisfied": lambda *_: st.toggle(terms.say("Satisfied"), value=True),
}

_SPECIAL: dict[str, dict[str, Callable[[Case, Hand, datetime], Any]]] = {
    "rate": {"dept": _gone},
    "mediate": {
        "kind": lambda *_: _choice(terms.say("Kind of mediation"), {k: terms.say(n) for k, n in reasons.MEDIATION.items()}),
    },
}
"""Fields that mean something else in one move."""
