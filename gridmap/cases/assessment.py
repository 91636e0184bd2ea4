"""Two-way assessment 双向考核: district scores streets, streets score departments; weights are settings and blank until set."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.store import Store

DIRECTIONS = {"down": terms.key("District scores streets"), "up": terms.key("Streets score departments")}
WEIGHTS = {"down": "score_weight_down", "up": "score_weight_up"}
EVIDENCE = {"down": ("K01", "K02", "K03", "K05", "K30B"), "up": ("K28",)}
"""Indicators shown beside the scores of each direction, by which an assessor may judge."""


def periods(db: Store) -> list[str]:
    """Give the periods that have scores, the newest first."""
    return [row[0] for row in db.cursor().execute("SELECT DISTINCT period FROM assessments ORDER BY 1 DESC").fetchall()]


def scores(db: Store, period: str, direction: str) -> pd.DataFrame:
    """Give who was scored in a direction: columns assessee_id, items, score (Σ weight × score / Σ weight), mean (Σ score / n).

    score is empty where no item has a weight: no weight is made up. mean is of the scores as they were given.
    """
    return (
        db.cursor()
        .execute(
            """
            SELECT assessee_id, count(*) AS items,
                sum(weight * score) / nullif(sum(weight) FILTER (score IS NOT NULL), 0) AS score, avg(score) AS mean
            FROM assessments WHERE period = ? AND direction = ? GROUP BY 1 ORDER BY score DESC NULLS LAST, mean DESC, 1""",
            [period, direction],
        )
        .df()
    )


def items(db: Store, period: str, direction: str) -> pd.DataFrame:
    """Give every score of a direction: assessor_id, assessee_id, item, weight, score."""
    return (
        db.cursor()
        .execute(
            "SELECT assessor_id, assessee_id, item, weight, score FROM assessments "
            "WHERE period = ? AND direction = ? ORDER BY 2, 3, 1",
            [period, direction],
        )
        .df()
    )


def weights(db: Store) -> dict[str, float | None]:
    """Give the weight of each direction, None where it is not set."""
    rows = db.cursor().execute("SELECT key, TRY_CAST(value AS DOUBLE) FROM settings WHERE key IN ?", [list(WEIGHTS.values())])
    known = dict(rows.fetchall())
    return {direction: known.get(key) for direction, key in WEIGHTS.items()}


def put(
    db: Store,
    *,
    period: str,
    direction: str,
    assessor: str,
    assessee: str,
    item: str,
    score: float,
    weight: float | None = None,
) -> None:
    """Write down one score; the same assessor's score of the same item is replaced.

    Raises CaseError for a score outside 0-100, a negative weight, or an unknown direction.
    """
    if direction not in DIRECTIONS or not 0 <= score <= 100 or (weight is not None and weight < 0):
        raise CaseError("A score lies between 0 and 100, and a weight is not negative.")
    if not period.strip() or not item.strip() or not assessee:
        raise CaseError("Say which period, whom and which item the score is for.")
    with db.write() as cursor:
        cursor.execute(
            "DELETE FROM assessments WHERE period = ? AND direction = ? AND assessor_id = ? AND assessee_id = ? AND item = ?",
            [period, direction, assessor, assessee, item],
        )
        cursor.execute(
            "INSERT INTO assessments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [f"A{uuid.uuid4().hex[:12]}", period, direction, assessor, assessee, item, weight, score],
        )
