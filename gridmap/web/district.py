"""The district a page shows: its database, open once for the whole process, and its divisions, looked up once a version."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import access, analysis, codes, store, terms
from gridmap.errors import StoreError
from gridmap.store.database import is_open
from gridmap.web import figures, guard, messages, session, visitor, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from gridmap.store import Store

FILE = access.DATABASE

_there: set[Path] = set()
"""Databases that were seen to be there: pages ask dozens of times a view."""


@dataclass(frozen=True)
class Place:
    """A division or grid: its code, level and name, and those it lies in, the district first."""

    code: str
    level: str
    name: str
    above: tuple[Place, ...] = ()

    @property
    def full(self) -> str:
        """Give the name with those of the places it lies in, but for the widest."""
        return " · ".join(step.name for step in (*self.above[1:], self))

    @property
    def inner(self) -> str | None:
        """Give the level one drills down to, or None at a grid."""
        return words.LEVELS_BELOW.get(self.level)


def folder() -> Path:
    """Give the folder of the district's data."""
    return visitor.folder()


def exists() -> bool:
    """Say whether there is a district at all."""
    path = folder() / FILE
    if path not in _there and path.exists():
        _there.add(path)
    return path in _there


def db() -> Store:
    """Give the district's database as the reader may see it; where there is none, say so on the page and end it there.

    Whoever answers for a part of the district finds only that part's rows in it, whatever a page asks (access.confine).
    """
    if not exists():
        nothing()
    return seen_by(guard.actor())


def seen_by(actor: access.Actor) -> Store:
    """Give the district's database as an actor may see it, also outside any page."""
    return access.confine(_open(folder() / FILE), actor)


def is_demo() -> bool:
    """Say whether the data are the fictional demo district's: its manifest says so, or the setting ``demo`` of the store."""
    return bool(visitor.manifest().get("fictional")) or _is_demo(db().data_version("settings"))


def nothing() -> None:
    """Say that there is no district yet, and end the page."""
    messages.empty(
        terms.say("There are no data yet."),
        terms.say("Make the demo district with “gridmap demo”, or load your own files; then open this page again."),
    )
    st.stop()


def areas(level: str, parent: str | None = None, version: int | None = None) -> gpd.GeoDataFrame:
    """Give the areas of a level, inside one parent or all: code, name_zh, households, area_m2, geometry. Not to be changed."""
    return _areas(version_of(level), level, parent, version)


def version_of(level: str) -> str:
    """Give the data version of the areas of a level: the key of what is made from them."""
    return db().data_version("grids" if level == "grid" else "divisions")


def shapes(actor: access.Actor, level: str, parent: str | None, version: str) -> gpd.GeoDataFrame:
    """Give areas for the server's own routes, outside any page; version: a number, or anything else for the grids in force."""
    return seen_by(actor).areas(level, parent=parent, version=int(version) if version.isdigit() else None)


def opened() -> Store:
    """Give the district's database to the server's own routes, outside any page. Raises StoreError where there is none yet."""
    if not exists():
        raise StoreError("There are no data yet.")
    return _open(folder() / FILE)


def running() -> Store | None:
    """Give the district's database where this process has it open already, else None."""
    return opened() if is_open(folder() / FILE) else None


def home() -> Place:
    """Give the widest place the reader may see: the district itself, or the part that they answer for."""
    own = guard.actor().scope
    level = codes.level(own) if own else "district"
    found = areas(level, own or None)
    if found.empty:
        nothing()
    row = found.iloc[0]
    if level == "district" and len(found) > 1:
        return Place(row["code"][: codes.CITY], "city", str(visitor.manifest().get("name_zh") or terms.say("The whole city")))
    return Place(row["code"], level, row["name_zh"] or row["code"])


def here() -> Place:
    """Give the place the address names; an unknown one is the district."""
    return find(session.get("at")) or home()


def find(code: str | None) -> Place | None:
    """Give a place by its code with all it lies in, or None when the district has no such place."""
    top = home()
    if code is None or not code.startswith(top.code):
        return None
    chain = [top]
    for length in (codes.DISTRICT, codes.STREET, codes.COMMUNITY, codes.GRID):
        if length <= len(top.code):
            continue
        if len(code) < length:
            break
        part = code[:length]
        level = codes.LEVELS[length]
        known = _named(version_of(level), level)
        if part not in known:
            return None
        chain.append(Place(part, level, known[part] or part, tuple(chain)))
    return chain[-1] if chain[-1].code == code else None


def towards(place: Place, code: str) -> str:
    """Give the code one level below a place on the way to a code inside it; outside it, the neighbour of the place's level."""
    if not code.startswith(place.code):
        return code[: len(place.code)]
    longer = [length for length in codes.LEVELS if len(place.code) < length <= len(code)]
    return code[: longer[0]] if longer else code


def title(place: Place, leaf: str = "") -> None:
    """Draw where we are as the page's first line, and above it the way there, each step of which leads back up.

    leaf: what is looked at inside the place, as the last step.
    """
    way = (*place.above, place) if leaf else place.above
    with st.container(gap=None, width="content", key="where"):
        if way:
            with st.container(horizontal=True, vertical_alignment="center", gap=None, key="crumbs"):
                for step in way:
                    st.button(step.name, key=f"to-{step.code}", type="tertiary", on_click=go, args=(step.code,))
                    st.html('<span class="gm-step" aria-hidden="true">›</span>', width="content")
        figures.place(leaf or place.name)


def go(code: str) -> None:
    """Go to a place: the address follows, so that it can be bookmarked and sent. What was picked in the old place is let go."""
    session.put(at=None if code == home().code else code, pick=None)


def drill(click: Mapping[str, object]) -> None:
    """Go down to the area of the map that was clicked, one level at a time."""
    if click["kind"] == "area":
        go(towards(here(), str(click["code"])))


@st.cache_resource(show_spinner=False, max_entries=4)
def _is_demo(data_version: str) -> bool:  # noqa: ARG001  the key
    return analysis.setting(db(), "demo") == "true"


@functools.cache  # asked dozens of times a view, so without Streamlit's way of finding an answer again
def _open(path: Path) -> Store:
    return store.open_store(path)


@st.cache_resource(show_spinner=False, max_entries=256)
def _areas(data_version: str, level: str, parent: str | None, version: int | None) -> gpd.GeoDataFrame:  # noqa: ARG001  the key
    if parent is None:
        return db().areas(level, version=version)
    every = areas(level, version=version)
    held = every["code"].str.startswith(parent)
    return every[held].reset_index(drop=True)


@st.cache_resource(show_spinner=False, max_entries=16)
def _named(data_version: str, level: str) -> dict[str, str | None]:  # noqa: ARG001  the key
    frame = areas(level)
    names = frame["name_zh"].astype(object)
    return dict(zip(frame["code"], names.where(names.notna(), None), strict=True))
