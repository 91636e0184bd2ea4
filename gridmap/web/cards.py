"""The card of a place: what it is, who works there, what happens there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gridmap import analysis, kpi, terms
from gridmap.web import charts, district, figures, filters, numbers, words

if TYPE_CHECKING:
    from gridmap.web.district import Place

GRID_POSTS = ("grid_head", "full_time", "part_time")
"""Posts that are counted above the grid, where the others are one a grid and say nothing."""

FIXINGS = {
    "grid": terms.key("grid"),
    "person": terms.key("person"),
    "post": terms.key("post"),
    "duty": terms.key("duty"),
}


def place(shown: Place, chosen: kpi.Filters) -> None:
    """Draw the card of a place: its register, its staff and organisation, and its incidents in the period with their trend."""
    db = district.db()
    record = analysis.area(db, shown.code)
    strip = kpi.strip(db, chosen)
    figures.card(
        shown.name,
        f"{words.called(shown.level, words.LEVELS)} · {shown.code}",
        [
            figures.Section("", _register(record)),
            figures.Section(terms.say("Staff"), _staff(record)),
            figures.Section(terms.say("Incidents"), _incidents(strip)),
            figures.Section(terms.say("Most frequent"), _frequent(chosen)),
        ],
    )
    daily = kpi.trend(db, chosen)
    if not daily.empty and chosen.end is not None:
        daily = daily[daily["t"] < pd.Timestamp(chosen.end)]
    if len(daily) > 1:
        charts.show(charts.spark(daily["reported"].tolist()), key="spark", height=64, alt=terms.say("Incidents a day"))


def _register(record: analysis.Area) -> list[tuple[str, str]]:
    rows = [
        (terms.say("Households"), numbers.short(record.households)),
        (terms.say("Residents"), numbers.short(record.population)),
        (terms.say("Area"), numbers.area(record.area_m2)),
    ]
    if record.level != "grid":
        rows.append((terms.say("Grids"), numbers.count(record.grids)))
        rows.append((terms.say("Grids with a Party organisation"), f"{record.grids_with_party} / {record.grids}"))
    if record.level in {"district", "street"}:
        rows.append((terms.say("Communities"), numbers.count(record.communities)))
    return [row for row in rows if row[1] != numbers.NONE]


def _staff(record: analysis.Area) -> list[tuple[str, str]]:
    rows = []
    for post, word in words.POSTS.items():
        held = record.posts.get(post)
        if held is None or (record.level != "grid" and post not in GRID_POSTS):
            continue
        who = "、".join(held.names) if record.level == "grid" and held.names else numbers.count(held.filled)
        vacant = terms.say("{n} vacant", n=held.vacant) if held.vacant else ""
        rows.append((terms.say(word), " · ".join(part for part in (who if held.filled else "", vacant) if part)))
    if record.fixings:
        missing = [terms.say(FIXINGS[name]) for name, met in record.fixings.items() if not met]
        said = terms.say("missing: {what}", what="、".join(missing)) if missing else terms.say("all four met")
        rows.append((terms.say("Four fixings"), said))
    return rows


def _incidents(strip: dict[str, kpi.Figure]) -> list[tuple[str, str]]:
    rows = []
    for name in ("closed", "open", "satisfied"):
        figure = strip[name]
        if figure.is_rate:
            text = terms.say("{rate} of {n}", rate=numbers.rate(figure.value), n=numbers.count(figure.n))
        else:
            text = numbers.count(figure.value)
        rows.append((terms.say(figure.name), text))
    return rows


def _frequent(chosen: kpi.Filters, most: int = 3) -> list[tuple[str, str]]:
    names = filters.classes()
    found = kpi.counts(district.db(), chosen, by=("class_code",)).nlargest(most, "n")
    return [(names.get(code, code), numbers.count(n)) for code, n in zip(found["class_code"], found["n"], strict=True)]
