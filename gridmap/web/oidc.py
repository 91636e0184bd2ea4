"""Sign-in through the unit's identity service: Streamlit's own OIDC route proves who it is, the book says what they may.

Streamlit's cookie lasts a month and its end is not checked, so it is taken once, right after the service sent the browser back,
and exchanged for a session of ours.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette import starlette_app_utils
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from gridmap.settings import settings

if TYPE_CHECKING:
    from starlette.types import Scope

PATHS = {"/auth/login", "/auth/logout", "/oauth2callback"}
"""Streamlit's routes for it; open to whoever signs in this way."""

FRESH_MINUTES = 5
"""How old Streamlit's cookie may be to be exchanged; the browser comes back from the service within seconds."""


def way() -> str:
    """Give the address that leads to the service; it works for two minutes."""
    return f"/auth/login?provider={encode_provider_token('default')}"


def spent(cookies: dict[str, str]) -> list[str]:
    """Give the Set-Cookie lines that take Streamlit's cookies away again."""
    return [f"{name}=; Path=/; Max-Age=0" for name in cookies if name.startswith(USER_COOKIE_NAME)]


def named(cookies: dict[str, str], scope: Scope, headers: dict[str, str]) -> str | None:
    """Give the account that a fresh cookie of Streamlit's names; None without one."""
    secret = get_cookie_secret()

    def read(name: str) -> bytes | None:
        value = cookies.get(name)
        return (
            None
            if value is None
            else starlette_app_utils.decode_signed_value(
                secret, name, value.encode("latin-1"), max_age_days=FRESH_MINUTES / 1440
            )
        )

    if not secret or scope["type"] != "http":
        return None
    found = get_cookie_with_chunks(read, USER_COOKIE_NAME)
    if found is None:
        return None
    told = json.loads(found)
    here = headers.get("host", "")
    if not told.get("is_logged_in") or told.get("origin", "").split("://")[-1] != here:
        return None
    claim = told.get(settings().oidc_claim)
    return claim if isinstance(claim, str) else None
