"""A merge from disk to disk: the same rows and bytes as in memory, however its inputs come, with less held at once."""

import json
import weakref
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import merge, shelf
from gridmap.errors import GridmapError
from tests.merge.test_engine import OPTIONS, city, layer, wkb


def everything():
    """A city of four streets with compounds, barriers, incidents and a plan before; one grid reaches far out, one is lost."""
    inputs = city(columns=4, rows=4, jitter=30.0, seed=3)
    random = np.random.default_rng(5)
    x, y = random.uniform(-50, 1650, (2, 150))
    x[:2], y[:2] = 800, (400, 800)  # on the border of two streets, and of four
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), index=[f"p{n}" for n in range(150)], crs=4549)
    bands = inputs.layers["yingji"].copy()
    bands.geometry = [shapely.box(-900, 0, 1700, 205), *bands.geometry[1:]]
    before = merge.run(inputs, replace(OPTIONS, seed=1)).grids
    return replace(
        inputs,
        nest=inputs.nest.set_axis(
            [f"99019900{c // 2 + 1 + 2 * (r // 2)}{c % 2 * 2 + r % 2 + 1:03d}" for c in range(4) for r in range(4)]
        ),
        layers={**inputs.layers, "yingji": bands},
        units=layer([(150, 150, 260, 260), (780, 90, 830, 140)], "c"),
        barriers=gpd.GeoDataFrame(
            {"weight": [2.0]}, geometry=[shapely.LineString([(0, 210), (1600, 190)])], index=["b"], crs=4549
        ),
        points=points,
        previous=before.set_axis([str(n) for n in range(len(before))]),
    )


def shelved(folder, inputs, options, *, pieces=1, **how):
    """Merge by way of the disk, each frame in so many pieces; give what was written."""

    def parts(frame):
        return [frame.iloc[part] for part in np.array_split(np.arange(len(frame)), min(pieces, len(frame)))]

    for name in ("split", "out"):
        (folder / name).mkdir(parents=True)
    source = shelf.Parted(folder / "split", parts(inputs.nest), options)
    for name, frame in inputs.frames().items():
        if name != "nest":
            source.put(name, parts(frame), layer=name in inputs.layers)
    shelf.merge_to(folder / "out", source, options, crs=inputs.nest.crs, units=inputs.units is not None, **how)
    assert {path.name for path in (folder / "out").iterdir()} == shelf.FILES
    return folder / "out"


def strings(frame):
    """A frame with every text column as plain objects, None where there is none."""
    return pd.DataFrame(
        {name: frame[name].astype(object).where(frame[name].notna(), None) for name in frame.columns if name != "geometry"}
    )


def assert_same(out, merged):
    for name in ("grids", "atoms", "edits"):
        written, held = gpd.read_parquet(out / f"{name}.parquet"), getattr(merged, name)
        assert written.crs == held.crs
        assert wkb(written) == wkb(held), name
        pd.testing.assert_frame_equal(strings(written)[list(strings(held))], strings(held), check_dtype=False)
    order = ["layer", "old_id", "grid_code"]
    table = pd.read_parquet(out / "crosswalk.parquet").sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(
        strings(table), strings(merged.crosswalk.sort_values(order, ignore_index=True)), check_dtype=False
    )
    report = json.loads((out / "report.json").read_text("utf-8"))
    expected = json.loads(json.dumps(merged.report))
    for told in (report, expected):
        del told["seconds"]
        for unit in told["units"]:
            del unit["seconds"]
    assert report.pop("crs") == "EPSG:4549"
    assert report == expected


@pytest.fixture(scope="module")
def whole():
    inputs = everything()
    return inputs, merge.run(inputs, OPTIONS)


@pytest.mark.parametrize("pieces", [1, 7])
def test_a_merge_by_way_of_the_disk_writes_the_very_rows_of_one_in_memory(tmp_path, whole, pieces):
    inputs, merged = whole
    assert merged.report["streets"] == 4
    assert merged.report["incidents"]["in_no_grid"] > 0
    assert_same(shelved(tmp_path, inputs, OPTIONS, pieces=pieces), merged)


@pytest.mark.slow
def test_a_cluster_of_two_workers_with_bounded_memory_writes_the_same(tmp_path, whole):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit="768MiB", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        assert_same(shelved(tmp_path, whole[0], OPTIONS, scheduler=cluster.scheduler_address), whole[1])


def test_no_more_streets_are_held_than_are_worked_on(tmp_path):
    alive, most = set(), 0

    class Watched(shelf.Parted):
        def near(self, number):
            nonlocal most
            found = super().near(number)
            alive.add(number)
            weakref.finalize(found, alive.discard, number)
            most = max(most, len(alive))
            return found

    inputs = city(columns=8)
    for name in ("split", "out"):
        (tmp_path / name).mkdir()
    source = Watched(tmp_path / "split", [inputs.nest], OPTIONS)
    source.put("zongzhi", [inputs.layers["zongzhi"]], layer=True)
    source.put("weights", [inputs.weights])
    done = shelf.merge_to(tmp_path / "out", source, OPTIONS, crs=inputs.nest.crs)
    assert len(source.names) == 4
    assert done.grids > 4
    assert most <= 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda frame: frame.set_crs(None, allow_override=True), "coordinate system"),
        (lambda frame: frame.to_crs(4326), "metric"),
        (lambda frame: frame.set_geometry(frame.translate(1e6)), "does not overlap"),
        (lambda frame: frame.set_geometry(frame.boundary), "not areas"),
        (lambda frame: pd.concat([frame, frame]), "more than once"),
        (lambda frame: frame.iloc[:0], "no grids"),
    ],
)
def test_what_cannot_be_merged_is_refused_in_one_sentence(tmp_path, change, says):
    inputs = city()
    source = shelf.Parted(tmp_path, [inputs.nest], OPTIONS)
    with pytest.raises(GridmapError, match=says):
        source.put("zongzhi", [change(inputs.layers["zongzhi"])], layer=True)


def test_a_report_too_long_to_hold_is_written_as_json_writes_it(tmp_path):
    long = shelf.Lines(tmp_path / "long")
    for item in (1, "街", {"a": None}, []):
        long.append(item)
    pairs = shelf.Lines(tmp_path / "pairs")
    pairs.append(("990199001001001", 3))
    with (tmp_path / "report.json").open("w", encoding="utf-8") as file:
        shelf.write({"long": long, "by": shelf.Pairs(pairs), "none": [], "empty": {}, "deep": {"x": [0.5, (True,)]}}, file)
    expected = {
        "long": [1, "街", {"a": None}, []],
        "by": {"990199001001001": 3},
        "none": [],
        "empty": {},
        "deep": {"x": [0.5, [True]]},
    }
    assert (tmp_path / "report.json").read_text("utf-8") == json.dumps(expected, ensure_ascii=False, indent=1)


def test_what_is_kept_between_passes_is_a_mapping(tmp_path):
    kept = shelf.Kept(tmp_path)
    kept["street", 3] = np.arange(4)
    assert list(kept) == [("street", 3)]
    assert kept.pop(("street", 3)).tolist() == [0, 1, 2, 3]
    assert len(kept) == 0
    with pytest.raises(KeyError):
        kept["street", 3]
