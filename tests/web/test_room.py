"""What the views of a meeting share."""

import pandas as pd

from gridmap.errors import MergeError
from gridmap.web.meeting import question, room, telling


def test_options_of_one_name_are_told_apart_by_a_number():
    """A choice on a page is known by what it says: two of one name would be one."""
    assert room.apart({"a": "甲案", "b": "乙案", "c": "甲案"}) == {"a": "甲案", "b": "乙案", "c": "甲案 (2)"}


def test_a_bar_without_a_name_is_said_to_have_none():
    labels, values, name = question._bars(pd.DataFrame({"street_code": ["990199001", None, float("nan")], "n": [3, 2, 1]}))
    assert labels == ["990199001", "—", "—"]
    assert (values, name) == ([3, 2, 1], "n")


def test_what_hinders_a_step_is_said_by_the_names_the_map_shows(monkeypatch):
    monkeypatch.setattr(telling.tables, "names", lambda _: {"990199001001": "潮声社区", "990199001002": "听潮社区"})
    locked = MergeError("Grid {grid} is locked; unlock it first.", grid="990199001001004")
    assert telling.hindrance(locked) == "Grid 潮声社区 004 is locked; unlock it first."
    apart = MergeError(
        "The ground chosen lies in {one} and the grid in {two}; a grid stays inside one of them.",
        one="990199001001", two="990199001002",
    )  # fmt: skip
    assert telling.hindrance(apart).startswith("The ground chosen lies in 潮声社区 and the grid in 听潮社区")
