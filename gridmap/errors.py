"""Every error gridmap raises on purpose, each carrying one sentence that can be said in the reader's language."""

from __future__ import annotations

import errno

from gridmap import terms

NO_ROOM = terms.key("The disk is full, and nothing of this was kept. Make room on the server's disk and try again.")

DAMAGED = terms.key(
    "The district's database is damaged: part of it cannot be read. Stop the server and put back a backup with gridmap restore;"
    " gridmap verify says whether a database is whole."
)

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ROOM_SAID = ("No space left on device", "File too large", "Disk quota exceeded", "database or disk is full")


class GridmapError(Exception):
    """Something a person can mend: what is wrong, where, and what to do.

    message: an English sentence with {named} places, which is also its key in the catalogue.
    values: what stands in those places (identifiers, figures, file names: never translated).
    """

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message, values)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        """Give the sentence in the current language."""
        return self.sentence()

    def sentence(self, language: str | None = None) -> str:
        """Give the sentence in ``language``, or in the current one."""
        return terms.say(self.message, language=language, **self.values)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep message and values when the error crosses from a worker process."""
        return _rebuild, (type(self), self.message, self.values)


def _rebuild(kind: type[GridmapError], message: str, values: dict[str, object]) -> GridmapError:
    return kind(message, **values)


def is_out_of_room(error: BaseException) -> bool:
    """Say whether an error of the system or of a database, or one that it comes from, means that a disk is full."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            return True
        if not isinstance(cause, GridmapError) and any(sign in str(cause) for sign in _NO_ROOM_SAID):
            return True
        cause = cause.__cause__
    return False


def is_damaged(error: BaseException) -> bool:
    """Say whether an error of a database, or one that it comes from, means that its file cannot be read any more."""
    cause: BaseException | None = error
    while cause is not None:
        if not isinstance(cause, GridmapError) and "Corrupt database file" in str(cause):
            return True
        cause = cause.__cause__
    return False


class InputError(GridmapError):
    """An argument or an option cannot be used as given."""


class IntakeError(GridmapError):
    """A file that was offered cannot be read, or must not be."""


class MergeError(GridmapError):
    """Layers cannot be merged as they are."""


class StoreError(GridmapError):
    """The district's database cannot do what was asked."""


class HeldError(StoreError):
    """Another process has the district's database open."""


class AccessError(GridmapError):
    """An account cannot be used as asked."""


class Forbidden(AccessError):  # noqa: N818  it is what the person is told
    """The person asking has no right to it."""


class SandboxError(GridmapError):
    """A query was refused or stopped."""


class MapError(GridmapError):
    """A map asks for something the server does not have."""


class CaseError(GridmapError):
    """A move that a case's state, place or rules do not allow."""
