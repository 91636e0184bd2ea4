"""What meetings leave behind is there afterwards, the newest decision on a place stands, and what is incomplete is refused."""

from datetime import date

import pytest

from gridmap.errors import StoreError
from gridmap.store import meetings
from tests.store.conftest import plan


def test_a_meeting_its_decisions_and_its_open_questions_are_kept(published):
    held = published.hold_meeting(" 联席会议 ", date(2026, 3, 2), place="街道办", by="liu")
    other = published.hold_meeting("又一次", date(2026, 3, 1))
    assert published.meetings()["title"].tolist() == ["联席会议", "又一次"]
    published.decide("d1", "put_off", subject="甲乙之间", decided_by="王主任", meeting=other)
    number = published.decide("d1", "alternative", subject="甲乙之间", decided_by="王主任", alternative="沿河", meeting=held)
    published.decide("d2", "accepted", subject="丙丁之间", decided_by="王主任", votes=(5, 1, 0), meeting=held)
    stand = published.decisions().set_index("dispute")
    assert stand.loc["d1", ["decision_id", "verdict", "alternative"]].tolist() == [number, "alternative", "沿河"]
    assert stand.loc["d2", "alternative"] is None
    assert published.decisions(meeting=other)["verdict"].tolist() == ["put_off"]
    first = published.ask_later("谁来管？", meeting=held, answerer="城管", due=date(2026, 4, 1), by="liu")
    assert published.ask_later("何时？") == first + 1
    assert published.open_questions()["question"].tolist() == ["谁来管？", "何时？"]
    assert published.open_questions(meeting=held)["answerer"].tolist() == ["城管"]


def test_a_question_is_shared_under_a_name_and_its_last_form_counts(db):
    db.save_question("昨日", "SELECT 1", by="liu")
    db.save_question("昨日", "SELECT 2", by="chen")
    db.save_question("今日", "SELECT 3")
    shared = db.saved_questions().set_index("name")
    assert shared.loc["昨日", ["sql", "saved_by"]].tolist() == ["SELECT 2", "chen"]
    assert len(shared) == 2


@pytest.mark.parametrize("act", [
    lambda db: db.hold_meeting(" ", date(2026, 3, 1)),
    lambda db: db.decide("d", "maybe", subject="s", decided_by="w"),
    lambda db: db.decide("d", "accepted", subject="s", decided_by=" "),
    lambda db: db.decide("d", "alternative", subject="s", decided_by="w"),
    lambda db: db.ask_later(" "),
    lambda db: db.save_question("name", " "),
    lambda db: db.make_draft(" ", 1),
])  # fmt: skip
def test_what_is_incomplete_is_refused_and_nothing_is_kept(db, act):
    with pytest.raises(StoreError):
        act(db)
    for table in ("meetings", "decisions", "open_questions", "saved_questions", "plan_drafts"):
        assert db.cursor().execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_the_way_of_a_version_is_kept_step_by_step(published):
    version = published.version_now()
    for step in meetings.STEPS:
        published.step_version(version, step, office="街道办", who="王主任")
    assert published.version_steps(version)["step"].tolist() == list(meetings.STEPS)
    assert set(published.merge_map(version)) >= {"layer_key", "dgrid_id", "grid_code"}
    assert published.layer_sources() == {}


def test_a_write_inside_a_write_is_refused_and_rows_can_be_written_many_at_once(db):
    with db.write() as cursor:
        cursor.executemany("INSERT INTO settings (key, value) VALUES (?, ?)", [["a", "1"], ["b", "2"]])
        with pytest.raises(StoreError), db.write():
            pass
    assert db.cursor().execute("SELECT count(*) FROM settings WHERE key IN ('a', 'b')").fetchone() == (2,)
    assert db.edited("no draft") == []
    with pytest.raises(StoreError):
        db.atoms("no set")


def test_a_version_that_no_meeting_leads_is_filed_once_and_only_after_it_was_in_force(published):
    version, waiting = published.version_now(), published.draft(plan(cuts=(0.4,)))
    for number, who, why in (
        (waiting, "孙科长", "never been in force"),
        (99, "孙科长", "never been in force"),
        (version, " ", "who takes"),
    ):
        with pytest.raises(StoreError, match=why):
            published.put_on_file(number, who=who)
    published.put_on_file(version, who="孙科长", office="市委政法委", number="网格备〔2026〕1号")
    with pytest.raises(StoreError, match="on file already"):
        published.put_on_file(version, who="孙科长")
    listed = published.versions().set_index("version")
    said = listed.loc[version, ["filed_by", "filed_with", "filed_no"]].tolist()
    assert said == ["孙科长", "市委政法委", "网格备〔2026〕1号"]
    assert listed["filed_at"].notna().tolist() == [True, False]


def test_approval_and_filing_follow_from_the_steps_of_a_version(published):
    version = published.draft(plan(cuts=(0.4,)))
    for step in meetings.STEPS:
        published.step_version(version, step, office="街道办", who="王主任")
    row = published.versions().set_index("version").loc[version]
    assert (row["approved_by"], row["filed_by"]) == ("街道办 王主任", "王主任")
    assert row["approved_at"] <= row["valid_from"] <= row["filed_at"]
