"""What versions of the grids promise."""

import pandas as pd
import pytest

from gridmap.errors import StoreError

from .conftest import incident, plan


def grids(db, column="grid_code"):
    rows = db.cursor().execute(f"SELECT {column}, count(*) FROM incidents GROUP BY 1 ORDER BY 1").fetchall()
    return dict(rows)


@pytest.fixture
def running(published):
    """First version in force, incidents of New Year 2026 at 0.4 of the width of community 001001: its west grid."""
    published.load("incidents", pd.DataFrame([incident(number, 0, 0, x=0.4) for number in range(10)]), batch="old")
    return published


def test_a_draft_changes_nothing_until_it_is_published(running):
    version = running.draft(plan((0.3,)))
    assert running.version_now() == 1
    assert grids(running) == {"990199001001001": 10}
    assert len(running.areas("grid", version=version)) == 8


def test_publication_moves_old_incidents_to_todays_grid_and_keeps_that_of_their_day(running):
    running.publish(running.draft(plan((0.3,))))
    assert grids(running) == {"990199001001002": 10}
    assert grids(running, "day_grid_code") == {"990199001001001": 10}


def test_incidents_after_a_publication_get_the_new_grid_also_as_that_of_their_day(running):
    running.publish(running.draft(plan((0.3,))), when=pd.Timestamp("2027-01-01").to_pydatetime())
    rows = [incident(number, 0, 0, x=0.4) | {"reported_at": pd.Timestamp("2027-02-01")} for number in range(20, 23)]
    running.load("incidents", pd.DataFrame(rows), batch="new")
    assert grids(running, "day_grid_code") == {"990199001001001": 10, "990199001001002": 3}


def test_incidents_that_arrive_late_get_the_grids_of_their_own_days(running):
    running.publish(running.draft(plan((0.3,))), when=pd.Timestamp("2027-01-01").to_pydatetime())
    days = ("2026-06-01", "2027-02-01", "2025-06-01")
    rows = [incident(30 + number, 0, 0, x=0.4) | {"reported_at": pd.Timestamp(day)} for number, day in enumerate(days)]
    running.load("incidents", pd.DataFrame(rows), batch="late")
    read = "SELECT grid_code, day_grid_code FROM incidents WHERE incident_id > 'I000029' ORDER BY incident_id"
    old, new = "990199001001001", "990199001001002"
    assert running.cursor().execute(read).fetchall() == [(new, old), (new, new), (new, old)]


def test_rollback_puts_the_former_version_back_and_keeps_the_withdrawn_one(running):
    running.publish(running.draft(plan((0.3,))))
    assert running.rollback() == 1
    assert grids(running) == {"990199001001001": 10}
    assert running.versions()["status"].tolist() == ["published", "withdrawn"]
    assert len(running.areas("grid", version=2)) == 8
    with pytest.raises(StoreError, match="no earlier version"):
        running.rollback()


def test_a_withdrawn_version_can_be_published_again(running):
    running.publish(running.draft(plan((0.3,))))
    running.rollback()
    running.publish(2)
    assert running.version_now() == 2
    assert running.versions()["status"].tolist() == ["replaced", "published"]


def test_a_version_cannot_enter_into_force_before_the_last_one_did(running):
    version = running.draft(plan((0.3,)))
    with pytest.raises(StoreError, match="cannot enter into force before"):
        running.publish(version, when=pd.Timestamp("2020-01-01").to_pydatetime())
    assert running.version_now() == 1


def test_the_way_of_approval_is_kept_and_cannot_be_taken_out_of_turn(running):
    version = running.draft(plan((0.3,)), by="gis")
    with pytest.raises(StoreError, match="is draft"):
        running.approve(version)
    running.propose(version, by="street")
    running.approve(version, by="district")
    running.publish(version)
    states = running.cursor().execute("SELECT status, who FROM grid_version_states WHERE version = 2 ORDER BY seq").fetchall()
    assert states == [("draft", "gis"), ("proposed", "street"), ("approved", "district"), ("published", None)]


def test_the_same_draft_batch_gives_the_same_version(district):
    assert district.draft(plan(), batch="m1") == district.draft(plan(), batch="m1") == 1


def test_a_plan_outside_the_district_is_refused(db):
    with pytest.raises(StoreError, match="no community of this district"):
        db.draft(plan())


def test_the_change_log_names_what_became_of_each_grid(running):
    running.publish(running.draft(plan((0.5, 0.8))))
    rows = running.cursor().execute(
        "SELECT grid_code, change_type FROM grid_change_log WHERE grid_code LIKE '%001001___' ORDER BY 1"
    )
    assert rows.fetchall() == [("990199001001002", "reshaped"), ("990199001001003", "added")]


def test_households_and_crosswalk_shares_are_conserved(running):
    shares = running.cursor().execute("SELECT sum(share_of_dgrid) FROM merge_map_now GROUP BY layer_key, dgrid_id").fetchall()
    assert all(abs(share - 1) < 1e-9 for (share,) in shares)
    assert running.areas("grid")["households"].sum() == 8 * 350


def test_verify_is_silent_on_a_sound_store_and_names_a_changed_published_grid(running):
    assert running.verify() == []
    with running.write() as cursor:
        cursor.execute("UPDATE grids_unified SET geom = ST_Point(0, 0) WHERE grid_code = '990199001001001'")
    assert [(broken.where, broken.times) for broken in running.verify()] == [("version 1", 1)]


def test_verify_names_a_broken_reference_and_a_repeated_incident(running):
    with running.write() as cursor:
        cursor.execute(
            "INSERT INTO incidents (incident_id, reported_at, handler_staff_id) VALUES ('I000001', '2026-01-01', 'ghost')"
        )
    assert {(broken.where, broken.times) for broken in running.verify()} == {
        ("incidents.incident_id", 1),
        ("incidents.handler_staff_id -> staff.staff_id", 1),
        ("incident_days", 1),
    }
