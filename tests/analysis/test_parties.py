"""The six parties are counted one by one, and a grid whose organisation has no secretary is told from one without any."""

import pandas as pd
import pytest

from gridmap import analysis, kpi

COMMUNITY = "990199001001"


@pytest.fixture
def organised(published):
    staff = pd.DataFrame({"staff_id": ["s"], "name_masked": ["张*"], "community_code": [COMMUNITY]})
    published.load("staff", staff, batch="staff")
    orgs = pd.DataFrame(
        {
            "party_org_id": ["a", "b", "c"],
            "org_kind": ["general_branch", "party_branch", "party_group"],
            "community_code": COMMUNITY,
            "grid_code": [None, f"{COMMUNITY}001", f"{COMMUNITY}002"],
            "secretary_staff_id": ["s", "s", None],
        }
    )
    published.load("party_orgs", orgs, batch="orgs")
    compounds = pd.DataFrame(
        {"compound_id": ["k1", "k2"], "community_code": COMMUNITY, "has_property_mgmt": True, "name_zh": ["甲", "乙"]}
    )
    published.load("compounds", compounds, batch="compounds")
    committee = pd.DataFrame({"committee_id": ["w"], "compound_id": ["k1"], "kind": ["owners_committee"], "members": [5]})
    published.load("owners_committees", committee, batch="committees")
    with published.write() as cursor:
        cursor.execute("UPDATE communities SET party_secretary_staff_id = 's', committee_director_staff_id = 's' "
                       "WHERE community_code = ?", [COMMUNITY])  # fmt: skip
    return published


def test_each_of_the_six_is_there_or_not(organised):
    found = analysis.parties(organised, "990199")
    here = found.loc[COMMUNITY]
    assert {name: bool(here[name]) for name in analysis.PARTIES} == {
        "party": True, "committee": True, "owners": True, "property": False, "leaders": False, "station": False
    }  # fmt: skip
    assert here["present"] == 3
    assert (here["managed"], here["formed"]) == (2, 1)
    assert bool(here["two_posts"])
    assert found["present"].tolist() == [3, 0, 0, 0]


def test_six_parties_agree_with_the_indicator(organised):
    row = kpi.run(organised, "R11").iloc[0]
    assert analysis.parties(organised, "990199")["present"].sum() == row["part"]


def test_a_grid_without_secretary_is_told_from_one_without_organisation(organised):
    found = analysis.stands(organised, COMMUNITY)
    assert found.to_dict() == {f"{COMMUNITY}001": 0, f"{COMMUNITY}002": 1}
    assert analysis.stands(organised, "990199002").tolist() == [2, 2, 2, 2]
