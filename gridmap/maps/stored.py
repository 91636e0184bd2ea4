"""Shapes of very many areas kept on disk: thinning those of a city takes seconds, and the same areas are thinned alike."""

from __future__ import annotations

import gzip
import hashlib
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap.maps import held
from gridmap.maps import shapes as thinning

if TYPE_CHECKING:
    import geopandas as gpd

LOG = logging.getLogger("gridmap.maps")

MOST = 8
"""Files kept of one folder, the last ones used."""


def coarse(frame: gpd.GeoDataFrame, folder: Path, *, code: str, name: str) -> str:
    """Hold a frame's coarse shapes for the browser, those kept in ``folder`` where there are any, and give their URL.

    A file is named by a hash of all that its content is made from, so that it is never another frame's. Where nothing can be
    written the shapes are thinned anew in every run of the program.
    """
    file = folder / f"{_hash(frame, code, name)}.json.gz"
    try:
        content = gzip.decompress(file.read_bytes())
        file.touch()
    except (OSError, EOFError, gzip.BadGzipFile):
        content = thinning.shapes(frame, code=code, name=name, coarse=True)
        _keep(file, content)
    return held.hold(content)


def _hash(frame: gpd.GeoDataFrame, code: str, name: str) -> str:
    made = hashlib.sha256(Path(thinning.__file__).read_bytes())
    geometry = np.asarray(frame.geometry.array)
    made.update(np.ascontiguousarray(shapely.get_coordinates(geometry)).data)
    made.update(np.ascontiguousarray(shapely.get_num_coordinates(geometry)).data)
    said = [frame.crs.to_string() if frame.crs else "", *map(str, frame.get(code, frame.index)), *map(str, frame.get(name, ()))]
    made.update("\n".join(said).encode())
    return made.hexdigest()[:32]


def _keep(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, and let the oldest go."""
    try:
        file.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            part.write(gzip.compress(content, compresslevel=1, mtime=0))
        Path(part.name).replace(file)
        for old in sorted(file.parent.glob("*.json.gz"), key=lambda one: -one.stat().st_mtime)[MOST:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        LOG.info("Shapes were not kept: %s", error)
