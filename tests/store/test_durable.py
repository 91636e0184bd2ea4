"""What backup, restore and export promise."""

import shutil
import subprocess
import sys
import threading

import duckdb
import pandas as pd
import pytest

from gridmap import store
from gridmap.errors import StoreError

from .conftest import incident


@pytest.fixture
def filled(published):
    published.load("incidents", pd.DataFrame([incident(number, number % 2, 0) for number in range(100)]), batch="one")
    return published


def test_a_backup_restores_to_the_state_of_its_moment(filled, tmp_path):
    filled.backup(tmp_path / "b.duckdb")
    filled.load("incidents", pd.DataFrame([incident(1000, 0, 0)]), batch="later")
    path = filled.path
    filled.close()
    store.restore(tmp_path / "b.duckdb", path)
    again = store.open_store(path)
    count, sound = again.cursor().execute("SELECT count(*) FROM incidents").fetchone(), again.verify()
    again.close()
    assert (count, sound) == ((100,), [])
    assert path.with_name("gridmap.duckdb.before-restore").exists()


def test_a_backup_while_people_write_holds_whole_batches_and_does_not_open_the_door(filled, tmp_path):
    stop = threading.Event()

    def write():
        batch = 0
        while not stop.is_set():
            rows = pd.DataFrame([incident(10_000 + batch * 10 + number, 0, 1) for number in range(10)])
            filled.load("incidents", rows, batch=f"w{batch}")
            batch += 1

    thread = threading.Thread(target=write)
    thread.start()
    filled.backup(tmp_path / "b.duckdb")
    stop.set()
    thread.join()
    with duckdb.connect(tmp_path / "b.duckdb", read_only=True) as copy:
        (count,) = copy.execute("SELECT count(*) FROM incidents").fetchone()
    assert count >= 100
    assert count % 10 == 0
    other = f"import duckdb; duckdb.connect({str(filled.path)!r})"
    assert subprocess.run([sys.executable, "-c", other], capture_output=True, check=False).returncode != 0


def test_a_backup_overwrites_nothing_and_leaves_no_half_file(filled, tmp_path):
    target = tmp_path / "b.duckdb"
    target.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        filled.backup(target)
    assert target.read_text() == "precious"
    shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    (tmp_path / "gone").mkdir()
    filled.backup(tmp_path / "gone" / "b.duckdb")
    assert [path.name for path in (tmp_path / "gone").iterdir()] == ["b.duckdb"]


def test_restoring_over_an_open_database_or_from_a_wrong_file_is_refused(filled, tmp_path):
    filled.backup(tmp_path / "b.duckdb")
    with pytest.raises(StoreError, match="is open elsewhere"):
        store.restore(tmp_path / "b.duckdb", filled.path)
    with pytest.raises(StoreError, match="There is no backup"):
        store.restore(tmp_path / "none.duckdb", tmp_path / "new.duckdb")
    duckdb.connect(tmp_path / "other.duckdb").close()
    with pytest.raises(StoreError, match="is no backup"):
        store.restore(tmp_path / "other.duckdb", tmp_path / "new.duckdb")
    assert not (tmp_path / "new.duckdb").exists()


def test_an_export_is_read_by_a_plain_duckdb(filled, tmp_path):
    folder = filled.export(tmp_path / "out")
    plain = duckdb.connect()
    plain.execute("LOAD spatial")
    plain.execute(f"IMPORT DATABASE '{folder}'")
    assert plain.execute("SELECT count(*) FROM incidents").fetchone() == (100,)
    assert plain.execute("SELECT count(*) FROM grids_now WHERE ST_IsValid(geom)").fetchone() == (8,)
    with pytest.raises(StoreError, match="is not empty"):
        filled.export(folder)
