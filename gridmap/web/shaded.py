"""A map whose areas are shaded by a figure and lead down by a click, as the pages of one subject show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmap import maps, terms
from gridmap.web import atlas, chrome, district, kept, map_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from gridmap.web.district import Place


def colour(meanings: Mapping[str, str]) -> str:
    """Draw the choice of what the colours mean, the first unless the address names another; meanings: code -> catalogue key."""
    said = {code: terms.say(word) for code, word in meanings.items()}
    return kept.one("colour", terms.say("Colour by"), said, usual=next(iter(said)), hidden=True)


def show(
    place: Place,
    values: pd.Series,
    scale: maps.Scale,
    *,
    level: str = "",
    dots: Sequence[maps.PointLayer] = (),
    selected: str | None = None,
    focus: maps.Bounds | None = None,
    heading: str = "",
    height: int = 640,
    on_click: Callable[[dict[str, Any]], None] = district.drill,
) -> None:
    """Draw the areas of a level in a place, what lies around it faintly. values: figures by area code, shaded on ``scale``.

    level: none is the finest there is. selected: the code of the area that is marked. focus: what to look at instead of the
    whole place. heading: what a print is called; none is the place and what the colours mean. on_click: instead of going down
    to the area that was clicked.
    """
    map_frame.show(
        atlas.base(chrome.demo()),
        maps.repaint(
            atlas.areas(level or atlas.finest(place), near=place.level in {"community", "grid"}),
            values,
            scale,
            outlines=atlas.inner_borders(place),
            dots=dots,
            selected=selected,
            focus=focus or atlas.focus(place),
            within="" if not place.above else place.code,
            heading=heading or f"{place.full} · {scale.title}",
        ),
        key="map",
        height=height,
        on_click=on_click,
    )
