"""Cases in the store: a move is one event appended and the case's row computed from its events, in one transaction."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from gridmap import codes, store, terms
from gridmap.cases import aside, clocks, duties, life, limits, place, systems, written
from gridmap.cases.case import Case, Event
from gridmap.errors import CaseError
from gridmap.store import insert
from gridmap.store import now as clock_now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import duckdb

    from gridmap.cases.hands import Hand
    from gridmap.store import Store

RESIDENT = ("resident", "hotline")
KEPT = 20_000
"""Cases kept folded; a kept case whose row has moved on in the meantime is read again."""

_ROW = (
    ("matter_code", "matter"),
    ("accepted_at", "accepted_at"),
    ("arrived_at", "arrived_at"),
    ("closed_at", "closed_at"),
    ("status", "status"),
    ("current_level", "level"),
    ("top_level", "top"),
    ("handler_staff_id", "handler"),
    ("handler_dept_id", "dept"),
    ("on_the_spot", "on_the_spot"),
    ("duplicate_of", "duplicate_of"),
    ("reopen_count", "reopened"),
    ("deferred", "deferred"),
    ("resolved", "resolved"),
    ("satisfied", "satisfied"),
)
"""Columns of a case's row and what of the case stands in them; due_at and awaiting are worked out."""


def report(
    db: Store,
    hand: Hand,
    said: Mapping[str, Any],
    *,
    done: str = "",
    visit: duties.Visit | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> Case:
    """Write down a new case and give it, with what belongs to the same report, in one transaction: all of it or nothing.

    said: matter (5-digit code), channel, note (what is the matter), and where: lon and lat (EPSG:4490), or place (a code), or
    address (looked up in the register of places); also title, address, petition, on_the_spot, photos, source_system, source_id,
    reported_at (else now). The place decides grid, community and street. done: what the finder did on the spot (当场处置).
    visit: the round that found it, logged for its duties. key: the same key again gives the first answer.
    Raises CaseError when the matter is unknown, the place cannot be told, or done or visit is refused.
    """
    at = now or clock_now()
    known = _answered(db, key)
    if known:
        return known
    where = place.locate(db, said)
    matter = limits.names(db).get(str(said.get("matter")))
    if matter is None:
        raise CaseError("There is no matter {code}.", code=said.get("matter") or "—")
    channel = said.get("channel") or {"worker": "patrol", "resident": "resident"}.get(hand.role, "hotline")
    rules = limits.rules(db)
    limit, pausable = limits.find(db, said["matter"], channel)
    with db.write() as cursor:
        number = cast("tuple[int]", cursor.execute("SELECT nextval('case_numbers')").fetchone())[0]
        start = said.get("reported_at") or at
        full = {
            **{name: value for name, value in said.items() if value not in (None, "", [])},
            "channel": channel,
            "resident": channel in RESIDENT,
            "grid": where.grid,
            "place": where.code,
            "limit": limit,
            "pausable": pausable,
            "reported_at": start,
        }
        case_id = f"C{start:%Y%m%d}{number:07d}"
        event = Event(1, "report", max(at, start), hand, full, to_level="community")
        told = [(event, life.step(None, event, case_id=case_id))]
        if done:
            event = Event(2, "spot", event.at, hand, {"note": done}, "community", "community")
            told.append((event, life.step(told[0][1], event)))
        case = told[-1][1]
        row = {
            "incident_id": case_id,
            "incident_no": f"{start:%Y%m%d}-{number:07d}",
            "title_zh": said.get("title") or f"{where.name}{matter}",
            "description_zh": said.get("note"),
            "channel": channel,
            "reported_at": start,
            "due_at": clocks.due(case, rules),
            "grid_code": where.grid,
            "day_grid_code": where.grid,
            "community_code": where.community,
            "street_code": where.street,
            "reporter_staff_id": case.reporter,
            "is_resident_reported": case.resident,
            "is_petition": case.petition,
            "source_system": said.get("source_system"),
            "source_id": said.get("source_id"),
            "lon": where.lon,
            "lat": where.lat,
            "cell": where.cell,
            "address_zh": said.get("address"),
            "seq": case.seq,
        }
        row |= {column: getattr(case, name) for column, name in _ROW}
        store.concerns(cursor, start)
        insert(cursor, "incidents", row)
        store.tally(cursor, row)
        before = None
        for event, after in told:
            _append(cursor, before, after, event)
            aside.follow(cursor, after, event)
            if systems.listening(db, cursor):
                systems.tell(cursor, after, event)
            before = after
        if visit is not None:
            duties.write(cursor, hand, visit, place=case.place, case=case_id, at=at)
        _remember_key(cursor, key, case, at)
    _keep(db, case)
    return case


def act(
    db: Store,
    hand: Hand,
    case_id: str,
    action: str,
    said: Mapping[str, Any] | None = None,
    *,
    seen: int | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> Case:
    """Make a move and give the case after it.

    said: what is said with the move (life.LIFE names what each needs). seen: the number of events the hand has seen; if there
    are more by now, the move is refused, so that nobody decides on what is no longer so. key: as for report().
    Raises CaseError with the reason when the move is refused; nothing is written then.
    """
    known = _answered(db, key)
    if known:
        return known
    said = dict(said or {})
    if action == "correct":
        said |= _put_right(db, case_id, said)
    if action == "join" and said.get("into") and find(db, str(said["into"])).status == "void":
        raise CaseError("Case {id} was itself not taken or joined to another; join to that one.", id=said["into"])
    rules = limits.rules(db)
    for _ in range(2):
        case = find(db, case_id)
        if seen is not None and case.seq != seen:
            raise CaseError("Someone else has acted on this case in the meantime; look again.")
        at = max(now or clock_now(), case.last_at or case.reported_at)
        event = Event(case.seq + 1, action, at, hand, said, case.level)
        after = life.step(case, event)
        event = replace(event, to_level=after.level)
        with db.write() as cursor:
            if not _written(cursor, case, after, event, rules):
                _forget(db, case_id)
                continue
            aside.follow(cursor, after, event)
            if systems.listening(db, cursor):
                systems.tell(cursor, after, event)
            _remember_key(cursor, key, after, at)
        _keep(db, after)
        return after
    raise CaseError("Someone else has acted on this case in the meantime; look again.")


def find(db: Store, case_id: str) -> Case:
    """Give a case as its events tell it. Raises CaseError when there is none of that id, in the part that db is confined to."""
    known = _kept(db).get(case_id)
    if known is not None and (not db.scope or _found(db, known)):
        return known
    case, _ = written.read(db, case_id)
    _keep(db, case)
    return case


def history(db: Store, case_id: str) -> list[Event]:
    """Give the events of a case, oldest first. Raises CaseError when there is no case of that id."""
    return written.read(db, case_id)[1]


def _written(cursor: duckdb.DuckDBPyConnection, case: Case, after: Case, event: Event, rules: clocks.Rules) -> bool:
    """Write event and row; False, and nothing, when the row has moved on since the case was read."""
    changed = _changed(case, after, rules)
    moves = event.action == "correct" and bool(event.data.get("place"))
    counted = moves or (case.status == "void") != (after.status == "void")
    store.concerns(cursor, after.reported_at)
    standing = _standing(cursor, case) if counted else None
    sets = ", ".join(f"{name} = ?" for name in changed)
    done = cursor.execute(
        f"UPDATE incidents SET {sets} WHERE reported_at = ? AND incident_id = ? AND seq IS NOT DISTINCT FROM ?",
        [*changed.values(), after.reported_at, after.id, written.stored_seq(case)],
    ).fetchone()
    if not done or not done[0]:
        return False
    if moves:
        _moved(cursor, after, event)
    if standing is not None:
        store.tally(cursor, standing, sign=-1)
        store.tally(cursor, _standing(cursor, after))
    if case.taken is not None:
        _append(cursor, None, case, case.taken)
    _append(cursor, case, after, event)
    return True


def _standing(cursor: duckdb.DuckDBPyConnection, case: Case) -> dict[str, Any]:
    """Give what of a case's row the tallies count: asked before and after a change to its place, or to whether it is void."""
    names = ("reported_at", "cell", "status", "street_code", "community_code")
    query = f"SELECT {', '.join(names)} FROM incidents WHERE reported_at = ? AND incident_id = ?"
    return dict(zip(names, cursor.execute(query, [case.reported_at, case.id]).fetchall()[0], strict=True))


def _changed(case: Case, after: Case, rules: clocks.Rules) -> dict[str, Any]:
    """Give the columns of the row that a move changes; all of them for a case that came with a load."""
    found: dict[str, Any] = {
        column: getattr(after, name) for column, name in _ROW if case.loaded or getattr(after, name) != getattr(case, name)
    }
    due = clocks.due(after, rules)
    if case.loaded or due != clocks.due(case, rules):
        found["due_at"] = due
    if case.loaded or after.awaiting != case.awaiting:
        found["awaiting"] = after.awaiting[0] if after.awaiting else None
    return found | {"seq": after.seq}


def _append(cursor: duckdb.DuckDBPyConnection, before: Case | None, after: Case, event: Event) -> None:
    hand, said = event.hand, event.data
    row = {
        "event_id": f"{after.id}-{event.seq}",
        "incident_id": after.id,
        "seq": event.seq,
        "step": life.STEP[event.action],
        "action": event.action,
        "from_level": event.from_level,
        "to_level": event.to_level,
        "from_dept_id": before.dept if before and event.action in {"return", "escalate", "send_down"} else None,
        "to_dept_id": said.get("dept") or hand.dept,
        "actor_staff_id": hand.staff,
        "occurred_at": event.at,
        "note_zh": said.get("note") or said.get("reason"),
        "actor": hand.name,
        "data": json.dumps(written.plain(event), ensure_ascii=False, separators=(",", ":")),
    }
    insert(cursor, "incident_events", row)


def _put_right(db: Store, case_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Work out what a correction changes: the limit of another matter, the codes of another place."""
    more: dict[str, Any] = {}
    case = find(db, case_id)
    if said.get("matter"):
        if not db.cursor().execute("SELECT 1 FROM matter_types WHERE matter_code = ?", [said["matter"]]).fetchone():
            raise CaseError("There is no matter {code}.", code=said["matter"])
        more["limit"], more["pausable"] = limits.find(db, said["matter"], case.channel)
    if said.get("lon") is not None or said.get("address"):
        where = place.locate(db, said)
        more |= {"grid": where.grid, "place": where.code, "lon": where.lon, "lat": where.lat, "cell": where.cell}
    return more


def _moved(cursor: duckdb.DuckDBPyConnection, case: Case, event: Event) -> None:
    code = case.place or ""
    cursor.execute(
        "UPDATE incidents SET grid_code = ?, day_grid_code = ?, community_code = ?, street_code = ?, "
        "lon = ?, lat = ?, cell = ? WHERE reported_at = ? AND incident_id = ?",
        [
            case.grid,
            case.grid,
            code[: codes.COMMUNITY] if len(code) >= codes.COMMUNITY else None,
            code[: codes.STREET] if len(code) >= codes.STREET else None,
            event.data.get("lon"),
            event.data.get("lat"),
            event.data.get("cell"),
            case.reported_at,
            case.id,
        ],
    )


def _answered(db: Store, key: str | None) -> Case | None:
    """Give the case a key was answered with before, or None."""
    if key is None:
        return None
    row = db.cursor().execute("SELECT incident_id FROM case_requests WHERE request_key = ?", [key]).fetchone()
    return find(db, row[0]) if row else None


def _remember_key(cursor: duckdb.DuckDBPyConnection, key: str | None, case: Case, at: datetime) -> None:
    if key is None:
        return
    if cursor.execute("SELECT 1 FROM case_requests WHERE request_key = ?", [key]).fetchone():
        raise CaseError(terms.key("This was sent already."))
    cursor.execute("INSERT INTO case_requests VALUES (?, ?, ?, ?)", [key, case.id, case.seq, at])


def _found(db: Store, case: Case) -> bool:
    """Say whether the part that db is confined to has a case."""
    text = "SELECT 1 FROM incidents WHERE reported_at = ? AND incident_id = ?"
    return db.cursor().execute(text, [case.reported_at, case.id]).fetchone() is not None


def _kept(db: Store) -> OrderedDict[str, Case]:
    """Give the cases that are kept folded: one memory for the whole district, so that no part is behind another."""
    return cast("OrderedDict[str, Case]", db.shared.setdefault("cases", OrderedDict()))


def _keep(db: Store, case: Case) -> None:
    kept = _kept(db)
    kept[case.id] = case
    kept.move_to_end(case.id)
    while len(kept) > KEPT:
        kept.popitem(last=False)


def _forget(db: Store, case_id: str) -> None:
    _kept(db).pop(case_id, None)
