"""A question is answered from the snapshot, or refused in one sentence; it can do nothing else."""

import http.server
import os
import threading
from pathlib import Path

import duckdb
import pytest
from duckdb_extensions import import_extension

from gridmap import sandbox
from gridmap.errors import SandboxError

ENDLESS = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)"
SMALL = sandbox.Limits(rows=100, memory_mb=256, seconds=30)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    path = tmp_path_factory.mktemp("snapshot") / "ask.duckdb"
    with duckdb.connect(str(path)) as connection:
        import_extension("spatial")
        connection.execute("LOAD spatial")
        connection.execute(
            "CREATE TABLE grids AS SELECT i AS n, 'g' || i AS grid_code, ST_Point(i, 2 * i) AS geom FROM range(500) t(i)"
        )
    return path


@pytest.fixture(scope="module")
def canary_server():
    """A server on loopback that remembers every request it gets."""
    hits = []

    class Remember(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a,b\n1,2\n")

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Remember)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()


@pytest.fixture
def canary_file(tmp_path):
    path = tmp_path / "canary.csv"
    path.write_text("secret\ncanary-bird\n")
    return path


def test_a_select_is_answered(snapshot):
    answer = sandbox.ask(snapshot, "SELECT count(*) AS n, max(n) AS top FROM grids", limits=SMALL)
    assert answer.frame.to_dict("records") == [{"n": 500, "top": 499}]
    assert not answer.more


def test_more_rows_than_allowed_are_cut_and_said(snapshot):
    answer = sandbox.ask(snapshot, "FROM grids ORDER BY n", limits=SMALL)
    assert list(answer.frame.n) == list(range(100))
    assert answer.more


def test_geometry_comes_back_as_geometry(snapshot):
    frame = sandbox.ask(snapshot, "SELECT grid_code, geom FROM grids WHERE n = 3", limits=SMALL).frame
    assert frame.geometry.iloc[0].wkt == "POINT (3 6)"
    assert frame.crs.to_epsg() == 4490


def test_columns_of_one_name_are_told_apart(snapshot):
    frame = sandbox.ask(snapshot, "SELECT 1 AS a, 2 AS a, 3 AS a", limits=SMALL).frame
    assert frame.columns.is_unique
    assert list(frame.iloc[0]) == [1, 2, 3]


@pytest.mark.parametrize("sql", ["DESCRIBE grids", "SHOW grids", "SUMMARIZE grids", "FROM (SUMMARIZE grids)"])
def test_what_a_view_holds_may_be_asked(snapshot, sql):
    frame = sandbox.ask(snapshot, sql, limits=SMALL).frame
    assert list(frame.iloc[:, 0]) == ["n", "grid_code", "geom"]


@pytest.mark.parametrize("hidden", ["DESCRIBE SELECT * FROM read_csv('{path}')", "SUMMARIZE FROM read_text('{path}')"])
def test_describing_reads_no_file(snapshot, canary_file, hidden):
    with pytest.raises(SandboxError, match="cannot be used here"):
        sandbox.ask(snapshot, hidden.format(path=canary_file), limits=SMALL)


def test_a_database_to_be_imported_is_not_even_looked_for(snapshot, tmp_path):
    """DuckDB's own reader of statements opens its files already while it parses."""
    (tmp_path / "schema.sql").write_text("CREATE TABLE canary_bird (i INTEGER);")
    (tmp_path / "load.sql").write_text("")
    said = []
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SandboxError) as refused:
            sandbox.ask(snapshot, f"IMPORT DATABASE '{folder}'", limits=SMALL)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_no_rows_is_an_answer(snapshot):
    assert sandbox.ask(snapshot, "SELECT n FROM grids WHERE n < 0", limits=SMALL).frame.empty


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO grids VALUES (1, 'x', NULL)",
        "DELETE FROM grids",
        "UPDATE grids SET n = 0",
        "DROP TABLE grids",
        "CREATE TABLE t AS SELECT 1",
        "ALTER TABLE grids RENAME TO g",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE grids",
        "EXPLAIN ANALYZE DELETE FROM grids",
        "SET threads = 64",
        "RESET memory_limit",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "PRAGMA show_tables",
        "PRAGMA table_info('grids')",
        "EXPLAIN DELETE FROM grids",
        "PRAGMA enable_profiling",
        "CALL pragma_version()",
        "ATTACH ':memory:' AS other",
        "ATTACH 'ask.duckdb' AS again (READ_ONLY)",
        "DETACH ask",
        "USE memory",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CHECKPOINT",
        "VACUUM",
        "BEGIN",
        "COPY grids TO 'out.csv'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "EXPORT DATABASE 'out'",
        "IMPORT DATABASE 'out'",
        "CREATE MACRO f(x) AS x",
        "CREATE SECRET s (TYPE s3)",
        "PREPARE p AS SELECT 1",
        "PIVOT grids ON n USING count(*)",
        "WITH d AS (DELETE FROM grids RETURNING *) SELECT * FROM d",
        "",
        ";",
        "not sql at all",
    ],
)
def test_what_is_not_one_select_is_refused(snapshot, sql):
    before = snapshot.read_bytes()
    with pytest.raises(SandboxError):
        sandbox.ask(snapshot, sql, limits=SMALL)
    assert snapshot.read_bytes() == before


READERS = [
    "SELECT * FROM read_csv('{path}')",
    "SELECT * FROM read_csv_auto('{path}')",
    "SELECT * FROM read_text('{path}')",
    "SELECT * FROM read_blob('{path}')",
    "SELECT * FROM read_json('{path}')",
    "SELECT * FROM read_parquet('{path}')",
    "SELECT * FROM parquet_metadata('{path}')",
    "SELECT * FROM sniff_csv('{path}')",
    "SELECT * FROM glob('{path}')",
    "SELECT * FROM ST_Read('{path}')",
    "SELECT * FROM ST_Read('/vsicurl/{path}')",
    "SELECT * FROM ST_ReadOSM('{path}')",
    "SELECT * FROM '{path}'",
    "SELECT * FROM query('FROM read_text(''{path}'')')",
    "SELECT * FROM query_table('{path}')",
    "SELECT (SELECT content FROM read_text('{path}'))",
    "SELECT * FROM grids WHERE grid_code IN (SELECT content FROM read_text('{path}'))",
    "WITH t AS (FROM read_text('{path}')) FROM t",
    "FROM grids UNION ALL BY NAME FROM read_csv('{path}')",
    "SELECT * FROM grids, LATERAL (SELECT * FROM read_text('{path}'))",
]


@pytest.mark.parametrize("sql", READERS)
def test_no_file_beside_the_snapshot_is_read(snapshot, canary_file, sql):
    with pytest.raises(SandboxError) as refused:
        sandbox.ask(snapshot, sql.format(path=canary_file), limits=SMALL)
    assert "canary-bird" not in str(refused.value)


@pytest.mark.parametrize("sql", [s for s in READERS if "query_table" not in s])
def test_no_connection_is_opened(snapshot, canary_server, sql):
    address, hits = canary_server
    with pytest.raises(SandboxError):
        sandbox.ask(snapshot, sql.format(path=f"{address}/data.csv"), limits=SMALL)
    assert hits == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM enable_logging('QueryLog')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_memory()",
        "FROM duckdb_databases",
        "SELECT file FROM system.main.pragma_database_list",
        "SELECT * FROM which_secret('a', 's3')",
        "SELECT * FROM duckdb_extensions()",
        "SELECT * FROM repeat_row(1, num_rows => 1e12)",
        "SHOW DATABASES",
        "SHOW ALL TABLES",
        "SHOW VARIABLES",
        "SHOW TABLES FROM system",
        "DESCRIBE",
        "FROM (SHOW DATABASES)",
    ],
)
def test_what_tells_of_the_engine_itself_is_refused_by_name(snapshot, sql):
    with pytest.raises(SandboxError, match="cannot be used here"):
        sandbox.ask(snapshot, sql, limits=SMALL)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(repeat('x', 2000000000))",
        "SELECT len(range(1000000000))",
        "SELECT list(i) FROM range(500000000) t(i)",
        "SELECT count(DISTINCT hash(a.i, b.i)) FROM range(30000) a(i), range(30000) b(i)",
        "SELECT levenshtein(repeat('ab', 200000), repeat('ba', 200000))",
        "WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r",
        ENDLESS,
    ],
)
def test_a_question_that_eats_memory_or_time_is_stopped(snapshot, sql):
    limits = sandbox.Limits(rows=10, memory_mb=128, seconds=3)
    with pytest.raises(SandboxError):
        sandbox.ask(snapshot, sql, limits=limits)
    assert sandbox.ask(snapshot, "SELECT 42 AS n", limits=SMALL).frame.n.item() == 42


def test_the_environment_of_the_server_is_not_seen(snapshot, monkeypatch):
    monkeypatch.setenv("GRIDMAP_SECRET", "canary-bird")
    with pytest.raises(SandboxError):
        sandbox.ask(snapshot, "SELECT getenv('GRIDMAP_SECRET')", limits=SMALL)


def test_no_child_is_left_behind(snapshot):
    with pytest.raises(SandboxError, match="longer"):
        sandbox.ask(
            snapshot, "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)", limits=sandbox.Limits(seconds=2)
        )
    mine = [p for p in Path("/proc").glob("[0-9]*/stat") if _parent(p) == os.getpid()]
    assert not [p for p in mine if b"child.py" in (p.parent / "cmdline").read_bytes()]


def test_a_question_can_be_stopped_while_it_runs_and_leaves_no_child(snapshot):
    shares = []

    def stop(gone):
        shares.append(gone)
        if len(shares) > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sandbox.ask(snapshot, "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)", waiting=stop)
    assert 0 < shares[0] < shares[1] < 0.5
    mine = [p for p in Path("/proc").glob("[0-9]*/stat") if _parent(p) == os.getpid()]
    assert not [p for p in mine if b"child.py" in (p.parent / "cmdline").read_bytes()]


def _parent(stat):
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1
