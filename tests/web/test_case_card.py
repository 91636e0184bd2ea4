"""A case on its desk: the way to what was joined to it and back, and moves made at the press of their button."""

import pytest
from streamlit.testing.v1 import AppTest

from gridmap import cases, settings
from gridmap.web import catalogue, guard
from tests.cases.conftest import COMMUNITY, HANDS
from tests.cases.test_record import WHAT
from tests.web.test_registers_page import db as _db
from tests.web.test_registers_page import templates as _templates

db, templates = _db, _templates


@pytest.fixture
def desk(db, monkeypatch):
    """``desk(case)`` opens a case on its community's desk."""
    monkeypatch.setattr(guard, "address", lambda: "")

    def opened(case):
        page = AppTest.from_file(str(settings.HOME / "pages" / "community_desk.py"), default_timeout=120)
        page.query_params["post"] = f"community-{COMMUNITY}"
        page.query_params["case"] = case
        page.query_params["lang"] = "en"
        return page.run()

    return opened


def test_a_case_leads_to_those_joined_to_it_and_each_of_them_back(db, desk):
    main, second = (cases.report(db, HANDS.hotline, WHAT).id for _ in range(2))
    cases.act(db, HANDS.community, second, "join", {"into": main})
    page = desk(main)
    page.button(key=f"joined-{second}").click().run()
    assert page.query_params["case"] == second
    page.button(key=f"joined-{main}").click().run()
    assert page.query_params["case"] == main
    assert not page.exception


def test_a_track_that_left_the_district_is_told_with_the_time_outside(db):
    assert catalogue.where(float("nan")) == catalogue.where(None) == "outside every grid"
    assert catalogue.where(f"{COMMUNITY}001") == "演示街道1 演示社区001001 grid 001"


def test_a_move_is_made_before_the_page_is_drawn_and_a_refusal_leaves_what_was_typed(db, desk):
    case = cases.report(db, HANDS.hotline, WHAT)
    page = desk(case.id)
    page.button_group(key=f"move-{case.id}-1").set_value("void").run()
    send = f"FormSubmitter:form-{case.id}-1-void-"
    label = next(button for button in page.button if button.key and button.key.startswith(send))
    label.click().run()
    assert cases.find(db, case.id).status == "new"
    assert page.error
    page.text_area(key=f"form-{case.id}-1-void-reason").input("不属于本区")
    next(button for button in page.button if button.key and button.key.startswith(send)).click().run()
    assert (cases.find(db, case.id).status, cases.history(db, case.id)[-1].data["reason"]) == ("void", "不属于本区")
    assert not page.error
