"""The empty page that a browser gets first, from which Streamlit's script then draws everything: Streamlit's own, made ready.

In the reader's language, under gridmap's name; with the mark in it until there is more to see; and naming what the pages need
beyond what Streamlit names itself, so that it comes at once and not one after the other.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.routing import Match

from gridmap import terms
from gridmap.web import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48">
<path d="M6 6h16v11H6zM26 6h16v20H31V17h-5zM6 21h16v5h5v16H6zM31 30h11v12H31z" fill="#2f7fb0"/>
</svg>"""
"""Four pieces that fit together without gap or overlap."""

PARTS = ("ComponentInstance", "Html", "ButtonGroup", "Button")
"""Parts of Streamlit that the leaders' pages draw first and that it fetches only when it meets them."""

_WAITING = f"""<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; background: light-dark(#f5f6f4, #0e161c); }}
.gm-waiting {{ position: fixed; inset: 0; display: grid; place-items: center; }}
.gm-waiting svg {{ opacity: 0; animation: gm-come 0s .7s forwards; }}
@keyframes gm-come {{ to {{ opacity: 1; }} }}
</style><div class="gm-waiting">{MARK}</div>"""
"""What stands in the page until Streamlit's script draws something in its place, style and all."""


_HEADERS = {b"content-type": b"text/html; charset=utf-8", b"cache-control": b"no-cache", b"vary": b"Accept-Language"}


class Shell:
    """ASGI middleware that puts the page made ready in the place of Streamlit's; routes: the server's own, left as they are."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute] = ()) -> None:
        self.app = app
        self._routes = list(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; where Streamlit answers with its page, answer with this one."""
        if scope["type"] != "http" or scope["method"] != "GET" or "." in scope["path"] or self._own(scope):
            await self.app(scope, receive, send)
            return
        instead = b""

        async def made(message: Message) -> None:
            nonlocal instead
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                if message["status"] == 200 and headers.get(b"content-type", b"").startswith(b"text/html"):
                    instead = page(_language(scope))  # as it is: nine kilobytes are not worth the packing
                    own = {**_HEADERS, b"content-length": str(len(instead)).encode()}
                    message = {**message, "headers": list(own.items())}
            elif instead:
                if message.get("more_body"):
                    return
                message = {"type": "http.response.body", "body": instead}
            await send(message)

        await self.app(scope, receive, made)

    def _own(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._routes)


@cache
def page(language: str) -> bytes:
    """Give the page in a language."""
    text = standing.index()
    icon = f"data:image/svg+xml;base64,{b64encode(MARK.encode()).decode()}"
    text = re.sub(r'<link\s+rel="preload"[^>]*as="font"[^>]*>', "", text)  # a font that the pages do not use
    text = text.replace('<html lang="en">', f'<html lang="{language}">')
    text = text.replace("<title>Streamlit</title>", f"<title>{terms.say('gridmap', language=language)}</title>")
    text = text.replace('href="./favicon.png"', f'href="{icon}"')
    text = text.replace("</head>", f"{_named()}</head>")
    return text.replace('<div id="root"></div>', f'<div id="root">{_WAITING}</div>').encode()


def _named() -> str:
    """Name the scripts of PARTS with all they import, and the files of a map's frame."""
    scripts = "".join(f'<link rel="modulepreload" crossorigin href=".{path}">' for path in standing.beyond(PARTS))
    return scripts + "".join(f'<link rel="prefetch" href="{path}">' for path in standing.frame())


def _language(scope: Scope) -> str:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    headers = dict(scope["headers"])
    return terms.nearest(asked or headers.get(b"accept-language", b"").decode("latin-1"))
