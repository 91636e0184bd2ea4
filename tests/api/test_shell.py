"""Keys and Open311 servers from the shell, against a server of our own that really listens."""

import json
import threading
import time

import pytest
import uvicorn
from typer.testing import CliRunner

from gridmap import api, cli, store
from gridmap.cases import systems
from tests.cases.test_record import WHAT
from tests.store import conftest as small


@pytest.fixture
def listening(db):
    """The interface on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(api.application(lambda: db), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def run(*arguments):
    found = CliRunner().invoke(cli.application("system"), ["system", *arguments, "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_a_key_is_made_and_taken_back_from_the_shell(tmp_path):
    store.open_store(tmp_path / "gridmap.duckdb").close()
    made = run("key", "城管平台", "--dept", "chengguan", "--data", str(tmp_path))["key"]
    db = store.open_store(tmp_path / "gridmap.duckdb")
    assert systems.known(db, made).hand.dept == "chengguan"
    db.close()
    run("revoke", made.split("_")[1], "--data", str(tmp_path))
    db = store.open_store(tmp_path / "gridmap.duckdb")
    assert systems.known(db, made) is None
    db.close()


def test_a_server_is_read_over_the_wire_and_only_what_is_new_is_added(db, hotline, listening, tmp_path):
    hotline.post("/v1/cases", json=WHAT)
    (tmp_path / "other").mkdir()
    other = store.open_store(tmp_path / "other" / "gridmap.duckdb")
    small.fill_places(other)
    other.publish(other.draft(small.plan(), note="first"))
    other.close()
    asked = (f"{listening}/open311/v2", "--system", "邻区", "--data", str(tmp_path / "other"))
    refused = CliRunner().invoke(cli.application("system"), ["system", "read", *asked])
    assert "Open311" in str(refused.exception)  # without a key
    asked = (*asked, "--key", hotline.headers["X-API-Key"])
    assert run("read", *asked) == {"new": 1, "known": 0, "refused": {}, "updates": 0}
    assert run("read", *asked) == {"new": 0, "known": 1, "refused": {}, "updates": 0}
