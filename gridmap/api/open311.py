"""Open311 GeoReport v2: services, requests and their updates, as XML and JSON. Every call needs a key."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from gridmap import cases, store, terms
from gridmap.api.callers import caller, database
from gridmap.cases import books, lists, search
from gridmap.cases.systems import System
from gridmap.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable


PAGE = 100
DAYS = 90
"""The standard lets a server answer at most ninety days at a time."""

STATUS = {"open": True, "closed": False}
Form = Annotated[str, Path(pattern="^(json|xml)$")]
Db = Annotated[Store, Depends(database)]

router = APIRouter(tags=["open311"])
_SAYS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Something is missing or wrong; the answer says what."},
    401: {"description": "No key, or one this server does not know."},
    403: {"description": "As 401."},
    404: {"description": "There is no such service or request."},
    409: {"description": "The request cannot be written down; the answer says why."},
    413: {"description": "The request is too large."},
    429: {"description": "Too many requests."},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["service_code"],
                    "properties": {
                        "api_key": {"type": "string", "maxLength": 200},
                        "service_code": {"type": "string", "maxLength": 20},
                        "lat": {"type": "string", "maxLength": 30},
                        "long": {"type": "string", "maxLength": 30},
                        "address_string": {"type": "string", "maxLength": 300},
                        "description": {"type": "string", "maxLength": 4000},
                    },
                }
            }
        },
    }
}


async def form(request: Request) -> dict[str, str]:
    """Read the fields of a posted form; its key counts like one in a header."""
    content = (await request.body()).decode("utf-8", "replace")
    fields = {name: value.replace("\x00", "").strip() for name, value in parse_qsl(content, max_num_fields=60)}
    request.state.form_key = fields.get("api_key")
    return fields


Fields = Annotated[dict[str, str], Depends(form)]
Caller = Annotated[System, Depends(caller)]


@router.get("/discovery.{kind}", responses=_SAYS)
def discovery(request: Request, kind: Form, system: Caller) -> Response:
    """Say where the service is and what it speaks."""
    del system
    base = str(request.url).rsplit("/", 1)[0]
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": base,
        "type": "production",
        "formats": [{"format": "text/xml"}, {"format": "application/json"}],
    }
    return _answer(kind, {"changeset": "2026-01-01 00:00", "contact": "", "endpoints": [endpoint]}, "discovery", "endpoint")


@router.get("/services.{kind}", responses=_SAYS)
def services(db: Db, kind: Form, system: Caller) -> Response:
    """List the services: one a kind of matter."""
    del system
    return _answer(kind, [_service(one) for one in search.matters(db)], "services", "service")


@router.get("/services/{code}.{kind}", responses=_SAYS)
def definition(db: Db, code: Annotated[str, Path(max_length=20)], kind: Form, system: Caller) -> Response:
    """Give a service's definition; no matter asks for more than place and words."""
    del system
    if not any(one.code == code for one in search.matters(db)):
        raise HTTPException(404, "There is no such service.")
    return _answer(kind, {"service_code": code, "attributes": []}, "service_definition", "attribute")


@router.get("/requests.{kind}", responses=_SAYS)
def requests(
    db: Db,
    kind: Form,
    system: Caller,
    service_request_id: Annotated[str, Query(max_length=2000)] = "",
    service_code: Annotated[str, Query(max_length=600)] = "",
    start_date: Annotated[datetime | None, Query()] = None,
    end_date: Annotated[datetime | None, Query()] = None,
    status: Annotated[str, Query(pattern="^(open|closed|open,closed|closed,open)?$")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=500)] = PAGE,
) -> Response:
    """List service requests this system may see: those asked for by id, else of ninety days at most, the newest first."""
    ids = _split(service_request_id)
    start, end = _span(start_date, end_date) if ids is None else (None, None)
    rows = lists.of_system(
        db,
        system,
        ids=ids,
        matters=_split(service_code),
        start=start,
        end=end,
        open_=STATUS.get(status),
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    return _answer(kind, _requests(db, rows), "service_requests", "request")


@router.get("/requests/{case_id}.{kind}", responses=_SAYS)
def request_(db: Db, case_id: Annotated[str, Path(max_length=64)], kind: Form, system: Caller) -> Response:
    """Give one service request, as a list of one."""
    rows = lists.of_system(db, system, ids=[case_id])
    if not rows:
        raise HTTPException(404, "There is no such service request.")
    return _answer(kind, _requests(db, rows), "service_requests", "request")


@router.get("/servicerequestupdates.{kind}", responses=_SAYS)
def updates(
    db: Db,
    kind: Form,
    system: Caller,
    start_date: Annotated[datetime | None, Query()] = None,
    end_date: Annotated[datetime | None, Query()] = None,
) -> Response:
    """List what happened to the requests this system may see."""
    start, end = _span(start_date, end_date)
    found = [
        {
            "update_id": row["event_id"],
            "service_request_id": row["incident_id"],
            "status": "closed" if row["action"] in {"close", "void", "join"} else "open",
            "updated_datetime": row["occurred_at"],
            "description": row["note"] or _done(row["action"]),
        }
        for row in lists.updates(db, system, start, end)
    ]
    return _answer(kind, found, "service_request_updates", "request_update")


@router.post("/requests.{kind}", status_code=201, responses=_SAYS, openapi_extra=_BODY)
def post_request(db: Db, kind: Form, fields: Fields, system: Caller) -> Response:
    """Write a service request down."""
    said: dict[str, Any] = {
        "matter": fields.get("service_code", ""),
        "note": fields.get("description", "")[:4000],
        "address": fields.get("address_string", "")[:300],
        "source_system": system.name,
        "channel": "resident",
    }
    said["lon"], said["lat"] = _degrees(fields.get("long"), 180), _degrees(fields.get("lat"), 90)
    if not said["matter"]:
        raise HTTPException(400, "service_code is missing.")
    case = cases.report(db, system.hand, said)
    return _answer(kind, [{"service_request_id": case.id, "service_notice": ""}], "service_requests", "request", 201)


def errors(path: str, status: int, message: str) -> Response:
    """Say what is wrong as Open311 does: a list of code and description."""
    kind = "xml" if path.endswith(".xml") else "json"
    return _answer(kind, [{"code": status, "description": message}], "errors", "error", status)


def _done(action: str) -> str:
    move = cases.MOVES.get(action)
    return terms.say(move.name) if move else action


def _service(one: search.Matter) -> dict[str, Any]:
    return {
        "service_code": one.code,
        "service_name": one.name_zh,
        "description": one.name_en,
        "metadata": "false",
        "type": "realtime",
        "keywords": ",".join(one.words),
        "group": one.class_zh,
    }


def _requests(db: Store, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    matters = {one.code: one.name_zh for one in search.matters(db)}
    depts = {code: name for code, (name, _) in books.departments(db).items()}
    return [_request(row, matters, depts) for row in rows]


def _request(row: dict[str, Any], matters: dict[str, str], depts: dict[str, str]) -> dict[str, Any]:
    return {
        "service_request_id": row["incident_id"],
        "status": "closed" if row["status"] in {"closed", "void"} else "open",
        "status_notes": f"joined to {row['duplicate_of']}" if row["duplicate_of"] else row["status"],
        "service_name": matters.get(row["matter_code"], ""),
        "service_code": row["matter_code"],
        "description": row["description_zh"] or row["title_zh"],
        "agency_responsible": depts.get(row["handler_dept_id"]),
        "requested_datetime": row["reported_at"],
        "updated_datetime": row["changed_at"],
        "expected_datetime": row["due_at"],
        "address": row["address_zh"],
        "address_id": row["grid_code"],
        "lat": row["lat"],
        "long": row["lon"],
    }


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    last = store.local(end) if end else store.now()
    days = timedelta(days=DAYS)
    if last - datetime.min < days:  # noqa: DTZ901  the store's times carry no zone
        raise HTTPException(400, "end_date is too early.")
    first = store.local(start) if start else last - days
    return max(first, last - days), last


def _split(text: str) -> list[str] | None:
    found = [part.strip() for part in text.split(",") if part.strip()]
    return found or None


def _degrees(text: str | None, most: float) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise HTTPException(400, "lat and long are numbers in degrees.") from error
    if not -most <= value <= most:
        raise HTTPException(400, "lat and long are numbers in degrees.")
    return value


_BARE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot carry."""


def _answer(kind: str, content: Any, root: str, item: str, status: int = 200) -> Response:  # noqa: ANN401 - JSON
    if kind == "json":
        return JSONResponse(content, status)
    top = ET.Element(root)
    _fill(top, content, item)
    return Response(ET.tostring(top, encoding="utf-8", xml_declaration=True), status, media_type="text/xml; charset=utf-8")


def _fill(parent: ET.Element, content: Any, item: str) -> None:  # noqa: ANN401 - JSON
    pairs: Iterable[tuple[str, Any]]
    pairs = content.items() if isinstance(content, dict) else ((item, one) for one in content)
    for name, value in pairs:
        child = ET.SubElement(parent, name)
        if isinstance(value, dict | list):
            _fill(child, value, item if isinstance(value, dict) else name.removesuffix("s"))
        elif value is not None:
            child.text = _BARE.sub("", str(value))
