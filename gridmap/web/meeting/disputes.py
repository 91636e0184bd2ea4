"""Disputes 分歧清单: where the departments disagree most, what the plan proposes and why, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import analysis, maps, merge, terms
from gridmap.merge import disputes
from gridmap.terms import key
from gridmap.web import charts, district, figures, guard, messages, numbers, session, tables, words
from gridmap.web.meeting import borders, drawing, room

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from gridmap.merge.disputes import Dispute
    from gridmap.merge.plan import Draft

VERDICTS = {
    "accepted": key("Proposal accepted"),
    "alternative": key("Alternative decided"),
    "put_off": key("Put off"),
}
MOST = 300
"""Places listed at most: the gravest."""


def show() -> None:
    """Draw the list with, beside it, the place that is chosen: map, reasons and the decision."""
    with st.container(horizontal=True, vertical_alignment="center", key="meet-head"):
        draft = room.choose_draft()
        if draft is None:
            return
        street = room.choose_street()
        by = st.segmented_control(
            terms.say("Order"), ["households", "metres"], default="households", required=True, key="meet-order",
            format_func=lambda name: terms.say("by households") if name == "households" else terms.say("by metres of border"),
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
    now, _ = room.current(draft, street)
    found = _listed(now, street)
    if by == "metres":
        found = sorted(found, key=lambda one: -one.metres)
    if not found:
        messages.empty(terms.say("The departments agree everywhere in this sub-district."))
        return
    decided = {row["dispute"]: row for row in district.db().decisions().to_dict("records")}
    names = place_names(now, found)
    left, right = st.columns([6, 6], gap="medium")
    with right:
        figures.heading(
            terms.say("Places in dispute"),
            terms.say("{n} places, {done} decided", n=len(found), done=sum(one.key in decided for one in found)),
        )
        row = tables.show(
            pd.DataFrame({
                terms.say("Place"): names,
                terms.say("Households"): [round(one.households) for one in found],
                terms.say("Border, m"): [round(one.metres) for one in found],
                terms.say("Decision"): [
                    words.called(decided[one.key]["verdict"], VERDICTS) if one.key in decided else "" for one in found
                ],
            }),
            key=f"disputes-{street}-{by}", height=250, pick=True,
        )  # fmt: skip
    at = 0 if row is None else row
    one, subject = found[at], names[at]
    with right, messages.catching():
        _place(now, one, subject, decided.get(one.key))
        _decision(draft, street, one, subject)
    with left:
        layers = [layer for layer in now.board.layers if any(layer in (*yes, *no) for _, _, yes, no in one.joins)]
        colours = borders_of(layers)
        figures.legend(terms.say("Borders of"), colours)
        near = [*one.atoms, *(atom for atom, *_ in one.joins)]
        drawing.show(
            now, key="disputes", chosen=one.atoms, layers=layers, focus=drawing.bounds_of(now.board, near, margin=0.25)
        )


def borders_of(layers: list[str]) -> dict[str, str]:
    """Give the legend of departments' borders: colour -> name."""
    names = {layer: words.called(layer, words.LAYERS) for layer in layers}
    return {colour: names[layer] for layer, colour in maps.departments(layers, names, theme=charts.scheme()).items()}


def place_names(now: Draft, found: list[Dispute]) -> list[str]:
    """Name places by their community and the compounds that lie in them."""
    communities = tables.names("community")
    compounds = _compounds(district.db().data_version("compounds"))
    units = now.board.atoms["unit_id"] if "unit_id" in now.board.atoms.columns else pd.Series(None, index=range(len(now.board)))
    named = []
    for one in found:
        inside = dict.fromkeys(compounds.get(units.iloc[atom], "") for atom in one.atoms if isinstance(units.iloc[atom], str))
        grounds = [name for name in inside if name]
        head = communities.get(one.nest, one.nest)
        named.append(f"{head} · {'、'.join(grounds[:2]) if grounds else terms.say('ground {n}', n=one.atoms[0] + 1)}")
    return named


def _place(now: Draft, one: Dispute, subject: str, decided: Mapping[Hashable, Any] | None) -> None:
    board = now.board
    figures.heading(subject, terms.say("{households} households · {area} · {metres} m of border in dispute",
                                       households=numbers.count(round(one.households)), area=numbers.area(one.area_m2),
                                       metres=numbers.count(one.metres)))  # fmt: skip
    wishes = []
    for atom, metres, together, apart in sorted(one.joins, key=lambda join: -join[1])[:3]:
        wishes.append(
            terms.say(
                "Over {metres} m to grid {grid}: {together} keep both together, {apart} part them.",
                metres=round(metres),
                grid=room.short(now.state.grid[atom]),
                together="、".join(words.called(layer, words.LAYERS) for layer in together),
                apart="、".join(words.called(layer, words.LAYERS) for layer in apart),
            )
        )
    said = [_named(sentence) for sentence in disputes.reasons(board, now.state.grid, one)]
    figures.sentences([*wishes, terms.say("The engine’s proposal: {why}", why=said[0]), *said[1:5]])
    if decided:
        figures.sentences([
            terms.say(
                "Decided: {verdict}. {what} {who}, {when}",
                verdict=words.called(str(decided["verdict"]), VERDICTS),
                what=" ".join(str(decided[name]) for name in ("alternative", "reason") if decided[name]),
                who=decided["decided_by"],
                when=numbers.moment(decided["decided_at"]),
            )
            + voted(decided)
        ])  # fmt: skip


def voted(decided: Mapping[Hashable, Any]) -> str:
    """Say how the votes fell, or nothing where nobody voted."""
    votes = [decided[name] for name in ("votes_for", "votes_against", "abstained")]
    if pd.isna(votes[0]):
        return ""
    yes, no, none = (0 if pd.isna(vote) else int(vote) for vote in votes)
    return terms.say(" Votes {yes} : {no}, {none} abstained.", yes=yes, no=no, none=none)


def _decision(draft: str, street: str, one: Dispute, subject: str) -> None:
    with st.form(f"decide-{one.key}", border=True):
        verdict = st.segmented_control(
            terms.say("Decision"), list(VERDICTS), default="accepted", required=True, key=f"verdict-{one.key}",
            format_func=lambda name: terms.say(VERDICTS[name]), label_visibility="collapsed",
        )  # fmt: skip
        first, second = st.columns(2)
        who = first.text_input(terms.say("Decided by"), key=f"who-{one.key}")
        alternative = second.text_input(terms.say("The alternative"), key=f"alternative-{one.key}")
        reason = st.text_input(terms.say("Reason"), key=f"reason-{one.key}")
        columns = st.columns(3)
        votes = [
            column.number_input(label, min_value=0, value=None, step=1, key=f"{name}-{one.key}")
            for column, (name, label) in zip(
                columns,
                {"for": terms.say("For"), "against": terms.say("Against"), "abstained": terms.say("Abstained")}.items(),
                strict=True,
            )
        ]
        with st.container(horizontal=True):
            kept = st.form_submit_button(terms.say("Record the decision"), type="primary")
            shift = st.form_submit_button(terms.say("Move this border"))
    if kept:
        actor = guard.require("meet", street)
        district.db().decide(
            one.key, verdict, subject=subject, decided_by=who, meeting=room.meeting(), draft=draft, street=street,
            alternative=alternative, reason=reason, votes=(votes[0], votes[1], votes[2]), by=actor.name,
        )  # fmt: skip
        st.rerun()
    if shift:
        st.session_state.update(
            {"meet-at": (draft, street), borders.CHOSEN: list(one.atoms), borders.OFFER: None, borders.SAID: None}
        )
        session.put(view="borders")
        st.rerun()


def _listed(now: Draft, street: str) -> list[Dispute]:
    """Give the disputes of a street; the ground under them changes only where a line cut it."""
    return _disputes(street, now)[:MOST]


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs={"gridmap.merge.plan.Draft": lambda now: now.board.serial})
def _disputes(street: str, now: Draft) -> list[Dispute]:  # noqa: ARG001  the key
    return disputes.disputes(now.board)


def _named(sentence: merge.Sentence) -> str:
    values = dict(sentence.values)
    if "layer" in values:
        values["layer"] = words.called(str(values["layer"]), words.LAYERS)
    if "grid" in values:
        values["grid"] = room.short(str(values["grid"]))
    return merge.Sentence(sentence.message, values).say()


@st.cache_resource(show_spinner=False, max_entries=2)
def _compounds(data_version: str) -> dict[str, str]:  # noqa: ARG001  the key
    return analysis.compound_names(district.db())
