"""Merge 网格融合: from the departments' layers to one set of all-subject grids, step by step; run, publish, go back."""

import streamlit as st

from gridmap import terms
from gridmap.terms import key
from gridmap.web import (
    district,
    figures,
    guard,
    jobs,
    merge_before,
    merge_prices,
    merge_views,
    merging,
    messages,
    progress,
    versions,
)

VIEWS = {
    "layers": key("Departments' layers"),
    "disagreements": key("Disagreements"),
    "faults": key("Faults"),
    "plan": key("The plan"),
    "checks": key("Checks"),
    "crosswalk": key("Old to new"),
    "prices": key("Price list"),
    "versions": key("Versions"),
}

db, folder = district.db(), district.folder()
with st.container(horizontal=True, vertical_alignment="center", key="bar"):
    figures.place(terms.say("Merge of the grids"))
    st.space("stretch")
    view = st.segmented_control(
        terms.say("View"),
        list(VIEWS),
        default="layers",
        format_func=lambda name: terms.say(VIEWS[name]),
        required=True,
        key="view",
        label_visibility="collapsed",
        persist_state="session",
    )
    running = jobs.registry().latest(jobs.MERGE)
    if st.button(terms.say("Merge now"), type="primary", disabled=running is not None and running.state == "running"):
        guard.require("merge")
        guard.note("merge", "source", "started")
        jobs.registry().start(jobs.MERGE, lambda report: merging.run(folder, db, report))
        st.rerun()
progress.bar(jobs.MERGE, done=lambda job: terms.say("The merge is done: version {version} is a draft.", version=job.result))

found = merging.results()
with messages.catching():
    if view == "layers":
        merge_before.layers(found)
    elif view == "versions":
        versions.table()
    elif view == "prices":
        merge_prices.prices()
    elif view == "plan":
        version = versions.choose()
        if version is not None:
            merge_views.plan(version, found)
    elif found is not None and view == "faults":
        merge_views.faults()
    elif found is None:
        messages.empty(
            terms.say("Nothing has been merged yet."), terms.say("Press “Merge now” to merge the layers that were sent.")
        )
    else:
        shown = {"disagreements": merge_before.disagreements, "checks": merge_views.checks, "crosswalk": merge_views.crosswalk}
        shown[view](found)
