"""The Chinese working calendar: which days are worked, and which hours of them.

The legal holidays and the days worked in exchange come from the ``chinese_calendar`` package, year by year as the State Council
publishes them; the table ``calendar_days`` holds what a person put right or a year the package does not know yet. A year that
neither knows counts Monday to Friday, and :meth:`Calendar.known` says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import chinese_calendar

from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gridmap.store import Store

HOURS = ((time(8, 30), time(12)), (time(13, 30), time(18)))
"""Working hours where the setting ``work_hours`` is empty: eight hours a day."""


@dataclass(frozen=True)
class Calendar:
    """Working days and hours. days: what the table says, before anything else. hours: spans of a working day, in order."""

    days: Mapping[date, bool] = field(default_factory=dict)
    hours: tuple[tuple[time, time], ...] = HOURS

    def known(self, year: int) -> bool:
        """Say whether the holidays of a year are published: in the package, or by at least one day in the table."""
        return _published(year) or any(day.year == year for day in self.days)

    def works(self, day: date) -> bool:
        """Say whether a day is a working day."""
        if day in self.days:
            return self.days[day]
        if _published(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < 5

    @property
    def minutes(self) -> float:
        """Give the working minutes of one working day."""
        return sum((datetime.combine(date.min, b) - datetime.combine(date.min, a)).total_seconds() / 60 for a, b in self.hours)

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give the working spans from a moment on, one after the other, without end."""
        day = start.date()
        while True:
            if self.works(day):
                for opens, closes in self.hours:
                    begin, end = max(start, datetime.combine(day, opens)), datetime.combine(day, closes)
                    if begin < end:
                        yield begin, end
            day += timedelta(days=1)

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Give the working time between two moments."""
        total = timedelta()
        for begin, until in self.spans(start):
            if begin >= end:
                return total
            total += min(until, end) - begin
        return total

    def after(self, start: datetime, length: timedelta) -> datetime:
        """Give the moment at which a length of working time has passed since a moment."""
        for begin, until in self.spans(start):
            if until - begin >= length:
                return begin + length
            length -= until - begin
        raise AssertionError


def _published(year: int) -> bool:
    return bool(min(chinese_calendar.workdays).year <= year <= max(chinese_calendar.workdays).year)


def read(db: Store) -> Calendar:
    """Give the district's calendar from its store. Raises InputError when the setting of the working hours cannot be read."""
    cursor = db.cursor()
    days = dict(cursor.execute("SELECT day, works FROM calendar_days").fetchall())
    row = cursor.execute("SELECT value FROM settings WHERE key = 'work_hours'").fetchone()
    return Calendar(days, hours(row[0]) if row and row[0] else HOURS)


def hours(text: str) -> tuple[tuple[time, time], ...]:
    """Read working hours such as ``08:30-12:00 13:30-18:00``. Raises InputError when they are not that."""
    try:
        spans = [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in _pairs(text)]
    except ValueError:
        spans = []
    flat = [moment for span in spans for moment in span]
    if not spans or flat != sorted(set(flat)):
        raise InputError("Working hours are written like 08:30-12:00 13:30-18:00, not {text}.", text=text)
    return tuple(spans)


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(opens, closes) for opens, _, closes in (span.partition("-") for span in text.split())]


def put(db: Store, day: date, *, works: bool, source: str) -> None:
    """Write down that a day is worked or not, whatever was published."""
    with db.write() as cursor:
        cursor.execute(
            "INSERT INTO calendar_days (day, works, source) VALUES (?, ?, ?) "
            "ON CONFLICT (day) DO UPDATE SET works = excluded.works, source = excluded.source",
            [day, works, source],
        )
