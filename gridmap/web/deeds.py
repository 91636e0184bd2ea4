"""What a button does to the district's record: done before the page is drawn anew, so that nothing pressed next can undo it.

Streamlit drops a run in which a button's answer was still to come when another button is pressed. A callback is called before
any of that, at the moment of the press.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import terms
from gridmap.errors import GridmapError
from gridmap.web import messages, session

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger("gridmap.web")
_HINDERED = "gridmap_hindered"


def deed(work: Callable[[], object], part: str = "") -> Callable[[], None]:
    """Make the callback of a button. What hinders the work is said by ``hindered`` of that part, and what was typed stays."""

    def done() -> None:
        session.begin()  # what is called before a run has no language yet
        try:
            work()
        except GridmapError as error:
            st.session_state[f"{_HINDERED}-{part}"] = error.sentence()
        except Exception:
            LOG.exception("A button failed.")
            st.session_state[f"{_HINDERED}-{part}"] = terms.say(
                "This part of the page failed. What happened is in the server's log; please tell the administrator."
            )

    return done


def hindered(part: str = "") -> None:
    """Say, once, what hindered the last deed of this part of the page."""
    if said := st.session_state.pop(f"{_HINDERED}-{part}", None):
        st.error(messages.literal(said), icon=":material/error:")
