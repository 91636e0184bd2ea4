"""The gate in front of everything the server answers: pages, their WebSocket, and its own routes.

Nobody passes who is not signed in; an own route opens by the right that RIGHTS declares for it, and a route that is not
declared does not exist. What comes from another site, or too often, is turned away before it is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from gridmap import access, terms
from gridmap.settings import settings
from gridmap.web import oidc, visitor
from gridmap.web.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gridmap.web.visitor import Visit

OPEN = "open"
"""For whoever asks: signing in itself."""

SIGNED_IN = "signed in"
"""For whoever is signed in."""

RIGHTS = {
    "/login": OPEN,
    "/setup": OPEN,
    "/logout": SIGNED_IN,
    "/account": SIGNED_IN,
    "/show": SIGNED_IN,
    "/gridmap/assets/{path:path}": OPEN,  # libraries and fonts, nothing of the district's; signing in is written in them
    "/gridmap/fonts.css": OPEN,
    "/gridmap/held/{name}.json": "look",
    "/gridmap/grids/{version}/{level}/{parent}.json": "look",
    "/api": OPEN,  # for systems, each of whose calls needs a key of its own
}
"""The right that opens each own route, by its path."""

_HEALTH = "/_stcore/health"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_SIGNING_IN = {"/login", "/setup"}
_FRESH = BackMsg(rerun_script=ClientState()).SerializeToString()
"""What a page is told in the place of a click whose session has ended: to draw itself anew, with nothing pressed."""


class Gate:
    """ASGI middleware; routes: the server's own, each of which needs its right in RIGHTS.

    Raises KeyError at the start for a route without one: it must not be served by mistake.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute] = ()) -> None:
        self.app = app
        self._routes = [(route, RIGHTS[getattr(route, "path", "")]) for route in routes]
        self._requests = Rates(settings().requests_a_second, burst=10 * settings().requests_a_second)
        self._sign_ins = Rates(settings().sign_ins_a_minute / 60, burst=settings().sign_ins_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scope, headers = _cleaned(scope)
        refused = self._too_often(scope, headers) or _foreign(scope, headers)
        if refused is not None:
            await _answer(refused, scope, receive, send)
            return
        cookies = cookie_parser(headers.get("cookie", ""))
        visit, token = _who(scope, headers, cookies)
        scope["state"] = {**scope.get("state", {}), "visit": visit}
        answer = self._refusal(scope, headers, visit)
        if answer is not None:
            await _answer(answer, scope, receive, send)
            return
        if visit is not None and visit.session:
            scope["headers"] = [*scope["headers"], (visitor.SESSION.encode(), visit.session.encode())]
        if scope["type"] == "websocket" and visit is not None and visit.session:
            receive = _watched(receive, visit.session)
        if token is not None and scope["type"] == "http":
            lines = [session_cookie(token, secure=is_secure(scope, headers)), *oidc.spent(cookies)]
            send = _with_cookies(send, lines)
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, str], visit: Visit | None) -> Response | None:
        path = scope["path"]
        right = self._right(scope)
        if right == OPEN or path == _HEALTH or (visitor.login() == "oidc" and path in oidc.PATHS):
            return None
        if visit is None:
            return _to_login(scope, headers)
        if visit.must_change and right != SIGNED_IN and "text/html" in headers.get("accept", "") and scope["type"] == "http":
            return RedirectResponse("/account", 303)
        if right is None or right == SIGNED_IN or access.may(visit.actor, right):
            return None
        return PlainTextResponse(terms.say("Your account has no right to this."), 403)

    def _right(self, scope: Scope) -> str | None:
        """Give the right that opens an own route; None for what Streamlit serves."""
        if scope["type"] == "http":
            for route, right in self._routes:
                if route.matches(scope)[0] is not Match.NONE:
                    return right
        return None

    def _too_often(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        address = address_of(scope, headers)
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in _SIGNING_IN:
            wait = self._sign_ins.wait(address)
        else:
            wait = self._requests.wait(f"{address} {headers.get('cookie', '')[-64:]}")
        if not wait:
            return None
        return PlainTextResponse("too many requests", 429, headers={"Retry-After": str(int(wait) + 1)})


def session_cookie(token: str, *, secure: bool) -> str:
    """Give the Set-Cookie line of a session: never read by scripts, not sent along from other sites."""
    return f"{visitor.COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


def is_secure(scope: Scope, headers: dict[str, str]) -> bool:
    """Say whether the reader's browser came over TLS: to this server, or to a trusted proxy before it."""
    if scope["scheme"] in {"https", "wss"}:
        return True
    return visitor.is_proxy((scope.get("client") or ("", 0))[0]) and headers.get("x-forwarded-proto") == "https"


def address_of(scope: Scope, headers: dict[str, str]) -> str:
    """Give the address a request came from; behind a trusted proxy the last one it added."""
    address: str = (scope.get("client") or ("", 0))[0]
    forwarded = headers.get("x-forwarded-for", "")
    return forwarded.rsplit(",", 1)[-1].strip() if forwarded and visitor.is_proxy(address) else address


def _cleaned(scope: Scope) -> tuple[Scope, dict[str, str]]:
    """Take out what only the gate and a proxy may say, having read it."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    headers.pop(visitor.SESSION, None)
    hidden = {visitor.SESSION, visitor.SECRET, settings().proxy_header.lower()}
    kept = [(name, value) for name, value in scope["headers"] if name.decode("latin-1").lower() not in hidden]
    return {**scope, "headers": kept}, headers


def _foreign(scope: Scope, headers: dict[str, str]) -> Response | None:
    """Turn away what another site's page sends: a WebSocket, or anything that changes something."""
    origin = headers.get("origin")
    if scope["type"] == "http" and scope["method"] in _SAFE:
        return None
    if origin is None or (origin != "null" and urlsplit(origin).netloc == headers.get("host")):
        return None
    return PlainTextResponse("not from here", 403)


def _who(scope: Scope, headers: dict[str, str], cookies: dict[str, str]) -> tuple[Visit | None, str | None]:
    """Give who asks, and the token of a session begun for them now."""
    mode = visitor.login()
    visit = visitor.of(cookies)
    if mode not in {"proxy", "oidc"}:
        return visit, None
    if mode == "proxy":
        client = scope.get("client") or ("", 0)
        name = visitor.named_by_proxy(headers, client[0], client[1])
        if name is None or (visit is not None and visit.actor.name == name):
            return (visit if name else None), None
    else:
        if visit is not None:
            return visit, None
        name = oidc.named(cookies, scope, headers)
    account = visitor.book().account(name) if name else None
    if account is None or not account.works:
        return None, None
    token = visitor.book().begin(
        account,
        address=address_of(scope, headers),
        browser=headers.get("user-agent", ""),
        instead_of=cookies.get(visitor.COOKIE),
    )
    visitor.book().record(account.actor, "sign in", account.name, mode, address=address_of(scope, headers))
    return visitor.of({visitor.COOKIE: token}), token


def _to_login(scope: Scope, headers: dict[str, str]) -> Response:
    if scope["type"] == "http" and scope["method"] in _SAFE and "text/html" in headers.get("accept", ""):
        back = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        return RedirectResponse(f"/login?next={quote(back, safe='/')}", 303, headers={"Cache-Control": "no-store"})
    return PlainTextResponse("sign in first", 401)


async def _answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await response(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 1008})


def _watched(receive: Receive, session: str) -> Receive:
    """Pass a page's messages on as long as its session lasts; after that each only makes the page say so."""

    async def passed() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and visitor.of({}, session=session) is None:
            return {"type": "websocket.receive", "bytes": _FRESH}
        return message

    return passed


def _with_cookies(send: Send, lines: list[str]) -> Send:
    async def completed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *((b"set-cookie", line.encode()) for line in lines)]
        await send(message)

    return completed
