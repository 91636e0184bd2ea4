"""The steps of each case: 发现-推送-处置-协调-监督-反馈, with moves between levels, returns, deferrals and reopenings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridmap.cases import life
from gridmap.demo import columns, flow
from gridmap.demo.matters import MATTERS
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    from gridmap.demo.columns import Register
    from gridmap.demo.incidents import Chunk

STEPS = ("discover", "push", "dispose", "coordinate", "supervise", "feedback")
ACTIONS = (
    "report",
    "accept",
    "assign",
    "spot",
    "escalate",
    "send_down",
    "arrive",
    "return",
    "whistle",
    "end_whistle",
    "ask_defer",
    "defer",
    "handle",
    "reopen",
    "check",
    "call_back",
    "close",
    "void",
)
_NOTES = {
    "report": None,
    "return": "演示数据：职责不符，退回重派",
    "ask_defer": "演示数据：需协调资金或审批，申请延期",
    "whistle": "演示数据：社区难以单独解决，吹哨",
    "reopen": "演示数据：回访不满意，重新办理",
}


@dataclass
class _Event:
    """One kind of step for some rows of a chunk; levels and people are -1 where there are none."""

    rows: np.ndarray
    step: str
    action: str
    when: np.ndarray
    from_level: np.ndarray
    to_level: np.ndarray
    to_dept: np.ndarray
    actor: np.ndarray


def table(chunk: Chunk, register: Register, events_from: np.datetime64, rng: np.random.Generator) -> pa.Table:
    """Make the events of a chunk, those of one incident in a row, in the order of time; a case then stands where they lead."""
    events = _events(chunk, events_from, rng)
    _stand(chunk, events)
    rows = np.concatenate([event.rows for event in events])
    when = np.concatenate([event.when for event in events])
    kind = np.concatenate([np.full(len(event.rows), number) for number, event in enumerate(events)])
    order = np.lexsort((kind, when, rows))
    rows, when, kind = rows[order], when[order], kind[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    seq = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows)))) + 1
    gather = {
        name: np.concatenate([getattr(event, name) for event in events])[order]
        for name in ("from_level", "to_level", "to_dept", "actor")
    }
    steps = np.array([STEPS.index(event.step) for event in events])[kind]
    actions = np.array([ACTIONS.index(event.action) for event in events])[kind]
    depts = sorted({matter.dept for matter in MATTERS})
    notes = [note for note in _NOTES.values() if note]
    note = np.array([notes.index(_NOTES[action]) if _NOTES.get(action) else -1 for action in ACTIONS])[actions]  # type: ignore[arg-type]
    ids = columns.incident_ids(chunk.first + rows)
    number = pa.array(seq).cast(pa.string())
    return pa.table(
        {
            "event_id": pc.binary_join_element_wise(ids, number, "-"),
            "incident_id": ids,
            "seq": pa.array(seq.astype(np.int32)),
            "step": columns.words(STEPS, steps),
            "action": columns.words(ACTIONS, actions),
            "from_level": columns.words(flow.LEVELS, gather["from_level"]),
            "to_level": columns.words(flow.LEVELS, gather["to_level"]),
            "from_dept_id": columns.words(depts, np.where(actions == ACTIONS.index("return"), gather["to_dept"], -1)),
            "to_dept_id": columns.words(depts, np.where(actions == ACTIONS.index("return"), -1, gather["to_dept"])),
            "actor_staff_id": columns.take(register.staff, gather["actor"]),
            "occurred_at": columns.stamp(when),
            "note_zh": columns.words(notes, note),
        }
    )


def _events(chunk: Chunk, events_from: np.datetime64, rng: np.random.Generator) -> list[_Event]:
    """List the steps by kind, in the order in which steps of one second are written."""
    course = chunk.flow
    count = len(chunk.reports.matter)
    shown = chunk.reports.reported >= events_from
    depts = sorted({matter.dept for matter in MATTERS})
    dept = np.where(course.by_dept, np.array([depts.index(matter.dept) for matter in MATTERS])[chunk.reports.matter], -1)
    none = np.full(count, -1)
    bottom, top = np.zeros(count, int), course.top
    wait = rng.integers(20, 900, count)
    way = np.where(np.isnat(course.arrived), 900, (course.arrived - course.accepted).astype("timedelta64[s]").astype(int))
    assigned = course.accepted + np.minimum(wait, way * 4 // 5).astype("timedelta64[s]")
    arrived = np.where(
        np.isnat(course.arrived), assigned + rng.integers(600, 5000, count).astype("timedelta64[s]"), course.arrived
    )
    length = np.where(np.isnat(course.done), NOW.astype("datetime64[s]"), course.done) - arrived
    length = length.astype("timedelta64[s]")

    def part(share: float) -> np.ndarray:
        return np.asarray(arrived + (length.astype(float) * share).astype("timedelta64[s]"))

    spot, void = course.on_the_spot, course.status == flow.STATUSES.index("void")
    closed = ~np.isnat(course.closed)
    running = ~void & ~np.isnat(course.accepted)
    lowered = course.current < top
    again = np.where(~np.isnat(course.done) & ~void & ~spot, course.reopened, 0)
    course.blown = np.where(running & course.whistle, part(0.40), flow.NEVER)
    course.whistled = np.where(running & course.whistle, part(0.50), flow.NEVER)
    kinds = [
        (np.ones(count, bool), "discover", "report", chunk.reports.reported, none, bottom, none, course.reporter),
        (~np.isnat(course.accepted), "push", "accept", course.accepted, none, bottom, none, none),
        (
            void & ~np.isnat(course.accepted),
            "feedback",
            "void",
            course.accepted + rng.integers(60, 1200, count).astype("timedelta64[s]"),
            none,
            none,
            none,
            none,
        ),
        (running & ~spot, "push", "assign", assigned, none, bottom, np.where(top == 0, dept, -1), none),
        (running & ~spot & ~np.isnat(course.arrived), "dispose", "arrive", course.arrived, none, none, none, course.handler),
        (running & (top >= 1), "coordinate", "escalate", part(0.08), bottom, bottom + 1, none, course.handler),
        (running & (top == 1) & lowered, "coordinate", "send_down", part(0.09), bottom + 1, bottom, none, none),
        (running & (top >= 1), "push", "assign", part(0.10), none, none, np.where(top == 1, dept, -1), none),
        (running & (course.returned >= 1) & (top >= 1), "dispose", "return", part(0.15), none, none, dept, none),
        (running & (course.returned >= 1) & (top >= 1), "push", "assign", part(0.18), none, none, dept, none),
        (running & (top >= 2), "coordinate", "escalate", part(0.22), bottom + 1, bottom + 2, none, none),
        (running & (top == 2) & lowered, "coordinate", "send_down", part(0.23), bottom + 2, bottom + 1, none, none),
        (running & (top >= 2), "push", "assign", part(0.25), none, none, dept, none),
        (running & (course.returned >= 2) & (top >= 1), "dispose", "return", part(0.35), none, none, dept, none),
        (running & (course.returned >= 2) & (top >= 1), "push", "assign", part(0.38), none, none, dept, none),
        (running & course.whistle, "coordinate", "whistle", part(0.40), none, none, none, none),
        (running & course.whistle, "coordinate", "end_whistle", part(0.50), none, none, none, none),
        (running & course.deferred, "coordinate", "ask_defer", part(0.52), none, none, none, course.handler),
        (running & course.deferred, "coordinate", "defer", part(0.55), none, none, none, none),
        (again >= 1, "dispose", "handle", part(0.58), none, none, dept, course.handler),
        (again >= 1, "feedback", "reopen", part(0.60), none, none, none, none),
        (again >= 2, "dispose", "handle", part(0.78), none, none, dept, course.handler),
        (again >= 2, "feedback", "reopen", part(0.80), none, none, none, none),
        (~np.isnat(course.done) & ~void & ~spot, "dispose", "handle", course.done, none, none, dept, course.handler),
        (~np.isnat(course.done) & ~void & spot, "dispose", "spot", course.done, none, none, none, course.handler),
        (closed & ~spot, "supervise", "check", course.done + (course.closed - course.done) // 3, none, none, none, none),
        (
            closed & course.called_back,
            "feedback",
            "call_back",
            course.done + (course.closed - course.done) // 2,
            none,
            none,
            none,
            none,
        ),
        (closed, "feedback", "close", course.closed, none, none, none, none),
    ]
    now = NOW.astype("datetime64[s]")
    events = []
    for mask, step, action, when, from_level, to_level, to_dept, actor in kinds:
        rows = np.flatnonzero(mask & shown & (when <= now))
        events.append(_Event(rows, step, action, when[rows], from_level[rows], to_level[rows], to_dept[rows], actor[rows]))
    return events


def _stand(chunk: Chunk, events: list[_Event]) -> None:
    """Put each case that is still open where its last step left it: its state and its level."""
    course = chunk.flow
    last = np.full(len(course.status), np.datetime64("1970-01-01", "s"))
    state, level, known = course.status.copy(), np.zeros_like(course.top), np.zeros(len(last), bool)
    highest = level.copy()
    for event in events:
        to = life.MOVES[event.action].to
        known[event.rows] = True
        if to is not None:
            newer = event.when >= last[event.rows]
            rows = event.rows[newer]
            last[rows] = event.when[newer]
            state[rows] = flow.STATUSES.index(to)
        if event.action in {"escalate", "send_down"}:
            level[event.rows] = event.to_level
            highest[event.rows] = np.maximum(highest[event.rows], event.to_level)
    void = course.status == flow.STATUSES.index("void")
    course.status = np.where(known & ~void, state, course.status)
    course.current = np.where(known, level, course.current)
    course.top = np.where(known, highest, course.top)
    course.deferred &= ~known | _among("defer", events, len(known))
    course.reopened = np.where(known, np.minimum(course.reopened, 2 * _among("reopen", events, len(known))), course.reopened)


def _among(action: str, events: list[_Event], count: int) -> np.ndarray:
    found = np.zeros(count, bool)
    for event in events:
        if event.action == action:
            found[event.rows] = True
    return found
