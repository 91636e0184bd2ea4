"""What a report says, whatever file it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Figure:
    """One figure: its name, its value as text, a note (such as n) and what it means, all in the reader's language."""

    label: str
    value: str
    note: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """One table for people: its title and a frame with columns in the reader's language."""

    title: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class Section:
    """One part of a brief under a heading of its own: paragraphs, then pictures (PNG), then tables."""

    title: str
    paragraphs: Sequence[str] = ()
    pictures: Sequence[bytes] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Brief:
    """A report.

    organ: who issues it, the red line of a brief. title, scope (place and period). made_at: UTC+8. mark: words that must
    stand on every page, such as demo data. figures: the main ones. sections: what follows them. notes: how it was counted.
    """

    organ: str
    title: str
    made_at: datetime
    scope: str = ""
    mark: str = ""
    figures: Sequence[Figure] = ()
    sections: Sequence[Section] = field(default=())
    notes: Sequence[str] = ()


def absent(value: Any) -> bool:  # noqa: ANN401 - whatever a frame holds
    """Say whether a value of a table is missing, in any of pandas' ways."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
