"""Many readers at once: sessions over the WebSocket that open pages, drill down, filter, draw and move on, beside idle ones.

    python benchmarks/load.py DATA [--write]                 the bar, in under eight minutes
    python benchmarks/load.py DATA --minutes 60 [--write]    the same crowd for an hour, for the memory

An active session does what a person does who uses the pages in a room while others talk: one thing every 5-10 s. From where
it is it drills into one of the parts (or back to the top), changes the period, colours the map by something else, narrows
the incidents to some channels, draws an area in the meeting, or opens another page. All start at the district, each goes its
own way. A rerun is timed from sending the wish until Streamlit says that the page is drawn. One session alone does the same,
with shorter pauses, before and after the crowd in the same run; what counts is the ratio. Its very first page is not
counted; all else, also what nobody asked before, is. Memory is the server's resident set.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import harness
import load_readers as readers
from playwright.async_api import async_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from gridmap import store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
THINKING = (5.0, 10.0)
"""Seconds between two actions of a reader in the crowd, evenly spread."""

ALONE = (0.3, 0.8)
"""The same of the reader alone, who would else take an hour to be timed often enough."""

STILL = '[data-testid="stApp"][data-test-script-state="notRunning"]'
WRONG = '[data-testid="stException"], [data-testid="stAlertContentError"]'
HEAD = """## Many readers at once

`python benchmarks/load.py DATA --write`. Each active reader does one thing every 5-10 s: drills into a part or back to the
top, changes the period or the colours, filters incidents, draws an area in the meeting, or opens another page. The reader
alone does the same, from the same cold start. Readers and server share the cores."""


@dataclass
class Until:
    """When a phase is over, once that is known."""

    time: float = float("inf")


async def idle(address: str, until: Until, told: readers.Told, drawn: asyncio.Semaphore) -> None:
    """Open a page and then only hold it. drawn: released once the page stands."""
    try:
        url = address.replace("http", "ws") + "/_stcore/stream"
        async with connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=120) as wire:  # type: ignore[list-item]
            await wire.send(BackMsg(rerun_script=ClientState(query_string="lang=zh")).SerializeToString())
            while ForwardMsg.FromString(await wire.recv(decode=False)).WhichOneof("type") != "script_finished":
                pass
            drawn.release()
            while (left := until.time - time.monotonic()) > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(wire.recv(), min(left, 1.0))  # the end is set while it waits
    except Exception as error:  # noqa: BLE001  counted and told
        told.errors.append(f"idle: {type(error).__name__} {error}"[:120])
        drawn.release()


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


async def browsers(address: str, town: readers.Town, until: float, told: readers.Told, count: int) -> None:
    """Let real browsers go from page to page: seconds until a page stands still, and what its console complains of."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        async def read(seed: int) -> None:
            page = await chromium.new_page(viewport={"width": 1920, "height": 1080})
            page.on("pageerror", lambda error: told.errors.append(f"browser: {error}"[:120]))
            choice = random.Random(seed)
            while time.monotonic() < until:
                name = choice.choice(list(readers.PAGES))
                at = choice.choice(town.parts.get(town.top) or [town.top])
                started = time.monotonic()
                await page.goto(f"{address}/{name}?{urlencode({'lang': 'zh', 'at': at})}", wait_until="commit")
                await page.locator(STILL).wait_for(timeout=readers.LONGEST * 1000)
                told.reruns.append((name, time.monotonic() - started))
                if await page.locator(WRONG).count():
                    told.errors.append(f"browser: {name} shows an error")
                await asyncio.sleep(choice.uniform(*THINKING))

        await asyncio.gather(*(read(seed) for seed in range(count)))
        await chromium.close()


async def alone(address: str, town: readers.Town, seconds: float, seed: int) -> readers.Told:
    """Time one reader alone."""
    told = readers.Told()
    await readers.Session(address, town, seed).run(told, time.monotonic() + seconds, pause=ALONE)
    return told


@dataclass
class Phase:
    """What a phase of the crowd gave: its reruns, those of the browsers, the memory at each step, the server's cores."""

    told: readers.Told
    seen: readers.Told
    memory: list[float]
    used: float


async def crowd(
    address: str, town: readers.Town, pid: int, asked: argparse.Namespace, *, idles: int, browse: int, seed: int
) -> Phase:
    """Let active readers work, beside idle ones and browsers. The idle ones' pages stand before the first reader comes."""
    told, seen, memory = readers.Told(), readers.Told(), []
    end, drawn = Until(), asyncio.Semaphore(0)
    work = []
    for _ in range(idles):
        work.append(asyncio.create_task(idle(address, end, told, drawn)))
        await asyncio.sleep(1 / 12)
    for _ in range(idles):
        await drawn.acquire()
    until = end.time = time.monotonic() + asked.active / 5 + asked.seconds
    for number in range(asked.active):
        session = readers.Session(address, town, seed + number)
        work.append(asyncio.create_task(session.run(told, until, pause=THINKING)))
        await asyncio.sleep(1 / 5)
    if browse:
        work.append(asyncio.create_task(browsers(address, town, until, seen, browse)))
    start, begun = cpu(pid), time.monotonic()
    told.reruns.clear()
    while (left := until - time.monotonic()) > 0.1:
        memory.append(resident(pid))
        await asyncio.sleep(min(asked.step, left))
    used = (cpu(pid) - start) / (time.monotonic() - begun)
    await asyncio.gather(*work)
    return Phase(told, seen, [*memory, resident(pid)], used)


def main() -> None:
    """Run the phases and tell them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--active", type=int, default=50)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--browsers", type=int, default=2)
    parser.add_argument("--settle", type=float, default=60, help="seconds left to the server after its start")
    parser.add_argument("--seconds", type=float, default=90, help="of each crowd")
    parser.add_argument("--step", type=float, default=10, help="seconds between two looks at the memory")
    parser.add_argument("--minutes", type=float, help="one crowd for so long instead, for the memory")
    parser.add_argument("--write", action="store_true", help="keep the figures in RESULTS.md")
    asked = parser.parse_args()
    db = store.open_store(asked.data / "gridmap.duckdb")
    town = readers.Town.of(db)
    cases = (db.cursor().execute("SELECT count(*) FROM incidents").fetchone() or (0,))[0]
    db.close()
    lines = [f"{cases:,} incidents; {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the start.", ""]
    lines += ["| phase | reruns | median s | p95 s | p95 to the median alone | errors | cores the server used | memory MB |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    with serving(asked.data) as (address, pid):

        def row(name: str, told: readers.Told, used: float, memory: list[float], base: float) -> None:
            lines.append(
                f"| {name} | {len(told.reruns)} | {told.median():.3f} | {told.p95():.3f} | {told.p95() / base:.2f} | "
                f"{len(told.errors)} | {used:.2f} | {memory[0]:.0f} → {memory[-1]:.0f} |"
            )
            print(f"{lines[-1]}\n    {told.pages()} {sorted(set(told.errors))[:5]}", flush=True)

        def one(name: str, seconds: float, seed: int, base: float | None = None) -> readers.Told:
            start, begun, memory = cpu(pid), time.monotonic(), resident(pid)
            told = asyncio.run(alone(address, town, seconds, seed))
            used = (cpu(pid) - start) / (time.monotonic() - begun)
            row(name, told, used, [memory, resident(pid)], base or told.median())
            return told

        time.sleep(asked.settle)
        base = one("one alone", min(60, asked.seconds), 1).median()
        if asked.minutes:
            asked.seconds, asked.step = 60 * asked.minutes, 60
            found = asyncio.run(crowd(address, town, pid, asked, idles=0, browse=0, seed=100))
            row(f"{asked.active} active, {asked.minutes:.0f} minutes", found.told, found.used, found.memory, base)
            lines += ["", "Memory, MB, each minute: " + ", ".join(f"{mb:.0f}" for mb in found.memory) + "."]
            print(lines[-1])
        else:
            for name, idles, browse in (
                ("", 0, 0),
                (f" beside {asked.idle} idle", asked.idle, 0),
                (" and browsers", 0, asked.browsers),
            ):
                if browse:
                    asked.seconds = min(asked.seconds, 45)
                found = asyncio.run(
                    crowd(address, town, pid, asked, idles=idles, browse=browse, seed=1000 + 1000 * idles + 100 * browse)
                )
                row(f"{asked.active} active{name}", found.told, found.used, found.memory, base)
                if browse:
                    row(f"{browse} of Chromium, whole pages", found.seen, found.used, found.memory, base)
            one("one alone again", min(40, asked.seconds), 2, base)
    if asked.write:
        named = "load-memory" if asked.minutes else "load"
        harness.write(named, ("### The same for longer" if asked.minutes else HEAD) + "\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
