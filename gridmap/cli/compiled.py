"""Compile beside a new server what is otherwise compiled when it is first used: nobody's first map or merge waits for it.

``python -m gridmap.cli.compiled`` cleans, merges and draws a street of its own making, at the lowest priority. numba keeps what
it compiled on disk; where it is there already, this takes a few seconds and changes nothing.
"""

from __future__ import annotations

import os
import threading
import time

import geopandas as gpd
import numpy as np
import shapely

from gridmap import maps, merge

_CRS = 4549
_SIDE_M = 400.0
_CORNER = np.array([500_000.0, 4_400_000.0])
_CODES = ("990199001001", "990199001002", "990199001003", "990199001004")


def everything() -> None:
    """Go through every compiled step once, on four communities that three departments cut differently and not quite rightly."""
    nest = _layer([_box(x, y, 1.0, 1.0) for y in (0, 1) for x in (0, 1)], list(_CODES))
    layers = {name: _cut(shift) for name, shift in (("a", 0.0), ("b", 0.13), ("c", 0.27))}
    merge.clean(layers["a"], nest=nest)
    merge.run(merge.Inputs(nest=nest, layers=layers), merge.Options(norm=(20_000, 90_000)))
    maps.borders(layers["c"])


def _cut(shift: float) -> gpd.GeoDataFrame:
    """Cut the street into grids, some of which overlap while others leave ground between them."""
    steps = np.arange(0.0, 2.0, 0.5)
    wide = 0.5 + 0.02 * (np.arange(len(steps)) % 3 - 1)
    grids = [_box(x + shift * y, y, width, 0.5) for y in steps for x, width in zip(steps, wide, strict=True)]
    return _layer(grids, [f"G{number}" for number in range(len(grids))])


def _box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.segmentize(shapely.box(x * _SIDE_M, y * _SIDE_M, (x + width) * _SIDE_M, (y + height) * _SIDE_M), 40.0)


def _layer(shapes: list[shapely.Polygon], names: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=shapely.transform(shapes, lambda xy: xy + _CORNER), index=names, crs=_CRS)


def _end_with(parent: int) -> None:
    """End this process once its parent is gone, however that came: a server that was stopped at once leaves nothing behind."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(19)
    everything()
