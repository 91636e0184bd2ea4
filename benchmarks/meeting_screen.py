"""An edit as the reader sees it: from the press of a button to the new borders painted in Chromium, beside an empty rerun."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
LIKE = 261
"""Pieces of ground of the street edited, as nearly as the district has one: the demo's own has so many."""

WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now(), app = document.querySelector("[data-testid=stApp]");
  window.seen = { pressed: 0, ended: 0, running: 0 };
  const press = (event) => { window.seen = { pressed: performance.timeOrigin + event.timeStamp, ended: 0, running: 0 }; };
  addEventListener("click", press, true);
  new MutationObserver(() => {
    if (!window.seen.pressed || window.seen.ended) return;
    if (app.dataset.testScriptState === "running") window.seen.running = now();
    else if (window.seen.running) window.seen.ended = now();
  }).observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
}"""
"""Has the page note when something was pressed and when the rerun it caused ended."""

PAINTED = """() => {
  const box = gridmap.stage.map.getContainer();
  window.painted = {};
  new MutationObserver(() => { window.painted[box.dataset.stamp] = performance.timeOrigin + performance.now(); })
    .observe(box, { attributes: true, attributeFilter: ["data-stamp"] });
}"""
"""Has the map note when it had painted which number of steps."""


CHOOSE = """(code) => {
  const s = gridmap.stage;
  s.report({ kind: "area", level: "atom", code, n: ++s.clicks, session: s.session, at: [0, 0] });
}"""
"""Has the map report a click on a piece of ground."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder of data on a free loopback port; gives the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    own = {"GRIDMAP_DATA": str(folder), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", "PYTHONPATH": str(ROOT)}
    unheard = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own}, **unheard)
    try:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def planned(folder: Path, count: int) -> tuple[str, int, int, list[tuple[str, str]]]:
    """Choose a street and edits in it, one after the other: a piece of ground, and the grid it goes to.

    Gives the street, its pieces of ground, the grids of the district, the edits.
    """
    from gridmap import store  # noqa: PLC0415
    from gridmap.errors import MergeError  # noqa: PLC0415
    from gridmap.merge import editing, plan  # noqa: PLC0415
    from gridmap.merge.board import Board  # noqa: PLC0415

    db = store.open_store(folder / "gridmap.duckdb")
    version = db.version_now()
    if db.atom_set(version) is None:
        db.keep_atoms(version, gpd.read_parquet(folder / "merge" / "atoms.parquet"))
    sizes = db.atoms(db.atom_set(version)).groupby("street_code").size()
    street = str((sizes - LIKE).abs().sort_values(kind="stable").index[0])
    atoms = db.atoms(db.atom_set(version), street)
    grids = len(db.areas("grid"))
    db.close()
    now = plan.Draft(Board(atoms, norm=None), plan.State(tuple(atoms.pop("grid_code").astype(str))))
    edits: list[tuple[str, str]] = []
    for atom in range(len(atoms)):
        near = [now.state.grid[n] for n in now.board.neighbours[atom] if now.state.grid[n] != now.state.grid[atom]]
        to = next((name for name in near if now.board.nest[atom] == name[:12]), None)
        if to is None or len(now.board.whole[atom]) > 1:
            continue
        with suppress(MergeError):
            now = now.do(editing.give(now, [atom], to))
            edits.append((str(atom), to))
        if len(edits) == count:
            break
    return street, len(atoms), grids, edits


def edits(folder: Path, runs: int) -> tuple[str, float, float]:
    """Measure edits and empty reruns in turn, in one browser; gives what was measured and the medians in seconds."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    street, pieces, grids, steps = planned(folder, runs + 1)
    with served(folder) as address, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = chromium.new_context(locale="zh-CN", viewport={"width": 1920, "height": 1080}).new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{address}/meeting?view=borders&street={street}")
        page.frame_locator("iframe[title*=folium]").locator("[data-painted]").wait_for()
        frame = next(frame for frame in page.frames if "streamlit_folium" in frame.url)
        page.evaluate(WATCH)
        frame.evaluate(PAINTED)
        taken = []
        for number, step in enumerate(steps, start=1):
            ours = _edit(page, frame, step, number)
            taken.append((ours, _empty(page)))
        chromium.close()
    ours, empty = (statistics.median(part) for part in zip(*taken[1:], strict=True))  # the first warms both
    return f"street of {pieces} pieces in a district of {grids:,} grids", ours, empty


def _edit(page: Any, frame: Any, step: tuple[str, str], number: int) -> float:  # noqa: ANN401
    """Choose a piece of ground and give it away; seconds from that press until the map has painted it."""
    atom, to = step
    frame.evaluate(CHOOSE, atom)  # not by the mouse: the legend may lie above it
    button = page.locator(f".st-key-meet-to-{to} button")
    button.wait_for()
    page.wait_for_timeout(500)
    button.click()
    frame.wait_for_function("(n) => window.painted[n]", arg=str(number))
    page.wait_for_timeout(500)
    return float(frame.evaluate("(n) => window.painted[n]", str(number)) - page.evaluate("() => window.seen.pressed")) / 1000


def _empty(page: Any) -> float:  # noqa: ANN401
    """Have the page run again with nothing changed on it; seconds from the press until the browser shows that it has ended.

    What is pressed says whether a click means a piece of ground or a whole grid: there and back again.
    """
    seconds = []
    for place in (1, 0):
        page.locator(".st-key-meet-unit button").nth(place).click()
        page.wait_for_function("() => window.seen.ended")
        page.wait_for_timeout(500)
        seconds.append(float(page.evaluate("() => window.seen.ended - window.seen.pressed")) / 1000)
    return statistics.mean(seconds)
