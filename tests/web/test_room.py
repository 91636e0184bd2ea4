"""What the views of a meeting share."""

from gridmap.web.meeting import room


def test_options_of_one_name_are_told_apart_by_a_number():
    """A choice on a page is known by what it says: two of one name would be one."""
    assert room.apart({"a": "甲案", "b": "乙案", "c": "甲案"}) == {"a": "甲案", "b": "乙案", "c": "甲案 (2)"}
