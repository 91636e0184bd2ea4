"""Every version of a department's layer: who sent it, what it changed, and the way back to the one before."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from gridmap import terms, uploads
from gridmap.web import district, figures, guard, messages, session, tables, upload_maps, upload_steps, uploading


def versions() -> None:
    """Draw a department's versions, the difference the chosen one made, and the way back."""
    db = district.db()
    keys = uploads.departments(db.layer_keys())
    chosen: str = st.segmented_control(
        terms.say("Department"),
        keys,
        default=keys[0],
        format_func=uploading.department,
        required=True,
        key="layers-department",
        label_visibility="collapsed",
    )
    listed = db.layer_versions(chosen).iloc[::-1].reset_index(drop=True)
    if listed.empty:
        messages.empty(
            terms.say("No department's layer has been loaded yet."),
            terms.say("Send its boundary file under “{view}”.", view=terms.say("Boundary files")),
        )
        return
    number = int(listed["version"].iloc[st.session_state.get(f"row-{chosen}") or 0])
    found = uploads.stored_changes(db, chosen, number)
    upload_steps.difference_figures(found)
    left, right = st.columns([7, 5], gap="medium")
    with right:
        figures.heading(terms.say("Versions"), terms.say("nothing is ever overwritten"))
        again = listed["restored_from"].map(
            lambda version: "" if pd.isna(version) else terms.say("version {n} again", n=int(version))
        )
        shown = pd.DataFrame(
            {
                terms.say("Version"): listed["version"],
                terms.say("Grids"): listed["grids"],
                terms.say("Sent as"): listed["source"],
                terms.say("By"): listed["who"].fillna(""),
                terms.say("Stored at"): listed["saved_at"],
                terms.say("Note"): [
                    " ".join(filter(None, pair)) for pair in zip(again, listed["note"].fillna(""), strict=True)
                ],
            }
        )
        row = tables.show(shown, key=f"versions-{chosen}", height=tables.fitted(len(shown), 300), pick=True)
        if row != st.session_state.get(f"row-{chosen}"):
            st.session_state[f"row-{chosen}"] = row
            st.rerun()
        if guard.may("layer") and st.button(terms.say("Go back to the version before"), disabled=len(listed) < 2):
            _rollback(chosen)
        picked = upload_steps.difference(found, key=f"changes-{chosen}-{number}")
    with left:
        figures.legend(terms.say("Version {n} on the map", n=number), upload_steps.legend())
        upload_maps.changes(found, db.layer(chosen, number), picked)


def _rollback(department: str) -> None:
    @session.dialog(terms.say("Go back to the version before?"))
    def ask() -> None:
        st.write(
            terms.say(
                "The grids of {department} become those of the version before again, as a new version; nothing is erased.",
                department=uploading.department(department),
            )
        )
        if st.button(terms.say("Go back"), type="primary"):
            with messages.catching():
                with guard.acting("layer", department) as who:
                    district.db().rollback_layer(department, by=who.name)
                st.session_state.pop(f"row-{department}", None)
                st.rerun()

    ask()
