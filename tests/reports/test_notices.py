"""A department gets its changed grids back in the format and coordinate system it sent, with a letter and a workbook."""

import io
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import reports


def told(source, crs):
    grids = gpd.GeoDataFrame(
        {"grid_code": ["990199001001009"], "change": ["new"], "old_ids": ["甲,乙"], "households": [350], "area_m2": [1.5]},
        geometry=[shapely.box(119.9, 39.9, 119.91, 39.91)],
        crs=4490,
    )
    table = reports.Table("变动网格", pd.DataFrame({"网格": ["990199001001009"]}))
    made = pd.Timestamp("2026-11-26").to_pydatetime()
    letter = reports.Brief("演示区", "告知书", made, sections=[reports.Section("内容", ["请更新。"], tables=[table])])
    return reports.Notice("zongzhi_v2", source, crs, grids, letter)


@pytest.mark.parametrize(
    ("source", "crs", "file"),
    [
        ("zongzhi.zip", "EPSG:4549", "zongzhi_v2.shp"),
        ("yingji.geojson", "EPSG:4326", "zongzhi_v2.geojson"),
        ("chengguan.gpkg", "EPSG:4528", "zongzhi_v2.gpkg"),
        ("other.dxf", "EPSG:4490", "zongzhi_v2.gpkg"),
    ],
)
def test_a_department_reads_its_changed_grids_as_it_sent_its_own(tmp_path, source, crs, file):
    with zipfile.ZipFile(io.BytesIO(reports.notice(told(source, crs)))) as packed:
        packed.extractall(tmp_path)
        assert {"zongzhi_v2.docx", "zongzhi_v2.xlsx", file} <= set(packed.namelist())
    back = gpd.read_file(tmp_path / file)
    assert back.crs == crs
    assert back["grid_code"].tolist() == ["990199001001009"]
    assert back["old_ids"].tolist() == ["甲,乙"]
    there = back.to_crs(4490).geometry.iloc[0]
    assert there.hausdorff_distance(shapely.box(119.9, 39.9, 119.91, 39.91)) < 1e-8
