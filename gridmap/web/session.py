"""One reader's visit: the language spoken, and what the address remembers.

An address can be bookmarked and sent, so whatever decides what a page shows (place, period, chosen case) is a query
parameter. On one page the address is the truth, so that the browser's way back works; Streamlit drops the parameters
when another page is opened, so the session carries over those that every page understands.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import streamlit as st

from gridmap import terms

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

LANGUAGE = "lang"
CARRIED = (LANGUAGE, "at", "days", "version", "show")
"""Query parameters that go along from page to page: language, place, period, version of the grids, layers of the map."""

_KEPT = "gridmap_carried"
_PAGE = "gridmap_page"


def begin() -> str:
    """Speak the reader's language in this run: the address, else the choice made before, else the browser's.

    Has to be called first in every run, because each run has a thread of its own.
    """
    chosen = get(LANGUAGE) or _kept().get(LANGUAGE) or st.context.locale
    language = terms.nearest(chosen)
    terms.use(language)
    return language


def arrive(page: str) -> None:
    """Note which page is open, and put back into its address what the reader brought from the page before."""
    kept = _kept()
    if st.session_state.get(_PAGE, page) != page:
        for name in CARRIED:
            if name in kept and name not in st.query_params:
                st.query_params[name] = kept[name]
    st.session_state[_PAGE] = page
    for name in CARRIED:
        if name in st.query_params:
            kept[name] = st.query_params[name]
        elif name != LANGUAGE:
            kept.pop(name, None)


def get(name: str) -> str | None:
    """Give a query parameter of the address, or None."""
    return st.query_params.get(name)


def put(**values: str | None) -> None:
    """Write query parameters into the address; None takes one out. The page is drawn with them at its next run."""
    kept = _kept()
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
            kept.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value
            if name in CARRIED:
                kept[name] = value


def speak(language: str) -> None:
    """Change the language from the next run on."""
    put(**{LANGUAGE: language})


def fragment(*, run_every: float | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a part of a page that runs by itself, in the reader's language.

    run_every: seconds between runs; None runs on its own widgets only.
    """

    def decorate(part: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(part)
        def spoken(*args: P.args, **kwargs: P.kwargs) -> R:
            begin()
            return part(*args, **kwargs)

        return cast("Callable[P, R]", st.fragment(spoken, run_every=run_every))

    return decorate


def dialog(title: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a dialog, which like a fragment runs by itself, in the reader's language. title: in that language already."""

    def decorate(part: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(part)
        def spoken(*args: P.args, **kwargs: P.kwargs) -> R:
            begin()
            return part(*args, **kwargs)

        return cast("Callable[P, R]", st.dialog(title)(spoken))

    return decorate


def _kept() -> dict[str, str]:
    return cast("dict[str, str]", st.session_state.setdefault(_KEPT, {}))
