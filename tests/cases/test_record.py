"""Cases in the store: the row is what the events say, nothing is written by a refused move, nothing twice."""

import threading
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from gridmap import access, cases, kpi
from gridmap.cases import clocks, limits, place, systems
from gridmap.cases.duties import Visit
from gridmap.errors import CaseError
from tests.store import conftest as small

START = datetime.fromisoformat("2026-03-02 09:00")
POINT = {"lon": 119.9025, "lat": 39.905}
WHAT = {"matter": "06010", "note": "楼前堆放垃圾", **POINT}


class Walk:
    """One case and a watch that goes on ten minutes with every move."""

    def __init__(self, db, hand, **said):
        self.db, self.now = db, START
        self.case = cases.report(db, hand, WHAT | said, now=self.now)

    def __call__(self, hand, action, **said):
        self.now += timedelta(minutes=10)
        self.case = cases.act(self.db, hand, self.case.id, action, said, now=self.now)
        return self.case


def whole_life(db, hands):
    walk = Walk(db, hands.finder)
    walk(hands.community, "accept")
    walk(hands.community, "assign", handler="S2")
    walk(hands.worker, "arrive")
    walk(hands.worker, "return", reason="不属于本社区职责")
    walk(hands.community, "escalate", reason="需执法部门处置")
    walk(hands.street, "escalate", reason="需区级统筹")
    walk(hands.district, "send_down", reason="由街道牵头")
    walk(hands.street, "assign", dept="chengguan")
    walk(hands.street, "whistle", kind="joint_enforcement", depts=["chengguan", "gongan"], reason="联合清理")
    walk(hands.chengguan, "report_in")
    walk(hands.gongan, "report_in")
    walk(hands.gongan, "leave", note="秩序已恢复")
    walk(hands.chengguan, "leave", note="已清运")
    walk(hands.street, "rate", dept="chengguan", rating=92)
    walk(hands.street, "end_whistle")
    walk(hands.chengguan, "handle", note="清理完毕")
    walk(hands.supervisor, "check")
    walk(hands.supervisor, "call_back", resolved=True, satisfied=True)
    walk(hands.street, "close")
    return walk


def row(db, case_id):
    return db.cursor().execute("SELECT * FROM incidents WHERE incident_id = ?", [case_id]).df().iloc[0]


def test_a_case_is_what_its_events_say_after_everything_else_is_forgotten(db, hands):
    walk = whole_life(db, hands)
    db.cache.clear()
    assert cases.find(db, walk.case.id) == walk.case
    stored = row(db, walk.case.id)
    assert (stored["status"], stored["current_level"], stored["top_level"]) == ("closed", "street", "district")
    assert stored["closed_at"] == walk.now
    assert stored["arrived_at"] == START + timedelta(minutes=30)
    assert (stored["grid_code"], stored["street_code"]) == ("990199001001001", "990199001")


def test_a_whole_life_fills_the_tables_that_the_indicators_read(db, hands):
    walk = whole_life(db, hands)
    answers = db.cursor().execute("SELECT dept_id, street_rating, left_at > reported_at FROM whistle_responses ORDER BY 1")
    assert answers.fetchall() == [("chengguan", 92, True), ("gongan", None, True)]
    filters = kpi.Filters(as_of=walk.now)
    assert kpi.run(db, "R36", filters).iloc[0]["part"] == 1  # all six steps
    assert kpi.run(db, "R36C", filters).iloc[0]["n"] == 0  # none out of order
    assert kpi.run(db, "R37B", filters).iloc[0]["n"] == 1  # sent down once
    assert kpi.run(db, "K28", filters).iloc[0]["n"] == 0  # no limit for whistles is set, so none is judged


def test_a_refused_move_writes_nothing_and_says_why(db, hands):
    walk = Walk(db, hands.finder)
    before = db.data_version()
    with pytest.raises(CaseError, match="state does not allow"):
        walk(hands.community, "close")
    walk.now = START
    walk(hands.community, "accept")
    with pytest.raises(CaseError, match="does not handle"):
        walk(hands.community, "assign", handler="S1")
    with pytest.raises(CaseError, match="territory"):
        walk(cases.Hand("x", "desk", "990199002001", "community"), "assign", handler="S2")
    assert len(cases.history(db, walk.case.id)) == 2
    assert db.data_version() != before


def test_a_report_with_its_handling_and_its_visit_is_written_whole_or_not_at_all(db, hands, monkeypatch):
    """A failure at the very end leaves no case, no event, no visit, and is not remembered; the same form then goes through."""

    def written():
        tables = ("incidents", "incident_events", "duty_logs", "case_requests", "incident_cells", "incident_days")
        return [db.cursor().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    def send(*duties, key):
        return cases.report(db, hands.finder, WHAT, done="已清理", visit=Visit(duties, 12), key=key, now=START)

    before = written()
    with pytest.raises(CaseError, match="mileage"):
        send("mileage", key="a")
    with monkeypatch.context() as broken:
        broken.setattr("gridmap.cases.record._remember_key", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send("hazard", key="a")
    assert written() == before
    case = send("hazard", "info", key="a")
    assert send("hazard", "info", key="a").id == case.id
    assert [now - then for now, then in zip(written(), before, strict=True)] == [1, 2, 2, 1, 1, 1]
    db.cache.clear()
    assert [event.action for event in cases.history(db, case.id)] == ["report", "spot"]
    kept = cases.find(db, case.id)
    assert (kept.status, kept.on_the_spot, kept.arrived_at, kept.seq) == ("checking", True, START, 2)
    assert row(db, case.id)[["status", "on_the_spot", "seq", "arrived_at"]].tolist() == ["checking", True, 2, START]
    seen = db.cursor().execute("SELECT duty_id, households, incident_id FROM duty_logs ORDER BY log_id").fetchall()
    assert seen == [("hazard", 12, case.id), ("info", 0, case.id)]
    assert cases.act(db, hands.supervisor, case.id, "check", now=START).checked


def test_only_a_finder_settles_on_the_spot_and_a_refused_report_leaves_nothing(db, hands):
    with pytest.raises(CaseError):
        cases.report(db, hands.hotline, WHAT, done="已清理", now=START)
    assert db.cursor().execute("SELECT count(*) FROM incidents").fetchone() == (0,)


def test_the_same_key_changes_nothing_the_second_time(db, hands):
    first = cases.report(db, hands.hotline, WHAT, key="12345 A1", now=START)
    again = cases.report(db, hands.hotline, WHAT | {"note": "又一次"}, key="12345 A1", now=START)
    assert again.id == first.id
    cases.act(db, hands.hotline, first.id, "accept", key="12345 A2", now=START)
    cases.act(db, hands.hotline, first.id, "accept", key="12345 A2", now=START)
    assert [event.action for event in cases.history(db, first.id)] == ["report", "accept"]


def test_nobody_decides_on_what_is_no_longer_so(db, hands):
    walk = Walk(db, hands.finder)
    walk(hands.community, "accept")
    with pytest.raises(CaseError, match="in the meantime"):
        cases.act(db, hands.community, walk.case.id, "void", {"reason": "重复"}, seen=1)


def test_who_is_confined_to_a_part_sees_at_once_what_others_did_and_nothing_beyond_it(db, hands):
    """A community, its street and a neighbour each work through a store of their own part; other systems hear of it all."""
    community, street, neighbour = (
        access.confine(db, access.Actor("x", "community_secretary", code))
        for code in (hands.community.territory, hands.street.territory, "990199001002")
    )
    systems.make_key(db, "hotline", by="root", sees="territory")
    system = systems.System(systems.listed(db)["key_id"][0], "hotline", hands.hotline, "territory", 60)
    systems.hook(db, system, "http://127.0.0.1:9/news")
    case = cases.report(community, hands.finder, WHAT, now=START)
    cases.act(community, hands.community, case.id, "accept", now=START)
    assert cases.find(street, case.id).status == "accepted"
    cases.act(community, hands.community, case.id, "escalate", {"reason": "需执法"}, now=START)
    cases.act(street, hands.street, case.id, "assign", {"dept": "chengguan"}, now=START)
    assert [cases.find(part, case.id).status for part in (community, street, db)] == ["assigned"] * 3
    with pytest.raises(CaseError, match="no case"):
        cases.find(neighbour, case.id)
    told = db.cursor().execute("SELECT action FROM outbox ORDER BY seq").fetchall()
    assert told == [("report",), ("accept",), ("escalate",), ("assign",)]


def test_of_many_hands_at_once_one_wins_and_nothing_is_lost(db, hands):
    case = cases.report(db, hands.hotline, WHAT, now=START)
    won, lost = [], []

    def accept():
        try:
            won.append(cases.act(db, hands.community, case.id, "accept", now=START))
        except CaseError:
            lost.append(1)

    threads = [threading.Thread(target=accept) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    db.cache.clear()
    assert [event.seq for event in cases.history(db, case.id)] == [1, 2]


def test_the_three_ones_are_what_the_indicators_count(db, hands):
    for wait in (0.5, 3):
        case = cases.report(db, hands.hotline, WHAT | {"channel": "hotline"}, now=START)
        cases.act(db, hands.community, case.id, "accept", now=START + timedelta(minutes=wait))
        cases.act(db, hands.community, case.id, "assign", {"handler": "S2"}, now=START + timedelta(minutes=wait + 1))
        cases.act(db, hands.worker, case.id, "arrive", now=START + timedelta(minutes=40 * wait))
    now = START + timedelta(days=2)
    rules = limits.rules(db)
    ids = [r[0] for r in db.cursor().execute("SELECT incident_id FROM incidents").fetchall()]
    states = [{c.what: c.state for c in clocks.three_ones(cases.find(db, id_), rules, now)} for id_ in ids]
    for what, indicator in (("accept", "K01"), ("arrive", "K02"), ("close", "K03")):
        figure = kpi.run(db, indicator, kpi.Filters(as_of=now)).iloc[0]
        assert figure["n"] == 2
        assert figure["part"] == sum(state[what] == "met" for state in states)


def test_a_loaded_case_is_taken_over_as_it_is_and_goes_on_from_there(db, hands):
    loaded = small.incident(1, 0, 0, status="handling", current_level="street", top_level="street", handler_dept_id="chengguan")
    db.load("incidents", pd.DataFrame([loaded]), batch="loaded")
    case = cases.find(db, "I000001")
    assert (case.status, case.level, case.dept) == ("handling", "street", "chengguan")
    cases.act(db, hands.chengguan, "I000001", "arrive", now=START)
    cases.act(db, hands.chengguan, "I000001", "handle", {"note": "清理"}, now=START)
    db.cache.clear()
    assert [event.action for event in cases.history(db, "I000001")] == ["take_over", "arrive", "handle"]
    assert cases.find(db, "I000001").status == "checking"
    assert row(db, "I000001")["status"] == "checking"


def test_what_one_writer_changed_behind_another_is_read_again(db, hands):
    case = cases.report(db, hands.hotline, WHAT, now=START)
    kept = db.cache["cases"].copy()
    cases.act(db, hands.community, case.id, "accept", now=START)
    db.cache["cases"] = kept  # a memory that is one event behind
    with pytest.raises(CaseError, match="state does not allow"):
        cases.act(db, hands.community, case.id, "accept", now=START)


@pytest.mark.parametrize(
    ("limit", "start", "end"),
    [
        ((4, "urgent_hour"), "2026-09-30 17:00", "2026-09-30 21:00"),
        ((4, "work_hour"), "2026-09-30 17:00", "2026-10-08 11:30"),  # the National Day holiday lies between
        ((1, "work_day"), "2026-10-09 10:00", "2026-10-10 10:00"),  # a Saturday that is worked in exchange
        ((1, "day"), "2026-09-30 17:00", "2026-10-01 17:00"),
    ],
)
def test_limits_follow_the_published_calendar(limit, start, end):
    rules = clocks.Rules(cases.Calendar())
    assert clocks.elapse(datetime.fromisoformat(start), limit, rules) == datetime.fromisoformat(end)


def test_what_a_person_writes_into_the_calendar_goes_before_what_was_published():
    strike = cases.Calendar({date(2026, 10, 10): False})
    assert not strike.works(date(2026, 10, 10))
    assert not strike.known(2031)
    assert cases.Calendar({date(2031, 1, 1): False}).known(2031)


def test_the_most_exact_rule_gives_the_limit(db):
    rules = pd.DataFrame(
        [
            {"rule_id": "a", "stage": "close", "limit_value": 7, "limit_unit": "work_day"},
            {
                "rule_id": "b",
                "stage": "close",
                "matter_code": "06010",
                "limit_value": 4,
                "limit_unit": "work_hour",
                "pausable": True,
            },
        ]
    )
    db.load("sla_rules", rules, batch="rules")
    assert limits.find(db, "06010", "hotline") == ((4.0, "work_hour"), True)
    assert limits.find(db, "06012", "hotline")[0] == (1.0, "day")
    assert limits.find(db, "06012", "patrol")[0] == (7.0, "work_day")


def test_place_decides(db):
    found = place.at(db, 119.9075, 39.905)
    assert (found.grid, found.community, found.street) == ("990199001001002", "990199001001", "990199001")
    assert place.locate(db, {"address": "演示社区001002"}).community == "990199001002"
    with pytest.raises(CaseError, match="outside"):
        place.at(db, 100.0, 20.0)
    with pytest.raises(CaseError, match="where"):
        place.locate(db, {})
    assert list(place.people(db, "990199001001001")["post"]) == ["grid_head", "full_time", "part_time"]


def test_the_counts_kept_of_incidents_follow_a_case_that_moves_or_is_no_case(db, hands):
    walk = Walk(db, hands.finder)

    def squares():
        return sorted(kpi.density(db, kpi.Filters(), zoom=13)[["west", "n"]].itertuples(index=False, name=None))

    def days():
        return kpi.counts(db, kpi.Filters(), by=("day", "community_code"))["n"].tolist()

    here = squares()
    assert days() == [1]
    walk(hands.community, "correct", lon=119.9085, lat=39.905, reason="地点有误")
    there = squares()
    assert [n for _, n in there] == [1]
    assert there != here
    walk(hands.community, "void", reason="重复")
    assert squares() == days() == []
    assert {"incident_cells", "incident_days"}.isdisjoint(broken.where for broken in db.verify())


def test_a_move_leaves_what_was_worked_out_about_other_days(db, hands):
    """Last month's figures outlive today's cases, and not a move of one of its own."""
    day = START.date()
    before, ahead = (day - timedelta(days=31), day), (day, day + timedelta(days=1))

    def versions():
        return [
            db.data_version("incidents", "incident_events", start=start, end=end) for start, end in (before, ahead, (None, day))
        ]

    then = versions()
    walk = Walk(db, hands.finder)
    walk(hands.community, "accept")
    now = versions()
    assert [now[0], now[2]] == [then[0], then[2]]
    assert now[1] != then[1]
    late = cases.report(db, hands.finder, WHAT | {"reported_at": START - timedelta(days=3)}, now=START)
    assert [one != other for one, other in zip(versions(), now, strict=True)] == [True, False, True]
    now = versions()
    cases.act(db, hands.community, late.id, "accept", now=START)
    assert [one != other for one, other in zip(versions(), now, strict=True)] == [True, False, True]
