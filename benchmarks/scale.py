"""How a merge grows: simulated provinces of ever more streets, from disk to disk, CPU a grid and peak memory.

    python benchmarks/scale.py [--grids 1000 4000 ...] [--split 1000000] [--workers N] [--write]

The province is made of streets of twelve communities (400 m squares) under three layers of grids 133 m wide; each layer's
vertices lie up to ``--misfit`` metres off, so that borders nearly coincide, and homes are points. It is made and handed over a
row of streets at a time and never held. Every size runs in a process of its own, whose peak memory and temporary disk are
measured. --split only splits an input of that size by street and reads every street back: what the size of a province itself
costs, without the search.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import harness
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SIDE_M, ACROSS, DOWN = 400.0, 3, 3
"""A community's side, how many grids of a layer stand along it, and how many communities a street is high."""

WIDE = 4
"""How many communities a street is wide."""

TOLD_FROM = 50_000
"""Grids from which on a run says how far it is."""

KEYS = ("zongzhi", "yingji", "chengguan")
CRS = 4549


class Province:
    """About ``grids`` grids a layer, given a row of streets at a time."""

    def __init__(self, grids: int, misfit_m: float) -> None:
        """Choose how many streets: about as many rows as columns."""
        streets = max(1, round(grids / (WIDE * DOWN * ACROSS**2)))
        self.columns = max(1, round(np.sqrt(streets)))
        self.rows = max(1, round(streets / self.columns))
        self.misfit_m = misfit_m
        self.grids = self.columns * self.rows * WIDE * DOWN * ACROSS**2

    def nest(self) -> Iterator[gpd.GeoDataFrame]:
        """Give the communities."""
        for street_row in range(self.rows):
            across = self.columns * WIDE
            column, row = (axis.ravel() for axis in np.meshgrid(np.arange(across), np.arange(DOWN)))
            street = street_row * self.columns + column // WIDE
            unit = row * WIDE + column % WIDE
            ids = [f"99{s // 999:04d}{s % 999 + 1:03d}{u + 1:03d}" for s, u in zip(street, unit, strict=True)]
            x, y = column * SIDE_M, (street_row * DOWN + row) * SIDE_M
            yield gpd.GeoDataFrame(geometry=shapely.box(x, y, x + SIDE_M, y + SIDE_M), index=ids, crs=CRS)

    def layer(self, number: int) -> Iterator[gpd.GeoDataFrame]:
        """Give the grids of a layer; the same vertex is drawn alike in every row of streets."""
        across, high = self.columns * WIDE * ACROSS, DOWN * ACROSS
        size = SIDE_M / ACROSS
        for street_row in range(self.rows):
            column, row = np.meshgrid(np.arange(across + 1), np.arange(high + 1) + street_row * high)
            x, y = column * size, row * size
            inner_x = (column > 0) & (column < across)
            inner_y = (row > 0) & (row < self.rows * high)
            x = x + np.where(inner_x, self.misfit_m * _noise(column, row, 2 * number), 0)
            y = y + np.where(inner_y, self.misfit_m * _noise(column, row, 2 * number + 1), 0)
            xy = np.stack([x, y], axis=-1)
            ring = np.stack([xy[:-1, :-1], xy[:-1, 1:], xy[1:, 1:], xy[1:, :-1], xy[:-1, :-1]], axis=2).reshape(-1, 5, 2)
            first = street_row * high * across
            ids = [f"{KEYS[number]}{first + n}" for n in range(len(ring))]
            yield gpd.GeoDataFrame(geometry=shapely.polygons(ring), index=ids, crs=CRS)

    def homes(self) -> Iterator[gpd.GeoDataFrame]:
        """Give ten points of twelve households a grid."""
        width, height = self.columns * WIDE * SIDE_M, DOWN * SIDE_M
        each = 10 * self.columns * WIDE * DOWN * ACROSS**2
        for street_row in range(self.rows):
            random = np.random.default_rng(street_row)
            x, y = random.uniform(0, width, each), random.uniform(0, height, each) + street_row * height
            names = np.arange(each) + street_row * each
            yield gpd.GeoDataFrame({"homes": np.full(each, 12)}, geometry=gpd.points_from_xy(x, y), index=names, crs=CRS)


class Told:
    """Prints each twentieth of a large merge that is done, with the seconds it took so far."""

    def __init__(self, grids: int) -> None:
        """Begin."""
        self._grids, self._next, self._began = grids, 0.05, time.perf_counter()

    def __call__(self, _stage: str, share: float) -> None:
        """Take the share done."""
        if share >= self._next and self._grids >= TOLD_FROM:
            wall = time.perf_counter() - self._began
            print(f"  {self._grids:,} grids: {share:.0%}, {wall:,.0f} s on the clock", file=sys.stderr, flush=True)
            self._next = share + 0.05


def _noise(column: np.ndarray, row: np.ndarray, turn: int) -> np.ndarray:
    """Give a number between -1 and 1 that depends on the place alone."""
    mixed = (column * 73_856_093 + row * 19_349_663 + turn * 83_492_791) % 2**31
    mixed = (mixed ^ (mixed >> 13)) * 1_274_126_177 % 2**31
    return (mixed ^ (mixed >> 16)) % 2**20 / 2**19 - 1


def once(grids: int, workers: int, misfit_m: float, *, split: bool) -> dict[str, float]:
    """Merge (or only split) a province of that size in this process, and say what it cost."""
    from gridmap import merge, shelf  # noqa: PLC0415 -- imported where it runs, so that the parent costs nothing

    options = merge.Options(norm=(300, 500), weight_column="homes")
    with tempfile.TemporaryDirectory(dir=os.environ.get("GRIDMAP_SCRATCH")) as scratch:
        folder = Path(scratch)

        def shelved(name: str, province: Province) -> shelf.Parted:
            (folder / name).mkdir()
            source = shelf.Parted(folder / name, province.nest(), options)
            for number, key in enumerate(KEYS):
                source.put(key, province.layer(number), layer=True)
            source.put("weights", province.homes())
            return source

        def merged(name: str, province: Province) -> shelf.Outcome:
            source = shelved(f"{name}-in", province)
            (folder / name).mkdir()
            crs = gpd.GeoSeries(crs=CRS).crs
            return shelf.merge_to(folder / name, source, options, crs=crs, workers=workers, progress=Told(province.grids))

        merged("small", Province(60, misfit_m))  # compiled functions are loaded
        province = Province(grids, misfit_m)
        at_rest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began, wall = harness.cpu_seconds(), time.perf_counter()
        cost = {"grids": province.grids, "streets": province.columns * province.rows}
        if split:
            source = shelved("big-in", province)
            halfway = harness.cpu_seconds()
            for number in range(len(source.names)):
                source.near(number)
            cost |= {"split": halfway - began, "read": harness.cpu_seconds() - halfway}
        else:
            done = merged("big", province)
            cost |= {"new": done.grids, "faults": len(done.errors)}
        used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        out = sum(path.stat().st_size for path in (folder / "big").rglob("*") if path.is_file()) if not split else 0
        return cost | {
            "cpu": harness.cpu_seconds() - began,
            "wall": time.perf_counter() - wall,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
            "rest_mb": at_rest,
            "disk_mb": used / 1e6,
            "out_mb": out / 1e6,
        }


def measured(grids: int, given: argparse.Namespace, *, split: bool) -> dict[str, float]:
    """Have one size done in a process of its own."""
    command = [sys.executable, "-W", "ignore", __file__, "--once", str(grids), "--workers", str(given.workers)]
    command += ["--misfit", str(given.misfit), *(["--only-split"] if split else [])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout)


def main() -> None:
    """Run every size and print the growth."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--grids", type=int, nargs="*", default=[1_000, 4_000])
    arguments.add_argument("--split", type=int, nargs="*", default=[])
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--misfit", type=float, default=2.0)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--once", type=int, help=argparse.SUPPRESS)
    arguments.add_argument("--only-split", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.once:
        print(json.dumps(once(given.once, given.workers, given.misfit, split=given.only_split)))
        return
    both = ", and of the largest worker" if given.workers > 1 else ""
    told = (
        f"`python benchmarks/scale.py`: simulated provinces, three layers whose borders lie up to {given.misfit:g} m apart, "
        f"{given.workers} worker(s), each size in a fresh process, from disk to disk. Peak: of the process that leads{both}, "
        "with libraries and compiled code."
    )
    text = ["## Growth", "", told, ""]
    if given.grids:
        text += [
            "| grids a layer | streets | new grids | CPU s | ms a grid | growth | peak MB | worker MB | disk MB | faults |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        print(*text[-2:], sep="\n", flush=True)
    first = None
    for size in given.grids:
        cost = measured(size, given, split=False)
        each = 1000 * cost["cpu"] / cost["grids"]
        first = first or each
        worker = f"{cost['worker_mb']:.0f}" if given.workers > 1 else "-"
        text.append(
            f"| {cost['grids']:,} | {cost['streets']:,} | {cost['new']:,} | {cost['cpu']:,.1f} | {each:.2f} | "
            f"{each / first:.2f} | {cost['peak_mb']:.0f} | {worker} | {cost['disk_mb']:,.0f} | {cost['faults']} |"
        )
        print(text[-1], flush=True)
        if given.write:
            harness.write("scale", "\n".join(text))  # a longer run that is ended leaves what was measured
    if given.split:
        text += [
            "",
            "Splitting alone, and reading every street back:",
            "",
            "| grids a layer | streets | split, CPU s | read back, CPU s | µs a grid and layer | peak MB | on disk MB |",
            "|---|---|---|---|---|---|---|",
        ]
        print(*text[-2:], sep="\n", flush=True)
    for size in given.split:
        cost = measured(size, given, split=True)
        text.append(
            f"| {cost['grids']:,} | {cost['streets']:,} | {cost['split']:,.1f} | {cost['read']:,.1f} | "
            f"{1e6 * cost['cpu'] / cost['grids'] / 3:.0f} | {cost['peak_mb']:.0f} | {cost['disk_mb']:,.0f} |"
        )
        print(text[-1], flush=True)
    if given.write:
        harness.write("scale", "\n".join(text))


if __name__ == "__main__":
    main()
