"""The service centres' page: standards met, floor area missing, how far people walk, and where a centre would serve most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import analysis, codes, kpi, maps, terms
from gridmap.kpi import cache
from gridmap.terms import key
from gridmap.web import atlas, charts, district, figures, kept, messages, numbers, progress, shaded, tables

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.web.district import Place
    from gridmap.web.jobs import Progress

FACILITIES = {"has_elderly_room": key("Elders' room"), "has_meals": key("Meals"), "has_clinic": key("Clinic")}

DIGITS = {"grid": codes.GRID, "community": codes.COMMUNITY, "street": codes.STREET}

COLOURED = {"share": key("Within reach"), "minutes": key("Minutes' walk"), "outside": key("Households outside")}
"""What the map's colours can mean."""

VIEWS = {"sites": key("New sites"), "below": key("Under size"), "all": key("All centres")}

MOST_SITES, MOST_RANKED = 8, 8

_READS = ("divisions", "land", "grids", "service_centres", "settings")

SITE = {"light": "#14212b", "dark": "#ffffff"}


def need() -> tuple[str, ...]:
    """Draw the choice of what a centre must offer to count."""
    return tuple(
        st.pills(
            terms.say("A centre counts when it has"),
            list(FACILITIES),
            format_func=lambda name: terms.say(FACILITIES[name]),
            selection_mode="multi",
            key="need",
            label_visibility="collapsed",
            persist_state="session",
        )
    )


def strip(place: Place, reach: analysis.Reach) -> None:
    """Draw the figures: size, missing m², demonstration share, facilities, and households within reach."""
    db = district.db()
    asked = kpi.Filters(area=place.code)
    size, demo, complete = (kpi.run(db, one, asked).iloc[0] for one in ("K22", "K22B", "R58"))
    gap = kpi.run(db, "K22C", asked).iloc[0]
    goal = kpi.goal(db, "K22B")
    inside = reach.homes["grid_code"].fillna(reach.homes["community_code"]).fillna("").str.startswith(place.code)
    households = reach.homes.loc[inside, "households"].sum()
    within = reach.homes.loc[inside & reach.within, "households"].sum()
    missing = 0.0 if pd.isna(gap["value"]) else float(gap["value"])
    figures.strip(
        [
            _share(
                terms.say("Centres of 500 m² and more"),
                size,
                meaning=terms.say("Community centres of at least 500 m² among all; an unknown area does not pass."),
            ),
            figures.Figure(
                terms.say("Missing floor area"),
                numbers.count(missing),
                unit="m²",
                alert=missing > 0,
                meaning=terms.say("What all community centres lack to 500 m² together."),
            ),
            _share(
                terms.say("Communities with over 1,000 m²"),
                demo,
                terms.say("goal: {goal}", goal=messages.unset() if goal is None else numbers.rate(goal)),
                meaning=terms.say("Communities with a centre over 1,000 m² among all."),
            ),
            _share(
                terms.say("Communities with all three facilities"),
                complete,
                meaning=terms.say("Communities whose centres have an elders' room, meals and a clinic."),
            ),
            figures.Figure(
                terms.say("Households within {n} minutes' walk", n=numbers.count(reach.minutes)),
                numbers.rate(within / households if households else None),
                note=terms.say("of {n}", n=numbers.count(households)),
                meaning=_how(reach),
            ),
            figures.Figure(terms.say("Households outside"), numbers.short(households - within)),
        ]
    )


def _how(reach: analysis.Reach) -> str:
    """Say how distances were measured."""
    way = terms.say("along the roads") if reach.way == "roads" else terms.say("in a straight line, as no roads are loaded")
    return terms.say(
        "Measured {way}, from each building to the nearest centre; {n} minutes at {kmh} km/h are {m} m.",
        way=way,
        n=numbers.count(reach.minutes),
        kmh=numbers.decimal(reach.kmh),
        m=numbers.count(reach.limit_m),
    )


def beside(place: Place, reach: analysis.Reach, sites: gpd.GeoDataFrame) -> str | None:
    """Draw the lists beside the map; give the id of the centre or site that is chosen in them, or None."""
    words = {name: terms.say(word) for name, word in VIEWS.items()}
    view = kept.one("list", terms.say("List"), words, usual="sites", hidden=True)
    if view == "sites":
        chosen = _sites(sites)
        _ranking(place, reach)
        st.caption(_how(reach))
        return chosen
    listed = analysis.centres(district.db(), place.code)
    if view == "below":
        listed = listed[listed["standard"] == "below"].sort_values("floor_area_m2", na_position="first")
    return _centres(listed, missing=view == "below")


def measured(place: Place, wanted: tuple[str, ...]) -> tuple[analysis.Reach, gpd.GeoDataFrame] | None:
    """Give every home's way to the nearest centre that has what is wanted, and the sites proposed in a place.

    What nobody asked before is measured in the background: None, and the bar that says how far it is, until it is done.
    Raises StoreError when there is nothing to measure.
    """
    db = district.db()
    analysis.require_walks(db, need=wanted)
    if not cache.known(db, ("sites", place.code, wanted), reads=_READS):

        def work(report: Progress) -> None:
            measure(place, wanted, report)

        if not progress.done(f"walks-{db.data_version(*_READS)}-{place.code}-{'.'.join(wanted)}", work):
            return None
    return measure(place, wanted, _quietly)


def measure(place: Place, wanted: tuple[str, ...], report: Progress) -> tuple[analysis.Reach, gpd.GeoDataFrame]:
    """Measure what ``measured`` gives, once a version of the data."""
    db = district.db()
    reach = cache.once(
        db, ("reach", wanted), lambda: analysis.reach(db, need=wanted, progress=progress.part(report, 0, 2)), reads=_READS
    )

    def propose() -> gpd.GeoDataFrame:
        report(key("Trying sites for new centres"), 0.7)
        return analysis.sites(db, reach, code=place.code, n=MOST_SITES)

    return reach, cache.once(db, ("sites", place.code, wanted), propose, reads=_READS)


def measure_ahead() -> None:
    """Measure what the first reader of the page asks for."""
    measure(district.home(), (), _quietly)


def _quietly(stage: str, share: float) -> None:
    """Tell nobody how far it is."""


def draw(place: Place, reach: analysis.Reach, sites: gpd.GeoDataFrame, coloured: str, chosen: str | None) -> None:
    """Draw the map: how well each area is reached, the centres by size, the proposed sites; a click drills down."""
    level = atlas.finest(place)
    values, scale = _coloured(reach.areas(DIGITS[level]), coloured)
    signs = [_signs(sites)] if len(sites) else []
    dots = [atlas.centres(place), *signs]
    shaded.show(place, values, scale, level=level, dots=dots, focus=_around(place, sites, chosen))


def _coloured(areas: pd.DataFrame, coloured: str) -> tuple[pd.Series, maps.Scale]:
    if coloured == "share":
        shares = (100 * areas["within"] / areas["households"].where(areas["households"] >= numbers.FEWEST)).round(1)
        return shares, maps.scale_for(
            shares, meaning="rate", title=terms.say("Households within reach"), unit="%", breaks=(20, 40, 60, 80, 95),
            theme=charts.scheme(),
        )  # fmt: skip
    if coloured == "minutes":
        minutes = areas["minutes"].round(1)
        return minutes, maps.scale_for(
            minutes, meaning="count", title=terms.say("Walk to the nearest centre"), unit=terms.say("minutes"),
            breaks=(5, 10, 15, 20, 30), digits=0, theme=charts.scheme(),
        )  # fmt: skip
    outside = areas["outside"]
    return outside, maps.scale_for(
        outside,
        meaning="households",
        title=terms.say("Households outside"),
        unit=terms.say("households"),
        theme=charts.scheme(),
    )


def _share(label: str, row: pd.Series, note: str = "", *, meaning: str) -> figures.Figure:
    counted = terms.say("{part} of {n}", part=numbers.count(row["part"]), n=numbers.count(row["n"]))
    return figures.Figure(
        label, numbers.rate(row["value"]), note=" · ".join(part for part in (counted, note) if part), meaning=meaning
    )


def _sites(found: gpd.GeoDataFrame) -> str | None:
    if found.empty:
        messages.empty(terms.say("Everyone here is within reach of a centre."))
        return None
    figures.heading(terms.say("Where a new centre would serve most"))
    names = tables.names("community")
    shown = pd.DataFrame(
        {
            terms.say("Rank"): found["rank"],
            terms.say("Community"): found["community_code"].map(names),
            terms.say("Households newly in reach"): found["households"],
            terms.say("Of those outside"): found["share"].map(numbers.rate),
        }
    )
    row = tables.show(shown, key="sites", height="content", pick=True)
    st.caption(
        terms.say("Each site counts only households that the better ones leave out. Land and ownership are not considered.")
    )
    return None if row is None else f"site-{found.iloc[row]['rank']}"


def _ranking(place: Place, reach: analysis.Reach) -> None:
    """Draw the share within reach of each area one level down, the least first."""
    level = "community" if place.level in {"street", "community", "grid"} else "street"
    names = tables.names(level)
    areas = reach.areas(DIGITS[level])
    areas = areas[areas.index.str.startswith(place.code[: codes.COMMUNITY])]
    areas = areas.assign(share=areas["within"] / areas["households"]).sort_values("share").head(MOST_RANKED)
    figures.heading(terms.say("Within reach by area"), terms.say("the least first"))
    figures.meters(
        figures.Meter(names.get(code, code), numbers.rate(share, n=n), share, terms.say("of {n}", n=numbers.count(n)))
        for code, share, n in zip(areas.index.astype(str), areas["share"], areas["households"], strict=True)
    )


def _centres(listed: gpd.GeoDataFrame, *, missing: bool) -> str | None:
    if listed.empty:
        messages.empty(terms.say("There are none."))
        return None
    names = tables.names("community")
    shown = {
        terms.say("Centre"): listed["name_zh"],
        terms.say("Community"): listed["community_code"].map(names),
        terms.say("Floor area, m²"): listed["floor_area_m2"],
    }
    if missing:
        shown[terms.say("Missing, m²")] = (analysis.ENOUGH_M2 - listed["floor_area_m2"].fillna(0)).clip(lower=0)
    else:
        for name, word in FACILITIES.items():
            shown[terms.say(word)] = listed[name].map({True: "✓"}).fillna("")
    row = tables.show(pd.DataFrame(shown).reset_index(drop=True), key=f"centres-{missing}", height=560, pick=True)
    return None if row is None else str(listed.index[row])


def _around(place: Place, sites: gpd.GeoDataFrame, chosen: str | None) -> maps.Bounds | None:
    """Give the surroundings of the chosen site or centre, about a kilometre each way."""
    if chosen is None:
        return None
    if chosen.startswith("site-"):
        places = sites.iloc[[int(chosen.removeprefix("site-")) - 1]].geometry
    else:
        listed = analysis.centres(district.db(), place.code)
        if chosen not in listed.index:
            return None
        places = listed.loc[[chosen]].geometry
    west, south, east, north = places.total_bounds
    return west - 0.012, south - 0.009, east + 0.012, north + 0.009


def _signs(found: gpd.GeoDataFrame) -> maps.PointLayer:
    frame = found.copy()
    frame["sign"] = "site"
    frame["name"] = [terms.say("Proposed site {n}", n=rank) for rank in frame["rank"]]
    frame["line"] = [terms.say("{n} households newly in reach", n=numbers.count(n)) for n in frame["households"]]
    signs = {"site": maps.Sign(terms.say("Proposed site"), SITE[charts.scheme()], "diamond", 10)}
    return maps.point_layer(frame, signs, key="site", name="name", ident="rank", lines=["line"])
