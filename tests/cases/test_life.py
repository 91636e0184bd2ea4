"""Ten thousand lives of a case, walked at random and judged by a second telling of the rules; every clock counted again."""

import os
import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap import cases
from gridmap.cases import clocks, life
from gridmap.cases.hands import Hand
from gridmap.errors import CaseError
from tests.cases.model import ORDER, Model, counted_due

WALKS = int(os.environ.get("GRIDMAP_WALKS", "200"))
STEPS = 30
COMMUNITY, STREET, DISTRICT = "990199001001", "990199001", "990199"
HANDS = (
    Hand("resident", "resident"),
    Hand("finder", "worker", COMMUNITY, staff="S1"),
    Hand("second", "worker", COMMUNITY, staff="S2"),
    Hand("stranger", "worker", "990199002001", staff="S3"),
    Hand("community", "desk", COMMUNITY, "community"),
    Hand("neighbour", "desk", "990199001002", "community"),
    Hand("street", "desk", STREET, "street"),
    Hand("district", "desk", DISTRICT, "district"),
    Hand("chengguan", "department", DISTRICT, dept="chengguan"),
    Hand("gongan", "department", DISTRICT, dept="gongan"),
    Hand("supervisor", "supervisor", DISTRICT, "district"),
    Hand("leader", "leader", DISTRICT, "district"),
    Hand("hotline", "system", DISTRICT),
)
ACTIONS = tuple(life.MOVES)
LIMITS = (None, (4.0, "urgent_hour"), (4.0, "work_hour"), (5.0, "work_day"), (1.0, "day"), (90.0, "minute"))
TABLE = {date(2026, 3, 4): False, date(2026, 3, 7): True}
RULES = clocks.Rules(
    cases.Calendar(
        {date(2026, 1, 1) + timedelta(days=n): (date(2026, 1, 1) + timedelta(days=n)).weekday() < 5 for n in range(365)} | TABLE
    )
)


TAKEN = Counter()


def fields(chance, now):
    """Something to say with any move; often what is needed, sometimes not."""
    one = chance.choice
    return {
        "note": one(["done", "done", ""]),
        "reason": one(["because", "because", ""]),
        "handler": one(["S1", "S2", None]),
        "dept": one(["chengguan", "gongan", None]),
        "depts": one([["chengguan"], ["chengguan", "gongan"], []]),
        "kind": one(["emergency", "people", "judicial", "joint_enforcement", "nonsense"]),
        "venue": one(["court", ""]),
        "outcome": one(["agreed", None]),
        "into": one(["Y", "X", None]),
        "until": one([now + timedelta(hours=30), now - timedelta(hours=1), None]),
        "rating": one([88, 101, "x", None]),
        "matter": one(["06010", "25001", None]),
        "limit": one(LIMITS),
        "pausable": one([True, False]),
        "resolved": one([True, False, None]),
        "satisfied": one([True, False]),
    }


def right(model, chance, said, now, rare):
    """One of the moves that the rules allow now, each kind as likely as another; None where there is none."""
    for action in chance.sample(ACTIONS, len(ACTIONS)):
        hands = [] if action in rare else [hand for hand in HANDS if model.allowed(hand, action, said, now)]
        if hands:
            return chance.choice(hands), action
    return None


@settings(max_examples=WALKS, derandomize=WALKS < 1000, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_walk_goes_where_the_rules_say_and_nowhere_else(data):
    draw = data.draw
    now = datetime.fromisoformat("2026-03-02") + timedelta(minutes=draw(st.integers(0, 6 * 1440)))
    limit, pausable, resident = draw(st.sampled_from(LIMITS)), draw(st.booleans()), draw(st.booleans())
    matter, finder = draw(st.sampled_from(["06010", "25001"])), draw(st.sampled_from([HANDS[0], HANDS[1]]))
    said = {"matter": matter, "limit": limit, "pausable": pausable, "resident": resident, "grid": "990199001001001"}
    events = [cases.Event(1, "report", now, finder, said | {"place": "990199001001001"})]
    case = life.step(None, events[0], case_id="X")
    model = Model(now, limit, pausable, resident, matter, finder.staff)
    chance = random.Random(draw(st.integers(0, 1 << 62)))
    for _ in range(STEPS):
        now += timedelta(minutes=chance.choice([0, 1, 25, 300, 1500]))
        said = fields(chance, now)
        hand, action = chance.choice(HANDS), chance.choice(ACTIONS)
        if chance.random() < 0.7:
            rare = {"void", "join", "note", "urge", "close", "spot"} if chance.random() < 0.7 else set()
            hand, action = right(model, chance, said, now, rare) or (hand, action)
        event = cases.Event(case.seq + 1, action, now, hand, said)
        if not model.allowed(hand, action, said, now):
            with pytest.raises(CaseError):
                life.step(case, event)
            continue
        assert action in {move.action for move in life.open_moves(case, hand, now)}  # a page has a button for it
        case = life.step(case, event)
        model.make(hand, action, said, now)
        TAKEN[action] += 1
        events.append(event)
        assert (case.status, case.level, case.top) == (model.state, ORDER[model.at], ORDER[model.top])
    assert life.fold("X", events) == case
    assert (case.accepted_at, case.arrived_at, case.closed_at) == (model.accepted, model.arrived, model.closed)
    assert (case.reopened, case.returns, case.handler, case.dept) == (model.reopened, model.returned, model.handler, model.dept)
    assert clocks.due(case, RULES) == counted_due(model, RULES.calendar.days, None)
    ones = {clock.what: clock for clock in clocks.three_ones(case, RULES, now)}
    assert bool(ones) == (model.resident and model.state != "void")
    for what, minutes, met in (("accept", 1, model.accepted), ("arrive", 60, model.arrived), ("close", 1440, model.closed)):
        if ones:
            late = (met or now) > model.reported + timedelta(minutes=minutes)
            assert (ones[what].state == "late") == late


def test_the_walks_made_every_move_there_is():
    assert set(TAKEN) == set(ACTIONS) - {"report", "take_over"}
