"""What lies on each desk: boxes of cases by what has to be done with them, counted and listed, the most urgent first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gridmap import terms
from gridmap.cases import clocks
from gridmap.cases.hands import LEVELS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from gridmap.cases.case import Case
    from gridmap.cases.clocks import Rules
    from gridmap.cases.hands import Hand
    from gridmap.store import Store

BOXES = {
    "new": (terms.key("To accept"), "status = 'new'"),
    "assign": (terms.key("To assign"), "status IN ('accepted', 'returned')"),
    "approve": (terms.key("To approve"), "awaiting IS NOT NULL"),
    "work": (terms.key("In hand"), "status IN ('assigned', 'handling')"),
    "coordinate": (terms.key("Whistles"), "status = 'coordinating'"),
    "deferred": (terms.key("Deferred"), "status = 'deferred'"),
    "check": (terms.key("To check"), "status = 'checking'"),
    "call_back": (
        terms.key("To call back"),
        "status = 'closed' AND is_resident_reported AND satisfied IS NULL AND closed_at > $now - INTERVAL 3 DAY",
    ),
    "soon": (
        terms.key("Due soon"),
        (
            "status NOT IN ('closed', 'void') AND due_at >= $now AND epoch(due_at) - epoch($now::TIMESTAMP) < "
            f"{clocks.WARN} * (epoch(due_at) - epoch(reported_at))"
        ),
    ),
    "late": (terms.key("Overdue"), "status NOT IN ('closed', 'void') AND due_at < $now"),
    "all": (terms.key("All open"), "status NOT IN ('closed', 'void')"),
}
"""Each box: its name and which cases lie in it."""

OF = {
    "worker": ("work", "deferred", "soon", "late", "all"),
    "department": ("work", "coordinate", "deferred", "soon", "late", "all"),
    "desk": ("new", "assign", "approve", "work", "coordinate", "deferred", "check", "soon", "late", "all"),
    "supervisor": ("check", "call_back", "soon", "late", "coordinate", "all"),
    "leader": ("soon", "late", "coordinate", "all"),
}
"""The boxes on each desk."""

COLUMNS = (
    "incident_id, incident_no, matter_code, title_zh, description_zh, channel, reported_at, accepted_at, arrived_at, "
    "closed_at, due_at, status, current_level, grid_code, community_code, street_code, handler_staff_id, handler_dept_id, "
    "is_resident_reported, deferred, awaiting, lon, lat, seq"
)

OPTIONAL = ("title_zh", "description_zh", "grid_code", "community_code", "street_code", "due_at", "accepted_at", "arrived_at")
"""Those of COLUMNS that a case may lack: None then."""


def counts(db: Store, hand: Hand, now: datetime) -> dict[str, int]:
    """Count the cases in each box of a hand's desk."""
    where, values = _mine(hand)
    boxes = OF.get(hand.role, ())
    parts = ", ".join(f'count(*) FILTER ({BOXES[box][1]}) AS "{box}"' for box in boxes)
    if not parts:
        return {}
    text = f"SELECT {parts} FROM incidents WHERE {where} AND {_ALIVE}"
    row = db.cursor().execute(text, _used(text, values | {"now": now})).fetchone()
    return dict(zip(boxes, row or (), strict=True))


def cases(db: Store, hand: Hand, box: str, now: datetime, *, limit: int = 20, offset: int = 0) -> pd.DataFrame:
    """List the cases of a box, those due first before the others: COLUMNS of the table incidents."""
    where, values = _mine(hand)
    text = (
        f"SELECT {COLUMNS} FROM incidents WHERE {where} AND {BOXES[box][1]} "
        f"ORDER BY due_at NULLS LAST, reported_at, incident_id LIMIT $limit OFFSET $offset"
    )
    found = db.cursor().execute(text, _used(text, values | {"now": now, "limit": limit, "offset": offset})).df()
    return found.assign(**{name: found[name].astype(object).where(found[name].notna(), None) for name in OPTIONAL})


def next_due(row: Mapping[Hashable, Any], rules: Rules, now: datetime) -> tuple[str, datetime | None]:
    """Give which clock of a listed case comes first, and when it is due; None where no limit is set.

    For what residents report accept and arrive of 3个1 (speech R40) come before close, unless that is overdue already.
    row: COLUMNS, what is absent as None.
    """
    due, start = row["due_at"], row["reported_at"]
    waits = row["status"] not in {"checking", "deferred", "closed", "void"} and (due is None or due >= now)
    if row["is_resident_reported"] and waits and row["accepted_at"] is None:
        return "accept", start + timedelta(minutes=rules.accept_minutes)
    if row["is_resident_reported"] and waits and row["arrived_at"] is None:
        return "arrive", start + timedelta(minutes=rules.arrive_minutes)
    return "close", due


def shows(hand: Hand, case: Case) -> bool:
    """Say whether a case is a hand's to look at: each sees its own and only its own.

    A worker sees what they found or were given, a department what it was given or whistled for, the others their territory.
    """
    if hand.role == "worker":
        return hand.staff is not None and hand.staff in {case.handler, case.reporter}
    if hand.role == "department":
        return hand.dept == case.dept or hand.dept in case.called
    return hand.reaches(case.place)


def alike(db: Store, case: Case, *, days: int = 30, limit: int = 20) -> pd.DataFrame:
    """List what a case may be a second report of: cases of its matter in its community, reported within days of it, not void.

    Columns incident_id, title_zh, description_zh, reported_at, status; open ones first, by how near in time.
    """
    return (
        db.cursor()
        .execute(
            """
            SELECT incident_id, title_zh, description_zh, reported_at, status FROM incidents
            WHERE matter_code = $matter AND community_code = $community AND incident_id <> $id AND status <> 'void'
                AND reported_at BETWEEN $at - to_days($days) AND $at + to_days($days)
            ORDER BY status = 'closed', abs(epoch(reported_at - $at)), incident_id LIMIT $limit""",
            {
                "matter": case.matter,
                "community": (case.place or "")[:12],
                "id": case.id,
                "at": case.reported_at,
                "days": days,
                "limit": limit,
            },
        )
        .df()
    )


def joined(db: Store, ids: Sequence[str]) -> dict[str, list[str]]:
    """Give the numbers of the cases that were joined to each of these as second reports, the oldest first."""
    found: dict[str, list[str]] = {}
    text = "SELECT duplicate_of, incident_id FROM incidents WHERE duplicate_of IN $ids ORDER BY reported_at, incident_id"
    for main, other in db.cursor().execute(text, {"ids": list(ids)}).fetchall():
        found.setdefault(main, []).append(other)
    return found


def by_area(db: Store, hand: Hand, now: datetime) -> pd.DataFrame:
    """Count a hand's open, overdue and whistled cases by community: columns community_code, open, late, whistles."""
    where, values = _inside(hand.territory)
    text = f"""
        SELECT community_code, count(*) AS open, count(*) FILTER (due_at < $now) AS late,
            count(*) FILTER (status = 'coordinating') AS whistles
        FROM incidents WHERE {BOXES["all"][1]} AND {where} AND community_code IS NOT NULL GROUP BY 1 ORDER BY 1"""
    return db.cursor().execute(text, _used(text, values | {"now": now})).df()


_ALIVE = "(status NOT IN ('closed', 'void') OR closed_at > $now - INTERVAL 3 DAY)"


def _mine(hand: Hand) -> tuple[str, dict[str, Any]]:
    """Which cases concern a hand at all."""
    if hand.role == "worker":
        return "handler_staff_id = $staff", {"staff": hand.staff}
    if hand.role == "department":
        called = (
            "incident_id IN (SELECT w.incident_id FROM whistles w JOIN whistle_responses r USING (whistle_id) "
            "WHERE r.dept_id = $dept AND w.closed_at IS NULL)"
        )
        return f"(handler_dept_id = $dept OR status = 'coordinating' AND {called})", {"dept": hand.dept}
    where, values = _inside(hand.territory)
    if hand.role == "desk" and hand.level in LEVELS:
        return f"{where} AND coalesce(current_level, 'community') = $level", values | {"level": hand.level}
    return where, values


def _inside(territory: str) -> tuple[str, dict[str, Any]]:
    if len(territory) <= 6:
        return "true", {}
    column = {9: "street_code", 12: "community_code"}.get(len(territory), "grid_code")
    return f"{column} = $place", {"place": territory}


def _used(text: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"${name}" in text}
