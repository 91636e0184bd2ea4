"""One map 一张图: the district drilled down by click, its incidents by grid, its centres and Party organisations."""

import streamlit as st

from gridmap import kpi, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, cards, chrome, district, figures, filters, map_frame, measures, messages, strips

LAYERS = {"centre": key("Centres"), "party": key("Party")}


def clicked(click: dict[str, object]) -> None:
    """Go one level down towards the area that was clicked; a grid opens its card."""
    if click["kind"] == "area":
        district.go(district.towards(district.here(), str(click["code"])))


place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    district.title(place)
    st.space("stretch")
    start, end = filters.period()
    measure = measures.choose()
    on = st.pills(
        terms.say("Layers"),
        list(LAYERS),
        format_func=lambda layer: terms.say(LAYERS[layer]),
        selection_mode="multi",
        default=["centre"],
        key="layers",
        label_visibility="collapsed",
        persist_state="session",
    )
asked = kpi.Filters(area=place.code, start=start, end=end)
with messages.catching():
    figures.strip(strips.incidents(kpi.strip(district.db(), asked), kpi.strip(district.db(), filters.before(asked))))

left, right = st.columns([7, 3])
with left, st.container(key="stage"):
    level = atlas.finest(place)
    values, scale = measures.values(measure, level, asked)
    dots = [atlas.centres(place)] if "centre" in on else []
    dots += [atlas.party(place)] if "party" in on and place.level != "district" else []
    map_frame.show(
        atlas.base(chrome.demo()),
        maps.repaint(
            atlas.areas(level, near=place.level in {"community", "grid"}),
            values,
            scale,
            outlines=atlas.inner_borders(place),
            dots=dots,
            selected=place.code if place.level == "grid" else None,
            focus=atlas.focus(place),
            within="" if place.level == "district" else place.code,
        ),
        key="map",
        height=720,
        on_click=clicked,
    )
with right, messages.catching():
    cards.place(place, asked)
