"""Ask the sealed reading process for a file's content: a private folder goes in, rows and findings come out.

One helper process per program waits with every reader imported and keeps a fresh child ready for the next job, so that a file
costs milliseconds and not an interpreter's start. It opens no file itself. It ends when this program does.
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
from gridmap.intake import seal, sending
from gridmap.intake.limits import Limits, limits
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

IN, OUT = "in", "out"
"""The folders of a job: what is read, and what was made of it."""

STOP, DONE = b"!", b"."
"""Before a job's folder: end its reader at once; its answer was taken, it has to end by itself."""

READING = key("Reading the file")


@dataclass(slots=True)
class Spent:
    """The most that any reading of this program has cost so far."""

    longest_s: float = 0.0
    memory_mb: int = 0


_lock = threading.Lock()
_spent = Spent()
_leaving: list[int] = []
"""Pipes on which the ends of readers will be told whose answers were taken."""
_helper: tuple[subprocess.Popen[bytes], socket.socket] | None = None


@contextmanager
def job_folder() -> Iterator[Path]:
    """Give a private folder for one job, gone soon afterwards: nobody need wait until a large file is let go."""
    folder = Path(tempfile.mkdtemp(prefix="gridmap-intake-"))
    try:
        furnish(folder)
        yield folder
    finally:
        threading.Thread(target=shutil.rmtree, args=(folder, True)).start()


def furnish(folder: Path) -> None:
    """Make the folders of a job."""
    for part in (IN, OUT):
        (folder / part).mkdir(mode=0o700)


def write(folder: Path, job: dict[str, Any]) -> None:
    """Write down in its folder what a job asks for, and what it may cost."""
    (folder / "job.json").write_bytes(json.dumps({**job, "limits": limits().model_dump()}).encode())


def asked(folder: Path) -> tuple[dict[str, Any], Limits]:
    """Give what the job of a folder asks for, and what it may cost."""
    job = json.loads((folder / "job.json").read_bytes())
    return job, Limits.model_validate(job.pop("limits"))


def run(
    job: dict[str, Any],
    folder: Path,
    take: Callable[[pa.RecordBatch], None],
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:
    """Have one job done in ``folder`` and give its answer; the rows are handed to ``take`` as they come.

    What was taken counts only when the answer comes. progress: told ten times a second how far the reader says it is; when it
    raises, the reader is ended.
    Raises IntakeError with the reader's own sentence, or with one saying which limit stopped it.
    """
    name = str(job.get("name", ""))
    write(folder, job)
    told, rows = _sent(folder)
    ended = None
    try:
        with os.fdopen(rows, "rb"):
            waits = None if progress is None else lambda: progress(READING, _share(folder))
            whole = sending.receive(rows, take, most=limits().written_mb * 1024 * 1024, waits=waits)
        if not whole:
            ended = _end(told)
    except BaseException as error:
        with _lock:
            _started().send(STOP + os.fsencode(folder))
        _end(told)
        if isinstance(error, sending.TooMuchError):
            raise _stopped(0, name) from error
        if isinstance(error, sending.NoTextError):
            raise IntakeError(sending.MIXED, file=name) from error
        raise
    answer = folder / OUT / "answer.json"
    if not answer.exists():
        raise _stopped(ended or 0, name)
    result: dict[str, Any] = json.loads(answer.read_bytes())
    if whole:
        with _lock:
            _started().send(DONE + os.fsencode(folder))
            _leaving.append(told)
        _gather(wait=False)
    if "error" in result:
        raise IntakeError(result["error"], **result["values"])
    return result


def _sent(folder: Path) -> tuple[int, int]:
    """Send a job to a reader; give the pipes on which its end is told and its rows come."""
    told, tells = os.pipe()
    rows, carries = os.pipe()
    sending.widen(rows)
    try:
        with _lock:
            _send(os.fsencode(folder), [tells, carries])
    except BaseException:
        os.close(told)
        os.close(rows)
        raise
    finally:
        os.close(tells)
        os.close(carries)
    return told, rows


def _end(told: int) -> int:
    """Wait for a reader's end and note what it cost; give the signal that ended it, or 0."""
    with os.fdopen(told, "rb") as pipe:
        by, cpu_s, memory_kb = (pipe.read() or b"0 0 0").decode().split()
    with _lock:
        _spent.longest_s = max(_spent.longest_s, float(cpu_s))
        _spent.memory_mb = max(_spent.memory_mb, int(memory_kb) // 1024)
    return int(by)


def _gather(*, wait: bool) -> None:
    """Note what readers cost that have ended since; wait: for those too that have not yet."""
    with _lock:
        ended = [told for told in _leaving if wait or select.select([told], [], [], 0)[0]]
        _leaving[:] = [told for told in _leaving if told not in ended]
    for told in ended:
        _end(told)


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
    _gather(wait=True)
    with _lock:
        return replace(_spent)


def _send(message: bytes, pipes: list[int]) -> None:
    for attempt in (1, 2):
        try:
            socket.send_fds(_started(), [message], pipes)
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
