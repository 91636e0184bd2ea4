"""The application that is mounted at /api: its routes, and how what is refused is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from gridmap import terms
from gridmap.api import json_api, open311
from gridmap.api.pace import Pace
from gridmap.errors import GridmapError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.store import Store

MOST_BYTES = 1_000_000
"""Largest request that is read."""


def application(database: Callable[[], Store]) -> FastAPI:
    """Make the application. database: gives the district's store, opened when it is first asked for.

    Its description is served at openapi.json; the usual pages that draw it are not, because they ask other hosts for scripts.
    """
    app = FastAPI(
        title="gridmap",
        summary="Cases of the grid for hotlines and department systems",
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.database = database
    app.state.pace = Pace()
    app.include_router(json_api.router, prefix="/v1")
    app.include_router(open311.router, prefix="/open311/v2")
    app.add_exception_handler(GridmapError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)

    @app.middleware("http")
    async def small(request: Request, call_next: Callable[[Request], object]) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES or "chunked" in request.headers.get("transfer-encoding", ""):
            return JSONResponse({"error": "The request is too large."}, 413)
        terms.use(request.headers.get("accept-language", "zh"))
        answer: Response = await call_next(request)  # type: ignore[misc]
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return app


async def _refused(request: Request, error: Exception) -> Response:
    message = error.sentence() if isinstance(error, GridmapError) else str(error)
    return _answer(request, 409, message)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    answer = _answer(request, status, str(error.detail) if isinstance(error, HTTPException) else str(error))
    answer.headers.update(headers)
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    text = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in found[:5])
    return _answer(request, 400 if "/open311/" in request.url.path else 422, text)


def _answer(request: Request, status: int, message: str) -> Response:
    """Say what is wrong as the route's readers expect it: a list of errors for Open311, an object for the JSON API."""
    if "/open311/" in request.url.path:
        return open311.errors(request.url.path, status, message)
    return JSONResponse({"error": message}, status)
