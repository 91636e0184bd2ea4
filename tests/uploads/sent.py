"""Files as departments send them, for the district of four communities that tests/store draws."""

import tempfile
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from gridmap import crs
from tests.store.conftest import SPOTS, box

NAMES = "望潮", "海风", "云帆", "听涛", "锚湾", "渔灯", "鸥鸣", "汐月"


def cells():
    """Two grids in each community; the first reaches 40 m into the second, the last leaves a gap of 20 m to its neighbour."""
    rows = []
    for code, (column, row) in SPOTS.items():
        for number, (left, right) in enumerate([(0.0, 0.5), (0.5, 1.0)], start=1):
            rows.append((f"ZZ{code}{number:03d}", box(column, row, left, right)))
    rows[0] = (rows[0][0], box(0, 0, 0.0, 0.55))
    rows[-1] = (rows[-1][0], box(1, 1, 0.52, 1.0))
    return rows


def layer(rows=None):
    rows = rows or cells()
    columns = {
        "网格编码": [name for name, _ in rows],
        "网格名称": [f"{NAMES[n % len(NAMES)]}网格" for n in range(len(rows))],
        "户数": [300 + n for n in range(len(rows))],
    }
    return gpd.GeoDataFrame(columns, geometry=[shape for _, shape in rows], crs=4490)


def shifted(frame):
    """The same layer in GCJ-02, saying no coordinate system."""
    moved = shapely.transform(frame.geometry.to_numpy(), lambda c: np.column_stack(crs.to_gcj02(c[:, 0], c[:, 1])))
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=moved)


def gbk_zip(path, frame):
    """Write a shapefile in GBK, without .prj and .cpg, in a subfolder of a zip."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(Path(folder) / "综治网格.shp", encoding="GBK")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in sorted(Path(folder).iterdir()):
                if part.suffix not in {".prj", ".cpg"}:
                    packed.write(part, f"综治/{part.name}")
    return path
