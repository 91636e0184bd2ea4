"""A merge started from a page ends as a draft and a folder of results, and a stopped one leaves neither."""

import json
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.errors import InputError
from gridmap.web import jobs, merging
from tests.store.conftest import SOUTH, SPOTS, STEP, WEST, box


def send(folder, **said):
    """Two departments' layers and a grid of households, as files: one cuts each of the four communities in halves, one not.

    said: what the manifest says besides.
    """
    source = folder / "source"
    source.mkdir()
    nest = gpd.GeoDataFrame({"community_code": list(SPOTS)}, geometry=[box(*spot) for spot in SPOTS.values()], crs=4490)
    nest.to_file(source / "communities.gpkg")
    halves = [box(*spot, left, left + 0.5) for spot in SPOTS.values() for left in (0.0, 0.5)]
    gpd.GeoDataFrame({"id": [f"z{n}" for n in range(8)]}, geometry=halves, crs=4490).to_file(source / "zongzhi.gpkg")
    gpd.GeoDataFrame({"id": [f"c{n}" for n in range(4)]}, geometry=nest.geometry.to_numpy(), crs=4490).to_file(
        source / "chengguan.gpkg"
    )
    x, y = np.meshgrid(WEST + STEP * (np.arange(20) + 0.5) / 10, SOUTH + STEP * (np.arange(20) + 0.5) / 10)
    homes = gpd.GeoDataFrame({"households": 7}, geometry=shapely.points(x.ravel(), y.ravel()), index=range(400), crs=4490)
    homes.to_file(source / "homes.gpkg")
    manifest = {
        "crs": 4549,
        "norm": [300, 500],
        "nest": {"file": "communities.gpkg", "id": "community_code"},
        "layers": {key: {"file": f"{key}.gpkg", "id": "id", "crs": 4490} for key in ("zongzhi", "chengguan")},
        "weights": {"file": "homes.gpkg", "column": "households"},
    }
    (source / "manifest.json").write_text(json.dumps(manifest | said), "utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    return send(tmp_path)


@pytest.mark.slow
def test_a_merge_becomes_a_draft_and_a_folder_of_results(folder, district):
    shares = []
    version = merging.run(folder, district, lambda _stage, share: shares.append(share))
    listed = district.versions().set_index("version")
    assert listed.loc[version, "status"] == "draft"
    assert district.version_now() is None
    grids = district.areas("grid", version=version)
    assert len(grids) == 8  # 350 households a half: within the norm as they are
    assert grids["households"].tolist() == [350] * 8
    assert {entry.name for entry in (folder / "merge").iterdir()} == {
        "grids.parquet", "atoms.parquet", "edits.parquet", "crosswalk.parquet", "report.json",
    }  # fmt: skip
    assert not [entry for entry in folder.iterdir() if entry.name.startswith(".merge")]
    assert shares[-1] <= 1


def test_land_that_stays_a_grid_keeps_the_code_it_has_in_force(folder, district, monkeypatch):
    """Also on the page: what is in force is the plan before."""
    monkeypatch.setattr(merging, "LEAST_WORKERS", 1)
    monkeypatch.setattr(merging.os, "cpu_count", lambda: 1)
    first = merging.run(folder, district, lambda _stage, _share: None)
    grids = gpd.read_parquet(folder / "merge" / "grids.parquet")
    grids["grid_code"] = grids["grid_code"].str[:12] + "7" + grids["grid_code"].str[13:]
    way = pd.read_parquet(folder / "merge" / "crosswalk.parquet")
    way["grid_code"] = way["grid_code"].str[:12] + "7" + way["grid_code"].str[13:]
    published = district.draft(SimpleNamespace(grids=grids, crosswalk=way), norm=(300, 500))
    district.publish(published)
    again = merging.run(folder, district, lambda _stage, _share: None)
    codes = [set(district.areas("grid", version=version)["code"]) for version in (first, published, again)]
    assert codes[1] == codes[2] != codes[0]


def test_a_stopped_merge_leaves_nothing(folder, district):
    def stop(_stage, share):
        if share > 0.05:
            raise jobs.Stopped

    with pytest.raises(jobs.Stopped):
        merging.run(folder, district, stop)
    assert district.versions().empty
    assert not (folder / "merge").exists()


def test_a_folder_without_a_manifest_is_refused_in_one_sentence(tmp_path, district):
    with pytest.raises(InputError, match=r"source/manifest\.json"):
        merging.run(tmp_path, district, lambda _stage, _share: None)
