"""The parts a card is made of: rows, dots, ticks, a trend; drawn as one piece of HTML. Text from data is escaped here."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Rows:
    """Labels and values, one a line. A value that is an alarm is named in ``alerts`` by its label."""

    title: str
    rows: Sequence[tuple[str, str]]
    alerts: Sequence[str] = ()

    def html(self) -> str:
        """Give the part as HTML; nothing when it has no rows."""
        if not self.rows:
            return ""
        lines = "".join(
            f"<dt>{escape(label)}</dt><dd{' class=gm-alert' if label in self.alerts else ''}>{escape(value)}</dd>"
            for label, value in self.rows
        )
        return f"{_title(self.title)}<dl>{lines}</dl>"


@dataclass(frozen=True)
class Tiles:
    """Figures beside each other, three in a row: label and value."""

    tiles: Sequence[tuple[str, str]]

    def html(self) -> str:
        """Give the part as HTML."""
        body = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in self.tiles)
        return f'<dl class="gm-tiles">{body}</dl>'


@dataclass(frozen=True)
class Dots:
    """Things that are there (a full dot) or missing (an empty red one): name and yes or no. words: how the two are read."""

    title: str
    dots: Sequence[tuple[str, bool]]
    words: tuple[str, str]
    columns: int = 3

    def html(self) -> str:
        """Give the part as HTML."""
        items = "".join(
            f'<li class="{"gm-on" if there else "gm-off"}"><i aria-hidden="true"></i><span>{escape(name)}</span>'
            f'<span class="gm-read">{escape(self.words[0] if there else self.words[1])}</span></li>'
            for name, there in self.dots
        )
        return f'{_title(self.title)}<ul class="gm-dots" style="--columns:{self.columns}">{items}</ul>'


@dataclass(frozen=True)
class Ticks:
    """A table of yes and no: columns, and rows of a name, a note under it and one answer a column."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, str, Sequence[bool]]]
    words: tuple[str, str]

    def html(self) -> str:
        """Give the part as HTML; nothing when it has no rows."""
        if not self.rows:
            return ""
        head = "".join(f'<th scope="col">{escape(column)}</th>' for column in self.columns)
        body = "".join(
            f'<tr><th scope="row"><b>{escape(name)}</b> {escape(note)}</th>' + "".join(map(self._cell, answers)) + "</tr>"
            for name, note, answers in self.rows
        )
        return (
            f'{_title(self.title)}<table class="gm-ticks"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def _cell(self, met: bool) -> str:
        said = escape(self.words[0] if met else self.words[1])
        return f'<td class="{"gm-yes" if met else "gm-no"}"><i aria-hidden="true"></i><span class="gm-read">{said}</span></td>'


@dataclass(frozen=True)
class Trend:
    """A count over time as columns, the highest named. first, last, peak: texts of the ends and the top."""

    title: str
    values: Sequence[float]
    first: str
    last: str
    peak: str

    def html(self) -> str:
        """Give the part as HTML; nothing with fewer than two values."""
        if len(self.values) < 2:
            return ""
        top = max([*self.values, 1])
        columns = "".join(f'<i style="height:{max(2.0, 100 * value / top):.0f}%"></i>' for value in self.values)
        said = escape(f"{self.title}: {self.first} – {self.last}, {self.peak}")
        return (
            f'{_title(self.title)}<div class="gm-trend" role="img" aria-label="{said}">{columns}</div>'
            f'<p class="gm-ends" aria-hidden="true"><span>{escape(self.first)}</span><b>{escape(self.peak)}</b>'
            f"<span>{escape(self.last)}</span></p>"
        )


Part = Rows | Tiles | Dots | Ticks | Trend


def card(title: str, code: str, parts: Iterable[Part], *, region: str) -> None:
    """Draw the card of one thing: its name, what and which it is, and its parts. region: what screen readers call the card."""
    body = "".join(part.html() for part in parts)
    head = f'<h2>{escape(title)}</h2><p class="gm-code">{escape(code)}</p>'
    st.html(f'<section class="gm-card" tabindex="0" aria-label="{escape(region)}">{head}{body}</section>')


def _title(text: str) -> str:
    return f"<h3>{escape(text)}</h3>" if text else ""
