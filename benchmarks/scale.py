"""How the cost of a merge grows: a simulated region of ever more streets, CPU seconds a grid and peak memory.

    python benchmarks/scale.py [--grids 1000 4000 ...] [--workers N]

The region is made of streets of twelve communities (400 m squares) under three layers of grids about 133 m wide, each layer
shifted and its vertices moved by up to 3 m, with homes as points. Every size runs in a process of its own, and the growth is
printed against the first.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).parents[1]
SIDE_M, ACROSS = 400.0, 3
"""A community's side, and how many grids of a layer stand along it."""


def region(grids: int) -> tuple[gpd.GeoDataFrame, dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Make a nest, three layers of about ``grids`` grids each, and homes."""
    random = np.random.default_rng(7)
    across = max(4, round(np.sqrt(grids) / ACROSS / 4) * 4)
    down = max(3, round(grids / ACROSS**2 / across / 3) * 3)
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(across), np.arange(down)))
    street = (row // 3) * (across // 4) + column // 4
    unit = (row % 3) * 4 + column % 4
    codes = [f"99{s // 999:04d}{s % 999 + 1:03d}{u + 1:03d}" for s, u in zip(street, unit, strict=True)]
    nest = gpd.GeoDataFrame(
        geometry=shapely.box(column * SIDE_M, row * SIDE_M, (column + 1) * SIDE_M, (row + 1) * SIDE_M), index=codes, crs=4549
    )
    width, height = across * SIDE_M, down * SIDE_M
    layers = {}
    for number, key in enumerate(("zongzhi", "yingji", "chengguan")):
        nx, ny = across * ACROSS - number, down * ACROSS - number
        x, y = np.meshgrid(np.linspace(0, width, nx + 1), np.linspace(0, height, ny + 1))
        x[:, 1:-1] += random.uniform(-3, 3, (ny + 1, nx - 1))
        y[1:-1] += random.uniform(-3, 3, (ny - 1, nx + 1))
        corners = np.stack([x, y], axis=-1)
        ring = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1], corners[:-1, :-1]], axis=2)
        shapes = shapely.polygons(ring.reshape(-1, 5, 2))
        layers[key] = gpd.GeoDataFrame(geometry=shapes, index=[f"{key}{n}" for n in range(len(shapes))], crs=4549)
    homes = gpd.GeoDataFrame(
        {"homes": np.full(grids * 10, 12)},
        geometry=gpd.points_from_xy(random.uniform(0, width, grids * 10), random.uniform(0, height, grids * 10)),
        crs=4549,
    )
    return nest, layers, homes


def once(grids: int, workers: int) -> dict[str, float]:
    """Merge a region of that size in this process, and say what it cost."""
    from gridmap import merge  # noqa: PLC0415 -- imported where it runs, so that the parent costs nothing

    nest, layers, homes = region(60)
    options = merge.Options(norm=(300, 500), weight_column="homes")
    merge.run(merge.Inputs(nest=nest, layers=layers, weights=homes), options)  # compiled functions are loaded
    nest, layers, homes = region(grids)
    began, wall = cpu_seconds(), time.perf_counter()
    merged = merge.run(merge.Inputs(nest=nest, layers=layers, weights=homes), options, workers=workers)
    faults = sum(finding.severity == "error" for finding in merged.findings)
    return {
        "grids": sum(map(len, layers.values())) / len(layers),
        "cpu": cpu_seconds() - began,
        "wall": time.perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "new": len(merged.grids),
        "faults": faults,
    }


def cpu_seconds() -> float:
    """User and system seconds of this process and its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Run every size and print the growth."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--grids", type=int, nargs="+", default=[1_000, 5_000])
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--once", type=int, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.once:
        print(json.dumps(once(given.once, given.workers)))
        return
    first = None
    print(f"{'grids a layer':>14} {'new grids':>10} {'CPU s':>8} {'ms a grid':>10} {'growth':>7} {'peak MB':>8} {'faults':>7}")
    for size in given.grids:
        command = [sys.executable, "-W", "ignore", __file__, "--once", str(size), "--workers", str(given.workers)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        cost = json.loads(done.stdout)
        each = 1000 * cost["cpu"] / cost["grids"]
        first = first or each
        print(
            f"{cost['grids']:14.0f} {cost['new']:10.0f} {cost['cpu']:8.1f} {each:10.2f} {each / first:7.2f} "
            f"{cost['peak_mb']:8.0f} {cost['faults']:7.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
