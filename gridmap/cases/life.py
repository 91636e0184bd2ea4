"""A case's life as one state machine, told in the order of the speech: 发现-推送-处置-协调-监督-反馈.

A case is what its events say: :func:`fold` reads them one after the other, and nothing else decides its state. LIFE lists every
move there is: from which states, to which, by whose hand, what has to be said with it. :func:`refusal` gives the reason why a
move is not allowed now; :func:`step` takes one that is. 采办分离 is held here: who found a case does not handle it, unless it
was settled on the spot (当场处置) and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gridmap import terms
from gridmap.cases import reasons as why
from gridmap.cases.case import Case, Event
from gridmap.cases.hands import LEVELS, Hand
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gridmap.cases.reasons import Check

STEPS = ("discover", "push", "dispose", "coordinate", "supervise", "feedback")
STATES = ("new", "accepted", "assigned", "handling", "coordinating", "checking", "closed", "returned", "deferred", "void")
ENDED = ("closed", "void")


@dataclass(frozen=True)
class Move:
    """One kind of move.

    states: from which it may be made. to: the state it leads to; None where it stays. by: whose hand. needs: what has to be
    said. above: desks of higher levels may make it too, else only the desk of the case's own level. checks: further reasons to
    refuse it.
    """

    action: str
    name: str
    states: str
    to: str | None
    by: str
    needs: str = ""
    above: bool = False
    checks: tuple[Check, ...] = ()


_open = "new accepted assigned handling coordinating checking returned deferred"
_anyone = "resident worker desk department supervisor leader system"
_at_work = "worker department"
_say = terms.key

LIFE: dict[str, tuple[Move, ...]] = {
    # whoever finds it says so, once; the clock starts here and nowhere else
    "discover": (
        Move("report", _say("Report a case"), "", "new", _anyone),
        Move("take_over", _say("Take over"), "", None, "system"),
    ),
    # the community's desk takes it in within a minute and gives it to someone
    "push": (
        Move("accept", _say("Accept"), "new", "accepted", "desk system"),
        Move("correct", _say("Put right"), "new accepted returned", None, "desk", checks=(why.something_new,)),
        Move("join", _say("Join to a case"), "new accepted assigned returned", "void", "desk", "into", checks=(why.other,)),
        Move("assign", _say("Assign"), "accepted assigned returned", "assigned", "desk", checks=(why.someone, why.separate)),
    ),
    # on site within an hour, settled by another hand than the one that found it
    "dispose": (
        Move("spot", _say("Settled on the spot"), "new accepted", "checking", "worker", "note", checks=(why.finder,)),
        Move("arrive", _say("Arrive"), "assigned handling", "handling", _at_work, checks=(why.mine,)),
        Move(
            "handle",
            _say("Report as done"),
            "assigned handling deferred",
            "checking",
            _at_work,
            "note",
            checks=(why.mine, why.not_the_finder, why.not_carried, why.been_there, why.no_mediation),
        ),
        Move("return", _say("Return the case"), "assigned handling", "returned", _at_work, "reason", checks=(why.mine,)),
    ),
    # up and down the three levels, more time with approval, whistles, mediation
    "coordinate": (
        Move(
            "escalate",
            _say("Pass up"),
            "accepted assigned handling returned",
            "accepted",
            "desk",
            "reason",
            checks=(why.higher,),
        ),
        Move("send_down", _say("Send down"), "accepted returned", "accepted", "desk", "reason", checks=(why.lower,)),
        Move(
            "ask_defer",
            _say("Ask for more time"),
            "assigned handling",
            None,
            _at_work,
            "until reason",
            checks=(why.mine, why.nothing_asked, why.later),
        ),
        Move(
            "defer", _say("Allow more time"), "assigned handling", "deferred", "desk", above=True, checks=(why.asked("defer"),)
        ),
        Move(
            "ask_carry",
            _say("Ask to carry over"),
            "assigned handling",
            None,
            _at_work,
            "reason",
            checks=(why.mine, why.nothing_asked, why.pausable),
        ),
        Move(
            "carry",
            _say("Carry over"),
            "assigned handling",
            "deferred",
            "desk",
            above=True,
            checks=(why.district, why.asked("carry")),
        ),
        Move("decline", _say("Decline"), "assigned handling", None, "desk", "reason", above=True, checks=(why.asked(None),)),
        Move("resume", _say("Take up again"), "deferred", "handling", "desk", above=True, checks=(why.is_carried,)),
        Move(
            "whistle",
            _say("Blow the whistle"),
            "accepted assigned handling returned",
            "coordinating",
            "desk",
            "kind depts reason",
            checks=(why.whistler,),
        ),
        Move("report_in", _say("Report in"), "coordinating", None, "department", checks=(why.was_called,)),
        Move("leave", _say("Leave the site"), "coordinating", None, "department", "note", checks=(why.is_there,)),
        Move(
            "rate",
            _say("Rate a department"),
            "coordinating accepted assigned handling checking closed",
            None,
            "desk",
            "dept rating",
            above=True,
            checks=(why.rated,),
        ),
        Move("end_whistle", _say("End the whistle"), "coordinating", "handling", "desk", checks=(why.all_gone,)),
        Move(
            "mediate",
            _say("Begin mediation"),
            "assigned handling",
            None,
            "worker desk department",
            "kind venue",
            checks=(why.known_kind, why.no_mediation),
        ),
        Move(
            "settle",
            _say("End mediation"),
            "accepted assigned handling coordinating returned deferred",
            None,
            "worker desk department",
            "outcome",
            above=True,
            checks=(why.a_mediation,),
        ),
    ),
    # another pair of eyes looks whether it is done
    "supervise": (
        Move("check", _say("Check and pass"), "checking", None, "supervisor desk", above=True, checks=(why.other_hand,)),
        Move("urge", _say("Urge"), _open, None, "supervisor leader desk", "note", above=True),
    ),
    # whoever reported hears of it, and says whether it is well
    "feedback": (
        Move(
            "call_back", _say("Call back"), "checking closed", None, "supervisor desk system", "resolved satisfied", above=True
        ),
        Move("reopen", _say("Open again"), "checking closed", "handling", "supervisor desk system", "reason", above=True),
        Move(
            "close", _say("Close the case"), "checking", "closed", "desk", above=True, checks=(why.was_checked, why.other_hand)
        ),
        Move("void", _say("Do not take"), "new accepted returned", "void", "desk", "reason"),
        Move("note", _say("Add a remark"), f"{_open} closed", None, _anyone, "note", above=True),
    ),
}
"""Every move, by the six steps of the speech."""

MOVES = {move.action: move for moves in LIFE.values() for move in moves}
STEP = {move.action: name for name, moves in LIFE.items() for move in moves}


def refusal(case: Case | None, hand: Hand, action: str, said: Mapping[str, Any], now: datetime) -> str | None:
    """Give the reason why a hand may not make a move now (an English sentence, the key of its translation), or None.

    case: None before the report. said: what is said with the move; empty texts count as not said.
    """
    move = MOVES.get(action)
    if move is None:
        return terms.key("There is no such move.")
    if case is None or not move.states:
        begins = case is None and not move.states
        reason = None if begins else terms.key("A case begins with its report, and only once.")
    else:
        reason = _state(case, move, now) or _hand(case, hand, move)
    if reason is None and hand.role not in move.by.split():
        reason = terms.key("This is not for you to do.")
    if reason is None and any(said.get(name) in (None, "", [], ()) for name in move.needs.split()):
        reason = terms.key("Something has to be said with this that is missing.")
    if reason is None and case is not None:
        reason = next((found for check in move.checks if (found := check(case, hand, said, now))), None)
    return reason


def _state(case: Case, move: Move, now: datetime) -> str | None:
    if case.status not in move.states.split():
        return terms.key("The case's state does not allow this.")
    if case.last_at is not None and now < case.last_at:
        return terms.key("Nothing can happen before what has happened already.")
    return None


def _hand(case: Case, hand: Hand, move: Move) -> str | None:
    if hand.role in {"desk", "worker", "supervisor", "leader"} and not hand.reaches(case.place):
        return terms.key("The case does not lie in your territory.")
    if hand.role == "desk" and hand.rank < case.rank:
        return terms.key("The case is with a level above yours.")
    if hand.role == "desk" and hand.rank > case.rank and not move.above:
        return terms.key("The case is with a level below yours; urge it, or let it be passed up.")
    return None


def open_moves(case: Case, hand: Hand, now: datetime) -> list[Move]:
    """Give the moves a hand may make now, provided it says what is needed: the buttons of a page."""
    found = []
    for move in MOVES.values():
        reason = refusal(case, hand, move.action, _anything(case, move, now), now) if move.states else "begun"
        if reason is None:
            found.append(move)
    return found


def _anything(case: Case, move: Move, now: datetime) -> dict[str, Any]:
    """Give what could be said with a move, for asking whether it may be made at all."""
    said: dict[str, Any] = dict.fromkeys(move.needs.split(), "?")
    examples: dict[str, dict[str, Any]] = {
        "assign": {"dept": "?"},
        "correct": {"matter": "?"},
        "whistle": {"kind": "emergency"},
        "mediate": {"kind": "people"},
        "end_whistle": {"reason": "?"},
        "rate": {"dept": next((dept for dept, state in case.called.items() if state == "gone"), "?"), "rating": 0},
        "ask_defer": {"until": now.replace(year=now.year + 1, day=1)},
    }
    return said | examples.get(move.action, {})


def step(case: Case | None, event: Event, *, case_id: str = "") -> Case:
    """Take a move: check it and give the case after it.

    Raises CaseError with the reason when the move is not allowed; the case is unchanged then.
    """
    reason = refusal(case, event.hand, event.action, event.data, event.at)
    if reason is not None:
        raise CaseError(reason)
    return apply(case, event, case_id=case_id)


def fold(case_id: str, events: Iterable[Event]) -> Case | None:
    """Give the case its events tell, or None for no events. Nothing is judged here: what is written has happened."""
    case: Case | None = None
    for event in events:
        case = apply(case, event, case_id=case_id)
    return case


def apply(case: Case | None, event: Event, *, case_id: str = "") -> Case:
    """Give the case after an event."""
    if case is None or event.action == "take_over":
        return _begun(case_id, event)
    move = MOVES[event.action]
    told = _TOLD.get(event.action)
    after = replace(case, seq=event.seq, last_at=event.at, status=move.to or case.status, loaded=False, taken=None)
    return replace(after, **told(case, event)) if told else after


def _begun(case_id: str, event: Event) -> Case:
    said = dict(event.data)
    return Case(
        id=case_id,
        reported_at=said.pop("reported_at", event.at),
        seq=event.seq,
        last_at=event.at,
        limit=tuple(said.pop("limit")) if said.get("limit") else None,
        reporter=said.pop("reporter", event.hand.staff),
        **{name: value for name, value in said.items() if name in _KEPT},
    )


_KEPT = frozenset(
    {
        "matter",
        "channel",
        "resident",
        "petition",
        "on_the_spot",
        "grid",
        "place",
        "status",
        "level",
        "top",
        "handler",
        "dept",
        "accepted_at",
        "arrived_at",
        "handled_at",
        "closed_at",
        "pausable",
        "deferred",
        "checked",
        "returns",
        "reopened",
        "whistles",
        "duplicate_of",
        "resolved",
        "satisfied",
        "until",
    }
)
"""What a report, or a case taken over from another system, may say of itself."""


def _corrected(case: Case, event: Event) -> dict[str, Any]:
    said = event.data
    known = {name: said[name] for name in ("matter", "grid", "place", "pausable") if name in said}
    return known | ({"limit": tuple(said["limit"]) if said["limit"] else None} if "limit" in said else {"limit": case.limit})


def _assigned(_case: Case, event: Event) -> dict[str, Any]:
    return {"handler": event.data.get("handler"), "dept": event.data.get("dept"), "awaiting": None, "checked": False}


def _arrived(case: Case, event: Event) -> dict[str, Any]:
    return {"arrived_at": case.arrived_at or event.at, "handler": event.hand.staff or case.handler}


def _handled(case: Case, event: Event) -> dict[str, Any]:
    handler = event.hand.staff or case.handler
    return {"handled_at": event.at, "handled_by": event.hand.name, "handler": handler, "awaiting": None, "checked": False}


def _moved(by: int) -> Any:  # noqa: ANN401 - one of the functions below
    def told(case: Case, event: Event) -> dict[str, Any]:
        level = event.to_level or LEVELS[case.rank + by]
        top = max(case.top, level, key=LEVELS.index)
        return {"level": level, "top": top, "handler": None, "dept": None, "awaiting": None}

    return told


def _ended_whistle(case: Case, _event: Event) -> dict[str, Any]:
    return {"status": "handling" if case.handler or case.dept else "accepted"}


_TOLD = {
    "accept": lambda c, e: {"accepted_at": c.accepted_at or e.at},
    "correct": _corrected,
    "join": lambda _c, e: {"duplicate_of": e.data["into"]},
    "assign": _assigned,
    "spot": lambda c, e: {"on_the_spot": True, "arrived_at": e.at, **_handled(c, e)},
    "arrive": _arrived,
    "handle": _handled,
    "return": lambda c, _e: {"returns": c.returns + 1, "awaiting": None},
    "escalate": _moved(1),
    "send_down": _moved(-1),
    "ask_defer": lambda _c, e: {"awaiting": ("defer", e.hand.name, e.data["until"])},
    "ask_carry": lambda _c, e: {"awaiting": ("carry", e.hand.name, None)},
    "defer": lambda c, _e: {"until": c.awaiting[2] if c.awaiting else c.until, "awaiting": None, "deferred": True},
    "carry": lambda c, e: {"pauses": (*c.pauses, (e.at, None)), "awaiting": None, "deferred": True},
    "decline": lambda _c, _e: {"awaiting": None},
    "resume": lambda c, e: {"pauses": (*c.pauses[:-1], (c.pauses[-1][0], e.at))},
    "whistle": lambda c, e: {"called": dict.fromkeys(e.data["depts"], "called"), "whistles": c.whistles + 1, "awaiting": None},
    "report_in": lambda c, e: {"called": {**c.called, e.hand.dept: "there"}, "arrived_at": c.arrived_at or e.at},
    "leave": lambda c, e: {"called": {**c.called, e.hand.dept: "gone"}},
    "end_whistle": _ended_whistle,
    "mediate": lambda c, e: {"mediating": e.data["kind"], "mediations": c.mediations + 1},
    "settle": lambda _c, _e: {"mediating": None},
    "check": lambda _c, _e: {"checked": True},
    "call_back": lambda _c, e: {"resolved": bool(e.data["resolved"]), "satisfied": bool(e.data["satisfied"])},
    "reopen": lambda c, _e: {"closed_at": None, "reopened": c.reopened + 1, "checked": False, "handled_by": None},
    "close": lambda _c, e: {"closed_at": e.at},
}
"""What each move changes besides the state."""
