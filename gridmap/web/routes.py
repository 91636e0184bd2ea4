"""The server's own routes for maps, in the same process as the pages: scripts and styles, fonts, shapes.

``routes`` gives them for ``st.App``; the page's login does not cover them, so the app's middleware must.
"""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gridmap.errors import GridmapError, MapError
from gridmap.maps import assets, held
from gridmap.maps.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from starlette.requests import Request

    from gridmap.access import Actor
    from gridmap.web.visitor import Visit

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_INERT = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""For drawings: a browser that opens one by itself runs nothing in it."""


def routes(areas: Callable[[Actor, str, str | None, str], gpd.GeoDataFrame]) -> list[Route]:
    """Give the routes under ``/gridmap``.

    areas(actor, level, parent, version): the store's areas as the actor may see them; called once for each address and
    territory, the answer is kept.
    ``assets/…`` npm files that are named in the registry · ``fonts.css`` the Chinese font · ``held/<hash>.json`` what a page
    holds ready · ``grids/<version>/<level>/<parent>.json`` shapes of a level below a parent (``all``: every one).
    """

    @lru_cache(maxsize=256)
    def grids(actor: Actor, version: str, level: str, parent: str) -> bytes:
        frame = areas(actor, level, None if parent == "all" else parent, version)
        return gzip.compress(shapes(frame.sort_values("code")), mtime=0)

    def get_grids(request: Request) -> Response:
        place = request.path_params
        try:
            answer = _json(grids(_anyone(request), place["version"], place["level"], place["parent"]))
        except GridmapError as error:
            return PlainTextResponse(str(error), 404)
        answer.headers["Vary"] = "Cookie"  # another reader may see another part of the district
        return answer

    return [
        Route("/gridmap/assets/{path:path}", _asset),
        Route("/gridmap/fonts.css", _fonts),
        Route("/gridmap/held/{name}.json", _held),
        Route("/gridmap/grids/{version}/{level}/{parent}.json", get_grids),
    ]


def _anyone(request: Request) -> Actor:
    """Give who asks, without what makes no difference to what they see, so that answers are kept once a territory."""
    visit: Visit = request.scope["state"]["visit"]
    return replace(visit.actor, name="", role="")


def _asset(request: Request) -> Response:
    try:
        asset, packed = _packed_asset(request.path_params["path"])
    except MapError:
        return PlainTextResponse("not carried", 404)
    headers = {**_FOREVER, **(_INERT if asset.drawing else {})}
    if packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            packed, media_type=asset.type, headers={**headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        )
    return Response(asset.content, media_type=asset.type, headers=headers)


@lru_cache(maxsize=512)
def _packed_asset(path: str) -> tuple[assets.Asset, bytes | None]:
    asset = assets.asset(path)
    return asset, gzip.compress(asset.content, mtime=0) if asset.compressible else None


def _fonts(_: Request) -> Response:
    return RedirectResponse(assets.fonts_url(), headers={"Cache-Control": "no-cache"})


def _held(request: Request) -> Response:
    try:
        return _json(held.packed(request.path_params["name"]))
    except MapError as error:
        return PlainTextResponse(str(error), 404)


def _json(packed: bytes) -> Response:
    return Response(packed, media_type="application/json", headers={**_FOREVER, "Content-Encoding": "gzip"})
