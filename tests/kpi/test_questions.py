"""What counts, trends, strips, lists and densities promise; every figure is counted by hand."""

from datetime import date, datetime
from itertools import product

import pandas as pd
import pytest

from gridmap import access, kpi
from gridmap.errors import InputError, StoreError
from gridmap.kpi import Filters
from tests.store.conftest import incident, plan

NEW_YEAR = pd.Timestamp("2026-01-01")


def at(day, hour=0, minute=0):
    return NEW_YEAR + pd.Timedelta(days=day, hours=hour, minutes=minute)


@pytest.fixture
def busy(published):
    """Twelve incidents: eight in the west grid of 001001, four in the east grid of 002002; two months, three channels."""
    rows = [incident(n, 0, 0, x=0.25, reported_at=at(n, hour=n), channel="patrol") for n in range(4)]
    rows += [incident(n, 0, 0, x=0.25, reported_at=at(31, hour=n), channel="hotline", matter_code="09012") for n in range(4, 8)]
    rows += [
        incident(n, 1, 1, x=0.75, reported_at=at(32, hour=n), channel="resident", status="closed", closed_at=at(33, hour=n))
        for n in range(8, 12)
    ]
    published.load("incidents", pd.DataFrame(rows), batch="one")
    return published


def counted(frame):
    return {tuple(row[:-1]) if len(row) > 2 else row[0]: row[-1] for row in frame.to_numpy().tolist()}


def test_counts_by_grid_community_street_channel_and_class(busy):
    everything = Filters()
    assert counted(kpi.counts(busy, everything)) == {"990199001001001": 8, "990199002002002": 4}
    assert counted(kpi.counts(busy, everything, by=("community_code",))) == {"990199001001": 8, "990199002002": 4}
    assert counted(kpi.counts(busy, everything, by=("street_code", "channel"))) == {
        ("990199001", "hotline"): 4,
        ("990199001", "patrol"): 4,
        ("990199002", "resident"): 4,
    }
    assert counted(kpi.counts(busy, everything, by=("class_code",))) == {"06": 8, "09": 4}
    hours = kpi.counts(busy, everything, by=("weekday", "hour"))
    assert hours["n"].sum() == 12
    assert hours.iloc[0].tolist() == [1, 8, 1]  # the 33rd day, 2 February 2026, is a Monday


@pytest.mark.parametrize(
    ("filters", "n"),
    [
        (Filters(channels=("hotline", "patrol")), 8),
        (Filters(classes=("09",)), 4),
        (Filters(matters=("06010",)), 8),
        (Filters(streets=("990199002",)), 4),
        (Filters(area="990199"), 12),
        (Filters(area="990199001"), 8),
        (Filters(area="990199002002"), 4),
        (Filters(area="990199002002002"), 4),
        (Filters(area="990199002002001"), 0),
        (Filters(statuses=("closed",)), 4),
        (Filters(start=date(2026, 2, 1)), 8),
        (Filters(end=date(2026, 2, 1)), 4),
        (Filters(start=at(31, 5), end=at(31, 7)), 2),
        (Filters(channels=("hotline",), classes=("06",)), 0),
    ],
)
def test_every_filter_narrows_counts_cases_trend_and_density_alike(busy, filters, n):
    assert kpi.counts(busy, filters, by=("street_code",))["n"].sum() == n
    assert len(kpi.cases(busy, filters)) == n
    assert kpi.strip(busy, filters)["reported"].value == n
    assert kpi.density(busy, filters)["n"].sum() == n
    assert kpi.trend(busy, filters).get("reported", pd.Series(dtype=int)).sum() == n


def test_another_versions_grids_can_be_asked_for_without_publishing_it(busy):
    draft = busy.draft(plan((0.2,)))
    seen = counted(kpi.counts(busy, Filters(version=draft)))
    assert seen == {"990199001001002": 8, "990199002002002": 4}
    assert counted(kpi.counts(busy, Filters(version=draft, area="990199001001002"))) == {"990199001001002": 8}
    busy.publish(draft)
    assert counted(kpi.counts(busy, Filters())) == seen
    assert counted(kpi.counts(busy, Filters(version="day"))) == {"990199001001001": 8, "990199002002002": 4}
    assert counted(kpi.counts(busy, Filters(version=1))) == {"990199001001001": 8, "990199002002002": 4}


def test_an_unknown_version_or_dimension_is_refused(busy):
    with pytest.raises(StoreError, match="no version 9"):
        kpi.counts(busy, Filters(version=9))
    with pytest.raises(InputError, match="counted by colour"):
        kpi.counts(busy, Filters(), by=("colour",))
    with pytest.raises(InputError, match="lies before"):
        Filters(start=date(2026, 2, 1), end=date(2026, 1, 1))
    with pytest.raises(InputError, match="ordered by"):
        kpi.cases(busy, Filters(), order="1; DROP TABLE incidents")


def test_a_trend_has_every_day_also_those_without_cases(busy):
    days = kpi.trend(busy, Filters())
    assert len(days) == 34
    assert days["reported"].tolist()[:5] == [1, 1, 1, 1, 0]
    assert days["closed"].tolist()[-1] == 4
    months = kpi.trend(busy, Filters(), "month")
    assert months[["reported", "closed"]].to_numpy().tolist() == [[4, 0], [8, 4]]


def test_cases_come_newest_first_a_page_at_a_time_with_the_matters_name(busy):
    first, second = (kpi.cases(busy, Filters(), limit=5, offset=offset) for offset in (0, 5))
    assert first["incident_id"].tolist() == ["I000011", "I000010", "I000009", "I000008", "I000007"]
    assert second["incident_id"].iloc[0] == "I000006"
    assert second.iloc[0][["matter_zh", "class_zh"]].tolist() == ["占用消防通道", "街面秩序"]


def test_density_cells_hold_their_points_and_follow_the_viewport(busy):
    cells = kpi.density(busy, Filters(), zoom=14)
    assert cells["n"].tolist() == [8, 4]
    first = cells.iloc[0]
    assert first["west"] <= 119.9025 < first["east"]
    assert first["south"] < 39.905 <= first["north"]
    assert kpi.density(busy, Filters(), bounds=(119.91, 39.91, 119.93, 39.93), zoom=14)["n"].tolist() == [4]


def test_the_same_question_is_asked_once_until_something_is_written(busy, monkeypatch):
    kpi.counts(busy, Filters())
    asked = []
    real = busy.cursor
    monkeypatch.setattr(busy, "cursor", lambda: asked.append(1) or real())
    kpi.counts(busy, Filters())
    assert asked == []
    busy.load("incidents", pd.DataFrame([incident(500, 0, 0)]), batch="more")
    assert kpi.counts(busy, Filters())["n"].sum() == 13


def test_an_answer_that_was_changed_by_its_reader_is_not_changed_for_the_next(busy):
    answer = kpi.counts(busy, Filters())
    answer.loc[0, "n"] = -1
    assert kpi.counts(busy, Filters())["n"].min() > 0


def strip_rows():
    """996 registered; 972 due, of them 911 closed and 737 by their due time; 24 not due yet (dossier §2.8)."""
    due = at(40)
    for number in range(996):
        row = incident(number, 0, 0, reported_at=at(1), due_at=due if number < 972 else at(400))
        if number < 737:
            row |= {"closed_at": due, "status": "closed"}
        elif number < 911:
            row |= {"closed_at": due + pd.Timedelta(seconds=1), "status": "closed"}
        yield row


def test_closing_rates_of_the_published_test_vector(published):
    published.load("incidents", pd.DataFrame(strip_rows()), batch="one")
    figures = kpi.strip(published, Filters(as_of=at(151)))
    assert figures["reported"].value == 996
    assert figures["closing_rate"].n == 972
    assert round(figures["closing_rate"].value * 100, 2) == 93.72
    assert round(figures["on_time_rate"].value * 100, 2) == 75.82
    assert figures["overdue"].value == 972 - 911


def test_a_step_never_taken_counts_as_late_and_cases_younger_than_the_limit_do_not_count(published):
    rows = [
        incident(n, 0, 0, channel="resident", reported_at=at(0), accepted_at=at(0, 0, 1), arrived_at=at(0, 1), closed_at=at(1))
        for n in range(10)
    ]
    rows += [incident(n, 0, 0, channel="hotline", reported_at=at(0)) for n in range(10, 20)]
    rows += [incident(n, 0, 0, channel="hotline", reported_at=at(9, 23, 30)) for n in range(20, 25)]
    rows += [incident(n, 0, 0, channel="patrol", reported_at=at(0)) for n in range(25, 30)]
    rows += [incident(30, 0, 0, channel="resident", reported_at=at(0), duplicate_of="I000001")]
    published.load("incidents", pd.DataFrame(rows), batch="one")
    figures = kpi.strip(published, Filters(as_of=at(10).to_pydatetime()))
    assert (figures["accept_1min"].value, figures["accept_1min"].n) == (10 / 25, 25)
    assert (figures["arrive_1h"].value, figures["arrive_1h"].n) == (10 / 20, 20)
    assert (figures["close_1day"].value, figures["close_1day"].n) == (10 / 20, 20)


def test_a_rate_over_fewer_than_ten_cases_is_hidden_but_its_n_is_shown(published):
    rows = [incident(n, 0, 0, satisfied=True) for n in range(9)]
    published.load("incidents", pd.DataFrame(rows), batch="one")
    figure = kpi.strip(published, Filters())["satisfied"]
    assert (figure.value, figure.n, figure.hidden) == (None, 9, True)


def test_a_store_without_incidents_counts_none(published):
    found = kpi.strip(published, Filters())
    assert (found["reported"].value, found["closing_rate"].value, found["closing_rate"].n) == (0, None, 0)
    assert kpi.data_range(published) is None
    assert kpi.counts(published, Filters()).empty


def test_the_first_and_the_last_report_are_found_also_where_the_tally_tells_of_days_whose_cases_moved(busy):
    ends = (at(0).to_pydatetime(), at(32, hour=11).to_pydatetime())
    assert kpi.data_range(busy) == ends
    with busy.write() as cursor:
        for day, n in ((date(2025, 12, 1), 1), (date(2025, 12, 1), -1), (date(2026, 9, 9), 1), (date(2026, 9, 9), -1)):
            cursor.execute("INSERT INTO incident_days VALUES (?, '990199001', '990199001001', ?)", [day, n])
    assert kpi.data_range(busy) == ends
    assert kpi.strip(busy, Filters())["reported"].value == 12


def test_moving_the_map_asks_nothing_anew_and_a_close_look_counts_the_same(busy, monkeypatch):
    whole = kpi.density(busy, Filters(), zoom=13)
    monkeypatch.setattr(busy, "cursor", lambda: pytest.fail("the map asked the database again"))
    part = kpi.density(busy, Filters(), bounds=(119.90, 39.90, 119.905, 39.91), zoom=13)
    assert set(part["cell"]) <= set(whole["cell"])
    assert part["n"].sum() == 8
    monkeypatch.undo()
    close = kpi.density(busy, Filters(), bounds=(119.90, 39.90, 119.905, 39.91), zoom=18)
    assert close["n"].tolist() == [8]
    assert kpi.density(busy, Filters(), bounds=(119.90, 39.90, 119.901, 39.901), zoom=18).empty


def test_a_viewport_of_the_whole_world_shows_everything(busy):
    everywhere = (-360.0, -90.0, 360.0, 90.0)
    assert kpi.density(busy, Filters(), bounds=everywhere, zoom=3)["n"].sum() == 12
    assert kpi.density(busy, Filters(), bounds=everywhere, zoom=17)["n"].sum() == 12


PERIODS = (
    (None, None),
    (date(2026, 1, 1), date(2026, 2, 1)),
    (date(2026, 1, 3), date(2026, 2, 2)),
    (date(2026, 1, 3), date(2026, 1, 20)),
    (None, date(2026, 1, 20)),
    (date(2025, 12, 15), None),
)
PLACES = ({}, {"area": "990199001"}, {"streets": ("990199002",)}, {"area": "990199002002"}, {"area": "9901"})


def test_density_is_the_same_from_the_tally_as_from_the_incidents_one_by_one(busy):
    every = ("new", "closed", "handling", "accepted", "assigned")
    for (start, end), place, zoom in product(PERIODS, PLACES, (11, 13, 15)):
        tallied = kpi.density(busy, Filters(start=start, end=end, **place), zoom=zoom)
        counted = kpi.density(busy, Filters(start=start, end=end, statuses=every, **place), zoom=zoom)
        pd.testing.assert_frame_equal(tallied, counted)


def test_counts_of_days_are_the_same_from_the_tally_as_from_the_incidents_one_by_one(busy):
    every = ("new", "closed", "handling", "accepted", "assigned")
    noon = datetime.fromisoformat("2026-01-03 12:00")
    dimensions = (("day",), ("month", "street_code"), ("week",), ("weekday", "community_code"), ("community_code",))
    for (start, end), place, by in product((*PERIODS, (noon, None)), PLACES, dimensions):
        tallied = kpi.counts(busy, Filters(start=start, end=end, **place), by=by)
        counted = kpi.counts(busy, Filters(start=start, end=end, statuses=every, **place), by=by)
        pd.testing.assert_frame_equal(tallied, counted)


def test_counts_of_days_follow_what_is_written_and_whose_part_it_is(busy):
    busy.load("incidents", pd.DataFrame([incident(900, 0, 1), incident(901, 0, 1, status="void")]), batch="more")
    busy.publish(busy.draft(plan((0.2,))))
    assert kpi.counts(busy, Filters(), by=("day",))["n"].sum() == 13
    for scope, n in (("990199002", 5), ("990199002001", 1), ("990199002001002", 1)):
        mine = access.confine(busy, access.Actor("reader", "leader", scope))
        assert kpi.counts(mine, Filters(), by=("day",))["n"].sum() == n, scope


def test_density_follows_what_is_written_and_whose_part_it_is(busy):
    busy.load("incidents", pd.DataFrame([incident(900, 0, 1), incident(901, 0, 1, status="void")]), batch="more")
    assert kpi.density(busy, Filters())["n"].sum() == 13
    busy.publish(busy.draft(plan((0.2,))))
    assert kpi.density(busy, Filters())["n"].sum() == 13
    assert busy.verify() == []
    for scope, n in (("990199002", 5), ("990199002001", 1), ("990199002001002", 1)):
        mine = access.confine(busy, access.Actor("reader", "leader", scope))
        assert kpi.density(mine, Filters())["n"].sum() == n, scope
    with busy.write() as cursor:
        cursor.execute("UPDATE incidents SET status = 'void' WHERE incident_id = 'I000900'")
    assert [broken.where for broken in busy.verify()] == ["incident_cells", "incident_days"]
