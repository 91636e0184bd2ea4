"""Minutes 会议纪要: the meeting, its decisions and open questions, and the Word brief made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import codes, crs, maps, reports, store, terms
from gridmap.web import atlas, chrome, deeds, district, figures, guard, jobs, messages, numbers, progress, tables, words
from gridmap.web.meeting import disputes, publishing, room

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import geopandas as gpd

    from gridmap.web.jobs import Progress

MARKED, QUIET = "#f0b35a", "#eef1f0"


def show() -> None:
    """Draw the meeting at hand, what it decided and left open, and the brief to take away."""
    db = district.db()
    listed = db.meetings()
    with st.container(horizontal=True, vertical_alignment="center", key="meet-head"):
        if not listed.empty:
            names = {row["meeting_id"]: f"{row['title']} · {numbers.day(row['held_on'])}" for row in listed.to_dict("records")}
            room.option(terms.say("Meeting"), list(names), "meeting", room.apart(names), width=520)
        with st.popover(terms.say("New meeting"), icon=":material/add:", key=f"meeting-new-{len(listed)}"):  # closed once open
            _begin()
    if listed.empty:
        messages.empty(
            terms.say("No meeting has been opened yet."),
            terms.say("Open one here, or record a decision in the list of disputes."),
        )
        return
    at = str(room.meeting())
    left, right = st.columns([6, 5], gap="medium")
    with left, messages.catching():
        decided = db.decisions(meeting=at)
        figures.heading(terms.say("Decided"), terms.say("{n:# place|# places}", n=len(decided)))
        tables.show(_decisions(decided), key="decided", height="content" if len(decided) < 9 else 370)
        asked = db.open_questions(meeting=at)
        figures.heading(terms.say("Open questions"), numbers.count(len(asked)))
        figures.sentences([_question(row) for row in asked.to_dict("records")])
        _ask(at)
    with right, messages.catching():
        figures.heading(terms.say("The brief"))
        drafts = room.drafts()
        names = room.called(drafts) if len(drafts) else {}
        worked = drafts.sort_values("last_at", ascending=False, kind="stable", na_position="last")["draft_id"]
        first = list(names).index(worked.iloc[0]) if names else 0  # the one that was worked on last
        chosen = (
            st.selectbox(
                terms.say("Draft the maps are of"), list(names), first, format_func=names.__getitem__, key="brief-draft"
            )
            if names
            else None
        )
        job = f"brief-{at}-{chosen}-{terms.language()}"
        if st.button(terms.say("Write the brief"), type="primary", key="brief-write"):
            guard.require("export")
            jobs.registry().start(job, lambda report: reports.word(brief(at, chosen, report)))
        if done := progress.ended(job):
            st.session_state["brief"] = (at, terms.language(), done.result)
        ready = st.session_state.get("brief")
        if ready and ready[:2] == (at, terms.language()):
            held = next(numbers.day(row["held_on"]) for row in listed.to_dict("records") if row["meeting_id"] == at)
            guard.download(
                terms.say("Download the brief (Word)"), ready[2], file_name=f"{terms.say('Meeting minutes')} {held}.docx",
                key="brief-file",
            )  # fmt: skip


def brief(meeting: str, draft: str | None, report: Progress) -> reports.Brief:
    """Put the brief of a meeting together: who met, what was decided, maps before and after, what changed, what is open.

    report may raise to stop.
    """
    db = district.db()
    row = {one["meeting_id"]: one for one in db.meetings().to_dict("records")}[meeting]
    decided, asked = db.decisions(meeting=meeting), db.open_questions(meeting=meeting)
    opening = terms.say("On {day} the meeting “{title}” was held{place}.", day=numbers.day(row["held_on"]), title=row["title"],
                        place=terms.say(" at {place}", place=row["place"]) if row["place"] else "")  # fmt: skip
    people = [
        terms.say("Chair: {names}.", names=row["chair"]) if row["chair"] else "",
        terms.say("Present: {names}.", names=row["present"]) if row["present"] else "",
    ]
    sections = [
        reports.Section(terms.say("The meeting"), [opening, *(line for line in people if line)]),
        _decided(decided),
        *([] if draft is None else _change(draft, report)),
        reports.Section(
            terms.say("Open questions"), [_question(one) for one in asked.to_dict("records")] or [terms.say("None.")]
        ),
    ]
    return reports.Brief(
        organ=district.home().name, title=terms.say("Minutes: {title}", title=row["title"]), made_at=store.now(),
        scope=numbers.day(row["held_on"]), mark=terms.say("Demo data") if district.is_demo() else "", sections=sections,
        notes=[terms.say("All places and figures are fictional demo data.")] if district.is_demo() else (),
    )  # fmt: skip


def _decided(decided: pd.DataFrame) -> reports.Section:
    if decided.empty:
        return reports.Section(terms.say("Decisions"), [terms.say("Nothing was decided.")])
    said = terms.say("The meeting decided on {n:# place|# places} on which the departments disagree.", n=len(decided))
    lines = [
        terms.say(
            "{n}. {place}: {verdict}. {what}{votes}",
            n=number,
            place=one["subject"],
            verdict=words.called(one["verdict"], disputes.VERDICTS),
            what="".join(
                f"{one[name]}. " if terms.language() == "en" else f"{one[name]}。"
                for name in ("alternative", "reason")
                if one[name]
            ),
            votes=disputes.voted(one),
        )
        for number, one in enumerate(decided[::-1].to_dict("records"), start=1)
    ]
    listed = reports.Table(terms.say("Decisions"), _decisions(decided[::-1]))
    return reports.Section(terms.say("Decisions"), [said, *(" ".join(line.split()) for line in lines)], tables=[listed])


def _change(draft: str, report: Progress) -> list[reports.Section]:
    """Say how a draft changes the grids: maps before and after of each street concerned, and the table of grids."""
    db = district.db()
    report(terms.key("Putting the streets together"), 0.05)
    plan = publishing.compose(draft)
    row = room.known(draft)
    table = plan.changes
    if table.empty:
        return [reports.Section(terms.say("How the grids change"), [terms.say("The draft changes no grid.")])]
    said = terms.say(
        "The draft “{name}” changes {old} of the grids in force into {new}.",
        name=row["name"], old=table["old_grid"].nunique(), new=table["new_grid"].nunique(),
    )  # fmt: skip
    before = db.areas("grid", version=int(row["base_version"]))
    after = plan.grids.rename(columns={"grid_code": "code", "weight": "households"}).to_crs(crs.STORED)
    names = tables.names("street")
    pictures = []
    concerned = sorted({code[: codes.STREET] for code in table["new_grid"]})
    for number, street in enumerate(concerned):
        report(terms.key("Drawing the maps"), 0.4 + 0.5 * number / len(concerned))
        pair = [(terms.say("before"), before, "old_grid"), (terms.say("after"), after, "new_grid")]
        for when, grids, column in pair:
            marked = {code for code in table[column] if code.startswith(street)}
            title = terms.say("{street} {when}", street=names.get(street, street), when=when)
            pictures.append(_picture(grids, marked, title))
    listed = reports.Table(terms.say("Old and new grids"), publishing.spoken(table))
    return [reports.Section(terms.say("How the grids change"), [said], pictures=pictures, tables=[listed])]


def _picture(grids: gpd.GeoDataFrame, marked: set[str], title: str) -> bytes:
    """Draw the grids around some of them, those coloured, each with its number and households."""
    west, south, east, north = grids[grids["code"].isin(marked)].total_bounds
    wide, high = 0.35 * max(east - west, 0.004), 0.35 * max(north - south, 0.004)
    focus = (west - wide, south - high, east + wide, north + high)
    across, down = east - west + 2 * wide, north - south + 2 * high  # a picture is wider, or higher, than what it is to show
    near = grids.cx[focus[0] - across : focus[2] + across, focus[1] - down : focus[3] + down]
    said = [f"{code[-3:]} · {numbers.count(held)}" for code, held in zip(near["code"], near["households"], strict=True)]
    named, changed = near.assign(name_zh=said), near["code"].isin(marked)
    kinds = [terms.say("unchanged"), terms.say("changed")]
    scale = replace(
        maps.scale_for([], meaning="kind", title=terms.say("Grids"), names=kinds, theme="light"), colours=(QUIET, MARKED)
    )
    values = pd.Series(changed.astype(int).to_numpy(), index=near["code"])
    areas = maps.area_layer(near, level="grid", labels=0)
    lines = [
        maps.outline(part, width=1.6, labels=15) for part in (named[changed], named[~changed]) if len(part)
    ]  # whose names first
    return maps.picture(
        atlas.base(chrome.demo(), theme="light"), maps.repaint(areas, values, scale, outlines=lines, focus=focus), title=title
    )


def _decisions(decided: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            terms.say("Place"): decided["subject"],
            terms.say("Decision"): [words.called(verdict, disputes.VERDICTS) for verdict in decided["verdict"]],
            terms.say("Substance and reason"): [
                " ".join(str(part) for part in pair if part)
                for pair in zip(decided["alternative"], decided["reason"], strict=True)
            ],
            terms.say("Votes"): [_votes(row) for row in decided.to_dict("records")],
            terms.say("Decided by"): decided["decided_by"],
        }
    )


def _votes(row: Mapping[Hashable, Any]) -> str:
    parts = [row["votes_for"], row["votes_against"], row["abstained"]]
    if all(pd.isna(part) for part in parts):
        return ""
    return " : ".join(str(0 if pd.isna(part) else int(part)) for part in parts)


def _question(row: Mapping[Hashable, Any]) -> str:
    due = terms.say(", by {day}", day=numbers.day(row["due_on"])) if pd.notna(row["due_on"]) else ""
    who = terms.say(" — {who}{due}", who=row["answerer"], due=due) if row["answerer"] else due
    return f"{row['question']}{who}"


def _begin() -> None:
    title = st.text_input(terms.say("Title"), key="meeting-title")
    on = st.date_input(terms.say("Held on"), value=store.now().date(), key="meeting-day")
    place = st.text_input(terms.say("Place of the meeting"), key="meeting-place")
    chair = st.text_input(terms.say("Chair"), key="meeting-chair")
    present = st.text_input(terms.say("Present"), key="meeting-present")
    if st.button(terms.say("Open the meeting"), type="primary", key="meeting-open"):
        with messages.catching():
            with guard.acting("meet", title) as actor:
                district.db().hold_meeting(title, on, place=place, chair=chair, present=present, by=actor.name)
            st.rerun()


def _ask(meeting: str) -> None:
    asked = st.session_state.setdefault("question-asked", 0)  # the fields are emptied by being others

    def keep() -> None:
        question, who, due = (st.session_state[f"question-{name}-{asked}"] for name in ("text", "who", "due"))
        with guard.acting("meet", question[:200]) as actor:
            district.db().ask_later(question, meeting=meeting, answerer=who, due=due, by=actor.name)
        st.session_state["question-asked"] = asked + 1

    deeds.hindered()
    with st.form("open-question", border=True):
        st.text_input(terms.say("Open question"), key=f"question-text-{asked}")
        first, second = st.columns(2)
        first.text_input(terms.say("Who answers"), key=f"question-who-{asked}")
        second.date_input(terms.say("Answer due on"), value=None, key=f"question-due-{asked}")
        st.form_submit_button(terms.say("Note the question"), on_click=deeds.deed(keep))
