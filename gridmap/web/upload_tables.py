"""The page's tables: choose which, take its blank form or send it filled in, confirm its columns, load the good rows."""

from __future__ import annotations

import io
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from gridmap import intake, terms
from gridmap.terms import key
from gridmap.uploads import address, tables
from gridmap.web import district, figures, guard, messages, numbers, progress, table_uploads, uploading, words
from gridmap.web import tables as shown_tables

if TYPE_CHECKING:
    from gridmap import store
    from gridmap.intake import Form, Table
    from gridmap.uploads import Upload

SYSTEMS = {
    "4490": "CGCS2000 / WGS 84",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
    "other": key("Another one …"),
}
NONE = "—"
MOST = 500
"""Bad rows shown on the page; the file has all."""


def draw() -> None:
    """Draw the tables' view: the form to send one, or the one that is open."""
    upload = table_uploads.opened()
    if upload is None:
        _send()
        return
    name = table_uploads.job(upload)
    if name is not None:
        progress.bar(name, done=lambda _: "")
    done = table_uploads.loaded(upload)
    if done is not None:
        _done(upload, done)
        return
    form = intake.form(upload.department)
    busy = table_uploads.busy(upload)
    with st.container(horizontal=True, vertical_alignment="center"):
        figures.heading(_called(form), upload.file)
        st.space("stretch")
        if st.button(terms.say("Send another file"), type="tertiary", disabled=busy):
            table_uploads.forget(upload)
            st.rerun()
    _open(upload, form, busy=busy)


def _send() -> None:
    left, right = st.columns([5, 6], gap="large")
    forms = intake.every_form()
    with left:
        figures.heading(terms.say("Send a table"))
        chosen: str = st.selectbox(
            terms.say("Register to load"),
            list(forms),
            format_func=lambda name: _called(forms[name]),
            key="table-form",
            persist_state="session",
        )
        files = uploading.files("table-files", terms.say("Excel, WPS, CSV, DBF, or Open311 service requests as JSON or XML."))
        if st.button(terms.say("Read the table"), type="primary", disabled=not files):
            with messages.catching():
                table_uploads.begin(chosen, files)
                st.rerun()
        if chosen == "incidents" and address.hosts():
            _address(chosen)
    with right:
        form = forms[chosen]
        figures.heading(terms.say("Blank form"), terms.say("{n} columns", n=len(form.columns)))
        guard.download(
            terms.say("Download the blank form"),
            partial(_blank, form),
            file_name=f"{form.zh}.xlsx",
            key="blank",
        )
        fields = pd.DataFrame(
            {
                terms.say("Column"): [column.heading(terms.language()) for column in form.columns],
                terms.say("Required"): ["✓" if column.required else "" for column in form.columns],
                terms.say("Also called"): ["、".join(column.also[:6]) for column in form.columns],
            }
        )
        shown_tables.show(fields, key=f"form-{chosen}", height=shown_tables.fitted(len(fields), 640))


def _address(form: str) -> None:
    figures.heading(
        terms.say("Or from another system"), terms.say("Open311 GeoReport v2; hosts: {hosts}", hosts="、".join(address.hosts()))
    )
    where = st.text_input(
        terms.say("Address"), key="table-address", placeholder=f"http://{address.hosts()[0]}/requests.json?start_date=…"
    )
    if st.button(terms.say("Fetch"), disabled=not where):
        with messages.catching(), st.spinner(terms.say(address.FETCHING)):
            table_uploads.fetch(form, where)
            st.rerun()


def _open(upload: Upload, form: Form, *, busy: bool) -> None:
    left, right = st.columns([6, 7], gap="medium")
    with left:
        first = table_uploads.table(upload, None, None)
        sheet = _sheet(upload, first)
        encoding = _encoding(upload, first)
        read = table_uploads.table(upload, sheet, encoding)
        columns = _columns(upload, form, read)
        chosen = _system(upload, columns)
        left_out = tuple(name for name in read.texts.column_names if name not in set(columns.values()))
        choice = tables.Choice(sheet=sheet, encoding=encoding, system=chosen, columns=columns, left=left_out)
        missing = [
            column.heading(terms.language()) for column in form.columns if column.required and column.name not in columns
        ]
        if missing:
            st.warning(terms.say("Name the columns for: {missing}.", missing="、".join(missing)))
            _other(upload, tables.likelier(form, read))
        if st.button(terms.say("Check the rows"), type="primary", width="stretch", disabled=busy or bool(missing)):
            with messages.catching():
                table_uploads.judge(upload, read, choice)
                st.rerun()
    with right:
        _judged(upload, form, read, choice, busy=busy)


def _other(upload: Upload, form: Form | None) -> None:
    """Offer the register that a table is likelier to be for: the wrong one was chosen when it was sent."""
    if form is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(terms.say("Its columns look like “{table}”.", table=_called(form)))
        if st.button(terms.say("Read it as “{table}”", table=_called(form))):
            with messages.catching():
                table_uploads.read_as(upload, form.table)
                st.rerun()


def _sheet(upload: Upload, read: Table) -> str | None:
    sheets = [name for name in read.sheets if name != intake.NOTES]
    if len(sheets) < 2 and read.sheet in sheets:
        return None
    return str(st.selectbox(terms.say("Sheet"), read.sheets, index=read.sheets.index(read.sheet), key=f"sheet-{upload.id}"))


def _encoding(upload: Upload, read: Table) -> str | None:
    if len(read.readings) < 2:
        return None
    names = [
        str(read.encoding),
        *(name for name in ("utf-8", "gb18030", "big5") if name in read.readings and name != read.encoding),
    ]
    figures.heading(terms.say("Encoding"), "" if read.encoding_sure else terms.say("more than one fits; look at the names"))
    chosen = st.radio(
        terms.say("Encoding"),
        names,
        format_func=lambda name: words.ENCODINGS.get(name, name),
        captions=[messages.literal(" · ".join(text[:14] for text in read.readings.get(name, ())[:3])) for name in names],
        horizontal=True,
        key=f"table-encoding-{upload.id}",
        label_visibility="collapsed",
    )
    return None if chosen == read.encoding else chosen


def _columns(upload: Upload, form: Form, read: Table) -> dict[str, str]:
    """Draw which column of the file is which of the form, with the reason and a sample value; give what was chosen."""
    proposed = tables.propose(form, read, district.db())
    figures.heading(terms.say("Columns"), terms.say("{n} of {all} matched", n=len(proposed.columns), all=len(form.columns)))
    samples = {
        name: next((text for text in read.texts[name].slice(0, 200).to_pylist() if text), "")
        for name in read.texts.column_names
    }
    why = {
        "heading": terms.say("by its heading"),
        "values": terms.say("by its values"),
        tables.LAST_TIME: terms.say("as the last time"),
    }
    ours, theirs = terms.say("Column"), terms.say("Column of the file")
    rows = pd.DataFrame(
        {
            ours: [column.heading(terms.language()) + (" *" if column.required else "") for column in form.columns],
            theirs: [proposed.columns.get(column.name, NONE) for column in form.columns],
            terms.say("Why"): [why.get(proposed.by.get(column.name, ""), "") for column in form.columns],
            terms.say("For example"): [samples.get(proposed.columns.get(column.name, ""), "") for column in form.columns],
        }
    )
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=[name for name in rows.columns if name != theirs],
        column_config={theirs: st.column_config.SelectboxColumn(options=[NONE, *read.texts.column_names], required=True)},
        height=shown_tables.fitted(len(rows), 430),
        key=f"columns-{upload.id}-{read.sheet}-{read.encoding}",
    )
    return {
        column.name: name
        for column, name in zip(form.columns, edited[theirs], strict=True)
        if isinstance(name, str) and name in read.texts.column_names
    }


def _system(upload: Upload, columns: dict[str, str]) -> str:
    if not {"lon", "lat"} <= set(columns):
        return "4490"
    chosen: str = st.segmented_control(
        terms.say("Coordinates are in"),
        list(SYSTEMS),
        default="4490",
        format_func=lambda name: terms.say(SYSTEMS[name]),
        required=True,
        key=f"table-system-{upload.id}",
    )
    if chosen != "other":
        return chosen
    return str(st.text_input(terms.say("EPSG code"), value="4549", key=f"table-epsg-{upload.id}")).strip()


def _judged(upload: Upload, form: Form, read: Table, choice: tables.Choice, *, busy: bool) -> None:
    found = table_uploads.judged(upload)
    if found is None or found[0] != choice:
        figures.heading(terms.say("As it was sent"), terms.say("{n} rows", n=numbers.count(read.texts.num_rows)))
        sample = read.texts.slice(0, 100).to_pandas()
        shown_tables.show(sample, key=f"sent-{upload.id}-{read.encoding}", height=shown_tables.fitted(len(sample), 560))
        return
    rows = found[1]
    bad = len(rows.bad)
    shown = [
        figures.Figure(terms.say("Good rows"), numbers.count(rows.good.num_rows)),
        figures.Figure(terms.say("Rows to mend"), numbers.count(bad), alert=bad > 0),
    ]
    if "lon" in rows.good.column_names:
        shown.append(figures.Figure(terms.say("With a place"), numbers.count(_placed(rows))))
    figures.strip(shown)
    about = [one.sentence() for one in rows.findings if one.kind != "bad_rows"]
    if about:
        figures.sentences(about)
    if bad:
        figures.heading(terms.say("Rows to mend"), terms.say("they stay out until they are right"))
        height = shown_tables.fitted(min(bad, MOST), 330)
        shown_tables.show(rows.bad.head(MOST).astype(str), key=f"bad-{upload.id}", height=height)
        guard.download(
            terms.say("Download the rows to mend"),
            partial(_bad, rows),
            file_name=f"{Path(upload.file).stem}-{terms.say('to mend')}.xlsx",
            key="to-mend",
        )
    n = rows.good.num_rows
    if st.button(
        terms.say("Load {n:# row|# rows} into “{table}”", n=numbers.count(n), table=_called(form)),
        type="primary",
        width="stretch",
        disabled=busy or not n,
    ):
        with messages.catching():
            table_uploads.load(upload)
            st.rerun()


def _done(upload: Upload, done: store.Loaded) -> None:
    form = intake.form(upload.department)
    figures.heading(_called(form), upload.file)
    if done.already:
        st.info(terms.say("This file was loaded before; nothing was changed."), icon=":material/info:")
    else:
        said = terms.say("{n:# row was|# rows were} loaded into “{table}”.", n=numbers.count(done.rows), table=_called(form))
        st.success(said, icon=":material/check_circle:")
        shown = [
            figures.Figure(terms.say("Loaded"), numbers.count(done.rows)),
            figures.Figure(terms.say("There already, or refused"), numbers.count(done.set_aside)),
        ]
        if form.table == "incidents":
            shown.append(figures.Figure(terms.say("In no grid"), numbers.count(done.unassigned)))
        figures.strip(shown)
    found = table_uploads.judged(upload)
    if found is not None and done.set_aside and not done.already:
        _refused(found[1])
    if found is not None and not found[1].bad.empty:
        waiting = numbers.count(len(found[1].bad))
        st.warning(terms.say("{n:# row waits|# rows wait} to be mended; what is right can be sent again.", n=waiting))
        guard.download(
            terms.say("Download the rows to mend"),
            partial(_bad, found[1]),
            file_name=f"{Path(upload.file).stem}-{terms.say('to mend')}.xlsx",
            key="to-mend",
        )
    if st.button(terms.say("Send another file"), type="primary"):
        table_uploads.forget(upload)
        st.rerun()


def _refused(rows: intake.Rows) -> None:
    """Say of every row that the register did not take why: nothing is left out in silence."""
    refused = tables.refused(district.db(), rows)
    named = rows.form.key.heading(terms.language()) if rows.form.key else terms.say("Row")
    frame = pd.DataFrame({named: refused["key"], terms.say("Why it was not taken"): refused["reason"].map(terms.say)})
    shown_tables.show(frame.head(MOST), key="refused", height=shown_tables.fitted(len(frame), 300))


def _placed(rows: intake.Rows) -> int:
    return int(rows.good.num_rows - rows.good["lon"].null_count)


def _called(form: Form) -> str:
    return form.zh if terms.language() == "zh" else form.en[:1].upper() + form.en[1:]


def _blank(form: Form) -> io.BytesIO:
    with tempfile.TemporaryDirectory(prefix="gridmap-blank-") as folder:
        return io.BytesIO(intake.write_template(form, Path(folder) / "blank.xlsx").read_bytes())


def _bad(rows: intake.Rows) -> io.BytesIO:
    with tempfile.TemporaryDirectory(prefix="gridmap-mend-") as folder:
        return io.BytesIO(rows.write_bad(Path(folder) / "mend.xlsx").read_bytes())
