"""A reader's own first layer: what every reading looks up once (formats, projections, memory) is there before a job is."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from gridmap.intake import reading, rows, sealed
from gridmap.intake.sending import Sending

_ROWS, _VERTICES = rows.PIECE, 200
_DRIVERS = {"package.gpkg": "GPKG", "buffer.fgb": "FlatGeobuf", "shape.shp": "ESRI Shapefile"}


def read() -> None:
    """Read a layer of circles in each of the formats that are read fastest, the way every file is read; send it nowhere."""
    for name in _DRIVERS:
        with tempfile.TemporaryDirectory(prefix="gridmap-trial-") as made, Path(os.devnull).open("wb", buffering=0) as nowhere:
            folder = Path(made)
            sealed.furnish(folder)
            for part, data in files().items():
                if part.startswith(Path(name).stem):
                    (folder / sealed.IN / part).write_bytes(data)
            sealed.write(folder, {"name": name, "layer": None, "encoding": None})
            job, allowed = sealed.asked(folder)
            sending = Sending(nowhere)
            reading.do(job, folder, allowed, sending.send)
            sending.end()


@cache
def files() -> dict[str, bytes]:
    """Give the layer's files by name, made once."""
    middles = shapely.points(np.arange(_ROWS) * 100.0 + 500_000, 4_400_000.0)
    wkb = shapely.to_wkb(shapely.buffer(middles, 40.0, quad_segs=_VERTICES // 4))
    number = [np.arange(len(wkb))]
    with tempfile.TemporaryDirectory(prefix="gridmap-trial-") as folder:
        for name, driver in _DRIVERS.items():
            path = Path(folder) / name
            pyogrio.raw.write(path, wkb, number, ["id"], geometry_type="Polygon", crs="EPSG:4549", driver=driver)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}
