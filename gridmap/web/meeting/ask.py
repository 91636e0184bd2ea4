"""Ask by drawing 圈地查询: an area is drawn or named, and all that lies in it is said at once; several side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from gridmap import analysis, crs, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, chrome, district, figures, filters, map_frame, messages, numbers, session, tables
from gridmap.web.meeting import answers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gridmap.analysis import Drawn

AREAS, AT, NAMED, WIDE = "ask-areas", "ask-at", "ask-named", "ask-wide"
NAMES = {"zh": "甲乙丙丁", "en": "ABCD"}
MOST = 4
"""Areas kept side by side."""

NEAR_M = 500
STRIP_M = 30
"""Half the width of the strip along a road or line, at first."""

LOOKS = {"light": ("#d55e00", "#0072b2", "#009e73", "#b0669a"), "dark": ("#f0803c", "#4aa8e0", "#34c79b", "#d58fc0")}
QUESTIONS = {
    "there": key("What lies there"),
    "near": key("Within 500 m"),
    "sealed": key("Sealed off or closed"),
}


def show() -> None:
    """Draw the view: how the area is given and the question above, the map and the answer below."""
    with st.container(horizontal=True, vertical_alignment="center", key="meet-head"):
        question = st.segmented_control(
            terms.say("Question"), list(QUESTIONS), default="there", required=True, key="ask-question",
            format_func=lambda name: terms.say(QUESTIONS[name]), label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        st.selectbox(
            terms.say("Compound or road"), list(_named()), index=None, placeholder=terms.say("Compound or road by name"),
            key=NAMED, label_visibility="collapsed", width=260, on_change=_by_name,
        )  # fmt: skip
        st.caption(terms.say("Metres each side"), width="content")
        wide = st.number_input(
            terms.say("Metres each side"), min_value=5, max_value=500, value=STRIP_M, step=5, key=WIDE,
            label_visibility="collapsed", width=130,
            help=terms.say("Half the width of the strip along a line or road, in metres"),
        )  # fmt: skip
        st.space("stretch")
        start, end = filters.period()
    _answer(str(question), float(wide), start, end)


@session.fragment()
def _answer(question: str, wide: float, start: datetime, end: datetime) -> None:
    kept: list[dict[str, Any]] = st.session_state.setdefault(AREAS, [])
    left, right = st.columns([6, 6], gap="medium")
    found = [_ask(question, area["wkt"], start, end) for area in kept]
    at = min(st.session_state.get(AT, 0), max(0, len(kept) - 1))
    with left:
        _map(kept, found, at, wide)
    with right, messages.catching():
        if not kept:
            messages.empty(
                terms.say("Draw an area on the map."),
                terms.say("An area, a circle, or a line along a road; or choose a compound or road by its name above."),
            )
            return
        _head(kept, at)
        if question == "sealed":
            _closed(kept[at]["wkt"])
        _figures(found[at])
        if len(kept) > 1:
            _compared(kept, found)
        answers.parts(_called(kept[at]), found[at], start, end)


def _map(kept: list[dict[str, Any]], found: list[Drawn], at: int, wide: float) -> None:
    patched, dots, focus = [], [], None
    if kept:
        looks = {
            str(number): maps.Look(_called(area), LOOKS[charts.scheme()][number], fill=0.3, width=3.0)
            for number, area in enumerate(kept)
        }
        frame = gpd.GeoDataFrame(
            {"look": list(looks), "name_zh": [_called(area) for area in kept]},
            geometry=[one.ground for one in found],
            index=[f"area-{number}" for number in range(len(kept))],
            crs=crs.STORED,
        )
        patched = [maps.patch_layer(frame, looks, key="asked", labels=18)]
        dots = _dots(found[at])
        west, south, east, north = found[at].ground.bounds
        margin = 0.6 * max(east - west, north - south, 0.004)
        focus = (west - margin, south - margin, east + margin, north + margin)

    def clicked(click: dict[str, Any]) -> None:
        session.begin()  # what is called before a run has no language yet
        if click["kind"] == "drawn":
            _keep(_drawn(click, wide), "")
        elif click["kind"] == "patch" and click.get("layer") == "asked":
            st.session_state[AT] = int(str(click["code"]).partition("-")[2])

    with st.container(key="stage-ask"):
        map_frame.show(
            atlas.base(chrome.demo()),
            maps.repaint(
                outlines=[atlas.borders("grid", width=0.9), *atlas.inner_borders(district.home())],
                dots=dots, patched=patched, tools=("polygon", "circle", "line"), focus=focus or atlas.focus(district.home()),
            ),
            key="map-ask", height=640, on_click=clicked,
        )  # fmt: skip


def _dots(found: Drawn) -> list[maps.PointLayer]:
    scheme = charts.scheme()
    red, green = {"light": ("#b3261e", "#2e6b4f"), "dark": ("#ff6b5e", "#7fc8a3")}[scheme]
    layers = []
    for frame, name, sign in (
        (found.centres, "centre", maps.Sign(terms.say("Service centre"), green, "square", 9)),
        (found.party, "party", maps.Sign(terms.say("Party organisations"), red, "star", 8)),
    ):
        if len(frame):
            layers.append(maps.point_layer(frame.assign(sign=name), {name: sign}, key=name))
    return layers


def _head(kept: list[dict[str, Any]], at: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        names = [_called(area) for area in kept]
        chosen = st.segmented_control(
            terms.say("Which area"), range(len(kept)), default=at, format_func=lambda n: names[n], required=True,
            key=f"ask-which-{len(kept)}-{at}", label_visibility="collapsed",
        )  # fmt: skip
        if chosen != at:
            st.session_state[AT] = chosen
            st.rerun(scope="fragment")
        if st.button(terms.say("Drop this area"), key="ask-drop", type="tertiary"):
            kept.pop(at)
            st.rerun(scope="fragment")
        if st.button(terms.say("Drop all"), key="ask-clear", type="tertiary"):
            kept.clear()
            st.rerun(scope="fragment")


def _figures(found: Drawn) -> None:
    n, months = int(found.incidents["n"].sum()), max(1, found.incidents["month"].nunique())
    waiting = int(found.incidents["open"].sum())
    per = None if not found.households else 1000 * n / found.households / months
    counted = (
        terms.say("by share of land")
        if found.by_area
        else terms.say("{n:# building|# buildings}", n=numbers.count(found.buildings))
    )
    figures.strip(
        [
            figures.Figure(terms.say("Households"), numbers.short(found.households), note=counted),
            figures.Figure(terms.say("Grids"), numbers.count(len(found.grids)), note=numbers.area(found.area_m2)),
            figures.Figure(terms.say("Incidents"), numbers.short(n), note=terms.say("{n} open", n=numbers.count(waiting))),
            figures.Figure(terms.say("A month per 1,000 households"), numbers.decimal(per)),
            figures.Figure(terms.say("Open whistles"), numbers.count(len(found.whistles)), alert=len(found.whistles) > 0),
        ]
    )


def _closed(wkt: str) -> None:
    found = _closure(wkt, district.db().data_version("buildings", "roads", "service_centres"))
    if found is None:
        st.caption(terms.say("Without buildings, roads and centres on the map nobody's way can be measured."))
        return
    figures.rows(
        [
            (terms.say("Households inside"), numbers.count(found.inside), False),
            (
                terms.say("Households outside whose way to a centre grows by {m} m in the middle", m=round(found.more_m))
                if found.longer
                else terms.say("Households outside whose way to a centre grows"),
                numbers.count(found.longer),
                found.longer > 0,
            ),
            (terms.say("Households outside that reach no centre on foot"), numbers.count(found.cut_off), found.cut_off > 0),
        ]
    )


def _compared(kept: list[dict[str, Any]], found: list[Drawn]) -> None:
    figures.heading(terms.say("Side by side"))
    rows: dict[str, list[str]] = {}
    for one in found:
        n = int(one.incidents["n"].sum())
        for label, value in {
            terms.say("Households"): numbers.count(one.households),
            terms.say("Grids"): numbers.count(len(one.grids)),
            terms.say("Grid workers"): numbers.count(int(one.grids["workers"].sum())),
            terms.say("Incidents"): numbers.count(n),
            terms.say("Incidents per 1,000 households"): numbers.decimal(1000 * n / one.households if one.households else None),
            terms.say("Open whistles"): numbers.count(len(one.whistles)),
            terms.say("Centres"): numbers.count(len(one.centres)),
            terms.say("Party organisations"): numbers.count(len(one.party)),
            terms.say("Property companies"): numbers.count(len(one.companies)),
        }.items():
            rows.setdefault(label, []).append(value)
    frame = pd.DataFrame([[label, *values] for label, values in rows.items()], columns=["", *(_called(area) for area in kept)])
    tables.show(frame, key=f"ask-compared-{len(kept)}", height="content")


def _keep(shape: shapely.Geometry, name: str) -> None:
    """Put an area beside the others; the oldest gives way when there are too many."""
    kept: list[dict[str, Any]] = st.session_state.setdefault(AREAS, [])
    while len(kept) >= MOST:
        kept.pop(0)
    letter = next(place for place in range(MOST) if place not in {area["letter"] for area in kept})
    kept.append({"letter": letter, "name": name, "wkt": shapely.to_wkt(shape, rounding_precision=8)})
    st.session_state[AT] = len(kept) - 1


def _called(area: Mapping[str, Any]) -> str:
    """Call an area by its letter in the language spoken and, where it was chosen by name, by that."""
    return f"{NAMES[terms.language()][area['letter']]} {area['name']}".strip()


def _drawn(click: Mapping[str, Any], wide: float) -> shapely.Geometry:
    """Make the area of a drawing: as drawn, round its middle, or along its line."""
    lon_lat = np.array(click["points"], float)[:, ::-1]
    if click["tool"] == "circle":
        return analysis.around(cast("Any", shapely.Point(lon_lat[0])), float(click["radius_m"]))
    if click["tool"] == "line":
        return analysis.along(shapely.LineString(lon_lat), wide)
    return shapely.make_valid(shapely.Polygon(lon_lat.tolist()))


@st.cache_resource(show_spinner=False, max_entries=64)
def _asked(question: str, wkt: str, start: datetime, end: datetime, data_version: str) -> Drawn:  # noqa: ARG001  the key
    ground = cast("Any", shapely.from_wkt(wkt))
    return analysis.drawn(
        district.db(), analysis.around(ground, NEAR_M) if question == "near" else ground, start=start, end=end
    )


def _ask(question: str, wkt: str, start: datetime, end: datetime) -> Drawn:
    version = district.db().data_version("casework", "grids", "land", "people", "divisions")
    return _asked("near" if question == "near" else "there", wkt, start, end, version)


@st.cache_resource(show_spinner=False, max_entries=32)
def _closure(wkt: str, data_version: str) -> analysis.Closure | None:  # noqa: ARG001  the key
    return analysis.closure(district.db(), cast("Any", shapely.from_wkt(wkt)))


@st.cache_resource(show_spinner=False, max_entries=2)
def _names(data_version: str) -> dict[str, tuple[str, str]]:  # noqa: ARG001  the key
    return analysis.named_places(district.db())


def _named() -> dict[str, tuple[str, str]]:
    return _names(district.db().data_version("compounds", "roads"))


def _by_name() -> None:
    """Take the compound or road whose name was chosen, and empty the choice for the next."""
    session.begin()  # what is called before a run has no language yet
    picked = st.session_state[NAMED]
    st.session_state[NAMED] = None
    if picked is not None:
        _keep(_shape_of(*_named()[picked], float(st.session_state.get(WIDE, STRIP_M))), picked)


def _shape_of(kind: str, ident: str, wide: float) -> shapely.Geometry:
    """Give a compound's own ground, or the strip along a road."""
    shape = analysis.shape_of(district.db(), kind, ident)
    return shape if kind == "compound" else analysis.along(shape, wide)
