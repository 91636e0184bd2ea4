"""The overlay of five layers beside its peers, in one run.

    python benchmarks/overlay.py [--grids 1000] [--slow-grids 300] [--large 10000] [--runs 5] [--layers DIR] [--short] [--write]

Peers: geopandas.overlay (identity and intersection, chained), maup.intersections (chained), shapely's own union_all of all
rings and of unique arcs, and mapshaper -union, its whole command line (``npm install --prefix benchmarks``; left out with a
line where it is absent). Chained peers take minutes at 1,000 grids a layer, so all are compared at --slow-grids, and only the
fast ones at --grids, and mapshaper alone at --large. gridmap is warm (its code compiled), but for the line that says cold: a
fresh process that reads five files, overlays and writes. Peaks are of a process that reads the layers and overlays them.
--layers keeps what was made up, to be used again; --write puts the tables into RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import harness
import numpy as np
import pandas as pd
import shapely
import synthetic

from gridmap.merge import arcs, kernel, layers, noding, slivers
from gridmap.merge.overlay import faces

if TYPE_CHECKING:
    from collections.abc import Callable

Layers = dict[str, gpd.GeoDataFrame]

MOST_MAPSHAPER = 10_000
"""Grids a layer up to which mapshaper is run: it holds all of them as JSON."""

COPIED = 10_000
"""Grids of which larger layers are copies, side by side: making them up takes far longer than laying them over each other."""


def ours(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with the kernel."""
    return faces({key: city[key] for key in synthetic.KEYS[1:]}, nest=city["nest"])


def geos_arcs(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with GEOS: unique arcs, noded and polygonized in floats, the west and the east by two threads; points named."""
    return by_points(city, floor)


def geos_grid(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with what stands in for the kernel: the same with GEOS's snap rounding."""
    return by_points(city, noding.snapped)


def by_points(city: Layers, cut: Callable[[np.ndarray], np.ndarray]) -> gpd.GeoDataFrame:
    """Cut along the unique arcs and name each face by a point inside it."""
    parts = [layers.parts(frame) for frame in city.values()]
    shapes = noding.in_halves(np.concatenate([part.polygons for part in parts]), cut)
    with ThreadPoolExecutor(2) as pool:
        tree = shapely.STRtree(np.concatenate(list(pool.map(noding.inside, np.array_split(shapes, 2)))))
        rows = list(pool.map(lambda part: noding.owners(tree, part), parts))
    return gpd.GeoDataFrame(dict(zip(city, rows, strict=True)), geometry=shapes)


def floor(pieces: np.ndarray) -> np.ndarray:
    """Node and polygonize arcs in GEOS, nothing else: what no path through GEOS can undercut."""
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(pieces))))


def all_rings(city: Layers) -> gpd.GeoDataFrame:
    """Overlay by one union_all of all rings, polygonize and a point query a layer."""
    parts = [layers.parts(frame) for frame in city.values()]
    rings = shapely.get_rings(np.concatenate([part.polygons for part in parts]))
    cut = floor(rings)
    points = noding.inside(cut)
    return gpd.GeoDataFrame({key: noding.owners(points, part) for key, part in zip(city, parts, strict=True)}, geometry=cut)


def chained(how: str) -> Callable[[Layers], gpd.GeoDataFrame]:
    """Overlay with geopandas, layer after layer."""

    def work(city: Layers) -> gpd.GeoDataFrame:
        frames = [gpd.GeoDataFrame({key: frame.index}, geometry=frame.geometry.to_numpy()) for key, frame in city.items()]
        with warnings.catch_warnings(action="ignore"):
            return reduce(lambda a, b: gpd.overlay(a, b, how=how, keep_geom_type=True), frames)

    return work


def by_maup(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with maup.intersections, layer after layer."""
    import maup  # noqa: PLC0415 -- a peer, needed only where it is compared

    with warnings.catch_warnings(action="ignore"):
        frames = [frame.reset_index(drop=True) for frame in city.values()]
        return reduce(lambda a, b: gpd.GeoDataFrame(geometry=list(maup.intersections(a, b)), crs=a.crs), frames)


def table(city: Layers, methods: dict[str, tuple[Callable[[Layers], gpd.GeoDataFrame], int]]) -> list[str]:
    """Time and check each method; give the rows of a table, ratios to the first."""
    ground = shapely.union_all(city["nest"].geometry.to_numpy()).area
    command = harness.mapshaper()
    took = {name: harness.timed(lambda work=work: work(city), runs) for name, (work, runs) in methods.items()}
    if command:
        took["mapshaper -union, its command line"] = harness.run_mapshaper(command, city, ["-union"])
    first = next(iter(took.values()))
    rows = [
        "| method | CPU s | CPU, ours = 1 | wall s | faces | valid coverage | area off, m² |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in took.items():
        frame = one.result
        spent = f"{one.cpu:.2f} | {one.cpu / first.cpu:.1f} | {one.wall:.2f}"
        rows.append(f"| {name} | {spent} | {len(frame):,} | {harness.checked(frame, ground)} |")
        print(rows[-1], flush=True)
    if not command:
        rows.append("| mapshaper | not installed | | | | | |")
    return rows


def stages(city: Layers, runs: int) -> str:
    """Say where the kernel's time goes, and what GEOS alone needs for the arcs."""
    parts = [layers.parts(frame) for frame in city.values()]
    polygons = np.concatenate([part.polygons for part in parts])
    edges = harness.timed(lambda: arcs.edges(polygons), runs)
    node = harness.timed(lambda: kernel.node(edges.result), runs)
    trace = harness.timed(lambda: kernel.faces(node.result), runs)
    pieces = arcs.arcs(edges.result)
    bare = harness.timed(lambda: floor(pieces), 1)
    dissolve = harness.timed(lambda: slivers.dissolve(ours(city)), 1)
    size = shapely.area(dissolve.result.report.geometry.to_numpy())
    return (
        f"Kernel, CPU s: edges {edges.cpu:.2f}, noding {node.cpu:.2f}, faces {trace.cpu:.2f}. "
        f"GEOS alone on the arcs, noding and polygonizing: {bare.cpu:.2f}. "
        f"Overlay with slivers dissolved: {dissolve.cpu:.2f}, {len(dissolve.result.atoms):,} atoms from "
        f"{len(dissolve.result.atoms) + len(size):,} faces."
    )


def alone(folder: Path, *, cold: bool) -> None:
    """Overlay the layers of a folder in this process; print what it took and the peak, or only write the faces where cold."""
    if not cold:
        ours(synthetic.layers(10))
    city = read(folder)
    took = harness.timed(lambda: ours(city), 1 if cold else 3)
    if cold:
        took.result.to_parquet(folder / "faces.parquet")
    # Not getrusage, whose peak a process inherits from the one that started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    peak = int(status["VmHWM"].split()[0]) / 1024
    print(json.dumps({"cpu": took.cpu, "wall": took.wall, "faces": len(took.result), "peak_mb": peak}))


def in_a_process(folder: Path, *, cold: bool = False) -> tuple[dict[str, float], harness.Took]:
    """Have that done by a process of its own; give what it says, and what the whole process took."""
    command = [sys.executable, "-W", "ignore", __file__, "--alone", str(folder), *(["--cold"] if cold else [])]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    took = harness.timed(lambda: subprocess.run(command, check=True, capture_output=True, text=True, env=environment), 1)
    return json.loads(took.result.stdout), took


def made(grids: int, kept: Path) -> Path:
    """Give the folder with the made-up layers of that size, made if it is not there."""
    folder = kept / str(grids)
    if not folder.exists():
        copies = grids // COPIED if grids > COPIED and grids % COPIED == 0 else 1
        city = synthetic.layers(grids) if copies == 1 else read(made(COPIED, kept))
        folder.mkdir(parents=True)
        for key, frame in city.items():
            side_by_side(frame, copies).to_parquet(folder / f"{key}.parquet")
    return folder


def read(folder: Path) -> Layers:
    """Read the layers of a folder."""
    return {key: gpd.read_parquet(folder / f"{key}.parquet") for key in synthetic.KEYS}


def side_by_side(layer: gpd.GeoDataFrame, copies: int) -> gpd.GeoDataFrame:
    """Give so many copies of a layer from west to east, whose straight outlines meet."""
    west, _, east, _ = layer.total_bounds
    moved = [layer.translate(number * (east - west)).rename(lambda name, n=number: f"{name}-{n}") for number in range(copies)]
    return gpd.GeoDataFrame(geometry=pd.concat(moved), crs=layer.crs) if copies > 1 else layer


def bars(sizes: list[int], kept: Path) -> list[str]:
    """Compare gridmap with mapshaper alone, at growing sizes: CPU, wall, peak memory."""
    rows = [
        "| grids a layer | gridmap CPU s | wall s | peak MB | CPU a grid | mapshaper CPU s | wall s | wall, ours / its |",
        "|---|---|---|---|---|---|---|---|",
    ]
    first = None
    command = harness.mapshaper()
    for grids in sizes:
        folder = made(grids, kept)
        said, _ = in_a_process(folder)
        each = said["cpu"] / grids
        first = first or each
        peer, ratio = "- | -", "-"
        if command and grids <= MOST_MAPSHAPER:
            city = read(folder)
            took = harness.run_mapshaper(command, city, ["-union"], read=False)
            peer, ratio = f"{took.cpu:.2f} | {took.wall:.2f}", f"{said['wall'] / took.wall:.3f}"
        own = f"{said['cpu']:.2f} | {said['wall']:.2f} | {said['peak_mb']:,.0f} | {each / first:.2f}"
        rows.append(f"| {grids:,} | {own} | {peer} | {ratio} |")
        print(rows[-1], flush=True)
    said, process = in_a_process(made(sizes[0], kept), cold=True)
    cold = (
        f"Cold, {sizes[0]:,} grids a layer: a fresh process that reads five files, overlays and writes takes "
        f"{process.wall:.2f} s wall, {process.cpu:.2f} s CPU; {said['wall']:.2f} s of it overlay, compiled code loaded."
    )
    rows += ["", cold]
    print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Run."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--grids", type=int, default=1000)
    ask.add_argument("--slow-grids", type=int, default=300)
    ask.add_argument("--large", type=int, nargs="*", default=[], help="sizes at which only mapshaper is a peer")
    ask.add_argument("--layers", type=Path, help="where made-up layers are kept")
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--short", action="store_true", help="20 grids a layer, every method once")
    ask.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    ask.add_argument("--cold", action="store_true", help=argparse.SUPPRESS)
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    if asked.alone:
        alone(asked.alone, cold=asked.cold)
        return
    if asked.short:
        asked.grids, asked.slow_grids, asked.runs = 20, 20, 1
    ours(synthetic.layers(10))
    fast = {
        "gridmap": (ours, asked.runs),
        "shapely on arcs, floats": (geos_arcs, 1),
        "shapely on arcs, 0.1 mm grid": (geos_grid, 1),
        "shapely, all rings": (all_rings, 1),
    }
    slow = {
        **fast,
        "geopandas.overlay intersection, chained": (chained("intersection"), 1),
        "geopandas.overlay identity, chained": (chained("identity"), 1),
        **({"maup.intersections, chained": (by_maup, 1)} if find_spec("maup") else {}),
    }
    text = ["## Overlay", "", f"Five layers with about 200 vertices a grid; gridmap median of {asked.runs}, peers one run."]
    for grids, methods in ((asked.slow_grids, slow), (asked.grids, fast)):
        if not grids:
            continue
        city = synthetic.layers(grids)
        text += ["", f"{grids:,} grids a layer:", "", *table(city, methods), "", stages(city, asked.runs)]
        print(text[-1], flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        text += ["", *bars([asked.grids or 1000, *asked.large], asked.layers or Path(scratch))]
    if asked.write:
        harness.write("overlay", "\n".join(text))


if __name__ == "__main__":
    main()
