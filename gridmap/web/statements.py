"""What stands beside an indicator on its page and in its file: figure, unit, goal, verdict, note; and the file itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gridmap import kpi, reports, store, terms
from gridmap.terms import key
from gridmap.web import district, groups, guard, numbers, ranking, recorded, reporting, tables, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.kpi import Indicator

UNITS = {
    "CNY": key("CNY"),
    "assignments": key("assignments"),
    "calls": key("calls"),
    "cases": key("cases"),
    "cases per 1,000 households": key("cases per 1,000 households"),
    "committees": key("committees"),
    "grids": key("grids"),
    "minutes": key("minutes"),
    "moves": key("moves"),
    "meetings": key("meetings"),
    "m²": key("m²"),
    "m² per 100 households": key("m² per 100 households"),
    "people": key("people"),
    "people per 10,000": key("people per 10,000"),
    "places": key("places"),
    "points": key("points"),
    "stories": key("stories"),
    "times": key("times"),
}


@dataclass(frozen=True)
class Found:
    """An indicator, its rows as kpi.run gives them (one, or one a part of a mix), and its goal."""

    indicator: Indicator
    rows: pd.DataFrame
    goal: float | None

    @property
    def is_mix(self) -> bool:
        """Say whether it has no figure of its own but the shares of its parts."""
        return self.indicator.kind == "mix"

    @property
    def value(self) -> float | None:
        """The figure: of a mix its largest part's share; None where it is hidden, not set, or of nothing."""
        value = None if self.rows.empty else self.rows["value"].max() if self.is_mix else self.rows["value"].iloc[0]
        return None if value is None or pd.isna(value) else float(value)

    @property
    def largest(self) -> str:
        """What the largest part of a mix is called."""
        if not self.is_mix or self.value is None:
            return ""
        code = self.rows["grp"].iloc[int(self.rows["value"].argmax())]
        return str(groups.names(self.indicator).get(code, code))

    @property
    def text(self) -> str:
        """The figure as it is read, before it of a mix what its largest part is called."""
        return f"{self.largest} {ranking.text(self.indicator, self.value)}".strip()

    @property
    def n(self) -> float | None:
        """How many a share is of; None where that says nothing."""
        return None if self.indicator.kind != "share" or self.rows.empty else float(self.rows["n"].iloc[0])

    @property
    def of(self) -> str:
        """How many a share is of, as text."""
        return "" if self.n is None else numbers.count(self.n)

    @property
    def unit(self) -> str:
        """The unit in the reader's language; empty for a share."""
        return words.called(self.indicator.unit, UNITS) if self.indicator.unit in UNITS else ""

    @property
    def wanted(self) -> str:
        """The goal as text."""
        return "" if self.goal is None else ranking.text(self.indicator, self.goal)

    @property
    def verdict(self) -> str:
        """Whether the goal is met, where there are goal and figure."""
        if self.goal is None or self.is_mix or self.value is None:
            return ""
        met = self.value <= self.goal if self.indicator.better == "down" else self.value >= self.goal
        return terms.say("met") if met else terms.say("not met")

    @property
    def note(self) -> str:
        """What a share is of, or that it is hidden."""
        if self.n is None:
            return ""
        if self.rows["hidden"].iloc[0]:
            return terms.say("hidden: only {n} cases", n=self.of)
        return terms.say("{part} of {n}", part=numbers.count(self.rows["part"].iloc[0]), n=self.of)

    def line(self, blank: Sequence[str]) -> reports.Line:
        """Give it as a line of a statement. blank: names of the settings it needs that are not set."""
        one = self.indicator
        hidden = self.n is not None and bool(self.rows["hidden"].iloc[0])
        notes = [terms.say("Not set: {what}", what="、".join(blank))] if blank else []
        notes += [self.note] if hidden else []
        if self.is_mix and self.value is not None:
            called = groups.names(one)
            ordered = self.rows.sort_values("value", ascending=False)
            notes += [
                "；".join(
                    f"{called.get(code, code)} {numbers.rate(value)}"
                    for code, value in zip(ordered["grp"], ordered["value"], strict=True)
                )
            ]
        return reports.Line(
            number=one.id,
            name=one.name(),
            value=None if self.is_mix else self.value,
            unit="%" if ranking.is_rate(one) else self.unit,
            is_share=ranking.is_rate(one),
            part=None if self.n is None or hidden else float(self.rows["part"].iloc[0]),
            n=self.n,
            goal=self.goal,
            verdict=self.verdict,
            note="；".join(notes),
            definition=one.definition(),
            source=one.sources(),
        )


def button(found: Sequence[Found], *, name: str, listed: pd.DataFrame | None = None) -> None:
    """Draw the button of a workbook of indicators: values, units, definitions, sources, and the rows behind them if given."""
    if not guard.may("export", district.here().code):
        return
    shown = recorded.screen()
    place, scope, mark = shown.place, shown.scope, terms.say("Demo data") if district.is_demo() else ""
    blank = [kpi.called_not_set(district.db(), one.indicator.id) for one in found]

    def made() -> bytes:
        rows = [] if listed is None else [reports.Table(terms.say("Cases and things behind it"), tables.masked(listed))]
        return reports.statement(
            reports.Statement(
                title=terms.say("Statement of indicators of {place}", place=place),
                scope=[scope],
                made_at=store.now(),
                lines=[one.line(missing) for one, missing in zip(found, blank, strict=True)],
                mark=mark,
                tables=rows,
                notes=[
                    terms.say("A rate over fewer than 10 cases is hidden; figures the rules leave blank are shown as not set.")
                ],
            )
        )

    guard.download(
        terms.say("Excel with definitions"), made, file_name=f"{name}.xlsx", mime=reporting.EXCEL, type="tertiary",
        key=f"statement-{name}",
    )  # fmt: skip
