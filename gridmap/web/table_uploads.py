"""The work behind the page's tables: a file taken in, its rows judged, the good ones loaded, the bad ones handed back."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import intake, uploads
from gridmap.uploads import address, tables
from gridmap.web import district, guard, jobs, session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap import store
    from gridmap.uploads import Shelf, Upload

WHICH = "table"
FOLDER = "tables"
SHORT_S = 0.5
"""Seconds that work may take without a bar."""


def shelf() -> Shelf:
    """Give the tables of this district that are being worked on."""
    return uploads.Shelf(district.folder(), FOLDER)


def opened() -> Upload | None:
    """Give the table the address names, or None."""
    ident = session.get(WHICH)
    if ident is None:
        return None
    try:
        return shelf().get(ident)
    except uploads.IntakeError:
        go(None)
        return None


def go(upload: Upload | None) -> None:
    """Open a table, or the form to send one."""
    session.put(**{WHICH: None if upload is None else upload.id})


def begin(form: str, files: Sequence[io.BytesIO]) -> None:
    """Take in the file of the form and open it."""
    with guard.acting("load", form) as who:
        go(shelf().begin([(one.name, one) for one in files], department=form, by=who.name))


def fetch(form: str, where: str) -> None:
    """Take in what an address on the intranet answers."""
    with guard.acting("load", where) as who:
        answer = io.BytesIO()
        name = address.fetch(where, answer)
        answer.seek(0)
        go(shelf().begin([(name, answer)], department=form, by=who.name))


def table(upload: Upload, sheet: str | None, encoding: str | None) -> intake.Table:
    """Give the table as it was sent, read once."""
    return _table(str(shelf().sent(upload)), upload.file, sheet, encoding)


def read_as(upload: Upload, form: str) -> None:
    """Take a table for another register's."""
    with guard.acting("load", form):
        shelf().put(upload, department=form)


def judge(upload: Upload, read: intake.Table, choice: tables.Choice) -> None:
    """Judge the rows in the background; what came of it is the job's result."""
    db, form = district.db(), intake.form(upload.department)

    def work(report: jobs.Progress) -> tuple[tables.Choice, intake.Rows]:
        report(tables.JUDGING, 0.2)
        rows = tables.judge(form, read, choice, db)
        report(tables.JUDGING, 1.0)
        return choice, rows

    jobs.registry().start(_judging(upload), work).wait(SHORT_S)


def judged(upload: Upload) -> tuple[tables.Choice, intake.Rows] | None:
    """Give the rows as they were judged last, and how they were read; None where they were not yet."""
    job = jobs.registry().latest(_judging(upload))
    return job.result if job is not None and job.state == "done" else None


def load(upload: Upload) -> None:
    """Load the good rows in the background, and hand the bad ones back."""
    found = judged(upload)
    if found is None:
        return
    choice, rows = found
    db, folder, place = district.db(), district.folder(), shelf()
    with guard.acting("load", f"{upload.department} {upload.file}") as who:

        def work(report: jobs.Progress) -> store.Loaded:
            done = tables.load(db, rows, choice, by=who.name, progress=report)
            tables.hand_back(rows, folder, name=upload.file, digest=upload.digest)
            place.put(upload, step="stored")
            return done

        jobs.registry().start(_loading(upload), work).wait(SHORT_S)


def loaded(upload: Upload) -> store.Loaded | None:
    """Give what became of the load."""
    job = jobs.registry().latest(_loading(upload))
    return job.result if job is not None and job.state == "done" else None


def job(upload: Upload) -> str | None:
    """Give the name of the job that runs for a table or failed, the newest first; None where there is none to show."""
    for name in (_loading(upload), _judging(upload)):
        now = jobs.registry().latest(name)
        if now is not None and now.state != "done":
            return name
    return None


def busy(upload: Upload) -> bool:
    """Say whether rows of a table are being judged or loaded."""
    jobs_now = (jobs.registry().latest(name) for name in (_loading(upload), _judging(upload)))
    return any(now is not None and now.state == "running" for now in jobs_now)


def forget(upload: Upload) -> None:
    """Throw a table away that was loaded or is not wanted."""
    for name in (_judging(upload), _loading(upload)):
        jobs.registry().forget(name)
    shelf().drop(upload.id)
    go(None)


def _judging(upload: Upload) -> str:
    return f"judge-{upload.id}"


def _loading(upload: Upload) -> str:
    return f"load-{upload.id}"


@st.cache_resource(show_spinner=False, max_entries=4)
def _table(path: str, name: str, sheet: str | None, encoding: str | None) -> intake.Table:
    return intake.open_table(path, sheet=sheet, encoding=encoding, name=name)
