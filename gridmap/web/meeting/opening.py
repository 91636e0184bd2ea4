"""Streets made ready to be worked on: in the background, with a bar that can be stopped, so that no page stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap.web import progress
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.web.jobs import Progress


def ready(drafts: Sequence[str], street: str, *, version: int | None = None) -> bool:
    """Say whether a street of some drafts, and of a version, stands ready; else begin it and draw how far it is."""
    missing = [draft for draft in drafts if not room.stands(draft, street)]
    based = version is not None and not room.stands_base(version, street)
    if not missing and not based:
        return True

    def work(report: Progress) -> None:
        for number, draft in enumerate(missing):
            room.prepare(draft, street, progress.part(report, number, len(missing) + based))
        if version is not None and based:
            room.base(version, street, progress.part(report, len(missing), len(missing) + 1))

    return progress.done(f"open-{street}-{'-'.join(missing)}-{version if based else ''}", work)
