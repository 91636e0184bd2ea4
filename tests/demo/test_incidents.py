"""A year of incidents that keeps its promises: how many, when, where, how each went, and who may see whom."""

import numpy as np
import pandas as pd
import pytest
import shapely

NOW = pd.Timestamp("2026-11-20T18:00:00")
CHANNELS = {"patrol", "assist", "property", "resident", "hotline"}
LEVELS = ["community", "street", "district"]
STATUSES = {"new", "accepted", "assigned", "handling", "coordinating", "checking", "closed", "returned", "deferred", "void"}


@pytest.fixture(scope="module")
def incidents(street):
    return pd.read_parquet(street / "incidents.parquet")


@pytest.fixture(scope="module")
def events(street):
    return pd.read_parquet(street / "incident_events.parquet")


def test_there_are_as_many_incidents_as_the_size_promises_and_the_manifest_says(incidents, manifest):
    assert len(incidents) == 6_000 == manifest["tables"]["incidents"]["rows"]
    assert incidents.incident_id.is_unique


def test_rows_are_in_the_order_of_time_within_the_year_up_to_the_demos_now(incidents):
    assert incidents.reported_at.is_monotonic_increasing
    assert incidents.reported_at.min() >= pd.Timestamp("2025-11-21")
    assert incidents.reported_at.max() <= NOW
    for column in ("accepted_at", "arrived_at", "closed_at"):
        assert incidents[column].max() <= NOW


def test_a_case_is_reported_then_accepted_then_visited_then_closed(incidents):
    for earlier, later in (("reported_at", "accepted_at"), ("accepted_at", "arrived_at"), ("arrived_at", "closed_at")):
        both = incidents[[earlier, later]].dropna()
        assert (both[earlier] <= both[later]).all()


def test_all_channels_levels_and_statuses_of_the_dossier_occur_and_no_others(incidents):
    assert set(incidents.channel) == CHANNELS
    assert set(incidents.top_level) == set(LEVELS)
    assert set(incidents.status) <= STATUSES
    assert {"closed", "handling", "void"} <= set(incidents.status)


def test_only_closed_cases_have_a_time_of_closing_and_about_nineteen_in_twenty_are_closed(incidents):
    closed = incidents.status == "closed"
    assert (incidents.closed_at.notna() == closed).all()
    assert 0.93 < closed.mean() < 0.98


def test_the_three_ones_are_kept_mostly_and_broken_sometimes(incidents):
    resident = incidents[incidents.is_resident_reported & incidents.duplicate_of.isna()]
    assert (resident.channel.isin(["resident", "hotline"])).all()
    kept = {
        "accept": (resident.accepted_at - resident.reported_at <= pd.Timedelta(minutes=1)).mean(),
        "arrive": (resident.arrived_at - resident.reported_at <= pd.Timedelta(hours=1)).mean(),
        "close": (resident.closed_at - resident.reported_at <= pd.Timedelta(days=1)).mean(),
    }
    assert 0.88 < kept["accept"] < 0.98
    assert 0.78 < kept["arrive"] < 0.96
    assert 0.62 < kept["close"] < 0.92


def test_duplicates_and_recurrences_point_to_earlier_cases_of_the_same_matter(incidents):
    by_id = incidents.set_index("incident_id")
    for column, low, high in (("duplicate_of", 0.01, 0.06), ("recurrence_of", 0.005, 0.08)):
        again = incidents[incidents[column].notna()]
        assert low < len(again) / len(incidents) < high
        first = by_id.loc[again[column]]
        assert (first.reported_at.to_numpy() <= again.reported_at.to_numpy()).all()
        assert (first.matter_code.to_numpy() == again.matter_code.to_numpy()).all()
    recurring = incidents[incidents.recurrence_of.notna()]
    assert (by_id.loc[recurring.recurrence_of].closed_at.to_numpy() < recurring.reported_at.to_numpy()).all()


def test_points_lie_in_the_community_they_name_but_for_a_few_outside(incidents, table):
    communities = table("communities").to_crs(4490)
    points = shapely.points(incidents.lon, incidents.lat)
    row, inside = shapely.STRtree(communities.geometry.to_numpy()).query(points, predicate="intersects")
    assert len(np.unique(row)) == len(row)
    found = pd.Series(communities.community_code.to_numpy()[inside], index=row)
    named = incidents.community_code.dropna()
    assert (found.loc[named.index] == named).all()
    outside = incidents.index.difference(row)
    assert incidents.loc[outside].community_code.isna().all()
    assert len(outside) == 2


def test_the_night_is_quiet_the_forenoon_is_not_and_noise_is_reported_in_summer_evenings(incidents):
    hour = incidents.reported_at.dt.hour
    assert hour.between(8, 11).mean() > 5 * hour.between(1, 4).mean()
    noise = incidents[incidents.matter_code == "06028"]
    summer = noise.reported_at.dt.month.isin([6, 7, 8])
    assert summer.mean() > 0.33
    assert noise.reported_at.dt.hour.isin([19, 20, 21, 22, 23, 0]).mean() > 0.4


def test_snow_is_reported_on_snow_days_and_cold_radiators_in_the_heating_season(incidents):
    snow = incidents[incidents.matter_code == "10001"]
    assert snow.reported_at.dt.month.isin([11, 12, 1, 2]).all()
    cold = incidents[incidents.title_zh.str.contains("供暖")]
    assert cold.reported_at.dt.month.isin([10, 11, 12, 1, 2, 3, 4]).all()


def test_offices_rest_on_sundays_and_in_the_spring_festival(incidents):
    service = incidents[incidents.matter_code.str.startswith("25")]
    weekday = service.reported_at.dt.day_of_week
    assert (weekday == 6).sum() < 0.6 * (weekday == 1).sum()
    festival = incidents.reported_at.between("2026-02-15", "2026-02-23 23:59:59").sum() / 9
    assert festival < 0.95 * len(incidents) / 365


def test_a_few_spots_are_much_busier_than_the_rest(incidents):
    cell = incidents.lon.round(3).astype(str) + incidents.lat.round(3).astype(str)
    counts = cell.value_counts()
    assert counts.head(max(1, len(counts) // 50)).sum() > 0.08 * len(incidents)


def test_finder_and_handler_are_two_people_but_for_what_is_settled_on_the_spot_and_a_few_slips(incidents):
    both = incidents[incidents.reporter_staff_id.notna() & incidents.handler_staff_id.notna()]
    same = both.reporter_staff_id == both.handler_staff_id
    assert same[both.on_the_spot].all()
    assert 0 < same[~both.on_the_spot].mean() < 0.03


def test_steps_are_numbered_in_order_and_begin_with_the_report(incidents, events):
    ordered = events.groupby("incident_id", sort=False)
    assert (ordered.cumcount() + 1 == events.seq).all()
    assert (ordered.occurred_at.diff().dropna() >= pd.Timedelta(0)).all()
    first = events[events.seq == 1].set_index("incident_id")
    assert len(first) == len(incidents)
    assert (first.action == "report").all()
    assert (first.loc[incidents.incident_id].occurred_at.to_numpy() == incidents.reported_at.to_numpy()).all()


def test_a_closed_case_ends_with_its_closing_and_climbs_as_high_as_it_says(incidents, events):
    closes = events[events.action == "close"].set_index("incident_id").occurred_at
    closed = incidents[incidents.status == "closed"].set_index("incident_id")
    assert (closes.loc[closed.index] == closed.closed_at).all()
    climbed = events[events.action == "escalate"].groupby("incident_id").size()
    top = closed.top_level.map(LEVELS.index)
    assert (climbed.reindex(closed.index, fill_value=0) == top).all()


def test_whistles_call_parties_that_answer_mostly_in_time(street):
    whistles = pd.read_parquet(street / "whistles.parquet")
    answers = pd.read_parquet(street / "whistle_responses.parquet")
    assert len(whistles)
    assert answers.whistle_id.isin(whistles.whistle_id).all()
    assert not answers.duplicated(["whistle_id", "dept_id"]).any()
    known = answers.dropna(subset=["reported_at"])
    assert 0.6 < (known.reported_at <= known.required_by).mean() < 0.98
    assert (known.reported_at <= known.left_at.fillna(NOW)).all()


def test_names_are_masked_everywhere_and_descriptions_say_that_they_are_demo_data(street, incidents):
    staff = pd.read_parquet(street / "staff.parquet")
    assert staff.name_masked.str.fullmatch(r".\*\*").all()
    assert incidents.description_zh.str.startswith("演示数据").all()


def test_every_person_compound_and_matter_named_exists(street, incidents):
    staff = set(pd.read_parquet(street / "staff.parquet").staff_id)
    compounds = set(pd.read_parquet(street / "compounds.parquet").compound_id)
    assert set(incidents.reporter_staff_id.dropna()) | set(incidents.handler_staff_id.dropna()) <= staff
    assert set(incidents.compound_id.dropna()) <= compounds
