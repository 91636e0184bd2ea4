"""What an indicator counts that does not depend on time or place is worked out once, and every place and period asks of it."""

import re
import tracemalloc

import pandas as pd
import pytest

from gridmap import kpi
from gridmap.kpi import cache, runner
from tests.kpi import town
from tests.store.conftest import incident, plan


def at(day):
    return pd.Timestamp(day).to_pydatetime()


FILTERS = (
    kpi.Filters(),
    kpi.Filters(area="990199001"),
    kpi.Filters(area="990199002001"),
    kpi.Filters(start=at("2026-01-01"), end=at("2026-02-01"), streets=("990199001",)),
)
FREE = [one.id for one in kpi.indicators().values() if not runner._FILTERED.search(one.sql)]


@pytest.fixture
def db(published):
    town.fill(published)
    return published


def answers(db):
    db.cache.clear()
    return {
        (one, place): [
            kpi.run(db, one, filters),
            kpi.run(db, one, filters, by=("street_code",)),
            kpi.cases_behind(db, one, filters),
        ]
        for one in FREE
        for place, filters in enumerate(FILTERS)
    }


def test_kept_rows_answer_as_the_whole_question_does(db, monkeypatch):
    assert len(FREE) > 30
    kept = answers(db)
    monkeypatch.setattr(runner, "_FILTERED", re.compile(""))
    whole = answers(db)
    for question, frames in whole.items():
        for one, other in zip(frames, kept[question], strict=True):
            pd.testing.assert_frame_equal(one, other, obj=str(question))


def test_rows_are_worked_out_once_for_all_places_and_again_after_a_write(db, monkeypatch):
    db.cache.clear()
    asked = []
    whole = runner._ask
    monkeypatch.setattr(runner, "_ask", lambda *given, **more: asked.append(given[3]) or whole(*given, **more))
    for filters in FILTERS:
        kpi.run(db, "K12", filters)
    assert asked.count(runner._ALL_ROWS) == 1
    db.publish(db.draft(plan(cuts=(0.4,)), note="next"))
    kpi.run(db, "K12")
    assert asked.count(runner._ALL_ROWS) == 2


def test_figures_of_closed_days_outlive_the_reports_of_today_and_nothing_else(db):
    """An answer about January outlives a load of March; one about both months does not, nor any a late report of January."""
    january = kpi.Filters(start=at("2026-01-01"), end=at("2026-02-01"))
    wide = kpi.Filters(start=at("2026-01-01"), end=at("2026-05-01"))

    def load(number, day):
        rows = [incident(number, 0, 0, reported_at=at(day))]
        db.load("incidents", pd.DataFrame(rows), batch=f"late {number}")
        events = {"event_id": [f"e{number}"], "incident_id": [rows[0]["incident_id"]], "seq": [1], "step": ["discover"]}
        db.load("incident_events", pd.DataFrame(events | {"occurred_at": [at(day)]}), batch=f"events {number}")

    reads = ("incidents", "incident_events", "incident_days", "incident_cells")

    def known(filters):
        return cache.known(db, ("probe", filters), reads=reads, days=filters.days)

    def ask():
        for filters in (january, wide):
            cache.once(db, ("probe", filters), lambda: 1, reads=reads, days=filters.days)

    ask()
    load(901, "2026-03-02")
    assert [known(january), known(wide)] == [True, False]
    ask()
    load(902, "2026-01-31 23:59:59")
    assert [known(january), known(wide)] == [False, False]
    ask()
    load(903, "2026-02-01")
    assert [known(january), known(wide)] == [True, False]
    ask()
    with db.write() as cursor:  # whoever does not say which days a write concerns takes them all
        cursor.execute("UPDATE incidents SET satisfied = true WHERE incident_id = 'none'")
    assert [known(january), known(wide)] == [False, False]


def test_many_readers_of_one_answer_leave_nothing_behind(db):
    """Nor does a change by one of them reach another."""

    def ask():
        columns = {"n": [1, 2]} | {f"text {number}": ["a", "b"] for number in range(20)}
        return cache.once(db, ("probe",), lambda: pd.DataFrame(columns), reads=("incidents",))

    changed = ask()
    changed["n"] = 0
    assert ask()["n"].tolist() == [1, 2]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(490):  # pandas looks through its notes of who shares a column at every 500th
            ask()
        assert tracemalloc.get_traced_memory()[0] - before < 200_000  # 900 kB where the columns are shared
    finally:
        tracemalloc.stop()


DAY_BOUND = [
    one.id for one in kpi.indicators().values() if runner._days(one, kpi.Filters(start=at("2026-01-01"))) != cache.ALWAYS
]


def test_indicators_that_are_kept_by_day_hang_on_the_cases_of_those_days_alone(db):
    """Anything done to the cases of other days, and to what happened to them, changes no figure of theirs."""
    assert len(DAY_BOUND) > 30
    early = kpi.Filters(start=at("2026-02-01"), end=at("2026-02-10"), as_of=at("2026-03-01"))

    def answers():
        db.cache.clear()
        return {one: [kpi.run(db, one, early), kpi.cases_behind(db, one, early)] for one in DAY_BOUND}

    before = answers()
    assert sum(len(rows) for _, rows in before.values()) > 30
    with db.write() as cursor:
        elsewhere = "SELECT incident_id FROM incidents WHERE reported_at < '2026-02-01' OR reported_at >= '2026-02-10'"
        cursor.execute(f"DELETE FROM incident_events WHERE incident_id IN ({elsewhere})")
        cursor.execute(f"DELETE FROM incidents WHERE incident_id IN ({elsewhere})")
    after = answers()
    for one, frames in before.items():
        for frame, other in zip(frames, after[one], strict=True):
            pd.testing.assert_frame_equal(frame, other, obj=one)
