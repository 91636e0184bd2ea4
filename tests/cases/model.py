"""The rules of a case a second time, written as one would tell them, to judge the state machine by."""

from datetime import datetime, time, timedelta
from functools import cache

import numpy as np

ORDER = ["community", "street", "district"]
OPEN = {"new", "accepted", "assigned", "handling", "coordinating", "checking", "returned", "deferred"}
ZONE = {"community": "990199001001", "street": "990199001", "district": "990199"}


class Model:
    """One case, told by hand. ``offer`` says whether a move is right, and makes it when it is."""

    def __init__(self, reported, limit, pausable, resident, matter, reporter):
        self.now = self.reported = reported
        self.limit, self.pausable, self.resident, self.matter, self.reporter = limit, pausable, resident, matter, reporter
        self.state, self.at, self.top = "new", 0, 0
        self.handler = self.dept = self.request = self.until = self.mediation = self.done_by = None
        self.accepted = self.arrived = self.closed = None
        self.spot = self.passed = False
        self.reopened = self.returned = 0
        self.stops = []
        self.called = {}

    def standing_still(self):
        return bool(self.stops) and self.stops[-1][1] is None

    def allowed(self, hand, action, said, now):
        role, level = hand.role, hand.level
        if now < self.now or action in ("report", "take_over"):
            return False
        everywhere = role in ("resident", "department", "system")
        if not everywhere and not "990199001001001".startswith(hand.territory):
            return False
        rank = ORDER.index(level) if level else -1
        desk_here = role == "desk" and rank == self.at
        desk_up = role == "desk" and rank >= self.at
        in_hand = (role == "worker" and self.handler is not None and hand.staff == self.handler) or (
            role == "department" and self.dept is not None and hand.dept == self.dept
        )
        s = self.state
        if action == "accept":
            return s == "new" and (desk_here or role == "system")
        if action == "correct":
            return s in ("new", "accepted", "returned") and desk_here and bool(said.get("matter"))
        if action == "join":
            return (
                s in ("new", "accepted", "assigned", "returned")
                and desk_here
                and bool(said.get("into"))
                and said["into"] != "X"
            )
        if action == "assign":
            who = said.get("handler")
            own = who == self.reporter and self.reporter is not None and not self.spot
            return s in ("accepted", "assigned", "returned") and desk_here and bool(who or said.get("dept")) and not own
        if action == "spot":
            return s in ("new", "accepted") and role == "worker" and hand.staff == self.reporter and bool(said.get("note"))
        if action == "arrive":
            return s in ("assigned", "handling") and in_hand
        if action == "handle":
            alone = hand.staff == self.reporter and self.reporter is not None and not self.spot
            seen = self.arrived is not None or self.matter[:2] in ("25", "26")
            still = self.standing_still() or self.mediation
            return (
                s in ("assigned", "handling", "deferred")
                and in_hand
                and bool(said.get("note"))
                and not alone
                and seen
                and not still
            )
        if action == "return":
            return s in ("assigned", "handling") and in_hand and bool(said.get("reason"))
        if action == "escalate":
            return (
                s in ("accepted", "assigned", "handling", "returned") and desk_here and self.at < 2 and bool(said.get("reason"))
            )
        if action == "send_down":
            return s in ("accepted", "returned") and desk_here and self.at > 0 and bool(said.get("reason"))
        if action == "ask_defer":
            good = bool(said.get("until")) and said["until"] > now and bool(said.get("reason"))
            return s in ("assigned", "handling") and in_hand and self.request is None and good
        if action == "ask_carry":
            return (
                s in ("assigned", "handling")
                and in_hand
                and self.request is None
                and self.pausable
                and bool(said.get("reason"))
            )
        if action in ("defer", "carry", "decline"):
            if s not in ("assigned", "handling") or not desk_up or self.request is None or self.request[1] == hand.name:
                return False
            if not (rank > self.at or level == "district"):
                return False
            if action == "decline":
                return bool(said.get("reason"))
            return self.request[0] == action and (action == "defer" or level == "district")
        if action == "resume":
            return s == "deferred" and desk_up and self.standing_still()
        if action == "whistle":
            kinds = ("resident_problem", "joint_enforcement", "emergency")
            good = said.get("kind") in kinds and bool(said.get("depts")) and bool(said.get("reason"))
            return s in ("accepted", "assigned", "handling", "returned") and desk_here and level != "district" and good
        if action == "report_in":
            return s == "coordinating" and role == "department" and self.called.get(hand.dept) == "called"
        if action == "leave":
            return (
                s == "coordinating"
                and role == "department"
                and self.called.get(hand.dept) == "there"
                and bool(said.get("note"))
            )
        if action == "rate":
            there = self.called.get(said.get("dept")) == "gone"
            number = type(said.get("rating")) is int and 0 <= said["rating"] <= 100
            states = ("coordinating", "accepted", "assigned", "handling", "checking", "closed")
            return s in states and desk_up and level == "street" and there and number
        if action == "end_whistle":
            over = all(state == "gone" for state in self.called.values()) or bool(said.get("reason"))
            return s == "coordinating" and desk_here and over
        if action == "mediate":
            who = role in ("worker", "department") or desk_here
            good = said.get("kind") in ("people", "administrative", "judicial") and bool(said.get("venue"))
            return s in ("assigned", "handling") and who and good and not self.mediation
        if action == "settle":
            who = role in ("worker", "department") or desk_up
            states = ("accepted", "assigned", "handling", "coordinating", "returned", "deferred")
            return s in states and who and bool(self.mediation) and bool(said.get("outcome"))
        if action == "check":
            return s == "checking" and (role == "supervisor" or desk_up) and self.done_by != hand.name
        if action == "urge":
            return s in OPEN and (role in ("supervisor", "leader") or desk_up) and bool(said.get("note"))
        if action == "call_back":
            told = said.get("resolved") is not None and said.get("satisfied") is not None
            return s in ("checking", "closed") and (role in ("supervisor", "system") or desk_up) and told
        if action == "reopen":
            return s in ("checking", "closed") and (role in ("supervisor", "system") or desk_up) and bool(said.get("reason"))
        if action == "close":
            return s == "checking" and desk_up and (self.passed or self.spot) and self.done_by != hand.name
        if action == "void":
            return s in ("new", "accepted", "returned") and desk_here and bool(said.get("reason"))
        if action == "note":
            return s in OPEN | {"closed"} and (role != "desk" or desk_up) and bool(said.get("note"))
        raise AssertionError(action)

    def make(self, hand, action, said, now):
        self.now = now
        if action == "accept":
            self.state, self.accepted = "accepted", self.accepted or now
        elif action == "correct":
            self.matter, self.limit, self.pausable = said["matter"], said["limit"], said["pausable"]
        elif action in ("join", "void"):
            self.state = "void"
        elif action == "assign":
            self.state, self.handler, self.dept = "assigned", said.get("handler"), said.get("dept")
            self.request, self.passed = None, False
        elif action == "spot":
            self.state, self.spot, self.arrived, self.handler = "checking", True, now, hand.staff
            self.done_by, self.passed, self.request = hand.name, False, None
        elif action == "arrive":
            self.state, self.arrived, self.handler = "handling", self.arrived or now, hand.staff or self.handler
        elif action == "handle":
            self.state, self.done_by, self.handler = "checking", hand.name, hand.staff or self.handler
            self.request, self.passed = None, False
        elif action == "return":
            self.state, self.request = "returned", None
            self.returned += 1
        elif action in ("escalate", "send_down"):
            self.at += 1 if action == "escalate" else -1
            self.top = max(self.top, self.at)
            self.state, self.handler, self.dept, self.request = "accepted", None, None, None
        elif action == "ask_defer":
            self.request = ("defer", hand.name, said["until"])
        elif action == "ask_carry":
            self.request = ("carry", hand.name, None)
        elif action == "defer":
            self.state, self.until, self.request = "deferred", self.request[2], None
        elif action == "carry":
            self.state, self.request = "deferred", None
            self.stops.append((now, None))
        elif action == "decline":
            self.request = None
        elif action == "resume":
            self.state, self.stops[-1] = "handling", (self.stops[-1][0], now)
        elif action == "whistle":
            self.state, self.called, self.request = "coordinating", dict.fromkeys(said["depts"], "called"), None
        elif action == "report_in":
            self.called[hand.dept], self.arrived = "there", self.arrived or now
        elif action == "leave":
            self.called[hand.dept] = "gone"
        elif action == "end_whistle":
            self.state = "handling" if self.handler or self.dept else "accepted"
        elif action == "mediate":
            self.mediation = said["kind"]
        elif action == "settle":
            self.mediation = None
        elif action == "check":
            self.passed = True
        elif action == "reopen":
            self.state, self.closed, self.passed, self.done_by = "handling", None, False, None
            self.reopened += 1
        elif action == "close":
            self.state, self.closed = "closed", now


@cache
def minutes_worked(start, days, table, spans):
    """For every minute from a day on: whether it is working time. table: pairs of a day and whether it is worked."""
    count = days * 24 * 60
    at = np.datetime64(start, "m") + np.arange(count)
    day = at.astype("datetime64[D]")
    weekday = (day.astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    works = weekday < 5
    for when, worked in table:
        works[day == np.datetime64(when)] = worked
    minute = (at - day).astype(int)
    inside = np.zeros(count, bool)
    for opens, closes in spans:
        inside |= (minute >= opens.hour * 60 + opens.minute) & (minute < closes.hour * 60 + closes.minute)
    return at, works & inside


BEGINS = datetime.fromisoformat("2026-03-01")
SPANS = ((time(8, 30), time(12)), (time(13, 30), time(18)))


def counted_due(model, table, day_is_working):
    """When the case has to be closed, by counting minutes one by one; None for no limit."""
    if model.standing_still() or model.state == "void":
        return None
    if model.until is not None:
        return model.until
    if model.limit is None:
        return None
    value, unit = model.limit
    at, worked = minutes_worked(BEGINS, 220, tuple(table.items()), SPANS)
    since = int((np.datetime64(model.reported, "m") - at[0]).astype(int))
    at, worked = at[since:], worked[since:]
    if unit == "day":
        value, unit = (value, "work_day") if day_is_working else (value * 24, "hour")
    need = value * {"minute": 1, "hour": 60, "urgent_hour": 60, "work_hour": 60, "work_day": 480}[unit]
    runs = worked.copy() if unit.startswith("work") else np.ones(len(at), bool)
    for begin, end in model.stops:
        runs &= ~((at >= np.datetime64(begin, "m")) & (at < np.datetime64(end, "m")))
    reached = np.flatnonzero(np.cumsum(runs) >= need)[0]
    return at[reached].astype(datetime) + timedelta(minutes=1)
