"""The four layers as files, each as its office hands it over: format, code page, coordinates and column names differ."""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gridmap.demo import names
from gridmap.demo.ground import CRS

if TYPE_CHECKING:
    from gridmap.demo.district import District

_FIXED_TIME = (2026, 11, 1, 9, 0, 0)
"""Files carry this time, so that the same seed gives the same bytes."""

FILES: dict[str, dict[str, object]] = {
    "zongzhi": {"file": "zongzhi.zip", "id": "网格编码", "encoding": "GBK", "crs": 4549, "office_zh": "综治"},
    "yingji": {"file": "yingji.geojson", "id": "wgbh", "encoding": "UTF-8", "crs": 4326, "office_zh": "应急"},
    "chengguan": {"file": "chengguan.gpkg", "id": "grid_no", "encoding": "UTF-8", "crs": 4528, "office_zh": "城管"},
    "huanjing": {"file": "huanjing.zip", "id": "HJWGBH", "encoding": "UTF-8", "crs": 4490, "office_zh": "生态环境"},
}
"""Each layer's file, its id column, code page and EPSG code (4528 puts the zone number 40 before the easting)."""

FILE_FAULTS = [
    {"layer": "zongzhi", "kind": "no_code_page", "ids": [], "note": "GBK shapefile without .cpg; Chinese column names"},
    {"layer": "yingji", "kind": "other_crs", "ids": [], "note": "degrees (EPSG:4326, as GeoJSON must be)"},
    {"layer": "chengguan", "kind": "other_crs", "ids": [], "note": "EPSG:4528, easting with the zone number 40 in front"},
    {"layer": "chengguan", "kind": "partial_cover", "ids": [], "note": "covers the built-up area only"},
    {"layer": "huanjing", "kind": "other_crs", "ids": [], "note": "EPSG:4490 degrees; shapefile in a subfolder of the zip"},
]
"""What is wrong with the files as such."""


def write(folder: Path, districts: list[District], rng: np.random.Generator) -> dict[str, int]:
    """Write the four files into ``folder``; gives the rows of each."""
    frames = {key: _frame(key, districts, rng) for key in FILES}
    _shapefile(folder / "zongzhi.zip", frames["zongzhi"], "综治网格", encoding="GBK", cpg=False)
    _geojson(folder / "yingji.geojson", frames["yingji"])
    _geopackage(folder / "chengguan.gpkg", frames["chengguan"])
    _shapefile(folder / "huanjing.zip", frames["huanjing"], "生态环境网格/hjwg", encoding="UTF-8", cpg=True)
    return {key: len(frame) for key, frame in frames.items()}


def _frame(key: str, districts: list[District], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Gather a layer over the districts, with the columns its office keeps, in its office's CRS."""
    parts = []
    for district in districts:
        sheet, layer, divided = district.sheets[key], district.layers[key], district.divisions
        source = np.array(sheet.source)
        community = np.array(divided.community_names, dtype=object)[layer.community[source]]
        street = np.array(divided.street_codes, dtype=object)[layer.street[source]]
        households = layer.households[source]
        number = [name[-3:] if name[-1].isdigit() else name for name in sheet.ids]
        columns: dict[str, object]
        if key == "zongzhi":
            columns = {
                "网格编码": sheet.ids,
                "网格名称": [f"{c}第{n}网格" for c, n in zip(community, number, strict=True)],
                "所属社区": community,
                "户数": households,
                "网格员": names.people(rng, len(source)),
            }
        elif key == "yingji":
            risk = np.where(households < 100, "重点企业", np.where(households > 1200, "人员密集", "一般"))
            columns = {"wgbh": sheet.ids, "wgmc": [f"应急{n}网格" for n in number], "fxlx": risk, "jdbm": street}
        elif key == "chengguan":
            columns = {
                "grid_no": sheet.ids,
                "street": street,
                "grade": rng.choice(["A", "B", "C"], len(source), p=[0.3, 0.5, 0.2]),
            }
        else:
            columns = {"HJWGBH": sheet.ids, "HJWGMC": [f"环境{n}网格" for n in number], "JDBM": street, "HS": households}
        shapes = np.array(sheet.shapes, dtype=object)
        known = np.array([shape is not None for shape in shapes])
        shapes[known] = district.at(shapes[known])
        parts.append(gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS))
    whole = parts[0] if len(parts) == 1 else gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS)
    return whole.to_crs(int(str(FILES[key]["crs"])))


def _shapefile(path: Path, frame: gpd.GeoDataFrame, name: str, *, encoding: str, cpg: bool) -> None:
    """Write a zipped shapefile; without .cpg and with the code page byte blank when ``cpg`` is false."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "layer.shp"
        pyogrio.write_dataframe(frame, base, driver="ESRI Shapefile", encoding=encoding)
        table = base.with_suffix(".dbf")
        content = bytearray(table.read_bytes())
        content[1:4] = struct.pack("3B", _FIXED_TIME[0] - 1900, *_FIXED_TIME[1:3])
        if not cpg:
            content[29] = 0
        table.write_bytes(content)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for suffix in (".shp", ".shx", ".dbf", ".prj", *((".cpg",) if cpg else ())):
                member = zipfile.ZipInfo(name + suffix, _FIXED_TIME)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, base.with_suffix(suffix).read_bytes())


def _geojson(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write GeoJSON by hand: eight decimals, one feature a line."""
    shapes = shapely.set_coordinates(
        frame.geometry.to_numpy(copy=True), np.round(shapely.get_coordinates(frame.geometry.to_numpy()), 8)
    )
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    lines = [
        json.dumps({"type": "Feature", "properties": row, "geometry": shapely.geometry.mapping(shape)}, ensure_ascii=False)
        for row, shape in zip(rows, shapes, strict=True)
    ]
    text = '{"type": "FeatureCollection", "name": "应急网格", "features": [\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8")


def _geopackage(path: Path, frame: gpd.GeoDataFrame) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "layer.gpkg"
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-11-01T09:00:00.000Z"})
        try:
            pyogrio.write_dataframe(frame, made, driver="GPKG", layer="chengguan_grid", geometry_type="Unknown")
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
        shutil.copyfile(made, path)
