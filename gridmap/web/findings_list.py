"""The list of everything wrong with an upload: narrowed by kind, picked in the table or on the map, sent back as a file."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import intake, terms, uploads
from gridmap.web import figures, guard, numbers, tables, uploading, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.finding import Finding
    from gridmap.uploads import Upload

PICKED = "upload-picked"
_ROW = "upload-row"
_MOST_IDS = 30
"""Ids shown of a finding that has no place on the map; the file has more."""


def read(upload: Upload) -> tuple[list[Finding], frozenset[int]]:
    """Give an upload's findings, read once."""
    return _read(upload.id, changed(upload))


def changed(upload: Upload) -> int:
    """Give when the findings were last written: what is worked out from them is kept until then."""
    return uploading.shelf().path(upload, "found.parquet").stat().st_mtime_ns


def listed(upload: Upload, kinds: tuple[str, ...]) -> list[Finding]:
    """Give the findings of some kinds, all when none is named."""
    return [one for one in read(upload)[0] if not kinds or one.kind in kinds]


def choose(upload: Upload, found: Sequence[Finding]) -> tuple[str, ...]:
    """Draw the kinds with their counts; give those chosen."""
    counted = Counter(one.kind for one in found)
    kinds = st.pills(
        terms.say("Kinds"),
        list(counted),
        selection_mode="multi",
        format_func=lambda kind: f"{words.called(kind, words.FINDINGS)} {counted[kind]}",
        key=f"kinds-{upload.id}",
        label_visibility="collapsed",
        on_change=lambda: st.session_state.pop(PICKED, None),
    )
    return tuple(kinds)


def table(upload: Upload, listed: Sequence[Finding]) -> int | None:
    """Draw the list; give the position of the finding picked last, in the table or on the map."""
    shown = pd.DataFrame(
        {
            terms.say("Severity"): [words.called(one.severity, words.SEVERITIES) for one in listed],
            terms.say("What is wrong"): [one.sentence() for one in listed],
            terms.say("Size"): [_size(one) for one in listed],
            terms.say("What cleaning would do"): [one.advice() for one in listed],
        }
    )
    figures.heading(terms.say("Findings"), terms.say("{n}, the worst and largest first", n=numbers.count(len(listed))))
    narrow = {
        terms.say("Severity"): st.column_config.TextColumn(width="small"),
        terms.say("Size"): st.column_config.TextColumn(width=110),
    }
    row = tables.show(shown, key=f"findings-{upload.id}", height=330, pick=True, **narrow)
    if row != st.session_state.get(_ROW):
        st.session_state[_ROW] = row
        st.session_state[PICKED] = row
    picked: int | None = st.session_state.get(PICKED)
    if picked is None or picked >= len(listed):
        return None
    one = listed[picked]
    ids = terms.say("Grids concerned: {ids}", ids=one.ids[:_MOST_IDS]) if one.place is None and one.ids else ""
    figures.sentences(filter(None, (one.sentence(), one.advice(), ids)))  # whole: the list's columns cut them off
    return picked


def clicked(click: dict[str, Any]) -> None:
    """Pick the finding that was clicked on the map."""
    if click["kind"] == "point" and click["layer"] == "finding":
        st.session_state[PICKED] = int(click["code"])


def exports(upload: Upload, found: Sequence[Finding]) -> None:
    """Draw the downloads that go back to the department: a list in Excel, the places in a GeoPackage."""
    stem, language = Path(upload.file).stem, terms.language()
    path = uploading.shelf().path(upload, upload.layer)
    with st.container(horizontal=True):
        for ending, label in ((".xlsx", terms.say("Findings as Excel")), (".gpkg", terms.say("Findings as GeoPackage"))):
            guard.download(
                label,
                partial(_written, found, ending, path, language),
                file_name=f"{stem}-{terms.say('findings')}{ending}",
                key=f"export{ending}",
            )


def _written(found: Sequence[Finding], ending: str, layer: Path, language: str) -> io.BytesIO:
    with tempfile.TemporaryDirectory(prefix="gridmap-findings-") as folder:
        path = intake.write_findings(found, Path(folder) / f"findings{ending}", crs=uploads.table_crs(layer), language=language)
        return io.BytesIO(path.read_bytes())


def _size(one: Finding) -> str:
    if one.size is None:
        return ""
    if one.unit == "m²":
        return numbers.area(one.size) if one.size >= 1 else f"{one.size:.2f} m²"
    return f"{numbers.count(one.size)} {terms.say(words.UNITS.get(one.unit, one.unit))}"


@st.cache_resource(show_spinner=False, max_entries=8)
def _read(ident: str, changed_at: int) -> tuple[list[Finding], frozenset[int]]:  # noqa: ARG001  the key
    place = uploading.shelf()
    return uploads.findings(place, place.get(ident))
