"""The demo's histories are lives a case can have: every step is a move from the state before, and leads where the row says."""

import pandas as pd
import pytest

from gridmap.cases import life, written


@pytest.fixture(scope="module")
def told(street):
    """Each case's row and its events, as the store would read them."""
    rows = pd.read_parquet(street / "incidents.parquet")
    rows = rows.assign(seq=None).astype(object).where(rows.assign(seq=None).notna(), None)
    events = pd.read_parquet(street / "incident_events.parquet").sort_values(["incident_id", "seq"])
    events = events.astype(object).where(events.notna(), None)
    columns = ["seq", "action", "occurred_at", "from_level", "to_level", "to_dept_id", "actor_staff_id", "note_zh"]
    lines = {name: part[columns].to_numpy().tolist() for name, part in events.groupby("incident_id")}
    return [(row, lines.get(row["incident_id"], [])) for row in rows.to_dict("records")]


def lives(told):
    for row, lines in told:
        yield row, [written._event((*line, None, None), row) for line in lines]


def test_every_step_is_a_move_from_the_state_before(told):
    for row, events in lives(told):
        case = None
        for event in events:
            move = life.MOVES[event.action]
            assert case is None or case.status in move.states.split(), (row["incident_id"], case.status, event.action)
            assert case is None or event.at >= case.last_at
            case = life.apply(case, event, case_id=row["incident_id"])


def test_a_case_stands_where_its_steps_lead(told):
    names = ("status", "current_level", "top_level", "reopen_count")
    for row, events in lives(told):
        case = life.fold(row["incident_id"], events)
        if row["status"] != "void":
            assert (case.status, case.level, case.top, case.reopened) == tuple(row[name] for name in names), row["incident_id"]


def test_who_found_a_case_handles_it_only_on_the_spot_but_for_the_slips_the_red_list_shows(told):
    slips = 0
    for row, events in lives(told):
        case = life.fold(row["incident_id"], events)
        if case.reporter and case.reporter == case.handler:
            assert row["channel"] == "patrol"
            slips += not case.on_the_spot
    assert 0 < slips < 0.02 * len(told)
