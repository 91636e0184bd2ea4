"""The bar of long work: how far it is, and a Stop that is heard whatever the page does as it is clicked."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from gridmap import terms
from gridmap.web import jobs

PAGE = """
import streamlit as st

from gridmap.web import progress, session


def anew():
    return st.session_state.pop("anew", False)


session.begin()
progress.bar("work", done=lambda job: f"done: {job.result}", until=anew)
"""


@pytest.fixture
def work():
    """Work that waits until it is let go on, reports once more and is done."""
    goes_on = threading.Event()

    def waiting(report):
        report(terms.key("Starting"), 0.25)
        goes_on.wait(30)
        report(terms.key("Starting"), 0.75)
        return "all of it"

    job = jobs.registry().start("work", waiting)
    job.goes_on = goes_on
    yield job
    goes_on.set()
    job.wait(30)
    jobs.registry().forget("work")


def page():
    app = AppTest.from_string(PAGE, default_timeout=30)
    app.query_params["lang"] = "en"
    return app.run()


@pytest.mark.parametrize("anew", [False, True])
def test_stop_is_heard_even_where_the_page_is_drawn_anew_as_it_is_clicked(work, anew):
    open_page = page()
    open_page.session_state["anew"] = anew
    open_page.button(key="stop-work").click().run()
    assert work.stopping
    assert open_page.button(key="stop-work").disabled
    work.goes_on.set()
    assert work.wait(30)
    assert (work.state, work.result) == ("stopped", None)
    open_page.run()
    assert [info.value for info in open_page.info] == ["Stopped. Nothing was changed."]
    open_page.button(key="dismiss-work").click().run()
    assert not open_page.info
    assert jobs.registry().latest("work") is None


def test_work_that_nobody_stops_says_what_came_of_it(work):
    open_page = page()
    work.goes_on.set()
    assert work.wait(30)
    open_page.run()
    assert [said.value for said in open_page.success] == ["done: all of it"]
