"""Cleaning one layer beside its peers, in one run: CPU, what is left wrong, and how near the truth it comes.

    python benchmarks/clean.py [--grids 1000] [--runs 5] [--short] [--write]

The truth is a perfect coverage; the layer is the same with every grid moved by up to a metre on its own. Peers: shapely's
coverage_clean (max_area and longest_border, gaps closed), mapshaper -clean with its gaps closed, maup.smart_repair at
--slow-grids.
"""

from __future__ import annotations

import argparse
import warnings
from importlib.util import find_spec

import geopandas as gpd
import harness
import shapely
import synthetic

from gridmap.merge.clean import clean


def by_coverage_clean(strategy: str, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Clean with GEOS's coverage cleaner."""
    shapes = shapely.coverage_clean(layer.geometry.to_numpy(), gap_width=20, snapping_distance=0, merge_strategy=strategy)
    return gpd.GeoDataFrame(geometry=shapes, index=layer.index)


def by_maup(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Clean with maup.smart_repair."""
    import maup  # noqa: PLC0415 -- a peer, needed only where it is compared

    with warnings.catch_warnings(action="ignore"):
        return maup.smart_repair(layer.reset_index(drop=True)).set_axis(layer.index)


def judged(frame: gpd.GeoDataFrame, truth: gpd.GeoDataFrame) -> str:
    """Say from the outside what is left: gap, overlap and spill in m², grids lost or in parts, and m² with the wrong grid."""
    if "id" in frame.columns:  # mapshaper's output, which may leave grids out
        frame = frame.set_index("id")
    shapes = frame.geometry.reindex(truth.index).fillna(shapely.Polygon()).to_numpy()
    whole = shapely.union_all(truth.geometry.to_numpy())
    union = shapely.union_all(shapes)
    wrong = whole.area - shapely.area(shapely.intersection(shapes, truth.geometry.to_numpy())).sum()
    lost, parts = int((shapely.area(shapes) == 0).sum()), int((shapely.get_num_geometries(shapes) > 1).sum())
    gap, spill = shapely.difference(whole, union).area, shapely.difference(union, whole).area
    return f"{gap:.1f} | {shapely.area(shapes).sum() - union.area:.1f} | {spill:.1f} | {lost} / {parts} | {wrong:,.0f}"


def compared(grids: int, runs: int, *, slow: bool) -> list[str]:
    """Clean one layer with every method; give the rows of a table."""
    truth = synthetic.layers(grids)["nest"]
    layer = synthetic.careless(truth)
    nest = truth.dissolve()
    methods = {
        "gridmap": (lambda: clean(layer, nest=nest).layer, runs),
        "shapely.coverage_clean, max_area": (lambda: by_coverage_clean("max_area", layer), 1),
        "shapely.coverage_clean, longest_border": (lambda: by_coverage_clean("longest_border", layer), 1),
    }
    if slow and find_spec("maup"):
        methods["maup.smart_repair"] = (lambda: by_maup(layer), 1)
    took = {name: harness.timed(work, times) for name, (work, times) in methods.items()}
    command = harness.mapshaper()
    if command:
        took["mapshaper -clean, its command line"] = harness.run_mapshaper(
            command, {"id": layer}, ["-clean", "gap-fill-area=1000000"]
        )
    first = took["gridmap"]
    rows = [
        "| method | CPU s | ours = 1 | wall s | gap m² | overlap m² | spill m² | lost / in parts | m² with the wrong grid |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in took.items():
        rows.append(f"| {name} | {one.cpu:.2f} | {one.cpu / first.cpu:.1f} | {one.wall:.2f} | {judged(one.result, truth)} |")
        print(rows[-1], flush=True)
    if not command:
        rows.append("| mapshaper | not installed | | | | | | | |")
    return rows


def main() -> None:
    """Run."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--grids", type=int, default=1000)
    ask.add_argument("--slow-grids", type=int, default=50)
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--short", action="store_true", help="20 grids, every method once but maup")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    if asked.short:
        asked.grids, asked.runs = 20, 1
    small = synthetic.layers(10)["nest"]
    clean(small, nest=small)
    text = [
        "## Clean",
        "",
        f"One layer, about 200 vertices a grid, each grid moved by up to 1 m; gridmap median of {asked.runs}.",
    ]
    if not asked.short:
        text += ["", f"{asked.slow_grids} grids:", "", *compared(asked.slow_grids, asked.runs, slow=True)]
    text += ["", f"{asked.grids:,} grids:", "", *compared(asked.grids, asked.runs, slow=False)]
    if asked.write:
        harness.write("clean", "\n".join(text))


if __name__ == "__main__":
    main()
