"""The strip of figures about incidents: what kpi counts, as tiles with their change against the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.terms import key
from gridmap.web import figures, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmap.kpi import Figure

MEANINGS = {
    "reported": key("Cases reported in the period."),
    "closed": key("Cases reported in the period and closed by now."),
    "open": key("Cases reported in the period and still open."),
    "overdue": key("Open cases past their due time; deferred ones are not counted."),
    "orphans": key("Cases whose place lies in no grid."),
    "closing_rate": key("Closed cases among those whose due time has passed; deferred ones are not counted."),
    "on_time_rate": key("Cases closed by their due time among those whose due time has passed; deferred ones are not counted."),
    "accept_1min": key("Residents' reports accepted within 1 minute; duplicates left out, a step never taken counts as late."),
    "arrive_1h": key("Residents' reports reached within 1 hour; duplicates left out, a step never taken counts as late."),
    "close_1day": key("Residents' reports closed within 24 hours; duplicates left out, a step never taken counts as late."),
    "satisfied": key("Satisfied residents among those called back."),
}
"""How each figure is counted."""

SHOWN = ("reported", "closing_rate", "accept_1min", "arrive_1h", "close_1day", "overdue")


def incidents(now: Mapping[str, Figure], before: Mapping[str, Figure], shown: Sequence[str] = SHOWN) -> list[figures.Figure]:
    """Give the tiles of the figures named, each with its change since the period before."""
    return [_tile(now[name], before.get(name)) for name in shown]


def _tile(figure: Figure, before: Figure | None) -> figures.Figure:
    meaning = terms.say(MEANINGS[figure.id]) if figure.id in MEANINGS else ""
    if figure.is_rate:
        note = terms.say("of {n} cases", n=numbers.count(figure.n))
        if figure.hidden:
            note = terms.say("hidden: only {n} cases", n=numbers.count(figure.n))
        elif figure.value is not None and before is not None and before.value is not None:
            note = f"{_points(figure.value - before.value)} · {note}"
        return figures.Figure(terms.say(figure.name), numbers.rate(figure.value), note=note, meaning=meaning)
    note = ""
    if before is not None and before.value and figure.value is not None:
        note = terms.say("{change} on the period before", change=f"{(figure.value - before.value) / before.value:+.1%}")
    alert = figure.id in {"overdue", "orphans"} and bool(figure.value)
    return figures.Figure(terms.say(figure.name), numbers.short(figure.value), note=note, alert=alert, meaning=meaning)


def _points(change: float) -> str:
    return terms.say("{points} points", points=f"{round(change * 100, 1) + 0.0:+.1f}")  # 0.0 has no minus
