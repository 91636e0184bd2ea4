"""Frames as tables for people: columns in the reader's language, codes as words, figures as offices write them."""

from __future__ import annotations

from csv import QUOTE_NONNUMERIC
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from gridmap import access, codes, terms
from gridmap.terms import key
from gridmap.web import district, recorded, words

if TYPE_CHECKING:
    from collections.abc import Mapping


def names(level: str) -> dict[str, str]:
    """Give the name of every area of a level by its code; streets of one name in several districts with their district's.

    Not to be changed.
    """
    return _names(district.version_of(level), level)


@st.cache_resource(show_spinner=False, max_entries=32)
def _names(data_version: str, level: str) -> dict[str, str]:  # noqa: ARG001  the key
    frame = district.areas(level)
    called = frame["name_zh"].fillna(frame["code"])
    if level == "street" and called.duplicated().any():
        called = called.where(~called.duplicated(keep=False), frame["parent"].map(names("district")).fillna("") + called)
    return dict(zip(frame["code"], called, strict=True))


def cases(frame: pd.DataFrame) -> pd.DataFrame:
    """Give cases as kpi.cases lists them, for people; one row a case in the same order."""
    spoken = terms.language()
    streets, communities = names("street"), names("community")
    shown = {
        terms.say("Reported at"): frame["reported_at"],
        terms.say("Case"): frame["incident_no"].fillna(frame["incident_id"]),
        terms.say("Matter"): frame[f"matter_{spoken}"].fillna(frame["matter_code"]).map(words.capital),
        terms.say("Title"): frame["title_zh"],
        terms.say("Channel"): _called(frame["channel"], words.CHANNELS),
        # pandas' map would look at the names of the whole city first, each time
        terms.say("Sub-district"): [streets.get(code) for code in frame["street_code"]],
        terms.say("Community"): [communities.get(code) for code in frame["community_code"]],
        terms.say("Grid"): frame["grid_code"].str[codes.COMMUNITY :],
        terms.say("State"): _called(frame["status"], words.STATES),
        terms.say("Due at"): frame["due_at"],
        terms.say("Closed at"): frame["closed_at"],
    }
    if "duplicate_of" in frame and frame["duplicate_of"].notna().any():
        shown[terms.say("Joined to")] = frame["duplicate_of"]
    return pd.DataFrame(shown)


ROW_PX = 39
"""Pixels a row of a table takes in this theme."""

COLUMNS = {
    "id": key("No."),
    "happened": key("When"),
    "grp": key("Group"),
    "label": key("Name"),
    "hit": key("Met"),
    "amount": key("Amount"),
    "base": key("Of"),
    "street_code": key("Sub-district"),
    "community_code": key("Community"),
    "grid_code": key("Grid"),
    "n": key("Number"),
    "floor_area_m2": key("Floor area, m²"),
    "blown_at": key("Blown at"),
    "required_by": key("Required by"),
    "reported_at": key("Reported at"),
    "employees": key("Employees"),
    "full_party_members": key("Full Party members"),
    "first_at": key("First reported"),
    "due_at": key("Due at"),
    "due": key("Due at"),
    "closed_at": key("Closed at"),
    "arrived_at": key("On site at"),
    "households": key("Households"),
    "unit_zh": key("Unit in charge"),
    "due_on": key("Due on"),
    "done_on": key("Done on"),
    "found_on": key("Found on"),
    "corrected_on": key("Put right on"),
    "held_on": key("Took place on"),
    "started_on": key("Begun on"),
    "ended_on": key("Ended on"),
    "year": key("Year"),
    "hours": key("Hours"),
    "stage": key("Stage"),
}
"""Names of columns that frames of other rooms share; a column without one keeps its own."""


def spoken(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame of another room for people: known columns named, codes of places as names, empty columns left out."""
    shown = frame.dropna(axis="columns", how="all").copy()
    for level in ("street", "community", "grid"):
        if f"{level}_code" in shown:
            column = shown[f"{level}_code"]
            shown[f"{level}_code"] = column.map(names(level)).fillna(column)
    if "grp" in shown:
        shown["grp"] = _called(shown["grp"], words.CHANNELS)
    return shown.rename(columns={name: terms.say(COLUMNS[name]) for name in shown if name in COLUMNS})


def versions(frame: pd.DataFrame) -> pd.DataFrame:
    """Give versions of the grids as the store lists them, for people, the newest first."""
    shown = {
        terms.say("Version"): frame["version"],
        terms.say("State"): _called(frame["status"], words.VERSIONS),
        terms.say("Grids"): frame["grids"],
        terms.say("Note"): frame["note"],
        terms.say("Made at"): frame["made_at"],
        terms.say("In force from"): frame["valid_from"],
        terms.say("In force until"): frame["valid_to"],
        terms.say("Filed"): frame["filed_at"],
    }
    return pd.DataFrame(shown).iloc[::-1].reset_index(drop=True)


def fitted(rows: int, most: int) -> int:
    """Give the height in which so many rows stand whole, heading included, at most ``most`` pixels."""
    return min(most, ROW_PX * (rows + 1) + 6)


def show(
    frame: pd.DataFrame,
    *,
    key: str,
    height: int | Literal["content"] = 360,
    pick: bool = False,
    **columns: Any,  # noqa: ANN401  Streamlit's
) -> int | None:
    """Draw a table; with ``pick`` one row can be chosen: gives its position, else None. What is absent is left empty.

    columns: Streamlit's settings of single columns.
    """
    frame = masked(frame)
    shown = recorded.screen()
    shown.tables[key] = (shown.heading or shown.page, frame)
    frame = frame.copy(deep=False)
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            frame[name] = minutes(column)
        elif not pd.api.types.is_numeric_dtype(column):
            texts = ["" if absent else harmless(value) for value, absent in zip(column.tolist(), column.isna(), strict=True)]
            frame[name] = pd.Series(texts, index=frame.index, dtype=object)
    counts = {
        name: st.column_config.NumberColumn(format="localized")
        for name in frame.columns
        if pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
    }
    rates = {name: st.column_config.TextColumn(alignment="right") for name in frame.columns if _all_rates(frame[name])}
    settings = {**counts, **rates, **columns}
    if not pick:
        st.dataframe(frame, key=key, height=height, hide_index=True, column_config=settings, placeholder="")
        return None
    event = st.dataframe(
        frame,
        key=key,
        height=height,
        hide_index=True,
        column_config=settings,
        placeholder="",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = event.selection.rows
    return rows[0] if rows and rows[0] < len(frame) else None


def _all_rates(column: pd.Series) -> bool:
    """Say whether a column holds nothing but rates, which stand under each other as counts do."""
    texts = [text for text in column.tolist() if text != ""] if column.dtype == object else []
    return bool(texts) and all(isinstance(text, str) and text.endswith("%") for text in texts)


def minutes(column: pd.Series) -> list[str]:
    """Write times to the minute, an absent one as nothing; many times as fast as strftime."""
    texts = np.datetime_as_string(column.to_numpy("datetime64[s]"), unit="m")
    return ["" if text == "NaT" else text.replace("T", " ") for text in texts.tolist()]


def masked(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame as everybody may read it: telephone and identity numbers in its texts starred."""
    changed = {}
    for name in frame.select_dtypes(include=["object", "string"]).columns:
        values = frame[name].tolist()
        starred = [_prose(value) for value in values]
        if any(one is not other and one != other for one, other in zip(values, starred, strict=True)):
            changed[name] = pd.Series(starred, index=frame.index, dtype=object)
    return frame.assign(**changed)


def _prose(value: object) -> object:
    return access.masking.prose(value) if isinstance(value, str) else value


def harmless(value: object) -> object:
    """Give a text as a table may hold it that people download: it opens in a spreadsheet as text and never as a formula."""
    return f"\u200b{value}" if isinstance(value, str) and value[:1] in FORMULA else value


def csv(frame: pd.DataFrame) -> bytes:
    """Give a frame as CSV that Excel opens as it is meant: UTF-8 with its mark, and no text runs as a formula."""
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).columns
    return (
        frame.assign(**{name: frame[name].map(harmless) for name in texts})
        .to_csv(index=False, quoting=QUOTE_NONNUMERIC)
        .encode("utf-8-sig")
    )


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet would take for a formula; the wide forms too, which some turn into the narrow ones."""


def _called(column: pd.Series, known: Mapping[str, str]) -> pd.Series:
    return column.map(lambda code: words.called(code, known))
