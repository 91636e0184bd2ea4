"""The layers of the one map that can be switched: which there are, which are on, and what each gives the map to draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import codes, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, district, kept, overlays, words

if TYPE_CHECKING:
    from gridmap import kpi
    from gridmap.web.district import Place

USUAL = ("centre",)
"""On until the reader chooses otherwise."""

BORDERS = {"grids": key("All-subject grids"), "communities": key("Communities")}
PLACES = {
    "centre": key("Centres"),
    "party": key("Party"),
    "company": key("Property companies"),
    "compound": key("Compounds, owners' committees"),
}
GROUND = {"patrol": key("Patrols"), "restricted": key("Restricted areas")}

LINES = {"light": {"grids": "#0f4c75", "communities": "#5b2a86"}, "dark": {"grids": "#7fc0e6", "communities": "#d0a7f2"}}
WIDTHS = (4.2, 3.2, 2.4, 1.6)
"""Widths of departments' borders, the coarsest grids widest and lowest, so that shared borders show all their colours."""


@dataclass
class Drawn:
    """What the layers that are on give the map, lowest first in each list. note: why one is not shown."""

    outlines: list[maps.Outline] = field(default_factory=list)
    patches: list[maps.PatchLayer] = field(default_factory=list)
    dots: list[maps.PointLayer] = field(default_factory=list)
    note: str = ""


def choose() -> frozenset[str]:
    """Draw the panel of switches and give the layers that are on; the address keeps them as ``show``."""
    known = _known(district.db().data_version("layers"))
    departments = {f"d-{name}": words.called(name, words.LAYERS) for name in words.LAYERS if name in known}
    groups = [
        (terms.say("Departments' grids"), departments),
        (terms.say("Borders"), _said(BORDERS)),
        (terms.say("Services and organisations"), _said(PLACES)),
        (terms.say("On the ground"), _said(GROUND)),
    ]
    on = set(kept.chosen("show", USUAL))
    count = sum(code in on for _, options in groups for code in options)
    with st.popover(terms.say("Layers · {n}", n=count), icon=":material/layers:", key="layers"):
        for number, (label, options) in enumerate(groups):
            if options:
                kept.several("show", label, options, usual=USUAL, part=str(number))
    return frozenset(on)


def draw(place: Place, on: frozenset[str], asked: kpi.Filters) -> Drawn:
    """Give what the layers that are on show in a place; at a grid, its buildings (micro units) too."""
    drawn = Drawn()
    inside = place.level in {"community", "grid"}
    if "compound" in on:
        if layer := overlays.compounds(place):
            drawn.patches.append(layer)
        else:
            drawn.note = terms.say("There are too many compounds for one map; choose a sub-district.")
    if "restricted" in on and (closed := overlays.restricted(asked)):
        drawn.patches.append(closed)
    if place.level == "grid" and (built := overlays.buildings(place)):
        drawn.patches.append(built)
    if "patrol" in on and (walked := overlays.patrols(place, asked)):
        drawn.patches.append(walked)
    drawn.outlines += _departments(on)
    line = LINES[charts.scheme()]
    street = place.code[: codes.STREET] if place.level != "district" else None
    if "grids" in on and atlas.finest(place) == "grid":
        parent = place.code[: codes.COMMUNITY] if inside else street
        drawn.outlines.append(
            atlas.border_line("grid", parent, colour=line["grids"], width=1.8, text=terms.say("All-subject grids"))
        )
    if "communities" in on:
        drawn.outlines.append(
            atlas.border_line(
                "community", street, colour=line["communities"], width=2.6, text=terms.say("Communities"), dash=(7, 4)
            )
        )
    if "company" in on:
        drawn.dots.append(overlays.companies(place))
    if "centre" in on:
        drawn.dots.append(atlas.centres(place))
    if "party" in on:
        drawn.dots += overlays.party(place)
    return drawn


def _departments(on: frozenset[str]) -> list[maps.Outline]:
    keys = [name for name in words.LAYERS if f"d-{name}" in on and name in _known(district.db().data_version("layers"))]
    names = {name: words.called(name, words.LAYERS) for name in keys}
    colours = maps.departments(keys, names, theme=charts.scheme())
    coarse_first = sorted(keys, key=lambda name: atlas.size(name)[0])
    widths = WIDTHS[-len(coarse_first) :] if coarse_first else ()
    return [
        atlas.layer(name, colours[name], width=width, text=names[name])
        for name, width in zip(coarse_first, widths, strict=False)
    ]


def _said(options: dict[str, str]) -> dict[str, str]:
    return {code: terms.say(text) for code, text in options.items()}


@st.cache_resource(show_spinner=False, max_entries=8)
def _known(data_version: str) -> frozenset[str]:  # noqa: ARG001  the key
    return frozenset(district.db().layer_keys())
