"""The views of the merge page, each a map with what is to be known beside it: layers, faults, plan, checks, crosswalk."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap import codes, crs, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, chrome, district, figures, map_frame, merging, messages, numbers, tables, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridmap.web.merging import Results

HEIGHT = 600

EDITS = {
    "repaired": key("Ring repaired"),
    "cut": key("Cut at the district's border"),
    "given": key("Overlap settled"),
    "closed": key("Gap closed"),
    "moved": key("Fragment moved"),
    "lost": key("Grid lost"),
    "left": key("Left uncovered"),
    "kept": key("Kept apart"),
    "dissolved": key("Sliver dissolved"),
}
"""What cleaning did, by the ``what`` of its log (gridmap.merge.Cleaned)."""

SEEN = ("given", "closed", "cut", "moved", "left", "lost")
"""Edits the map tells apart, in the order of its legend."""

STANDING = {"light": ("#3b82b5", "#dde5e2", "#c0652a"), "dark": ("#5ba4d8", "#2b3a42", "#e08a4b")}
"""Colours below, within and above the norm: what is as it should be stays quiet."""

NEW = {"light": "#7a2fa0", "dark": "#d9a5ff"}
"""Colour of a border that no department had."""

SAID = 40
"""Sentences of the report shown beside the plan."""

CODE = re.compile(r"(?<!\d)\d{12}(?!\d)")

MOST = 800
"""Edits shown on the map: the largest. Thousands of slivers would hide each other."""


def faults() -> None:
    """Show what cleaning found and did: overlaps, gaps, broken rings; the largest on the map, all counted by department."""
    edits = merging.edits()
    counted = edits.groupby(["what", "layer"]).agg(n=("area_m2", "size"), m2=("area_m2", "sum")).reset_index()
    counted["layer"] = counted["layer"].map(_departments)
    counted = counted.sort_values("m2", ascending=False)
    left, right = st.columns([7, 4])
    with right:
        figures.heading(terms.say("What cleaning did"), terms.say("{n:# place|# places}", n=numbers.count(len(edits))))
        shown = pd.DataFrame(
            {
                terms.say("What was done"): counted["what"].map(lambda what: words.called(what, EDITS)),
                terms.say("Department"): counted["layer"],
                terms.say("Places"): counted["n"],
                terms.say("m²"): counted["m2"].round(),
            }
        )
        tables.show(shown, key="fault-table", height=HEIGHT)
    with left:
        seen = merging.largest_edits(SEEN, MOST)
        if seen.empty:
            messages.empty(terms.say("The layers had no faults."))
            return
        whose = seen["layer"].map(_departments) + " " + seen["id"].fillna("").astype(str)
        places = gpd.GeoDataFrame(
            {
                "sign": seen["what"],
                "name_zh": seen["what"].map(lambda what: words.called(what, EDITS)),
                "line": whose + " · " + seen["area_m2"].map(numbers.area),
                "size": (seen["area_m2"].clip(4, 40_000) ** 0.25).round(1) + 1.5,
            },
            geometry=seen.geometry.representative_point(),
        )
        colours = maps.scale_for([], meaning="kind", title="", names=SEEN, theme=charts.scheme()).colours
        signs = {what: maps.Sign(words.called(what, EDITS), colour) for what, colour in zip(SEEN, colours, strict=True)}
        show(
            [atlas.borders("community", width=0.8), *atlas.inner_borders(district.home())],
            dots=[maps.point_layer(places, signs, key="fault", size="size", lines=["line"])],
            name="faults",
        )


def plan(version: int, found: Results | None) -> None:
    """Show a version of the grids by how their households stand to the norm, its new borders, and what it costs in words."""
    grids = district.areas("grid", version=version)
    if found is not None and set(found.grids["grid_code"]) != set(grids["code"]):
        found = None  # the last merge gave another version
    listed = district.db().versions().set_index("version").loc[version]
    low, high = listed["norm_low"], listed["norm_high"]
    households = grids.set_index("code")["households"]
    inside = households.between(low, high)
    figures.strip(
        [
            figures.Figure(terms.say("Grids"), numbers.count(len(grids))),
            figures.Figure(
                terms.say("Within the norm"), numbers.rate(inside.mean(), n=len(grids)), note=f"{low:.0f}–{high:.0f}"
            ),
            figures.Figure(terms.say("Too small"), numbers.count(int((households < low).sum()))),
            figures.Figure(terms.say("Too large"), numbers.count(int((households > high).sum()))),
            figures.Figure(terms.say("Households a grid, middle"), numbers.count(households.median())),
            *_costs(found),
        ]
    )
    kinds = [terms.say("below the norm"), terms.say("within the norm"), terms.say("above the norm")]
    scale = maps.scale_for([], meaning="kind", title=terms.say("Households"), names=kinds, unit=f"{low:.0f}–{high:.0f}")
    scale = replace(scale, colours=STANDING[charts.scheme()])
    values = (households > high).astype(int) - (households < low).astype(int) + 1
    left, right = st.columns([7, 4])
    with left:
        show(
            atlas.inner_borders(district.home()),
            areas=atlas.areas("grid", version=version),
            values=values,
            scale=scale,
            patched=[] if found is None else _new(found),
            name="plan",
            low=True,
        )
    with right:
        figures.heading(terms.say("What the plan keeps and what it costs"))
        if found is None:
            st.caption(terms.say("The report of this version is not at hand: another merge was run since, or it was edited."))
            return
        sentences = found.report["words"][terms.language()]
        communities = tables.names("community")
        figures.sentences([_named(sentence, communities) for sentence in sentences[:SAID]])
        if len(sentences) > SAID:
            st.caption(terms.say("{n} more are in the report of the merge.", n=numbers.count(len(sentences) - SAID)))


def checks(found: Results) -> None:
    """Show what the checks say about the plan; a row that is chosen is shown on the map."""
    listed = found.report["checks"]
    if not listed:
        messages.empty(
            terms.say("All checks are passed."), terms.say("No gap, no overlap, no grid across communities, no compound cut.")
        )
        return
    spoken = terms.language()
    frame = pd.DataFrame(
        {
            terms.say("Severity"): [words.called(one["severity"], words.SEVERITIES) for one in listed],
            terms.say("What"): [one[spoken] for one in listed],
        }
    )
    left, right = st.columns([6, 5])
    with right:
        counted = frame[terms.say("Severity")].value_counts()
        figures.heading(terms.say("What the checks say"), " · ".join(f"{word} {n}" for word, n in counted.items()))
        row = tables.show(frame, key="checks", height=HEIGHT, pick=True)
    with left:
        dots, focus = [], None
        if row is not None and (place := listed[row]["place"]) is not None:
            point = gpd.GeoDataFrame(
                {"name_zh": [frame.iloc[row, 1]], "sign": ["x"]},
                geometry=gpd.points_from_xy([place[0]], [place[1]]),
                crs=found.report["crs"],
            ).to_crs(crs.STORED)
            sign = maps.Sign(terms.say("Finding"), {"light": "#b3261e", "dark": "#ff8a80"}[charts.scheme()], "diamond", 9)
            dots = [maps.point_layer(point, {"x": sign}, key="finding")]
            x, y, _, _ = point.total_bounds
            focus = (x - 0.006, y - 0.004, x + 0.006, y + 0.004)
        show([atlas.borders("grid", width=1.0), *atlas.inner_borders(district.home())], dots=dots, focus=focus, name="checks")


def crosswalk(found: Results) -> None:
    """Show into which new grids each old grid goes; a row that is chosen is shown on the map."""
    way = found.crosswalk
    names = {name: words.called(name, words.LAYERS) for name in ordered(way["layer"].unique())}
    chosen = st.segmented_control(
        terms.say("Department"),
        list(names),
        default=next(iter(names)),
        format_func=names.__getitem__,
        required=True,
        key="way-layer",
        label_visibility="collapsed",
    )
    rows = way[way["layer"] == chosen].sort_values(["old_id", "share_of_old"], ascending=[True, False]).reset_index(drop=True)
    percent = st.column_config.NumberColumn(format="percent")
    shown = pd.DataFrame(
        {
            terms.say("Old grid"): rows["old_id"],
            terms.say("New grid"): rows["grid_code"],
            terms.say("Share of the old"): rows["share_of_old"],
            terms.say("Share of the new"): rows["share_of_new"],
            terms.say("Households"): rows["weight"].round(),
            terms.say("m²"): rows["area_m2"].round(),
        }
    )
    left, right = st.columns([6, 5])
    with right:
        row = tables.show(
            shown,
            key=f"way-{chosen}",
            height=HEIGHT,
            pick=True,
            **{terms.say("Share of the old"): percent, terms.say("Share of the new"): percent},
        )
    with left:
        grid = None if row is None else str(rows["grid_code"].iloc[row])
        colour = maps.departments(list(names), names, theme=charts.scheme())[chosen]
        place = district.find(grid)
        show(
            [
                atlas.layer(chosen, colour, text=names[chosen]),
                *([] if place is None else [atlas.borders("grid", place.code[: codes.COMMUNITY], width=2.6)]),
            ],
            areas=atlas.areas("grid"),
            selected=grid,
            focus=None if place is None else atlas.focus(place),
            name="crosswalk",
        )


def ordered(keys: Iterable[str]) -> list[str]:
    """Give the departments in the order they have everywhere."""
    known = list(words.LAYERS)
    return sorted(keys, key=lambda name: (known.index(name) if name in known else len(known), name))


def _departments(keys: str) -> str:
    """Name the departments of an edit: none (the nest itself), one, or several with commas between."""
    return "、".join(words.called(name, words.LAYERS) for name in keys.split(",") if name) or terms.say("Communities")


def _costs(found: Results | None) -> list[figures.Figure]:
    if found is None:
        return []
    costs = found.report["costs"]
    new = costs["new_border_m"] / costs["border_m"] if costs["border_m"] else 0.0
    return [figures.Figure(terms.say("Old borders kept"), numbers.rate(1 - new), note=terms.say("of the borders of the plan"))]


def _named(sentence: str, communities: Mapping[str, str]) -> str:
    """Put names where the engine, which knows none, has a department's key or a community's code."""
    head, colon, rest = sentence.partition(":" if ":" in sentence else "：")
    said = words.called(head, words.LAYERS) + colon + rest if head in words.LAYERS else sentence
    return CODE.sub(lambda code: communities.get(code[0], code[0]), said)


def _new(found: Results) -> list[maps.PatchLayer]:
    """Draw the borders that no department had."""
    frame = merging.new_borders(ordered(found.crosswalk["layer"].unique()))
    if frame.empty:
        return []
    communities = tables.names("community")
    drawn = frame.to_crs(crs.STORED)
    drawn["look"] = "new"
    drawn["name_zh"] = [communities.get(code, code) for code in drawn["nest_id"]]
    drawn["line"] = [terms.say("{length} of new border", length=numbers.distance(metres)) for metres in drawn["length_m"]]
    look = maps.Look(terms.say("border that no department had"), NEW[charts.scheme()], fill=0, width=2.6)
    return [maps.patch_layer(drawn, {"new": look}, key="new", lines=["line"])]


def show(
    outlines: list[maps.Outline],
    *,
    name: str,
    areas: maps.AreaLayer | None = None,
    values: pd.Series | None = None,
    scale: maps.Scale | None = None,
    dots: list[maps.PointLayer] | None = None,
    patched: list[maps.PatchLayer] | None = None,
    selected: str | None = None,
    focus: maps.Bounds | None = None,
    low: bool = False,
) -> None:
    """Draw a map of this page; name tells it from the page's others. Without focus it shows the whole district.

    low: it stands below a strip of figures.
    """
    now = maps.repaint(
        areas,
        values,
        scale,
        outlines=outlines,
        patched=patched or [],
        dots=dots or [],
        selected=selected,
        focus=focus or atlas.focus(district.home()),
    )
    with st.container(key="stage-merge-low" if low else "stage-merge"):
        map_frame.show(atlas.base(chrome.demo()), now, key=f"map-{name}", height=HEIGHT)
