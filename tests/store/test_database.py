"""What the one open database promises."""

import subprocess
import sys
import threading

import pandas as pd
import pytest

from gridmap import store
from gridmap.errors import StoreError

from .conftest import incident


def test_the_same_file_gives_the_same_store_within_a_process(db):
    assert store.open_store(db.path) is db


def test_a_second_process_is_refused_with_the_name_of_the_holder(db):
    script = "import sys; from gridmap import store; from gridmap.errors import StoreError\n"
    script += "try: store.open_store(sys.argv[1])\nexcept StoreError as e: print(e)"
    said = subprocess.run([sys.executable, "-c", script, str(db.path)], capture_output=True, text=True, check=True).stdout
    assert "The database gridmap.duckdb is open in another process: python" in said
    assert "process " in said


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "x.duckdb"
    path.write_text("not a database" * 1000)
    with pytest.raises(StoreError, match="no database of this program"):
        store.open_store(path)


def test_a_database_of_a_newer_program_is_refused(db):
    with db.write() as cursor:
        cursor.execute("INSERT INTO schema_migrations VALUES (9999, 'future', now())")
    path = db.path
    db.close()
    with pytest.raises(StoreError, match="newer gridmap"):
        store.open_store(path)


def test_the_data_version_changes_with_every_write_and_only_then(db):
    before = db.data_version()
    db.cursor().execute("SELECT count(*) FROM staff").fetchall()
    assert db.data_version() == before
    db.load("staff", pd.DataFrame({"staff_id": ["a"]}), batch="x")
    assert db.data_version() != before


def test_two_stores_never_share_a_data_version(tmp_path):
    first, second = (store.open_store(tmp_path / name) for name in ("a.duckdb", "b.duckdb"))
    assert first.data_version() != second.data_version()
    first.close()
    second.close()


def test_a_write_that_raises_leaves_nothing(db):
    def fail():
        with db.write() as cursor:
            cursor.execute("INSERT INTO staff (staff_id) VALUES ('a')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert db.cursor().execute("SELECT count(*) FROM staff").fetchone() == (0,)


def test_readers_in_many_threads_and_a_writer_see_whole_batches_only(published):
    wrong, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            (count,) = published.cursor().execute("SELECT count(*) FROM incidents").fetchone()
            if count % 50:
                wrong.append(count)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for batch in range(5):
        rows = pd.DataFrame([incident(batch * 50 + number, 0, 0) for number in range(50)])
        published.load("incidents", rows, batch=f"b{batch}")
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert published.cursor().execute("SELECT count(*) FROM incidents").fetchone() == (250,)


def test_settings_filled_in_by_the_district_survive_a_reopening(db):
    with db.write() as cursor:
        cursor.execute("UPDATE settings SET value = '30' WHERE key = 'whistle_limit_minutes'")
        cursor.execute("DELETE FROM batches WHERE batch LIKE 'reference settings%'")
    path = db.path
    db.close()
    again = store.open_store(path)
    found = (
        again.cursor().execute("SELECT value, is_blank_in_seed FROM settings WHERE key = 'whistle_limit_minutes'").fetchone()
    )
    again.close()
    assert found == ("30", True)


def test_a_setting_takes_a_number_or_nothing(db):
    db.fill_in("whistle_limit_minutes", "30")
    db.fill_in("whistle_limit_minutes", None)
    with pytest.raises(StoreError, match="needs a number, not soon"):
        db.fill_in("whistle_limit_minutes", "soon")
    with pytest.raises(StoreError, match="no setting colour"):
        db.fill_in("colour", "red")


def test_figures_the_speech_leaves_blank_are_not_set(db):
    rows = db.cursor().execute("SELECT key FROM settings WHERE is_blank_in_seed AND value IS NOT NULL").fetchall()
    assert rows == []
    assert db.cursor().execute("SELECT count(*) FROM set_aside").fetchone() == (0,)
