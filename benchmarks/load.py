"""Many readers at once: sessions over the WebSocket that open pages, drill down, filter and move on, beside idle ones.

    python benchmarks/load.py DATA [--active 50] [--idle 500] [--seconds 120] [--write]

Each active session behaves like a reader: it opens a page, goes to a place, changes the period, opens another page, with a
pause of 4-12 s between. A rerun is timed from sending the wish until Streamlit says that the page is drawn. One session alone
is timed before and after the crowd, in the same run; what counts is the ratio. Memory is the server's resident set.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import harness
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from gridmap import store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGES = ("", "cockpit", "incidents", "indicators")
LONGEST = 120
"""Seconds after which a rerun counts as an error."""


@dataclass
class Told:
    """What the sessions of one phase measured: seconds of each rerun, and errors by name."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def p95(self) -> float:
        """Give the 95th percentile."""
        return statistics.quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else self.seconds[0]

    def median(self) -> float:
        """Give the median."""
        return statistics.median(self.seconds)


class Session:
    """One reader's WebSocket."""

    def __init__(self, address: str, places: list[str], seed: int) -> None:
        self._url = address.replace("http", "ws") + "/_stcore/stream"
        self._places, self._random = places, random.Random(seed)
        self._query, self._pages, self._page = "lang=zh", {"": ""}, ""

    async def run(self, told: Told, until: float, *, pause: tuple[float, float]) -> None:
        """Open the first page, then move about until the time is over."""
        try:
            async with connect(self._url, subprotocols=["streamlit"], max_size=None, open_timeout=60) as wire:  # type: ignore[list-item]
                await self._rerun(wire, None)
                while time.monotonic() < until:
                    await asyncio.sleep(self._random.uniform(*pause))
                    self._move()
                    await self._rerun(wire, told)
        except Exception as error:  # noqa: BLE001  counted and told
            told.errors.append(f"{type(error).__name__} {error}"[:120])

    def _move(self) -> None:
        """Choose what the reader does next: drill down or up, another period, another page."""
        way = self._random.random()
        if way < 0.5:
            self._query = f"lang=zh&at={self._random.choice(self._places)}"
        elif way < 0.75:
            self._query = f"{self._query.split('&days')[0]}&days={self._random.choice((7, 30, 90, 365))}"
        else:
            self._page = self._random.choice(PAGES)

    async def _rerun(self, wire: object, told: Told | None) -> None:
        state = ClientState(query_string=self._query, page_script_hash=self._pages.get(self._page, ""))
        started = time.monotonic()
        await wire.send(BackMsg(rerun_script=state).SerializeToString())  # type: ignore[attr-defined]
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(wire.recv(), LONGEST))  # type: ignore[attr-defined]
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "session_event" and message.session_event.WhichOneof("type") == "script_compilation_exception":
                raise RuntimeError("the page does not compile")
            elif kind == "delta" and _complains(message):
                raise RuntimeError("a page showed an error")
            elif kind == "script_finished":
                break
        if told is not None:
            told.seconds.append(time.monotonic() - started)


def _complains(message: ForwardMsg) -> bool:
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    return kind == "exception" or (kind == "alert" and element.alert.format == Alert.ERROR)


async def idle(address: str, until: float, told: Told) -> None:
    """Open a page and then only hold it."""
    try:
        url = address.replace("http", "ws") + "/_stcore/stream"
        async with connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=120) as wire:  # type: ignore[list-item]
            await wire.send(BackMsg(rerun_script=ClientState(query_string="lang=zh")).SerializeToString())
            while time.monotonic() < until:
                try:
                    await asyncio.wait_for(wire.recv(), max(0.1, until - time.monotonic()))
                except TimeoutError:
                    break
    except Exception as error:  # noqa: BLE001  counted and told
        told.errors.append(f"idle: {type(error).__name__} {error}"[:120])


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, int]]:
    """Serve the dashboard on a free loopback port; gives its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"GRIDMAP_DATA": str(data), "GRIDMAP_REQUESTS_A_SECOND": "100000", "STREAMLIT_LOGGER_LEVEL": "error"}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "app:app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--log-level",
        "error",
        "--ws-per-message-deflate",
        "false",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()  # loopback
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(20)


def resident(pid: int) -> float:
    """Give the resident set of a process in MB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def cpu(pid: int) -> float:
    """Give the processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def alone(address: str, places: list[str], seconds: float) -> Told:
    """Time one session alone, without long pauses; a first round, which fills the answers kept, is not counted."""
    told = Told()
    await Session(address, places, 1).run(Told(), time.monotonic() + seconds / 3, pause=(0.0, 0.1))
    await Session(address, places, 1).run(told, time.monotonic() + seconds, pause=(0.2, 0.5))
    return told


async def crowd(address: str, places: list[str], pid: int, asked: argparse.Namespace, idles: int) -> tuple[Told, list[float]]:
    """Let active sessions work, beside idle ones; gives what they measured and the memory at each step."""
    told, memory, until = Told(), [], time.monotonic() + asked.seconds
    work = [asyncio.create_task(idle(address, until, told)) for _ in range(idles)]
    await asyncio.sleep(min(60, idles / 10))
    for number in range(asked.active):
        session = Session(address, places, 100 + number)
        work.append(asyncio.create_task(session.run(told, until, pause=(4, 12))))
        await asyncio.sleep(0.1)
    while time.monotonic() < until:
        memory.append(resident(pid))
        await asyncio.sleep(min(asked.step, max(0.1, until - time.monotonic())))
    await asyncio.gather(*work)
    return told, memory


def main() -> None:
    """Run the phases and tell them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--active", type=int, default=50)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--step", type=float, default=20, help="seconds between two looks at the memory")
    parser.add_argument("--write", action="store_true", help="keep the figures in RESULTS.md")
    asked = parser.parse_args()
    db = store.open_store(asked.data / "gridmap.duckdb")
    places = [code for level in ("district", "street", "community") for code in db.areas(level)["code"].head(40)]
    places += list(db.areas("grid")["code"].iloc[:: max(1, len(db.areas("grid")) // 40)])
    cases = (db.cursor().execute("SELECT count(*) FROM incidents").fetchone() or (0,))[0]
    db.close()
    busy = f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.0f} from other programs before the start"
    lines = [f"`python benchmarks/load.py`: {cases:,} incidents; {busy}.", ""]
    lines += ["| phase | reruns | median s | p95 s | ratio to the median alone | errors | server CPU s a rerun | memory MB |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    with serving(asked.data) as (address, pid):

        def row(name: str, told: Told, used: float, memory: list[float], base: float) -> None:
            told.seconds = told.seconds or [float("nan")]
            grown = f"{memory[0]:.0f} → {memory[-1]:.0f}" if memory else f"{resident(pid):.0f}"
            lines.append(
                f"| {name} | {len(told.seconds)} | {told.median():.3f} | {told.p95():.3f} | {told.p95() / base:.2f} | "
                f"{len(told.errors)} | {used / len(told.seconds):.3f} | {grown} |"
            )
            print(lines[-1], sorted(set(told.errors))[:3], flush=True)

        start = cpu(pid)
        first = asyncio.run(alone(address, places, asked.seconds / 3))
        base = first.median()
        row("one alone", first, cpu(pid) - start, [], base)
        for name, idles in (("active", 0), ("active beside idle", asked.idle)):
            start = cpu(pid)
            told, memory = asyncio.run(crowd(address, places, pid, asked, idles))
            row(f"{asked.active} {name}" + (f" {idles}" if idles else ""), told, cpu(pid) - start, memory, base)
        start = cpu(pid)
        row("one alone again", asyncio.run(alone(address, places, asked.seconds / 3)), cpu(pid) - start, [], base)
    if asked.write:
        harness.write("load", "## Many readers at once\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
