"""What a write changes, and what it leaves alone."""

import duckdb
import pandas as pd
import pytest

from gridmap import store
from gridmap.errors import StoreError
from gridmap.store import topics

from .conftest import incident, plan


def versions(db):
    return {topic: db.data_version(topic) for topic in topics.TOPICS}


def changed(db, before):
    return {topic for topic, version in versions(db).items() if version != before[topic]}


def test_a_load_changes_the_topic_of_its_table_only(published):
    before = versions(published)
    published.load("incidents", pd.DataFrame([incident(1, 0, 0)]), batch="one")
    assert changed(published, before) == {"casework"}
    published.load("staff", pd.DataFrame({"staff_id": ["a"]}), batch="two")
    assert changed(published, before) == {"casework", "people"}


def test_publishing_changes_the_grids_and_the_grid_of_each_incident(published):
    published.load("incidents", pd.DataFrame([incident(1, 0, 0)]), batch="one")
    before = versions(published)
    published.publish(published.draft(plan(cuts=(0.25, 0.5))))
    assert changed(published, before) == {"grids", "casework"}


def test_any_write_changes_the_version_that_names_no_topic(published):
    before, grids = published.data_version(), published.data_version("grids")
    published.fill_in("whistle_limit_minutes", "30")
    assert published.data_version() != before
    assert published.data_version("grids") == grids
    assert published.data_version("settings", "grids") != published.data_version("grids")


def test_a_write_that_raises_or_only_reads_changes_no_version(published):
    before = versions(published)

    def fail():
        with published.write() as cursor:
            cursor.execute("UPDATE settings SET value = NULL")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with published.write() as cursor:
        cursor.execute("SELECT 1").fetchall()
        cursor.execute("CREATE OR REPLACE TEMP TABLE incidents_beside (a INTEGER)")
    assert changed(published, before) == set()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO budgets (budget_id) VALUES ('a')",
        'insert into "budgets" (budget_id) values (1)',
        "WITH a AS (SELECT 'a' AS b) INSERT INTO budgets (budget_id) SELECT b FROM a",
        "DELETE FROM budgets",
        "TRUNCATE budgets",
        "ALTER TABLE budgets ADD COLUMN more INTEGER",
        "MERGE INTO budgets USING (SELECT 'a' AS b) ON budget_id = b WHEN MATCHED THEN DELETE",
    ],
)
def test_every_way_to_change_a_table_is_seen(published, statement):
    before = versions(published)
    with published.write() as cursor:
        cursor.execute(statement)
    assert changed(published, before) == {"people"}


def test_a_statement_that_cannot_be_told_changes_every_topic(published):
    before = versions(published)
    with published.write() as cursor:
        cursor.execute("COMMENT ON TABLE staff IS 'people'")
    assert changed(published, before) == set(topics.TOPICS)


def test_an_unknown_topic_is_refused_rather_than_kept_for_ever(published):
    with pytest.raises(StoreError, match="There is no table wather"):
        published.data_version("wather")


def test_every_table_of_a_topic_is_in_the_schema_and_in_one_topic_only(db):
    named = [table for tables in topics.TOPICS.values() for table in tables]
    assert len(named) == len(set(named))
    assert set(named) <= {row[0] for row in db.cursor().execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_the_tables_behind_views_are_read_by_a_query(db):
    assert db.tables_read("SELECT count(*) FROM grids_now g JOIN staff USING (x)") == ("grid_periods", "grids_unified", "staff")


def test_the_views_named_are_all_the_views_there_are(db):
    there = db.cursor().execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {name for name, _ in there} >= set(topics.VIEWS)
    for name, sql in there:
        if name in topics.VIEWS:
            assert set(db.tables_read(sql.replace(name, ""))) == set(topics.VIEWS[name])


def test_a_row_is_written_as_it_was_said_and_its_table_counts_as_changed(published):
    said = {
        "log_id": "a'b\\n\"; DROP TABLE duty_logs; --",
        "duty_id": "basic_information",
        "done_at": pd.Timestamp("2026-03-02 09:00:01.5").to_pydatetime(),
        "households": 3,
        "grid_code": None,
    }
    before = published.data_version("duty_logs")
    for name, note in (("1", None), ("2", "楼前堆放垃圾"), ("3", "a\0b"), ("4", "")):
        with published.write() as cursor:
            store.insert(cursor, "duty_logs", said | {"log_id": said["log_id"] + name, "note_zh": note})
    assert published.data_version("duty_logs") != before
    rows = published.cursor().execute("SELECT log_id, done_at, households, grid_code, note_zh FROM duty_logs ORDER BY 1")
    notes = [None, "楼前堆放垃圾", "a\0b", ""]
    assert rows.fetchall() == [
        (f"{said['log_id']}{n}", said["done_at"], 3, None, note) for n, note in enumerate(notes, start=1)
    ]


def test_a_write_that_failed_leaves_nothing_behind_for_the_next_one(published):
    row = {"log_id": "1", "duty_id": "x", "done_at": pd.Timestamp("2026-03-02").to_pydatetime(), "note_zh": "kept"}
    with published.write() as cursor:
        store.insert(cursor, "duty_logs", row)

    def fail():
        with published.write() as cursor:
            store.insert(cursor, "duty_logs", row | {"log_id": "2"})
            store.insert(cursor, "duty_logs", row)

    with pytest.raises(duckdb.ConstraintException):
        fail()
    with published.write() as cursor:
        cursor.execute("CREATE TEMP TABLE beside (a INTEGER)")
        store.insert(cursor, "duty_logs", row | {"log_id": "3"})
    with published.write() as cursor:
        cursor.execute("CREATE TEMP TABLE beside (a INTEGER)")  # the last one's is gone with its cursor
    assert published.cursor().execute("SELECT log_id FROM duty_logs ORDER BY 1").fetchall() == [("1",), ("3",)]
