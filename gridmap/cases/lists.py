"""Cases as other systems list them: only those they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmap.cases import systems

if TYPE_CHECKING:
    from datetime import datetime

    from gridmap.cases.systems import System
    from gridmap.store import Store

_NAMES = (
    "incident_id, incident_no, matter_code, title_zh, description_zh, channel, status, current_level, grid_code, "
    "community_code, street_code, handler_dept_id, reported_at, accepted_at, arrived_at, closed_at, due_at, duplicate_of, "
    "address_zh, lon, lat, source_id"
)
_CHANGED = "greatest(reported_at, accepted_at, arrived_at, closed_at)"
_SINCE = f"({_CHANGED} >= $since OR incident_id IN (SELECT incident_id FROM incident_events WHERE occurred_at >= $since))"
_TIMES = ("reported_at", "accepted_at", "arrived_at", "closed_at", "due_at")


def may_see(db: Store, system: System, case_id: str) -> bool:
    """Say whether a case exists and a system may see it."""
    where, values = systems.seen_by(system)
    text = f"SELECT 1 FROM incidents WHERE incident_id = $id AND {where}"
    return db.cursor().execute(text, {"id": case_id, **values}).fetchone() is not None


def of_system(
    db: Store,
    system: System,
    *,
    ids: list[str] | None = None,
    matters: list[str] | None = None,
    since: datetime | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    status: str | None = None,
    open_: bool | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """List the cases a system may see, the newest first, as columns of the table with times as text (UTC+8).

    since: something happened to them from then on. start, end: reported in between. open_: only those that are open, or only
    those that are not.
    """
    where, values = systems.seen_by(system)
    parts = [where]
    for given, part, name in (
        (ids, "incident_id IN $ids", "ids"),
        (matters, "matter_code IN $matters", "matters"),
        (since, _SINCE, "since"),
        (start, "reported_at >= $start", "start"),
        (end, "reported_at <= $end", "end"),
        (status, "status = $status", "status"),
    ):
        if given is not None:
            parts.append(part)
            values[name] = given
    if open_ is not None:
        parts.append(f"status {'NOT ' if open_ else ''}IN ('closed', 'void')")
    found = db.cursor().execute(
        f"SELECT {_NAMES}, {_CHANGED} AS changed_at FROM incidents WHERE {' AND '.join(parts)} "
        "ORDER BY reported_at DESC, incident_id LIMIT $limit OFFSET $offset",
        {**values, "limit": limit, "offset": offset},
    )
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    last = _last(db, rows)
    for row in rows:
        row["changed_at"] = max(row["changed_at"], last.get(row["incident_id"], row["changed_at"]))
    return [
        {name: systems.stamp(value) if name in {*_TIMES, "changed_at"} else value for name, value in row.items()}
        for row in rows
    ]


def _last(db: Store, rows: list[dict[str, Any]]) -> dict[str, datetime]:
    """Give when something last happened to each of these cases."""
    if not rows:
        return {}
    found = db.cursor().execute(
        "SELECT incident_id, max(occurred_at) FROM incident_events "
        "WHERE incident_id IN $ids AND occurred_at >= $first GROUP BY 1",
        {"ids": [row["incident_id"] for row in rows], "first": min(row["reported_at"] for row in rows)},
    )
    return dict(found.fetchall())


def joined(db: Store, system: System, case_id: str) -> list[str]:
    """Give the numbers of the cases joined to a case that a system may see, the oldest first."""
    where, values = systems.seen_by(system)
    text = f"SELECT incident_id FROM incidents WHERE duplicate_of = $main AND {where} ORDER BY reported_at, incident_id"
    return [row[0] for row in db.cursor().execute(text, {"main": case_id, **values}).fetchall()]


def updates(db: Store, system: System, start: datetime, end: datetime, *, limit: int = 500) -> list[dict[str, Any]]:
    """List what happened between two moments to the cases a system may see, oldest first."""
    where, values = systems.seen_by(system)
    rows = (
        db.cursor()
        .execute(
            f"""
            SELECT e.event_id, e.incident_id, e.action, e.occurred_at, e.note_zh, i.status
            FROM incident_events e JOIN (SELECT incident_id, status FROM incidents WHERE {where}) i USING (incident_id)
            WHERE e.occurred_at BETWEEN $start AND $end ORDER BY e.occurred_at, e.incident_id, e.seq LIMIT $limit""",
            {**values, "start": start, "end": end, "limit": limit},
        )
        .fetchall()
    )
    names = ("event_id", "incident_id", "action", "occurred_at", "note", "status")
    return [dict(zip(names, row, strict=True)) | {"occurred_at": systems.stamp(row[3])} for row in rows]
