"""Layers above the colours of the one map, each handed to the browser once a version: compounds, buildings, patrols."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, cast

import streamlit as st

from gridmap import analysis, codes, maps, store, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, district, numbers

if TYPE_CHECKING:
    from gridmap import kpi
    from gridmap.web.district import Place

PATROL_DAYS = 7
"""Patrols of more days would cover the map: the last ones of the period are shown."""


@dataclass(frozen=True)
class Kind:
    """What a value means: its words (a catalogue key) and its colour in both themes."""

    text: str
    light: str
    dark: str

    @property
    def colour(self) -> str:
        """Give the colour in the reader's theme."""
        return self.dark if charts.scheme() == "dark" else self.light


COMMITTEES = {
    "owners_committee": Kind(key("Owners' committee formed"), "#0b6e8a", "#4fb6d3"),
    "property_mgmt_committee": Kind(key("Property management committee instead"), "#7a5ba8", "#b79be0"),
    "none": Kind(key("Managed, no owners' committee"), "#c4501b", "#f08a52"),
    "unmanaged": Kind(key("No property management"), "#7d8a90", "#8b9aa3"),
}
RULES = {
    "met": Kind(key("Property company, Party rules met"), "#2e6b4f", "#7fc8a3"),
    "no_org": Kind(key("3 or more full members, no Party organisation"), "#b3261e", "#ff8a80"),
    "no_member": Kind(key("50 or more employees, no Party member"), "#a15c00", "#f0b35a"),
}
CLOSED = {
    "demolition": Kind(key("Land taken and cleared"), "#8a5a00", "#e0b060"),
    "roadworks": Kind(key("Road works"), "#c4501b", "#f08a52"),
    "key_area": Kind(key("Key area"), "#0f4c75", "#7fc0e6"),
    "closed": Kind(key("Closed ground"), "#b3261e", "#ff8a80"),
}
LED = {
    "led": Kind(key("Building, all units with a leader"), "#3d6f92", "#6fa9cf"),
    "bare": Kind(key("Building with units without a leader"), "#c4501b", "#f08a52"),
}
PATROL = Kind(key("Patrol, the last {n} days"), "#6d3fb0", "#c39bf5")
BARE = Kind(key("Grid without a Party branch or group"), "#d0021b", "#ff5a4d")


def compounds(place: Place) -> maps.PatchLayer | None:
    """Give the compounds in a place by their owners' committee; None where they are too many for one map."""
    return _compounds(district.db().data_version("land", "people"), place.code, terms.language(), charts.scheme())


def buildings(place: Place) -> maps.PatchLayer | None:
    """Give the buildings of a grid, the micro units' level; None where none are known."""
    return _buildings(district.db().data_version("land", "people"), place.code, terms.language(), charts.scheme())


def companies(place: Place) -> maps.PointLayer:
    """Give the property companies at work in a place, by the Party rules (R22, R23)."""
    return _companies(district.db().data_version("land", "people"), place.code, terms.language(), charts.scheme())


def party(place: Place) -> list[maps.PointLayer]:
    """Give the Party organisations in a place as stars and the grids without one as empty red stars (R29)."""
    bare = _bare(district.db().data_version("party_orgs", "grids"), place.code, terms.language(), charts.scheme())
    return [atlas.party(place), *([] if bare is None else [bare])]


def patrols(place: Place, asked: kpi.Filters) -> maps.PatchLayer | None:
    """Give the tracks of the last days' patrols of the period; None where nobody went."""
    end = cast("datetime", asked.end or store.now())
    return _patrols(district.db().data_version("patrols", "staff"), place.code, end, terms.language(), charts.scheme())


def restricted(asked: kpi.Filters) -> maps.PatchLayer | None:
    """Give the restricted areas in force at the end of the period; None where there are none."""
    day = datetime.combine(cast("datetime", asked.end or store.now()).date(), time()) - timedelta(days=1)
    return _restricted(district.db().data_version("restricted_areas"), day, terms.language(), charts.scheme())


@st.cache_resource(show_spinner=False, max_entries=64)
def _compounds(data_version: str, code: str, language: str, scheme: str) -> maps.PatchLayer | None:  # noqa: ARG001  the key
    frame = analysis.compounds(district.db(), code)
    if len(frame) > atlas.MOST_GRIDS:
        return None
    frame["line"] = [terms.say(COMMITTEES[value].text) for value in frame["committee"]]
    frame["homes"] = [terms.say("{n} households", n=numbers.count(n)) for n in frame["households"]]
    looks = {value: maps.Look(terms.say(kind.text), kind.colour, fill=0.5) for value, kind in COMMITTEES.items()}
    return maps.patch_layer(frame, looks, key="compound", look="committee", lines=["line", "homes"])


@st.cache_resource(show_spinner=False, max_entries=64)
def _buildings(data_version: str, code: str, language: str, scheme: str) -> maps.PatchLayer | None:  # noqa: ARG001  the key
    frame = analysis.buildings(district.db(), code)
    if frame.empty:
        return None
    frame["look"] = ["led" if led == units else "bare" for led, units in zip(frame["led"], frame["units"], strict=True)]
    frame["name_zh"] = [building(ident, compound) for ident, compound in zip(frame.index, frame["compound"], strict=True)]
    frame["line"] = [
        terms.say("{n} units · {households} households", n=n, households=numbers.count(households))
        for n, households in zip(frame["units"], frame["households"], strict=True)
    ]
    frame["who"] = [terms.say("leader {name}", name=name) if isinstance(name, str) else "" for name in frame["leaders"]]
    looks = {value: maps.Look(terms.say(kind.text), kind.colour, fill=0.85, width=1.4) for value, kind in LED.items()}
    return maps.patch_layer(frame, looks, key="micro", lines=["line", "who"])


@st.cache_resource(show_spinner=False, max_entries=64)
def _companies(data_version: str, code: str, language: str, scheme: str) -> maps.PointLayer:  # noqa: ARG001  the key
    frame = analysis.companies(district.db(), code)
    frame["line"] = [terms.say(RULES[value].text) for value in frame["rule"]]
    frame["what"] = [terms.say("manages {n} compounds here", n=n) for n in frame["compounds"]]
    signs = {value: maps.Sign(terms.say(kind.text), kind.colour, "diamond", 9) for value, kind in RULES.items()}
    return maps.point_layer(frame, signs, key="company", sign="rule", lines=["line", "what"])


@st.cache_resource(show_spinner=False, max_entries=64)
def _bare(data_version: str, code: str, language: str, scheme: str) -> maps.PointLayer | None:  # noqa: ARG001  the key
    bare = analysis.bare_grids(district.db(), code)
    if bare.empty:
        return None
    bare["sign"] = "bare"
    bare["line"] = terms.say(BARE.text)
    sign = maps.Sign(terms.say(BARE.text), BARE.colour, "star", 8 if len(code) <= codes.DISTRICT else 12, hollow=True)
    return maps.point_layer(bare, {"bare": sign}, key="bare", lines=["line"])


@st.cache_resource(show_spinner=False, max_entries=64)
def _patrols(data_version: str, code: str, end: datetime, language: str, scheme: str) -> maps.PatchLayer | None:  # noqa: ARG001
    frame = analysis.patrols(district.db(), code, end - timedelta(days=PATROL_DAYS), end)
    if frame.empty:
        return None
    frame["look"] = "patrol"
    frame["name_zh"] = frame["who"].fillna(terms.say("Patrol"))
    frame["when"] = [
        f"{_minute(start)} – {_minute(ended)}" for start, ended in zip(frame["started_at"], frame["ended_at"], strict=True)
    ]
    frame["homes"] = [terms.say("{n} households visited", n=numbers.count(n)) for n in frame["households_visited"]]
    look = maps.Look(terms.say(PATROL.text, n=PATROL_DAYS), PATROL.colour, fill=0, width=2.2)
    return maps.patch_layer(frame, {"patrol": look}, key="patrol", lines=["when", "homes"])


@st.cache_resource(show_spinner=False, max_entries=16)
def _restricted(data_version: str, day: datetime, language: str, scheme: str) -> maps.PatchLayer | None:  # noqa: ARG001  the key
    frame = analysis.restricted(district.db(), day)
    if frame.empty:
        return None
    frame["line"] = [terms.say(CLOSED[value].text) for value in frame["kind"]]
    looks = {value: maps.Look(terms.say(kind.text), kind.colour, hatch=True, width=2.4) for value, kind in CLOSED.items()}
    return maps.patch_layer(frame, looks, key="restricted", look="kind", lines=["line", "reason_zh"])


def building(ident: str, compound: str | None) -> str:
    """Name a building by its compound and its number."""
    number = ident.rsplit("-", 1)[-1].lstrip("0") or ident
    return terms.say("{compound} building {n}", compound=compound or "", n=number).strip()


def _minute(value: datetime) -> str:
    return f"{value:%m-%d %H:%M}"
