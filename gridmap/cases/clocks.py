"""The clocks of a case: 3个1 from the report, its limit in three kinds of time, and how near the end is.

Three units are found in practice (dossier 2.7): 紧急工作时 hours that never stop, 工作时 hours of working time, 工作日 whole
days of working time. ``minute`` and ``hour`` run by the clock; ``day`` is the speech's 1天: 24 hours, or one working day where
the setting one_day_is_working_day says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmap import terms

if TYPE_CHECKING:
    from gridmap.cases.calendar import Calendar
    from gridmap.cases.case import Case

UNITS = {
    "minute": terms.key("minutes"),
    "hour": terms.key("hours"),
    "day": terms.key("days"),
    "urgent_hour": terms.key("urgent hours"),
    "work_hour": terms.key("working hours"),
    "work_day": terms.key("working days"),
}

WARN = 0.2
"""A clock warns when less than this share of its limit is left."""


@dataclass(frozen=True)
class Rules:
    """The calendar and the settings that clocks follow. day_is_working: None while the speech's blank is not filled in."""

    calendar: Calendar
    accept_minutes: float = 1
    arrive_minutes: float = 60
    close_hours: float = 24
    day_is_working: bool | None = None


@dataclass(frozen=True)
class Clock:
    """One clock: what for, when it was started, when it is due (None: no limit, or stopped), when it was met, how it stands.

    state: met, late (met or not, after the due time), soon, running, stopped, unset.
    """

    what: str
    start: datetime
    due: datetime | None
    met: datetime | None
    state: str


def due(case: Case, rules: Rules) -> datetime | None:
    """Give when a case has to be closed; None where no limit is set, and while it is carried over.

    A deferral that was approved names its own time. Else the limit runs from the report, leaving out the time carried over.
    """
    if case.carried or case.status == "void":
        return None
    if case.until is not None:
        return case.until
    return None if case.limit is None else elapse(case.reported_at, case.limit, rules, case.pauses)


def elapse(
    start: datetime,
    limit: tuple[float, str],
    rules: Rules,
    pauses: tuple[tuple[datetime, datetime | None], ...] = (),
) -> datetime:
    """Give the moment at which a limit, counted from start without the pauses (each of them ended), has run out."""
    length, working = measure(limit, rules)
    at = start
    for begin, end in pauses:
        spent = rules.calendar.worked(at, begin) if working else begin - at
        if spent >= length or end is None:
            break
        length -= spent
        at = end
    return rules.calendar.after(at, length) if working else at + length


def measure(limit: tuple[float, str], rules: Rules) -> tuple[timedelta, bool]:
    """Give a limit's length, and whether it counts working time only."""
    value, unit = limit
    if unit == "day":
        unit = "work_day" if rules.day_is_working else "hour"
        value = value if rules.day_is_working else value * 24
    minutes = {"minute": 1.0, "hour": 60.0, "urgent_hour": 60.0, "work_hour": 60.0, "work_day": rules.calendar.minutes}[unit]
    return timedelta(minutes=value * minutes), unit.startswith("work_")


def three_ones(case: Case, rules: Rules, now: datetime) -> list[Clock]:
    """Give the three clocks of 3个1 for what residents report (speech R40), all three from the report; none for other cases."""
    if not case.resident or case.status == "void":
        return []
    start = case.reported_at
    close = (1.0, "day") if rules.day_is_working else (rules.close_hours, "hour")
    return [
        _clock("accept", start, start + timedelta(minutes=rules.accept_minutes), case.accepted_at, now),
        _clock("arrive", start, start + timedelta(minutes=rules.arrive_minutes), case.arrived_at, now),
        _clock("close", start, elapse(start, close, rules), case.closed_at, now),
    ]


def limit(case: Case, rules: Rules, now: datetime) -> Clock:
    """Give the clock of the case's own limit."""
    end = due(case, rules)
    if end is None:
        return Clock("limit", case.reported_at, None, case.closed_at, "stopped" if case.carried else "unset")
    return _clock("limit", case.reported_at, end, case.closed_at, now)


def _clock(what: str, start: datetime, end: datetime, met: datetime | None, now: datetime) -> Clock:
    if (met or now) > end:
        state = "late"
    elif met is not None:
        state = "met"
    else:
        state = "soon" if end - now < (end - start) * WARN else "running"
    return Clock(what, start, end, met, state)
