"""Whistles, mediations and supervision on pages: who was called and came, what was settled where, what was looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import store, terms
from gridmap.cases import checking, mediation, reasons, whistles
from gridmap.errors import GridmapError
from gridmap.terms import key
from gridmap.web import case_card, case_form, catalogue, district, figures, guard, messages, numbers, session, tables, words

if TYPE_CHECKING:
    from datetime import datetime

    from gridmap.cases import Hand

DAYS = 90
LEVELS = {"community": key("Settled in the community"), "street": key("Settled in the street")}
LEVELS |= {"district": key("Settled in the district"), "petition": key("Petition upward")}


def period() -> tuple[datetime, datetime]:
    """Give the quarter up to now."""
    end = store.now() + timedelta(seconds=1)
    return end - timedelta(days=DAYS), end


ALL = 1_000_000
"""More calls than are ever open at once: they are counted, not listed."""


def board(place: str) -> None:
    """Draw the open whistles, and the departments by how they answered in the last quarter."""
    db, now = district.db(), store.now()
    ranked = whistles.ranking(db, place, *period())
    silent = whistles.unanswered(db, place)
    judged, in_time = ranked["judged"].sum(), ranked["in_time"].sum()
    figures.strip(
        [
            figures.Figure(terms.say("Open calls"), numbers.count(len(whistles.calls(db, place, limit=ALL)))),
            figures.Figure(terms.say("Unanswered"), numbers.count(len(silent)), alert=len(silent) > 0),
            figures.Figure(terms.say("Calls in 90 days"), numbers.count(ranked["called"].sum())),
            figures.Figure(
                terms.say("Came in time"),
                numbers.rate(in_time / judged if judged else None, n=judged) if judged else messages.unset(),
                note=terms.say("of {n} calls with a limit", n=numbers.count(judged)),
            ),
        ]
    )
    left, right = st.columns([6, 5], gap="medium")
    with left:
        figures.heading(terms.say("Unanswered calls"), terms.say("oldest first"))
        _calls(silent if len(silent) else whistles.calls(db, place), now)
    with right:
        figures.heading(terms.say("Departments"), terms.say("90 days, the most called first"))
        _ranked(ranked)


def _calls(frame: pd.DataFrame, now: datetime) -> None:
    if frame.empty:
        messages.empty(terms.say("No whistle is open."))
        return
    waited = (now - frame["blown_at"]).map(numbers.lasting)
    shown = pd.DataFrame(
        {
            terms.say("Department"): frame["dept_id"].map(catalogue.dept),
            terms.say("Community"): frame["community_code"].map(tables.names("community")),
            terms.say("Kind of whistle"): frame["reason"].map(lambda code: words.called(code, reasons.WHISTLES)),
            terms.say("Required by"): frame["required_by"],
            terms.say("Waiting"): waited,
            terms.say("Case"): frame["incident_id"],
        }
    )
    row = tables.show(shown, key="whistle-calls", height=430, pick=True)
    if row is not None:
        session.put(case=str(frame.iloc[row]["incident_id"]))


def _ranked(frame: pd.DataFrame) -> None:
    shown = pd.DataFrame(
        {
            terms.say("Department"): frame["dept_id"].map(catalogue.dept),
            terms.say("Called"): frame["called"],
            terms.say("Came"): frame["came"],
            terms.say("In time"): [numbers.rate(v, n=n) for v, n in zip(frame["on_time"], frame["judged"], strict=True)],
            terms.say("Minutes, median"): frame["minutes"].round(),
            terms.say("Rating"): frame["rating"].round(1),
        }
    )
    tables.show(shown, key="whistle-ranking", height=430)


def disputes(place: str) -> None:
    """Draw the pyramid of where disputes were settled, the three mediations and those under way."""
    db = district.db()
    heights = mediation.pyramid(db, place, *period())
    whole = sum(heights.values())
    kinds = mediation.results(db, place, *period())
    left, right = st.columns([5, 6], gap="medium")
    with left:
        figures.heading(terms.say("Where disputes ended"), terms.say("90 days, {n} closed", n=numbers.count(whole)))
        figures.meters(
            figures.Meter(
                terms.say(LEVELS[level]),
                numbers.rate(n / whole if whole else None),
                n / whole if whole else None,
                numbers.count(n),
            )
            for level, n in heights.items()
        )
        figures.heading(terms.say("Helpers"))
        helpers = mediation.results(db, place, *period(), by="helper_kind")
        figures.rows(
            [
                (
                    words.called(row["helper_kind"], case_form.HELPERS) or terms.say("without a helper"),
                    numbers.count(row["ended"]),
                    False,
                )
                for row in helpers.to_dict("records")
            ]
        )
    with right:
        figures.heading(terms.say("Three mediations"), terms.say("agreed of ended"))
        figures.meters(
            figures.Meter(
                words.called(row["kind"], reasons.MEDIATION),
                numbers.rate(row["agreed"] / row["ended"], n=row["ended"]),
                row["agreed"] / row["ended"],
                terms.say("{agreed} of {ended}", agreed=numbers.count(row["agreed"]), ended=numbers.count(row["ended"])),
            )
            for row in kinds.to_dict("records")
        )
        venues = mediation.results(db, place, *period(), by="venue")
        figures.heading(terms.say("Venues"))
        figures.rows(
            [
                (words.called(row["venue"], case_form.VENUES), numbers.count(row["ended"]), False)
                for row in venues.to_dict("records")
            ]
        )
    figures.heading(terms.say("Mediations under way"))
    open_now = mediation.running(db, place)
    shown = pd.DataFrame(
        {
            terms.say("Case"): open_now["incident_id"],
            terms.say("Matter"): open_now["matter_code"].map(catalogue.matter),
            terms.say("Community"): open_now["community_code"].map(tables.names("community")),
            terms.say("Kind of mediation"): open_now["kind"].map(lambda code: words.called(code, reasons.MEDIATION)),
            terms.say("Venue"): open_now["venue"].map(lambda code: words.called(code, case_form.VENUES)),
            terms.say("Since"): open_now["started_at"],
        }
    )
    tables.show(shown, key="mediations", height=260)


def supervision(hand: Hand) -> None:
    """Draw what residents said, the spot checks to make, and those made."""
    db = district.db()
    said = checking.satisfaction(db, hand.territory, *period())
    done = checking.listed(db, hand.territory, done=True)
    figures.strip(
        [
            figures.Figure(
                terms.say("Closed, reported by residents"), numbers.count(said["closed"]), note=terms.say("90 days")
            ),
            figures.Figure(
                terms.say("Called back"),
                _rate(said["called"], said["closed"]),
            ),
            figures.Figure(
                terms.say("Solved"),
                _rate(said["resolved"], said["called"]),
                note=terms.say("of {n} called back", n=numbers.count(said["called"])),
            ),
            figures.Figure(
                terms.say("Satisfied"),
                _rate(said["satisfied"], said["called"]),
            ),
            figures.Figure(terms.say("Spot checks passed"), f"{int((done['passed'] == True).sum())} / {len(done)}"),  # noqa: E712  may be NA
        ]
    )
    checks(hand)


def checks(hand: Hand) -> None:
    """Draw the sample to be looked at again and the form of its result."""
    db = district.db()
    with st.expander(terms.say("Spot checks")):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            count = int(st.number_input(terms.say("How many"), 1, 50, 10, width=140))
            if st.button(terms.say("Draw a sample")):
                with guard.acting("case_supervise", f"sample of {count}", code=hand.territory):
                    drawn = checking.draw(db, hand.territory, count)
                st.toast(terms.say("{n} cases were drawn.", n=drawn))
        found = checking.listed(db, hand.territory)
        for row in found.head(20).to_dict("records"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    f"{row['title_zh']} · {numbers.moment(row['closed_at'])}",
                    key=f"look-{row['check_id']}",
                    type="tertiary",
                    on_click=case_card.choose,
                    args=(row["incident_id"],),
                )
                st.space("stretch")
                for passed, label in ((True, terms.say("Passed")), (False, terms.say("Failed check"))):
                    st.button(label, key=f"{passed}-{row['check_id']}", on_click=_result, args=(hand, row["check_id"], passed))
        if found.empty:
            messages.empty(terms.say("No sample is drawn."))


def _result(hand: Hand, check_id: str, passed: bool) -> None:
    try:
        with guard.acting("case_supervise", f"spot check {check_id}", code=hand.territory):
            checking.result(district.db(), hand, check_id, passed=passed)
    except GridmapError as error:
        st.toast(error.sentence())


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _rate(part: float, whole: float) -> str:
    return numbers.rate(_share(part, whole), n=whole)
