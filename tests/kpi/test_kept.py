"""What an indicator counts that does not depend on time or place is worked out once, and every place and period asks of it."""

import re

import pandas as pd
import pytest

from gridmap import kpi
from gridmap.kpi import runner
from tests.kpi import town
from tests.store.conftest import plan


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
