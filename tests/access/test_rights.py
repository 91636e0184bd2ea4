"""The declared rights are what the program does, and there is no page without one."""

import csv

import pytest

import app
from gridmap import access, settings, terms
from gridmap.errors import Forbidden

STREET, COMMUNITY = "990199001", "990199001002"


def test_the_table_of_rights_knows_every_role_and_only_the_reaches_there_are():
    with (settings.REFERENCE / "rights.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {"action", "name_zh", "name_en", *access.ROLES}
    for row in rows:
        assert row["name_zh"], row
        assert row["name_en"], row
        assert {row[role] for role in access.ROLES} <= {"own", "whole", ""}, row


def test_every_page_is_opened_by_a_declared_right_and_every_file_is_a_page():
    pages = [page for section in app.PAGES.values() for page in section]
    assert {page[2] for page in pages} <= set(access.rights())
    assert sorted(page[0] for page in pages) == sorted(f"pages/{p.name}" for p in (settings.HOME / "pages").glob("*.py"))


@pytest.mark.parametrize("role", access.ROLES)
@pytest.mark.parametrize("action", access.rights())
def test_a_right_reaches_as_far_as_it_is_declared(role, action):
    reach = access.rights()[action].reach[role]
    leader, secretary = access.Actor("a", role), access.Actor("b", role, COMMUNITY)
    assert access.may(leader, action) == bool(reach)
    assert access.may(leader, action, STREET) == bool(reach)
    assert access.may(secretary, action) == (reach == "own")
    assert access.may(secretary, action, COMMUNITY + "001") == (reach == "own")
    assert not access.may(secretary, action, STREET)
    assert not access.may(secretary, action, "990199001001")


def test_an_unknown_role_may_do_nothing_and_an_unknown_action_is_an_error():
    stranger = access.Actor("x", "guest")
    assert not any(access.may(stranger, action) for action in access.rights())
    with pytest.raises(KeyError):
        access.may(access.DEMO, "fly")


def test_a_refusal_says_what_is_missing_in_both_languages():
    auditor = access.Actor("a", "auditor", STREET)
    with pytest.raises(Forbidden) as refused:
        access.require(auditor, "merge")
    assert "merge grids" in refused.value.sentence("en")
    with pytest.raises(Forbidden, match="990199002"):
        access.require(auditor, "look", "990199002")
    terms.use("zh")
    with pytest.raises(Forbidden, match="融合网格"):
        access.require(auditor, "merge")
    terms.use("en")
