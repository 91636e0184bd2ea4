"""Who calls: the key in the request, the system it belongs to, and how often that one may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, HTTPException, Query, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from gridmap.cases import systems
from gridmap.cases.systems import System

if TYPE_CHECKING:
    from gridmap.store import Store

_bearer = HTTPBearer(auto_error=False, description="The system's key, as an administrator gave it.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False)


def database(request: Request) -> Store:
    """Give the district's database."""
    found: Store = request.app.state.database()
    return found


def caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
    header: Annotated[str | None, Depends(_header)] = None,
    api_key: Annotated[str | None, Query(description="As Open311 sends it; a header is safer.", max_length=200)] = None,
) -> System:
    """Give the system that asks. Raises 401 without a key that is known, 429 when it asks too often."""
    given = bearer.credentials if bearer else header or api_key or getattr(request.state, "form_key", None)
    system = systems.known(database(request), given)
    if system is None:
        raise HTTPException(401, "A key is needed that this server knows.", {"WWW-Authenticate": "Bearer"})
    wait = request.app.state.pace.wait(system.key_id, system.a_minute)
    if wait:
        raise HTTPException(429, "Too many requests.", {"Retry-After": str(int(wait) + 1)})
    return system


Caller = Annotated[System, Depends(caller)]
