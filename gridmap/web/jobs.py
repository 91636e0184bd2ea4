"""Long work in the background: a page starts it, stays usable, sees how far it is, and can stop it.

A job belongs to the process, not to a session: whoever opens the page sees the same progress, and a reload loses
nothing. Work is a function that takes a ``progress(stage, share)`` callback; the callback raises when the job is to stop,
so that the work unwinds and leaves nothing half-written.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from gridmap import errors, terms
from gridmap.errors import GridmapError
from gridmap.web import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[str, float], None]
    Work = Callable[[Progress], Any]

LOG = logging.getLogger("gridmap.web")

MERGE = "merge"
"""The name of the job that merges the departments' layers."""

State = Literal["running", "done", "failed", "stopped"]


class Stopped(Exception):  # noqa: N818  it is a signal from the reader, not a fault
    """The reader asked for the work to stop."""


@dataclass
class Job:
    """One piece of work: what it does now (stage, a catalogue key), how far it is (0-1) and how it ended."""

    name: str
    state: State = "running"
    stage: str = terms.key("Starting")
    share: float = 0.0
    result: Any = None
    error: GridmapError | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    def report(self, stage: str, share: float) -> None:
        """Take a report from the work. Raises Stopped when the reader has asked to stop."""
        if self._stop.is_set():
            raise Stopped
        self.stage = stage
        self.share = min(1.0, max(self.share, share))

    def stop(self) -> None:
        """Ask the work to stop at its next report."""
        self._stop.set()

    def end(self, state: State) -> None:
        """Note that the work is over, and how it ended."""
        self.ended = datetime.now(UTC)
        self.state = state
        self._over.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most so long: short work needs no bar. Says whether it has."""
        return self._over.wait(seconds)

    @property
    def stopping(self) -> bool:
        """Say whether the reader has asked to stop and the work has not yet."""
        return self.state == "running" and self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Give the seconds since it began, or how long it took."""
        return ((self.ended or datetime.now(UTC)) - self.started).total_seconds()


class Jobs:
    """The jobs of this process, one of a name at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def latest(self, name: str) -> Job | None:
        """Give the newest job of a name, running or ended, or None."""
        return self._jobs.get(name)

    def start(self, name: str, work: Work) -> Job:
        """Start the work in a thread of its own, for whoever asks now, or give the job of that name that still runs."""
        with self._lock:
            now = self._jobs.get(name)
            if now is not None and now.state == "running":
                return now
            job = self._jobs[name] = Job(name)
        context = contextvars.copy_context()
        context.run(guard.carry())
        threading.Thread(target=context.run, args=(_run, job, work), name=f"job-{name}", daemon=True).start()
        return job

    def forget(self, name: str) -> None:
        """Clear an ended job off the page."""
        with self._lock:
            job = self._jobs.get(name)
            if job is not None and job.state != "running":
                del self._jobs[name]


def _run(job: Job, work: Work) -> None:
    state: State = "done"
    try:
        job.result = work(job.report)
    except Stopped:
        state = "stopped"
    except GridmapError as error:
        job.error, state = error, "failed"
    except Exception as error:
        LOG.exception("The job %s failed.", job.name)
        why = errors.NO_ROOM if errors.is_out_of_room(error) else "The work failed. What happened is in the server's log."
        job.error, state = GridmapError(why), "failed"
    finally:
        job.end(state)


@st.cache_resource(show_spinner=False)
def registry() -> Jobs:
    """Give the process's one set of jobs."""
    return Jobs()
