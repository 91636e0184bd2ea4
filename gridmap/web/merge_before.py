"""The merge page before the merge: the departments' layers as they were sent, and where their borders disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import codes, crs, maps, terms
from gridmap.terms import key
from gridmap.web import atlas, charts, district, figures, merge_views, merging, messages, numbers, tables, words

if TYPE_CHECKING:
    from gridmap.web.merging import Results

STRIPES = (7.0, 5.0, 3.2, 1.4)
"""Widths of departments' borders, the coarsest grids widest and lowest: a border that several share shows all their colours."""

CITY = 0.35
"""How much narrower they are where the whole of a city is shown."""

HELD = {
    "light": ("#c0431a", "#e08b36", "#6c8fa8", "#23485f"),
    "dark": ("#ff8f5a", "#e0a050", "#6f97b3", "#cfe4f2"),
}
"""Colours of a border that one, two, three, or all departments draw: what divides them stands out."""

SHARED = (
    key("drawn by one department alone"), key("drawn by two departments"), key("drawn by three departments"),
    key("drawn by all departments"),
)  # fmt: skip


def layers(found: Results | None) -> None:
    """Show the departments' layers above each other, and how many grids each cut every street into."""
    keys = merge_views.ordered(district.db().layer_keys())
    if not keys:
        messages.empty(
            terms.say("No department's layer has been loaded yet."),
            terms.say("Send the departments' boundary files on the page Upload."),
        )
        return
    names = {name: words.called(name, words.LAYERS) for name in keys}
    chosen = st.pills(
        terms.say("Departments"),
        keys,
        selection_mode="multi",
        default=keys,
        format_func=names.__getitem__,
        key="departments",
        label_visibility="collapsed",
        persist_state="session",
    )
    colours = maps.departments(keys, names, theme=charts.scheme())
    left, right = st.columns([7, 4])
    with left:
        coarse_first = sorted(chosen, key=lambda name: atlas.size(name)[0])
        narrow = CITY if district.home().level == "city" else 1.0
        widths = [narrow * width for width in STRIPES[-len(coarse_first) :]] if chosen else []
        drawn = zip(coarse_first, widths, strict=False)
        lines = [atlas.layer(name, colours[name], width=width, text=names[name]) for name, width in drawn]
        merge_views.show(lines, name="layers")
    with right:
        figures.heading(terms.say("As they were sent"))
        st.caption(terms.say("Where lines of several colours lie in each other, the departments share that border."))
        columns = [terms.say("Department"), terms.say("Grids"), terms.say("Area, km²")]
        sizes = [(names[name], count, round(m2 / 1e6, 1)) for name in keys for count, m2 in [atlas.size(name)]]
        tables.show(pd.DataFrame(sizes, columns=columns), key="layer-table", height="content")
        if found is not None:
            _by_street(found, keys)


def disagreements(found: Results) -> None:
    """Show every inner border by how many departments draw it, and how far each pair of departments agrees."""
    keys = merge_views.ordered(found.crosswalk["layer"].unique())
    names = {name: words.called(name, words.LAYERS) for name in keys}
    with st.spinner(terms.say("Comparing the borders …")):
        frame = merging.disagreements(keys)
    colours = HELD[charts.scheme()]
    left, right = st.columns([7, 4])
    with left:
        drawn = frame.to_crs(crs.STORED)
        steps = [min(n, len(SHARED)) - 1 if n < len(keys) else len(SHARED) - 1 for n in drawn["n"]]
        drawn["look"] = [str(step) for step in steps]
        drawn["name_zh"] = [_together(holders, names) for holders in drawn["holders"]]
        drawn["line"] = [numbers.distance(metres) for metres in drawn["length_m"]]
        widths = (2.6, 2.4, 2.2, 2.2)
        looks = {
            str(step): maps.Look(terms.say(text), colours[step], fill=0, width=widths[step]) for step, text in enumerate(SHARED)
        }
        layer = maps.patch_layer(drawn.iloc[::-1], looks, key="border", lines=["line"])
        merge_views.show([], name="disagreements", patched=[layer])
    whole = frame["length_m"].sum()
    with right:
        figures.heading(terms.say("Who draws the borders"), terms.say("{length} in all", length=numbers.distance(whole)))
        figures.meters(
            figures.Meter(terms.say(text), numbers.rate(share), share, numbers.distance(share * whole))
            for step, text in reversed(list(enumerate(SHARED)))
            for share in [frame.loc[[_step(n, len(keys)) == step for n in frame["n"]], "length_m"].sum() / whole]
        )
        figures.heading(terms.say("How far two agree"), terms.say("share of the row's borders that the column draws too"))
        held = {name: frame[[name in holders.split(",") for holders in frame["holders"]]] for name in keys}
        rows = [[names[one], *("—" if one == two else numbers.rate(_agreed(held[one], two)) for two in keys)] for one in keys]
        columns = [terms.say("Department"), *(words.called(name, words.LAYERS_BRIEF) for name in keys)]
        tables.show(pd.DataFrame(rows, columns=columns), key="agree", height="content")
        figures.heading(terms.say("The longest disagreements"))
        longest = frame[frame["n"] < len(keys)].nlargest(6, "length_m")
        figures.rows(
            (_together(holders, names), numbers.distance(metres), False)
            for holders, metres in zip(longest["holders"], longest["length_m"], strict=True)
        )


def _by_street(found: Results, keys: list[str]) -> None:
    """Draw how many grids of each department every street has, and how many all-subject grids take their place."""
    way = found.crosswalk.sort_values("share_of_old", ascending=False).drop_duplicates(["layer", "old_id"])
    counted = pd.crosstab(way["grid_code"].str[: codes.STREET].rename("street"), way["layer"])
    streets = tables.names("street")
    shown = pd.DataFrame({terms.say("Sub-district"): [streets.get(code, code) for code in counted.index]}, index=counted.index)
    for name in keys:
        shown[words.called(name, words.LAYERS_BRIEF)] = counted.get(name, 0)
    shown[terms.say("In all")] = counted.sum(axis=1)
    grids = found.grids.reset_index() if "grid_code" not in found.grids.columns else found.grids
    shown[terms.say("Merged")] = grids.groupby(grids["grid_code"].str[: codes.STREET]).size()
    figures.heading(terms.say("Grids on the same streets"), terms.say("before, and after the merge"))
    tables.show(shown, key="street-table", height="content")


def _agreed(borders: pd.DataFrame, other: str) -> float:
    """Give the share of one department's borders that another draws too; NaN where it has none inside the district."""
    too = [other in holders.split(",") for holders in borders["holders"]]
    return float(borders.loc[too, "length_m"].sum() / borders["length_m"].sum()) if len(borders) else float("nan")


def _step(n: int, departments: int) -> int:
    return len(SHARED) - 1 if n == departments else min(n, len(SHARED) - 1) - 1


def _together(holders: str, names: dict[str, str]) -> str:
    joint = "、" if terms.language() == "zh" else ", "
    return joint.join(names.get(name, name) for name in holders.split(","))
