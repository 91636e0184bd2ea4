"""Legends: what the colours and signs of a map mean, with units, for the map itself and as HTML for elsewhere."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.numbers import format_decimal

from gridmap import terms
from gridmap.maps import escape

if TYPE_CHECKING:
    from gridmap.maps.scales import Scale

Row = Mapping[str, Any]
_locale = functools.cache(Locale.parse)


def number(value: float, *, digits: int = 0, language: str | None = None) -> str:
    """Write a figure as an office in that language does: 12,345 or 12,345.6."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=_locale(language or terms.language())))


def rows(scale: Scale, *, language: str | None = None) -> list[Row]:
    """Give the legend's lines, lowest class first: ``colour``, ``text``, and last, quiet, what no figure looks like."""
    if not scale.graded:
        return [{"colour": colour, "text": name} for colour, name in zip(scale.colours, scale.names, strict=True)]
    ranges = _texts(scale, language)
    listed: list[Row] = [{"colour": colour, "text": text} for colour, text in zip(scale.colours, ranges, strict=True)]
    return [*listed, {"colour": scale.none, "text": terms.say("no figure", language=language), "quiet": True}]


def panel(scale: Scale | None, signs: Sequence[Sequence[Row]] = (), *, language: str | None = None) -> dict[str, Any] | None:
    """Give the content of the map's legend: title, note (unit and what else is to know), groups of rows."""
    groups = [rows(scale, language=language)] if scale else []
    groups += [list(group) for group in signs if group]
    if not groups:
        return None
    note = " · ".join(part for part in (scale.unit, scale.note) if part) if scale else ""
    return {"title": scale.title if scale else "", "note": note, "groups": groups}


def legend(scale: Scale, language: str | None = None) -> str:
    """Give the legend as HTML for a page or a report; every text in it is escaped."""
    lines = "".join(
        f'<li style="display:flex;gap:.6em;align-items:center"><span style="width:1.8em;height:1em;background:{row["colour"]}">'
        f"</span>{escape.html(row['text'])}</li>"
        for row in rows(scale, language=language)
    )
    unit = f" <small>{escape.html(scale.unit)}</small>" if scale.unit else ""
    title = f"<b>{escape.html(scale.title)}</b>{unit}"
    return f'<section>{title}<ul style="list-style:none;padding:0;margin:.4em 0">{lines}</ul></section>'


def _texts(scale: Scale, language: str | None) -> list[str]:
    """Say each class in words: whole figures as ``1-4``, others as ``from - up to``."""

    def write(value: float) -> str:
        digits = scale.digits if value % 1 else 0
        return number(value, digits=max(digits, 0 if value % 1 == 0 else 1), language=language)

    cuts = scale.breaks
    if not cuts:
        return [terms.say("all", language=language)]
    whole = scale.digits == 0 and all(cut % 1 == 0 for cut in cuts)
    below = terms.say("below {figure}", language=language, figure=write(cuts[0]))
    first = "0" if whole and cuts[0] == 1 and scale.meaning != "change" else below
    middle = []
    for low, high in itertools.pairwise(cuts):
        top = high - 1 if whole and scale.meaning != "change" else high
        middle.append(write(low) if low == top else f"{write(low)} – {write(top)}")
    return [first, *middle, terms.say("{figure} and more", language=language, figure=write(cuts[-1]))]
