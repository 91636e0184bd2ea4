"""The reading process: waits with every reader imported, and forks a sealed child for each job."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from pyogrio import list_drivers

from gridmap.errors import GridmapError
from gridmap.intake import reading, seal, sealed
from gridmap.intake.limits import Limits
from gridmap.terms import key

if TYPE_CHECKING:
    from types import FrameType

_DAMAGED = key("{file} is damaged or not what its name says; it could not be read.")

_TOO_BIG = key("{file} needs more memory to read than the {memory} MB allowed.")

_children: dict[int, int] = {}
"""Process id of each child at work, and the pipe on which its end is told."""

_folders: dict[int, bytes] = {}
"""The folder each child works in."""


def serve(channel: socket.socket) -> None:
    """Fork a child for every job folder that comes in, with the pipe that tells its end, until the channel closes.

    A folder behind STOP ends the child that works in it.
    """
    _only_allowed_drivers()
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        message, pipes, _, _ = socket.recv_fds(channel, 4096, 1)
        if not message:
            return
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if message.startswith(sealed.STOP):
            _end(message.removeprefix(sealed.STOP))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            continue
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            channel.close()
            for pipe in pipes + list(_children.values()):
                os.close(pipe)
            _work(Path(message.decode()))
        _children[child], _folders[child] = pipes[0], message
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _end(folder: bytes) -> None:
    """End the child that works in a folder: nobody waits for it any more."""
    for child, its in _folders.items():
        if its == folder and child in _children:
            os.kill(child, signal.SIGKILL)


def _only_allowed_drivers() -> None:
    """Start over with a longer list of formats to leave out where this GDAL has some that ours does not know."""
    extra = set(list_drivers()) - seal.DRIVERS
    if extra:
        os.environ["OGR_SKIP"] += "," + ",".join(sorted(extra))
        os.execv(sys.executable, [sys.executable, "-P", "-m", "gridmap.intake.worker"])  # noqa: S606 - this very program, started over


def _reap(_number: int, _frame: FrameType | None) -> None:
    """Tell the end of every child that ended: the signal that ended it or 0, its CPU seconds, its greatest memory in kB."""
    for child in list(_children):
        ended, status, spent = os.wait4(child, os.WNOHANG)
        if ended:
            pipe = _children.pop(child)
            _folders.pop(child, None)
            by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            os.write(pipe, f"{by} {spent.ru_utime + spent.ru_stime} {spent.ru_maxrss}".encode())
            os.close(pipe)


def _work(folder: Path) -> None:
    """Do the job in ``folder``, sealed, write its answer and end this process."""
    answer: dict[str, object]
    try:
        job = json.loads((folder / "job.json").read_bytes())
        limits = Limits.model_validate(job.pop("limits"))
        seal.bound(limits)
        layers = seal.close(folder)
        do = reading.do_table if job.get("task") == "table" else reading.do
        answer = {**do(job, folder, limits), "seal": layers}
    except GridmapError as error:
        answer = {"error": error.message, "values": error.values}
    except MemoryError:
        answer = {"error": _TOO_BIG, "values": {"file": job["name"], "memory": limits.memory_mb}}
    except Exception:  # noqa: BLE001 - whatever a reader throws at a hostile file becomes one sentence, the rest is logged
        traceback.print_exc()
        answer = {"error": _DAMAGED, "values": {"file": job["name"]}}
    try:
        (folder / "out" / "answer.json").write_text(json.dumps(answer, default=str), "utf-8")
    finally:
        os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(os.environ["GRIDMAP_INTAKE_SOCKET"])))
