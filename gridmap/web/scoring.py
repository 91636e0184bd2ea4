"""Two-way assessment on a page: both directions beside each other, the indicators as evidence, and the form of a score."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from gridmap import kpi, terms
from gridmap.cases import assessment
from gridmap.web import catalogue, district, figures, guard, messages, numbers, tables


def period() -> str | None:
    """Draw the choice of the period; none while there are no scores."""
    known = assessment.periods(district.db())
    chosen: str | None = st.selectbox(terms.say("Period"), known, label_visibility="collapsed", width=200) if known else None
    return chosen


def show(period: str | None) -> None:
    """Draw the scores of a period in both directions, their weights, the evidence and the form."""
    db = district.db()
    weights = assessment.weights(db)
    figures.strip(
        figures.Figure(
            terms.say("Weight: {direction}", direction=terms.say(name)),
            messages.unset() if weights[direction] is None else numbers.rate(weights[direction]),
        )
        for direction, name in assessment.DIRECTIONS.items()
    )
    left, right = st.columns(2, gap="medium")
    for column, direction in ((left, "down"), (right, "up")):
        with column:
            _direction(period, direction)
    if guard.may("settings"):
        _form(period or "")


def _direction(period: str | None, direction: str) -> None:
    figures.heading(terms.say(assessment.DIRECTIONS[direction]), terms.say("Σ weight × score"))
    if period is None:
        messages.empty(terms.say("No scores yet."))
        return
    found = assessment.scores(district.db(), period, direction)
    shown = pd.DataFrame(
        {
            terms.say("Scored"): found["assessee_id"].map(_named),
            terms.say("Score"): [f"{v:.1f}" if v == v else messages.unset() for v in found["score"]],  # noqa: PLR0124  missing
            terms.say("Mean, without weights"): [f"{v:.1f}" if v == v else "" for v in found["mean"]],  # noqa: PLR0124  missing
            terms.say("Items"): found["items"],
        }
    )
    tables.show(shown, key=f"scores-{direction}", height=330)
    with st.expander(terms.say("Evidence: indicators")):
        group = "street_code" if direction == "down" else "grp"
        for name in assessment.EVIDENCE[direction]:
            rows = kpi.run(district.db(), name, by=(group,))
            figures.heading(kpi.indicators()[name].name())
            figures.rows(
                [
                    (_named(str(row[group])), numbers.rate(row["value"], n=row["n"]), False)
                    for row in rows.to_dict("records")
                    if row[group]
                ]
            )


def _named(code: str) -> str:
    return tables.names("street").get(code) or catalogue.departments().get(code, code)


def _form(period: str) -> None:
    with st.expander(terms.say("Enter a score")), st.form("score"):
        direction = st.selectbox(
            terms.say("Direction"), list(assessment.DIRECTIONS), format_func=lambda one: terms.say(assessment.DIRECTIONS[one])
        )
        streets, depts = tables.names("street"), catalogue.departments()
        everyone = {**streets, **depts}
        asked = st.text_input(terms.say("Period"), value=period)
        assessor = st.selectbox(terms.say("Assessor"), list(everyone), format_func=everyone.__getitem__)
        assessee = st.selectbox(terms.say("Scored"), list(everyone), format_func=everyone.__getitem__)
        item = st.text_input(terms.say("Item"))
        score = st.number_input(terms.say("Score"), 0.0, 100.0, 85.0)
        weight = st.number_input(terms.say("Weight (empty: not set)"), 0.0, 100.0, None)
        if st.form_submit_button(terms.say("Write down"), type="primary"):
            with messages.catching(), guard.acting("settings", f"assessment {assessee} {item}"):
                assessment.put(
                    district.db(),
                    period=asked,
                    direction=direction,
                    assessor=assessor,
                    assessee=assessee,
                    item=item,
                    score=score,
                    weight=weight,
                )
                st.toast(terms.say("Written down."), icon=":material/check:")
