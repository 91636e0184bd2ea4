"""Reading a case back: its events as they were written, and what a loaded row says where events are silent.

A case that came with a load has events without the data that ours carry, or none at all. What is missing is read from its row;
where the events do not lead to the state the row is in, the row's word is taken over, as an event of its own that is written
down with the first move made here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridmap.cases import life
from gridmap.cases.case import Case, Event
from gridmap.cases.hands import Hand
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from gridmap.store import Store

TIMES = ("until", "reported_at", "accepted_at", "arrived_at", "handled_at", "closed_at")
_HAND = ("role", "territory", "level", "dept")

_ROW = (
    "matter_code, channel, reported_at, accepted_at, arrived_at, closed_at, due_at, status, current_level, top_level, "
    "grid_code, community_code, street_code, reporter_staff_id, handler_staff_id, handler_dept_id, is_resident_reported, "
    "on_the_spot, duplicate_of, reopen_count, deferred, is_petition, resolved, satisfied, seq"
)


def read(db: Store, case_id: str) -> tuple[Case, list[Event]]:
    """Give a case and its events, oldest first. Raises CaseError when there is none of that id."""
    cursor = db.cursor()
    found = cursor.execute(f"SELECT {_ROW} FROM incidents WHERE incident_id = ?", [case_id])
    names = [column[0] for column in found.description or ()]
    values = found.fetchone()
    if values is None:
        raise CaseError("There is no case {id}.", id=case_id)
    row = dict(zip(names, values, strict=True))
    events = [
        _event(line, row)
        for line in cursor.execute(
            "SELECT seq, action, occurred_at, from_level, to_level, to_dept_id, actor_staff_id, note_zh, actor, data "
            "FROM incident_events WHERE incident_id = ? AND occurred_at >= ? ORDER BY seq",
            [case_id, row["reported_at"]],
        ).fetchall()
    ]
    case = life.fold(case_id, [event for event in events if event.action in life.MOVES])
    if row["seq"] is None and (case is None or (case.status, case.level) != (row["status"], row["current_level"])):
        event = _taken_over(row, events)
        return replace(life.apply(case, event, case_id=case_id), taken=event, loaded=True), [*events, event]
    if case is None:
        raise CaseError("There is no case {id}.", id=case_id)
    return replace(case, loaded=row["seq"] is None), events


def stored_seq(case: Case) -> int | None:
    """Give the seq that stands in the row of a case: none where it was loaded and nothing was done here yet."""
    return None if case.loaded else case.seq


def plain(event: Event) -> dict[str, Any]:
    """Give what is kept of an event besides its columns, as JSON can hold it."""
    said = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in event.data.items()
        if value not in (None, "")
    }
    by = {name: getattr(event.hand, name) for name in _HAND if getattr(event.hand, name)}
    return {"by": by, **said}


def _event(line: tuple[Any, ...], row: dict[str, Any]) -> Event:
    seq, action, at, from_level, to_level, dept, staff, note, actor, data = line
    if data is not None:
        said = json.loads(data)
        by = said.pop("by", {})
        for name in TIMES:
            if said.get(name):
                said[name] = datetime.fromisoformat(said[name])
        return Event(seq, action, at, Hand(actor or "", staff=staff, **by), said, from_level, to_level)
    hand = Hand("", _HANDS.get(action, "desk"), level=to_level or from_level, dept=dept, staff=staff)
    return Event(seq, action, at, hand, _silent(action, row, dept, note), from_level, to_level)


_HANDS = {
    "report": "system",
    "arrive": "worker",
    "handle": "worker",
    "spot": "worker",
    "return": "worker",
    "check": "supervisor",
}
"""Whose hand most likely made a move that was loaded without saying so."""


def _silent(action: str, row: dict[str, Any], dept: str | None, note: str | None) -> dict[str, Any]:
    """Give what a loaded event does not say and its row does."""
    if action == "report":
        return _row_says(row) | {"reporter": row["reporter_staff_id"]}
    said = {
        "assign": {"dept": dept, "handler": row["handler_staff_id"]},
        "ask_defer": {"until": row["due_at"]},
        "whistle": {"depts": [], "kind": "resident_problem"},
        "call_back": {"resolved": row["resolved"], "satisfied": row["satisfied"]},
        "join": {"into": row["duplicate_of"]},
        "mediate": {"kind": "people", "venue": ""},
    }.get(action, {})
    return {**said, "note": note, "reason": note}


def _row_says(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "matter": row["matter_code"],
        "channel": row["channel"],
        "reported_at": row["reported_at"],
        "resident": bool(row["is_resident_reported"]),
        "petition": bool(row["is_petition"]),
        "grid": row["grid_code"],
        "place": row["grid_code"] or row["community_code"] or row["street_code"],
        "until": row["due_at"],
    }


def _taken_over(row: dict[str, Any], events: list[Event]) -> Event:
    last = events[-1] if events else None
    said = _row_says(row) | {
        "status": row["status"] or "new",
        "level": row["current_level"] or "community",
        "top": row["top_level"] or "community",
        "reporter": row["reporter_staff_id"],
        "handler": row["handler_staff_id"],
        "dept": row["handler_dept_id"],
        "accepted_at": row["accepted_at"],
        "arrived_at": row["arrived_at"],
        "closed_at": row["closed_at"],
        "on_the_spot": bool(row["on_the_spot"]),
        "duplicate_of": row["duplicate_of"],
        "reopened": row["reopen_count"],
        "deferred": row["deferred"],
        "resolved": row["resolved"],
        "satisfied": row["satisfied"],
    }
    at = max([row["reported_at"], *(row[name] for name in ("accepted_at", "arrived_at", "closed_at") if row[name])])
    at = max(at, last.at) if last else at
    return Event((last.seq if last else 0) + 1, "take_over", at, Hand("gridmap", "system", level="district"), said)
