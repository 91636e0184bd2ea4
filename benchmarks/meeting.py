"""The meeting's claims: what an edit costs beside an empty rerun of its page, a re-solve beside the first solve, a drawn area.

    python benchmarks/meeting.py [--data var/demo] [--large CITY] [--street CODE] [--rows 10000000] [--runs 5] [--write]

An edit is all that a step costs the server beyond the rerun it causes: the step itself, keeping it, following it, its figures,
the new borders. On the screen it is measured in Chromium, from the press of the button to the new borders painted, beside a
rerun of the page in which nothing changes, from its press to the end Streamlit shows; with ``--large`` also in a larger one.
A drawn area counts incidents by matter and month, point by point at its edge, beside DuckDB's bare scan of the
columns shown. CPU seconds count every thread; medians of interleaved runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import harness
import meeting_screen
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

WEST, SOUTH, SIZE = 119.80, 39.85, 0.20
START, END = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001 -- the store's times are naive
CHUNK = 1_000_000
COLUMNS = "matter_code, reported_at, closed_at, status, lon, lat"


def cpu(work: Callable[[], object]) -> float:
    """Give the CPU seconds one thing takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def beside(ours: Callable[[], object], peer: Callable[[], object], runs: int) -> tuple[float, float]:
    """Give the medians of both, run in turn."""
    pairs = [(cpu(ours), cpu(peer)) for _ in range(runs)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


LINES = ["| what | ours, s | peer | peer, s | ratio | bar |", "|---|---|---|---|---|---|"]


def say(what: str, ours: float, peer: str, theirs: float, bar: float) -> None:
    """Print one line of the table and keep it."""
    ratio = ours / theirs
    LINES.append(
        f"| {what} | {ours:.4f} | {peer} | {theirs:.4f} | {ratio:.3f} | ≤ {bar:g} {'held' if ratio <= bar else 'MISSED'} |"
    )
    print(LINES[-1], flush=True)


def edits(folder: Path, street: str, runs: int) -> None:
    """Measure an edit beside an empty rerun of the page, in a process that runs the page as Streamlit does."""
    os.environ["GRIDMAP_DATA"] = str(folder)
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415 -- reads its settings from the environment

    from gridmap import access, maps  # noqa: PLC0415
    from gridmap.errors import MergeError  # noqa: PLC0415
    from gridmap.merge import editing, effects  # noqa: PLC0415
    from gridmap.web import district, guard, visitor  # noqa: PLC0415
    from gridmap.web.meeting import drawing, room  # noqa: PLC0415

    guard.visit = lambda: visitor.Visit(access.DEMO)  # the test's page has no cookies to be known by
    page = AppTest.from_file(str(Path("pages/meeting.py").absolute()), default_timeout=600)
    page.query_params["view"], page.query_params["street"] = "borders", street
    page.run()
    assert not page.exception, page.exception
    db = district.db()
    draft = db.drafts()["draft_id"].iloc[0]
    now, seq = room.current(draft, street)
    print(f"street {street}: {len(now.board)} atoms, {len(now.state.members())} grids of {len(db.areas('grid'))}")
    rng = np.random.default_rng(1)

    def step() -> None:
        nonlocal now, seq
        while True:
            atom = int(rng.integers(len(now.board)))
            near = [n for n in now.board.neighbours[atom] if now.state.grid[n] != now.state.grid[atom]]
            if not near:
                continue
            try:
                change = editing.give(now, [atom], now.state.grid[near[0]])
            except MergeError:
                continue
            break
        before = now
        room.take(draft, street, "do", change, after=seq)
        now, seq = room.current(draft, street)
        effects.effects(before, now, change.grids)
        maps.repaint(None, outlines=[drawing.grids(now.board, now.state)])

    step()
    ours, empty = beside(step, page.run, runs)
    say("an edit, beyond the rerun it causes", ours, "empty rerun of the page", empty, 1 / 3)


def solving(folder: Path, street: str) -> None:
    """Measure a re-solve of a street beside its first solve."""
    from gridmap import merge, store  # noqa: PLC0415
    from gridmap.merge import mending, plan  # noqa: PLC0415
    from gridmap.merge.board import Board  # noqa: PLC0415

    db = store.open_store(folder / "gridmap.duckdb")
    atoms = db.atoms("v1", street)
    grid = tuple(atoms.pop("grid_code"))
    board = Board(atoms, norm=(300, 500))
    draft = plan.Draft(board, plan.State(grid))
    merge.partition(
        board.ground.iloc[:30].reset_index(drop=True), weights=pd.Series(board.weight[:30]), norm=(300, 500)
    )  # compiled
    first = cpu(lambda: merge.partition(board.ground, weights=pd.Series(board.weight), norm=(300, 500)))
    found: list[mending.Finished] = []
    again = cpu(lambda: found.append(mending.finish(draft)))
    say("re-solve of the street", again, "its first solve", first, 1)
    proven = "none" if found[0].bound_m is None else f"{found[0].bound_m:,.0f}"
    LINES.append(f"| objective of that re-solve, m | {found[0].cost_m:,.0f} | bound: no plan can be below | {proven} | | |")
    print(LINES[-1])


def areas(rows: int, runs: int) -> None:
    """Measure drawn areas of three sizes over many incidents beside a bare scan."""
    from gridmap import store  # noqa: PLC0415
    from gridmap.analysis import inquiry  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        db = store.open_store(Path(name) / "gridmap.duckdb")
        rng = np.random.default_rng(5)
        matters = np.array(["06010", "06012", "06028", "07001", "08004", "09006", "21005", "22001"])
        for first in range(0, rows, CHUNK):
            n = min(CHUNK, rows - first)
            hot = rng.random(n) < 0.4
            xy = np.where(hot[:, None], 0.5 + rng.normal(0, 0.12, (n, 2)), rng.random((n, 2))).clip(0, 1) * SIZE + (WEST, SOUTH)
            when = np.datetime64("2026-01-01", "us") + np.sort((first + rng.random(n) * n) / rows * 365 * 86_400e6).astype(
                "int64"
            )
            table = pa.table({
                "incident_id": pa.array(np.arange(first, first + n).astype(str)),
                "matter_code": pa.array(matters[rng.integers(0, 8, n)]),
                "reported_at": pa.array(when), "closed_at": pa.array(when + np.timedelta64(9, "h"), mask=rng.random(n) < 0.07),
                "status": pa.array(np.array(["closed", "handling"])[rng.integers(0, 2, n)]), "lon": xy[:, 0], "lat": xy[:, 1],
                "cell": store.tiles(xy[:, 0], xy[:, 1]),
            })  # fmt: skip
            with db.write() as cursor:
                cursor.register("made", table)
                cursor.execute("INSERT INTO incidents BY NAME SELECT * FROM made")
                cursor.unregister("made")
        middle = shapely.Point(WEST + SIZE / 2, SOUTH + SIZE / 2)
        bare = ", ".join(f"max({column})" for column in COLUMNS.split(", "))
        for radius in (0.003, 0.02, 0.09):
            ground = middle.buffer(radius)
            counted = inquiry._cases(db, ground, START, END)
            ours, scan = beside(
                lambda ground=ground: inquiry._cases(db, ground, START, END),
                lambda: db.cursor().execute(f"SELECT {bare} FROM incidents").fetchall(),
                runs,
            )
            say(f"area with {int(counted['n'].sum()):,} of {rows:,} incidents", ours, "bare scan", scan, 2)
        db.close()


def on_the_screen(folder: Path, runs: int) -> None:
    """Measure an edit in a real browser: wall seconds, for that is what people wait."""
    what, ours, empty = meeting_screen.edits(folder, runs)
    say(f"an edit until it is painted, wall, {what}", ours, "empty rerun of the page, wall", empty, 2)


def copied(data: Path, to: Path) -> Path:
    """Copy a folder of data, so that a run leaves no draft behind; of its sources only what says that it is the demo."""

    def left(folder: str, names: list[str]) -> set[str]:
        return set(names) - {"manifest.json"} if Path(folder).name == "source" else {"ask"} & set(names)

    shutil.copytree(data, to, ignore=left)
    return to


def main() -> None:
    """Run what is asked for and print, and with --write keep, the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("var/demo"))
    parser.add_argument("--large", type=Path, help="data of a larger district, for the screen")
    parser.add_argument("--street", default="990199002")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=("edits", "screen", "solving", "areas"))
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    args = parser.parse_args()
    print("\n".join(LINES))
    with tempfile.TemporaryDirectory() as name:
        if args.only in {None, "screen"}:
            for number, data in enumerate([args.data, *([args.large] if args.large else [])]):
                on_the_screen(copied(data, Path(name) / f"seen{number}"), args.runs)
        folder = copied(args.data, Path(name) / "data")
        if args.only in {None, "edits"}:
            edits(folder, args.street, args.runs)
        if args.only in {None, "solving"}:
            solving(folder, args.street)
    if args.only in {None, "areas"}:
        areas(args.rows, args.runs)
    if args.write:
        harness.write("meeting", HEAD + "\n".join(LINES))


HEAD = """## Meeting (`python benchmarks/meeting.py`)

CPU seconds, where it does not say wall; medians of interleaved runs (a re-solve once); the demo's street 990199002. An edit
is all that a step costs the server beyond the rerun it causes. On the screen it is measured in Chromium, from the press of the
button to the borders painted, and the rerun from the press to the end the browser shows. The areas are circles over 10 million
incidents; the scan reads the six columns they show.

"""

if __name__ == "__main__":
    main()
