"""Charts that filter each other: each shows the cases left by every choice but its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, cast

import pandas as pd

from gridmap import kpi, terms
from gridmap.web import charts, district, figures, filters, numbers

if TYPE_CHECKING:
    from datetime import date

KINDS, WAYS, DAYS = "pick-kinds", "pick-ways", "pick-days"


@dataclass(frozen=True)
class View:
    """What is asked by the filters, and what is picked in the charts on top of it.

    asked: the filters. classes, channels: the codes of the bars, in their order.
    """

    asked: kpi.Filters
    classes: tuple[str, ...]
    channels: tuple[str, ...]

    @cached_property
    def columns(self) -> list[date]:
        """Give the days of the period."""
        start, end = cast("datetime", self.asked.start), cast("datetime", self.asked.end)
        return [day.date() for day in pd.date_range(start, end - timedelta(days=1), freq="D")]

    def but(self, key: str | None) -> kpi.Filters:
        """Give the filters with every pick but that of one chart."""
        found = self.asked
        if key != KINDS and (kinds := charts.picked(KINDS, self.classes)):
            found = replace(found, classes=kinds)
        if key != WAYS and (ways := charts.picked(WAYS, self.channels)):
            found = replace(found, channels=ways)
        if key != DAYS and (stretch := charts.stretch(DAYS, self.columns)):
            first, last = stretch
            found = replace(
                found, start=datetime.combine(first, time()), end=datetime.combine(last, time()) + timedelta(days=1)
            )
        return found

    @property
    def all(self) -> kpi.Filters:
        """Give the filters with every pick."""
        return self.but(None)


def kinds(view: View) -> None:
    """Draw the kinds of matters as bars to pick from."""
    names = filters.classes()
    _bars(KINDS, terms.say("Kind"), view.but(KINDS), column="class_code", names={c: names.get(c, c) for c in view.classes})


def ways(view: View) -> None:
    """Draw the channels as bars to pick from."""
    names = filters.channels()
    _bars(WAYS, terms.say("Channel"), view.but(WAYS), column="channel", names={c: names.get(c, c) for c in view.channels})


def days(view: View) -> None:
    """Draw the cases of each day as columns to pick from, with the period before as a line."""
    figures.heading(terms.say("Cases a day"), terms.say("click a day, or pick a stretch with the tool on the right"))
    asked = view.but(DAYS)
    now = _daily(asked, view.columns)
    length = len(view.columns)
    then = _daily(filters.before(asked), [day - timedelta(days=length) for day in view.columns])
    option = charts.days(view.columns, now, name=terms.say("Cases"), before=then, picked=charts.stretch(DAYS, view.columns))
    charts.choose(option, key=DAYS, height=165, alt=terms.say("Cases a day"))


def _daily(asked: kpi.Filters, among: list[date]) -> list[int]:
    counted = kpi.counts(district.db(), asked, by=("day",))
    by_day = {pd.Timestamp(day).date(): int(n) for day, n in zip(counted["day"], counted["n"], strict=True)}
    return [by_day.get(day, 0) for day in among]


def _bars(key: str, title: str, asked: kpi.Filters, *, column: str, names: dict[str, str]) -> None:
    among = tuple(names)
    counted = kpi.counts(district.db(), asked, by=(column,)).set_index(column)["n"]
    values = [int(counted.get(code, 0)) for code in among]
    figures.heading(title, numbers.count(sum(values)))
    places = [among.index(code) for code in charts.picked(key, among)]
    option = charts.bars([names[code] for code in among], values, picked=places)
    charts.choose(option, key=key, height=charts.ROW_PX * len(among) + 8, alt=title)
