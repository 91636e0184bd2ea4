"""Lets the sealed reader and the child that is asked in SQL count where a run of the tests is measured.

Both start from an empty environment and may write no file, so coverage's own way into other processes does not reach them.
Where a run is measured, tests start them by way of this file: it measures in memory, runs the very program, and hands over what
was walked through a socket that was open before anything was shut. Who is killed hands over nothing.
"""

import os
import runpy
import socket
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import coverage

ROOT = Path(__file__).parents[1]
ROOMS = [str(ROOT / "gridmap" / room) for room in ("store", "access", "intake", "sandbox")]
WAY = "TESTS_COVERED"
"""The environment's name for the socket."""

_LARGEST = 4_000_000


@contextmanager
def children(modules):
    """Measure the processes that these modules start, where this one is measured; modules: those that call subprocess.Popen."""
    measured = coverage.Coverage.current()
    if measured is None:
        yield
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
    name = f"sealed.{os.getpid()}.{os.urandom(4).hex()}"
    walked = coverage.CoverageData(basename=measured.config.data_file, suffix=name)
    listening = threading.Thread(target=_listen, args=(ours, walked), daemon=True)
    listening.start()
    kept = [(module, module.subprocess) for module in modules]
    for module, plain in kept:
        module.subprocess = SimpleNamespace(**{**vars(plain), "Popen": _starting(plain.Popen, theirs)})
    try:
        yield
    finally:
        for module, plain in kept:
            module.subprocess = plain
        theirs.close()
        ours.shutdown(socket.SHUT_RDWR)
        listening.join()
        ours.close()


def _starting(popen, channel):
    """Give what starts a Python program by way of this file; flags before the program stay."""

    def start(command, *, env, pass_fds=(), **options):
        at = next(n for n, part in enumerate(command) if n and part not in {"-I", "-P"})
        own = {**env, WAY: str(channel.fileno())}
        return popen(
            [*command[:at], str(Path(__file__)), *command[at:]], env=own, pass_fds=[*pass_fds, channel.fileno()], **options
        )

    return start


def _listen(channel, walked):
    with suppress(OSError):
        while message := channel.recv(_LARGEST):
            told = coverage.CoverageData(no_disk=True)
            told.loads(message)
            walked.update(told)


def _run(program):
    """Run ``-m MODULE`` or a file as this process, measured."""
    channel = socket.socket(fileno=os.dup(int(os.environ[WAY])))
    own = coverage.Coverage(data_file=None, branch=True, source=ROOMS, config_file=False)
    leave, begin = os._exit, os.execv

    def hand_over():
        own.stop()
        with suppress(OSError):  # the run is over
            channel.send(own.get_data().dumps())

    def left(status):
        hand_over()
        leave(status)

    def begun(_path, command):
        begin(command[0], [*command[:2], __file__, *command[2:]])

    os._exit, os.execv = left, begun
    own.start()
    try:
        if program[0] == "-m":
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(program[0], run_name="__main__")
    finally:
        hand_over()


if __name__ == "__main__":
    _run(sys.argv[1:])
