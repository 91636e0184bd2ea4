"""A figure found in the answer for every place is the one that asking about that place alone gives."""

import itertools

import pandas as pd
import pytest

from gridmap import kpi
from gridmap.kpi import places, questions, runner
from tests.kpi import town

PERIODS = ({}, {"start": pd.Timestamp("2026-02-01").to_pydatetime(), "end": pd.Timestamp("2026-03-01").to_pydatetime()})


@pytest.fixture
def db(published):
    town.fill(published)
    return published


@pytest.fixture
def everywhere(db):
    """Every place of the district, one without any incident, and one that is not there."""
    grids = db.areas("grid")["code"]
    communities = {code[:12] for code in grids}
    return [
        None,
        "990199",
        *sorted({code[:9] for code in communities}),
        *sorted(communities),
        *grids,
        "990199999",
        "990199001099",
    ]


def alone(monkeypatch, ask):
    with monkeypatch.context() as patch:
        patch.setattr(places, "answered", lambda *_, **__: None)
        return ask()


def test_every_indicator_says_the_same_of_every_place_as_when_asked_about_it_alone(db, everywhere, monkeypatch):
    asked = list(itertools.product(kpi.indicators(), PERIODS, everywhere))
    together = [kpi.run(db, one, kpi.Filters(**period, area=area)) for one, period, area in asked]
    assert sum(one[0] == "everywhere" for one in db.cache["kpi"].answers) >= len(kpi.indicators())
    db.cache.clear()
    single = alone(monkeypatch, lambda: [kpi.run(db, one, kpi.Filters(**period, area=area)) for one, period, area in asked])
    for question, *frames in zip(asked, together, single, strict=True):
        # a frame of one missing text has it as a missing object
        one, other = (rows.assign(grp=rows["grp"].fillna("-").astype(str)) if "grp" in rows else rows for rows in frames)
        pd.testing.assert_frame_equal(one, other, obj=str(question))


def test_the_strip_says_the_same_of_every_place_as_when_asked_about_it_alone(db, everywhere, monkeypatch):
    asked = [kpi.Filters(**period, area=area) for period in PERIODS for area in everywhere]
    together = [kpi.strip(db, one) for one in asked]
    db.cache.clear()
    assert together == alone(monkeypatch, lambda: [kpi.strip(db, one) for one in asked])
    assert sum(one["reported"].value for one in together) > 10


@pytest.mark.parametrize("by", questions.SHARED)
def test_counts_say_the_same_of_every_place_as_when_asked_about_it_alone(db, everywhere, monkeypatch, by):
    asked = [kpi.Filters(**period, area=area) for period in PERIODS for area in everywhere]
    together = [kpi.counts(db, one, by=by) for one in asked]
    db.cache.clear()
    single = alone(monkeypatch, lambda: [kpi.counts(db, one, by=by) for one in asked])
    for one, other in zip(together, single, strict=True):
        pd.testing.assert_frame_equal(one, other, check_dtype=len(other) > 0)


def test_places_are_answered_together_from_the_second_on_and_anew_after_a_write(db, everywhere, monkeypatch):
    db.cache.clear()
    asked = []
    whole = runner._everywhere
    monkeypatch.setattr(runner, "_everywhere", lambda *given: asked.append(1) or whole(*given))
    kpi.run(db, "K05", kpi.Filters())
    assert not asked
    for area in everywhere:
        kpi.run(db, "K05", kpi.Filters(area=area))
    assert len(asked) == 1
    with db.write() as cursor:
        cursor.execute("UPDATE incidents SET closed_at = NULL, status = 'handling'")
    assert kpi.run(db, "K05", kpi.Filters(area="990199001"))["part"].iloc[0] == 0
    assert kpi.run(db, "K05", kpi.Filters(area="990199002"))["part"].iloc[0] == 0
    assert len(asked) == 2
