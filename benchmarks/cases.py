"""Case actions beside DuckDB's own committed inserts of one event row, and a desk page with many open cases beside one with few.

``python benchmarks/cases.py [DATA] [--seconds 60] [--write]``; DATA is a folder that ``gridmap demo`` made (var/demo). Slices
of both sides take turns, so that a busy machine slows both alike. One action is what a person does: the case found, the move
judged, event, row and outbox written in one transaction.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import harness
from streamlit.testing.v1 import AppTest

from gridmap import access, cases, settings, store
from gridmap.cases import books, place
from gridmap.cases.hands import Hand
from gridmap.web import district, guard, visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmap.store import Store

SLICE_S = 1.0
DAY = timedelta(days=1)


_INSERT = (
    "INSERT INTO incident_events (event_id, incident_id, seq, step, action, to_level, occurred_at, actor, data) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_DATA = '{"by":{"role":"desk","territory":"990199001001","level":"community"}}'


class Round:
    """Whole lives of cases, one action after the other, in one community."""

    def __init__(self, db: Store, community: str) -> None:
        self.db, self.community = db, community
        point = db.cursor().execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM communities WHERE community_code = ?)",
            [community],
        )
        self.lon, self.lat = point.fetchone()
        self.grid = place.at(db, self.lon, self.lat).grid
        people = books.workers(db, self.grid)["staff_id"].tolist()
        self.worker = Hand("worker", "worker", community, staff=people[0])
        self.desk = Hand("desk", "desk", community, "community")
        self.checker = Hand("checker", "supervisor", community[:6], "district")
        self.done: Counter[str] = Counter()
        self._next = self._lives()

    def _lives(self) -> Iterator[None]:
        hotline = Hand("12345", "system", self.community[:6])
        while True:
            said = {"matter": "06010", "note": "benchmark", "lon": self.lon, "lat": self.lat, "channel": "hotline"}
            case = cases.report(self.db, hotline, said).id
            self.done[case] += 1
            yield
            for hand, action, told in (
                (self.desk, "accept", {}),
                (self.desk, "assign", {"handler": self.worker.staff}),
                (self.worker, "arrive", {}),
                (self.worker, "handle", {"note": "done"}),
                (self.checker, "check", {}),
                (self.desk, "close", {}),
            ):
                cases.act(self.db, hand, case, action, told)
                self.done[case] += 1
                yield

    def act(self) -> None:
        """Make the next action."""
        next(self._next)


def rates(folder: Path, seconds: float) -> tuple[tuple[float, float], tuple[float, float], int]:
    """Give actions and inserts a second, the same a CPU second, and the number of actions; none was lost or doubled."""
    db = store.open_store(folder / "gridmap.duckdb")
    community = (
        db.cursor().execute("SELECT left(grid_code, 12) FROM grid_assignments WHERE post = 'full_time' LIMIT 1").fetchone()[0]
    )
    ours = Round(db, community)
    bare = duckdb.connect(folder / "bare.duckdb")
    bare.execute(db.cursor().execute("SELECT sql FROM duckdb_tables() WHERE table_name = 'incident_events'").fetchone()[0])
    counts = {"ours": 0, "bare": 0}
    spent, cpu = {"ours": 0.0, "bare": 0.0}, {"ours": 0.0, "bare": 0.0}

    def insert() -> None:
        n = counts["bare"]
        bare.execute(_INSERT, [f"e{n}", "C202611250000001", n + 1, "push", "accept", "community", store.now(), "desk", _DATA])

    for _ in range(20):
        ours.act()
    while spent["ours"] < seconds:
        for side, act in (("ours", ours.act), ("bare", insert)):
            start, used = time.perf_counter(), time.process_time()
            while time.perf_counter() - start < SLICE_S:
                act()
                counts[side] += 1
            spent[side] += time.perf_counter() - start
            cpu[side] += time.process_time() - used
    db.cache.clear()
    for case, made in ours.done.items():
        events = cases.history(db, case)
        assert [event.seq for event in events] == list(range(1, made + 1)), f"{case}: lost or doubled"
        assert cases.find(db, case) == cases.fold(case, events)
    bare.close()
    db.close()
    wall = counts["ours"] / spent["ours"], counts["bare"] / spent["bare"]
    return wall, (counts["ours"] / cpu["ours"], counts["bare"] / cpu["bare"]), sum(ours.done.values())


def desk(folder: Path, runs: int = 7) -> tuple[float, float]:
    """Give the median seconds in which the community desk's page opens with 50 and with 5,000 open cases; runs take turns."""
    settings.settings().data = folder
    guard.visit = lambda: visitor.Visit(access.DEMO)  # a page that is run without a browser has no cookies
    db = district.opened()
    codes = [row[0] for row in db.cursor().execute("SELECT community_code FROM communities ORDER BY 1 LIMIT 2").fetchall()]
    with db.write() as cursor:
        cursor.execute(
            "UPDATE incidents SET status = 'void' WHERE community_code IN ? AND status NOT IN ('closed', 'void')", [codes]
        )
        for code, count in zip(codes, (50, 5000), strict=True):
            cursor.execute(
                "INSERT INTO incidents (incident_id, incident_no, matter_code, title_zh, channel, reported_at, due_at, status, "
                "current_level, top_level, community_code, street_code, is_resident_reported) "
                "SELECT 'B' || ? || i, 'B' || i, '06010', 'benchmark', 'hotline', ?::TIMESTAMP + to_seconds(i), ?, 'new', "
                "'community', 'community', ?, left(?, 9), true FROM range(?) t(i)",
                [code, store.now() - DAY, store.now() + DAY, code, code, count],
            )
    took: dict[str, list[float]] = {code: [] for code in codes}
    for run in range(runs + 1):
        for code in codes:
            page = AppTest.from_file(str(settings.HOME / "pages" / "community_desk.py"), default_timeout=120)
            page.query_params["post"] = f"community-{code}"
            start = time.perf_counter()
            page.run()
            if run:
                took[code].append(time.perf_counter() - start)
            assert not page.exception, page.exception
            assert len(page.button) >= 20
    few, many = (statistics.median(took[code]) for code in codes)
    return few, many


def main() -> None:
    """Measure both and print them; --write puts them into RESULTS.md."""
    asked = argparse.ArgumentParser()
    asked.add_argument("data", nargs="?", default="var/demo", type=Path)
    asked.add_argument("--seconds", default=60.0, type=float)
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=given.data.parent) as place_:
        folder = Path(place_)
        shutil.copyfile(given.data / "gridmap.duckdb", folder / "gridmap.duckdb")
        (folder / "source").mkdir()
        shutil.copyfile(given.data / "source" / "manifest.json", folder / "source" / "manifest.json")
        wall, cpu, made = rates(folder, given.seconds)
        few, many = desk(folder)
    rows = [
        (
            "case actions a second, beside single-row committed inserts",
            *wall,
            wall[0] / wall[1],
            "≥ 0.3",
            wall[0] >= 0.3 * wall[1],
        ),
        ("the same a CPU second", *cpu, cpu[0] / cpu[1], "≥ 0.3", cpu[0] >= 0.3 * cpu[1]),
        ("desk page with 5,000 open cases beside 50, s", many, few, many / few, "≤ 1.5", many <= 1.5 * few),
    ]
    lines = [
        f"| {what} | {a:.3g} | {b:.3g} | {ratio:.2f} | {bar} {'held' if ok else 'MISSED'} |"
        for what, a, b, ratio, bar, ok in rows
    ]
    head = f"`python benchmarks/cases.py`: {made:,} actions, none lost or doubled; slices of both sides take turns."
    text = "\n".join(["## Cases", "", head, "", "| what | ours | peer | ratio | bar |", "|---|---|---|---|---|", *lines])
    print(text)
    if given.write:
        harness.write("cases", text)


if __name__ == "__main__":
    main()
