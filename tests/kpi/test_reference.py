"""Every indicator worked out twice on the demo district: by the SQL files and, independently, in pandas."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gridmap import demo, kpi, store
from gridmap.demo import posts, work
from gridmap.kpi import Filters
from tests.kpi import reference, registers

NOW = pd.Timestamp(demo.TODAY)
ASKED = Filters(as_of=NOW.to_pydatetime())


def halves(communities):
    """A plan that cuts every community in two at its middle, and says all of it came from one old layer of communities."""
    frame = communities.to_crs(4549)
    rows = []
    for code, shape, homes in zip(frame["community_code"], frame.geometry, frame["households"], strict=True):
        west, south, east, north = shape.bounds
        for number, (left, right) in enumerate([(west, (west + east) / 2), ((west + east) / 2, east)], start=1):
            part = shape.intersection(
                gpd.GeoSeries.from_wkt(
                    [f"POLYGON(({left} {south},{right} {south},{right} {north},{left} {north},{left} {south}))"]
                )[0]
            )
            rows.append({"grid_code": f"{code}{number:03d}", "nest_id": code, "weight": homes / 2, "geometry": part})
    grids = gpd.GeoDataFrame(rows, crs=4549)
    grids["area_m2"] = grids.area
    whole = grids.groupby("nest_id")["area_m2"].transform("sum")
    way = grids[["grid_code", "area_m2", "weight"]].assign(
        layer="zongzhi", old_id=grids["nest_id"], share_of_old=grids["area_m2"] / whole, share_of_new=1.0
    )
    return grids, way


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    demo.make_source(folder, size="street", seed=5)
    source = folder / "source"
    db = store.open_store(folder / "gridmap.duckdb")
    for name in ("districts", "streets", "communities"):
        db.load(name, source / f"{name}.parquet", batch=name)
    grids, way = halves(gpd.read_parquet(source / "communities.parquet"))
    named = posts.name(grids, source)
    db.publish(db.draft(SimpleNamespace(grids=named, crosswalk=way)), when=pd.Timestamp("2026-01-01").to_pydatetime())
    filled = posts.fill(named, source, np.random.default_rng(1)) | work.fill(source, np.random.default_rng(2))
    for name in db.tables():
        path = source / f"{name}.parquet"
        frame = filled.get(name, path if path.exists() else None)
        if frame is not None and name not in {"districts", "streets", "communities"}:
            loaded = db.load(name, frame, batch=name)
            assert loaded.set_aside == 0, (name, db.cursor().execute("SELECT * FROM set_aside LIMIT 5").fetchall())
    yield reference.Tables(db)
    db.close()


FIGURES = reference.FIGURES | registers.FIGURES
MIXED = reference.MIXED | registers.MIXED


@pytest.mark.parametrize("id_", sorted(FIGURES))
def test_sql_and_pandas_agree_exactly(tables, id_):
    part, n = FIGURES[id_](tables, NOW)
    row = kpi.run(tables.db, id_, ASKED).iloc[0]
    exact = isinstance(part, (int, np.integer))
    got = tuple(0 if pd.isna(row[name]) else row[name] for name in ("part", "n"))
    assert got == ((part, n) if exact else (pytest.approx(part), pytest.approx(n)))


@pytest.mark.parametrize("id_", sorted(MIXED))
def test_mixes_agree_exactly(tables, id_):
    mix = kpi.run(tables.db, id_, ASKED)
    wanted = MIXED[id_](tables)
    assert dict(zip(mix["grp"].fillna(""), mix["part"], strict=True)) == {
        k if isinstance(k, str) else "": v for k, v in wanted.items()
    }


def test_cover_agrees(tables):
    assert kpi.run(tables.db, "K11", ASKED)["value"].iloc[0] == pytest.approx(reference.cover(tables), abs=1e-6)


@pytest.mark.parametrize("id_", sorted(reference.SET))
def test_what_waits_for_a_setting_agrees_once_it_is_set(tables, id_):
    assert kpi.run(tables.db, id_, ASKED)["n"].fillna(0).iloc[0] == 0
    values, figure = reference.SET[id_]
    for key, value in values.items():
        tables.db.fill_in(key, value)
    row = kpi.run(tables.db, id_, ASKED).iloc[0]
    for key in values:
        tables.db.fill_in(key, None)
    part, n = figure(tables)
    assert n > 0
    assert (row["part"], row["n"]) == (pytest.approx(part), n)


def test_every_indicator_has_a_second_computation():
    assert set(kpi.indicators()) == {*FIGURES, *MIXED, *reference.SET, "K11"}


def test_strip_and_indicators_say_the_same(tables):
    strip = kpi.strip(tables.db, ASKED)
    pairs = {"closing_rate": "K04", "on_time_rate": "K05", "accept_1min": "K01", "arrive_1h": "K02", "close_1day": "K03"}
    for figure, id_ in pairs.items():
        row = kpi.run(tables.db, id_, ASKED).iloc[0]
        assert (strip[figure].value, strip[figure].n) == (pytest.approx(row["value"]), row["n"])
    assert strip["overdue"].value == kpi.run(tables.db, "K07", ASKED)["value"].iloc[0]
    assert strip["orphans"].value == kpi.run(tables.db, "K34", ASKED)["value"].iloc[0]


def test_the_demo_store_is_sound(tables):
    assert [broken for broken in tables.db.verify() if "grids_now" not in broken.where] == []
