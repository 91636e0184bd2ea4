"""Who asks: from a request's cookies and headers to an actor, for pages and for the server's own routes alike."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gridmap import access
from gridmap.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COOKIE = "gridmap_session"
SHOW = "gridmap_show"
"""In the demo: the role and territory to show the pages as, ``role:territory``. Whoever may do everything may also do less."""

SESSION = "x-gridmap-session"
"""The header in which the gate tells the pages which session asks; what a browser sends under this name is thrown away."""

SECRET = "x-gridmap-proxy-secret"  # noqa: S105  the header's name


@dataclass(frozen=True)
class Visit:
    """One request's visitor. session: id of the session, empty in the demo."""

    actor: access.Actor
    session: str = ""
    must_change: bool = False


def folder() -> Path:
    """Give the folder of the district's data."""
    return settings().data


def manifest() -> dict[str, Any]:
    """Give what the source folder says of itself: files, norm, whether it is fictional; empty where there is none."""
    return access.manifest(folder())


def login() -> access.Way:
    """Give how one signs in here."""
    return access.way(folder())


def book() -> access.Book:
    """Give the book of accounts, sessions and actions of this district."""
    return access.open_book(folder())


def of(cookies: Mapping[str, str], *, session: str = "") -> Visit | None:
    """Give who asks, by the session's id where the gate named it, else by the cookie; None when nobody is signed in."""
    if login() == "demo":
        return Visit(shown(cookies.get(SHOW, "")))
    found = book().look(id_=session) if session else book().look(cookies.get(COOKIE))
    return Visit(found.account.actor, found.id, found.account.must_change) if found else None


def shown(text: str) -> access.Actor:
    """Give the demo's account, showing the role and territory of a cookie."""
    role, _, territory = text.partition(":")
    if role not in access.ROLES or not (territory.isalnum() or not territory):
        return access.DEMO
    return access.Actor(access.DEMO.name, role, territory)


def named_by_proxy(headers: Mapping[str, str], address: str, port: int) -> str | None:
    """Give the account that a proxy names, where the proxy is a named one and knows the secret.

    port 0: the server has already put the reader's address in the place of a loopback proxy's.
    """
    known = settings()
    near = port == 0 or _among(address, known.trusted_proxies)
    said = headers.get(SECRET, "")
    if not near or not known.proxy_secret or not secrets.compare_digest(said.encode(), known.proxy_secret.encode()):
        return None
    return headers.get(known.proxy_header.lower()) or None


def is_proxy(address: str) -> bool:
    """Say whether an address is a reverse proxy's whose headers are believed."""
    return _among(address, settings().trusted_proxies)


@lru_cache(maxsize=1024)
def _among(address: str, listed: str) -> bool:
    try:
        asked = ipaddress.ip_address(address)
        return any(asked in ipaddress.ip_network(part.strip(), strict=False) for part in listed.split(",") if part.strip())
    except ValueError:
        return False
