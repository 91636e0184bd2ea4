"""Signing in and out, one's own account, and the first administrator: plain pages of the server's own, without any script.

No password ever enters a page's session or its WebSocket.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gridmap import access, terms
from gridmap.access import passwords
from gridmap.errors import AccessError, GridmapError
from gridmap.web import gate, oidc, visitor
from gridmap.web.paper import paper

if TYPE_CHECKING:
    from starlette.requests import Request

FIELD = (
    '<label for="{name}">{label}</label>'
    '<input id="{name}" name="{name}" type="{kind}" autocomplete="{fill}" value="{value}" required>'
)


def routes() -> list[Route]:
    """Give the routes of signing in; their rights stand in gate.RIGHTS."""
    return [
        Route("/login", sign_in, methods=["GET", "POST"]),
        Route("/setup", set_up, methods=["GET", "POST"]),
        Route("/logout", sign_out, methods=["POST"]),
        Route("/account", own, methods=["GET", "POST"]),
        Route("/show", show, methods=["GET"]),
    ]


async def sign_in(request: Request) -> Response:
    """Ask for name and password, and open a session."""
    speak(request)
    back = _inside(request.query_params.get("next", "/"))
    mode, book = visitor.login(), visitor.book()
    if mode == "demo" or request.scope["state"]["visit"] is not None:
        return RedirectResponse(back, 303)
    if mode == "accounts" and book.is_new():
        return RedirectResponse("/setup", 303)
    if mode == "oidc" and "service" in request.query_params:
        return RedirectResponse(oidc.way(), 303, headers={"Cache-Control": "no-store"})
    said = name = ""
    if request.method == "POST" and mode == "accounts":
        form = await request.form()
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        try:
            account = await run_in_threadpool(book.sign_in, name, password)
        except AccessError as error:
            said = error.sentence()
            book.record(access.Actor(name[:40] or "-", "-"), "sign in", name[:40], "refused", address=_address(request))
        else:
            return _begin(request, account, "/account" if account.must_change else back)
    if mode == "oidc":
        body = f'<a class="go" href="/login?service=">{terms.say("Sign in with the unit’s identity service")}</a>'
    elif mode == "proxy":
        body = f"<p>{terms.say('Sign in through the unit’s portal; this address alone opens nothing.')}</p>"
    else:
        body = _form(
            [
                ("name", terms.say("Account"), "text", "username"),
                ("password", terms.say("Password"), "password", "current-password"),
            ],
            terms.say("Sign in"),
            name=name[:40],
        )
    return _page(terms.say("Sign in"), body, said, status=401 if said else 200)


async def set_up(request: Request) -> Response:
    """Make the first administrator with the token that the server printed when it started."""
    speak(request)
    book = visitor.book()
    if visitor.login() != "accounts" or not book.is_new():
        return RedirectResponse("/login", 303)
    said = token = name = ""
    if request.method == "POST":
        sent = await request.form()
        token, name, password = (str(sent.get(key, "")) for key in ("token", "name", "password"))
        try:
            _alike(password, sent.get("again"))
            account = await run_in_threadpool(book.claim, token.strip(), name, password)
        except GridmapError as error:
            said = error.sentence()
        else:
            book.record(account.actor, "accounts", account.name, "first administrator", address=_address(request))
            return _begin(request, account, "/")
    fields = [
        ("token", terms.say("One-time token"), "text", "off"),
        ("name", terms.say("Account"), "text", "username"),
        ("password", terms.say("Password"), "password", "new-password"),
        ("again", terms.say("Password again"), "password", "new-password"),
    ]
    hint = terms.say(
        "The server prints the one-time token when it starts. A password has at least {n} characters.", n=passwords.LEAST
    )
    form = _form(fields, terms.say("Set up"), token=token[:80], name=name[:40])
    return _page(terms.say("Set up the administrator"), f"<p>{hint}</p>{form}", said)


async def sign_out(request: Request) -> Response:
    """End the session."""
    visit = request.scope["state"]["visit"]
    if visit.session:
        visitor.book().end(id_=visit.session)
        visitor.book().record(visit.actor, "sign out", visit.actor.name, address=_address(request))
    answer = RedirectResponse("/login", 303, headers={"Clear-Site-Data": '"cache"'})
    answer.delete_cookie(visitor.COOKIE, path="/", httponly=True, samesite="lax")
    return answer


async def own(request: Request) -> Response:
    """Show one's own account and change its password."""
    speak(request)
    visit, book, said = request.scope["state"]["visit"], visitor.book(), ""
    account = book.account(visit.actor.name) if visit.session else None
    if account is None:
        return RedirectResponse("/", 303)
    if request.method == "POST":
        form = await request.form()
        try:
            _alike(form.get("new"), form.get("again"))
            await run_in_threadpool(book.set_password, account.name, str(form.get("old", "")), str(form.get("new", "")))
        except AccessError as error:
            said = error.sentence()
        else:
            book.record(visit.actor, "password", account.name, "changed", address=_address(request))
            return _begin(request, account, "/")
    where = visit.actor.territory or terms.say("the whole district")
    facts = f"<p><b>{escape(account.shown)}</b> · {terms.say(access.ROLES[account.role])} · {escape(where)}</p>"
    if visit.must_change:
        facts += f"<p>{terms.say('This password works once; choose your own now.')}</p>"
    fields = [
        ("old", terms.say("Password until now"), "password", "current-password"),
        ("new", terms.say("New password"), "password", "new-password"),
        ("again", terms.say("Password again"), "password", "new-password"),
    ]
    out = f'<form method="post" action="/logout"><button class="plain">{terms.say("Sign out")}</button></form>'
    change = _form(fields, terms.say("Change the password")) if visitor.login() == "accounts" else ""
    return _page(
        terms.say("Your account"), facts + change + out + f'<p><a href="/">{terms.say("Back to the maps")}</a></p>', said
    )


async def show(request: Request) -> Response:
    """In the demo, show the pages as a role and a territory see them."""
    back = RedirectResponse(_inside(request.query_params.get("next", "/")), 303)
    if visitor.login() == "demo":
        asked = visitor.shown(request.query_params.get("as", ""))
        back.set_cookie(visitor.SHOW, f"{asked.role}:{asked.territory}", httponly=True, samesite="lax", path="/")
    return back


def speak(request: Request) -> None:
    """Speak the language of the address, else of the browser."""
    terms.use(request.query_params.get("lang") or request.headers.get("accept-language", "").split(",")[0])


def _begin(request: Request, account: access.Account, to: str) -> Response:
    book, address = visitor.book(), _address(request)
    token = book.begin(
        account,
        address=address,
        browser=request.headers.get("user-agent", ""),
        instead_of=request.cookies.get(visitor.COOKIE),
    )
    book.record(account.actor, "sign in", account.name, address=address)
    headers = dict(request.headers)
    answer = RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})
    answer.headers.append("Set-Cookie", gate.session_cookie(token, secure=gate.is_secure(request.scope, headers)))
    return answer


def _address(request: Request) -> str:
    return gate.address_of(request.scope, dict(request.headers))


def _alike(one: object, other: object) -> None:
    if one != other:
        raise AccessError("The two passwords differ.")


def _inside(path: str) -> str:
    """Give the path back if it is one of this server, else the first page."""
    parts = urlsplit(path)
    return path if path.startswith("/") and path[1:2] not in {"/", "\\"} and not parts.netloc and "\\" not in path else "/"


def _form(fields: list[tuple[str, str, str, str]], button: str, **known: str) -> str:
    """Write a form. known: what was typed into it before and need not be typed again; never a password."""
    inputs = "".join(
        FIELD.format(name=name, label=escape(label), kind=kind, fill=fill, value=escape(known.get(name, "")))
        for name, label, kind, fill in fields
    )
    return f'<form method="post">{inputs}<button>{escape(button)}</button></form>'


def _page(title: str, body: str, said: str, *, status: int = 200) -> Response:
    return HTMLResponse(paper(title, body, said), status, headers=SHUT)


SHUT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""These pages run nothing and are kept nowhere."""
