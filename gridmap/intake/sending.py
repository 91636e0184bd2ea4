"""Rows on their way from the sealed process to the program outside: Arrow batches through a pipe, bounded on arrival."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa

from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MIXED = key("{file} holds text in more than one encoding, or is damaged; save it anew as UTF-8.")
TICK_S = 0.1
_ROOM = 1024 * 1024
"""Bytes the pipe may hold, where the system allows so many: the reader need not wait for each page to be taken."""
_SET_PIPE_SIZE = 1031


class TooMuchError(Exception):
    """More came than is allowed."""


class NoTextError(Exception):
    """What came says that it is text and is none, or does not hold together otherwise."""


class Sending:
    """The sealed process's end of the pipe. The schema goes with the first rows."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._writer: pa.RecordBatchStreamWriter | None = None

    def send(self, rows: pa.Table) -> None:
        """Send rows; all have one schema."""
        if self._writer is None:
            self._writer = pa.ipc.new_stream(pa.PythonFile(self._pipe, "w"), rows.schema)
        nothing = pa.record_batch([pa.nulls(0, column.type) for column in rows.schema], schema=rows.schema)
        for batch in rows.to_batches() or [nothing]:  # without one, the columns would not be told
            self._writer.write_batch(batch)

    def end(self) -> None:
        """Say that these were all."""
        if self._writer is None:
            self._writer = pa.ipc.new_stream(pa.PythonFile(self._pipe, "w"), pa.schema([]))
        self._writer.close()


class Arriving:
    """The outside's end of the pipe, read as a file.

    most: bytes that may come; waits: called ten times a second while nothing comes, and may raise to give up. short: it ended
    where more was asked for.
    """

    closed = False

    def __init__(self, pipe: int, *, most: int, waits: Callable[[], None] | None) -> None:
        self._pipe, self._left, self._waits = pipe, most, waits
        self.short = False

    def read(self, count: int) -> NDArray[np.uint8]:
        """Give so many bytes, fewer at the end. Raises TooMuchError."""
        if count > self._left:
            raise TooMuchError
        self._left -= count
        found, got = np.empty(count, np.uint8), 0
        while got < count:
            while self._waits is not None and not select.select([self._pipe], [], [], TICK_S)[0]:
                self._waits()
            more = os.readv(self._pipe, [found[got:].data])
            if not more:
                self.short = True
                break
            got += more
        return found[:got]


def widen(pipe: int) -> None:
    """Let a pipe hold more at once."""
    try:
        import fcntl  # noqa: PLC0415 - not everywhere

        fcntl.fcntl(pipe, _SET_PIPE_SIZE, _ROOM)
    except (ImportError, OSError):  # pragma: no cover - it works without
        return


def receive(pipe: int, take: Callable[[pa.RecordBatch], None], *, most: int, waits: Callable[[], None] | None) -> bool:
    """Hand each batch that comes to ``take``; False where they stop before their end or are none.

    Raises TooMuchError, NoTextError, and what ``take`` and ``waits`` raise.
    """
    arriving = Arriving(pipe, most=most, waits=waits)
    stream = None
    while True:
        try:
            stream = stream or pa.ipc.open_stream(pa.PythonFile(arriving, "r"))
            batch = stream.read_next_batch()
        except StopIteration:
            return not arriving.short
        except (pa.ArrowException, OSError):
            return False
        try:
            batch.validate(full=True)  # the sender has read a stranger's file
            _ = batch.schema.names  # which validating leaves out
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise NoTextError from error
        take(batch)
