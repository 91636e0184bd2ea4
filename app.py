"""The dashboard: its ASGI app, and the frame around every page.

The file is met in two roles. The server imports it (``uvicorn app:app``, ``streamlit run app.py``, ``gridmap serve``) and
takes ``app``; then Streamlit runs it as a script, named ``__main__``, for every view of a page.
"""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit.runtime.pages_manager import PagesManager

from gridmap import api, terms
from gridmap.api import telling
from gridmap.store import served
from gridmap.web import (
    chrome,
    district,
    doors,
    gate,
    guard,
    headers,
    messages,
    ready,
    recorded,
    reporting,
    routes,
    session,
    shell,
    standing,
    visitor,
)

PAGES = {
    terms.key("Maps"): (
        ("pages/one_map.py", terms.key("One map"), "look"),
        ("pages/cockpit.py", terms.key("Cockpit"), "look"),
        ("pages/incidents.py", terms.key("Incidents"), "look"),
        ("pages/indicators.py", terms.key("Indicators"), "look"),
        ("pages/centres.py", terms.key("Service centres"), "look"),
        ("pages/party.py", terms.key("Party on the grid"), "look"),
    ),
    terms.key("Meetings"): (("pages/meeting.py", terms.key("Meeting"), "meet"),),
    terms.key("Grids"): (
        ("pages/upload.py", terms.key("Upload"), "upload"),
        ("pages/merge.py", terms.key("Merge"), "merge"),
    ),
    terms.key("Work"): (
        ("pages/report.py", terms.key("Report a case"), "case_report"),
        ("pages/my_grid.py", terms.key("My grid today"), "case_handle"),
        ("pages/community_desk.py", terms.key("Community desk"), "case_handle"),
        ("pages/department_desk.py", terms.key("Department desk"), "case_handle"),
        ("pages/command.py", terms.key("Command"), "case_coordinate"),
        ("pages/supervision.py", terms.key("Supervision"), "look"),
        ("pages/whistles.py", terms.key("Whistles"), "look"),
        ("pages/mediation.py", terms.key("Disputes"), "look"),
        ("pages/duties.py", terms.key("Patrols and duties"), "look"),
        ("pages/registers.py", terms.key("Registers"), "look"),
        ("pages/assessment.py", terms.key("Two-way assessment"), "look"),
        ("pages/rules.py", terms.key("Rules of the speech"), "look"),
        ("pages/work_rules.py", terms.key("Rules of work"), "look"),
    ),
    terms.key("Administration"): (
        ("pages/accounts.py", terms.key("Accounts"), "accounts"),
        ("pages/log.py", terms.key("Log of actions"), "audit"),
    ),
}
"""The navigation's sections: file and title of every page and the right that opens it; the first page is the one that opens.

Sections in this order: Maps, Meetings, Grids, Work, Administration."""


def page() -> None:
    """Draw one view: language first, then navigation and the frame, then the page itself."""
    session.begin()
    if guard.visit() is None:
        chrome.frame()
        messages.signed_out()
        return
    shown = st.navigation(chrome.entries(PAGES), position="top")
    session.arrive(shown.url_path)
    chrome.frame()
    recorded.begin(shown.title)
    with messages.catching():
        room = chrome.tools()
        shown.run()
        with room:
            reporting.menu()


if __name__ == "__main__":
    page()
else:
    # Until st.navigation has run once, Streamlit takes the folder "pages" for a menu of its own and would open a file of it,
    # without this frame and any login, to whoever asks for it by its address.
    PagesManager.uses_pages_directory = False
    own = [*doors.routes(), *routes.routes(district.shapes), Mount("/api", api.application(district.opened))]
    app = st.App(
        __file__,
        routes=own,
        middleware=[
            Middleware(headers.Guarded),
            Middleware(gate.Gate, routes=own),
            Middleware(standing.Standing),
            Middleware(shell.Shell, routes=own),
        ],
        lifespan=lambda _app: ready.serving(
            telling.running(district.running), served.answering(visitor.folder(), district.running)
        ),
    )
