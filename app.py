"""The dashboard: its ASGI app, and the frame around every page.

The file is met in two roles. The server imports it (``uvicorn app:app``, ``streamlit run app.py``, ``gridmap serve``) and
takes ``app``; then Streamlit runs it as a script, named ``__main__``, for every view of a page.
"""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from gridmap import terms
from gridmap.web import chrome, district, headers, messages, routes, session

PAGES = (
    ("pages/one_map.py", terms.key("One map")),
    ("pages/cockpit.py", terms.key("Cockpit")),
    ("pages/incidents.py", terms.key("Incidents")),
    ("pages/indicators.py", terms.key("Indicators")),
    ("pages/merge.py", terms.key("Merge")),
)
"""File and title of every page, the first being the one that opens."""


def page() -> None:
    """Draw one view: language first, then navigation and the frame, then the page itself."""
    session.begin()
    shown = st.navigation(chrome.entries(PAGES), position="top")
    session.arrive(shown.url_path)
    chrome.frame()
    with messages.catching():
        chrome.tools()
        shown.run()


if __name__ == "__main__":
    page()
else:
    # Until st.navigation has run once, Streamlit takes the folder "pages" for a menu of its own and would open a file of it,
    # without this frame and any login, to whoever asks for it by its address.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, routes=routes.routes(district.shapes), middleware=[Middleware(headers.Guarded)])
