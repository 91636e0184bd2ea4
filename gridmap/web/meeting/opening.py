"""Streets made ready to be worked on: in the background, with a bar that can be stopped, so that no page stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import terms
from gridmap.web import jobs, progress
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gridmap.web.jobs import Progress

AT_ONCE_S = 0.8
"""Work that is over sooner draws no bar."""


def ready(drafts: Sequence[str], street: str, *, version: int | None = None) -> bool:
    """Say whether a street of some drafts, and of a version, stands ready; else begin it and draw how far it is."""
    missing = [draft for draft in drafts if not room.stands(draft, street)]
    based = version is not None and not room.stands_base(version, street)
    if not missing and not based:
        return True

    def work(report: Progress) -> None:
        for number, draft in enumerate(missing):
            room.prepare(draft, street, part(report, number, len(missing) + based))
        if version is not None and based:
            room.base(version, street, part(report, len(missing), len(missing) + 1))

    return done(f"open-{street}-{'-'.join(missing)}-{version if based else ''}", work)


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
    progress.bar(name, done=lambda _: "", again=again)
    return None


def part(report: Progress, number: int, of: int) -> Progress:
    """Give the way to report one part of some work: the number-th (from 0) of so many."""
    return lambda stage, share: report(stage, (number + share) / of)
