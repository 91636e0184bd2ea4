"""What the page shows at each step of a boundary file but the second: begin, findings, cleaning, store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import intake, terms, uploads
from gridmap.intake import CHECKS
from gridmap.web import (
    district,
    figures,
    findings_list,
    merge_views,
    messages,
    numbers,
    tables,
    upload_maps,
    upload_reading,
    uploading,
    words,
)

if TYPE_CHECKING:
    from gridmap.uploads import Upload

OTHER = "other"


def begin() -> None:
    """Draw the form that takes a file in, and beside it the uploads that were begun."""
    left, right = st.columns([5, 6], gap="large")
    with left:
        figures.heading(terms.say("Send a boundary file"))
        keys = uploads.departments(district.db().layer_keys())
        chosen = st.selectbox(
            terms.say("Department"),
            [*keys, OTHER],
            format_func=lambda name: terms.say("Another department …") if name == OTHER else uploading.department(name),
            key="upload-department",
        )
        if chosen == OTHER:
            chosen = st.text_input(terms.say("Short name in Latin letters"), key="upload-other", placeholder="xiaofang").strip()
        files = uploading.files(
            "upload-files",
            terms.say(
                "Shapefile as .zip or its parts together, GeoPackage, GeoJSON, KML/KMZ, FlatGeobuf, GeoParquet, CSV, DXF."
            ),
        )
        if st.button(terms.say("Read the file"), type="primary", disabled=not files or not chosen):
            with messages.catching():
                uploading.begin(files, chosen)
                st.rerun()
    with right:
        _begun()


def _begun() -> None:
    listed = uploading.shelf().all()
    figures.heading(terms.say("Uploads so far"), terms.say("each can be left and resumed"))
    if not listed:
        messages.empty(
            terms.say("No file has been sent yet."), terms.say("A department's boundary file begins its walk on the left.")
        )
        return
    shown = pd.DataFrame(
        {
            terms.say("File"): [one.file for one in listed],
            terms.say("Department"): [uploading.department(one.department) for one in listed],
            terms.say("Step"): [
                terms.say("Not read") if one.step == "file" else terms.say(uploads.STEPS[one.step]) for one in listed
            ],
            terms.say("By"): [one.by for one in listed],
            terms.say("Last worked on"): [one.changed_at for one in listed],
        }
    )
    row = tables.show(shown, key="uploads", height=tables.fitted(len(shown), 420), pick=True)
    with st.container(horizontal=True):
        if st.button(terms.say("Go on with it"), disabled=row is None, type="primary") and row is not None:
            uploading.go(listed[row])
            st.rerun()
        if st.button(terms.say("Throw it away"), disabled=row is None) and row is not None:
            with messages.catching():
                uploading.drop(listed[row])
                st.rerun()


def file(upload: Upload) -> None:
    """Draw what there is when a file could not be opened: read it again, or another one."""
    messages.empty(terms.say("The file has not been read."), terms.say("Read it again, or go back and send another one."))
    with st.container(horizontal=True):
        if st.button(terms.say("Send another file"), type="primary"):
            uploading.go(None)
            st.rerun()
        if st.button(terms.say("Read it again")):
            uploading.look(upload)
            st.rerun()


def findings(upload: Upload) -> None:
    """Draw everything that is wrong: figures, the twelve checks, the list beside the map, and the files for the department."""
    found, made = findings_list.read(upload)
    path = uploading.shelf().path(upload, upload.layer)
    layer = uploads.table(uploading.shelf(), upload, upload.layer)
    m2 = {kind: sum(one.size or 0.0 for one in found if one.kind == kind) for kind in ("overlap", "gap")}
    count = {severity: sum(one.severity == severity for one in found) for severity in words.SEVERITIES}
    figures.strip(
        [
            figures.Figure(terms.say("Grids"), numbers.count(len(layer))),
            figures.Figure(terms.say("Errors"), numbers.count(count["error"]), alert=count["error"] > 0),
            figures.Figure(terms.say("Warnings"), numbers.count(count["warning"])),
            figures.Figure(terms.say("Remarks"), numbers.count(count["note"])),
            figures.Figure(terms.say("Overlaps"), numbers.area(m2["overlap"])),
            figures.Figure(terms.say("Gaps"), numbers.area(m2["gap"])),
        ]
    )
    figures.checks(
        [
            (
                number,
                terms.say(title),
                None if number not in made else sum(intake.times(one) for one in found if one.kind in kinds),
            )
            for number, (title, kinds) in CHECKS.items()
        ]
    )
    left, right = st.columns([7, 6], gap="medium")
    with right:
        kinds = findings_list.choose(upload, found)
        picked = findings_list.table(upload, findings_list.listed(upload, kinds))
        findings_list.exports(upload, found)
        if st.button(terms.say("Clean the layer"), type="primary", width="stretch"):
            uploading.clean(upload)
            st.rerun()
        _back(upload, "read", terms.say("Read it differently"))
    with left:
        upload_maps.findings(upload, path, kinds, picked)


def cleaned(upload: Upload) -> None:
    """Draw the layer before and after cleaning with a divider, and the log of what was changed."""
    place = uploading.shelf()
    before, after = (uploads.table(place, upload, name) for name in (upload.layer, uploads.CLEANED))
    edits = uploads.table(place, upload, uploads.EDITS)
    moved = _moved(edits)
    area = {name: float(edits.loc[edits["what"] == name, "area_m2"].sum()) for name in ("given", "closed", "cut")}
    figures.strip(
        [
            figures.Figure(
                terms.say("Grids"), numbers.count(len(after)), note=terms.say("{n} as sent", n=numbers.count(len(before)))
            ),
            figures.Figure(terms.say("Changed"), numbers.count(int(before.index.astype(str).isin(moved.index).sum()))),
            figures.Figure(terms.say("Overlaps settled"), numbers.area(area["given"])),
            figures.Figure(terms.say("Gaps closed"), numbers.area(area["closed"])),
            figures.Figure(terms.say("Cut at the district's border"), numbers.area(area["cut"])),
        ]
    )
    log = edits.sort_values("area_m2", ascending=False).reset_index(drop=True)
    left, right = st.columns([7, 5], gap="medium")
    with right:
        figures.heading(terms.say("What cleaning did"), terms.say("{n:# place|# places}", n=numbers.count(len(log))))
        shown = pd.DataFrame(
            {
                terms.say("What was done"): log["what"].map(lambda what: words.called(what, merge_views.EDITS)),
                terms.say("Grid"): log["id"].fillna("").astype(str),
                terms.say("Now in"): log["to"].fillna("").astype(str),
                terms.say("m²"): log["area_m2"].round(1),
                terms.say("Why"): log["why"].map(terms.say),
            }
        )
        row = tables.show(shown, key=f"edits-{upload.id}", height=430, pick=True)
        if st.button(terms.say("Compare with the last version"), type="primary", width="stretch"):
            uploading.go(upload, "stored")
            st.rerun()
        _back(upload, "findings", terms.say("Back to the findings"))
    with left:
        focus = None if row is None else upload_maps.around(log.iloc[[row]])
        upload_maps.swipe(place.path(upload, upload.layer), place.path(upload, uploads.CLEANED), moved, focus)


def _moved(edits: pd.DataFrame) -> pd.Series:
    """Add up by grid the ground that cleaning gave it or took from it, m²."""
    real = edits[~edits["what"].isin(["left", "kept", "repaired"])]
    sides = [real[["id", "area_m2"]], real[real["to"] != real["id"]][["to", "area_m2"]].rename(columns={"to": "id"})]
    both = pd.concat(sides).dropna(subset=["id"])
    m2: pd.Series = both["area_m2"].groupby(both["id"].astype(str)).sum()
    return m2


def stored(upload: Upload) -> None:
    """Draw what the new version changes against the last, before it is stored and after."""
    db = district.db()
    if upload.version is None:
        frame = uploads.table(uploading.shelf(), upload, uploads.CLEANED)
        found = uploads.changes(db, upload.department, frame)
    else:
        found = uploads.stored_changes(db, upload.department, upload.version)
        frame = db.layer(upload.department, upload.version)
        name = uploading.department(upload.department)
        said = terms.say("Nothing had changed: it is version {n} of {department} as before.", n=upload.version, department=name)
        if not upload.unchanged:
            said = terms.say("Stored as version {n} of {department}.", n=upload.version, department=name)
        st.success(said, icon=":material/check_circle:")
    difference_figures(found)
    left, right = st.columns([7, 5], gap="medium")
    with right:
        picked = difference(found, key=f"diff-{upload.id}")
        if upload.version is None:
            note = st.text_input(
                terms.say("Note"), key=f"note-{upload.id}", placeholder=terms.say("what this version is about")
            )
            number = (found.old or 0) + 1
            if st.button(terms.say("Store as version {n}", n=number), type="primary", width="stretch"):
                with messages.catching():
                    uploading.keep(upload, note)
                    st.rerun()
            _back(upload, "cleaned", terms.say("Back to the cleaning"))
        elif st.button(terms.say("Send another file"), type="primary", width="stretch"):
            uploading.go(None)
            st.rerun()
    with left:
        figures.legend(terms.say("Legend"), legend())
        upload_maps.changes(found, frame, picked)


def legend() -> dict[str, str]:
    """Give what the colours of a difference mean."""
    return {upload_maps.colour(name): terms.say(text) for name, text in words.CHANGES.items()}


def difference_figures(found: uploads.Changes) -> None:
    """Draw a difference between two versions in figures."""
    before = terms.say("{n} before", n=numbers.count(found.before))
    figures.strip(
        [
            figures.Figure(terms.say("Grids"), numbers.count(found.after), note=before),
            *(figures.Figure(terms.say(words.CHANGES[name]), numbers.count(found.count(name))) for name in words.CHANGES),
            figures.Figure(terms.say("Ground that changed hands"), numbers.area(found.moved_m2)),
            figures.Figure(terms.say("Households on it"), numbers.count(found.moved_households)),
        ]
    )


def difference(found: uploads.Changes, *, key: str) -> str | None:
    """Draw what changed grid by grid; give the id of the grid that was picked."""
    figures.heading(terms.say("Against version {n}", n=found.old) if found.old else terms.say("The first version"))
    grids = found.grids.sort_values("moved_m2", ascending=False)
    shown = pd.DataFrame(
        {
            terms.say("Grid"): grids.index.astype(str),
            terms.say("Change"): grids["change"].map(lambda name: words.called(name, words.CHANGES)),
            terms.say("Moved, m²"): grids["moved_m2"].round(),
            terms.say("Households moved"): grids["moved_households"].round(),
            terms.say("m² before"): grids["old_m2"].round(),
            terms.say("m² now"): grids["new_m2"].round(),
            terms.say("Households before"): pd.to_numeric(grids["old_households"], errors="coerce"),
            terms.say("Households now"): pd.to_numeric(grids["new_households"], errors="coerce"),
        }
    )
    row = tables.show(shown.dropna(axis="columns", how="all"), key=key, height=330, pick=True)
    return None if row is None else str(grids.index[row])


def _back(upload: Upload, step: str, label: str) -> None:
    if st.button(label, width="stretch", type="tertiary"):
        uploading.go(upload, step)
        st.rerun()


SHOWN = {"file": file, "read": upload_reading.read, "findings": findings, "cleaned": cleaned, "stored": stored}
"""How each step is drawn."""
