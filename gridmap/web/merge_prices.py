"""The price list of the merge as it is set for this district: what a plan pays for what, beside what is usual."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from gridmap import merge, terms
from gridmap.settings import settings
from gridmap.terms import key
from gridmap.web import district, figures, merge_views, numbers, tables, words

ROWS = {
    "beta": (key("A metre of old border falls away"), key("{value} m × the share of the departments that draw it")),
    "": (key("A metre of border is drawn that no department had"), key("1 m")),
    "touch_m": (key("A new grid takes in ground of an old one"), key("{value} m, shared among the departments")),
    "miss_m": (key("A grid misses the norm"), key("{value} m")),
    "outside_m": (key("… for each per cent of the norm's middle besides"), key("{value} m")),
    "barrier": (key("A metre of barrier runs inside a grid"), key("{value} m, where the barrier has no weight of its own")),
}
"""What a plan does and what that costs, by the setting (merge.Objective) that says how much."""

NEVER = (
    key("Whatever the prices, no grid crosses a community's border, lies in two pieces, cuts a compound or breaks a pin."),
    key("Each price is a length in metres, so that it can be compared with borders on the map; the cheapest plan is taken."),
    key(
        "A price is changed in the file gridmap.env or by an environment variable of the name given; docs/merging.md explains."
    ),
)


def prices() -> None:
    """Show each price, which setting holds it, and what it makes of a border that one, some or all departments draw."""
    told = settings().merge
    now, usual = merge.options(told.model_dump(exclude_none=True)), merge.Options()
    left, right = st.columns([7, 4])
    with left:
        figures.heading(terms.say("What a plan pays for"))
        listed = [
            (
                terms.say(does),
                terms.say(costs, value=numbers.decimal(getattr(now.objective, name))) if name else terms.say(costs),
                numbers.decimal(getattr(usual.objective, name)) if name else "1",
                f"GRIDMAP_MERGE__{name.upper()}" if name else "",
            )
            for name, (does, costs) in ROWS.items()
        ]
        columns = [terms.say("What a plan does"), terms.say("What it costs"), terms.say("Usually"), terms.say("Setting")]
        tables.show(pd.DataFrame(listed, columns=columns), key="price-table", height=40 * (len(listed) + 1) + 4)
        figures.sentences(terms.say(sentence) for sentence in NEVER)
    with right:
        figures.heading(terms.say("What a border is worth"), terms.say("metres that erasing one metre of it costs"))
        _borders(now.objective)
        figures.heading(terms.say("What else is set"))
        seconds = terms.say("{value} s a community", value=numbers.decimal(now.time_limit_s)) if now.time_limit_s else None
        keeps = "、".join(now.priority) or terms.say("the grid with most of itself there")
        near = terms.say("{value} m", value=numbers.decimal(now.objective.barrier_within_m))
        figures.rows(
            [
                (terms.say("A piece below this is a sliver"), numbers.area(now.sliver_m2), False),
                (terms.say("A border runs along a barrier within"), near, False),
                (terms.say("Time for proofs"), seconds or terms.say("a moment a community"), False),
                (terms.say("Who keeps contested ground"), keeps, False),
            ]
        )


def _borders(objective: merge.Objective) -> None:
    """Draw what erasing a metre costs: of a border that one department alone draws, by department, and that all draw."""
    keys = tuple(merge_views.ordered(district.db().layer_keys()))
    shares = objective.shares(keys)
    rows = [(terms.say("drawn by {department} alone", department=words.called(name, words.LAYERS)), share)
            for name, share in zip(keys, shares, strict=True)]  # fmt: skip
    rows.append((terms.say("drawn by all departments"), 1.0))
    figures.meters(
        figures.Meter(label, terms.say("{value} m", value=numbers.decimal(objective.beta * share)), share)
        for label, share in rows
    )
