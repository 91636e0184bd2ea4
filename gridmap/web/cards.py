"""The card of a place: what it is, who works there, what happens there; of a grid, all that belongs to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import analysis, codes, kpi, terms
from gridmap.terms import key
from gridmap.web import district, filters, numbers, panels, words

if TYPE_CHECKING:
    import shapely

    from gridmap.web.district import Place

GRID_POSTS = ("grid_head", "full_time", "part_time")
"""Posts that are counted above the grid, where the others are one a grid and say nothing."""

FIXINGS = {"grid": key("grid"), "person": key("person"), "post": key("post"), "duty": key("duty")}

PARTIES = {
    "party": key("Community Party organisation"),
    "committee": key("Residents' committee"),
    "owners": key("Owners' committee"),
    "property": key("Property company"),
    "leaders": key("Building leader"),
    "station": key("Service station"),
}

DUTIES = {
    "info": key("Basic information"),
    "opinion": key("Public opinion"),
    "hazard": key("Safety hazards"),
    "dispute": key("Settling disputes"),
    "policy": key("Policy and law"),
    "service": key("Errands for residents"),
}

DAILY_UP_TO = 100
"""Days up to which the trend goes by day; longer ones go by week."""

NEWEST = 3
"""Open cases named on a grid's card."""


def place(shown: Place, chosen: kpi.Filters) -> None:
    """Draw the card of a place: its register, its staff and organisation, and its incidents in the period with their trend."""
    record = _record(district.db().data_version("divisions", "grids", "land", "people"), shown.code)
    if shown.level == "grid":
        parts = _grid(shown, record)
    else:
        parts = [panels.Tiles(_register(record)), panels.Rows(terms.say("Staff"), _staff(record))]
    panels.card(
        shown.name,
        f"{words.called(shown.level, words.LEVELS)} · {shown.code}",
        [*parts, *_incidents(shown, chosen)],
        region=terms.say("Card"),
    )


def ways() -> analysis.WaysToCentres:
    """Give the ways on foot to the service centres, worked out once."""
    return _ways(district.db().data_version("roads", "service_centres"))


def _grid(shown: Place, record: analysis.Area) -> list[panels.Part]:
    found = analysis.grid_card(district.db(), shown.code, ways=ways(), at=_middle(shown))
    yes_no = (terms.say("has it"), terms.say("missing"))
    register = [
        *_register(record),
        (terms.say("Buildings"), numbers.count(found.buildings)),
        (terms.say("Micro units with a leader"), f"{numbers.count(found.led)} / {numbers.count(found.units)}"),
    ]
    staff = [
        (worker.name or terms.say("vacant"), words.called(worker.post, words.POSTS), [worker.fixings[name] for name in FIXINGS])
        for worker in found.workers
    ]
    carried = {duty: sum(duty in worker.duties for worker in found.workers if worker.name) for duty in DUTIES}
    duties = [(_duty(duty, n), n > 0) for duty, n in carried.items()]
    return [
        panels.Tiles(register),
        panels.Dots(terms.say("Six parties"), [(terms.say(PARTIES[name]), there) for name, there in found.six.items()], yes_no),
        panels.Rows(terms.say("Party organisation"), _party(found), alerts=[terms.say("Party branch or group")]),
        panels.Ticks(terms.say("Staff and the four fixings"), [terms.say(name) for name in FIXINGS.values()], staff, yes_no),
        panels.Dots(terms.say("Six duties"), duties, (terms.say("has it"), terms.say("nobody")), columns=2),
        panels.Rows(terms.say("Service centre in charge"), _centre(found)),
    ]


def _duty(duty: str, people: int) -> str:
    name = terms.say(DUTIES[duty])
    return name if not people else name + " " + terms.say("{n} people", n=people)


def _party(found: analysis.GridCard) -> list[tuple[str, str]]:
    if not found.organisations:
        return [(terms.say("Party branch or group"), terms.say("missing"))]
    rows = []
    for one in found.organisations:
        secretary = one.secretary or terms.say("vacant")
        said = terms.say("secretary {name} · {n} members", name=secretary, n=one.members)
        rows.append((one.name or words.called(one.kind, words.PARTY), said))
    return rows


def _centre(found: analysis.GridCard) -> list[tuple[str, str]]:
    centre = found.centre
    if centre is None:
        return [(terms.say("Centre"), terms.say("missing"))]
    by = terms.say("along the roads") if centre.walk.by == "road" else terms.say("in a straight line")
    return [
        (terms.say("Centre") if centre.own else terms.say("Nearest centre"), centre.name),
        (terms.say("Floor area"), numbers.area(centre.area_m2)),
        (terms.say("On foot"), f"{numbers.distance(centre.walk.metres)} · {by}"),
    ]


def _register(record: analysis.Area) -> list[tuple[str, str]]:
    rows = [
        (terms.say("Households"), numbers.short(record.households)),
        (terms.say("Residents"), numbers.short(record.population)),
        (terms.say("Area"), numbers.area(record.area_m2)),
    ]
    if record.level != "grid":
        rows.append((terms.say("Grids"), numbers.count(record.grids)))
        having = f"{numbers.count(record.grids_with_party)} / {numbers.count(record.grids)}"
        rows.append((terms.say("Grids with a Party organisation"), having))
    if record.level in {"city", "district", "street"}:
        rows.append((terms.say("Communities"), numbers.count(record.communities)))
    return [row for row in rows if row[1] != numbers.NONE]


def _staff(record: analysis.Area) -> list[tuple[str, str]]:
    rows = []
    for post in GRID_POSTS:
        held = record.posts.get(post)
        if held is None:
            continue
        vacant = terms.say("{n} vacant", n=held.vacant) if held.vacant else ""
        count = numbers.count(held.filled) if held.filled else ""
        rows.append((words.called(post, words.POSTS), " · ".join(part for part in (count, vacant) if part)))
    return rows


def _incidents(shown: Place, chosen: kpi.Filters) -> list[panels.Part]:
    db = district.db()
    strip = kpi.strip(db, chosen)
    rows = []
    for name in ("closed", "open", "satisfied"):
        figure = strip[name]
        if figure.is_rate:
            text = terms.say("{rate} of {n}", rate=numbers.rate(figure.value), n=numbers.count(figure.n))
        else:
            text = numbers.count(figure.value)
        rows.append((terms.say(figure.name), text))
    parts: list[panels.Part] = [panels.Rows(terms.say("Incidents"), rows)]
    if shown.level == "grid":
        parts.append(panels.Rows(terms.say("Open now"), _open(chosen)))
    else:
        parts.append(panels.Rows(terms.say("Most frequent"), _frequent(chosen)))
    return parts + _trend(chosen)


def _trend(chosen: kpi.Filters) -> list[panels.Part]:
    days = 0 if chosen.start is None or chosen.end is None else (chosen.end - chosen.start).days
    step = "week" if days > DAILY_UP_TO else "day"
    daily = kpi.trend(district.db(), chosen, step)
    if not daily.empty and chosen.end is not None:
        daily = daily[daily["t"] < pd.Timestamp(chosen.end)]
    parts: list[panels.Part] = []
    if len(daily) > 1:
        top = daily.iloc[int(daily["reported"].to_numpy().argmax())]
        peak = terms.say("most {n} on {day}", n=numbers.count(top["reported"]), day=f"{top['t']:%m-%d}")
        first, last = (f"{daily['t'].iloc[at]:%m-%d}" for at in (0, -1))
        title = terms.say("Incidents a day") if step == "day" else terms.say("Incidents a week")
        parts.append(panels.Trend(title, daily["reported"].tolist(), first, last, peak))
    return parts


def _open(chosen: kpi.Filters) -> list[tuple[str, str]]:
    unsettled = tuple(state for state in words.STATES if state not in {"closed", "void"})
    listed = kpi.cases(district.db(), replace(chosen, statuses=unsettled), limit=NEWEST)
    spoken = terms.language()
    return [
        (
            words.capital(row[f"matter_{spoken}"] or row["matter_code"]),
            f"{row['reported_at']:%m-%d %H:%M} · {words.called(row['status'], words.STATES)}",
        )
        for _, row in listed.iterrows()
    ]


def _frequent(chosen: kpi.Filters, most: int = 3) -> list[tuple[str, str]]:
    names = filters.classes()
    found = kpi.counts(district.db(), chosen, by=("class_code",)).nlargest(most, "n")
    return [(names.get(code, code), numbers.count(n)) for code, n in zip(found["class_code"], found["n"], strict=True)]


def _middle(shown: Place) -> shapely.Point:
    among = district.areas("grid", shown.code[: codes.COMMUNITY])
    return among[among["code"] == shown.code].geometry.iloc[0].representative_point()


@st.cache_resource(show_spinner=False, max_entries=2)
def _ways(data_version: str) -> analysis.WaysToCentres:  # noqa: ARG001  the key
    return analysis.ways_to_centres(district.db())


@st.cache_resource(show_spinner=False, max_entries=1024)
def _record(data_version: str, code: str) -> analysis.Area:  # noqa: ARG001  the key
    return analysis.area(district.db(), code)
