"""Ask in SQL 语句查询: a sealed console over the documented views; answers as table, chart and map; shared questions."""

from __future__ import annotations

import uuid
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import streamlit as st
import streamlit.components.v1 as components

from gridmap import maps, reports, sandbox, settings, store, terms
from gridmap.sandbox import snapshot
from gridmap.sandbox.views import EXAMPLES, VIEWS
from gridmap.terms import key
from gridmap.web import atlas, charts, chrome, district, figures, guard, jobs, map_frame, messages, numbers, progress, tables
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.web.jobs import Progress

FIELD = Path(__file__).parents[1] / "editor"
TEXT, SERIAL, ANSWER, RAN, ASKED = "sql-text", "sql-serial", "sql-answer", "sql-ran", "sql-asked"
LEVELS = {"grid_code": "grid", "community_code": "community", "street_code": "street"}
"""Columns that put an answer on the map, and the level whose areas they name."""

MOST_BARS = 24
SHOWN = {"table": key("Rows"), "chart": key("Chart"), "map": key("Map")}


@cache
def _field() -> Any:  # noqa: ANN401  a component is whatever its page sends
    """Give the field; declared once, with the running server."""
    return components.declare_component("gridmap_sql", path=str(FIELD))


def show() -> None:
    """Draw the schema and the shared questions on the left, the field and its answer on the right."""
    guard.require("ask")
    st.session_state.setdefault(TEXT, next(iter(EXAMPLES.values())))
    st.session_state.setdefault(SERIAL, 0)
    left, right = st.columns([3, 9], gap="medium")
    with left:
        _browser()
    with right, messages.catching():
        _console()


def _browser() -> None:
    """Draw what can be asked: shared questions, examples, and every view with its columns."""
    saved = district.db().saved_questions()
    figures.heading(terms.say("Questions"))
    with st.container(height=210, border=False):
        for row in saved.to_dict("records"):
            st.button(
                str(row["name"]), key=f"sql-saved-{row['name']}", type="tertiary", icon=":material/bookmark:",
                on_click=_take, args=(row["sql"],),
            )  # fmt: skip
        for title, sql in EXAMPLES.items():
            st.button(terms.say(title), key=f"sql-example-{title}", type="tertiary", on_click=_take, args=(sql,))
    figures.heading(terms.say("What can be asked"))
    with st.container(height=430, border=False):
        for view in VIEWS:
            with st.expander(f"{view.name} · {terms.say(view.title)}"):
                st.button(
                    terms.say("Ask for its rows"), key=f"sql-view-{view.name}", type="tertiary",
                    on_click=_take, args=(f"SELECT *\nFROM {view.name}\nLIMIT 100",),
                )  # fmt: skip
                figures.rows([(name, terms.say(meaning), False) for name, meaning in view.columns.items()])


def _console() -> None:
    names = [{"name": view.name, "note": terms.say(view.title), "view": ""} for view in VIEWS]
    names += [
        {"name": name, "note": f"{view.name} · {terms.say(meaning)}", "view": view.name}
        for view in VIEWS
        for name, meaning in view.columns.items()
    ]
    typed = _field()(
        text=st.session_state[TEXT], serial=st.session_state[SERIAL], names=names, label=terms.say("Question in SQL"),
        fonts=maps.fonts_url(),
        key="sql-field", default=None,
    )  # fmt: skip
    if typed:
        st.session_state["sql-typed"] = (st.session_state[SERIAL], typed["text"])
    text = _typed()
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(terms.say("Ask"), type="primary", icon=":material/play_arrow:", key="sql-ask", shortcut="Ctrl+Enter")
        shared = int(district.db().saved_questions()["seq"].sum())
        with st.popover(
            terms.say("Share under a name"), icon=":material/bookmark_add:", key=f"sql-sharing-{shared}"
        ):  # closed once shared
            name = st.text_input(terms.say("Name"), key="sql-name")
            if st.button(terms.say("Share"), key="sql-share"):
                with messages.catching():
                    with guard.acting("ask", f"shared {name}"):
                        district.db().save_question(name, text, by=room.who())
                    st.rerun()
        limits = _limits()
        st.caption(
            terms.say(
                "Read only; at most {rows} rows, {seconds} s, {memory} MB. Ctrl+Enter asks.",
                rows=numbers.count(limits.rows), seconds=limits.seconds, memory=numbers.count(limits.memory_mb),
            )
        )  # fmt: skip
    by_key = bool(typed and typed["run"] and typed["run"] != st.session_state.get(RAN))
    if asked or by_key:
        st.session_state[RAN] = typed["run"] if typed else 0
        st.session_state[ANSWER] = None
        _ask(text, limits)
    if done := progress.ended(_job()):
        st.session_state[ANSWER] = done.result
    if st.session_state.get(ANSWER):
        _answer(*st.session_state[ANSWER])


def _typed() -> str:
    serial, text = st.session_state.get("sql-typed", (-1, ""))
    return str(text) if serial == st.session_state[SERIAL] else str(st.session_state[TEXT])


def _take(sql: str) -> None:
    st.session_state[TEXT] = sql
    st.session_state[SERIAL] += 1
    st.session_state[ANSWER] = None


def _limits() -> sandbox.Limits:
    given = settings.settings()
    return sandbox.Limits(
        rows=given.ask_rows, memory_mb=given.ask_memory_mb, seconds=given.ask_seconds, threads=given.ask_threads
    )


def _ask(sql: str, limits: sandbox.Limits) -> None:
    """Begin to ask, in place of what this page still asks, of the snapshot of the reader's part of the district.

    The snapshot is made when the data have changed.
    """
    if running := jobs.registry().latest(_job()):
        running.stop()
    st.session_state[ASKED] = uuid.uuid4().hex
    db, folder = district.db(), district.folder() / "ask"

    def work(report: Progress) -> tuple[str, sandbox.Answer]:
        with guard.acting("ask", sql[:500]) as who:
            path = snapshot.make(db, folder, who.scope, progress=progress.part(report, 0, 2))
            asking = progress.part(report, 1, 2)
            return sql, sandbox.ask(path, sql, limits=limits, waiting=lambda gone: asking(key("Asking …"), gone))

    jobs.registry().start(_job(), work)


def _job() -> str:
    return f"ask-{st.session_state.get(ASKED, '')}"


def _answer(sql: str, answer: sandbox.Answer) -> None:
    frame = answer.frame
    said = terms.say("{n:# row|# rows} in {seconds} s", n=numbers.count(len(frame)), seconds=f"{answer.seconds:.1f}")
    if answer.more:
        said += terms.say("; there were more, ask for fewer")
    ways = ["table", *(["chart"] if _bars(frame) is not None else []), *(["map"] if _level(frame) or _places(frame) else [])]
    with st.container(horizontal=True, vertical_alignment="center"):
        way = st.segmented_control(
            terms.say("Shown as"), ways, default=ways[-1], required=True, key=f"sql-way-{'-'.join(ways)}",
            format_func=lambda name: terms.say(SHOWN[name]), label_visibility="collapsed",
        )  # fmt: skip
        st.caption(said)
        guard.download(
            terms.say("Download (Excel)"), lambda: _file(sql, frame), file_name=terms.say("answer") + ".xlsx",
            key="sql-file", type="tertiary",
        )  # fmt: skip
    if frame.empty:
        messages.empty(terms.say("No row answers the question."))
    elif way == "map":
        _map(frame)
    elif way == "chart":
        labels, values, name = _bars(frame) or ((), (), "")
        charts.show(charts.bars(labels, values, pick=False), key="sql-bars", height=charts.ROW_PX * len(labels) + 20, alt=name)
    else:
        tables.show(_plain(frame), key="sql-table", height="content" if len(frame) < 10 else 430)


def _bars(frame: pd.DataFrame) -> tuple[list[str], list[float], str] | None:
    """Give labels and values when a column of figures follows one that names; None when there is nothing to draw."""
    figured = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name]) and not _is_bool(frame[name])]
    naming = [name for name in frame.columns if name not in figured and not _is_shape(frame[name])]
    if not len(frame) or not figured or (not naming and len(figured) < 2):
        return None
    label = naming[0] if naming else figured[0]
    value = next((name for name in figured[::-1] if name != label), None)
    if value is None:
        return None
    shown = frame.head(MOST_BARS)
    return (
        [numbers.NONE if pd.isna(x) else str(x) for x in shown[label].astype(object)],
        [float(x) for x in shown[value].fillna(0)],
        str(value),
    )


def _level(frame: pd.DataFrame) -> tuple[str, str, str] | None:
    """Give the column of codes, the level they name and the column of figures to colour by, when there are both."""
    for column, level in LEVELS.items():
        if column in frame.columns and frame[column].is_unique:
            figured = [
                name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name]) and not _is_bool(frame[name])
            ]
            if figured:
                return column, level, figured[-1]
    return None


def _places(frame: pd.DataFrame) -> bool:
    return isinstance(frame, gpd.GeoDataFrame) and bool(frame.geometry.notna().any())


def _map(frame: pd.DataFrame) -> None:
    """Draw the answer: areas coloured by the last figure, or its own shapes and points."""
    home = district.home()
    areas = values = scale = None
    patched, dots = [], []
    found = _level(frame)
    if found is not None and not _places(frame):
        column, level, figure = found
        values = frame.set_index(column)[figure].astype(float)
        scale = maps.scale_for(values, meaning="count", title=figure, theme=charts.scheme())
        areas = atlas.areas(level)
    elif isinstance(frame, gpd.GeoDataFrame):
        named = frame[frame.geometry.notna()].reset_index(drop=True)
        label = next((name for name in ("name_zh", "grid_code") if name in named), None)
        place = gpd.GeoDataFrame(
            {"name_zh": named[label].astype(str) if label else [str(n + 1) for n in named.index], "look": "x"},
            geometry=named.geometry.to_numpy(), crs=named.crs,
        )  # fmt: skip
        colour = {"light": "#d55e00", "dark": "#f0803c"}[charts.scheme()]
        flat = place.geom_type == "Point"
        if (~flat).any():
            patched = [maps.patch_layer(place[~flat], {"x": maps.Look(terms.say("Answer"), colour)}, key="answer")]
        if flat.any():
            dots = [maps.point_layer(place[flat], {"x": maps.Sign(terms.say("Answer"), colour)}, key="answer", sign="look")]
    with st.container(key="stage-question"):
        map_frame.show(
            atlas.base(chrome.demo()),
            maps.repaint(
                areas, values, scale, outlines=atlas.inner_borders(home), patched=patched, dots=dots, focus=atlas.focus(home)
            ),
            key="map-question", height=460,
        )  # fmt: skip


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the answer for a table: shapes as what they are, lists as text."""
    shown: Mapping[str, Any] = {
        str(name): [value.geom_type for value in frame[name]] if _is_shape(frame[name]) else _texts(frame[name])
        for name in frame.columns
    }
    return pd.DataFrame(shown)


def _texts(column: pd.Series) -> pd.Series:
    odd = column.map(lambda value: isinstance(value, list | dict) or (hasattr(value, "tolist") and not hasattr(value, "as_py")))
    return column.map(str) if column.dtype == object and odd.any() else column


def _is_shape(column: pd.Series) -> bool:
    return isinstance(column.dtype, gpd.array.GeometryDtype)


def _is_bool(column: pd.Series) -> bool:
    return bool(pd.api.types.is_bool_dtype(column))


def _file(sql: str, frame: pd.DataFrame) -> bytes:
    return reports.excel(
        reports.Brief(
            organ=district.home().name, title=terms.say("Answer"), made_at=store.now(), mark=chrome.demo(),
            sections=[reports.Section(terms.say("Answer"), [sql], tables=[reports.Table(terms.say("Answer"), _plain(frame))])],
            notes=[sql],
        )
    )  # fmt: skip
