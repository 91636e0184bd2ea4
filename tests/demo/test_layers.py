"""The four layers are as the manifest says: each in its own format, each with the faults that were planted."""

import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

KEYS = ("zongzhi", "yingji", "chengguan", "huanjing")


@pytest.fixture(scope="module")
def read(street, manifest):
    def one(key):
        spec = manifest["layers"][key]
        path = street / spec["file"]
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                shp = next(name for name in archive.namelist() if name.endswith(".shp"))
            return pyogrio.read_dataframe(f"/vsizip/{path}/{shp}", encoding=spec["encoding"])
        return gpd.read_file(path)

    return {key: one(key) for key in KEYS}


@pytest.mark.parametrize("key", KEYS)
def test_a_layer_has_the_rows_the_columns_and_the_crs_of_its_manifest(read, manifest, key):
    spec = manifest["layers"][key]
    assert len(read[key]) == spec["rows"]
    assert spec["id"] in read[key].columns
    assert read[key].crs.to_epsg() == spec["crs"]


def test_the_gbk_shapefile_says_no_code_page(street):
    with zipfile.ZipFile(street / "zongzhi.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".cpg")]
        table = archive.read(next(name for name in archive.namelist() if name.endswith(".dbf")))
    assert table[29] == 0
    assert "网格编码".encode("gbk") in table


@pytest.mark.parametrize("key", KEYS)
def test_each_planted_fault_is_in_the_file(read, manifest, key):
    frame = read[key].set_index(manifest["layers"][key]["id"]).to_crs(manifest["crs"])
    faults = [fault for fault in manifest["faults"] if fault["layer"] == key]
    assert faults
    for fault in faults:
        rows = frame.loc[frame.index.isin(fault["ids"])]
        if fault["kind"] == "invalid_geom":
            assert not rows.geometry.is_valid.all(), fault
        elif fault["kind"] == "duplicate_id":
            assert len(rows) == 2, fault
        elif fault["kind"] == "duplicate_geometry":
            assert shapely.equals_exact(rows.geometry.iloc[0], rows.geometry.iloc[1], 0.01), fault
        elif fault["kind"] == "no_shape":
            assert rows.geometry.isna().all(), fault
        elif fault["kind"] == "multipart":
            assert (rows.geometry.geom_type == "MultiPolygon").all(), fault
        elif fault["kind"] == "sliver":
            assert (rows.geometry.area < 0.6 * rows.geometry.length).all(), fault
        elif fault["kind"] == "gap":
            near = frame[frame.geometry.notna() & frame.geometry.is_valid]
            claimed = shapely.intersects(near.geometry.to_numpy(), shapely.Point(fault["x"], fault["y"]).buffer(0.5))
            assert not (claimed & near.index.isin(fault["ids"])).all(), fault
        elif fault["kind"] == "overlap":
            shapes = shapely.make_valid(rows.geometry.to_numpy())
            assert shapely.area(shapely.intersection(shapes[0], shapes[1])) > 100, fault


@pytest.mark.parametrize("key", KEYS)
def test_only_planted_rings_are_invalid(read, manifest, key):
    column = manifest["layers"][key]["id"]
    invalid = read[key][read[key].geometry.notna() & ~read[key].geometry.is_valid]
    planted = {name for f in manifest["faults"] if f["layer"] == key and f["kind"] == "invalid_geom" for name in f["ids"]}
    assert set(invalid[column]) == planted


@pytest.mark.parametrize("key", ["zongzhi", "yingji", "huanjing"])
def test_a_layer_covers_its_ground_but_for_small_gaps(read, manifest, table, key):
    ground = table("districts").geometry.iloc[0]
    shapes = read[key].to_crs(manifest["crs"]).geometry.to_numpy()
    covered = shapely.union_all(shapely.make_valid(shapes))
    assert shapely.difference(ground, covered).area < 0.01 * ground.area
    assert shapely.difference(covered, ground).area < 0.01 * ground.area


def test_the_city_management_layer_covers_the_built_up_part_only(read, manifest, table):
    whole = table("districts").geometry.iloc[0]
    shapes = read["chengguan"].to_crs(manifest["crs"]).geometry.dropna().to_numpy()
    share = shapely.intersection(shapely.union_all(shapely.make_valid(shapes)), whole).area / whole.area
    assert 0.2 < share < 0.999


def test_layers_disagree_with_communities_by_no_more_than_three_metres_where_they_follow_them(read, manifest, table):
    borders = table("communities").geometry.boundary.union_all()
    shapes = read["zongzhi"].to_crs(manifest["crs"])
    planted = {name for f in manifest["faults"] if f["layer"] == "zongzhi" for name in f["ids"]}
    clean = shapes[~shapes[manifest["layers"]["zongzhi"]["id"]].isin(planted)]
    away = shapely.distance(shapely.points(shapely.get_coordinates(clean.geometry.to_numpy())), borders)
    follows = away < 12
    assert follows.sum() > 50
    assert np.quantile(away[follows], 0.97) <= 3.0
