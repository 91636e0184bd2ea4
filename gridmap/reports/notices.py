"""What a department is told of a new version: the grids that changed, in its own format and coordinate system, and a letter."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridmap.reports.sheets import excel
from gridmap.reports.word import word

if TYPE_CHECKING:
    import geopandas as gpd

    from gridmap.reports.content import Brief

SHAPEFILE, GEOJSON, GPKG = ".shp", ".geojson", ".gpkg"
FORMATS = {".zip": SHAPEFILE, ".shp": SHAPEFILE, ".geojson": GEOJSON, ".json": GEOJSON, ".gpkg": GPKG}
"""The format a department gets, by the ending of the file it sent; any other gets GeoPackage."""

COLUMNS = ("grid_code", "change", "old_ids", "households", "area_m2")
LONGEST = 254
"""Bytes of the longest text a Shapefile holds."""


@dataclass(frozen=True)
class Notice:
    """One department's notice. name: the stem of its files. source: the name of the file it sent; crs: that file's.

    grids: the changed grids, any CRS, columns grid_code, change, old_ids (its own grids that lie in it), households, area_m2.
    letter: what goes with it as a Word file; its tables make the workbook.
    """

    name: str
    source: str
    crs: str
    grids: gpd.GeoDataFrame
    letter: Brief


def notice(told: Notice) -> bytes:
    """Write a department's notice as one .zip: the letter, the workbook, and the changed grids in its CRS and format."""
    folder = Path(tempfile.mkdtemp(prefix="gridmap-notice-"))
    try:
        form = FORMATS.get(Path(told.source).suffix.lower(), GPKG)
        _shapes(told.grids.to_crs(told.crs)[[*COLUMNS, "geometry"]], folder / f"{told.name}{form}", form)
        (folder / f"{told.name}.docx").write_bytes(word(told.letter))
        (folder / f"{told.name}.xlsx").write_bytes(excel(told.letter))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.iterdir()):
                packed.write(path, path.name)
        return out.getvalue()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shapes(frame: gpd.GeoDataFrame, path: Path, form: str) -> None:
    if form == SHAPEFILE:
        frame = frame.assign(old_ids=frame["old_ids"].str[:LONGEST])
        frame.to_file(path, driver="ESRI Shapefile", encoding="UTF-8", engine="pyogrio")
    elif form == GEOJSON:
        frame.to_file(path, driver="GeoJSON", engine="pyogrio")
    else:
        frame.to_file(path, driver="GPKG", layer="grids", engine="pyogrio")
