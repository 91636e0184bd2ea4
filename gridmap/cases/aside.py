"""What a move writes beside the case: whistles and who came, mediations, and the news that go out to other systems."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from gridmap.cases.case import Case, Event


def follow(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    """Write what an event changes in the tables beside the case, inside the same transaction."""
    told = _TOLD.get(event.action)
    if told is not None:
        told(cursor, case, event)


def _whistle(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    community = case.place[:12] if case.place and len(case.place) >= 12 else None
    row = cursor.execute("SELECT TRY_CAST(value AS DOUBLE) FROM settings WHERE key = 'whistle_limit_minutes'").fetchone()
    limit = row[0] if row else None
    required = event.at + timedelta(minutes=limit) if limit is not None else None
    cursor.execute(
        "INSERT INTO whistles (whistle_id, incident_id, community_code, blown_at, reason, blown_by) VALUES (?, ?, ?, ?, ?, ?)",
        [_id(case), case.id, community, event.at, event.data["kind"], event.hand.name],
    )
    for dept in event.data["depts"]:
        cursor.execute(
            "INSERT INTO whistle_responses (whistle_id, dept_id, required_by) VALUES (?, ?, ?)", [_id(case), dept, required]
        )


def _came(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    _response(cursor, case, "reported_at", event.at, event.hand.dept)


def _left(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    _response(cursor, case, "left_at", event.at, event.hand.dept)


def _rated(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    _response(cursor, case, "street_rating", event.data["rating"], event.data["dept"])


def _response(cursor: duckdb.DuckDBPyConnection, case: Case, column: str, value: object, dept: str | None) -> None:
    cursor.execute(
        f"UPDATE whistle_responses SET {column} = ? WHERE whistle_id = ? AND dept_id = ?",
        [value, _id(case), dept],
    )


def _ended(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    cursor.execute("UPDATE whistles SET closed_at = ? WHERE whistle_id = ?", [event.at, _id(case)])


def _mediation(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    said = event.data
    cursor.execute(
        "INSERT INTO mediations (mediation_id, incident_id, kind, venue, level, started_at, helper_kind) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [f"M{case.id}-{case.mediations}", case.id, said["kind"], said["venue"], case.level, event.at, said.get("helper")],
    )


def _settled(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    cursor.execute(
        "UPDATE mediations SET ended_at = ?, outcome = ?, level = ?, petition_after = ? "
        "WHERE incident_id = ? AND ended_at IS NULL",
        [event.at, event.data["outcome"], case.level, bool(event.data.get("petition")), case.id],
    )


def _id(case: Case) -> str:
    return f"W{case.id}-{case.whistles}"


_TOLD = {
    "whistle": _whistle,
    "report_in": _came,
    "leave": _left,
    "rate": _rated,
    "end_whistle": _ended,
    "mediate": _mediation,
    "settle": _settled,
}
