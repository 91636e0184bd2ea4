"""Posts on a page: who is chosen is who works, also where two people's masked names read the same."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from gridmap import settings
from gridmap.web import catalogue
from tests.cases.conftest import COMMUNITY
from tests.web.test_registers_page import db as _db
from tests.web.test_registers_page import templates as _templates

db, templates = _db, _templates


@pytest.fixture
def alike(db):
    people = [{"staff_id": f"S{n}", "name_masked": "何**", "staff_kind": "community_worker"} for n in (1, 2)]
    db.load("staff", pd.DataFrame(people), batch="staff")
    rows = [
        {"assignment_id": f"A{n}", "grid_code": f"{COMMUNITY}001", "staff_id": f"S{n}", "post": "full_time"} for n in (1, 2)
    ]
    db.load("grid_assignments", pd.DataFrame(rows), batch="posts")
    return db


def test_of_two_workers_whose_names_read_the_same_the_chosen_one_works(alike):
    page = AppTest.from_file(str(settings.HOME / "pages" / "my_grid.py"), default_timeout=120)
    page.run()
    for staff in ("S1", "S2", "S1"):
        page.selectbox(key="post-worker").select(f"worker-{COMMUNITY}@{staff}").run()
        page.run()
        assert not page.exception
        assert page.selectbox(key="post-worker").value == f"worker-{COMMUNITY}@{staff}"
        assert page.query_params["post"] == f"worker-{COMMUNITY}@{staff}"


def test_names_to_choose_from_are_each_different():
    named = {"a": "何**", "b": "何**", "c": "李*"}
    assert catalogue.distinct(named) == {"a": "何** · a", "b": "何** · b", "c": "李*"}
