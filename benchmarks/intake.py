"""What safety costs: reading through the sealed process against bare reads, in one run.

    python benchmarks/intake.py [--grids 10000] [--rows 1000000] [--only layers|tables] [--write]

Claims: a boundary file is read, checked and shown (its map made and packed) in at most twice geopandas' bare read of it plus
the checks' own time: (all of it - checks) / bare <= 2; a table of incidents is read, typed, judged and stored with its grids
in at most three times DuckDB's bare read of the same CSV into memory. Ours and the peer in turns, medians of five (of nine for
layers): seconds on the clock, which is what a person waits, and CPU seconds of this process and of the reading processes.
The checks' own time is that of ``find_faults`` and of the test of every shape that the reading process makes. The checks take
thirty times as long as the bare read, so two medians of runs apart differ by more than what is asked for: their time is
taken inside the very run that it is subtracted from, in CPU seconds of the thread that makes them, and every round gives a
ratio of its own, of which the median is told. As on the page, the map is made while the checks run; the reader of the next
file makes ready when this one has been looked at.
"""

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import duckdb
import geopandas as gpd
import harness
import numpy as np
import pandas as pd
import psutil
import queries_data as data
import shapely

from gridmap import intake, maps, store
from gridmap.maps import held

READY_S = 2.5
"""Seconds after a file until the reader of the next has rested and made ready."""


def spent() -> float:
    """CPU seconds of this process and of all readings so far."""
    own = psutil.Process()
    below = [child.cpu_times() for child in own.children()]
    mine = own.cpu_times()
    return mine.user + mine.system + sum(one.children_user + one.children_system for one in below)


class Cost(NamedTuple):
    """What something took: seconds on the clock, CPU seconds."""

    clock: float
    cpu: float


def costs(*works: Callable[[], object], runs: int = 5) -> list[Cost]:
    """Median costs of each of several things, done in turns."""
    taken: list[list[Cost]] = [[] for _ in works]
    for _ in range(runs):
        for work, mine in zip(works, taken, strict=True):
            cpu, clock = spent(), time.perf_counter()
            work()
            clock = time.perf_counter() - clock
            time.sleep(READY_S)
            mine.append(Cost(clock, spent() - cpu))
    return [Cost(*map(statistics.median, zip(*mine, strict=True))) for mine in taken]


def grids(count: int) -> gpd.GeoDataFrame:
    """Cells of a square lattice, each with 200 wavy vertices."""
    side = int(np.ceil(np.sqrt(count)))
    x, y = np.meshgrid(np.arange(side) * 100.0, np.arange(side) * 100.0)
    cells = shapely.segmentize(shapely.box(x, y, x + 100, y + 100).ravel()[:count], 2.0)
    wavy = shapely.transform(cells, lambda c: c + [500000, 4400000] + 3 * np.sin(c[:, ::-1] / 7))
    return gpd.GeoDataFrame({"id": [f"G{n:06d}" for n in range(count)], "name": "网格"}, geometry=wavy, crs=4549)


def incidents(path: Path, count: int) -> None:
    """Write a CSV as a hotline exports it."""
    rng = np.random.default_rng(0)
    when = np.datetime64("2025-01-01") + np.sort(rng.integers(0, 365 * 86400, count)).astype("timedelta64[s]")

    def text(times: np.ndarray) -> pd.Series:
        return pd.Series(times).dt.strftime("%Y-%m-%d %H:%M:%S")

    pd.DataFrame(
        {
            "事件编号": [f"SJ{n:08d}" for n in range(count)],
            "事项代码": rng.choice(["06001", "06010", "09012"], count),
            "描述": "小区门口有人反映问题,请尽快处理",
            "来源渠道": rng.choice(["巡查", "协查", "居民举报", "市民服务热线"], count),
            "上报时间": text(when),
            "受理时间": text(when + np.timedelta64(60, "s")),
            "办结时间": text(when + np.timedelta64(86400, "s")),
            "状态": "办结",
            "是否满意": rng.choice(["是", "否", ""], count),
            "经度": np.round(rng.uniform(119.8, 119.95, count), 6),
            "纬度": np.round(rng.uniform(39.85, 39.98, count), 6),
        }
    ).to_csv(path, index=False)


def layers(count: int, folder: Path, *, rounds: int = 9) -> list[str]:
    """Measure a layer in every format; give the rows of the table."""
    frame = grids(count)
    intake.open_file(written(frame.iloc[:10], folder / "warm.geojson"))
    drawn(frame.iloc[:10])
    intake.find_faults(frame.iloc[:100])
    rows = [
        "| format | bare read, s | read sealed | read, checked, shown | of it checks | (all - checks) / bare | of the rounds |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in ("geojson", "gpkg", "fgb", "shp", "parquet"):
        path = written(frame, folder / f"grids.{kind}")
        taken = [once(path, frame) for _ in range(rounds)]
        figures = " | ".join(f"{statistics.median(one):.3f}" for one in zip(*taken, strict=True))
        ratios = sorted((one.whole - one.checks) / one.bare for one in taken)
        rows.append(f"| {kind} | {figures} | {statistics.median(ratios):.2f} | {ratios[0]:.2f} to {ratios[-1]:.2f} |")
        print(rows[-1], flush=True)
    return rows


class Round(NamedTuple):
    """Seconds on the clock of one round; of the checks, the CPU seconds of their thread."""

    bare: float
    sealed: float
    whole: float
    checks: float


def once(path: Path, frame: gpd.GeoDataFrame) -> Round:
    """Read a layer bare, read it sealed, and go the whole way with it."""
    bare = clock(lambda: gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path))
    sealed = rested(lambda: intake.open_file(path))
    own: list[float] = []
    whole = rested(lambda: own.append(walked(path)))
    return Round(bare, sealed, whole, own[0] + clock(lambda: shapely.is_valid(frame.geometry.array)))


def clock(work: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def rested(reading: Callable[[], object]) -> float:
    """Give the seconds that a reading takes, and wait until the next reader is ready."""
    taken = clock(reading)
    time.sleep(READY_S)
    return taken


def tables(count: int, folder: Path) -> list[str]:
    """Measure a table of incidents; give the rows of the table."""
    path = folder / "incidents.csv"
    incidents(path, count)
    form = intake.form("incidents")
    with closing(store.open_store(folder / "load.duckdb")) as db:
        data.fill(db, *data.city(1500))
        db.index(db.version_now())

        def load() -> None:
            db.load("incidents", intake.read_rows(intake.open_table(path), form).good, batch=uuid.uuid4().hex)

        def empty() -> None:
            with db.write() as cursor:
                cursor.execute("DELETE FROM incidents; DELETE FROM incident_cells")  # every load is into an empty table

        load()
        empty()
        bare, judged, loaded, emptied = costs(
            lambda: duckdb.sql(f"CREATE OR REPLACE TABLE bare AS SELECT * FROM read_csv('{path}')"),
            lambda: intake.read_rows(intake.open_table(path), form),
            load,
            empty,
        )
    del emptied
    rows = ["| 1 M rows of CSV | s | against the bare read | CPU s | against the bare read |", "|---|---|---|---|---|"]
    for what, one in (
        ("DuckDB's bare read", bare),
        ("read sealed, typed, judged", judged),
        ("and stored with their grids", loaded),
    ):
        rows.append(f"| {what} | {one.clock:.2f} | {one.clock / bare.clock:.2f} | {one.cpu:.2f} | {one.cpu / bare.cpu:.2f} |")
    print("\n".join(rows), flush=True)
    return rows


def main() -> None:
    """Measure every claim."""
    options = argparse.ArgumentParser()
    options.add_argument("--grids", type=int, default=10_000)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--only", choices=["layers", "tables"])
    options.add_argument("--write", action="store_true")
    asked = options.parse_args()
    intake.warm()
    with tempfile.TemporaryDirectory() as name:
        text = [
            f"`python benchmarks/intake.py`: {asked.grids:,} grids of 200 vertices each.",
            "",
            *(layers(asked.grids, Path(name)) if asked.only != "tables" else ()),
            "",
            *(tables(asked.rows, Path(name)) if asked.only != "layers" else ()),
        ]
    if asked.write:
        harness.write("intake", "\n".join(text))


def walked(path: Path) -> float:
    """Read a layer, and find its faults while its map is made; give the CPU seconds of the checks."""
    frame = intake.open_file(path).frame
    with ThreadPoolExecutor(1) as beside:
        shown = beside.submit(drawn, frame)
        begun = time.thread_time()
        intake.find_faults(frame)
        begun = time.thread_time() - begun
        shown.result()
    return begun


def drawn(frame: gpd.GeoDataFrame) -> None:
    """Make what the page's map of a layer fetches: thinned borders, packed as for the first time, under a URL."""
    held._held.clear()
    maps.borders(frame[["geometry"]])


def written(frame: gpd.GeoDataFrame, path: Path) -> Path:
    """Write a frame in the format of the path's ending."""
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)
    return path


if __name__ == "__main__":
    main()
