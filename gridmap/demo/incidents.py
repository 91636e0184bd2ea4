"""A year of incidents, in time order, made chunk by chunk: what, where, when, then its course and its steps.

Each chunk has a random stream of its own (seed and number), so memory stays bounded and the same seed gives the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.demo import flow, rhythms
from gridmap.demo.matters import CHANNELS, MATTERS, weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.demo.people import Staff
    from gridmap.demo.spots import Spots

_MOST_ROWS = 100_000
_CHUNKS = 40

DUPLICATES, RECURRENCES = 0.034, 0.045
"""Shares of reports that repeat an open one, and that come back after closing."""

OUTSIDE_EVERY = 2_500
"""Each so many reports, one lies outside the district, as a wrong fix does."""

_REMEMBERED = 30_000
_DAY = np.timedelta64(1, "D")


@dataclass
class Chunk:
    """Some days' incidents in the order of time; rows are numbered from ``first`` over the whole year.

    spot, compound: indices (-1: no compound); duplicate_of, recurrence_of: row numbers of the year or -1.
    """

    first: int
    reports: flow.Reports
    compound: np.ndarray
    spot: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    duplicate_of: np.ndarray
    recurrence_of: np.ndarray
    flow: flow.Flow


@dataclass
class _Closed:
    """Closed incidents of the last weeks that may come back."""

    row: np.ndarray
    matter: np.ndarray
    spot: np.ndarray
    closed: np.ndarray


def counts(total: int, rng: np.random.Generator) -> np.ndarray:
    """Say how many of each matter are reported on each day: days x matters, summing to ``total`` exactly.

    The last day counts only up to the demo's now.
    """
    days = np.stack([rhythms.weight(matter.hours, matter.season) for matter in MATTERS], axis=1)
    days /= days.mean(axis=0)
    days *= rng.lognormal(0, 0.06, (rhythms.DAYS, 1))
    share = days * weights()
    for column, matter in enumerate(MATTERS):
        hours = np.array(rhythms.HOURS[matter.hours])
        share[-1, column] *= hours[:18].sum() / hours.sum()
    return np.asarray(rng.multinomial(total, (share / share.sum()).ravel()).reshape(share.shape))


def make(total: int, spots: Spots, street_of: np.ndarray, staff: Staff, seed: int) -> Iterator[Chunk]:
    """Make ``total`` incidents of the year; street_of: the street's number for each community."""
    plan = counts(total, np.random.default_rng([seed, 20]))
    skill = np.random.default_rng([seed, 21]).normal(0, 1.0, int(street_of.max()) + 1)
    scene = _Scene(spots, street_of, skill, staff)
    whole = np.cumsum(plan.sum(axis=1))
    memory = _Closed(np.empty(0, int), np.empty(0, int), np.empty(0, int), np.empty(0, "datetime64[s]"))
    size = min(_MOST_ROWS, total // _CHUNKS)
    first_day = row = 0
    number = 0
    while first_day < rhythms.DAYS:
        last_day = int(np.searchsorted(whole, row + size)) + 1
        last_day = min(rhythms.DAYS, max(first_day + 1, last_day))
        rng = np.random.default_rng([seed, 22, number])
        chunk = _chunk(plan[first_day:last_day], scene, memory, first_day=first_day, row=row, rng=rng)
        memory = _remember(memory, chunk, rng)
        yield chunk
        row += len(chunk.spot)
        first_day = last_day
        number += 1


@dataclass
class _Scene:
    """What all chunks share: the spots, the street of each community, how well each street works, and the staff."""

    spots: Spots
    street_of: np.ndarray
    skill: np.ndarray
    staff: Staff


def _chunk(plan: np.ndarray, scene: _Scene, memory: _Closed, *, first_day: int, row: int, rng: np.random.Generator) -> Chunk:
    day, matter = (np.repeat(index, plan.ravel()) for index in np.divmod(np.arange(plan.size), plan.shape[1]))
    count = len(matter)
    spot, channel = _where_and_how(matter, scene.spots, rng)
    keys = sorted(rhythms.HOURS)
    profile = np.array([keys.index(m.hours) for m in MATTERS])[matter]
    profile = np.where((channel == 0) & (rng.random(count) < 0.72), keys.index("office"), profile)
    start = rhythms.START + first_day
    end = min((start + plan.shape[0]).astype("datetime64[s]"), rhythms.NOW.astype("datetime64[s]"))
    reported = (start + day).astype("datetime64[s]") + rhythms.seconds_of_day(profile, rng).astype("timedelta64[s]")
    late = reported >= end  # the last evening has not come yet: these came earlier that day
    reported[late] -= (rng.uniform(6, 10, int(late.sum())) * 3600).astype("timedelta64[s]")
    recurs = _recur(memory, reported, matter, spot, rng)
    doubles = _double(reported, matter, spot, channel, recurs=recurs, end=end, rng=rng)
    order = np.argsort(reported, kind="stable")
    place = np.empty(count, int)
    place[order] = np.arange(count)
    duplicate = np.where(doubles >= 0, row + place[doubles], -1)[order]
    reported, matter, channel, spot, recurs = (part[order] for part in (reported, matter, channel, spot, recurs))
    lon, lat, community = _points(scene.spots, spot, row, rng)
    street = scene.street_of[np.where(community < 0, 0, community)]
    reports = flow.Reports(reported, matter, channel, community, street)
    return Chunk(
        first=row,
        reports=reports,
        spot=spot,
        compound=np.where(community < 0, -1, scene.spots.compound[spot]),
        lon=lon,
        lat=lat,
        duplicate_of=duplicate,
        recurrence_of=recurs,
        flow=flow.run(reports, scene.skill, scene.staff, rng),
    )


def _where_and_how(matter: np.ndarray, spots: Spots, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a spot and a channel for each row."""
    spot = np.empty(len(matter), int)
    channel = np.empty(len(matter), int)
    order = np.argsort(matter, kind="stable")
    edges = np.searchsorted(matter[order], np.arange(len(MATTERS) + 1))
    for number, kind in enumerate(MATTERS):
        rows = order[edges[number] : edges[number + 1]]
        if not len(rows):
            continue
        shares = np.array(list(kind.places.values()))
        where = np.searchsorted(np.cumsum(shares / shares.sum()), rng.random(len(rows)))
        for which, place in enumerate(kind.places):
            own = rows[where == which]
            known, running = spots.by_kind[place] if len(spots.by_kind[place][0]) else spots.by_kind["home"]
            spot[own] = known[np.searchsorted(running, rng.random(len(own)) * running[-1])]
        channel[rows] = np.searchsorted(np.cumsum(CHANNELS[kind.channels]), rng.random(len(rows))).clip(0, 4)
    return spot, channel


def _recur(memory: _Closed, reported: np.ndarray, matter: np.ndarray, spot: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Let some reports be an old one come back to the same spot, 1-40 days after it was closed. Changes matter and spot."""
    found = np.full(len(reported), -1)
    if not len(memory.row):
        return found
    rows = np.flatnonzero(rng.random(len(reported)) < RECURRENCES * 1.6)
    old = rng.integers(0, len(memory.row), len(rows))
    since = reported[rows] - memory.closed[old]
    fits = (since > _DAY) & (since < 40 * _DAY)
    rows, old = rows[fits], old[fits]
    matter[rows], spot[rows], found[rows] = memory.matter[old], memory.spot[old], memory.row[old]
    return found


def _double(
    reported: np.ndarray,
    matter: np.ndarray,
    spot: np.ndarray,
    channel: np.ndarray,
    *,
    recurs: np.ndarray,
    end: np.datetime64,
    rng: np.random.Generator,
) -> np.ndarray:
    """Let some reports be a second voice about one just reported. Changes their time, matter and spot; gives whose."""
    found = np.full(len(reported), -1)
    rows = rng.permutation(len(reported))[: 2 * round(len(reported) * DUPLICATES)]
    rows = rows[recurs[rows] < 0]
    second, original = rows[: len(rows) // 2], rows[len(rows) // 2 : 2 * (len(rows) // 2)]
    when = reported[original] + (rng.exponential(5 * 3600, len(second)) + 40).astype("timedelta64[s]")
    fits = when < end
    second, original, when = second[fits], original[fits], when[fits]
    reported[second], matter[second], spot[second], found[second] = when, matter[original], spot[original], original
    channel[second] = rng.choice([3, 4, 1, 0], len(second), p=[0.45, 0.35, 0.12, 0.08])
    return found


def _points(spots: Spots, spot: np.ndarray, row: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Move each point a little inside its spot's slack; put a few outside on purpose, as wrong fixes are."""
    angle, reach = rng.uniform(0, 2 * np.pi, len(spot)), spots.slack_m[spot] * np.sqrt(rng.random(len(spot)))
    lat = spots.lat[spot] + reach * np.sin(angle) / 111_050
    lon = spots.lon[spot] + reach * np.cos(angle) / (111_320 * np.cos(np.radians(spots.lat[spot])))
    community = spots.community[spot].copy()
    lost = np.flatnonzero((row + np.arange(len(spot))) % OUTSIDE_EVERY == OUTSIDE_EVERY // 2)
    lon[lost], lat[lost] = (
        spots.lon.mean() + rng.uniform(-0.02, 0.02, len(lost)),
        spots.lat.min() - rng.uniform(0.004, 0.012, len(lost)),
    )
    community[lost] = -1
    return np.round(lon, 7), np.round(lat, 7), community


def _remember(memory: _Closed, chunk: Chunk, rng: np.random.Generator) -> _Closed:
    """Keep some closed ones of the last 45 days."""
    ended = ~np.isnat(chunk.flow.closed) & (chunk.duplicate_of < 0) & (chunk.reports.community >= 0)
    rows = np.flatnonzero(ended)
    rows = rows[rng.random(len(rows)) < min(1.0, _REMEMBERED / max(1, len(rows)))]
    row = np.concatenate([memory.row, chunk.first + rows])
    matter = np.concatenate([memory.matter, chunk.reports.matter[rows]])
    spot = np.concatenate([memory.spot, chunk.spot[rows]])
    closed = np.concatenate([memory.closed, chunk.flow.closed[rows].astype("datetime64[s]")])
    recent = np.flatnonzero(closed > chunk.reports.reported[-1] - 45 * _DAY)
    if len(recent) > 3 * _REMEMBERED:
        recent = np.sort(rng.choice(recent, 3 * _REMEMBERED, replace=False))
    return _Closed(row[recent], matter[recent], spot[recent], closed[recent])
