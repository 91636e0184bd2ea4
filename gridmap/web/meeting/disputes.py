"""Disputes 分歧清单: where the departments disagree most, what the plan proposes and why, and what was decided."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import pandas as pd
import streamlit as st

from gridmap import crs, maps, merge, terms
from gridmap.merge import disputes
from gridmap.terms import key
from gridmap.web import (
    atlas,
    charts,
    chrome,
    deeds,
    district,
    figures,
    guard,
    map_frame,
    messages,
    numbers,
    session,
    tables,
    words,
)
from gridmap.web.meeting import borders, drawing, listing, opening, room

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from gridmap.merge.disputes import Dispute
    from gridmap.merge.plan import Draft
    from gridmap.web.meeting.listing import Place

VERDICTS = {
    "accepted": key("Proposal accepted"),
    "alternative": key("Alternative decided"),
    "put_off": key("Put off"),
}
MOST = 1000
"""Places shown at most: the gravest."""

BREAKS = {"households": (100, 200, 300, 500, 800), "metres": (200, 400, 600, 800, 1200)}

PICKED, SERIAL = "dispute-picked", "dispute-serial"


def show() -> None:
    """Draw the list with, beside it, all places on one map, or the one that is taken up: its map, reasons and the decision."""
    with st.container(horizontal=True, vertical_alignment="center", key="meet-head"):
        draft = room.choose_draft()
        if draft is None:
            return
        street = room.choose_street(whole=True)
        by = st.segmented_control(
            terms.say("Order"), ["households", "metres"], default="households", required=True, key="meet-order",
            format_func=lambda name: terms.say("by households") if name == "households" else terms.say("by metres of border"),
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    found = listing.places(draft, [street] if street else list(tables.names("street")), cast("listing.By", by))
    if found is None:
        return
    if not found:
        messages.empty(terms.say("The departments agree everywhere here."))
        return
    decided = {row["dispute"]: row for row in district.db().decisions().to_dict("records")}
    left, right = st.columns([6, 6], gap="medium")
    with right:
        done = sum(place.key in decided for place in found)
        figures.heading(
            terms.say("Places in dispute"), terms.say("{n:# place|# places}, {done} decided", n=len(found), done=done)
        )
        _ways(draft, found, decided)
        at = _listed(found[:MOST], decided, key=f"{street}-{by}")
        if at is None:
            _weight(found, decided)
        elif opening.ready([draft], at.street):
            with messages.catching():
                _place(draft, at, decided.get(at.key))
                if at.key in decided:
                    with st.expander(terms.say("Decide anew")):
                        _decision(draft, at)
                else:
                    _decision(draft, at)
    with left:
        if at is None:
            _overview(found[:MOST], decided, cast("listing.By", by))
        elif room.stands(draft, at.street):
            _map(draft, at)


def _ways(draft: str, found: list[Place], decided: Mapping[str, Any]) -> None:
    """Draw the way back to all places, on to the next one that waits for a decision, and to moving the border of this one."""
    picked = st.session_state.get(PICKED)
    keys = [place.key for place in found]
    first = keys.index(picked) + 1 if picked in keys else 0
    waiting = next((key for key in [*keys[first:], *keys[:first]] if key not in decided and key != picked), None)
    with st.container(horizontal=True, gap="small"):
        if picked in keys:
            st.button(terms.say("All places"), icon=":material/arrow_back:", key="dispute-all", on_click=_pick, args=(None,))
        if waiting:
            label = terms.say("Next undecided place") if picked in keys or decided else terms.say("Take up the first")
            st.button(
                label, icon=":material/arrow_forward:", key="dispute-next", type="primary", on_click=_pick, args=(waiting,)
            )
        if picked in keys and st.button(terms.say("Move this border"), icon=":material/edit_location_alt:", key="dispute-move"):
            _move(draft, found[keys.index(picked)])


def _move(draft: str, place: Place) -> None:
    """Go to the borders of a place with its ground chosen."""
    now, _ = room.prepare(draft, place.street)
    one = listing.at_hand(now, place)
    ground = drawing.atoms_in(now.board, place.ground) if one is None else list(one.atoms)
    borders.arrive(draft, place.street, ground, drawing.bounds_of(now.board, ground, margin=1.2))
    session.put(view="borders", street=place.street)
    st.rerun()


def _pick(key: str | None) -> None:
    """Take up a place, or none; the table, which cannot be told, begins anew."""
    st.session_state.update({PICKED: key, SERIAL: st.session_state.get(SERIAL, 0) + 1})


def _listed(found: list[Place], decided: Mapping[str, Any], *, key: str) -> Place | None:
    """Give the place that is taken up, in the list, on the map or by its button; while there is none, draw the list."""
    picked = st.session_state.get(PICKED)
    now = next((place for place in found if place.key == picked), None)
    if now is not None:
        return now
    streets = tables.names("street")
    lie = [streets.get(place.street, "") for place in found]
    street = {terms.say("Sub-district"): lie} if len(set(lie)) > 1 else {}
    row = tables.show(
        pd.DataFrame({
            terms.say("Place"): [place.name for place in found],
            **street,
            terms.say("Households"): [round(place.dispute.households) for place in found],
            terms.say("Border, m"): [round(place.dispute.metres) for place in found],
            terms.say("Decision"): [
                words.called(decided[place.key]["verdict"], VERDICTS) if place.key in decided else "" for place in found
            ],
        }),
        key=f"disputes-{key}-{st.session_state.get(SERIAL, 0)}", height=430, pick=True,
        **{terms.say("Decision"): st.column_config.Column(width=160)},
    )  # fmt: skip
    if row is not None:
        st.session_state[PICKED] = found[row].key
        st.rerun()
    return None


def _weight(found: list[Place], decided: Mapping[str, Any]) -> None:
    """Draw how many places wait for a decision in each street, and how many households live there."""
    streets = tables.names("street")
    open_ = pd.Series([place.key not in decided for place in found], index=[place.street for place in found])
    held = pd.Series([place.dispute.households for place in found], index=open_.index) * open_
    figures.rows([
        (
            streets.get(street, street),
            terms.say("{n:# place|# places} open, {households:# household|# households}", n=int(open_[[street]].sum()),
                      households=numbers.count(round(float(held[[street]].sum())))),
            False,
        )
        for street in sorted(set(held.index), key=lambda code: -float(held[[code]].sum()))
    ])  # fmt: skip


def _overview(found: list[Place], decided: Mapping[str, Any], by: listing.By) -> None:
    """Draw all places, the graver the darker; those decided and put off with a frame of their own."""
    keys = [place.key for place in found]
    frame = gpd.GeoDataFrame(
        {"code": keys, "name_zh": [place.name for place in found]}, geometry=[place.ground for place in found], crs=crs.STORED
    )
    figure = pd.Series([getattr(place.dispute, by) for place in found], index=keys, dtype=float)
    title = terms.say("Households") if by == "households" else terms.say("Border in dispute")
    meaning, unit = ("households", "") if by == "households" else ("count", terms.say("m"))
    scale = maps.scale_for(
        figure, meaning=cast("Any", meaning), title=title, unit=unit, theme=charts.scheme(), breaks=BREAKS[by]
    )
    blue, grey = {"light": ("#0072b2", "#56646e"), "dark": ("#4aa8e0", "#9aa9b3")}[charts.scheme()]
    looks = {
        "done": maps.Look(terms.say("Decided"), blue, fill=0, width=4),
        "put_off": maps.Look(terms.say("Put off"), grey, fill=0, width=4, dash=(6, 5)),
    }
    framed = frame[frame["code"].isin(decided)]
    kinds = ["put_off" if decided[code]["verdict"] == "put_off" else "done" for code in framed["code"]]
    patched = [maps.patch_layer(framed.set_index("code").assign(look=kinds), looks, key="decided")] if kinds else []

    def clicked(click: dict[str, Any]) -> None:
        session.begin()  # what is called before a run has no language yet
        if click["kind"] in {"area", "patch"} and str(click.get("code")) in keys:
            _pick(str(click["code"]))

    west, south, east, north = frame.total_bounds
    margin = 0.04 * max(east - west, north - south)
    with st.container(key="stage-overview"):
        map_frame.show(
            atlas.base(chrome.demo()),
            maps.repaint(
                maps.area_layer(frame, level="place", labels=0), figure, scale, patched=patched,
                outlines=atlas.inner_borders(district.home()),
                focus=(west - margin, south - margin, east + margin, north + margin),
            ),
            key="map-disputes-all", height=640, on_click=clicked,
        )  # fmt: skip


def _map(draft: str, place: Place) -> None:
    """Draw a place with the departments' borders around it on the plan as it is now."""
    now, _ = room.current(draft, place.street)
    one = listing.at_hand(now, place)
    atoms = drawing.atoms_in(now.board, place.ground) if one is None else one.atoms
    joins = () if one is None else one.joins
    layers = [layer for layer in now.board.layers if one is None or any(layer in (*yes, *no) for _, _, yes, no in joins)]
    figures.legend(terms.say("Borders of"), drawing.borders_of(layers))
    near = [*atoms, *(atom for atom, *_ in joins)]
    drawing.show(now, key="disputes", chosen=atoms, layers=layers, focus=drawing.bounds_of(now.board, near, margin=0.25))


def _place(draft: str, place: Place, decided: Mapping[Hashable, Any] | None) -> None:
    """Say what is in dispute there, where the plan puts it and why, and what was decided."""
    now, _ = room.current(draft, place.street)
    one = listing.at_hand(now, place)
    known = one or place.dispute
    figures.heading(place.name, terms.say("{households:# household|# households} · {area} · {metres} m of border in dispute",
                                          households=numbers.count(round(known.households)), area=numbers.area(known.area_m2),
                                          metres=numbers.count(known.metres)))  # fmt: skip
    if one is None:
        figures.sentences(
            [terms.say("A line drawn in this draft runs through this place; the map shows where its parts went.")]
        )
    else:
        why, *norm = [_named(sentence) for sentence in disputes.reasons(now.board, now.state.grid, one)]
        figures.sentences([terms.say("The engine's proposal: {why}", why=why), *norm[:2]])
        _wishes(now, one)
    if decided:
        figures.sentences(_was_decided(decided))


def _was_decided(decided: Mapping[Hashable, Any]) -> list[str]:
    """Say what was decided, by whom and when, what instead, why, and how the votes fell."""
    verdict = words.called(str(decided["verdict"]), VERDICTS)
    said = [terms.say("Decided: {verdict} ({who}, {when}).", verdict=verdict, who=decided["decided_by"],
                      when=numbers.moment(decided["decided_at"]))]  # fmt: skip
    if decided["alternative"]:
        said.append(terms.say("Instead: {what}", what=decided["alternative"]))
    if decided["reason"]:
        said.append(terms.say("Reason: {why}", why=decided["reason"]))
    return [*said, *filter(None, [voted(decided).strip()])]


def voted(decided: Mapping[Hashable, Any]) -> str:
    """Say how the votes fell, or nothing where nobody voted."""
    votes = [decided[name] for name in ("votes_for", "votes_against", "abstained")]
    if pd.isna(votes[0]):
        return ""
    yes, no, none = (0 if pd.isna(vote) else int(vote) for vote in votes)
    return terms.say(" Votes {yes} : {no}, {none} abstained.", yes=yes, no=no, none=none)


def _wishes(now: Draft, one: Dispute) -> None:
    """Draw who keeps the place together with which neighbour and who parts them, what the plan does, and whom it follows."""
    grid, joins = now.state.grid, sorted(one.joins, key=lambda join: -join[1])[:3]
    near = room.apart({
        str(number): terms.say("with {grid}, {metres} m", grid=room.short(grid[atom]), metres=round(metres))
        for number, (atom, metres, _, _) in enumerate(joins)
    })  # fmt: skip
    way = {True: terms.say("together"), False: terms.say("apart")}
    kept = disputes.followed(grid, one)
    rows = [
        {
            terms.say("Department"): words.called(layer, words.LAYERS),
            **{
                near[str(number)]: way[layer in together] if layer in {*together, *apart} else numbers.NONE
                for number, (_, _, together, apart) in enumerate(joins)
            },
            terms.say("Followed, m"): numbers.count(kept.get(layer, (0.0, 0.0))[0]),
            terms.say("Not followed, m"): numbers.count(kept.get(layer, (0.0, 0.0))[1]),
        }
        for layer in now.board.layers
    ]
    plan = {near[str(number)]: way[grid[atom] == grid[one.atoms[0]]] for number, (atom, *_) in enumerate(joins)}
    tables.show(
        pd.DataFrame([*rows, {terms.say("Department"): terms.say("this plan"), **plan}]), key="wishes", height="content"
    )


def _decision(draft: str, place: Place) -> None:
    deeds.hindered()
    with st.form(f"decide-{place.key}", border=True):  # says itself which place it is of: it may be pressed as the page changes
        figures.heading(terms.say("Decision on {place}", place=place.name))
        st.segmented_control(
            terms.say("Decision"), list(VERDICTS), default="accepted", required=True, key=f"verdict-{place.key}",
            format_func=lambda name: terms.say(VERDICTS[name]), label_visibility="collapsed",
        )  # fmt: skip
        first, second = st.columns(2)
        first.text_input(terms.say("Decided by"), key=f"who-{place.key}")
        second.text_input(terms.say("The alternative"), key=f"alternative-{place.key}")
        st.text_input(terms.say("Reason for it"), key=f"reason-{place.key}")
        votes = {"for": terms.say("For"), "against": terms.say("Against"), "abstained": terms.say("Abstained")}
        for column, (name, label) in zip(st.columns(3), votes.items(), strict=True):
            column.number_input(label, min_value=0, value=None, step=1, key=f"{name}-{place.key}")
        keep = deeds.deed(partial(_keep, draft, place))
        st.form_submit_button(terms.say("Record the decision"), type="primary", on_click=keep)


def _keep(draft: str, place: Place) -> None:
    """Keep what the form of a place says, and say of which place: another may have been taken up since."""

    def given(name: str) -> Any:  # noqa: ANN401  whatever its widget gives
        return st.session_state[f"{name}-{place.key}"]

    with guard.acting("meet", f"decision on {place.key}", code=place.street) as actor:
        district.db().decide(
            place.key, given("verdict"), subject=place.name, decided_by=given("who"), meeting=room.meeting(), draft=draft,
            street=place.street, alternative=given("alternative"), reason=given("reason"),
            votes=(given("for"), given("against"), given("abstained")), by=actor.name, ground=place.ground,
        )  # fmt: skip
    verdict = words.called(given("verdict"), VERDICTS)
    st.toast(terms.say("Recorded for {place}: {verdict}", place=place.name, verdict=verdict), icon=":material/check:")


def _named(sentence: merge.Sentence) -> str:
    values = dict(sentence.values)
    if "layer" in values:
        values["layer"] = words.called(str(values["layer"]), words.LAYERS)
    if "grid" in values:
        values["grid"] = room.short(str(values["grid"]))
    return merge.Sentence(sentence.message, values).say()
