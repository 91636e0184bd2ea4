"""Three mediations 三调联动 and the pyramid 小事不出社区、大事不出街道: what was settled how, where and at which level."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from gridmap.store import Store


def running(db: Store, place: str, *, limit: int = 300) -> pd.DataFrame:
    """List mediations that have not ended, with the matter_code and community_code of their cases."""
    return (
        db.cursor()
        .execute(
            """
            SELECT m.mediation_id, m.incident_id, m.kind, m.venue, m.level, m.started_at, m.helper_kind, i.matter_code,
                i.community_code
            FROM mediations m JOIN incidents i USING (incident_id)
            WHERE m.ended_at IS NULL AND i.status NOT IN ('closed', 'void')
                AND starts_with(coalesce(i.community_code, i.street_code, $place), $place)
            ORDER BY m.started_at DESC LIMIT $limit""",
            {"place": place, "limit": limit},
        )
        .df()
    )


def results(db: Store, place: str, start: datetime, end: datetime, by: str = "kind") -> pd.DataFrame:
    """Count ended mediations by kind, venue or helper_kind: columns by, ended, agreed, with_helper, petitions."""
    column = {"kind": "m.kind", "venue": "m.venue", "helper_kind": "m.helper_kind"}[by]
    return (
        db.cursor()
        .execute(
            f"""
            SELECT {column} AS {by}, count(*) AS ended, count(*) FILTER (m.outcome = 'agreed') AS agreed,
                count(m.helper_kind) AS with_helper, count(*) FILTER (m.petition_after) AS petitions
            FROM mediations m LEFT JOIN incidents i USING (incident_id)
            WHERE m.ended_at >= $start AND m.ended_at < $end
                AND starts_with(coalesce(i.community_code, i.street_code, $place), $place)
            GROUP BY 1 ORDER BY ended DESC""",
            {"place": place, "start": start, "end": end},
        )
        .df()
    )


def pyramid(db: Store, place: str, start: datetime, end: datetime) -> dict[str, int]:
    """Count disputes (class 22 and petitions) closed between two moments by the highest level they reached.

    Keys community, street, district, petition; a dispute after whose mediation a petition followed counts as petition only.
    """
    rows = (
        db.cursor()
        .execute(
            """
            SELECT CASE WHEN incident_id IN (SELECT incident_id FROM mediations WHERE petition_after) THEN 'petition'
                ELSE coalesce(top_level, 'community') END, count(*)
            FROM incidents
            WHERE closed_at >= $start AND closed_at < $end AND (starts_with(matter_code, '22') OR is_petition)
                AND starts_with(coalesce(community_code, street_code, $place), $place)
            GROUP BY 1""",
            {"place": place, "start": start, "end": end},
        )
        .fetchall()
    )
    return {"community": 0, "street": 0, "district": 0, "petition": 0} | dict(rows)
