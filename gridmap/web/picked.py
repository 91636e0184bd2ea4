"""The card of the one thing that was clicked on the map: a centre, an organisation, a compound, a building, a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import analysis, kpi, store, terms
from gridmap.terms import key
from gridmap.web import catalogue, district, numbers, overlays, panels, scene, session, tables, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.web.district import Place

    Shown = tuple[str, str, list[panels.Part]]

REQUIRED_M2 = 500

STANDARDS = {
    "below": key("under 500 m², not met"),
    "met": key("500–1000 m², met"),
    "demonstration": key("over 1000 m², demonstration"),
}


def given() -> tuple[str, str] | None:
    """Give the layer and the code of what is picked, by the address."""
    layer, colon, code = (session.get("pick") or "").partition(":")
    return (layer, code) if colon and layer in _CARDS else None


def pick(layer: str, code: str) -> None:
    """Pick a thing; a grid without Party organisation leads to the grid itself."""
    if layer == "bare":
        district.go(code)
    else:
        session.put(pick=f"{layer}:{code}")


def card(place: Place, asked: kpi.Filters) -> bool:
    """Draw the card of what is picked and the way back; False when nothing is picked or it is no longer there."""
    chosen = given()
    shown = None if chosen is None else _CARDS[chosen[0]](place, asked, chosen[1])
    if shown is None:
        return False
    title, code, parts = shown
    st.button(
        terms.say("Back to {place}", place=place.name),
        icon=":material/arrow_back:",
        key="unpick",
        type="tertiary",
        on_click=_drop,
    )
    panels.card(title, code, parts, region=terms.say("Card"))
    return True


def leaf(place: Place) -> str:
    """Give the name of the building that is picked, the last step of the way down; nothing when none is."""
    chosen = given()
    if chosen is None or chosen[0] != "micro" or place.level != "grid":
        return ""
    one = _row(analysis.buildings(district.db(), place.code), chosen[1])
    return "" if one is None else overlays.building(chosen[1], one["compound"])


def _drop() -> None:
    session.put(pick=None)


def _row(frame: pd.DataFrame, code: str) -> pd.Series | None:
    found = frame[frame.index == code]
    return None if found.empty else found.iloc[0]


def _which(kind: str, code: str) -> str:
    return f"{kind} · {code}"


def _yes(value: object) -> str:
    return terms.say("yes") if _true(value) else terms.say("no")


def _true(value: Any) -> bool:  # noqa: ANN401 - a cell of a frame: True, False or one of pandas' ways to say unknown
    return bool(pd.notna(value)) and bool(value)


def _centre(_: Place, __: kpi.Filters, code: str) -> Shown | None:
    one = _row(analysis.centres(district.db(), district.home().code), code)
    if one is None:
        return None
    standard = STANDARDS[one["standard"]]
    short = max(0.0, REQUIRED_M2 - (one["floor_area_m2"] if _true(one["floor_area_m2"]) else 0.0))
    rows = [
        (terms.say("Community"), tables.names("community").get(one["community_code"], one["community_code"])),
        (terms.say("Floor area"), numbers.area(one["floor_area_m2"])),
        (terms.say("Standard"), terms.say(standard)),
    ]
    if short:
        rows.append((terms.say("Missing"), numbers.area(short)))
    services = [
        (terms.say("Room for the elderly"), _true(one["has_elderly_room"])),
        (terms.say("Meals"), _true(one["has_meals"])),
        (terms.say("Clinic"), _true(one["has_clinic"])),
    ]
    dots = panels.Dots(terms.say("Facilities"), services, (terms.say("has it"), terms.say("missing")))
    return (
        one["name_zh"],
        _which(terms.say("Service centre"), code),
        [panels.Rows("", rows, alerts=[terms.say("Missing")]), dots],
    )


def _party(_: Place, __: kpi.Filters, code: str) -> Shown | None:
    one = _row(analysis.party_orgs(district.db(), district.home().code), code)
    if one is None:
        return None
    rows = [
        (terms.say("Kind of organisation"), words.called(one["org_kind"], words.PARTY)),
        (terms.say("Community"), tables.names("community").get(one["community_code"], "")),
        (terms.say("Grid"), tables.names("grid").get(one["grid_code"], "—")),
        (terms.say("Full Party members"), numbers.count(one["full_members"])),
        (terms.say("Probationary members"), numbers.count(one["probationary_members"])),
        (terms.say("Secretary"), terms.say("in post") if one["has_secretary"] else terms.say("vacant")),
    ]
    return one["name_zh"], _which(terms.say("Party organisation"), code), [panels.Rows("", rows)]


def _company(place: Place, _: kpi.Filters, code: str) -> Shown | None:
    one = _row(analysis.companies(district.db(), place.code), code)
    if one is None:
        return None
    kind = overlays.RULES[one["rule"]]
    rule = terms.say(kind.text)
    rows = [
        (terms.say("Rule"), rule),
        (terms.say("Employees"), numbers.count(one["employees"])),
        (terms.say("Full Party members"), numbers.count(one["full_party_members"])),
        (terms.say("Has a Party organisation"), _yes(one["has_party_org"])),
        (terms.say("Credit grade"), one["credit_grade"] or "—"),
        (terms.say("Compounds managed here"), numbers.count(one["compounds"])),
    ]
    alerts = [] if one["rule"] == "met" else [terms.say("Rule")]
    return one["name_zh"], _which(terms.say("Property company"), code), [panels.Rows("", rows, alerts=alerts)]


def _compound(place: Place, _: kpi.Filters, code: str) -> Shown | None:
    one = _row(analysis.compounds(district.db(), place.code), code)
    if one is None:
        return None
    kind = overlays.COMMITTEES[one["committee"]]
    rows = [
        (terms.say("Households"), numbers.count(one["households"])),
        (terms.say("Owners' committee"), terms.say(kind.text)),
        (terms.say("Property company"), one["company"] if isinstance(one["company"], str) else "—"),
        (terms.say("Old compound"), _yes(one["is_old"])),
    ]
    if _true(one["members"]):
        share = terms.say("{part} of {n}", part=numbers.count(one["party_members"]), n=numbers.count(one["members"]))
        rows.append((terms.say("Party members in the committee"), share))
    alerts = [terms.say("Owners' committee")] if one["committee"] == "none" else []
    return one["name_zh"] or code, _which(terms.say("Compound"), code), [panels.Rows("", rows, alerts=alerts)]


def _micro(place: Place, __: kpi.Filters, code: str) -> Shown | None:
    one = _row(analysis.buildings(district.db(), place.code), code)
    if one is None:
        return None
    rows = [(terms.say("Households"), numbers.count(one["households"])), (terms.say("Units"), numbers.count(one["units"]))]
    units, alerts = [], []
    for _, unit in analysis.units(district.db(), code).iterrows():
        name = unit["unit_no"] or unit["id"]
        leader = unit["leader"] if isinstance(unit["leader"], str) else terms.say("no leader")
        member = terms.say("Party member") if _true(unit["is_party"]) else ""
        homes = terms.say("{n} households", n=numbers.count(unit["households"]))
        units.append((str(name), " · ".join(part for part in (leader, member, homes) if part)))
        if not isinstance(unit["leader"], str):
            alerts.append(str(name))
    title = overlays.building(code, one["compound"])
    parts: list[panels.Part] = [
        panels.Rows("", rows),
        panels.Rows(terms.say("Micro units and their leaders"), units, alerts=alerts),
    ]
    return title, _which(terms.say("Micro units"), code), parts


def _patrol(place: Place, asked: kpi.Filters, code: str) -> Shown | None:
    if asked.start is None or asked.end is None:
        return None
    one = _row(analysis.patrols(district.db(), place.code, pd.Timestamp(asked.start), pd.Timestamp(asked.end)), code)
    if one is None:
        return None
    rows = [
        (terms.say("Began"), numbers.moment(one["started_at"])),
        (terms.say("Ended"), numbers.moment(one["ended_at"])),
        (terms.say("Grid"), tables.names("grid").get(one["grid_code"], one["grid_code"])),
        (terms.say("Households visited"), numbers.count(one["households_visited"])),
    ]
    return one["who"] or terms.say("Patrol"), _which(terms.say("Patrol"), code), [panels.Rows("", rows)]


def _restricted(_: Place, asked: kpi.Filters, code: str) -> Shown | None:
    one = _row(analysis.restricted(district.db(), pd.Timestamp(asked.end or store.now())), code)
    if one is None:
        return None
    kind = overlays.CLOSED[one["kind"]]
    until = terms.say("until further notice") if pd.isna(one["valid_to"]) else numbers.day(one["valid_to"])
    rows = [
        (terms.say("Kind of restriction"), terms.say(kind.text)),
        (terms.say("Reason"), one["reason_zh"] or "—"),
        (terms.say("From"), numbers.day(None if pd.isna(one["valid_from"]) else one["valid_from"])),
        (terms.say("Until"), until),
    ]
    return one["name_zh"], _which(terms.say("Restricted area"), code), [panels.Rows("", rows)]


def _case(_: Place, asked: kpi.Filters, code: str) -> Shown | None:
    listed = scene.case_points(asked).set_index("incident_id")
    one = _row(listed, code)
    if one is None:
        return None
    spoken = terms.language()
    rows = [
        (terms.say("Channel"), words.called(one["channel"], words.CHANNELS)),
        (terms.say("State"), words.called(one["status"], words.STATES)),
        (terms.say("Level"), words.called(one["current_level"], words.LEVELS)),
        (terms.say("Reported at"), numbers.moment(one["reported_at"])),
        (terms.say("On site at"), numbers.moment(one["arrived_at"])),
        (terms.say("Due at"), numbers.moment(one["due_at"])),
        (terms.say("Closed at"), numbers.moment(one["closed_at"])),
        (terms.say("Grid"), catalogue.where(one["grid_code"])),
    ]
    matter = words.capital(one[f"matter_{spoken}"] or one["matter_code"])
    title = one["title_zh"] if isinstance(one["title_zh"], str) else matter
    return title, f"{matter} · {one['incident_no'] or code}", [panels.Rows("", rows)]


_CARDS: dict[str, Callable[[Place, kpi.Filters, str], Shown | None]] = {
    "centre": _centre, "party": _party, "company": _company, "compound": _compound, "micro": _micro, "patrol": _patrol,
    "restricted": _restricted, "case": _case,
}  # fmt: skip
