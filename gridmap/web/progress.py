"""The bar of a job that runs in the background: it moves by itself, and the rest of the page stays usable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from gridmap import terms
from gridmap.web import jobs, messages, numbers, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmap.web.jobs import Progress

AT_ONCE_S = 0.8
"""Work that is over sooner draws no bar."""


def bar(name: str, *, done: Callable[[jobs.Job], str], again: str = "", until: Callable[[], bool] = lambda: False) -> None:
    """Draw the newest job of a name: its bar and a way to stop it while it runs, then one line on how it ended.

    done: gives the sentence for a finished job, in the reader's language. again: what the button says that clears the line,
    where clearing it begins the work anew. until: asked while it runs; when it holds, the page is drawn anew.
    """
    job = jobs.registry().latest(name)
    if job is None:
        return
    if job.state == "running":
        _running(name, until)
    else:
        _ended(name, job, done, again)


def done(name: str, work: Callable[[Progress], object]) -> bool:
    """Say whether some work is done; else begin it where need be and draw its bar, which can be stopped and begun again."""
    if jobs.registry().latest(name) is None:
        jobs.registry().start(name, work)
    return ended(name, again=terms.say("Begin again")) is not None


def ended(name: str, *, again: str = "") -> jobs.Job | None:
    """Give the job of a name once it is done, and forget it; until then draw how far it is, and None where there is none.

    again: what the button says that clears a job which was stopped or failed.
    """
    job = jobs.registry().latest(name)
    if job is None:
        return None
    job.wait(AT_ONCE_S)
    if job.state == "done":
        jobs.registry().forget(name)
        return job
    bar(name, done=lambda _: "", again=again)
    return None


def part(report: Progress, number: int, of: int) -> Progress:
    """Give the way to report one part of some work: the number-th (from 0) of so many."""
    return lambda stage, share: report(stage, (number + share) / of)


@session.fragment(run_every=1.0)
def _running(name: str, until: Callable[[], bool]) -> None:
    job = jobs.registry().latest(name)
    if job is None or job.state != "running" or until():
        st.rerun()
    text = terms.say("Stopping …") if job.stopping else terms.say(job.stage)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=f"{text} · {job.share:.0%} · {numbers.lasting(job.seconds / 60)}")
        # A callback: it is called even where the page was drawn anew as the button was clicked, and this part with it.
        st.button(terms.say("Stop"), key=f"stop-{name}", disabled=job.stopping, on_click=job.stop)


def _ended(name: str, job: jobs.Job, done: Callable[[jobs.Job], str], again: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "done":
            st.success(done(job))
        elif job.state == "stopped":
            st.info(terms.say("Stopped. Nothing was changed."))
        elif job.error is not None:
            st.error(messages.literal(job.error.sentence()))
        if st.button(again or terms.say("Dismiss"), key=f"dismiss-{name}", type="secondary" if again else "tertiary"):
            jobs.registry().forget(name)
            st.rerun()
