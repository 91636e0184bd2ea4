"""Ask the sealed reading process for a file's content: a private folder goes in, frames and findings come out.

One helper process per program waits with every reader imported and forks a fresh child for each job, so that a file costs
milliseconds and not an interpreter's start. It runs no reader itself. It ends when this program does.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridmap.errors import IntakeError
from gridmap.intake import seal
from gridmap.intake.limits import limits
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IN, OUT = "in", "out"
"""The folders of a job: what is read, and what was made of it."""

STOP = b"!"
"""Before a job's folder: end its reader."""

READING = key("Reading the file")
_TICK_S = 0.1


@dataclass(slots=True)
class Spent:
    """The most that any reading of this program has cost so far."""

    longest_s: float = 0.0
    memory_mb: int = 0


_lock = threading.Lock()
_spent = Spent()
_helper: tuple[subprocess.Popen[bytes], socket.socket] | None = None


@contextmanager
def job_folder() -> Iterator[Path]:
    """Give a private folder for one job, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gridmap-intake-"))
    try:
        for part in (IN, OUT):
            (folder / part).mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(job: dict[str, Any], folder: Path, progress: Callable[[str, float], None] | None = None) -> dict[str, Any]:
    """Have one job done in ``folder`` and give its answer; the frames it made lie in ``folder/out``.

    progress: told ten times a second how far the reader says it is; when it raises, the reader is ended.
    Raises IntakeError with the reader's own sentence, or with one saying which limit stopped it.
    """
    message = json.dumps({**job, "folder": str(folder), "limits": limits().model_dump()}).encode()
    (folder / "job.json").write_bytes(message)
    reading, writing = os.pipe()
    try:
        with _lock:
            _send(str(folder).encode(), writing)
    finally:
        os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        try:
            while progress is not None and not select.select([pipe], [], [], _TICK_S)[0]:
                progress(READING, _share(folder))
        except BaseException:
            with _lock:
                _started().send(STOP + str(folder).encode())
            pipe.read()
            raise
        ended = pipe.read()
    by, cpu_s, memory_kb = (ended or b"0 0 0").decode().split()
    with _lock:
        _spent.longest_s = max(_spent.longest_s, float(cpu_s))
        _spent.memory_mb = max(_spent.memory_mb, int(memory_kb) // 1024)
    answer = folder / OUT / "answer.json"
    if not answer.exists():
        raise _stopped(int(by), str(job.get("name", "")))
    result: dict[str, Any] = json.loads(answer.read_bytes())
    if "error" in result:
        raise IntakeError(result["error"], **result["values"])
    return result


def _share(folder: Path) -> float:
    """Give how far the reader says it is; whatever it writes, a number between 0 and 1 comes out."""
    try:
        return min(1.0, max(0.0, float((folder / OUT / "progress").read_bytes()[:8])))
    except (OSError, ValueError):
        return 0.0


def warm() -> None:
    """Start the helper now, so that the first file does not wait for it."""
    with _lock:
        _started()


def spent() -> Spent:
    """Give the most that any reading of this program has cost so far: CPU seconds, memory in MB."""
    with _lock:
        return replace(_spent)


def _send(message: bytes, writing: int) -> None:
    for attempt in (1, 2):
        try:
            socket.send_fds(_started(), [message], [writing])
        except OSError:
            _stop()
            if attempt == 2:
                raise IntakeError("The reading process cannot be started; see the server's log.") from None
        else:
            return


def _started() -> socket.socket:
    global _helper  # noqa: PLW0603 - one helper a process is the point
    if _helper is not None and _helper[0].poll() is None:
        return _helper[1]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {
        **seal.ENVIRONMENT,
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GRIDMAP_INTAKE_SOCKET": str(theirs.fileno()),
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "gridmap.intake.worker"],
        env=environment,
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    theirs.close()
    _helper = (process, ours)
    return ours


def _stop() -> None:
    global _helper  # noqa: PLW0603 - see _started
    if _helper is not None:
        _helper[1].close()
        _helper[0].wait(timeout=10)
        _helper = None


def _stopped(number: int, name: str) -> IntakeError:
    """Say why the child gave no answer. number: the signal that ended it."""
    if number in {signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL}:
        return IntakeError(
            "Reading {file} took longer than {cpu} s of computing; it is far bigger or more tangled than a boundary file.",
            file=name,
            cpu=limits().cpu_s,
        )
    return IntakeError("{file} makes its reader break down; it is damaged or made to do harm, and was not read.", file=name)
