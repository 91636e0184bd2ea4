"""Figures, headings and cards as HTML. Text from data is escaped here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from gridmap.web import recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Figure:
    """One figure of a strip.

    label, value, unit, note: texts in the reader's language, the value already formatted. alert: beyond its limit.
    meaning: how it is counted, shown when the pointer rests on it and in reports.
    """

    label: str
    value: str
    unit: str = ""
    note: str = ""
    alert: bool = False
    meaning: str = ""


def strip(figures: Iterable[Figure]) -> None:
    """Draw a row of figures."""
    drawn = list(figures)
    recorded.screen().figures.update({figure.label: figure for figure in drawn})
    st.html(f'<dl class="gm-strip">{"".join(_tile(figure) for figure in drawn)}</dl>')


def place(title: str, note: str = "") -> None:
    """Draw the page's first line: what is shown, and a note beside it."""
    recorded.screen().place = title
    note_html = f"<p>{escape(note)}</p>" if note else ""
    st.html(f'<div class="gm-place"><h1>{escape(title)}</h1>{note_html}</div>', width="content")


def mark(text: str) -> None:
    """Draw a mark such as demo data."""
    st.html(f'<span class="gm-demo">{escape(text)}</span>', width="content")


def heading(title: str, note: str = "") -> None:
    """Draw a heading inside a page, with a note beside it."""
    recorded.screen().heading = title
    note_html = f"<small>{escape(note)}</small>" if note else ""
    st.html(f'<h2 class="gm-h">{escape(title)}{note_html}</h2>')


@dataclass(frozen=True)
class Meter:
    """A share of 0-1 as a bar: its label, its value as text, the share (None where there is none) and a note such as n.

    href: where the label leads, if anywhere.
    """

    label: str
    value: str
    share: float | None
    note: str = ""
    href: str = ""


def meters(rows: Iterable[Meter]) -> None:
    """Draw shares as bars under each other, each with its figure."""
    st.html(f'<ul class="gm-meters">{"".join(_meter(row) for row in rows)}</ul>')


def rings(shares: Iterable[Meter]) -> None:
    """Draw shares as gauges beside each other: the figure in the middle of its ring, label and note below."""
    st.html(f'<ul class="gm-rings">{"".join(_ring(one) for one in shares)}</ul>')


@dataclass(frozen=True)
class Line:
    """One line of a list: label, figure, whether it is an alarm, and where the label leads, if anywhere."""

    label: str
    value: str
    alert: bool = False
    href: str = ""


def listed(lines: Iterable[Line]) -> None:
    """Draw labels with their figures, one a line; a label can lead somewhere."""
    body = "".join(
        f"<li><span>{_led(line.label, line.href)}</span>"
        f"<b{' class=gm-alert' if line.alert else ''}>{escape(line.value)}</b></li>"
        for line in lines
    )
    st.html(f'<ul class="gm-rows">{body}</ul>')


def rows(lines: Iterable[tuple[str, str, bool]]) -> None:
    """Draw labels with their figures, one a line; the third says whether it is an alarm."""
    listed(Line(label, value, alert) for label, value, alert in lines)


def checks(made: Iterable[tuple[int, str, int | None]]) -> None:
    """Draw numbered checks in a row: number, title, and how often each is broken (None: it could not be made)."""
    cells = []
    for number, title, broken in made:
        state = "none" if broken is None else "bad" if broken else "good"
        mark = "—" if broken is None else f"{broken:,}" if broken else "✓"
        cells.append(f'<li class="{state}"><b>{number}</b><span>{escape(title)}</span><i>{mark}</i></li>')
    st.html(f'<ol class="gm-checks">{"".join(cells)}</ol>')


def sentences(texts: Iterable[str]) -> None:
    """Draw sentences as a list, each on lines of its own."""
    st.html(f'<ul class="gm-words">{"".join(f"<li>{escape(text)}</li>" for text in texts)}</ul>')


def legend(title: str, colours: Mapping[str, str]) -> None:
    """Draw a legend: what is coloured, and each colour with its meaning (colour -> text)."""
    keys = "".join(f'<span><i style="background:{escape(c)}"></i>{escape(text)}</span>' for c, text in colours.items())
    st.html(f'<p class="gm-legend"><b>{escape(title)}</b>{keys}</p>')


def _meter(row: Meter) -> str:
    width = 0.0 if row.share is None else 100 * min(1.0, max(0.0, row.share))
    note = f" <small>{escape(row.note)}</small>" if row.note else ""
    return (
        f"<li><span>{_led(row.label, row.href)}{note}</span><b>{escape(row.value)}</b>"
        f'<i aria-hidden="true"><u style="width:{width:.1f}%"></u></i></li>'
    )


def _ring(one: Meter) -> str:
    turn = 0.0 if one.share is None else 360 * min(1.0, max(0.0, one.share))
    gauge = f"background:conic-gradient(var(--gm-accent) {turn:.1f}deg, var(--gm-line) 0)"
    return (
        f'<li><div style="{gauge}"><b>{escape(one.value)}</b></div>'
        f"<span>{escape(one.label)}</span><small>{escape(one.note)}</small></li>"
    )


def _led(text: str, href: str) -> str:
    return f'<a href="{escape(href)}" target="_self">{escape(text)}</a>' if href else escape(text)


def _tile(figure: Figure) -> str:
    unit = f'<span class="gm-unit">{escape(figure.unit)}</span>' if figure.unit else ""
    note = f'<dd class="gm-note">{escape(figure.note)}</dd>' if figure.note else ""
    alert = ' class="gm-alert"' if figure.alert else ""
    meaning = f' title="{escape(figure.meaning)}"' if figure.meaning else ""
    value = f'<dd class="gm-value">{escape(figure.value)}{unit}</dd>'
    return f"<div{alert}{meaning}><dt>{escape(figure.label)}</dt>{value}{note}</div>"
