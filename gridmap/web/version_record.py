"""What stands on record of a version: its filing (备案), and the conflicts that were settled on its way or are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from gridmap import terms
from gridmap.terms import key
from gridmap.web import deeds, district, figures, guard, messages, numbers, tables, words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import geopandas as gpd

STATES = {"open": key("Open conflict"), "settled": key("Settled"), "put_off": key("Put off")}
TYPES = {
    **words.FINDINGS,
    "size_out_of_range": key("Outside the norm"),
    "orphan": key("Grid or incident without a place"),
    "disagreement": key("Departments disagree"),
}
MOST = 2000
"""Conflicts listed: the gravest, the open ones first."""


def show(version: int, row: Mapping[Hashable, Any]) -> None:
    """Draw the record of a version. row: of the store's versions()."""
    left, right = st.columns([7, 4], gap="medium")
    with right:
        _filing(version, row)
    with left:
        _conflicts(version)


def _filing(version: int, row: Mapping[Hashable, Any]) -> None:
    figures.heading(terms.say("Approval and filing"), terms.say("Version {n}", n=version))
    unknown = terms.say("still to do")
    figures.rows(
        [
            (terms.say("Approved"), _said(row["approved_by"], row["approved_at"]) or unknown, False),
            (terms.say("In force from"), _said(None, row["valid_from"]) or unknown, False),
            (terms.say("Filed"), _said(row["filed_by"], row["filed_at"]) or unknown, False),
            *([(terms.say("Filed with"), str(row["filed_with"]), False)] if pd.notna(row["filed_with"]) else []),
            *([(terms.say("Number of the file"), str(row["filed_no"]), False)] if pd.notna(row["filed_no"]) else []),
        ]
    )
    if pd.notna(row["filed_at"]) or pd.isna(row["valid_from"]) or not guard.may("publish"):
        return

    def file() -> None:
        office, number, who = (st.session_state[f"file-{name}-{version}"] for name in ("office", "number", "who"))
        with guard.acting("publish", f"file version {version}"):
            district.db().put_on_file(version, who=who, office=office, number=number)

    deeds.hindered()
    with st.form(f"file-{version}", border=True):
        first, second = st.columns(2)
        first.text_input(terms.say("Filed with"), key=f"file-office-{version}")
        second.text_input(terms.say("Number of the file"), key=f"file-number-{version}")
        st.text_input(terms.say("Name of the person"), key=f"file-who-{version}")
        st.form_submit_button(terms.say("Put on file"), type="primary", on_click=deeds.deed(file))


def _said(who: object, when: object) -> str:
    if not isinstance(when, pd.Timestamp) or pd.isna(when):
        return ""
    return " · ".join([*([who] if isinstance(who, str) else []), numbers.moment(when)])


def _conflicts(version: int) -> None:
    db = district.db()
    counted = db.conflict_counts(version)
    if counted.empty:
        figures.heading(terms.say("Conflicts"))
        messages.empty(
            terms.say("No conflict is on record."),
            terms.say("They are written when layers are merged, and when a meeting decides on a place in dispute."),
        )
        return
    total, left = int(counted["n"].sum()), int(counted["open"].sum())
    figures.heading(
        terms.say("Conflicts"), terms.say("{n} on record, {open} open", n=numbers.count(total), open=numbers.count(left))
    )
    tables.show(_by_whom(counted), key="conflict-counts", height="content")
    found = db.conflicts(version, limit=MOST)
    shown = _spoken(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(terms.say("{n} listed", n=numbers.count(len(found))))
        st.space("stretch")
        guard.download(
            terms.say("Export"), lambda: tables.csv(tables.masked(shown)), file_name=f"conflicts_v{version}.csv",
            mime="text/csv", type="tertiary", key="export-conflicts",
        )  # fmt: skip
    tables.show(shown, key="conflicts", height=360)


def _by_whom(counted: pd.DataFrame) -> pd.DataFrame:
    """Give a line a type of conflict: how many of each department, how large in all, how many open."""
    counted = counted.assign(whose=[_whose(layer) for layer in counted["layer_key"]])
    sums = counted.groupby("conflict_type").agg(n=("n", "sum"), m2=("m2", "sum"), open=("open", "sum"))
    sums = sums.sort_values("n", ascending=False)
    by = counted.pivot_table(index="conflict_type", columns="whose", values="n", aggfunc="sum").reindex(sums.index)
    shown = pd.DataFrame({terms.say("Conflict"): [words.called(str(name), TYPES) for name in sums.index]}, index=sums.index)
    shown = shown.join(by.astype("Int64"))
    shown[terms.say("In all")], shown[terms.say("m²")] = sums["n"], sums["m2"].round().astype("Int64")
    return shown.assign(**{terms.say("Open conflict"): sums["open"]}).reset_index(drop=True)


def _whose(layer: object) -> str:
    """Say whose grids a conflict is between: of a department, or those of the plan."""
    return words.called(layer, words.LAYERS) if isinstance(layer, str) else terms.say("All-subject grids")


def _spoken(found: gpd.GeoDataFrame) -> pd.DataFrame:
    streets = tables.names("street")
    return pd.DataFrame(
        {
            terms.say("Conflict"): [words.called(name, TYPES) for name in found["conflict_type"]],
            terms.say("State"): [words.called(name, STATES) for name in found["status"]],
            terms.say("Severity"): [words.called(name, words.SEVERITIES) for name in found["severity"]],
            terms.say("Department"): [_whose(layer) for layer in found["layer_key"]],
            terms.say("Sub-district"): [streets.get(code) for code in found["street_code"]],
            terms.say("One grid"): found["left_id"],
            terms.say("The other"): found["right_id"],
            terms.say("m²"): found["area_m2"].round(1),
            terms.say("Decision"): found["decision_zh"],
            terms.say("Decided by"): found["decided_by"],
            terms.say("Decided at"): found["decided_at"],
        }
    ).dropna(axis="columns", how="all")
