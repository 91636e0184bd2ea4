"""A reader's own first layer: what every reading looks up once (formats, projections, memory) is there before a job is."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from gridmap.intake import rows
from gridmap.intake.sending import Sending

_ROWS, _VERTICES = rows.PIECE // 4, 200
_DRIVERS = {"trial.gpkg": "GPKG", "trial.fgb": "FlatGeobuf", "trial.shp": "ESRI Shapefile"}


def read() -> None:
    """Read a layer of circles in each of the formats that are read fastest, and send it nowhere."""
    with tempfile.TemporaryDirectory(prefix="gridmap-trial-") as folder, Path(os.devnull).open("wb", buffering=0) as nowhere:
        for name, data in files().items():
            (Path(folder) / name).write_bytes(data)
        for name in _DRIVERS:
            sending = Sending(nowhere)
            with pyogrio.open_arrow(Path(folder) / name, use_pyarrow=True, batch_size=rows.PIECE) as (meta, stream):
                for batch in stream:
                    wkb = pa.chunked_array([batch.column(meta["geometry_name"] or "wkb_geometry")])
                    sending.send(pa.table({"wkb": rows.sort(wkb, polygons=True).wkb}))
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
