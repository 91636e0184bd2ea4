"""Files that never change while the server runs: Streamlit's scripts and styles, and the frame in which a map stands.

A first view asks for some seventy of them. Streamlit reads each anew for every reader, in a thread, and sends it as large as
it is; here each is packed once, kept, and sent in one piece.
"""

from __future__ import annotations

import gzip
import importlib.util
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from streamlit import file_util

from gridmap.maps import assets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

FRAME = "/component/streamlit_folium.st_folium/index.html"

_FOREVER = "public, immutable, max-age=31536000"
"""Every name but the frame's own carries a hash of what is in the file."""

_IMPORTS = re.compile(r"""(?:from|import)\s*["'`]\./([^"'`]+\.js)["'`]""")

_PACKED = {".js", ".css", ".html", ".json", ".svg"}


class Standing:
    """ASGI middleware that answers for these files and passes on every other request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in _files():
            await self.app(scope, receive, send)
            return
        packed = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
        await _answer(scope["path"], packed=packed)(scope, receive, send)


def pack() -> None:
    """Pack what every first view asks for, so that no reader waits for it."""
    for path in [*_named(), *(one for one in frame() if one in _files())]:
        _answer(path, packed=True)


def index() -> str:
    """Give the page that Streamlit's scripts start from."""
    return (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")


def part(name: str) -> str:
    """Give the address of the script that holds a part of Streamlit. Raises LookupError when this Streamlit has none."""
    found = [path for path in _files() if path.startswith(f"/static/js/{name}.") and path.endswith(".js")]
    if len(found) != 1:
        raise LookupError(name)
    return found[0]


def beyond(parts: Sequence[str]) -> list[str]:
    """Give the addresses of these parts of Streamlit and of all they import beyond what its page names by itself."""
    named, found, left = set(_named()), [], [part(name) for name in parts]
    while left:
        path = left.pop(0)
        if path not in named:
            named |= {path}
            found.append(path)
            left += [f"/static/js/{name}" for name in _IMPORTS.findall(_files()[path].read_text("utf-8"))]
    return found


def _named() -> list[str]:
    return [f"/{path}" for path in re.findall(r"static/(?:js|css)/[^\"]+", index())]


def frame() -> list[str]:
    """Give the addresses of a map's frame and of what it runs, in the order they are needed."""
    scripts = [path for path in _files() if path.startswith("/component/") and path.endswith(".js")]
    return [FRAME, *scripts, *_scripts()]


@cache
def _files() -> dict[str, Path]:
    static = Path(file_util.get_static_dir())
    found = {f"/static/{file.relative_to(static / 'static').as_posix()}": file for file in (static / "static").rglob("*.*")}
    frame = importlib.util.find_spec("streamlit_folium")
    if frame is not None and frame.origin is not None:  # not imported: it must not register itself before the server runs
        build = Path(frame.origin).parent / "frontend" / "build"
        root = FRAME.removesuffix("index.html")
        found[FRAME] = build / "index.html"
        found.update({f"{root}{file.relative_to(build).as_posix()}": file for file in (build / "static").rglob("*.js")})
    return found


@cache
def _answer(path: str, *, packed: bool) -> Response:
    file = _files()[path]
    content = file.read_bytes()
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    if path == FRAME:
        headers |= {"Cache-Control": "no-cache", "Link": _ahead()}
    if packed and file.suffix in _PACKED:
        content = gzip.compress(content, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream", headers=headers)


def _scripts() -> list[str]:
    return [assets.url("leaflet/dist/leaflet.js"), assets.url("own/gridmap.js")]


def _ahead() -> str:
    """Name a map's scripts and styles with its frame, in the order they are needed.

    The frame names its script, the script Leaflet, Leaflet gridmap's own; told ahead, they all come at once.
    """
    styles = [assets.url("leaflet/dist/leaflet.css"), assets.fonts_url(), assets.url("own/gridmap.css")]
    named = [(url, "script") for url in _scripts()] + [(url, "style") for url in styles]
    return ", ".join(f"<{url}>; rel=preload; as={kind}" for url, kind in named)
