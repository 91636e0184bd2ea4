"""The parts of an answer about an area: trend, grids and staff, kinds, compounds, whistles, the list, the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from gridmap import analysis, reports, store, terms
from gridmap.web import catalogue, charts, chrome, district, guard, numbers, tables, words

if TYPE_CHECKING:
    from datetime import datetime

    from gridmap.analysis import Drawn


def parts(name: str, found: Drawn, start: datetime, end: datetime) -> None:
    """Draw the parts of the answer, one at a time, and the file with all of them."""
    shown = _tables(found)
    trend, *_ = st.tabs([terms.say("Trend"), *shown, terms.say("List")])
    with trend:
        _trend(found)
    for tab, (title, frame) in zip(_, shown.items(), strict=False):
        with tab:
            if frame.empty:
                st.caption(terms.say("Nothing of this lies in the area."))
            else:
                tables.show(frame, key=f"ask-{title}", height=260)
    with _[-1]:
        count = int(found.incidents["n"].sum())
        cases = _listed(found.ground.wkt, start, end, district.db().data_version("incidents"))
        st.caption(terms.say("the newest {n} of {all}", n=len(cases), all=numbers.count(count)))
        tables.show(_cases(cases), key="ask-cases", height=260)
    guard.download(
        terms.say("Download all of it (Excel)"), lambda: _file(name, found, _cases(cases), start, end),
        file_name=terms.say("area {name}", name=name) + ".xlsx", key="ask-file",
    )  # fmt: skip


def _tables(found: Drawn) -> dict[str, pd.DataFrame]:
    matters = _matters()
    kinds = found.incidents.assign(kind=found.incidents["matter_code"].map(matters).fillna(found.incidents["matter_code"]))
    by = kinds.groupby("kind")["n"].sum().sort_values(ascending=False)
    grids = found.grids.reset_index()
    heads = found.staff[found.staff["post"] == "grid_head"].groupby("grid_code")["name"].first()
    return {
        terms.say("Grids and staff"): pd.DataFrame(
            {
                terms.say("Grid"): grids["name_zh"].fillna(grids["grid_code"]),
                terms.say("Share of its land"): (100 * grids["share"]).round(1),
                terms.say("Households inside"): grids["households"],
                terms.say("Grid head"): grids["grid_code"].map(heads).fillna(""),
                terms.say("Grid workers"): grids["workers"],
            }
        ),
        terms.say("By kind"): pd.DataFrame({terms.say("Matter"): by.index, terms.say("Incidents"): by.to_numpy()}),
        terms.say("Compounds and companies"): pd.DataFrame(
            {
                terms.say("Compound"): found.compounds["name_zh"],
                terms.say("Households"): found.compounds["households"],
                terms.say("Property company"): found.compounds["company"].fillna(""),
                terms.say("Credit grade"): found.compounds["credit_grade"].fillna(""),
            }
        ),
        terms.say("Centres and Party"): pd.DataFrame(
            {
                terms.say("Name"): [*found.centres["name_zh"], *found.party["name_zh"]],
                terms.say("What it is"): [terms.say("Service centre")] * len(found.centres)
                + [words.called(kind, words.PARTY) for kind in found.party["org_kind"]],
            }
        ),
        terms.say("Open whistles"): pd.DataFrame(
            {
                terms.say("Blown at"): found.whistles["blown_at"],
                terms.say("Title"): found.whistles["title_zh"],
                terms.say("Awaited"): found.whistles["awaited"].map(
                    lambda ids: words.joined(map(catalogue.dept, ids)) if isinstance(ids, list | np.ndarray) else ""
                ),
            }
        ),
    }


def _trend(found: Drawn) -> None:
    """Draw the area's incidents a month against the district's: per 1,000 households, or of the mean month where none lives."""
    mine = found.incidents.groupby("month")["n"].sum()
    whole = found.district.set_index("month")["n"]
    home = analysis.area(district.db(), district.home().code)
    if mine.empty:
        st.caption(terms.say("Too little lies here for a trend."))
        return
    mine = mine.reindex(whole.index, fill_value=0)
    if found.households and home.households:
        lines = (1000 * mine / found.households, 1000 * whole / home.households)
        said = terms.say("Incidents a month per 1,000 households")
    else:
        lines = (100 * mine / mine.mean(), 100 * whole / whole.mean())
        said = terms.say("Incidents a month, the mean month being 100")
    names = (terms.say("this area"), terms.say("district"))
    drawn = {name: line.round(1).tolist() for name, line in zip(names, lines, strict=True)}
    charts.show(charts.lines([f"{month:%Y-%m}" for month in whole.index], drawn), key="ask-trend", height=240, alt=said)
    st.caption(terms.say("{what}; the first and last month may be cut.", what=said))


def _cases(cases: pd.DataFrame) -> pd.DataFrame:
    return tables.cases(cases.assign(**{f"matter_{terms.language()}": cases["matter_code"].map(_matters())}))


def _file(name: str, found: Drawn, cases: pd.DataFrame, start: datetime, end: datetime) -> bytes:
    listed = [reports.Table(title, frame) for title, frame in {**_tables(found), terms.say("List"): cases}.items()]
    return reports.excel(
        reports.Brief(
            organ=district.home().name, title=terms.say("What lies in the area {name}", name=name), made_at=store.now(),
            scope=f"{start:%Y-%m-%d} – {end:%Y-%m-%d}", mark=chrome.demo(),
            figures=[
                reports.Figure(terms.say("Households"), numbers.count(found.households)),
                reports.Figure(terms.say("Grids"), numbers.count(len(found.grids))),
                reports.Figure(terms.say("Incidents"), numbers.count(int(found.incidents["n"].sum()))),
            ],
            sections=[reports.Section(name, tables=listed)],
        )
    )  # fmt: skip


def _matters() -> dict[str, str]:
    """Give the matters' names in the reader's language by code."""
    spoken = terms.LANGUAGES.index(terms.language())
    return {code: pair[spoken] for code, pair in analysis.matters(district.db()).items()}


@st.cache_resource(show_spinner=False, max_entries=32)
def _listed(wkt: str, start: datetime, end: datetime, data_version: str) -> pd.DataFrame:  # noqa: ARG001  the key
    return analysis.listed(district.db(), cast("Any", shapely.from_wkt(wkt)), start=start, end=end)
