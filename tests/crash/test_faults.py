"""What happens to the district when a disk is full, a file is damaged, or a program dies in the middle of its work."""

import io
import os
import resource
import shutil
import signal
import time
from datetime import datetime, timedelta

import geopandas as gpd
import pandas as pd
import pytest

from gridmap import access, cases, errors, store, uploads
from gridmap.cli import main as shell
from gridmap.errors import AccessError, GridmapError, MergeError, StoreError
from gridmap.merge import tasks
from gridmap.sandbox import snapshot
from gridmap.web import merging
from tests.store import conftest as small


@pytest.fixture
def folder(tmp_path):
    db = store.open_store(tmp_path / "gridmap.duckdb")
    small.fill_places(db)
    db.publish(db.draft(small.plan(), note="first"))
    db.close()
    return tmp_path


def rows(number, start=0):
    return pd.DataFrame([small.incident(start + n, n % 2, n // 2 % 2) for n in range(number)])


def in_a_child(work):
    """Run something in a process of its own; give how that ended: an exit status, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  the status tells
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def test_a_full_disk_loses_nothing_that_was_acknowledged(folder):
    def fill():
        db = store.open_store(folder / "gridmap.duckdb")
        db.load("incidents", rows(100), batch="small")
        size = (folder / "gridmap.duckdb").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, size + 200_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with (folder / "said").open("w") as said:
            try:
                db.load("incidents", rows(200_000, 1000), batch="large")
            except BaseException as error:  # noqa: BLE001  told below
                said.write(error.sentence("en") if isinstance(error, GridmapError) else type(error).__name__)
        os._exit(0)

    assert in_a_child(fill) == 0
    assert (folder / "said").read_text()
    db = store.open_store(folder / "gridmap.duckdb")
    assert db.cursor().execute("SELECT count(*) FROM incidents").fetchone()[0] == 100
    assert db.verify() == []
    db.load("incidents", rows(10, 1000), batch="again")
    db.close()


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm", ".wal"))}


def publish(db, folder):
    db.publish(db.draft(small.plan(cuts=(0.3,)), note="second"))


def layer(db, folder):
    shapes = [small.box(*spot, 0, 0.8) for spot in small.SPOTS.values()]
    frame = gpd.GeoDataFrame({"name_zh": ["甲", "乙", "丙", "丁"]}, geometry=shapes, crs=4490, index=list(small.SPOTS))
    db.save_layer("zongzhi", frame, source="x", batch="first")


def setting(db, folder):
    db.fill_in("accept_limit_minutes", "2")


def backup(db, folder):
    db.backup(folder / "safe.duckdb")


def log(db, folder):
    access.open_book(folder).record(access.DEMO, "look", "1")


def account(db, folder):
    access.open_book(folder).add("liu", "leader")


def upload(db, folder):
    uploads.Shelf(folder).begin([("a.geojson", io.BytesIO(b"{" * 10_000))], department="zongzhi", by="liu")


def results(db, folder):
    with merging._replacing(folder / "merge") as fresh:
        (fresh / "report.json").write_text("new" * 1000)


def questions(db, folder):
    snapshot.make(db, folder / "ask")


@pytest.mark.parametrize("write", [publish, layer, setting, backup, log, account, upload, results, questions])
def test_a_full_disk_is_said_and_leaves_all_as_it_was(folder, write):
    with merging._replacing(folder / "merge") as fresh:
        (fresh / "report.json").write_text("old")
    access.open_book(folder).close()
    there = files(folder)

    def fill():
        db = store.open_store(folder / "gridmap.duckdb")
        access.open_book(folder)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # nothing can be written beyond
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            write(db, folder)
        except Exception as error:  # noqa: BLE001  judged here
            said = isinstance(error, GridmapError) and any(sign in str(error) for sign in ("disk", "File too large"))
            os._exit(7 if said or errors.is_out_of_room(error) else 8)
        os._exit(0)

    assert in_a_child(fill) == 7
    assert there == files(folder)
    db, book = store.open_store(folder / "gridmap.duckdb"), access.open_book(folder)
    assert db.verify() == []
    assert list(db.versions()["status"]) == ["published"]
    assert db.layer_keys() == []
    assert db.cursor().execute("SELECT value FROM settings WHERE key = 'accept_limit_minutes'").fetchone() == ("1",)
    assert book.head()[0] == 0
    assert book.is_new()
    assert (folder / "merge" / "report.json").read_text() == "old"
    if write is not upload:
        write(db, folder)  # with room again
    book.close()
    db.close()


@pytest.mark.parametrize("damage", ["head", "cut", "text"])
def test_a_damaged_database_is_said_in_one_sentence_and_left_as_it_is(folder, damage):
    path = folder / "gridmap.duckdb"
    content = bytearray(path.read_bytes())
    if damage == "head":
        content[:4096] = os.urandom(4096)
    elif damage == "cut":
        content = content[: len(content) // 3]
    else:
        content = bytearray("这不是数据库".encode() * 2000)
    path.write_bytes(content)
    with pytest.raises(StoreError) as said:
        store.open_store(path)
    assert "gridmap.duckdb" in said.value.sentence("zh")
    assert all(way in said.value.sentence("zh") for way in ("gridmap restore", "gridmap verify"))
    assert path.read_bytes() == bytes(content)


def test_a_block_that_cannot_be_read_is_found_by_verify_and_never_becomes_a_backup(folder, monkeypatch, capsys):
    db = store.open_store(folder / "gridmap.duckdb")
    db.load("incidents", rows(3000), batch="day")
    db.cursor().execute("CHECKPOINT")
    blocks = "SELECT DISTINCT block_id FROM pragma_storage_info('incidents') WHERE persistent AND block_id >= 0"
    held = db.cursor().execute(blocks).fetchall()
    db.close()
    path = folder / "gridmap.duckdb"
    with path.open("r+b") as file:
        for (block,) in held:
            file.seek(3 * 4096 + block * 262_144 + 100)  # behind three headers, blocks of 256 kB
            file.write(os.urandom(1000))
    db = store.open_store(path)
    torn = db.verify()
    assert {one.promise for one in torn} == {errors.DAMAGED}
    assert torn
    with pytest.raises(StoreError, match="gridmap restore"):
        db.backup(folder / "safe.duckdb")
    assert [file.name for file in folder.iterdir() if "safe" in file.name] == []
    db.close()
    for command, status in ((["verify"], 1), (["kpi", "K10"], 2)):
        monkeypatch.setattr("sys.argv", ["gridmap", *command, "--data", str(folder)])
        with pytest.raises(SystemExit) as ended:
            shell()
        assert ended.value.code == status
        said = capsys.readouterr()
        assert "gridmap restore" in said.out + said.err


def test_a_backup_puts_a_damaged_district_right(folder, monkeypatch):
    db = store.open_store(folder / "gridmap.duckdb")
    db.load("incidents", rows(30), batch="day")
    db.close()
    monkeypatch.setattr("sys.argv", ["gridmap", "backup", str(folder / "safe.duckdb"), "--data", str(folder)])
    with pytest.raises(SystemExit):
        shell()
    (folder / "gridmap.duckdb").write_bytes(b"damaged" * 1000)
    monkeypatch.setattr("sys.argv", ["gridmap", "restore", str(folder / "safe.duckdb"), "--data", str(folder)])
    with pytest.raises(SystemExit) as ended:
        shell()
    assert ended.value.code in {0, None}
    db = store.open_store(folder / "gridmap.duckdb")
    assert db.cursor().execute("SELECT count(*) FROM incidents").fetchone()[0] == 30
    db.close()
    assert (folder / "gridmap.duckdb.before-restore").exists()
    book = access.open_book(folder)
    assert set(book.actions()["action"]) == {"backup", "restore"}
    assert book.broken() is None
    book.close()


def test_an_error_in_the_middle_of_a_write_leaves_all_as_it_was_and_the_next_write_works(folder):
    db = store.open_store(folder / "gridmap.duckdb")
    before = db.data_version()
    with pytest.raises(Exception, match="onstraint"), db.write() as cursor:  # noqa: PT012  all of it is one write
        cursor.execute("DELETE FROM grid_change_log")
        cursor.execute("UPDATE settings SET value = '9' WHERE key = 'accept_limit_minutes'")
        cursor.execute("INSERT INTO incidents (incident_id, reported_at, channel) VALUES ('x', now(), 'smoke signal')")
    with pytest.raises(KeyboardInterrupt), db.write() as cursor:  # noqa: PT012
        cursor.execute("UPDATE settings SET value = '8' WHERE key = 'accept_limit_minutes'")
        raise KeyboardInterrupt
    assert db.data_version() == before
    assert db.cursor().execute("SELECT value FROM settings WHERE key = 'accept_limit_minutes'").fetchone()[0] == "1"
    db.fill_in("accept_limit_minutes", "2")
    assert db.data_version() != before
    db.close()


@pytest.mark.parametrize("delay", [0.0, 0.15, 0.4])
def test_a_backup_that_is_killed_leaves_no_half_file_in_its_place(folder, delay):
    child = os.fork()
    if child == 0:
        os.setsid()
        store.open_store(folder / "gridmap.duckdb").backup(folder / "safe.duckdb")
        os._exit(0)
    time.sleep(delay)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if (folder / "safe.duckdb").exists():
        other = shutil.copyfile(folder / "safe.duckdb", folder / "try.duckdb")
        whole = store.open_store(other)
        assert whole.verify() == []
        whole.close()


@pytest.mark.parametrize("moment", ["writing", "before the change", "between the renames"])
def test_results_of_a_merge_are_the_old_or_the_new_never_half(folder, moment, monkeypatch):
    out = folder / "merge"
    with merging._replacing(out) as fresh:
        (fresh / "report.json").write_text("old")

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    def replace():
        with merging._replacing(out) as fresh:
            if moment == "writing":
                die()
            (fresh / "report.json").write_text("new")
            if moment == "between the renames":
                monkeypatch.setattr(type(fresh), "rename", lambda self, to: die() if self == fresh else shutil.move(self, to))
            elif moment == "before the change":
                die()

    assert in_a_child(replace) == -signal.SIGKILL
    seen = out / "report.json"
    assert not seen.exists() or seen.read_text() == "old"
    with merging._replacing(out) as fresh:
        (fresh / "report.json").write_text("newer")
    assert seen.read_text() == "newer"


def test_a_book_whose_process_dies_in_a_write_is_whole(tmp_path):
    book = access.open_book(tmp_path)
    book.record(access.DEMO, "look", "1")
    book.close()

    def die():
        mine = access.open_book(tmp_path)
        with mine.write() as writing:
            writing.execute("UPDATE audit SET actor = 'nobody'")
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_child(die) == -signal.SIGKILL
    book = access.open_book(tmp_path)
    assert book.broken() is None
    assert book.head()[0] == 1
    book.close()


def test_two_processes_write_the_book_at_the_same_time_and_the_log_stays_one_chain(tmp_path):
    book = access.open_book(tmp_path)
    book.close()

    def write():
        mine = access.open_book(tmp_path)
        for number in range(40):
            mine.record(access.DEMO, "look", f"{os.getpid()} {number}")

    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            try:
                write()
            except AccessError:
                os._exit(3)
            os._exit(0)
        children.append(child)
    assert {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children} == {0}
    book = access.open_book(tmp_path)
    assert book.head()[0] == 120
    assert book.broken() is None
    book.close()


def test_a_clock_that_is_put_back_leaves_log_cases_and_versions_in_their_order(folder, monkeypatch):
    db, book = store.open_store(folder / "gridmap.duckdb"), access.open_book(folder)
    hand = cases.Hand("chen", "desk", "990199", "district")
    said = {"matter": "06010", "channel": "hotline", "note": "占道", "lon": 119.905, "lat": 39.905}
    case = cases.report(db, hand, said, key="1")
    book.record(access.DEMO, "look", "1")

    class Yesterday(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) - timedelta(days=1)

    monkeypatch.setattr("gridmap.store.clock.datetime", Yesterday)
    assert store.now() < case.reported_at
    cases.act(db, hand, case.id, "note", {"note": "电话已核"}, key="2")
    book.record(access.DEMO, "look", "2")
    db.publish(db.draft(small.plan(cuts=(0.3,)), note="second"))
    times = db.cursor().execute("SELECT occurred_at FROM incident_events ORDER BY seq").fetchall()
    assert times == sorted(times)
    assert book.broken() is None
    assert book.actions()["object"].tolist() == ["2", "1"]
    periods = db.cursor().execute("SELECT version, valid_from, valid_to FROM grid_periods ORDER BY version").fetchall()
    assert [version for version, _, end in periods if end is None] == [db.version_now()]
    assert all(end is None or start <= end for _, start, end in periods)
    assert db.verify() == []
    book.close()
    db.close()


def die(number, progress):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_worker_of_a_merge_that_dies_is_said_in_one_sentence():
    with pytest.raises(MergeError, match="worker was lost"), tasks.pool(workers=2) as mapped:
        list(mapped(die, range(4), lambda *_: None))
    with tasks.pool(workers=2) as mapped:
        assert dict(mapped(die, range(2), lambda *_: None)) == {0: 0, 1: 1}
