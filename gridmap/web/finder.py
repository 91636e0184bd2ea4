"""A place found by its name: type a few characters of a street, a community or a grid and go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from gridmap import codes, terms
from gridmap.web import district, tables

if TYPE_CHECKING:
    from gridmap.web.district import Place


MOST = 3000
"""More names of a level than this are not all sent to the browser: those of the street shown are."""


def find(place: Place) -> None:
    """Draw the box; what is chosen becomes the place. Lists streets and communities, and the grids of the community shown."""
    options = _options(district.db().data_version("divisions"), place.code[: codes.STREET])
    if place.level in {"community", "grid"}:
        grids = district.areas("grid", place.code[: codes.COMMUNITY])
        options = options | dict(zip(grids["code"], grids["name_zh"].fillna(grids["code"]), strict=True))

    def go() -> None:
        wanted = st.session_state["find"]
        st.session_state["find"] = None
        if wanted:
            district.go(wanted)

    st.selectbox(
        terms.say("Find a place"), list(options), index=None, format_func=options.__getitem__, key="find", on_change=go,
        placeholder=terms.say("Find a place"), label_visibility="collapsed", width=168, icon=":material/search:",
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=64)
def _options(data_version: str, street: str) -> dict[str, str]:  # noqa: ARG001  the key
    found: dict[str, str] = {}
    for level in ("street", "community"):
        frame = district.areas(level)
        if len(frame) > MOST:
            frame = frame[frame["code"].str.startswith(street)] if len(street) == codes.STREET else frame.iloc[:0]
        called = tables.names(level)
        found |= {code: called[code] for code in frame["code"]}
    return found
