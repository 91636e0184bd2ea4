"""What the page has drawn in this run, noted as it is drawn, so that a report says what is on the screen and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.maps.district import DistrictMap, Repaint
    from gridmap.web.figures import Figure

_KEY = "gridmap_recorded"


@dataclass
class Screen:
    """One page as it stands: its title, its place, its period, its figures, its tables and maps by the key of the widget."""

    page: str = ""
    place: str = ""
    scope: str = ""
    heading: str = ""
    figures: dict[str, Figure] = field(default_factory=dict)
    tables: dict[str, tuple[str, pd.DataFrame]] = field(default_factory=dict)
    maps: dict[str, tuple[DistrictMap, Repaint]] = field(default_factory=dict)


def begin(page: str) -> None:
    """Begin a page with nothing on it; called once a run, not for its fragments."""
    st.session_state[_KEY] = Screen(page)


def screen() -> Screen:
    """Give what has been drawn so far."""
    return cast("Screen", st.session_state.setdefault(_KEY, Screen()))
