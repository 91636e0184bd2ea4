"""What a browser will need for a map, told to it with the first answer, so that it need not find out file by file.

A map stands in a frame: the page names the frame, the frame its script, the script Leaflet, Leaflet gridmap's own. On a
cold browser each waits for the one before; told ahead, they all come at once.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gridmap.maps import assets

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAME = "/component/streamlit_folium.st_folium/index.html"


@cache
def links() -> bytes:
    """Give the header ``Link`` of a map's frame: its scripts and styles, in the order they are needed."""
    scripts = [assets.url("leaflet/dist/leaflet.js"), assets.url("own/gridmap.js")]
    styles = [assets.url("leaflet/dist/leaflet.css"), assets.fonts_url(), assets.url("own/gridmap.css")]
    named = [(url, "script") for url in scripts] + [(url, "style") for url in styles]
    return ", ".join(f"<{url}>; rel=preload; as={kind}" for url, kind in named).encode()


class Ahead:
    """ASGI middleware that names a map's files with the map's frame."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the header where the answer is the frame."""
        if scope["type"] != "http" or scope["path"] != FRAME:
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["headers"] = [*message["headers"], (b"link", links())]
            await send(message)

        await self.app(scope, receive, told)
