"""Every action of every role at the one guard of the pages: done as declared, refused as declared, and a trace of both."""

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from gridmap import access, terms
from gridmap.errors import Forbidden
from gridmap.web import guard, visitor

STREET, INSIDE, OUTSIDE = "990199001", "990199001002", "990199002001"


@pytest.fixture
def book(tmp_path):
    found = access.open_book(tmp_path)
    yield found
    found.close()


@pytest.fixture
def acts_as(book, monkeypatch):
    """``acts_as(actor)``: the page is looked at by them."""
    monkeypatch.setattr(visitor, "book", lambda: book)
    monkeypatch.setattr(guard, "address", lambda: "127.0.0.1")

    def now(actor):
        monkeypatch.setattr(guard, "actor", lambda: actor)

    return now


def told(book):
    """The log, oldest first: action and how it went."""
    return [(row.action, row.detail.partition(" ")[0]) for row in book.actions().sort_values("seq").itertuples()]


@pytest.mark.parametrize("role", access.ROLES)
def test_every_action_is_done_or_refused_as_declared_and_leaves_a_trace(acts_as, book, role):
    expected = []
    for action, right in access.rights().items():
        for actor, code, allowed in (
            (access.Actor("whole", role), None, bool(right.reach[role])),
            (access.Actor("whole", role), OUTSIDE, bool(right.reach[role])),
            (access.Actor("part", role, STREET), None, right.reach[role] == "own"),
            (access.Actor("part", role, STREET), INSIDE, right.reach[role] == "own"),
            (access.Actor("part", role, STREET), OUTSIDE, False),
        ):
            acts_as(actor)
            deeds = []
            if allowed:
                with guard.acting(action, "thing", code=code) as who:
                    deeds.append(who)
                assert guard.require(action, code) == actor
            else:
                with pytest.raises(Forbidden), guard.acting(action, "thing", code=code):
                    deeds.append("never")
                with pytest.raises(Forbidden):
                    guard.require(action, code)
            assert deeds == ([actor] if allowed else [])
            assert guard.may(action, code) == allowed
            expected += [(action, "begun"), (action, "done")] if allowed else [(action, "refused")]
    assert told(book) == expected
    assert book.broken() is None


def test_what_fails_is_told_as_not_done_and_leaving_the_page_as_done(acts_as, book):
    acts_as(access.DEMO)
    with pytest.raises(ValueError, match="no"), guard.acting("merge", "layers"):
        raise ValueError("no")
    for onward in (RerunException(RerunData()), StopException()):
        with pytest.raises(type(onward)), guard.acting("publish", "version 1"):
            raise onward
    assert [how for _, how in told(book)] == ["begun", "not", "begun", "done", "begun", "done"]


@pytest.fixture
def buttons(monkeypatch):
    """What is given to Streamlit's own button."""
    found = []
    monkeypatch.setattr(st, "download_button", lambda label, data, **look: found.append((label, data, look)))
    return found


def test_a_file_is_handed_out_in_the_readers_language_and_written_down_each_time(acts_as, book, buttons):
    acts_as(access.Actor("liu", "leader"))
    terms.use("zh")
    guard.download("带走", lambda: terms.say("Incidents").encode(), file_name="list.csv", key="x")
    guard.download("ready", b"made before", file_name="ready.docx", icon=None)
    terms.use("en")
    (label, make, look), (_, ready, _) = buttons
    assert (label, look["file_name"], look["key"], look["on_click"]) == ("带走", "list.csv", "x", "ignore")
    assert make().decode() == terms.say("Incidents", language="zh")
    make()
    assert ready() == b"made before"
    assert told(book) == [("export", "begun"), ("export", "done")] * 3
    assert set(book.actions()["object"]) == {"list.csv", "ready.docx"}
    terms.use("en")


def test_nobody_without_the_right_is_shown_a_file_to_take(acts_as, buttons):
    acts_as(access.Actor("x", "guest"))
    guard.download("label", b"", file_name="list.csv")
    assert buttons == []


def test_a_file_that_cannot_be_made_leaves_that_in_the_log(acts_as, book, buttons):
    acts_as(access.DEMO)
    guard.download("label", lambda: 1 / 0, file_name="list.csv")
    with pytest.raises(ZeroDivisionError):
        buttons[0][1]()
    assert told(book) == [("export", "begun"), ("export", "not")]
