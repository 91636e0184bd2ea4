"""Move borders 调整界线: pieces of ground are chosen on the map and given to another grid; every step shows what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from gridmap import terms
from gridmap.errors import GridmapError, MergeError
from gridmap.merge import dividing, editing, mending
from gridmap.store.drafts import OvertakenError
from gridmap.web import figures, jobs, messages, numbers, progress, session, tables, words
from gridmap.web.meeting import drawing, opening, room, telling

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap import maps
    from gridmap.merge.plan import Change, Draft

ICONS = {
    "make": "add_box", "merge": "merge", "lock": "lock", "divide": "call_split", "pin": "push_pin", "release": "link_off",
    "forbid": "block",
}  # fmt: skip
"""A tool's sign: from eight metres it is seen before its name is read."""

CHOSEN, FOCUS, OFFER, SEEN, SAID = "meet-chosen", "meet-focus", "meet-offer", "meet-seen", "meet-said"

ASKED, ANSWERED = "meet-asked", "meet-answered"
"""How often this reader has asked for something here, and how much of that is drawn."""


def show() -> None:
    """Draw the view: draft and street, then the plan with its tools, which run by themselves."""
    with st.container(horizontal=True, vertical_alignment="center", key="meet-head"):
        draft = room.choose_draft()
        if draft is None:
            return
        street = room.choose_street()
        if not opening.ready([draft], street):
            return
        st.segmented_control(
            terms.say("A click chooses"), ["piece", "grid"], default="piece", required=True, key="meet-unit",
            format_func=lambda unit: terms.say("a piece of ground") if unit == "piece" else terms.say("a whole grid"),
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        layers = st.pills(
            terms.say("Borders of"), list(room.current(draft, street)[0].board.layers), selection_mode="multi",
            format_func=lambda layer: words.called(layer, words.LAYERS), key="meet-layers", label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
        if layers:
            figures.legend(terms.say("Borders of"), drawing.borders_of(layers))
    if st.session_state.get("meet-at") != (draft, street):
        arrive(draft, street, [])
    _desk(draft, street)
    progress.bar(_job(draft, street), done=lambda _: terms.say("The engine has a proposal; look at it beside the map."))
    _watch(draft, street)


def arrive(draft: str, street: str, chosen: list[int], focus: maps.Bounds | None = None) -> None:
    """Come to a street of a draft with some ground chosen; what was under way elsewhere is dropped.

    focus: what the map shows first, else the whole street.
    """
    st.session_state.update({"meet-at": (draft, street), CHOSEN: chosen, FOCUS: focus, OFFER: None, SAID: None})


@session.fragment()
def _desk(draft: str, street: str) -> None:
    now, seq = room.current(draft, street)
    st.session_state[SEEN] = seq
    st.session_state[ANSWERED] = st.session_state.get(ASKED, 0)
    chosen = [atom for atom in st.session_state[CHOSEN] if atom < len(now.board)]
    left, right = st.columns([7, 4], gap="medium")
    with right, messages.catching():
        _said()
        _history(draft, street, now)
        _choice(draft, street, now, chosen)
        _offers(draft, street, now)
        proposed = _proposal(draft, street, now)
        if proposed is None:
            telling.last(now)
    after, ground = proposed or (None, [])
    with left:
        drawing.show(
            now, key="borders", chosen=chosen or ground, tools=("lasso", "line"),
            layers=st.session_state.get("meet-layers") or (), other=after,
            focus=drawing.bounds_of(now.board, ground) if ground else st.session_state.get(FOCUS),
            names=(terms.say("As it is"), terms.say("The engine's proposal")),
            on_click=lambda click: _clicked(draft, street, click),
        )  # fmt: skip


def _clicked(draft: str, street: str, click: dict[str, Any]) -> None:
    """Take a click or a drawing on the map into what is chosen; a line divides a grid."""
    session.begin()  # what is called before a run has no language yet
    _asked()
    now, _ = room.current(draft, street)
    chosen: list[int] = list(st.session_state[CHOSEN])
    st.session_state[OFFER] = None
    if click["kind"] == "area":
        atom = int(click["code"])
        whole = now.state.atoms_of(now.state.grid[atom])
        ground = whole if st.session_state.get("meet-unit") == "grid" else now.board.whole[atom]
        chosen = [a for a in chosen if a not in ground] if atom in chosen else [*chosen, *ground]
    elif click["kind"] == "drawn" and click["tool"] == "line":
        _do(draft, street, lambda plan: _split(plan, street, chosen, click))
        return
    elif click["kind"] == "drawn":
        chosen = list(dict.fromkeys([*chosen, *now.board.widened(drawing.inside(now.board, click))]))
    elif click["kind"] == "ground":
        chosen = []
    st.session_state[CHOSEN] = chosen


def _asked() -> None:
    st.session_state[ASKED] = st.session_state.get(ASKED, 0) + 1


def _split(now: Draft, street: str, chosen: list[int], click: dict[str, Any]) -> Change:
    """Divide along a line the grid that is chosen, else the one in which most of the line lies."""
    line = drawing.line(now.board, click)
    names = sorted({now.state.grid[atom] for atom in chosen})
    if len(names) != 1:
        along = now.board.atoms.geometry.intersection(line).length.to_numpy()
        if not along.any():
            raise GridmapError("The line runs through no grid of this street.")
        names = [now.state.grid[int(np.argmax(along))]]
    return dividing.along(now, names[0], line, buildings=room.buildings(street))


def _do(draft: str, street: str, make: Callable[[Draft], Change], *, act: str = "do") -> None:
    """Take a step; what hinders it is said, and a step that leaves a grid in pieces brings its completions."""
    session.begin()  # as above
    _asked()
    now, _ = room.current(draft, street)
    st.session_state[OFFER] = st.session_state[SAID] = None
    try:
        change = make(now) if act == "do" else None
        if change is not None and change.nothing:
            return
        room.take(draft, street, act, change, after=st.session_state[SEEN])
        st.session_state[CHOSEN] = []
    except editing.NotWhole as broken:
        st.session_state[OFFER] = broken.change
    except OvertakenError as overtaken:
        st.session_state[SAID] = ("warning", overtaken.sentence())
    except GridmapError as error:
        st.session_state[SAID] = ("error", telling.hindrance(error))


def _said() -> None:
    if said := st.session_state.get(SAID):
        (st.warning if said[0] == "warning" else st.error)(said[1])


def _history(draft: str, street: str, now: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            terms.say("Undo"), icon=":material/undo:", disabled=not now.done, key="meet-undo",
            on_click=_do, args=(draft, street, lambda _: None), kwargs={"act": "undo"},
        )  # fmt: skip
        st.button(
            terms.say("Redo"), icon=":material/redo:", disabled=not now.undone, key="meet-redo",
            on_click=_do, args=(draft, street, lambda _: None), kwargs={"act": "redo"},
        )  # fmt: skip
        running = jobs.registry().latest(_job(draft, street))
        busy = running is not None and running.state == "running"
        if st.button(terms.say("Finish the rest"), icon=":material/auto_fix_high:", disabled=busy, key="meet-finish"):
            jobs.registry().start(_job(draft, street), lambda report: mending.finish(now, progress=report))
            st.rerun()
        st.caption(terms.say("{n:# step|# steps}, each kept at once", n=len(now.done)))


def _choice(draft: str, street: str, now: Draft, chosen: list[int]) -> None:
    if not chosen:
        st.caption(
            terms.say(
                "Click pieces of ground or draw a loop round them; then say which grid they go to. "
                "A line drawn through a grid divides it."
            )
        )
        return
    board, state = now.board, now.state
    mine = sorted({state.grid[atom] for atom in chosen})
    with st.container(horizontal=True, vertical_alignment="center"):
        figures.heading(
            terms.say("{n:# piece|# pieces} of ground chosen", n=len(chosen)),
            terms.say(
                "{households:# household|# households} · {area} · in {grids}",
                households=numbers.count(round(float(board.weight[chosen].sum()))),
                area=numbers.area(float(board.area[chosen].sum())),
                grids=words.joined(room.short(name) for name in mine),
            ),
        )
        st.button(terms.say("Choose anew"), icon=":material/deselect:", key="meet-clear", on_click=_clear)
    homes = sorted({board.nest[atom] for atom in chosen})
    if len(homes) > 1:
        called = tables.names("community")
        names = words.joined(called.get(home, home) for home in homes)
        st.caption(
            terms.say("This ground lies in {names}; a grid lies in one community. Choose ground of one of them.", names=names)
        )
        return
    held = {name: float(board.weight[list(atoms)].sum()) for name, atoms in state.members().items()}
    near = {state.grid[n] for atom in chosen for n in board.neighbours[atom]} | set(mine)
    with st.container(horizontal=True, gap="small"):
        for name in sorted(near):
            more = float(board.weight[[atom for atom in chosen if state.grid[atom] != name]].sum())
            if all(state.grid[atom] == name for atom in chosen):
                continue
            st.button(
                terms.say(
                    "to {grid}: {before} → {after}",
                    grid=room.short(name), before=round(held[name]), after=round(held[name] + more),
                ),
                key=f"meet-to-{name}", on_click=_do, args=(draft, street, lambda plan, to=name: editing.give(plan, chosen, to)),
            )  # fmt: skip
    whole = [name for name in mine if set(state.atoms_of(name)) <= set(chosen)]
    with st.container(horizontal=True, gap="small"):
        _tool(draft, street, terms.say("Make a new grid"), "make", lambda plan: editing.make(plan, chosen))
        if len(mine) == 2 and len(whole) == 2:
            _tool(draft, street, terms.say("Merge both"), "merge", lambda plan: editing.merge(plan, mine[0], mine[1]))
        if len(mine) == 1:
            word = terms.say("Unlock grid") if mine[0] in state.locked else terms.say("Lock grid")
            _tool(draft, street, word, "lock", lambda plan: editing.lock(plan, mine[0]))
            _tool(draft, street, terms.say("Divide by the engine"), "divide", lambda plan: mending.divide(plan, mine[0]))
        _tool(draft, street, terms.say("Pin"), "pin", lambda plan: editing.pin(plan, chosen))
        _tool(draft, street, terms.say("Lift pins and bans"), "release", lambda plan: editing.release(plan, chosen))
    others = sorted(near - set(mine))
    if others:
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            banned = st.selectbox(
                terms.say("Never with"),
                others,
                format_func=lambda name: terms.say("not to {grid}", grid=room.short(name)),
                key="meet-ban",
                label_visibility="collapsed",
                width=160,
            )
            _tool(draft, street, terms.say("Forbid this grid"), "forbid", lambda plan: editing.forbid(plan, chosen, banned))


def _clear() -> None:
    st.session_state.update({CHOSEN: [], OFFER: None, SAID: None})


def _tool(draft: str, street: str, label: str, name: str, make: Callable[[Draft], Change]) -> None:
    st.button(label, key=f"meet-tool-{name}", icon=f":material/{ICONS[name]}:", on_click=_do, args=(draft, street, make))


def _offers(draft: str, street: str, now: Draft) -> None:
    change = st.session_state.get(OFFER)
    if change is None:
        return
    st.warning(terms.say("Done alone, this would leave a grid in separate pieces. It can be completed:"))
    ways = mending.completions(now, change)
    if not ways:
        st.info(terms.say("Nothing that is not locked or pinned could complete it."))
    for number, way in enumerate(ways, start=1):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(
                terms.say(
                    "{n:# more piece|# more pieces}, {households:# household|# households}; {norm}",
                    n=way.extra_atoms,
                    households=numbers.count(round(way.extra_households)),
                    norm=terms.say("all within the norm")
                    if way.missing < 0.5
                    else terms.say("{gap:# household|# households} out of the norm", gap=numbers.count(round(way.missing))),
                )
            )
            st.button(
                terms.say("Complete it so") if number == 1 else terms.say("Or so"), key=f"meet-way-{number}",
                type="primary" if number == 1 else "secondary", on_click=_do, args=(draft, street, lambda _, c=way.change: c),
            )  # fmt: skip


def _proposal(draft: str, street: str, now: Draft) -> tuple[Draft, list[int]] | None:
    """Show what the engine proposes, beside what is, with the choice to take it; give the plan it makes and what changes."""
    job = jobs.registry().latest(_job(draft, street))
    if job is None or job.state != "done" or not isinstance(job.result, mending.Finished):
        return None
    found = job.result
    figures.heading(terms.say("The engine's proposal"))
    if found.change.nothing:
        st.info(terms.say("The engine finds nothing better than the plan as it is."))
        return None
    try:
        after = now.do(found.change)
    except MergeError:
        st.info(terms.say("The plan has changed since; let the engine finish the rest again."))
        return None
    households = float(now.board.weight[list(found.change.atoms)].sum())
    rows = [
        (terms.say("Pieces of ground that change"), numbers.count(len(found.change.atoms)), False),
        (terms.say("Households that change their grid"), numbers.count(round(households)), False),
        (terms.say("Objective before → after, m"), f"{numbers.count(found.was_m)} → {numbers.count(found.cost_m)}", False),
        (
            terms.say("No plan can be below, m"),
            terms.say("not proven") if found.bound_m is None else numbers.count(found.bound_m),
            False,
        ),
    ]
    figures.rows(rows)
    with st.container(horizontal=True):
        if st.button(terms.say("Take the proposal"), type="primary", key="meet-accept"):
            _do(draft, street, lambda _: found.change)
            jobs.registry().forget(_job(draft, street))
            st.rerun()
        if st.button(terms.say("Drop it"), key="meet-drop"):
            jobs.registry().forget(_job(draft, street))
            st.rerun()
    telling.effects_of(now, after, found.change)
    return after, list(found.change.atoms)


def _job(draft: str, street: str) -> str:
    return f"finish-{draft}-{street}"


@session.fragment(run_every=3.0)
def _watch(draft: str, street: str) -> None:
    """Draw the page again when somebody else has taken a step in this street, or when a wish has not been drawn.

    A click that meets the page while it is drawn anew names a part of the page that is gone by then: it is taken, but
    Streamlit draws nothing for it.
    """
    _, seq = room.current(draft, street)
    unanswered = st.session_state.get(ASKED, 0) != st.session_state.get(ANSWERED, 0)
    if unanswered or seq > st.session_state.get(SEEN, seq):
        st.rerun()
