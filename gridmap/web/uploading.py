"""The walk of one boundary file on the page: which upload is open, what step is shown, and the work that leads to the next."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from gridmap import intake, terms, uploads
from gridmap.uploads import DEPARTMENTS, STEPS
from gridmap.web import district, figures, guard, jobs, messages, progress, session, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gridmap.uploads import Reading, Shelf, Step, Upload

WHICH, SHOWN = "upload", "step"
"""Query parameters: the upload that is open, and the step that is looked at."""


def shelf() -> Shelf:
    """Give the uploads of this district."""
    return uploads.Shelf(district.folder())


def files(key: str, kinds: str) -> list[Any]:
    """Draw the box that files are dropped into, with the kinds it takes; give the files in it."""
    chosen: list[Any] = st.file_uploader(
        terms.say("File"), accept_multiple_files=True, key=key, max_upload_size=intake.limits().file_mb
    )
    most = terms.say("At most {most} MB.", most=intake.limits().file_mb)
    st.caption(f"{kinds} {most}")
    return chosen


def department(key: str) -> str:
    """Name a department."""
    return words.called(key, DEPARTMENTS)


def opened() -> Upload | None:
    """Give the upload the address names, or None; one that is gone is said once and let go."""
    ident = session.get(WHICH)
    if ident is None:
        return None
    try:
        return shelf().get(ident)
    except uploads.IntakeError as error:
        st.warning(messages.literal(error.sentence()))
        session.put(**{WHICH: None, SHOWN: None})
        return None


def shown(upload: Upload) -> Step:
    """Give the step that is looked at: the one the address names where it was done already, else the last one done.

    What storing would change can be looked at as soon as the layer is clean.
    """
    names: list[Step] = list(STEPS)
    asked = session.get(SHOWN)
    ready = names.index("stored" if upload.step == "cleaned" else upload.step)
    if asked in names and names.index(asked) <= ready:
        return names[names.index(asked)]
    return upload.step


def go(upload: Upload | None, step: str | None = None) -> None:
    """Open an upload (None: the list of them), at a step it has done."""
    session.put(**{WHICH: None if upload is None else upload.id, SHOWN: step})


def begin(files: Sequence[Any], department_key: str) -> None:
    """Take in the files of the form and open them."""
    with guard.acting("upload", ", ".join(one.name for one in files)) as who:
        upload = shelf().begin([(one.name, one) for one in files], department=department_key, by=who.name)
    go(upload)
    look(upload)


def look(upload: Upload, wanted: Reading | None = None) -> None:
    """Open the file in the background."""
    place, db = shelf(), district.db()
    _start(upload, lambda report: uploads.look(place, upload, db, report, wanted=wanted))


def check(upload: Upload, reading: Reading) -> None:
    """Look for faults in the background, the layer read as a person confirmed."""
    place, db = shelf(), district.db()
    _start(upload, lambda report: uploads.check(place, upload, reading, db, report))


def clean(upload: Upload) -> None:
    """Clean in the background."""
    place, db = shelf(), district.db()
    _start(upload, lambda report: uploads.clean(place, upload, db, report))


def keep(upload: Upload, note: str) -> None:
    """Store the cleaned layer as the department's next version."""
    with guard.acting("layer", upload.department) as who:
        uploads.keep(shelf(), upload, district.db(), by=who.name, note=note)
    go(upload)


def drop(upload: Upload) -> None:
    """Throw the upload away; what runs for it is stopped first."""
    guard.require("upload")
    running = jobs.registry().latest(_job(upload))
    if running is not None:
        running.stop()
    shelf().drop(upload.id)
    go(None)


def working(upload: Upload) -> bool:
    """Draw the bar of what runs for an upload, or how it failed; say whether it runs.

    When there comes another layer to show beside it, the page is drawn anew.
    """
    job = jobs.registry().latest(_job(upload))
    if job is None:
        return False
    if job.state == "done":
        jobs.registry().forget(_job(upload))
        go(upload)
        return False
    place = shelf()
    drawn = uploads.being_checked(place, upload)
    progress.bar(_job(upload), done=lambda _: "", until=lambda: uploads.being_checked(place, upload) != drawn)
    return job.state == "running"


def title(upload: Upload | None) -> None:
    """Draw what the page is and, of an open upload, which file it is."""
    figures.place(terms.say("Upload"), "" if upload is None else f"{upload.file} · {department(upload.department)}")


def steps(upload: Upload | None) -> None:
    """Draw the five steps: those done, the one looked at, those to come; and the way back to the list."""
    now = "file" if upload is None else shown(upload)
    names: list[Step] = list(STEPS)
    last = -1 if upload is None else names.index(upload.step)
    cells = []
    for number, name in enumerate(names):
        state = "now" if name == now else "done" if number <= last else "later"
        mark = ' aria-current="step"' if name == now else ""
        cells.append(f'<li class="{state}"{mark}><b>{number + 1}</b><span>{escape(terms.say(STEPS[name]))}</span></li>')
    st.html(f'<ol class="gm-walk">{"".join(cells)}</ol>')


def _start(upload: Upload, work: Callable[[jobs.Progress], object]) -> None:
    guard.require("upload")
    jobs.registry().start(_job(upload), work)


def _job(upload: Upload) -> str:
    return f"upload-{upload.id}"
