"""What some cases lead to: whistles blown for departments and their answers, mediations of three kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridmap.demo import columns, flow
from gridmap.demo.matters import DISPUTES, MATTERS
from gridmap.demo.rhythms import NOW

if TYPE_CHECKING:
    from gridmap.demo.columns import Register
    from gridmap.demo.incidents import Chunk

REASONS = ("resident_problem", "joint_enforcement", "emergency")
"""The three cases in which a whistle is blown (dossier §3.4)."""

PARTIES = ("zhujian", "chengguan", "gongan", "sifa", "xiaofang", "shichang", "huanjing", "ziran", "shui", "dian", "qi", "nuan")
"""Who answers: eight departments and four companies (R44)."""

_PROMPT = {"dian": 1.3, "xiaofang": 1.5, "gongan": 1.1, "ziran": -1.0, "nuan": -0.7, "shichang": -0.3}
_VENUES = ("community_room", "service_centre", "police_station", "court")
_HELPERS = ("lawyer", "legal_worker", "psychologist")
_LIMIT_MINUTES = np.array([1440, 180, 30])


def whistles(chunk: Chunk, register: Register, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Blow the whistles of a chunk and let one to three parties answer each."""
    course = chunk.flow
    rows = np.flatnonzero(course.whistle & ~np.isnat(course.accepted))
    rows = rows[chunk.reports.community[rows] >= 0]
    reason = np.searchsorted([0.55, 0.88], rng.random(len(rows)))
    blown = course.blown[rows]
    known = blown <= NOW
    rows, reason, blown = rows[known], reason[known], blown[known]
    ids = pc.binary_join_element_wise("W", pc.utf8_slice_codeunits(columns.incident_ids(chunk.first + rows), 1), "")
    first = np.array([PARTIES.index(m.dept) if m.dept in PARTIES else 1 for m in MATTERS])[chunk.reports.matter[rows]]
    table = pa.table(
        {
            "whistle_id": ids,
            "incident_id": columns.incident_ids(chunk.first + rows),
            "community_code": columns.words(register.communities, chunk.reports.community[rows]),
            "blown_at": columns.stamp(blown),
            "reason": columns.words(REASONS, reason),
            "blown_by": columns.words(register.communities, chunk.reports.community[rows]),
            "closed_at": columns.stamp(np.where(course.whistled[rows] <= NOW, course.whistled[rows], flow.NEVER)),
        }
    )
    calls = 1 + (rng.random(len(rows)) < 0.45) + (rng.random(len(rows)) < 0.18 + 0.3 * (reason == 1))
    row = np.repeat(np.arange(len(rows)), calls)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(calls) - calls, calls)
    party = (first[row] + nth * (1 + rng.integers(0, 3, len(rows))[row])) % len(PARTIES)
    ease = np.array([_PROMPT.get(name, 0.0) for name in PARTIES])[party]
    limit = _LIMIT_MINUTES[reason[row]]
    took = limit * np.exp(rng.normal(-0.75 - 0.35 * ease, 0.75))
    came = blown[row] + (took * 60).astype("timedelta64[s]")
    left = came + rng.integers(1200, 20_000, len(row)).astype("timedelta64[s]")
    there = (came <= NOW) & (rng.random(len(row)) > 0.02)
    rating = np.clip(np.round(88 + 4 * ease - 14 * (took > limit) + rng.normal(0, 5, len(row))), 30, 100).astype(np.int32)
    responses = pa.table(
        {
            "whistle_id": ids.take(pa.array(row)),
            "dept_id": columns.words(PARTIES, party),
            "required_by": columns.stamp(blown[row] + limit.astype("timedelta64[m]")),
            "reported_at": columns.stamp(np.where(there, came, flow.NEVER)),
            "left_at": columns.stamp(np.where(there & (left <= NOW), left, flow.NEVER)),
            "street_rating": pa.array(rating, mask=~there | (left > NOW)),
        }
    )
    return table, responses


def mediations(chunk: Chunk, register: Register, rng: np.random.Generator) -> pa.Table:
    """Mediate most disputes: people's mediation first of all, administrative and judicial for the rest."""
    del register
    course = chunk.flow
    dispute = np.array([matter.code in DISPUTES for matter in MATTERS])[chunk.reports.matter]
    rows = np.flatnonzero(dispute & ~np.isnat(course.arrived) & (rng.random(len(dispute)) < 0.62))
    kind = np.searchsorted([0.74, 0.91], rng.random(len(rows)))
    venue = np.where(kind == 2, 3, np.searchsorted([0.55, 0.85], rng.random(len(rows))))
    closed = ~np.isnat(course.closed[rows])
    agreed = rng.random(len(rows)) < np.array([0.87, 0.78, 0.71])[kind]
    outcome = np.where(agreed, 0, np.where(rng.random(len(rows)) < 0.7, 1, 2))
    helper = np.where(rng.random(len(rows)) < 0.28, rng.integers(0, 3, len(rows)), -1)
    return pa.table(
        {
            "mediation_id": pc.binary_join_element_wise(
                "M", pc.utf8_slice_codeunits(columns.incident_ids(chunk.first + rows), 1), ""
            ),
            "incident_id": columns.incident_ids(chunk.first + rows),
            "kind": columns.words(("people", "administrative", "judicial"), kind),
            "venue": columns.words(_VENUES, venue),
            "level": columns.words(flow.LEVELS, course.top[rows]),
            "started_at": columns.stamp(course.arrived[rows]),
            "ended_at": columns.stamp(course.closed[rows]),
            "outcome": columns.words(("agreed", "failed", "withdrawn"), np.where(closed, outcome, -1)),
            "helper_kind": columns.words(_HELPERS, helper),
            "petition_after": pa.array(closed & (outcome == 1) & (rng.random(len(rows)) < 0.06)),
        }
    )
