"""The maps of the pages: ground, grids, borders and places of the district, each handed to the browser once a version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import streamlit as st

from gridmap import analysis, codes, crs, maps, terms
from gridmap.web import charts, district, numbers, words

if TYPE_CHECKING:
    import pandas as pd

    from gridmap.web.district import Place

MOST_GRIDS = 60_000
"""More areas than this are not drawn at once; the map then shows the next level up."""

KEPT = ".maps"
"""Folder beside the database where shapes are kept that take seconds to make."""

CENTRE_SIGNS = ("below", "met", "demonstration")


def base(source: str = "", *, theme: maps.Theme | None = None) -> maps.DistrictMap:
    """Make the map of the district with its roads and waters. source: a line in its corner. theme: None is the reader's."""
    return maps.district_map(
        _district(district.version_of("district")),
        base=_ground(district.db().data_version("divisions", "land")),
        theme=theme or charts.scheme(),
        source=source,
    )


def finest(place: Place) -> str:
    """Give the smallest level whose areas inside a place are few enough for one map and exist at all."""
    for level in ("grid", "community"):
        if 0 < len(district.areas(level, place.code[: codes.COMMUNITY])) <= MOST_GRIDS:
            return level
    return "street"


def areas(level: str, *, version: int | None = None, near: bool = False) -> maps.AreaLayer:
    """Give the areas of a level as a layer to colour. near: with names and figures, and the streets shining through."""
    layer = _areas(district.version_of(level), level, version)
    return replace(layer, labels=14, figures=True, opacity=0.62) if near else layer


def borders(level: str, parent: str | None = None, *, width: float = 1.6, labels: int = 0) -> maps.Outline:
    """Give the borders of a level, with names of the given size in pixels."""
    return _borders(district.version_of(level), level, parent, width, labels)


def border_line(
    level: str, parent: str | None, *, colour: str, width: float, text: str, dash: tuple[float, ...] = ()
) -> maps.Outline:
    """Give the borders of a level as lines that the legend names."""
    return replace(borders(level, parent), colour=colour, width=width, text=text, dash=dash)


def focus(place: Place) -> maps.Bounds:
    """Give what the map should show of a place: a grid within its surroundings, everything else whole."""
    within = district.areas("district" if place.level == "city" else place.level, place.code)
    west, south, east, north = within.total_bounds
    margin = 0.6 if place.level == "grid" else 0.02
    wide, high = (east - west) * margin, (north - south) * margin
    return west - wide, south - high, east + wide, north + high


def centres(place: Place) -> maps.PointLayer:
    """Give the service centres in a place: size by floor area, sign by the 500 and 1000 m² rules (dossier R55, R56)."""
    return _centres(district.db().data_version("service_centres", "divisions"), place.code, terms.language(), charts.scheme())


def party(place: Place) -> maps.PointLayer:
    """Give the Party organisations in a place as stars."""
    return _party(district.db().data_version("party_orgs", "divisions"), place.code, terms.language(), charts.scheme())


def inner_borders(place: Place) -> list[maps.Outline]:
    """Give the borders that help to read a place: of the level below in full, with names, and its own, heavier."""
    if place.level == "city":
        return [borders("district", width=2.2, labels=17)]
    if place.level == "district":
        return [borders("street", width=2.2, labels=17)]
    street = place.code[: codes.STREET]
    drawn = [borders("community", street, width=1.4, labels=14 if place.level == "street" else 0), borders("street", width=2.4)]
    if place.level in {"community", "grid"}:
        drawn.append(borders("community", place.code[: codes.COMMUNITY], width=3.0, labels=0))
    return drawn


def draw_ahead() -> None:
    """Make the shapes that the first readers would wait for: the ground, the finest areas, the borders of every street."""
    home = district.home()
    base(theme="light")
    areas(finest(home))
    inner_borders(home)
    for code in district.areas("street")["code"]:
        if street := district.find(code):
            inner_borders(street)


@st.cache_resource(show_spinner=False, max_entries=4)
def _district(data_version: str) -> maps.Bounds:  # noqa: ARG001  the key
    west, south, east, north = district.areas("district").total_bounds
    return float(west), float(south), float(east), float(north)


@st.cache_resource(show_spinner=False, max_entries=4)
def _ground(version: str) -> tuple[maps.Ground, ...]:  # noqa: ARG001  the key
    land = maps.ground(district.areas("district"), "land")
    under = analysis.ground(district.db())
    drawn = [maps.ground(frame, kind) for kind, frame in under.items() if not frame.empty]
    return (land, *drawn)


@st.cache_resource(show_spinner=False, max_entries=64)
def _areas(data_version: str, level: str, version: int | None) -> maps.AreaLayer:  # noqa: ARG001  the key
    shown = version if version is not None else district.db().version_now()
    found = district.areas(level, version=version)
    near = f"/gridmap/grids/{shown}/{level}/"
    return maps.area_layer(found, level=level, labels=0, near=near, folder=district.folder() / KEPT)


@st.cache_resource(show_spinner=False, max_entries=64)
def _borders(data_version: str, level: str, parent: str | None, width: float, labels: int) -> maps.Outline:  # noqa: ARG001  the key
    return maps.outline(district.areas(level, parent), width=width, labels=labels)


@st.cache_resource(show_spinner=False, max_entries=256)
def _centres(data_version: str, code: str, language: str, scheme: str) -> maps.PointLayer:  # noqa: ARG001  the key
    frame = analysis.centres(district.db(), code)
    frame["size"] = (frame["floor_area_m2"].fillna(0).clip(100, 2500) ** 0.5) / 4.5 + 2
    kinds: tuple[str, ...] = CENTRE_SIGNS
    if len(code) == codes.CITY:  # thousands of signs would hide the map: those that fall short are shown
        kinds = CENTRE_SIGNS[:1]
        frame = frame[frame["standard"].isin(kinds)].assign(size=3.0)
    frame["line"] = frame["floor_area_m2"].map(numbers.area)
    texts = (
        terms.say("Service centre under 500 m²"),
        terms.say("Service centre 500–1000 m²"),
        terms.say("Service centre over 1000 m²"),
    )
    colours = {"light": ("#b3261e", "#a15c00", "#2e6b4f"), "dark": ("#ff8a80", "#f0b35a", "#7fc8a3")}[scheme]
    shapes = ("triangle", "square", "circle")
    signs = {
        key: maps.Sign(text, colour, shape)
        for key, text, colour, shape in zip(CENTRE_SIGNS, texts, colours, shapes, strict=True)
        if key in kinds
    }
    return maps.point_layer(frame, signs, key="centre", sign="standard", size="size", lines=["line"])


@st.cache_resource(show_spinner=False, max_entries=256)
def _party(data_version: str, code: str, language: str, scheme: str) -> maps.PointLayer:  # noqa: ARG001  the key
    frame = analysis.party_orgs(district.db(), code)
    frame["sign"] = "party"
    frame["line"] = [words.called(kind, words.PARTY) for kind in frame["org_kind"]]
    size = 5 if len(code) <= codes.DISTRICT else 9
    signs = {"party": maps.Sign(terms.say("Party organisation"), {"light": "#b3261e", "dark": "#ff6b5e"}[scheme], "star", size)}
    return maps.point_layer(frame, signs, key="party", lines=["line"])


def case(row: pd.Series) -> maps.PointLayer:
    """Give one case as a point; row: as kpi.cases lists it, with lon and lat."""
    frame = gpd.GeoDataFrame(
        {"name_zh": [row["title_zh"] or row["incident_id"]], "sign": ["case"]},
        geometry=gpd.points_from_xy([row["lon"]], [row["lat"]], crs=crs.STORED),
        index=[row["incident_id"]],
    )
    colour = {"light": "#14212b", "dark": "#ffffff"}[charts.scheme()]
    return maps.point_layer(frame, {"case": maps.Sign(terms.say("Chosen case"), colour, "diamond", 9)}, key="case")


def spot(lon: float, lat: float) -> maps.PointLayer:
    """Give a point that was chosen on the map."""
    frame = gpd.GeoDataFrame(
        {"name_zh": [terms.say("Chosen place")], "sign": ["spot"]},
        geometry=gpd.points_from_xy([lon], [lat], crs=crs.STORED),
        index=["spot"],
    )
    return maps.point_layer(frame, {"spot": maps.Sign(terms.say("Chosen place"), "#b3261e", "diamond", 9)}, key="spot")


def layer(name: str, colour: str, *, width: float = 1.3, text: str = "") -> maps.Outline:
    """Give a department's grids as lines. text: what the map's legend says of them, if anything."""
    return replace(_layer(district.db().data_version("layers"), name, colour), width=width, text=text)


def size(name: str) -> tuple[int, float]:
    """Give how many grids a department's layer has and the m² they cover, overlaps counted twice."""
    return _size(district.db().data_version("layers"), name)


@st.cache_resource(show_spinner=False, max_entries=32)
def _layer(data_version: str, name: str, colour: str) -> maps.Outline:  # noqa: ARG001  the key
    return maps.borders(district.db().layer(name), colour=colour)


@st.cache_resource(show_spinner=False, max_entries=32)
def _size(data_version: str, name: str) -> tuple[int, float]:  # noqa: ARG001  the key
    frame = district.db().layer(name)
    return len(frame), float(frame["area_m2"].sum()) if "area_m2" in frame else float("nan")
