"""Supervision: a random sample of closed cases to look at again, and what was found."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from gridmap import store
from gridmap.errors import CaseError

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from gridmap.cases.hands import Hand
    from gridmap.store import Store


def draw(db: Store, place: str, count: int, *, days: int = 7, now: datetime | None = None) -> int:
    """Draw cases closed in the last days at random, none twice, for a spot check; give how many were drawn."""
    at = now or store.now()
    with db.write() as cursor:
        rows = cursor.execute(
            """
            SELECT incident_id FROM incidents
            WHERE closed_at > $at - to_days($days) AND starts_with(coalesce(community_code, street_code, $place), $place)
                AND incident_id NOT IN (SELECT incident_id FROM spot_checks)
            ORDER BY random() LIMIT $count""",
            {"at": at, "days": days, "place": place, "count": count},
        ).fetchall()
        for (case_id,) in rows:
            cursor.execute(
                "INSERT INTO spot_checks (check_id, incident_id, drawn_at) VALUES (?, ?, ?)",
                [f"S{uuid.uuid4().hex[:12]}", case_id, at],
            )
    return len(rows)


def listed(db: Store, place: str, *, done: bool = False) -> pd.DataFrame:
    """List spot checks, the newest first: the columns of spot_checks with the case's title_zh, community_code, closed_at."""
    state = "IS NOT NULL" if done else "IS NULL"
    return (
        db.cursor()
        .execute(
            f"""
            SELECT c.check_id, c.incident_id, i.title_zh, i.community_code, i.closed_at, c.drawn_at, c.checked_at, c.passed,
                c.checked_by, c.note_zh
            FROM spot_checks c JOIN incidents i USING (incident_id)
            WHERE c.checked_at {state} AND starts_with(coalesce(i.community_code, i.street_code, $place), $place)
            ORDER BY c.drawn_at DESC, c.check_id LIMIT 200""",
            {"place": place},
        )
        .df()
    )


def result(db: Store, hand: Hand, check_id: str, *, passed: bool, note: str = "", now: datetime | None = None) -> None:
    """Write down what a spot check found. Raises CaseError when there is no such check that is still open."""
    with db.write() as cursor:
        found = cursor.execute(
            "UPDATE spot_checks SET checked_at = ?, passed = ?, checked_by = ?, note_zh = ? "
            "WHERE check_id = ? AND checked_at IS NULL",
            [now or store.now(), passed, hand.name, note or None, check_id],
        ).fetchone()
    if not found or not found[0]:
        raise CaseError("There is no open spot check {id}.", id=check_id)


def satisfaction(db: Store, place: str, start: datetime, end: datetime) -> dict[str, int]:
    """Count what residents said of cases closed between two moments: closed, called, resolved, satisfied (as K30 does)."""
    row = (
        db.cursor()
        .execute(
            """
            SELECT count(*), count(satisfied), count(*) FILTER (resolved AND satisfied IS NOT NULL), count(*) FILTER (satisfied)
            FROM incidents WHERE is_resident_reported AND closed_at >= $start AND closed_at < $end
                AND starts_with(coalesce(community_code, street_code, $place), $place)""",
            {"place": place, "start": start, "end": end},
        )
        .fetchone()
    )
    return dict(zip(("closed", "called", "resolved", "satisfied"), row or (0, 0, 0, 0), strict=True))
