"""The snapshot holds the documented views, column by column, and nothing else; a confined reader's holds their part."""

import duckdb
import pandas as pd
import pytest

from gridmap import access, sandbox
from gridmap.errors import SandboxError
from gridmap.sandbox import snapshot
from gridmap.sandbox.views import EXAMPLES, VIEWS
from tests.store.conftest import district, incident, published, templates

__all__ = ["district", "published", "templates"]


@pytest.fixture
def db(published):
    published.load("incidents", pd.DataFrame([incident(n, n % 2, 0) for n in range(10)]), batch="incidents")
    return published


def test_every_view_has_the_columns_its_documentation_says(db, tmp_path):
    path = snapshot.make(db, tmp_path)
    for view in VIEWS:
        frame = sandbox.ask(path, f"SELECT * FROM {view.name}").frame
        assert list(frame.columns) == list(view.columns)
    names = sandbox.ask(path, "SELECT table_name FROM information_schema.tables").frame["table_name"]
    assert set(names) == {view.name for view in VIEWS}


def test_geometry_and_codes_come_through(db, tmp_path):
    frame = sandbox.ask(snapshot.make(db, tmp_path), "SELECT grid_code, geom FROM grids ORDER BY 1").frame
    assert len(frame) == 8
    assert frame.geometry.is_valid.all()


@pytest.mark.parametrize("sql", EXAMPLES.values(), ids=list(EXAMPLES))
def test_every_example_can_be_asked(db, tmp_path, sql):
    sandbox.ask(snapshot.make(db, tmp_path), sql)


def test_a_snapshot_is_made_once_a_state_of_the_data_and_older_ones_go(db, tmp_path):
    first = snapshot.make(db, tmp_path)
    made = first.stat().st_mtime_ns
    assert snapshot.make(db, tmp_path).stat().st_mtime_ns == made
    db.load("incidents", pd.DataFrame([incident(99, 0, 0)]), batch="more")
    second = snapshot.make(db, tmp_path)
    assert second != first
    assert not first.exists()


def test_what_is_not_documented_is_not_there(db, tmp_path):
    path = snapshot.make(db, tmp_path)
    for table in ("staff", "settings", "decisions", "accounts", "store_meta"):
        with pytest.raises(SandboxError):
            sandbox.ask(path, f"SELECT * FROM {table}")


def test_a_reader_of_a_part_asks_their_part_only(db, tmp_path):
    confined = access.confine(db, access.Actor("li", "leader", "990199001001"))
    path = snapshot.make(confined, tmp_path, "990199001001")
    assert set(sandbox.ask(path, "SELECT community_code FROM incidents").frame["community_code"]) == {"990199001001"}
    assert len(sandbox.ask(path, "SELECT * FROM grids").frame) == 2


@pytest.mark.parametrize("late", [0.3, 1e-9], ids=["between two views", "in the middle of one"])
def test_a_stop_leaves_nothing_behind(db, tmp_path, monkeypatch, late):
    monkeypatch.setattr(snapshot, "BATCH_ROWS", 1)
    asked = []

    def stop(_stage, share):
        asked.append(share)
        if share > late:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        snapshot.make(db, tmp_path, progress=stop)
    assert list(tmp_path.glob("*.duckdb")) == [] or {p.name for p in tmp_path.glob("*.duckdb")} == {"gridmap.duckdb"}


def test_a_full_disk_is_said_and_any_other_error_is_told_as_it_is(db, tmp_path, monkeypatch):
    def full(*_):
        raise duckdb.IOException("IO Error: No space left on device")

    def broken(*_):
        raise duckdb.BinderException("no such column")

    for fails, said in ((full, SandboxError), (broken, duckdb.BinderException)):
        monkeypatch.setattr(snapshot, "_copy", fails)
        with pytest.raises(said):
            snapshot.make(db, tmp_path / "ask")
        assert list((tmp_path / "ask").iterdir()) == []
