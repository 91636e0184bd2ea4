"""Scenarios 方案比选: drafts beside each other on every measure and on a swipe map; one goes the way to a version in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import terms
from gridmap.merge import effects
from gridmap.merge.plan import Draft
from gridmap.terms import key
from gridmap.web import deeds, district, figures, guard, jobs, messages, numbers, progress, tables, words
from gridmap.web.meeting import drawing, opening, publishing, room

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from gridmap.web.jobs import Progress

MEASURES = {
    "grids": key("Grids"),
    "inside": key("Grids within the norm"),
    "below": key("Too small"),
    "above": key("Too large"),
    "households_low": key("Households a grid, 10th percentile"),
    "households_high": key("Households a grid, 90th percentile"),
    "moved": key("Households that change their grid"),
    "border_m": key("Borders, km"),
    "new_m": key("Borders no department had, km"),
    "cost_m": key("Objective, m"),
}
STEPS = {
    "drawn": (key("The street draws"), key("Put forward")),
    "agreed": (key("The county office agrees"), key("Agree")),
    "told": (key("In force, departments told"), key("Put into force and tell")),
    "filed": (key("Filed"), key("Put on file")),
}
MOST = 4
PAPERS = "meet-papers"


def show() -> None:
    """Draw the drafts, their measures, two of them on one map, and the way to a version."""
    drafts = room.drafts()
    if drafts.empty:
        room.choose_draft()
        return
    with st.container(horizontal=True, vertical_alignment="center", key="meet-head"):
        street = room.choose_street()
        names = room.called(drafts)
        chosen = st.pills(
            terms.say("Drafts"), list(names), selection_mode="multi", default=list(names)[:MOST], format_func=names.__getitem__,
            key=f"meet-compared-{len(names)}", label_visibility="collapsed",
        )[:MOST]  # fmt: skip
        st.space("stretch")
        with st.popover(terms.say("New draft"), icon=":material/add:", key=f"draft-new-{len(names)}"):  # closed once begun
            _begin(names)
    if not opening.ready(chosen, street, version=room.versions()[0]):
        return
    plans = {draft: room.current(draft, street)[0] for draft in chosen}
    left, right = st.columns([6, 6], gap="medium")
    with right, messages.catching():
        figures.heading(terms.say("Measures"), tables.names("street").get(street, ""))
        _measures(plans, names, street)
        draft = chosen[0] if chosen else str(drafts["draft_id"].iloc[0])
        if len(chosen) > 1:
            draft = room.option(terms.say("Draft"), chosen, "draft", names)
        _way(draft, names[draft])
    with left:
        _swipe(plans, names, street)


def _begin(names: dict[str, str]) -> None:
    name = st.text_input(terms.say("Name"), key=f"draft-name-{len(names)}")
    versions = room.versions()
    sources = room.apart({f"v{version}": terms.say("Version {n}", n=version) for version in versions} | names)
    source = st.selectbox(terms.say("Begin with"), list(sources), format_func=sources.__getitem__, key="draft-like")
    if st.button(terms.say("Begin"), type="primary", key="draft-begin"):
        with messages.catching():
            like = None if source in {f"v{version}" for version in versions} else source
            with guard.acting("meet", f"draft {name}"):
                district.db().make_draft(name, int(source[1:]) if like is None else versions[0], by=room.who(), like=like)
            st.rerun()


def _measures(plans: dict[str, Draft], names: dict[str, str], street: str) -> None:
    if not plans:
        st.caption(terms.say("Choose the drafts to compare."))
        return
    version = room.versions()[0]
    was = Draft(*room.base(version, street))
    columns = {terms.say("Version {n}", n=version): effects.summary(was.board, was.state, was)}
    columns |= {names[draft]: effects.summary(now.board, now.state, was) for draft, now in plans.items()}
    rows = []
    for name, label in MEASURES.items():
        scale = 1000 if label.endswith("km") else 1
        rows.append([terms.say(label), *(f"{found[name] / scale:,.{1 if scale > 1 else 0}f}" for found in columns.values())])
    for layer in was.board.layers:
        label = terms.say("{layer}: grids that stay whole", layer=words.called(layer, words.LAYERS))
        rows.append([label, *(f"{found[f'whole_{layer}']:.0f} / {found[f'old_{layer}']:.0f}" for found in columns.values())])
    frame = pd.DataFrame(rows, columns=[terms.say("Measure"), *columns])
    tables.show(frame, key="measures", height="content")


def _swipe(plans: dict[str, Draft], names: dict[str, str], street: str) -> None:
    if not plans:
        return
    first, *others = plans
    if others:
        drawing.show(plans[first], key="swipe", other=plans[others[0]], names=(names[first], names[others[0]]))
        return
    version = room.versions()[0]
    base = Draft(*room.base(version, street))
    drawing.show(plans[first], key="swipe", other=base, names=(names[first], terms.say("Version {n}", n=version)))


def _way(draft: str, name: str) -> None:
    """Draw the way of a draft: made a version, then four steps, each with who and when."""
    db = district.db()
    row = room.known(draft)
    figures.heading(
        terms.say("The way of {name}", name=name),
        terms.say("{n:# step|# steps} in {m:# sub-district|# sub-districts}", n=int(row["steps"]), m=int(row["streets"])),
    )
    progress.bar(
        publishing.job(draft), done=lambda job: terms.say("Version {version} was made of this draft.", version=job.result)
    )
    if pd.isna(row["version"]):
        running = jobs.registry().latest(publishing.job(draft))
        busy = running is not None and running.state == "running"
        if st.button(terms.say("Make a version of it"), type="primary", key="make-version", disabled=busy or not row["steps"]):
            with messages.catching():
                publishing.start(draft)
                st.rerun()
        if not row["steps"]:
            st.caption(terms.say("The draft is still as its version is; move a border first."))
        return
    version = int(row["version"])
    taken = {one["step"]: one for one in db.version_steps(version).to_dict("records")}
    figures.rows([(terms.say(label), _taken(taken.get(step)), False) for step, (label, _) in STEPS.items()])
    left = [step for step in STEPS if step not in taken]
    if left:
        _step(version, left[0])
    if guard.may("export"):
        _files(version)


def _taken(step: Mapping[Hashable, Any] | None) -> str:
    """Say who took a step and when."""
    if step is None:
        return terms.say("still to do")
    who = " ".join(str(part) for part in (step["office"], step["who"]) if part)
    return f"{who} · {numbers.moment(step['done_at'])}"


def _step(version: int, step: str) -> None:
    name = f"step-{version}"

    def take() -> None:
        guard.require("publish")
        office, who = (st.session_state[f"{field}-{version}-{step}"] for field in ("office", "by"))
        db = district.db()

        def work(report: Progress) -> None:
            report(terms.key("Publishing …"), 0.1)
            with guard.acting("publish", f"{step} version {version}"):
                db.step_version(version, step, who=who, office=office)

        jobs.registry().start(name, work)

    deeds.hindered()
    with st.form(f"step-{version}-{step}", border=True):
        first, second = st.columns(2)
        first.text_input(terms.say("Office"), key=f"office-{version}-{step}")
        second.text_input(terms.say("Name of the person"), key=f"by-{version}-{step}")
        st.form_submit_button(terms.say(STEPS[step][1]), type="primary", on_click=deeds.deed(take))
    if progress.ended(name):
        st.rerun()


def _files(version: int) -> None:
    """Draw the papers that go out with a version, made once in each language."""
    made = st.session_state.setdefault(PAPERS, {})
    asked = (version, terms.language())
    if asked not in made:
        name = f"papers-{version}-{terms.language()}"
        if jobs.registry().latest(name) is None:
            jobs.registry().start(name, lambda report: publishing.papers(version, report))
        if (job := progress.ended(name, again=terms.say("Begin again"))) is None:
            return
        made[asked] = job.result
    papers = made[asked]
    with st.container(horizontal=True):
        guard.download(
            terms.say("Table old to new"), papers.table, file_name=f"old_to_new_v{version}.xlsx", key="way-table",
        )  # fmt: skip
        for layer, packed in papers.notices.items():
            guard.download(
                terms.say("Notice to {department}", department=words.called(layer, words.LAYERS)), packed,
                file_name=f"{layer}_v{version}.zip", key=f"notice-{layer}",
            )  # fmt: skip
    st.caption(terms.say("{n:# pair|# pairs} of old and new grids differ.", n=papers.pairs))
