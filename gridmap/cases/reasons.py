"""Why a move is refused: each check looks at the case, the hand and what was said, and gives the reason or None."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmap import terms
from gridmap.cases.hands import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gridmap.cases.case import Case
    from gridmap.cases.hands import Hand

    Check = Callable[[Case, Hand, Mapping[str, Any], datetime], str | None]

REMOTE = ("25", "26")
"""Classes that are settled without going anywhere: errands and opinions. Everything else needs someone on site (1小时到场)."""

WHISTLES = {
    "resident_problem": terms.key("Cannot be solved alone"),
    "joint_enforcement": terms.key("Joint enforcement"),
    "emergency": terms.key("Emergency whistle"),
}
"""A whistle's three kinds (dossier 3.4)."""

MEDIATION = {
    "people": terms.key("People's mediation"),
    "administrative": terms.key("Administrative mediation"),
    "judicial": terms.key("Judicial mediation"),
}
"""三调联动 (speech R50)."""


_SEPARATE = terms.key("Who found a case does not handle it; give it to someone else.")


def separate(case: Case, _hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    """采办分离: a case is not given to the one who found it."""
    own = case.reporter is not None and data.get("handler") == case.reporter and not case.on_the_spot
    return _SEPARATE if own else None


def not_the_finder(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    """采办分离: the one who found a case does not handle it."""
    return _SEPARATE if hand.staff is not None and hand.staff == case.reporter and not case.on_the_spot else None


def someone(_case: Case, _hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if data.get("handler") or data.get("dept") else terms.key("Name who is to handle it: a person or a department.")


def mine(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    """Only who was given the case works on it."""
    if hand.role == "department":
        return (
            None
            if case.dept is not None and hand.dept == case.dept
            else terms.key("The case was not given to this department.")
        )
    if hand.role == "worker" and (case.handler is None or hand.staff != case.handler):
        return terms.key("The case was given to someone else.")
    return None


def been_there(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    if case.arrived_at is None and (case.matter or "")[:2] not in REMOTE:
        return terms.key("Nobody has been on site yet; say who arrived first.")
    return None


def not_carried(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("The case is carried over; take it up again first.") if case.carried else None


def is_carried(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if case.carried else terms.key("The case is not carried over.")


def higher(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("The district is the highest level.") if case.rank == len(LEVELS) - 1 else None


def lower(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("The community is the lowest level.") if case.rank == 0 else None


def nothing_asked(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("A request for this case already waits for approval.") if case.awaiting else None


def asked(what: str | None) -> Check:
    def check(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
        if case.awaiting is None or (what is not None and case.awaiting[0] != what):
            return terms.key("Nothing of this kind waits for approval.")
        if case.awaiting[1] == hand.name:
            return terms.key("Who asked does not approve.")
        if hand.rank <= case.rank and hand.level != "district":
            return terms.key("The level above approves.")
        return None

    return check


def district(_case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if hand.level == "district" else terms.key("Only the district carries a case over.")


def pausable(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if case.pausable else terms.key("The limit of this matter may not be paused.")


def later(_case: Case, _hand: Hand, data: Mapping[str, Any], now: datetime) -> str | None:
    return None if data["until"] > now else terms.key("The new time must lie ahead.")


def other(case: Case, _hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("A case cannot be joined to itself.") if data["into"] == case.id else None


def something_new(_case: Case, _hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    return (
        None if data.get("matter") or data.get("place") else terms.key("Say what is to be put right: the matter or the place.")
    )


def whistler(_case: Case, hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    if hand.level == "district":
        return terms.key("Communities and streets blow the whistle; the district orders.")
    if data["kind"] not in WHISTLES:
        return terms.key("A whistle is blown for what cannot be solved alone, for joint enforcement, or in an emergency.")
    return None


def was_called(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    if case.called.get(hand.dept or "") == "called":
        return None
    return terms.key("This department was not called, or is there already.")


def is_there(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if case.called.get(hand.dept or "") == "there" else terms.key("This department is not there.")


def finder(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    """当场处置 is for the one who found it."""
    if case.reporter is not None and hand.staff == case.reporter:
        return None
    return terms.key("Only who found a case settles it on the spot.")


def all_gone(case: Case, _hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    if all(state == "gone" for state in case.called.values()) or data.get("reason"):
        return None
    return terms.key(
        "Not every department that was called has come and left; give the reason for ending the whistle all the same."
    )


def rated(case: Case, hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    if hand.level != "street":
        return terms.key("The street rates.")
    if case.called.get(str(data["dept"])) != "gone":
        return terms.key("A department is rated when it has been there and left.")
    if not isinstance(data["rating"], int) or not 0 <= data["rating"] <= 100:
        return terms.key("A rating is a whole number from 0 to 100.")
    return None


def other_hand(case: Case, hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("Who handled a case does not check it.") if case.handled_by == hand.name else None


def was_checked(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    if case.checked or case.on_the_spot:
        return None
    return terms.key("The result has not been checked yet.")


def known_kind(_case: Case, _hand: Hand, data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if data["kind"] in MEDIATION else terms.key("Mediation is people's, administrative or judicial.")


def no_mediation(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return terms.key("A mediation of this case is under way.") if case.mediating else None


def a_mediation(case: Case, _hand: Hand, _data: Mapping[str, Any], _now: datetime) -> str | None:
    return None if case.mediating else terms.key("No mediation of this case is under way.")
