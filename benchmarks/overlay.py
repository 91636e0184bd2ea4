"""The overlay of five layers beside its peers, in one run.

    python benchmarks/overlay.py [--grids 1000] [--slow-grids 300] [--runs 5] [--short] [--write]

Peers: geopandas.overlay (identity and intersection, chained), maup.intersections (chained), shapely's own union_all of all
rings and of unique arcs, and mapshaper -union, its whole command line (``npm install --prefix benchmarks``; left out with a
line where it is absent). Chained peers take minutes at 1,000 grids a layer, so all are compared at --slow-grids, and only the
fast ones at --grids. gridmap is warm (its code compiled); --write puts the tables into RESULTS.md.
"""

from __future__ import annotations

import argparse
import warnings
from functools import reduce
from typing import TYPE_CHECKING

import geopandas as gpd
import harness
import numpy as np
import shapely
import synthetic

from gridmap.merge import arcs, kernel, layers, noding, slivers
from gridmap.merge.overlay import faces

if TYPE_CHECKING:
    from collections.abc import Callable

Layers = dict[str, gpd.GeoDataFrame]


def ours(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with the kernel."""
    return faces({key: city[key] for key in synthetic.KEYS[1:]}, nest=city["nest"])


def geos_arcs(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with GEOS: unique arcs, one union_all in floats, polygonize, a point query a layer."""
    parts = [layers.parts(frame) for frame in city.values()]
    found = arcs.edges(np.concatenate([part.polygons for part in parts]))
    cut = noding.metres(floor(arcs.arcs(found)), found.origin)
    points = noding.inside(cut)
    return gpd.GeoDataFrame({key: noding.owners(points, part) for key, part in zip(city, parts, strict=True)}, geometry=cut)


def geos_grid(city: Layers) -> gpd.GeoDataFrame:
    """Overlay with what stands in for the kernel: the same with GEOS's snap rounding."""
    parts = [layers.parts(frame) for frame in city.values()]
    found = arcs.edges(np.concatenate([part.polygons for part in parts]))
    cut = noding.metres(noding.by_geos(found), found.origin)
    points = noding.inside(cut)
    return gpd.GeoDataFrame({key: noding.owners(points, part) for key, part in zip(city, parts, strict=True)}, geometry=cut)


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


def main() -> None:
    """Run."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--grids", type=int, default=1000)
    ask.add_argument("--slow-grids", type=int, default=300)
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--short", action="store_true", help="20 grids a layer, every method once")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
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
        "maup.intersections, chained": (by_maup, 1),
    }
    text = ["## Overlay", "", f"Five layers with about 200 vertices a grid; gridmap median of {asked.runs}, peers one run."]
    for grids, methods in ((asked.slow_grids, slow), (asked.grids, fast)):
        city = synthetic.layers(grids)
        text += ["", f"{grids:,} grids a layer:", "", *table(city, methods), "", stages(city, asked.runs)]
        print(text[-1], flush=True)
    if asked.write:
        harness.write("overlay", "\n".join(text))


if __name__ == "__main__":
    main()
