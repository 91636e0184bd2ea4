"""Choices that the address keeps: codes in a query parameter, so that what is on the screen can be bookmarked and sent.

The address is the truth (gridmap.web.session); a widget's own state would hold labels of one language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from gridmap.web import session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def several(name: str, label: str, options: Mapping[str, str], *, usual: Sequence[str] = (), part: str = "") -> tuple[str, ...]:
    """Draw pills of which any number can be on; options: code -> text. Gives the codes that are on, in the options' order.

    name: the query parameter, which several groups of pills may share; part: tells the groups apart.
    """
    key = f"kept-{name}-{part}"
    on = chosen(name, usual)
    st.session_state[key] = [code for code in options if code in on]

    def keep() -> None:
        now = chosen(name, usual)
        others = [code for code in now if code not in options]
        wanted = [*others, *(code for code in options if code in st.session_state[key])]
        session.put(**{name: None if set(wanted) == set(usual) else ".".join(wanted)})

    st.pills(label, list(options), selection_mode="multi", format_func=options.__getitem__, key=key, on_change=keep)
    return tuple(code for code in options if code in on)


def one(name: str, label: str, options: Mapping[str, str], *, usual: str, hidden: bool = False) -> str:
    """Draw a choice of one; options: code -> text. Gives the code that the address names, else the usual one."""
    key = f"kept-{name}"
    given = session.get(name)
    now = given if given is not None and given in options else usual
    st.session_state[key] = now

    def keep() -> None:
        wanted = st.session_state[key]
        session.put(**{name: None if wanted == usual else wanted})

    st.segmented_control(
        label, list(options), format_func=options.__getitem__, required=True, key=key, on_change=keep,
        label_visibility="collapsed" if hidden else "visible",
    )  # fmt: skip
    return now


def chosen(name: str, usual: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the codes the address names under a parameter, or the usual ones where it says nothing."""
    given = session.get(name)
    return tuple(usual) if given is None else tuple(part for part in given.split(".") if part)
