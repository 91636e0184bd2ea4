"""What a step was, did to each grid it touched, or was hindered by: in words and figures, by the names the map shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import codes, terms
from gridmap.merge import effects
from gridmap.terms import key
from gridmap.web import figures, numbers, tables, words
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.errors import GridmapError
    from gridmap.merge.plan import Change, Draft

STEPS = {
    "give": key("Ground given to {grids}"),
    "merge": key("Grids merged: {grids}"),
    "make": key("New grid: {grids}"),
    "split": key("Grid divided by a line: {grids}"),
    "divide": key("Grid divided by the engine: {grids}"),
    "lock": key("Grid locked: {grids}"),
    "unlock": key("Grid unlocked: {grids}"),
    "pin": key("Ground pinned in {grids}"),
    "forbid": key("Ground kept out of {grids}"),
    "release": key("Pins and bans lifted in {grids}"),
    "finish": key("The rest solved by the engine ({n:# piece|# pieces} of ground)"),
}
"""What each step is called, by gridmap.merge.plan.Change.what."""

MOST_GRIDS = 8
"""Grids whose figures stand beside the map after a step."""


def last(now: Draft) -> None:
    """Draw what the last step did to each grid it touched, before and after."""
    if not now.done:
        return
    change = now.done[-1]
    figures.heading(terms.say("The last step"), called(change))
    if not change.atoms:
        return
    effects_of(now.undo(), now, change)


def effects_of(before: Draft, after: Draft, change: Change) -> None:
    """Draw what a change does to each grid it touches, before and after."""
    found = effects.effects(before, after, change.grids[:MOST_GRIDS])
    rows = []
    short, homes = [room.short(one.grid) for one in found], tables.names("community")
    for one, called in zip(found, short, strict=True):
        home = homes.get(one.grid[: codes.COMMUNITY], "") if short.count(called) > 1 else ""
        cells: dict[str, Any] = {terms.say("Grid"): f"{home} {called}".strip()}
        for column, (name, digits) in {
            "households": (terms.say("Households"), 0), "area_m2": (terms.say("Area, ha"), 1),
            "incidents": (terms.say("Incidents a month"), 1), "cut": (terms.say("Old grids cut"), 0),
            "broken": (terms.say("Checks broken"), 0),
        }.items():  # fmt: skip
            cells[name] = " → ".join(_figure(side, column, digits) for side in (one.before, one.after))
        rows.append(cells)
    tables.show(pd.DataFrame(rows), key="meet-effects", height="content")
    cut = sorted({old for one in found if one.after is not None for old in one.after["cut"]})
    if cut:
        st.caption(terms.say("Old grids these borders cut: {names}", names=words.joined(_old(name) for name in cut[:12])))


def called(change: Change) -> str:
    """Say in words what a step was."""
    names = words.joined(room.short(name) for name in change.grids[-4:])
    if change.what == "give" and change.grids:
        names = room.short(change.grids[-1])
    return terms.say(STEPS[change.what], grids=names, n=len(change.atoms))


def _figure(side: Mapping[str, Any] | None, column: str, digits: int) -> str:
    if side is None:
        return numbers.NONE
    value = len(side[column]) if column == "cut" else float(side[column]) / (1e4 if column == "area_m2" else 1)
    return f"{value:,.{digits}f}"


def _old(name: str) -> str:
    layer, _, old = name.partition(":")
    return f"{words.called(layer, words.LAYERS)} {old}"


def hindrance(error: GridmapError) -> str:
    """Say what hinders a step: grids and communities as they are called on the map, not by their codes."""
    homes, told = tables.names("community"), dict(error.values)
    for name, value in error.values.items():  # noqa: PD011  no frame's
        text = str(value)
        told[name] = homes.get(text, value)
        if name == "grid":
            told[name] = f"{homes.get(text[: codes.COMMUNITY], '')} {room.short(text)}".strip()
    return type(error)(error.message, **told).sentence()
