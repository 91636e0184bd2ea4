"""How each report goes: accepted, on site, handled at which level, closed or not, by whom; all in arrays of one chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.cases.reasons import REMOTE
from gridmap.demo.matters import MATTERS
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    from gridmap.demo.people import Staff

LEVELS = ("community", "street", "district")
STATUSES = ("new", "accepted", "assigned", "handling", "coordinating", "checking", "closed", "returned", "deferred", "void")
NEVER = np.datetime64("NaT")

_PATROL, _ASSIST, _PROPERTY, _RESIDENT, _HOTLINE = range(5)


@dataclass
class Reports:
    """Some reports: when (datetime64[s]), and indices of matter, channel, community (-1 outside) and street."""

    reported: np.ndarray
    matter: np.ndarray
    channel: np.ndarray
    community: np.ndarray
    street: np.ndarray


@dataclass
class Flow:
    """One chunk's courses; times are datetime64[s], NaT for what has not happened; people are rows of the staff table or -1.

    blown, whistled: when a whistle was blown and ended; filled in with the steps.
    """

    accepted: np.ndarray
    arrived: np.ndarray
    done: np.ndarray
    closed: np.ndarray
    due: np.ndarray
    status: np.ndarray
    top: np.ndarray
    current: np.ndarray
    on_the_spot: np.ndarray
    reopened: np.ndarray
    deferred: np.ndarray
    returned: np.ndarray
    whistle: np.ndarray
    resolved: np.ndarray
    satisfied: np.ndarray
    called_back: np.ndarray
    reporter: np.ndarray
    handler: np.ndarray
    by_dept: np.ndarray
    blown: np.ndarray
    whistled: np.ndarray


def run(reports: Reports, skill: np.ndarray, staff: Staff, rng: np.random.Generator) -> Flow:
    """Run each report's course from the moment it was made; ``skill`` is how well each street works (mean 0)."""
    reported, matter, channel = reports.reported, reports.matter, reports.channel
    count = len(reported)
    good = skill[reports.street]
    resident = channel >= _RESIDENT
    hour = ((reported - reported.astype("datetime64[D]")).astype(int)) // 3600
    night = (hour < 7) | (hour >= 22)
    spot = (channel == _PATROL) & (rng.random(count) < 0.22) & (_hard(matter) < 0.2)
    void = rng.random(count) < 0.011

    prompt = rng.random(count) < np.where(resident, 0.94 + 0.02 * good - 0.05 * night, 0.5)
    wait = np.where(prompt, rng.uniform(6, 58, count), 60 + rng.exponential(np.where(night, 900, 420)))
    accepted = reported + wait.astype("timedelta64[s]")

    way = np.exp(rng.normal(np.log(24 * 60) - 0.10 * good + 0.30 * night, 0.62, count))
    way = np.where(spot, rng.uniform(0, 60, count), way)
    arrived = accepted + way.astype("timedelta64[s]")

    top = _top(matter, channel, good, spot, rng)
    deferred = (rng.random(count) < 0.004 + 0.075 * _hard(matter)) & (top > 0)
    returned = (rng.random(count) < 0.05 * (top > 0) + 0.004).astype(int) + (rng.random(count) < 0.012 * (top > 0))
    whistle = (top > 0) & (rng.random(count) < np.where(top == 2, 0.20, 0.07))
    reopened = (rng.random(count) < 0.035 - 0.008 * good).astype(int) + (rng.random(count) < 0.004)

    hours = _median_hours(matter) * np.exp(rng.normal(0, 0.85, count)) * np.array([0.8, 1.7, 3.2])[top]
    hours *= np.exp(-0.16 * good) * (1 + 0.55 * returned + 0.9 * reopened) * np.where(night, 1.25, 1.0)
    hours = np.where(spot, rng.uniform(0.05, 0.6, count), hours) + np.where(deferred, rng.uniform(60, 260, count), 0)
    stuck = rng.random(count) < 0.030 + 0.09 * _hard(matter) * (top > 0)
    hours = np.where(stuck, hours * 14 + rng.exponential(900, count), hours)
    done = arrived + (hours * 3600).astype("timedelta64[s]")
    checked = np.where(spot, 30, np.exp(rng.normal(np.log(1800), 0.8, count))).astype("timedelta64[s]")
    closed = done + checked

    limit = np.where(_median_hours(matter) > 24, 168, np.where(resident | (_median_hours(matter) < 8), 24, 72))
    limit = np.where(_median_hours(matter) > 90, 360, limit) + np.where(deferred, 168, 0)
    due = reported + limit.astype("timedelta64[h]")

    status = _status(
        (accepted, arrived, done, closed), returned=returned, whistle=whistle, deferred=deferred, void=void, rng=rng
    )
    is_closed = status == STATUSES.index("closed")
    out = NOW.astype("datetime64[s]")
    times = [np.where(time <= out, time, NEVER) for time in (accepted, arrived, done, closed)]
    arrived_seen, done_seen = (
        np.where(void | (rng.random(count) < lost), NEVER, time)
        for time, lost in ((times[1], 0.1 * _remote(matter)), (times[2], 0))
    )
    closed_seen = np.where(is_closed, times[3], NEVER)

    in_time = closed <= due
    resolved = rng.random(count) < np.where(in_time, 0.965, 0.84) - 0.05 * (top == 2)
    called_back = is_closed & resident & (rng.random(count) < 0.72)
    satisfied = rng.random(count) < np.where(resolved, 0.95, 0.22) - 0.07 * ~in_time + 0.012 * good
    reporter, handler = _people(reports, top, spot, staff, rng)
    handler[void | np.isnat(arrived_seen) & ~is_closed] = -1
    by_dept = (top == 2) | ((top == 1) & (rng.random(count) < 0.45))
    return Flow(
        accepted=times[0],
        arrived=arrived_seen,
        done=done_seen,
        closed=closed_seen,
        due=np.where(void, NEVER, due),
        status=status,
        top=top,
        current=np.where(is_closed & (top > 0) & (rng.random(count) < 0.18), top - 1, top),
        on_the_spot=spot,
        reopened=np.where(is_closed | ~np.isnat(done_seen), reopened, 0),
        deferred=deferred & ~void,
        returned=returned,
        whistle=whistle & ~void,
        resolved=resolved & is_closed,
        satisfied=satisfied & called_back,
        called_back=called_back,
        reporter=reporter,
        handler=handler,
        by_dept=by_dept,
        blown=np.full(count, NEVER),
        whistled=np.full(count, NEVER),
    )


def _hard(matter: np.ndarray) -> np.ndarray:
    return np.asarray(np.array([m.hard for m in MATTERS])[matter])


def _remote(matter: np.ndarray) -> np.ndarray:
    """Say which reports are settled without going anywhere: errands and opinions."""
    return np.asarray(np.array([m.code[:2] in REMOTE for m in MATTERS])[matter])


def _median_hours(matter: np.ndarray) -> np.ndarray:
    return np.asarray(np.array([m.hours_to_close for m in MATTERS])[matter])


def _top(matter: np.ndarray, channel: np.ndarray, good: np.ndarray, spot: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Say how high each report climbs: hard ones leave the community, a quarter of those reach the district."""
    climbs = rng.random(len(matter)) < _hard(matter) * (1 - 0.06 * good) * np.where(channel == _HOTLINE, 1.25, 1.0)
    higher = rng.random(len(matter)) < 0.10 + 0.28 * _hard(matter)
    return np.where(spot, 0, climbs.astype(int) + (climbs & higher))


def _status(
    times: tuple[np.ndarray, ...],
    *,
    returned: np.ndarray,
    whistle: np.ndarray,
    deferred: np.ndarray,
    void: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Say where each report stands now."""
    accepted, arrived, done, closed = times
    at = STATUSES.index
    passed = rng.random(len(accepted))
    tests = [
        (void, at("void")),
        (closed <= NOW, at("closed")),
        (accepted > NOW, at("new")),
        (done <= NOW, at("checking")),
        (arrived > NOW, np.where(passed < 0.4, at("accepted"), at("assigned"))),
        (deferred, at("deferred")),
        ((returned > 0) & (passed < 0.5), at("returned")),
        (whistle, at("coordinating")),
        (passed < 0.12, at("coordinating")),
    ]
    values = [np.broadcast_to(np.asarray(value), void.shape) for _, value in tests]
    return np.asarray(np.select([test for test, _ in tests], values, default=at("handling")))


def _people(
    reports: Reports, top: np.ndarray, spot: np.ndarray, staff: Staff, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Name who found and who handled it: two different people but for what is settled on the spot, and a few slips."""
    channel, count = reports.channel, len(reports.channel)
    known = np.where(reports.community < 0, 0, reports.community)
    workers, helpers, force = staff.full_time[known], staff.part_time[known], staff.enforcement[reports.street]
    pick = rng.integers(0, 1 << 30, count)
    finder = np.where(channel == _PATROL, workers[:, 0] + 1 + pick % (workers[:, 1] - 1), helpers[:, 0] + pick % helpers[:, 1])
    reporter = np.where(channel <= _ASSIST, finder, -1)
    other = workers[:, 0] + 1 + (pick + 1 + (pick >> 8) % np.maximum(1, workers[:, 1] - 2)) % (workers[:, 1] - 1)
    handler = np.where(top == 0, other, force[:, 0] + (pick >> 4) % force[:, 1])
    slip = (rng.random(count) < 0.012) & (channel == _PATROL) & (top == 0)
    return reporter, np.where(spot | slip, reporter, handler)
