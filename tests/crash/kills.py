"""Kill a working server's store again and again, and count what was acknowledged and is gone.

    python tests/crash/kills.py --kills 500

One child process after another opens the same district, checks that all that was ever acknowledged is there and nothing is
half done, then works on: loads incidents, saves layers, drafts, publishes and takes back versions, reports cases and acts on
them, fills in settings, makes backups, adds accounts and writes the log, in random order. At a random moment it is killed with
-9. A write counts as acknowledged when its line has come out of the child's pipe. Children are forked, so that a round costs no
start of Python, and so that nothing of a killed process's memory can help the next; from a parent that has read all code that
writes, so that the moments fall on writes and not on imports.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
import traceback
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gridmap import access, cases, store
from gridmap.errors import StoreError
from tests.store import conftest as small

ROWS = 50
"""Incidents in one load."""

HAND = cases.Hand("chen", "desk", "990199", "district")
SAID = {"matter": "06010", "channel": "hotline", "note": "占道", "lon": 119.905, "lat": 39.905}

COUNTS = {
    "load": "SELECT incident_id.split('-')[2], count(*) FROM incidents WHERE incident_id LIKE 'k-%' GROUP BY 1",
    "report": "SELECT incident_id, max(seq) FROM incident_events WHERE incident_id IN "
    "(SELECT incident_id FROM incidents WHERE seq IS NOT NULL) GROUP BY 1",
    "torn": "SELECT e.incident_id, count(*) FROM incident_events e JOIN incidents i USING (incident_id) "
    "WHERE i.seq IS NOT NULL GROUP BY 1 "
    "HAVING count(*) <> max(e.seq) OR count(DISTINCT e.seq) <> max(e.seq) OR max(e.seq) <> any_value(i.seq)",
}


class Broken(Exception):  # noqa: N818  it is told, not caught
    """Something acknowledged is gone, or something half done is seen."""


def make(folder):
    """A small district with grids in force and an administrator."""
    db = store.open_store(folder / "gridmap.duckdb")
    small.fill_places(db)
    db.publish(db.draft(small.plan(), note="first"))
    db.load("incidents", pd.DataFrame([small.incident(0, 0, 0)]), batch="first")
    case = cases.report(db, HAND, SAID, key="first")
    cases.act(db, HAND, case.id, "note", {"note": "已核"}, key="first act")
    db.close()
    book = access.open_book(folder)
    book.add("root", "administrator")
    book.close()


def work(folder, seed, say):
    """Write at random until killed; say(what, value) after each write has been acknowledged by the store."""
    rng = random.Random(seed)
    db, book = store.open_store(folder / "gridmap.duckdb"), access.open_book(folder)
    own = []

    def load():
        key = f"{seed}x{rng.randrange(10**9)}"
        rows = [small.incident(0, n % 2, n // 2 % 2, x=rng.random()) | {"incident_id": f"k-{key}-{n}"} for n in range(ROWS)]
        db.load("incidents", pd.DataFrame(rows), batch=key)
        return key

    def layer():
        shapes = [small.box(*spot, 0, 0.3 + 0.6 * rng.random()) for spot in small.SPOTS.values()]
        frame = gpd.GeoDataFrame({"name_zh": ["甲", "乙", "丙", "丁"]}, geometry=shapes, crs=4490, index=list(small.SPOTS))
        return db.save_layer("zongzhi", frame, source="x", batch=f"layer {seed} {rng.random()}")

    def publish():
        version = db.draft(small.plan(cuts=(0.2 + 0.6 * rng.random(),)), note=str(seed))
        db.publish(version)
        return version

    def rollback():
        try:
            return db.rollback()
        except StoreError:
            return 0

    def report():
        own.append(cases.report(db, HAND, SAID, key=f"{seed} {rng.random()}").id)
        return own[-1]

    def act():
        if not own:
            own.append(report())
        case = rng.choice(own[-20:])
        done = cases.act(db, HAND, case, "note", {"note": "电话已核"}, key=f"{seed} {rng.random()}")
        return f"{case} {done.seq}"

    def setting():
        value = str(time.time_ns())
        db.fill_in("accept_limit_minutes", value)
        return value

    def backup():
        target = folder / "backups" / f"{seed}-{rng.randrange(10**9)}.duckdb"
        db.backup(target)
        return target.name

    def account():
        name = f"u{seed}.{rng.randrange(10**9)}"
        with book.write() as writing:
            writing.execute("INSERT INTO accounts (name, shown, role, made_at) VALUES (?, '', 'leader', '2026-01-01')", [name])
        return name

    def log():
        return book.record(access.DEMO, "look", str(seed))

    kinds = {load: 6, layer: 4, publish: 3, rollback: 1, report: 8, act: 16, setting: 6, backup: 1, account: 4, log: 8}
    while True:
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        say(kind.__name__, kind())


def check(folder, known):
    """Reopen and look for what was acknowledged. Gives the seconds until the district could be read; raises Broken."""
    started = time.monotonic()
    db, book = store.open_store(folder / "gridmap.duckdb"), access.open_book(folder)
    db.cursor().execute("SELECT count(*) FROM incidents").fetchone()
    seconds = time.monotonic() - started
    ask = lambda query: dict(db.cursor().execute(query).fetchall())  # noqa: E731
    loaded, reported = ask(COUNTS["load"]), ask(COUNTS["report"])
    if half := {key: n for key, n in loaded.items() if n != ROWS}:
        raise Broken(f"half a load is seen: {half}")
    if torn := ask(COUNTS["torn"]):
        raise Broken(f"events of cases are doubled or missing: {torn}")
    layers = {row[0] for row in db.cursor().execute("SELECT layer_version FROM layer_versions").fetchall()}
    states = db.versions().set_index("version")["status"]
    value = db.cursor().execute("SELECT value FROM settings WHERE key = 'accept_limit_minutes'").fetchone()[0]
    accounts = {account.name for account in book.accounts()}
    there = {
        "load": loaded.keys(),
        "report": reported.keys(),
        "act": {f"{case} {seq}" for case, last in reported.items() for seq in range(1, last + 1)},
        "layer": layers,
        "publish": {version for version, state in states.items() if state in {"published", "replaced", "withdrawn"}},
        "backup": {path.name for path in (folder / "backups").glob("*.duckdb")},
        "account": accounts,
        "log": set(range(1, book.head()[0] + 1)),
    }
    for kind, kept in there.items():
        if gone := set(known.get(kind, ())) - set(kept):
            raise Broken(f"{kind}: {sorted(gone)[:5]} of {len(known[kind])} are gone")
    if known.get("setting") and int(value) < int(known["setting"][-1]):
        raise Broken("an acknowledged setting is gone")
    if (states == "published").sum() != 1:
        raise Broken(f"{(states == 'published').sum()} versions are in force")
    if book.broken() is not None:
        raise Broken("the log of actions is torn")
    if found := db.verify():
        raise Broken(str(found))
    return seconds


def round_(folder, seed, known, longest):
    """One child: check, work, be killed. Gives (lines it acknowledged, seconds of reopening, what was broken)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setsid()

        def say(what, value):
            os.write(writer, (json.dumps([what, value]) + "\n").encode())

        try:
            say("opened", check(folder, known))
            work(folder, seed, say)
        except BaseException:  # noqa: BLE001  told by the parent
            say("broken", traceback.format_exc())
        os._exit(1)
    os.close(writer)
    lines, rest, ends = [], b"", None
    rng = random.Random(seed)
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while chunk := pipe.read(65536):
            rest += chunk
            *whole, rest = rest.split(b"\n")
            lines += [json.loads(line) for line in whole]
            if ends is None and lines:
                ends = rng.uniform(0, longest)
                killer = _later(child, ends)
    os.waitpid(child, 0)
    if ends is not None:
        os.waitpid(killer, 0)
    said = {"opened": [], "broken": []}
    for what, value in lines:
        said.setdefault(what, []).append(value)
    return said


def _later(child, seconds):
    """Kill a child and its children after a time, from a process of its own: the parent goes on reading."""
    killer = os.fork()
    if killer == 0:
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os._exit(0)
    return killer


def run(folder, kills, *, longest=0.6, seed=0, told=None):
    """Kill ``kills`` times. Gives counts of acknowledged writes by kind, the seconds each reopening took, and what broke."""
    make(folder)
    known, opened = {}, []
    for number in range(kills + 1):
        said = round_(folder, seed + number, known, longest)
        opened += said.pop("opened")
        broken = said.pop("broken")
        if broken:
            return known, opened, broken
        for what, values in said.items():
            known.setdefault(what, []).extend(values)
        for old in sorted((folder / "backups").glob("*.duckdb"))[:-3]:  # room
            old.unlink()
            known["backup"] = [name for name in known.get("backup", []) if name != old.name]
        if told:
            told(number, known, opened)
    return known, opened, []


def tell(*parts):
    sys.stdout.write(" ".join(str(part) for part in parts) + "\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--longest", type=float, default=0.6, help="seconds of work before a kill, at most")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))

    def told(number, known, opened):
        if number % 25 == 0:
            tell(number, {what: len(values) for what, values in known.items()}, f"{max(opened):.2f} s")

    known, opened, broken = run(folder, asked.kills, longest=asked.longest, seed=asked.seed, told=told)
    written = {what: len(values) for what, values in known.items()}
    tell(f"{asked.kills} kills, {sum(written.values())} acknowledged writes: {written}")
    tell(f"reopened in {statistics.median(opened):.2f} s (median), {max(opened):.2f} s (longest)")
    tell("lost: 0" if not broken else broken[0])
    shutil.rmtree(folder)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
