"""The store's claims beside its peers, on one set of incidents in one run.

    python benchmarks/queries.py [--rows 10000000] [--peer-rows 2000000] [--runs 5] [--write]

Peers: DuckDB's own scan of the same columns, plain DuckDB over the Parquet file, DuckDB's spatial join, geopandas, and PostGIS
(Debian's package, started on loopback in a temporary folder; left out with a line where it is not installed). Peers that would
take minutes run on --peer-rows and are compared by the row. CPU seconds count every thread; on a machine that others use, they
say more than wall seconds. --write puts the table into RESULTS.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import tempfile
import time
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import queries_data as data
import queries_postgis as postgis

from gridmap import kpi, store
from gridmap.store.incidents import coded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STORAGE = "v1.5.0"
"""The store's own form of file, for every table that is timed."""

MARKS = ("<!-- queries:start -->", "<!-- queries:end -->")
MONTH = kpi.Filters(start=dt.date(2026, 3, 1), end=dt.date(2026, 4, 1))
ALL = kpi.Filters()
LATE = kpi.Filters(start=dt.date(2026, 3, 12), end=dt.date(2026, 4, 12))
FILTERED = (
    ("one channel", {"channels": ("resident",)}, "channel = 'resident'"),
    ("one class", {"classes": ("06",)}, "left(matter_code, 2) = '06'"),
    ("two states", {"statuses": ("handling", "assigned")}, "status IN ('handling', 'assigned')"),
)
"""Filters beside time, each with its words and what it is in SQL."""
WHOLE = (119.80, 39.85, 120.00, 40.05)
VIEW = (119.85, 39.90, 119.95, 39.98)


@dataclass
class Took:
    """Median seconds of one thing done several times."""

    wall: float
    cpu: float

    def __truediv__(self, other: Took) -> float:
        return self.cpu / other.cpu


def timed(work: Callable[[], object], runs: int) -> Took:
    """Do something several times; give the medians."""
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Took(statistics.median(walls), statistics.median(cpus))


class Report:
    """The table, printed as it grows."""

    def __init__(self) -> None:
        self.lines = ["| question | ours s | peer | peer s | ratio | bar |", "|---|---|---|---|---|---|"]

    def add(self, question: str, ours: Took, peer: str, theirs: Took, bar: float | None = None) -> None:
        """Add a comparison: ours over theirs, in CPU seconds, and whether the bar is held."""
        ratio = ours / theirs
        held = "" if bar is None else f"≤ {bar:g} {'held' if ratio <= bar else 'MISSED'}"
        self.line(question, f"{ours.cpu:.3f}", peer, f"{theirs.cpu:.3f}", f"{ratio:.3f}", held)

    def line(self, *cells: str) -> None:
        """Add a line of cells."""
        self.lines.append("| " + " | ".join(cells) + " |")
        print(self.lines[-1], flush=True)


def assignment(db: store.Store, grids: int, args: argparse.Namespace, folder: Path, report: Report) -> None:
    """From DuckDB table to DuckDB table: every incident's grid, as an ENUM of the codes."""
    _, plan = data.city(grids, seed=grids)
    series = plan.grids.set_index("grid_code").geometry
    path = folder / f"assign{grids}.duckdb"
    with duckdb.connect(path, config={"storage_compatibility_version": STORAGE}) as own:
        own.execute("LOAD spatial")
        own.execute(f"ATTACH '{db.path.with_name('points.duckdb')}' AS src (READ_ONLY)")
        own.execute("CREATE TABLE points AS SELECT id, lon, lat FROM src.points")
        index = store.CellIndex(series)

        def ours(index: store.CellIndex | None = None, *, text: bool = False) -> None:
            kept = index or store.CellIndex(series)
            kind = pa.schema([("id", pa.int64()), ("grid_code", pa.dictionary(pa.int32(), pa.string()))])

            def placed() -> Iterator[pa.RecordBatch]:
                reader = own.cursor().execute("SELECT id, lon, lat FROM points").to_arrow_reader(8 * 122_880)
                for batch in reader:
                    codes = coded(kept, batch.column("lon").to_numpy(), batch.column("lat").to_numpy())
                    yield pa.record_batch([batch.column("id"), codes], schema=kind)

            writer = own.cursor()
            writer.execute("DROP TABLE IF EXISTS answer")
            writer.execute("DROP TYPE IF EXISTS code")
            words = ", ".join(f"'{code}'" for code in kept.codes)
            writer.execute(f"CREATE TYPE code AS ENUM ({words})")
            writer.register("placed", pa.RecordBatchReader.from_batches(kind, placed()))
            column = "grid_code" if text else "grid_code::code AS grid_code"
            writer.execute(f"CREATE TABLE answer AS SELECT id, {column} FROM placed")

        built, kept = timed(ours, args.runs), timed(lambda: ours(index), args.runs)
        written = timed(lambda: ours(text=True), args.runs)
        once = own.execute("SELECT count(*), count(DISTINCT id), count(grid_code) FROM answer").fetchone()
        assert once == (args.rows,) * 3, once
        scale = args.rows / args.peer_rows
        frame = pd.DataFrame({"grid_code": plan.grids["grid_code"], "wkb": plan.grids.geometry.to_wkb()})
        own.register("shapes", frame)
        own.execute("CREATE TABLE grids AS SELECT grid_code, ST_GeomFromWKB(wkb) AS geom FROM shapes")
        own.execute(
            f"CREATE TABLE few AS SELECT id, ST_Point(lon, lat) AS geom FROM points LIMIT {args.peer_rows}",
        )
        spatial = timed(
            lambda: own.execute(
                "CREATE OR REPLACE TABLE joined AS "
                "SELECT id, grid_code FROM few JOIN grids ON ST_Intersects(grids.geom, few.geom)"
            ),
            1,
        )

        def pandas() -> None:
            got = own.execute(f"SELECT id, lon, lat FROM points LIMIT {args.peer_rows}").df()
            points = gpd.GeoDataFrame(got[["id"]], geometry=gpd.points_from_xy(got["lon"], got["lat"]), crs=4490)
            joined = gpd.sjoin(points, plan.grids[["grid_code", "geometry"]], predicate="intersects")[["id", "grid_code"]]
            own.register("joined_frame", joined)
            own.execute("CREATE OR REPLACE TABLE joined AS SELECT * FROM joined_frame")

        frames = timed(pandas, 1)
        few = own.execute("SELECT id, lon, lat FROM points LIMIT 200000").df()
        agree(few, index, plan.grids)
    peers = {"DuckDB spatial join": spatial, "geopandas.sjoin": frames}
    for name, took in peers.items():
        peers[name] = Took(took.wall * scale, took.cpu * scale)
    best = min(peers, key=lambda name: peers[name].cpu)
    low, high = (0.08, 0.06) if grids < 5_000 else (0.3, 0.12)
    report.add(f"assign {args.rows:,} points to {grids:,} grids, index built", built, best, peers[best], low)
    report.add(f"the same to {grids:,}, index kept", kept, best, peers[best], high)
    other = next(name for name in peers if name != best)
    report.add(f"the same to {grids:,}, index built", built, other, peers[other])
    report.add(f"the same to {grids:,}, codes written as text instead of an ENUM", written, best, peers[best])


def agree(points: pd.DataFrame, index: store.CellIndex, grids: gpd.GeoDataFrame) -> None:
    """Every point lies in exactly one grid, and it is one that geopandas finds too."""
    found = coded(index, points["lon"].to_numpy(), points["lat"].to_numpy()).to_pylist()
    frame = gpd.GeoDataFrame({"ours": found}, geometry=gpd.points_from_xy(points["lon"], points["lat"]), crs=4490)
    joined = gpd.sjoin(frame, grids[["grid_code", "geometry"]], predicate="intersects")
    assert (joined["ours"] == joined["grid_code"]).groupby(level=0).any().all()


def appending(db: store.Store, args: argparse.Namespace, folder: Path, report: Report) -> None:
    """Append a day's 14,000 incidents (typed, checked for repeats, placed) beside the bare INSERT of the same frame."""
    days = []
    for number in range(args.runs + 1):
        path = folder / f"day{number}.parquet"
        start = str(np.datetime64("2027-01-01") + number)
        data.write_incidents(path, 14_000, start=start, days=1, seed=100 + number, first=50_000_000 + number * 14_000)
        days.append(pd.read_parquet(path))
    db.index(db.version_now())
    waiting = iter(days)
    db.load("incidents", next(waiting), batch=uuid.uuid4().hex)
    ours = timed(lambda: db.load("incidents", next(waiting), batch=uuid.uuid4().hex), args.runs)
    with duckdb.connect(folder / "bare.duckdb") as bare:
        bare.register("day", days[0])
        bare.execute("CREATE TABLE incidents AS SELECT * FROM day LIMIT 0")
        for frame in days[:1]:
            bare.register("day", frame)
        theirs = timed(lambda: bare.execute("INSERT INTO incidents SELECT * FROM day"), args.runs)
    report.add("append a day's 14,000, assigned and visible", ours, "bare INSERT", theirs, 5)


def questions(db: store.Store, parquet: Path, args: argparse.Namespace, report: Report) -> None:
    """Ask for counts, strip and density beside DuckDB's own scan of the same columns with the same filter."""

    def fresh(ask: Callable[[], object]) -> Callable[[], object]:
        def asked() -> object:
            db.cache.clear()
            return ask()

        return asked

    def scan(columns: str, condition: str = "true") -> Took:
        parts = ", ".join(f"max({column})" for column in columns.split())
        return timed(lambda: db.cursor().execute(f"SELECT {parts} FROM incidents WHERE {condition}").fetchall(), args.runs)

    month = "reported_at >= '2026-03-01' AND reported_at < '2026-04-01' AND status IS DISTINCT FROM 'void'"
    every = "status IS DISTINCT FROM 'void'"
    for name, by, columns in (
        ("grid", ("grid_code",), "grid_code"),
        ("day", ("day",), "reported_at"),
        ("category", ("class_code",), "matter_code"),
        ("channel", ("channel",), "channel"),
    ):
        for label, filters, condition in (("all time", ALL, every), ("one month", MONTH, month)):
            ours = timed(fresh(lambda by=by, filters=filters: kpi.counts(db, filters, by=by)), args.runs)
            report.add(f"counts by {name}, {label}", ours, "own scan of the columns", scan(columns, condition), 2)
    touched = (
        "reported_at accepted_at arrived_at closed_at due_at grid_code deferred is_resident_reported duplicate_of satisfied"
    )
    for label, filters, condition in (("all time", ALL, every), ("one month", MONTH, month)):
        ours = timed(fresh(lambda filters=filters: kpi.strip(db, filters)), args.runs)
        report.add(f"the strip of eleven figures, {label}", ours, "own scan of the columns", scan(touched, condition), 3)
    kpi.strip(db, ALL)
    cached = timed(lambda: [kpi.strip(db, ALL) for _ in range(1000)], args.runs)
    cached = Took(cached.wall / 1000, cached.cpu / 1000)
    report.add("the same strip again", cached, "own scan of the columns", scan(touched, every), 1 / 50)
    for name, box in (("a viewport", VIEW), ("the whole city", WHOLE)):
        west, south, east, north = box
        view = f"lon BETWEEN {west} AND {east} AND lat BETWEEN {south} AND {north}"
        for label, filters, condition in (("all time", ALL, every), ("one month", MONTH, month)):
            count = f"SELECT count(*) FROM incidents WHERE {condition} AND {view}"
            bare = timed(lambda count=count: db.cursor().execute(count).fetchall(), args.runs)
            bins = timed(lambda condition=condition, view=view: hexagons(db, f"{condition} AND {view}"), args.runs)
            look = partial(kpi.density, db, filters, bounds=box, zoom=13)
            first = timed(fresh(look), args.runs)
            report.add(f"density of {name}, {label}, first look", first, "bare count, same filter", bare, 2)
            report.add(f"density of {name}, {label}, first look", first, "hexagons worked out in the query", bins, 0.1)
            report.add(
                f"density of {name}, {label}, map moved", timed(look, args.runs), "hexagons worked out in the query", bins, 0.1
            )
        late = timed(fresh(partial(kpi.density, db, LATE, bounds=box, zoom=13)), args.runs)
        inside = f"reported_at >= '2026-03-12' AND reported_at < '2026-04-12' AND {every} AND {view}"
        bare = timed(
            lambda inside=inside: db.cursor().execute(f"SELECT count(*) FROM incidents WHERE {inside}").fetchall(), args.runs
        )
        report.add(f"density of {name}, 31 days from the 12th", late, "bare count, same filter", bare, 2)
    for words, more, sql in FILTERED:
        for label, start, end, condition in (("all time", None, None, every), ("one month", MONTH.start, MONTH.end, month)):
            filters = kpi.Filters(start=start, end=end, **more)
            for name, by, columns in (("grid", "grid_code", "grid_code"), ("day", "day", "reported_at")):
                ours = timed(fresh(lambda by=by, filters=filters: kpi.counts(db, filters, by=(by,))), args.runs)
                theirs = scan(columns, f"{condition} AND {sql}")
                report.add(f"counts by {name}, {words}, {label}", ours, "own scan of the columns", theirs, 2)
            ours = timed(fresh(partial(kpi.density, db, filters, bounds=WHOLE, zoom=13)), args.runs)
            west, south, east, north = WHOLE
            inside = f"{condition} AND {sql} AND lon BETWEEN {west} AND {east} AND lat BETWEEN {south} AND {north}"
            bare = timed(
                lambda inside=inside: db.cursor().execute(f"SELECT count(*) FROM incidents WHERE {inside}").fetchall(),
                args.runs,
            )
            report.add(f"density of the whole city, {words}, {label}", ours, "bare count, same filter", bare, 2)
    ours = timed(fresh(lambda: kpi.counts(db, ALL)), args.runs)
    plain = f"SELECT grid_code, count(*) FROM read_parquet('{parquet}') GROUP BY 1 ORDER BY 1"
    report.add(
        "counts by grid, all time", ours, "DuckDB over Parquet", timed(lambda: db.cursor().execute(plain).fetchall(), args.runs)
    )
    ours = timed(fresh(lambda: kpi.counts(db, MONTH)), args.runs)
    plain = f"SELECT grid_code, count(*) FROM read_parquet('{parquet}') WHERE {month} GROUP BY 1 ORDER BY 1"
    report.add(
        "counts by grid, one month",
        ours,
        "DuckDB over Parquet",
        timed(lambda: db.cursor().execute(plain).fetchall(), args.runs),
    )
    frame = db.cursor().execute("SELECT grid_code, reported_at FROM incidents").df()
    held = frame["reported_at"].between("2026-03-01", "2026-04-01", inclusive="left")
    pandas = timed(lambda: frame[held].groupby("grid_code").size(), args.runs)
    report.add("counts by grid, one month", ours, "pandas, held in memory", pandas)


def hexagons(db: store.Store, condition: str) -> list[tuple[object, ...]]:
    """Bin points into hexagons 200 m across within the query, as a page without stored cells does."""
    query = f"""
        WITH p AS (SELECT (lon - 119.8) * 85400 / 100 AS x, (lat - 39.8) * 111000 / 100 AS y FROM incidents WHERE {condition}),
        a AS (SELECT x, y, x * 2 / 3 AS q, (-x / 3 + sqrt(3) / 3 * y) AS r FROM p),
        b AS (SELECT q, r, -q - r AS s, round(q) AS rq, round(r) AS rr, round(-q - r) AS rs FROM a)
        SELECT CASE WHEN abs(rq - q) > abs(rr - r) AND abs(rq - q) > abs(rs - s) THEN -rr - rs ELSE rq END AS hq,
          CASE WHEN abs(rr - r) > abs(rs - s)
            AND abs(rq - q) <= greatest(abs(rr - r), abs(rs - s)) THEN -rq - rs ELSE rr END AS hr,
          count(*) FROM b GROUP BY ALL"""
    return db.cursor().execute(query).fetchall()


def main() -> None:
    """Run what is asked for and print, and with --write keep, the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--peer-rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the data here and use it again")
    parser.add_argument("--only", choices=["assign", "append", "questions", "postgis"], action="append")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    args = parser.parse_args()
    args.peer_rows = min(args.peer_rows, args.rows)
    parts = set(args.only or ["assign", "append", "questions", "postgis"])
    report = Report()
    print("\n".join(report.lines))
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        folder = args.folder or scratch
        folder.mkdir(parents=True, exist_ok=True)
        parquet, path = folder / f"incidents{args.rows}.parquet", folder / f"store{args.rows}.duckdb"
        if not parquet.exists():
            data.write_incidents(parquet, args.rows)
        fresh = not path.exists()
        db = store.open_store(path)
        if fresh:
            data.fill(db, *data.city(1500))
            wall = time.perf_counter()
            loaded = db.load("incidents", parquet, batch="all")
            print(f"loaded {loaded.rows:,} in {time.perf_counter() - wall:.0f} s; in no grid: {loaded.unassigned}")
            db.cursor().execute("CHECKPOINT")
        count = db.cursor().execute("SELECT count(*) FROM incidents").fetchone()[0]
        size = path.stat().st_size / count
        report.line("file, bytes an incident", f"{size:.1f}", "", "", "", f"≤ 60 {'held' if size <= 60 else 'MISSED'}")
        placed, points = folder / "placed.parquet", path.with_name("points.duckdb")
        if not placed.exists():
            db.cursor().execute(f"COPY (SELECT * FROM incidents) TO '{placed}' (FORMAT parquet, COMPRESSION zstd)")
        if "questions" in parts:
            questions(db, placed, args, report)
        if "append" in parts:
            appending(db, args, scratch, report)
        if "assign" in parts:
            if not points.exists():
                with duckdb.connect(points) as made:
                    made.execute(
                        f"CREATE TABLE points AS SELECT row_number() OVER () AS id, lon, lat FROM read_parquet('{parquet}')"
                    )
            for grids in (1_500, 30_000):
                assignment(db, grids, args, scratch, report)
        if "postgis" in parts:
            peer = postgis.run(placed, db.areas("grid"), args.peer_rows, scratch)
            if isinstance(peer, str):
                print(peer)
                report.line("PostGIS", "", peer, "", "", "")
            else:
                db.cache.clear()
                few = timed(lambda: (db.cache.clear(), kpi.counts(db, MONTH))[1], args.runs)
                for question, seconds in peer.items():
                    report.line(
                        question,
                        f"{few.wall:.3f} wall" if "month" in question else "",
                        "PostGIS",
                        f"{seconds:.3f} wall",
                        "",
                        "",
                    )
        db.close()
    if args.write:
        write(report)


def write(report: Report) -> None:
    """Put the lines that were measured into the table between its marks in RESULTS.md; what is said of it stays."""
    path = Path(__file__).with_name("RESULTS.md")
    text = path.read_text("utf-8")
    start, end = text.index(MARKS[0]) + len(MARKS[0]), text.index(MARKS[1])

    def key(line: str) -> tuple[str, ...]:
        cells = [cell.strip() for cell in line.split("|")]
        return (cells[1], cells[3])

    new = {key(line): line for line in report.lines[2:]}
    lines = [new.pop(key(line), line) if line.startswith("| ") else line for line in text[start:end].rstrip().split("\n")]
    path.write_text(text[:start] + "\n".join([*lines, *new.values()]) + "\n" + text[end:], "utf-8")


if __name__ == "__main__":
    main()
