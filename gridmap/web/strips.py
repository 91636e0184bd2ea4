"""The strip of figures about incidents: what kpi counts, as tiles with their change against the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.web import figures, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmap.kpi import Figure

SHOWN = ("reported", "closing_rate", "accept_1min", "arrive_1h", "close_1day", "overdue")


def incidents(now: Mapping[str, Figure], before: Mapping[str, Figure], shown: Sequence[str] = SHOWN) -> list[figures.Figure]:
    """Give the tiles of the figures named, each with its change since the period before."""
    return [_tile(now[name], before.get(name)) for name in shown]


def _tile(figure: Figure, before: Figure | None) -> figures.Figure:
    if figure.is_rate:
        note = terms.say("of {n} cases", n=numbers.count(figure.n))
        if figure.hidden:
            note = terms.say("hidden: only {n} cases", n=numbers.count(figure.n))
        elif figure.value is not None and before is not None and before.value is not None:
            note = f"{_points(figure.value - before.value)} · {note}"
        return figures.Figure(terms.say(figure.name), numbers.rate(figure.value), note=note)
    note = ""
    if before is not None and before.value and figure.value is not None:
        note = terms.say("{change} on the period before", change=f"{(figure.value - before.value) / before.value:+.1%}")
    alert = figure.id in {"overdue", "orphans"} and bool(figure.value)
    return figures.Figure(terms.say(figure.name), numbers.short(figure.value), note=note, alert=alert)


def _points(change: float) -> str:
    return terms.say("{points} points", points=f"{change * 100:+.1f}")
