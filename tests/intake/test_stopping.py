"""A reading tells how far it is, and is ended when whoever waits for it gives up; the next file is read as ever."""

import sqlite3
import time

import pytest

from gridmap import intake
from gridmap.intake import sealed


class GaveUpError(Exception):
    pass


def test_a_reader_that_nobody_waits_for_is_ended(tmp_path, grids):
    endless = tmp_path / "endless.gpkg"
    grids.to_file(endless)
    with sqlite3.connect(endless) as db:
        db.execute("ALTER TABLE endless RENAME TO hidden")
        counting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT h.* FROM hidden h, n WHERE n.x < 0"
        db.execute(f"CREATE VIEW endless AS {counting}")
    told = []

    def impatient(stage, share):
        told.append((stage, share))
        if len(told) == 3:
            raise GaveUpError

    before = time.process_time()
    with pytest.raises(GaveUpError):
        intake.open_file(endless, progress=impatient)
    assert time.process_time() - before < intake.limits().cpu_s
    assert {stage for stage, _ in told} == {sealed.READING}
    grids.to_file(tmp_path / "next.gpkg")
    assert len(intake.open_file(tmp_path / "next.gpkg", progress=lambda _stage, _share: None).frame) == 3
