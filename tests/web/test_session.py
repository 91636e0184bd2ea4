"""The reader's language and place follow from page to page, and the address is the truth on the page that is open."""

from streamlit.testing.v1 import AppTest

FRAME = """
import streamlit as st

from gridmap import terms
from gridmap.web import session

session.begin()
session.arrive(st.session_state.get("open", "one_map"))
st.text(terms.language())
st.text(session.get("at"))
if st.button("go"):
    session.put(at="990199001")
if st.button("up"):
    session.put(at=None)
"""


def run(**parameters):
    app = AppTest.from_string(FRAME, default_timeout=20)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def test_the_address_decides_the_language():
    assert run(lang="en").text[0].value == "en"
    assert run(lang="zh").text[0].value == "zh"


def test_a_place_goes_into_the_address():
    app = run(lang="en")
    app.button[0].click().run()
    assert app.query_params["at"] == "990199001"
    app.button[1].click().run()
    assert "at" not in app.query_params


def test_another_page_opens_at_the_same_place_in_the_same_language():
    app = run(lang="en")
    app.button[0].click().run()
    app.query_params.clear()
    app.session_state["open"] = "incidents"
    app.run()
    assert [text.value for text in app.text] == ["en", "990199001"]
    assert app.query_params["at"] == "990199001"


def test_going_back_to_an_address_without_a_place_stays_there():
    app = run(lang="en")
    app.button[0].click().run()
    del app.query_params["at"]
    app.run()
    assert app.text[1].value == "None"
