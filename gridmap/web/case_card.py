"""One case on a page: what it is, how its clocks stand, what happened, and what this hand may do now."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import access, cases, store, terms
from gridmap.cases import clocks, desk, limits, photos, place
from gridmap.errors import CaseError
from gridmap.terms import key
from gridmap.web import case_form, catalogue, district, figures, guard, numbers, panels, session, words

if TYPE_CHECKING:
    from datetime import datetime

    from gridmap.cases import Case, Clock, Event, Hand

CLOCKS = {
    "accept": key("Accepted in a minute"),
    "arrive": key("On site in an hour"),
    "close": key("Closed in a day"),
    "limit": key("Limit of the matter"),
}
STATES = {
    "met": key("kept"),
    "late": key("overdue"),
    "soon": key("soon due"),
    "running": key("running"),
    "stopped": key("stopped"),
    "unset": key("not set"),
}
STEPS = {
    "discover": key("Discover"),
    "push": key("Push"),
    "dispose": key("Dispose"),
    "coordinate": key("Coordinate"),
    "supervise": key("Supervise"),
    "feedback": key("Feed back"),
}


CASE, CHOSEN = "case", "case-chosen"
COME_NEAR = "<script>if (innerWidth <= 1100) document.querySelector('.st-key-case-card')?.scrollIntoView()</script>"
"""Brings a case that was just chosen into view where it stands above the list, or in its place."""


def choose(case_id: str) -> None:
    """Let a case be the one that is looked at; what a button calls."""
    session.put(**{CASE: case_id})
    st.session_state[CHOSEN] = True


def show(case_id: str, hand: Hand) -> None:
    """Draw the card of a case with the moves its hand may make. Raises CaseError when it is not this hand's to look at."""
    db, now = district.db(), store.now()
    case = cases.find(db, case_id)
    if not desk.shows(hand, case):
        raise CaseError("This case is not on your desk.")
    events = cases.history(db, case_id)
    with st.container(key="case-card"):
        if st.session_state.pop(CHOSEN, False):
            st.html(COME_NEAR, unsafe_allow_javascript=True)
        st.button(
            terms.say("Back to the list"),
            key="case-back",
            icon=":material/arrow_back:",
            on_click=session.put,
            kwargs={CASE: None},
        )
        head, rest = st.container(), st.container()
        plain = guard.unmasked(case.id, case.place)
        with head:
            _head(case, events, now, plain=plain)
        with rest:
            _joined(case, hand)
            case_form.moves(case, hand, now)
            _told(events, plain=plain)


def _told(events: list[Event], *, plain: bool) -> None:
    """Draw how far the case is and what happened, with the photographs."""
    st.html(_steps(events))
    figures.heading(terms.say("What happened"))
    st.html(_timeline(events, plain=plain))
    for photo in [name for event in events for name in event.data.get("photos", ())]:
        st.image(photos.read(district.folder(), photo), width=320)


def _head(case: Case, events: list[Event], now: datetime, *, plain: bool) -> None:
    report = events[0].data
    title = catalogue.matter(case.matter)
    state = terms.say("joined") if case.duplicate_of else words.called(case.status, words.STATES)
    panels.card(
        title,
        f"{case.id} · {state} · {words.called(case.level, words.LEVELS)}",
        [
            panels.Rows("", _facts(case, report, plain=plain)),
            panels.Rows(terms.say("Clocks"), _clocks(case, now), alerts=_late(case, now)),
        ],
        region=terms.say("Case"),
    )


def _joined(case: Case, hand: Hand) -> None:
    """Draw the way to the case this one was joined to, and to those that were joined to it, where the hand may look at them."""
    db = district.db()
    both = (
        (terms.say("Joined to"), [case.duplicate_of] if case.duplicate_of else []),
        (terms.say("Joined to this case"), desk.joined(db, [case.id]).get(case.id, [])),
    )
    for title, numbers_ in both:
        if not numbers_:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}**", width="content")
            for number in numbers_:
                st.button(
                    number,
                    key=f"joined-{number}",
                    type="tertiary",
                    icon=":material/link:",
                    disabled=not desk.shows(hand, cases.find(db, number)),
                    on_click=choose,
                    args=(number,),
                )


def _facts(case: Case, report: object, *, plain: bool) -> list[tuple[str, str]]:
    said = report if isinstance(report, dict) else {}
    rows = [
        *([(terms.say("What"), _read(said["note"], plain=plain))] if said.get("note") else []),
        (
            terms.say("Where"),
            catalogue.where(case.place) + (f" · {_read(said['address'], plain=plain)}" if said.get("address") else ""),
        ),
        (terms.say("Channel"), words.called(case.channel, words.CHANNELS)),
        (terms.say("Reported at"), numbers.moment(case.reported_at)),
    ]
    if case.handler or case.dept:
        rows.append(
            (terms.say("Given to"), " · ".join(filter(None, [catalogue.person(case.handler), catalogue.dept(case.dept)])))
        )
    if case.called and case.status == "coordinating":
        rows.append((terms.say("Called"), "、".join(_called(dept, state) for dept, state in case.called.items())))
    if case.awaiting:
        rows.append((terms.say("Waits for approval"), terms.say(cases.MOVES[f"ask_{case.awaiting[0]}"].name)))
    if case.on_the_spot:
        rows.append((terms.say("Settled on the spot"), terms.say("yes")))
    if case.reopened or case.returns:
        rows.append((terms.say("Returned / opened again"), f"{case.returns} / {case.reopened}"))
    head = next(
        (row["name"] for row in place.people(district.db(), case.grid).to_dict("records") if row["post"] == "grid_head"), None
    )
    if head:
        rows.append((terms.say("Grid head"), head))
    return rows


def _read(text: object, *, plain: bool) -> str:
    """Give a free text as this reader may read it: with telephone and identity numbers starred, unless they asked for them."""
    return str(text) if plain else access.masking.prose(str(text))


def _called(dept: str, state: str) -> str:
    said = {"called": key("called"), "there": key("there"), "gone": key("gone")}[state]
    return f"{catalogue.dept(dept)}({terms.say(said)})"


def _clocks(case: Case, now: datetime) -> list[tuple[str, str]]:
    rules = limits.rules(district.db())
    running = [*clocks.three_ones(case, rules, now), clocks.limit(case, rules, now)]
    return [(terms.say(CLOCKS[clock.what]), _clock(clock, now)) for clock in running]


def _late(case: Case, now: datetime) -> list[str]:
    rules = limits.rules(district.db())
    running = [*clocks.three_ones(case, rules, now), clocks.limit(case, rules, now)]
    return [terms.say(CLOCKS[clock.what]) for clock in running if clock.state == "late"]


def _clock(clock: Clock, now: datetime) -> str:
    state = terms.say(STATES[clock.state])
    if clock.due is None:
        return state
    if clock.met is not None:
        took = terms.say("took {time}", time=numbers.lasting(clock.met - clock.start))
        return f"{state} · {took}"
    if clock.state == "late":
        return f"{state} {numbers.lasting(now - clock.due)}"
    left = terms.say("{time} left", time=numbers.lasting(clock.due - now))
    return f"{state} · {left}"


def _steps(events: list[Event]) -> str:
    done = {cases.life.STEP.get(event.action) for event in events}
    parts = "".join(
        f'<li class="{"done" if step in done else ""}">{escape(terms.say(name))}</li>' for step, name in STEPS.items()
    )
    return f'<ol class="gm-steps">{parts}</ol>'


def _timeline(events: list[Event], *, plain: bool) -> str:
    lines = []
    for event in reversed(events):
        move = cases.MOVES.get(event.action)
        name = terms.say(move.name) if move else event.action
        said = event.data
        told = [catalogue.person(said.get("handler")), catalogue.dept(said.get("dept"))] if event.action == "assign" else []
        if event.action == "whistle":
            told = [catalogue.dept(dept) for dept in said.get("depts", ())]
        if event.action in {"escalate", "send_down"}:
            told = [words.called(event.to_level, words.LEVELS)]
        if event.action == "join":
            told = [str(said.get("into") or "")]
        text = " · ".join(dict.fromkeys(filter(None, [*told, str(said.get("note") or ""), str(said.get("reason") or "")])))
        who = event.hand.name or catalogue.person(event.hand.staff) or ""
        lines.append(
            f"<li><time>{escape(numbers.moment(event.at))}</time><b>{escape(name)}</b>"
            f"<span>{escape(who)}</span><p>{escape(_read(text, plain=plain))}</p></li>"
        )
    return f'<ol class="gm-history">{"".join(lines)}</ol>'
