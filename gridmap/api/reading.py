"""Open311 read: what another city system holds becomes cases here, each once, and what happens to it there is noted here."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx2

from gridmap import cases, store, terms
from gridmap.cases import search
from gridmap.cases.hands import Hand
from gridmap.errors import CaseError, GridmapError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.store import Store

MOST_PAGES = 1000


@dataclass(frozen=True)
class Read:
    """What became of a reading: new cases, those that were here already, those refused (id there -> why), updates noted."""

    new: int
    known: int
    refused: dict[str, str]
    updates: int


def read(
    db: Store,
    url: str,
    *,
    system: str,
    start: datetime,
    end: datetime,
    codes: dict[str, str] | None = None,
    key: str | None = None,
    client: httpx2.Client | None = None,
) -> Read:
    """Fetch the service requests of a GeoReport v2 server reported between two moments (UTC+8) and write them down as cases.

    url: the server's endpoint, up to before /requests.json. system: what it is called here; with the number there it makes a
    reading repeatable. codes: its service codes -> matters; codes of ours, and services that are called as a matter here or by
    a word known for it, need no entry. key: shown to the server, where it asks for one. Closed ones are taken over as reported
    and left for the desk to close. What the server says has happened since is added to the cases as remarks; servers
    without updates, which the standard does not ask for, are read without. Raises InputError when the server does not answer
    as the standard says.
    """
    with contextlib.nullcontext(client) if client else _client(key) as asking:
        called = _called(db, _listed(asking, url, "services"))
        new, known, refused = _read(db, _requests(asking, url, start, end), system, called | (codes or {}))
        told = _listed(asking, url, "servicerequestupdates", start_date=_zoned(start), end_date=_zoned(end))
        return Read(new, known, refused, sum(_noted(db, system, row) for row in told))


def _called(db: Store, services: list[dict[str, Any]]) -> dict[str, str]:
    """Give the matters of the services that are called like one, by the code they have there."""
    ours = search.matters(db)
    words = {word.casefold(): one.code for one in ours for word in one.words}
    words |= {name.casefold(): one.code for one in ours for name in (one.name_en, one.name_zh) if name}
    codes = {one.code for one in ours}
    theirs = ((str(row.get("service_code")), str(row.get("service_name") or "").strip().casefold()) for row in services)
    return {code: words[name] for code, name in theirs if code not in codes and name in words}


def _noted(db: Store, system: str, row: dict[str, Any]) -> bool:
    """Add one update to its case as a remark; False when it is there already or says nothing new."""
    number, text = str(row.get("service_request_id") or ""), str(row.get("description") or "").strip()[:4000]
    key = f"open311 {system} update {row.get('update_id')}"
    found = db.cursor().execute(
        "SELECT incident_id, description_zh FROM incidents JOIN case_requests USING (incident_id) WHERE request_key = ?",
        [f"open311 {system} {number}"],
    )
    case = found.fetchone()
    if case is None or not text or text == case[1] or _done(db, key):
        return False
    said = terms.say("{text} (closed there)", text=text) if row.get("status") == "closed" else text
    try:
        cases.act(db, Hand(system, "system"), case[0], "note", {"note": said}, key=key)
    except CaseError:
        return False
    return True


def _done(db: Store, key: str) -> bool:
    return db.cursor().execute("SELECT 1 FROM case_requests WHERE request_key = ?", [key]).fetchone() is not None


def _read(db: Store, rows: Iterator[dict[str, Any]], system: str, codes: dict[str, str]) -> tuple[int, int, dict[str, str]]:
    hand = Hand(system, "system")
    new, known, refused = 0, 0, {}
    for row in rows:
        number = str(row.get("service_request_id") or "")
        key = f"open311 {system} {number}"
        try:
            if not number:
                raise CaseError("A request of {system} has no number.", system=system)
            if _done(db, key):
                known += 1
                continue
            cases.report(db, hand, _said(row, system, codes), key=key)
            new += 1
        except GridmapError as error:
            refused[number] = error.sentence()
    return new, known, refused


def _client(key: str | None) -> httpx2.Client:
    return httpx2.Client(timeout=30, follow_redirects=False, headers={"X-API-Key": key} if key else {})


def _said(row: dict[str, Any], system: str, codes: dict[str, str]) -> dict[str, Any]:
    code = str(row.get("service_code") or "")
    when = row.get("requested_datetime")
    try:
        reported = store.local(datetime.fromisoformat(str(when))) if when else None
        lon, lat = (float(row[name]) if row.get(name) not in (None, "") else None for name in ("long", "lat"))
    except ValueError as error:
        raise CaseError("The request {id} cannot be read: {why}.", id=row["service_request_id"], why=str(error)) from error
    return {
        "matter": codes.get(code, code),
        "note": str(row.get("description") or "")[:4000],
        "address": str(row.get("address") or "")[:300],
        "lon": lon,
        "lat": lat,
        "reported_at": reported,
        "channel": "resident",
        "source_system": system,
        "source_id": str(row["service_request_id"]),
    }


def _requests(client: httpx2.Client, url: str, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    for page in range(1, MOST_PAGES + 1):
        asked: dict[str, str | int] = {
            "start_date": _zoned(start),
            "end_date": _zoned(end),
            "page": page,
        }
        try:
            answer = client.get(f"{url.rstrip('/')}/requests.json", params=asked)
            answer.raise_for_status()
            rows = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise InputError("{url} does not answer as Open311 does: {why}.", url=url, why=str(error)[:200]) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InputError("{url} does not answer as Open311 does: {why}.", url=url, why="no list")
        yield from rows
        if not rows:
            return


def _listed(client: httpx2.Client, url: str, what: str, **asked: str) -> list[dict[str, Any]]:
    """Give what a server lists besides its requests; nothing where it has no such list."""
    try:
        answer = client.get(f"{url.rstrip('/')}/{what}.json", params=asked)
        rows = answer.json() if answer.is_success else []
    except (httpx2.HTTPError, ValueError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _zoned(moment: datetime) -> str:
    return f"{moment.isoformat()}+08:00"
