"""What a page says when there is nothing, when it waits, and when something went wrong."""

from __future__ import annotations

import html
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import errors, terms

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKDOWN = frozenset("\\`*_{}[]()<>#+-!|~$:&=^")

LOG = logging.getLogger("gridmap.web")


@contextmanager
def catching() -> Iterator[None]:
    """Turn an error raised inside into one sentence on the page; what nobody foresaw goes to the log with its trace."""
    try:
        yield
    except errors.GridmapError as error:
        st.error(literal(error.sentence()), icon=":material/error:")
    except Exception as error:
        LOG.exception("A page failed.")
        unforeseen = terms.key(
            "This part of the page failed. What happened is in the server's log; please tell the administrator."
        )
        known = errors.NO_ROOM if errors.is_out_of_room(error) else errors.DAMAGED if errors.is_damaged(error) else unforeseen
        st.error(terms.say(known), icon=":material/error:")


def literal(text: str) -> str:
    """Give a text that came with data so that no Markdown in it takes effect, for places that Streamlit reads as Markdown."""
    return "".join(f"\\{letter}" if letter in _MARKDOWN else letter for letter in " ".join(text.split()))


def empty(title: str, hint: str = "") -> None:
    """Say that there is nothing to show and what to do about it. Both texts are in the reader's language already."""
    hint_html = f"<p>{html.escape(hint)}</p>" if hint else ""
    st.html(f'<div class="gm-empty" role="status"><strong>{html.escape(title)}</strong>{hint_html}</div>')


def signed_out() -> None:
    """Say that the session has ended, and where to sign in again."""
    st.html(
        f'<div class="gm-empty" role="status"><strong>{terms.say("Your session has ended; sign in again.")}</strong>'
        f'<p><a href="/login" target="_self">{terms.say("Sign in")}</a></p></div>'
    )


def unset() -> str:
    """Give the words for a figure that the rules leave blank."""
    return terms.say("not set")
