"""The JSON API: cases reported, moved and read by hotlines and department systems; the same request twice changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gridmap import cases, store
from gridmap.api.callers import Caller, database
from gridmap.cases import clocks, limits, lists, place, search, systems
from gridmap.cases.systems import System, stamp

if TYPE_CHECKING:
    from gridmap.cases import Case

from gridmap.store import Store

router = APIRouter(tags=["cases"])
Db = Annotated[Store, Depends(database)]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=120, description="The same key again changes nothing."),
]
CaseId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
_SAYS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No key, or one this server does not know."},
    404: {"description": "There is no such case that this system may see."},
    409: {"description": "The rules do not allow it; the answer says why."},
    413: {"description": "The request is too large."},
    429: {"description": "Too many requests."},
}


class Report(BaseModel):
    """A case to be written down."""

    model_config = ConfigDict(extra="forbid")
    matter: str = Field(pattern=r"^\d{5}$", description="5-digit code, see /matters")
    note: str = Field("", max_length=4000, description="What is the matter")
    channel: str = Field("hotline", pattern="^(patrol|assist|property|resident|hotline)$")
    lon: float | None = Field(None, ge=-180, le=180, description="EPSG:4490")
    lat: float | None = Field(None, ge=-90, le=90)
    address: str = Field("", max_length=300)
    reported_at: datetime | None = Field(None, description="When the resident called; now when left out")
    source_id: str = Field("", max_length=120, description="The system's own number of the case")
    title: str = Field("", max_length=200)
    petition: bool = False


class MoveMade(BaseModel):
    """A move on a case, and what is said with it."""

    model_config = ConfigDict(extra="forbid")
    action: str = Field(pattern="^[a-z_]{2,20}$", description="Of the moves in /moves")
    note: str | None = Field(None, max_length=4000)
    reason: str | None = Field(None, max_length=1000)
    until: datetime | None = None
    resolved: bool | None = None
    satisfied: bool | None = None
    outcome: str | None = Field(None, max_length=40)
    kind: str | None = Field(None, max_length=40)
    venue: str | None = Field(None, max_length=40)
    seen: int | None = Field(None, ge=1, le=1_000_000, description="How many events the system has seen; more by now refuses")


class HookMade(BaseModel):
    """Where news of cases are to be sent."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(max_length=500)
    actions: list[Annotated[str, Field(pattern="^[a-z_]{2,20}$")]] = Field(default_factory=list, max_length=40)


@router.get("/matters", responses=_SAYS)
def get_matters(db: Db, system: Caller) -> list[dict[str, Any]]:
    """List the kinds of matter: code, names, class, and the words people use."""
    del system
    return [
        {"code": one.code, "name": one.name_zh, "name_en": one.name_en, "class": one.class_zh, "words": one.words}
        for one in search.matters(db)
    ]


@router.get("/moves", responses=_SAYS)
def get_moves(system: Caller) -> list[dict[str, Any]]:
    """List the moves there are, by the six steps, and those this system may make."""
    return [
        {"action": move.action, "step": step, "from": move.states.split(), "to": move.to, "needs": move.needs.split()}
        for step, moves in cases.LIFE.items()
        for move in moves
        if system.hand.role in move.by.split()
    ]


@router.get("/place", responses=_SAYS)
def get_place(
    db: Db,
    system: Caller,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    address: Annotated[str, Query(max_length=300)] = "",
) -> dict[str, Any]:
    """Say in which grid, community and street a point or an address lies."""
    del system
    found = place.locate(db, {"lon": lon, "lat": lat, "address": address})
    return {"grid": found.grid, "community": found.community, "street": found.street, "lon": found.lon, "lat": found.lat}


@router.post("/cases", status_code=201, responses=_SAYS)
def post_case(db: Db, system: Caller, body: Report, key: Key = None) -> dict[str, Any]:
    """Write a case down. Place decides grid, community and street."""
    said = {name: value for name, value in body.model_dump().items() if value not in (None, "")}
    if body.reported_at is not None:
        said["reported_at"] = local(body.reported_at)
    case = cases.report(db, system.hand, said | {"source_system": system.name}, key=_own(system, key))
    return shown(db, system, case)


@router.get("/cases", responses=_SAYS)
def get_cases(
    db: Db,
    system: Caller,
    since: Annotated[datetime | None, Query(description="Changed since")] = None,
    status: Annotated[str | None, Query(pattern="^[a-z]{3,14}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[dict[str, Any]]:
    """List the cases this system may see, the newest first."""
    return lists.of_system(db, system, since=local(since) if since else None, status=status, limit=limit, offset=offset)


@router.get("/cases/{case_id}", responses=_SAYS)
def get_case(db: Db, system: Caller, case_id: CaseId) -> dict[str, Any]:
    """Give a case: where it stands, its clocks, what happened."""
    case = visible(db, system, case_id)
    events = [
        {
            "seq": event.seq,
            "action": event.action,
            "at": stamp(event.at),
            "note": event.data.get("note") or event.data.get("reason"),
        }
        for event in cases.history(db, case_id)
    ]
    return shown(db, system, case) | {"events": events}


@router.post("/cases/{case_id}/moves", responses=_SAYS)
def post_move(db: Db, system: Caller, case_id: CaseId, body: MoveMade, key: Key = None) -> dict[str, Any]:
    """Make a move on a case; refused with the reason where the rules do not allow it."""
    visible(db, system, case_id)
    said = {name: value for name, value in body.model_dump(exclude={"action", "seen"}).items() if value is not None}
    if body.until is not None:
        said["until"] = local(body.until)
    case = cases.act(db, system.hand, case_id, body.action, said, seen=body.seen, key=_own(system, key))
    return shown(db, system, case)


@router.post("/hooks", status_code=201, responses=_SAYS)
def post_hook(db: Db, system: Caller, body: HookMade) -> dict[str, str]:
    """Ask to be told of what happens; news are signed with the secret given here (X-Gridmap-Signature, HMAC-SHA256)."""
    hook_id, secret = systems.hook(db, system, body.url, actions=" ".join(body.actions))
    return {"hook": hook_id, "secret": secret}


@router.delete("/hooks/{hook_id}", status_code=204, responses=_SAYS)
def delete_hook(db: Db, system: Caller, hook_id: Annotated[str, Path(pattern="^[0-9a-f]{1,24}$")]) -> Response:
    """Stop the news of a hook."""
    if not systems.unhook(db, system, hook_id):
        raise HTTPException(404, "There is no such hook.")
    return Response(status_code=204)


def visible(db: Store, system: System, case_id: str) -> Case:
    """Give a case that the system may see. Raises 404 for any other, whether it exists or not."""
    if not lists.may_see(db, system, case_id):
        raise HTTPException(404, "There is no such case.")
    return cases.find(db, case_id)


def shown(db: Store, system: System, case: Case) -> dict[str, Any]:
    """Give a case as a system reads it; of the cases joined to it, those the system may see."""
    rules, now = limits.rules(db), store.now()
    return {
        "id": case.id,
        "matter": case.matter,
        "status": case.status,
        "level": case.level,
        "grid": case.grid,
        "place": case.place,
        "department": case.dept,
        "reported_at": stamp(case.reported_at),
        "accepted_at": stamp(case.accepted_at),
        "arrived_at": stamp(case.arrived_at),
        "closed_at": stamp(case.closed_at),
        "due_at": stamp(clocks.due(case, rules)),
        "clocks": {clock.what: clock.state for clock in clocks.three_ones(case, rules, now)},
        "resolved": case.resolved,
        "satisfied": case.satisfied,
        "duplicate_of": case.duplicate_of,
        "duplicates": lists.joined(db, system, case.id),
        "seq": case.seq,
    }


def local(moment: datetime) -> datetime:
    """Give a moment as the store keeps it: China's time without a zone; one without a zone is China's already."""
    return store.local(moment)


def _own(system: System, key: str | None) -> str | None:
    return None if key is None else f"{system.key_id} {key}"
