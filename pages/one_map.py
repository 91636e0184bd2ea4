"""One map 一张图: the district drilled down by click to the building, with every layer, through time and side by side."""

import streamlit as st

from gridmap import kpi
from gridmap.web import (
    atlas,
    cards,
    chrome,
    district,
    figures,
    filters,
    finder,
    layers,
    map_frame,
    measures,
    messages,
    picked,
    scene,
    strips,
)


def clicked(click: dict[str, object]) -> None:
    """Go towards the area that was clicked, or open the card of the thing."""
    if click["kind"] == "area":
        district.go(district.towards(district.here(), str(click["code"])))
    elif click["kind"] in {"point", "patch"}:
        picked.pick(str(click["layer"]), str(click["code"]))


place = district.here()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    district.title(place, picked.leaf(place))
    st.space("stretch")
    finder.find(place)
    start, end = filters.period()
    measure = measures.choose()
    on = layers.choose()
    choice = scene.choose()
asked = kpi.Filters(area=place.code, start=start, end=end)
with messages.catching():
    figures.strip(strips.incidents(kpi.strip(district.db(), asked), kpi.strip(district.db(), filters.before(asked))))

left, right = st.columns([7, 3])
with left, st.container(key="stage"), messages.catching():
    chosen = picked.given()
    now = scene.message(place, asked, measure, choice, on, picked=chosen[1] if chosen else "")
    map_frame.show(atlas.base(chrome.demo()), now, key="map", height=720, on_click=clicked)
with right, st.container(key="card"), messages.catching():
    if not picked.card(place, asked):
        cards.place(place, asked)
