"""A register on a page: its figure, its rows, where they lie, and its way in and out as Excel; the same for all of them."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import intake, maps, terms
from gridmap.cases import registers
from gridmap.errors import GridmapError
from gridmap.terms import key
from gridmap.uploads import tables as loading
from gridmap.web import (
    atlas,
    catalogue,
    charts,
    chrome,
    district,
    figures,
    guard,
    map_frame,
    messages,
    numbers,
    session,
    tables,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridmap.cases.registers import Register

ASKED = "register"


def choose() -> Register:
    """Draw the choice of register, kept in the address."""
    known = registers.every()
    asked = session.get(ASKED)
    names = list(known)
    chosen = st.selectbox(
        terms.say("Register"),
        names,
        index=names.index(asked) if asked in known else 0,
        format_func=lambda name: f"{words.capital(known[name].name)} · {' '.join(known[name].rules)}",
        key="register-choice",
        label_visibility="collapsed",
        width=420,
    )
    session.put(**{ASKED: chosen})
    return known[chosen]


def show(wanted: Register) -> None:
    """Draw a register: figure, rows, map, import and export."""
    db, place = district.db(), district.here()
    inside = "" if place.level == "district" else place.code
    found = registers.rows(db, wanted, inside)
    figures.strip(
        [figures.Figure(terms.say("Entries"), numbers.count(registers.count(db, wanted, inside))), _figure(wanted, inside)]
    )
    if wanted.place:
        left, right = st.columns([7, 5], gap="medium")
        with right, st.container(key="stage-linked"):
            _map(wanted)
        with left:
            _rows(wanted, found)
    else:
        _rows(wanted, found)
    if guard.may("load"):
        exchange(wanted, inside)


def _figure(wanted: Register, place: str) -> figures.Figure:
    """Give a register's figure: a share with its two numbers, a plain number, or a number whose rule is not set yet."""
    met, of = registers.figure(district.db(), wanted, place)
    title = words.capital(wanted.indicator)
    if not wanted.of:
        return figures.Figure(title, numbers.count(met))
    if of is None:
        return figures.Figure(title, numbers.count(met), note=messages.unset())
    share = numbers.rate(met / of) if of else numbers.NONE
    return figures.Figure(title, share, note=f"{numbers.short(met)} / {numbers.short(of)}")


def _rows(wanted: Register, found: pd.DataFrame) -> None:
    if found.empty:
        messages.empty(terms.say("The register is empty."), terms.say("Send a filled-in template below."))
    else:
        shown = found.copy()
        for name, read in _READ.items():
            if name in shown:
                shown[name] = [read(code) if isinstance(code, str) else None for code in shown[name]]
        headed = registers.spoken(wanted, shown).rename(columns=words.capital)
        spoken = dict(zip(shown.columns, headed.columns, strict=True))
        titles = {spoken[name]: terms.say(title) for name, title in _PLACES.items() if name in spoken}
        tables.show(headed.rename(columns=titles), key=f"register-{wanted.table}", height=430)


_PLACES = {"community_code": key("Community"), "street_code": key("Sub-district"), "place_code": key("Place")}
"""What the columns are called that hold codes of places in the files and names on the page."""


_READ: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(registers.PLACES, catalogue.where),
    "dept_id": catalogue.dept,
    "lead_dept_id": catalogue.dept,
    "staff_kind": lambda code: words.called(code, words.STAFF),
    "fund_kind": lambda code: words.called(code, words.FUNDS),
}
"""How codes are read by people on the page; the files that go out and in keep the codes."""


def _map(wanted: Register) -> None:
    level = "community" if wanted.place == "community_code" else "street"
    place = district.here()
    found = registers.by_area(district.db(), wanted).set_index("code").reindex(district.areas(level)["code"])
    if found["share"].notna().any():
        values = found["share"] * 100
        scale = maps.scale_for(values, meaning="rate", title=words.capital(wanted.indicator), unit="%", theme=charts.scheme())
    else:
        values, title = found["n"].fillna(0), words.capital(wanted.name)
        scale = maps.scale_for(values, meaning="count", title=title, unit=terms.say("entries"), theme=charts.scheme())
    map_frame.show(
        atlas.base(chrome.demo()),
        maps.repaint(atlas.areas(level), values, scale, outlines=atlas.inner_borders(place), focus=atlas.focus(place)),
        key="register-map",
        height=430,
    )


def exchange(wanted: Register, place: str) -> None:
    """Draw the way out and in: rows and blank template as Excel, a filled-in one to be loaded."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        guard.download(
            terms.say("Rows as Excel"),
            lambda: registers.workbook(district.db(), wanted, place),
            file_name=f"{wanted.form.zh}.xlsx",
        )
        guard.download(
            terms.say("Blank template"),
            lambda: _template(wanted),
            file_name=f"{wanted.form.zh}-模板.xlsx",
        )
        sent = st.file_uploader(
            terms.say("Filled-in table (Excel or CSV)"), type=["xlsx", "xls", "et", "csv"], key=f"sent-{wanted.table}"
        )
    if sent is not None and st.button(terms.say("Load"), type="primary"):
        _load(wanted, sent.name, sent.getvalue())


def _template(wanted: Register) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return intake.write_template(wanted.form, Path(folder) / "template.xlsx").read_bytes()


def _load(wanted: Register, name: str, content: bytes) -> None:
    db = district.db()
    try:
        with tempfile.TemporaryDirectory() as folder, guard.acting("load", f"{wanted.table} {name}"):
            path = Path(folder) / f"sent{Path(name).suffix.lower()}"
            path.write_bytes(content)
            read = intake.open_table(path)
            choice = loading.Choice(columns=loading.propose(wanted.form, read, db).columns)
            rows = loading.judge(wanted.form, read, choice, db)
            done = loading.load(db, rows, choice)
    except GridmapError as error:
        st.error(error.sentence(), icon=":material/error:")
        return
    aside = len(rows.bad) + done.set_aside
    st.success(terms.say("{n} rows were loaded, {aside} handed back.", n=done.rows, aside=aside), icon=":material/check:")
    for finding in rows.findings:
        st.caption(str(finding.sentence()))
    if len(rows.bad):
        with tempfile.TemporaryDirectory() as folder:
            back = rows.write_bad(Path(folder) / "back.xlsx").read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:8]
        guard.download(terms.say("Rows to mend"), back, file_name=f"{wanted.form.zh}-{digest}.xlsx")
