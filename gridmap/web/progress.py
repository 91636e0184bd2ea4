"""The bar of a job that runs in the background: it moves by itself, and the rest of the page stays usable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from gridmap import terms
from gridmap.web import jobs, messages, numbers, session

if TYPE_CHECKING:
    from collections.abc import Callable


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


@session.fragment(run_every=1.0)
def _running(name: str, until: Callable[[], bool]) -> None:
    job = jobs.registry().latest(name)
    if job is None or job.state != "running" or until():
        st.rerun()
    text = terms.say("Stopping …") if job.stopping else terms.say(job.stage)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=f"{text} · {job.share:.0%} · {numbers.lasting(job.seconds / 60)}")
        if st.button(terms.say("Stop"), key=f"stop-{name}", disabled=job.stopping):
            job.stop()
            st.rerun(scope="fragment")


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
