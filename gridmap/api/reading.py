"""Open311 read: what another city system holds becomes cases here, each once, with its number there."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx2

from gridmap import cases, store
from gridmap.cases.hands import Hand
from gridmap.errors import CaseError, GridmapError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.store import Store

MOST_PAGES = 1000


@dataclass(frozen=True)
class Read:
    """What became of a reading: new cases, those that were here already, those refused (id there -> why)."""

    new: int
    known: int
    refused: dict[str, str]


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
    reading repeatable. codes: its service codes -> matters; codes of ours need no entry. key: shown to the server, where it
    asks for one. Closed ones are taken over as reported
    and left for the desk to close. Raises InputError when the server does not answer as the standard says.
    """
    with contextlib.nullcontext(client) if client else _client(key) as asking:
        return _read(db, _requests(asking, url, start, end), system, codes or {})


def _read(db: Store, rows: Iterator[dict[str, Any]], system: str, codes: dict[str, str]) -> Read:
    hand = Hand(system, "system")
    new, known, refused = 0, 0, {}
    for row in rows:
        number = str(row.get("service_request_id") or "")
        key = f"open311 {system} {number}"
        try:
            if not number:
                raise CaseError("A request of {system} has no number.", system=system)
            if db.cursor().execute("SELECT 1 FROM case_requests WHERE request_key = ?", [key]).fetchone():
                known += 1
                continue
            cases.report(db, hand, _said(row, system, codes), key=key)
            new += 1
        except GridmapError as error:
            refused[number] = error.sentence()
    return Read(new, known, refused)


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
            "start_date": f"{start.isoformat()}+08:00",
            "end_date": f"{end.isoformat()}+08:00",
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
