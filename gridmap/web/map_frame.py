"""Shows gridmap's maps in a page: streamlit-folium with every address the server's own, and what was clicked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap.maps import assets
from gridmap.web import recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap import maps


@cache
def component() -> Any:  # noqa: ANN401 - an untyped module
    """Give streamlit-folium, made to ask this server only.

    It is imported here and not above: it registers itself with the running server, so in the process that is still about
    to start one, its files would never be found.
    """
    import streamlit_folium  # noqa: PLC0415 - as above

    send = streamlit_folium._component_func  # noqa: SLF001 - the one point every address passes on its way to the browser

    def offline(**arguments: Any) -> Any:  # noqa: ANN401 - streamlit-folium's own arguments, passed on
        arguments["js_links"] = [assets.own(link) for link in arguments["js_links"]]
        assets.refuse_tiles(arguments["script"])
        arguments["script"] = assets.prelude() + arguments["script"]
        arguments["css_links"] = [assets.own(link) for link in arguments["css_links"]]
        return send(**arguments)

    streamlit_folium._component_func = offline  # noqa: SLF001 - as above
    return streamlit_folium


def show(
    base: maps.DistrictMap,
    now: maps.Repaint,
    *,
    key: str,
    height: int = 640,
    on_click: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any] | None:
    """Show a map from ``maps.district_map`` with the message from ``maps.repaint``; give the last click, or None.

    key: names the map among those of the page. on_click is called once for every click, before the page runs again.
    A click is ``{"kind": "area"|"point"|"ground", "level" or "layer": …, "code": …, "at": [latitude, longitude], "n": …,
    "session": …}``, a drawing ``{"kind": "drawn", "tool": …, "points": [[latitude, longitude], …], "radius_m": …,
    …}``; its ``n`` and ``session`` tell one click from the next.
    """
    recorded.screen().maps[key] = (base, now)

    def changed() -> None:
        click = st.session_state.get(key)
        if on_click is not None and click and "kind" in click:
            on_click(click)

    click = component().st_folium(
        base, key=key, height=height, width=None, returned_objects=[], feature_group_to_add=now, on_change=changed
    )
    return click if click and "kind" in click else None
