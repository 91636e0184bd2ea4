"""What should worry a leader: only what is open, only what came back often enough, only what nobody has set."""

import pandas as pd

from gridmap import analysis, terms
from tests.store.conftest import incident

NOW = pd.Timestamp("2026-01-31 12:00").to_pydatetime()


def blow(db, answers):
    whistles = {
        "whistle_id": ["w1", "w2", "w3"],
        "community_code": "990199001001",
        "blown_at": pd.Timestamp("2026-01-31 09:00"),
    }
    db.load("whistles", pd.DataFrame(whistles), batch="w")
    rows = [
        {"whistle_id": whistle, "dept_id": db.cursor().execute("SELECT min(dept_id) FROM departments").fetchone()[0], **times}
        for whistle, times in answers.items()
    ]
    db.load("whistle_responses", pd.DataFrame(rows), batch="r")


def test_an_open_whistle_is_late_only_past_a_limit_that_was_set(published):
    blow(
        published,
        {
            "w1": {"required_by": pd.Timestamp("2026-01-31 10:00"), "reported_at": None},
            "w2": {"required_by": None, "reported_at": None},
            "w3": {"required_by": pd.Timestamp("2026-01-31 10:00"), "reported_at": pd.Timestamp("2026-01-31 09:30")},
        },
    )
    found = analysis.open_whistles(published, NOW).set_index("whistle_id")
    assert found["late"].to_dict() == {"w1": True, "w2": False}


def test_a_repeat_is_three_of_a_kind_in_one_grid_within_thirty_days(published):
    days = 24 * 60
    rows = [
        *(incident(n, 0, 0, matter_code="06010") for n in (5 * days, 6 * days, 7 * days)),  # three: listed
        *(incident(n, 1, 0, matter_code="06010") for n in (5 * days + 1, 6 * days + 1)),  # two
        *(incident(n, 0, 1, matter_code="06010") for n in (1, 6 * days + 2, 7 * days + 2)),  # one of three is too old
        *(
            incident(n, 1, 1, matter_code=m)
            for n, m in ((5 * days + 3, "06010"), (6 * days + 3, "06012"), (7 * days + 3, "06013"))
        ),
    ]
    published.load("incidents", pd.DataFrame(rows), batch="i")
    found = analysis.repeats(published, NOW)
    assert found[["grid_code", "n"]].to_numpy().tolist() == [["990199001001001", 3]]
    assert analysis.repeats(published, NOW, times=2)["n"].tolist() == [3, 2, 2]


def test_a_figure_left_blank_is_named_until_it_is_set(published):
    before = terms.language()
    terms.use("zh")
    try:
        assert "吹哨报到时限" in analysis.blanks(published)
        with published.write() as cursor:
            cursor.execute("UPDATE settings SET value = '30' WHERE key = 'whistle_limit_minutes'")
        assert "吹哨报到时限" not in analysis.blanks(published)
    finally:
        terms.use(before)
