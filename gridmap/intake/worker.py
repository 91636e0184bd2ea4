"""The reading process: waits with every reader imported, and keeps a child ready that is sealed and reads when a job comes.

A child is forked before it is needed and reads a layer of its own making first, so that what a reader has to look up once is
looked up before somebody waits for it. It serves one file and ends.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pyogrio import list_drivers

from gridmap.errors import GridmapError
from gridmap.intake import reading, seal, sealed, trial
from gridmap.intake.sending import Sending
from gridmap.terms import key

_DAMAGED = key("{file} is damaged or not what its name says; export it again.")

_TOO_BIG = key("{file} needs more memory to read than the {memory} MB allowed.")

_RESTS_S = 2.0
"""Seconds after a file before a child makes ready for the next: its rows are looked at now, and that is waited for."""

_LEAVES_S = 2.0
"""Seconds a child may take to end after its answer was taken."""


@dataclass(slots=True)
class Child:
    """A child and the way to it. folder: its job's; told: the pipe on which its end is told; due: when it is ended by force."""

    process: int
    way: socket.socket
    folder: bytes = b""
    told: int = -1
    due: float = float("inf")


class Helper:
    """Hands jobs that come through ``channel`` to children, one each."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._working: dict[int, Child] = {}
        self._ready: Child | None = None
        self._keeps_ready = True
        self._rests_until = 0.0
        self._woken, waking = os.pipe()
        for end in (self._woken, waking):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Take jobs until the channel closes: a folder, with the pipes that tell a reader's end and carry its rows.

        A folder behind STOP ends its reader at once, one behind DONE soon: its answer was taken.
        """
        while True:
            soonest = min((child.due for child in self._working.values()), default=float("inf"))
            if self._ready is None and self._keeps_ready and not self._working:
                soonest = self._rests_until
                if soonest <= time.monotonic():
                    self._ready, soonest = self._fork(), float("inf")
            wait = None if soonest == float("inf") else max(0.0, soonest - time.monotonic())
            there = select.select([self._channel.fileno(), self._woken], [], [], wait)[0]
            if self._woken in there:
                with suppress(BlockingIOError):
                    os.read(self._woken, 512)
                self._reap()
            if self._channel.fileno() in there and not self._take():
                return
            for child in self._working.values():
                if child.due <= time.monotonic():
                    os.kill(child.process, signal.SIGKILL)
                    child.due = float("inf")

    def _take(self) -> bool:
        """Take one message; False when the channel has closed."""
        message, pipes, _, _ = socket.recv_fds(self._channel, 4096, 2)
        if not message:
            return False
        for mark, grace in ((sealed.STOP, 0.0), (sealed.DONE, _LEAVES_S)):
            if message.startswith(mark):
                for child in self._working.values():
                    if child.folder == message.removeprefix(mark):
                        child.due = time.monotonic() + grace
                return True
        told, rows = pipes
        child, self._ready = self._ready or self._fork(), None
        child.folder, child.told = message, told
        self._working[child.process] = child
        with suppress(OSError):  # it died as it waited: its end is told like any other
            socket.send_fds(child.way, [message], [rows])
        child.way.close()
        os.close(rows)
        return True

    def _fork(self) -> Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = os.fork()
        if process == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (ours, self._channel, *([self._ready.way] if self._ready else ())):
                other.close()
            for child in self._working.values():
                os.close(child.told)
            _wait(theirs)
        theirs.close()
        return Child(process, ours)

    def _reap(self) -> None:
        """Tell the end of every child that ended: the signal that ended it or 0, its CPU seconds, its greatest memory in kB."""
        if self._ready is not None and os.waitpid(self._ready.process, os.WNOHANG)[0]:
            self._ready.way.close()
            self._ready, self._keeps_ready = None, False
        for process, child in list(self._working.items()):
            ended, status, spent = os.wait4(process, os.WNOHANG)
            if ended:
                del self._working[process]
                self._rests_until = time.monotonic() + _RESTS_S
                by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                with suppress(OSError):
                    os.write(child.told, f"{by} {spent.ru_utime + spent.ru_stime} {spent.ru_maxrss}".encode())
                os.close(child.told)


def _only_allowed_drivers() -> None:
    """Start over with a longer list of formats to leave out where this GDAL has some that ours does not know."""
    extra = set(list_drivers()) - seal.DRIVERS
    if extra:
        os.environ["OGR_SKIP"] += "," + ",".join(sorted(extra))
        os.execv(sys.executable, [sys.executable, "-P", "-m", "gridmap.intake.worker"])  # noqa: S606 - this very program, started over


def _wait(way: socket.socket) -> NoReturn:
    """Make ready, unless there is work already, wait for a job, do it and end this process."""
    warnings.simplefilter("ignore")  # what GDAL mutters about single rows comes out as findings
    try:
        if not select.select([way], [], [], 0)[0]:
            trial.read()
        message, pipes, _, _ = socket.recv_fds(way, 4096, 1)
        if message:
            way.close()
            _work(Path(message.decode()), pipes[0])
    except BaseException:  # noqa: BLE001 - nothing of a child may go on into the helper's own loop
        traceback.print_exc()
    finally:
        os._exit(0)


def _work(folder: Path, rows: int) -> None:
    """Do the job in ``folder``, sealed: its rows go into the pipe ``rows``, its answer into the folder, then the rows' end."""
    answer: dict[str, object]
    sending = Sending(os.fdopen(rows, "wb", buffering=0))
    whole = False
    try:
        job, limits = sealed.asked(folder)
        seal.bound(limits)
        layers = seal.close(folder, [link.readlink() for link in (folder / sealed.IN).iterdir() if link.is_symlink()])
        do = reading.do_table if job.get("task") == "table" else reading.do
        answer = {**do(job, folder, limits, sending.send), "seal": layers}
        whole = True
    except GridmapError as error:
        answer = {"error": error.message, "values": error.values}
    except MemoryError:
        answer = {"error": _TOO_BIG, "values": {"file": job["name"], "memory": limits.memory_mb}}
    except Exception:  # noqa: BLE001 - whatever a reader throws at a hostile file becomes one sentence, the rest is logged
        traceback.print_exc()
        answer = {"error": _DAMAGED, "values": {"file": job["name"]}}
    (folder / sealed.OUT / "answer.json").write_text(json.dumps(answer, default=str), "utf-8")
    if whole:
        sending.end()


if __name__ == "__main__":
    _only_allowed_drivers()
    trial.files()
    Helper(socket.socket(fileno=int(os.environ["GRIDMAP_INTAKE_SOCKET"]))).serve()
