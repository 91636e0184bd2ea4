"""Versions of the grids: chosen to look at, put into force, taken back. Nothing published is ever overwritten."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from gridmap import terms
from gridmap.web import district, guard, messages, session, tables, version_record, words


def choose() -> int | None:
    """Draw the choice of a version, the newest first; None when there is none yet."""
    listed = district.db().versions()
    if listed.empty:
        messages.empty(
            terms.say("Nothing has been merged yet."), terms.say("Press “Merge now” to merge the layers that were sent.")
        )
        return None
    states = dict(zip(listed["version"], listed["status"], strict=True))
    options = list(states)[::-1]
    chosen: int = st.selectbox(
        terms.say("Version"),
        options,
        format_func=lambda version: terms.say(
            "Version {n} · {state}", n=version, state=words.called(states[version], words.VERSIONS)
        ),
        label_visibility="collapsed",
        width=320,
    )
    return chosen


def other() -> int | None:
    """Draw the choice of a version to set beside the one in force; None when there is no other."""
    listed = district.db().versions()
    options = listed[listed["version"] != district.db().version_now()]["version"].tolist()[::-1]
    if not options:
        st.caption(terms.say("There is no other version yet."))
        return None
    states = listed.set_index("version")["status"]
    chosen: int = st.selectbox(
        terms.say("Version"),
        options,
        format_func=lambda version: terms.say(
            "Version {n} · {state}", n=version, state=words.called(states[version], words.VERSIONS)
        ),
        key="other-version",
    )
    return chosen


def table() -> None:
    """Draw the versions with what can be done to each: publish one, or go back to the one before."""
    db = district.db()
    listed = db.versions()
    if listed.empty:
        messages.empty(
            terms.say("Nothing has been merged yet."), terms.say("Press “Merge now” to merge the layers that were sent.")
        )
        return
    shown = tables.versions(listed)
    row = tables.show(shown, key="versions", height=36 * (min(len(shown), 12) + 1) + 4, pick=True)
    chosen = None if row is None else int(shown.iloc[row][terms.say("Version")])
    state = None if chosen is None else listed.set_index("version").loc[chosen, "status"]
    with st.container(horizontal=True):
        if st.button(
            terms.say("Publish the chosen version"), type="primary", disabled=chosen is None or bool(state == "published")
        ):
            _publish(chosen)
        if st.button(terms.say("Go back to the version before"), disabled=int(pd.notna(listed["valid_from"]).sum()) < 2):
            _rollback()
    if chosen is None:
        st.caption(terms.say("Choose a version in the table to publish it, or to see its conflicts and its filing."))
    else:
        version_record.show(chosen, listed[listed["version"] == chosen].to_dict("records")[0])


def _publish(version: int | None) -> None:
    if version is None:
        return

    @session.dialog(terms.say("Publish version {n}?", n=version))
    def ask() -> None:
        st.write(
            terms.say(
                "From now on all pages show these grids and count every incident in its new grid. The version before is kept."
            )
        )
        if st.button(terms.say("Publish"), type="primary"):
            with messages.catching(), st.spinner(terms.say("Publishing …")):
                with guard.acting("publish", f"version {version}") as who:
                    district.db().publish(version, by=who.name)
                st.rerun()

    ask()


def _rollback() -> None:
    @session.dialog(terms.say("Go back to the version before?"))
    def ask() -> None:
        st.write(terms.say("The version in force is withdrawn and kept; the one before it is put back."))
        if st.button(terms.say("Go back"), type="primary"):
            with messages.catching(), st.spinner(terms.say("Publishing …")):
                with guard.acting("publish", "the version before") as who:
                    district.db().rollback(by=who.name)
                st.rerun()

    ask()
