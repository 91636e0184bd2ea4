"""A small district with people on its grids, and the hands that work on its cases."""

from types import SimpleNamespace

import pandas as pd
import pytest

from gridmap.cases.hands import Hand
from tests.store.conftest import copy_of
from tests.store.conftest import templates as _templates

templates = _templates

COMMUNITY, STREET, DISTRICT = "990199001001", "990199001", "990199"
HANDS = SimpleNamespace(
    finder=Hand("张巡查", "worker", COMMUNITY, staff="S1"),
    worker=Hand("李处置", "worker", COMMUNITY, staff="S2"),
    community=Hand("社区受理台", "desk", COMMUNITY, "community"),
    street=Hand("街道受理台", "desk", STREET, "street"),
    district=Hand("区受理台", "desk", DISTRICT, "district"),
    chengguan=Hand("城管执法", "department", DISTRICT, dept="chengguan"),
    gongan=Hand("公安", "department", DISTRICT, dept="gongan"),
    supervisor=Hand("督查员", "supervisor", DISTRICT, "district"),
    leader=Hand("区领导", "leader", DISTRICT, "district"),
    hotline=Hand("12345", "system", DISTRICT),
)


@pytest.fixture
def hands():
    return HANDS


@pytest.fixture
def db(templates, tmp_path):
    """The four communities with two grids each, and three people on the first grid."""
    for opened in copy_of(templates, "published", tmp_path):
        people = [{"staff_id": f"S{n}", "name_masked": f"{n}*", "staff_kind": "community_worker"} for n in (1, 2, 3)]
        opened.load("staff", pd.DataFrame(people), batch="staff")
        posts = [("S3", "grid_head"), ("S1", "full_time"), ("S2", "part_time")]
        rows = [
            {"assignment_id": f"A{n}", "grid_code": f"{COMMUNITY}001", "staff_id": who, "post": post}
            for n, (who, post) in enumerate(posts)
        ]
        opened.load("grid_assignments", pd.DataFrame(rows), batch="posts")
        yield opened
