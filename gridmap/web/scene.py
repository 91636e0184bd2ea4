"""What the one map shows: incidents as colours, density or points; now, played, or beside another period or version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap import kpi, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, district, filters, kept, layers, measures, numbers, versions, words

if TYPE_CHECKING:
    from datetime import datetime

    from gridmap.web.district import Place

CASES = {"colour": key("Grid colours"), "heat": key("Density"), "points": key("Points")}
VIEWS = {
    "now": key("One map"),
    "play": key("Play the period"),
    "before": key("Against the period before"),
    "version": key("Against another version"),
}

MOST_POINTS = 1500
"""More cases than this are shown as density: points would hide each other and say nothing."""

STEPS = {7: 1, 30: 1, 90: 7, 365: 30}
"""Days of each step of a played period, by the days of the period: 7 to 30 steps of the same length."""

CELLS = {"city": 12, "district": 13, "street": 14, "community": 16, "grid": 17}
"""Zoom at which density is counted, by the level of the place, and how far a case reaches in metres."""
REACH_M = {"city": 520, "district": 260, "street": 160, "community": 70, "grid": 45}

SETTLED = {"open": ("#1668a8", "#6db4dd"), "overdue": ("#b3261e", "#ff8a80"), "closed": ("#7d8a90", "#8b9aa3")}


@dataclass(frozen=True)
class Choice:
    """How the map is to be shown. cases: of CASES; view: of VIEWS; version: the other one, where the view asks for it."""

    cases: str = "colour"
    view: str = "now"
    version: int | None = None


def choose() -> Choice:
    """Draw the panel of ways to show the map; the address keeps them."""
    view = kept.chosen("view", ("now",))
    label = terms.say(VIEWS[view[0]]) if view and view[0] in VIEWS and view[0] != "now" else terms.say("Compare")
    with st.popover(label, icon=":material/compare:", key="ways"):
        cases = kept.one(
            "as", terms.say("Incidents as"), {code: terms.say(text) for code, text in CASES.items()}, usual="colour"
        )
        shown = kept.one("view", terms.say("Show"), {code: terms.say(text) for code, text in VIEWS.items()}, usual="now")
        version = versions.other() if shown == "version" else None
    return Choice(cases, shown, version)


def message(
    place: Place, asked: kpi.Filters, measure: str, choice: Choice, on: frozenset[str], *, picked: str = ""
) -> maps.Repaint:
    """Make the message for the map. on: layers that are switched on; picked: the code of what is marked, else the place."""
    drawn = layers.draw(place, on, asked)
    level = atlas.finest(place)
    near = place.level in {"community", "grid"}
    shown: dict[str, Any] = {
        "outlines": [*atlas.inner_borders(place), *drawn.outlines],
        "patched": drawn.patches,
        "dots": drawn.dots,
        "selected": picked or (place.code if place.level == "grid" else None),
        "focus": atlas.focus(place),
        "within": "" if not place.above else place.code,
        "heading": heading(place, asked, measure),
        "note": drawn.note,
    }
    areas = atlas.areas(level, near=near)
    if choice.view == "now" and choice.cases != "colour":
        return maps.repaint(replace(areas, figures=False), **_incidents(place, asked, choice.cases, shown))
    if choice.view == "play":
        frames = _frames(measure, level, asked)
        scale = measures.scale(measure, pd.concat(frames.values()))
        return maps.repaint(areas, list(frames.values())[-1], scale, periods=frames, **shown)
    if choice.view in {"before", "version"} and (pair := _pair(choice, measure, level, asked)):
        first, other = pair
        return maps.repaint(*first, other=other, **shown)
    values, scale = measures.values(measure, level, asked)
    return maps.repaint(areas, values, scale, **shown)


def heading(place: Place, asked: kpi.Filters, measure: str) -> str:
    """Say what the map shows, for a print and the full screen."""
    return f"{place.full} · {terms.say(measures.MEASURES[measure].name)} · {span(asked)}"


def span(asked: kpi.Filters) -> str:
    """Write the period of the filters, its last day included."""
    start, end = cast("datetime", asked.start), cast("datetime", asked.end)
    return f"{numbers.day(start)} – {numbers.day(end - timedelta(days=1))}"


def case_points(asked: kpi.Filters) -> pd.DataFrame:
    """List the cases that are shown as points."""
    return kpi.cases(district.db(), asked, limit=MOST_POINTS)


def _incidents(place: Place, asked: kpi.Filters, way: str, shown: dict[str, Any]) -> dict[str, Any]:
    """Add density or points to what is shown; too many cases for points become density, and the map says so."""
    reported = kpi.strip(district.db(), asked)["reported"].value or 0
    if way == "points" and reported <= MOST_POINTS:
        return shown | {"dots": [*shown["dots"], _points(asked)]}
    if way == "points":
        shown = shown | {
            "note": terms.say("{n} cases are too many for points; choose a smaller place or period.", n=numbers.count(reported))
        }
    cells = kpi.density(district.db(), asked, zoom=CELLS[place.level])
    if cells.empty:
        return shown
    middle = gpd.points_from_xy((cells["west"] + cells["east"]) / 2, (cells["south"] + cells["north"]) / 2)
    places = gpd.GeoDataFrame(cells[["n"]], geometry=middle, crs=4490)
    return shown | {"density": maps.density(places, weight="n", radius_m=REACH_M[place.level], theme=charts.scheme())}


def _points(asked: kpi.Filters) -> maps.PointLayer:
    found = case_points(asked)
    found = found[found["lon"].notna()]
    moment = cast("datetime", asked.end)
    spoken = terms.language()
    late = found["closed_at"].isna() & (found["due_at"] < moment) & ~(found["deferred"] == True)  # noqa: E712 - numpy's own True
    sign = late.map({True: "overdue", False: "open"}).where(found["closed_at"].isna(), "closed")
    frame = gpd.GeoDataFrame(
        {
            "name_zh": found[f"matter_{spoken}"].fillna(found["matter_code"]),
            "sign": sign,
            "line": [
                f"{at:%m-%d %H:%M} · {words.called(how, words.CHANNELS)}"
                for at, how in zip(found["reported_at"], found["channel"], strict=True)
            ],
            "state": [words.called(state, words.STATES) for state in found["status"]],
        },
        geometry=gpd.points_from_xy(found["lon"], found["lat"], crs=4490),
    ).set_index(found["incident_id"])
    dark = charts.scheme() == "dark"
    texts = {"open": terms.say("Open case"), "overdue": terms.say("Overdue case"), "closed": terms.say("Closed case")}
    shapes = {"open": "circle", "overdue": "diamond", "closed": "circle"}
    sizes = {"open": 6, "overdue": 8, "closed": 4}
    signs = {name: maps.Sign(texts[name], SETTLED[name][dark], shapes[name], sizes[name]) for name in SETTLED}
    return maps.point_layer(frame, signs, key="case", lines=["line", "state"])


def _frames(measure: str, level: str, asked: kpi.Filters) -> dict[str, pd.Series]:
    """Give the figures of each step of the period, oldest first, by the step's days as text."""
    start, end = cast("datetime", asked.start), cast("datetime", asked.end)
    days = STEPS.get((end - start).days, 30)
    frames = {}
    for back in range((end - start).days // days, 0, -1):
        first = end - timedelta(days=back * days)
        last = first + timedelta(days=days - 1)
        label = f"{first:%m-%d}" if days == 1 else f"{first:%Y-%m-%d} – {last:%m-%d}"
        frames[label] = measures.figures(measure, level, replace(asked, start=first, end=first + timedelta(days=days)))
    return frames


def _pair(choice: Choice, measure: str, level: str, asked: kpi.Filters) -> tuple[tuple[Any, ...], maps.Other] | None:
    """Give the left and the right state of a comparison, on one scale; None when there is no other version."""
    areas = atlas.areas(level)
    now = measures.figures(measure, level, asked)
    if choice.view == "before":
        earlier = filters.before(asked)
        then, names = measures.figures(measure, level, earlier), (span(earlier), span(asked))
        scale = measures.scale(measure, pd.concat([then, now]))
        return (areas, then, scale), maps.Other(areas, now, names)
    if choice.version is None:
        return None
    then = measures.figures(measure, "grid", replace(asked, version=choice.version))
    now = measures.figures(measure, "grid", asked)
    scale = measures.scale(measure, pd.concat([then, now]))
    in_force = district.db().version_now()
    names = (terms.say("Version {n}", n=choice.version), terms.say("Version {n}, in force", n=in_force))
    return (atlas.areas("grid", version=choice.version), then, scale), maps.Other(atlas.areas("grid"), now, names)
