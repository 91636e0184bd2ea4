"""A backup is made while the server holds the database, by the server, and says what goes wrong."""

import asyncio
import os
import stat

import pandas as pd
import pytest

from gridmap import store
from gridmap.cli import main as shell
from gridmap.errors import StoreError
from gridmap.store import served
from tests.store import conftest as small


@pytest.fixture
def folder(tmp_path):
    """A district whose path is longer than a socket's may be."""
    place = tmp_path / ("deep" * 20) / ("er" * 20)
    db = store.open_store(place / "gridmap.duckdb")
    small.fill_places(db)
    db.load("incidents", pd.DataFrame([small.incident(n, n % 2, 0) for n in range(20)]), batch="day")
    yield place
    db.close()


def while_served(folder, database, work):
    """Run something in a thread while a server answers."""

    async def serve():
        async with served.answering(folder, database):
            return await asyncio.to_thread(work)

    return asyncio.run(serve())


def held(folder):
    return lambda: store.open_store(folder / "gridmap.duckdb")


def test_the_server_copies_what_it_holds_and_the_copy_is_whole(folder):
    target = folder.parents[1] / "safe.duckdb"
    assert while_served(folder, held(folder), lambda: served.ask(folder, target)) == target
    copy = store.open_store(target)
    assert copy.verify() == []
    assert copy.cursor().execute("SELECT count(*) FROM incidents").fetchone()[0] == 20
    copy.close()
    assert not (folder / served.SOCKET).exists()


def test_only_the_owner_may_ask(folder):
    mode = while_served(folder, held(folder), lambda: (folder / served.SOCKET).stat().st_mode)
    assert stat.S_IMODE(mode) == 0o600


def test_what_goes_wrong_is_said_to_whoever_asked(folder):
    target = folder / "there.duckdb"
    target.write_text("x")
    with pytest.raises(StoreError, match=r"there\.duckdb exists already"):
        while_served(folder, held(folder), lambda: served.ask(folder, target))
    with pytest.raises(StoreError, match="no data yet"):
        while_served(folder, lambda: None, lambda: served.ask(folder, folder / "new.duckdb"))
    with pytest.raises(StoreError, match="could not be written"):
        while_served(folder, held(folder), lambda: served.ask(folder, target / "below a file.duckdb"))


def test_without_a_server_nobody_answers_and_a_killed_ones_socket_is_taken_over(folder):
    assert served.ask(folder, folder / "x.duckdb") is None
    assert served.ask(folder / "nowhere", folder / "x.duckdb") is None
    (folder / served.SOCKET).write_text("left behind")
    assert while_served(folder, held(folder), lambda: served.ask(folder, folder / "x.duckdb")) == folder / "x.duckdb"


def test_a_second_server_leaves_the_first_ones_socket_alone(folder):
    def second():
        while_served(folder, lambda: None, lambda: None)
        return served.ask(folder, folder / "x.duckdb")

    assert while_served(folder, held(folder), second) == folder / "x.duckdb"


def test_the_shell_makes_a_backup_and_an_export_of_a_district_that_another_process_serves(tmp_path, monkeypatch, capsys):
    db = store.open_store(tmp_path / "gridmap.duckdb")
    small.fill_places(db)
    db.close()
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        mine = store.open_store(tmp_path / "gridmap.duckdb")

        def wait():
            os.write(ready[1], b"x")
            os.read(go[0], 1)

        while_served(tmp_path, lambda: mine, wait)
        os._exit(0)
    os.read(ready[0], 1)
    for what, where in (("backup", "safe.duckdb"), ("export", "tables")):
        monkeypatch.setattr("sys.argv", ["gridmap", what, str(tmp_path / where), "--data", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            shell()
        assert ended.value.code in {0, None}
    os.write(go[1], b"x")
    os.waitpid(child, 0)
    assert (tmp_path / "tables" / "schema.sql").exists()
    assert "safe.duckdb" in capsys.readouterr().out
    assert (tmp_path / "safe.duckdb.access").exists()
    copy = store.open_store(tmp_path / "safe.duckdb")
    assert len(copy.areas("street")) == 2
    copy.close()
