"""How near the truth cleaning comes on real layers, beside coverage_clean with max-area ownership.

    python benchmarks/clean_truth.py [--shared DIR] [--write]

Truth known: real layers that are perfect coverages are degraded (every grid moved, shrunk or grown on its own by up to a metre)
and cleaned again; counted are the m² that stand with the wrong grid. Truth unknown: dirty layers as they came; counted are what
is left as gap or overlap against their outline, and grids lost or in more parts than before. Degrees are taken to metres first.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import harness
import numpy as np
import shapely

from gridmap.merge.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

CRS = 4549
MOST_M = 10_000.0
"""Metres a dirty layer is made to span at the most."""

WAYS = ("moved", "shrunk", "grown")
PAIRS, COVERAGE = Path("dirty/repair_pairs"), Path("dirty/coverage")
TRUE = {
    "Washington, police service areas": Path("dc/police-service-areas-psa.parquet"),
    "Washington, fire alarm districts": Path("dc/fire-alarm-districts.parquet"),
    "Washington, snow removal areas": Path("dc/snow-removal-areas.parquet"),
    "Washington, block groups": Path("dc/census-block-groups-2010.parquet"),
    "Denver, precincts 2016": PAIRS / "DenverCo_precincts2016_orig.zip",
    "Providence, districts": PAIRS / "providence_districts.zip",
    "Providence, new precincts": PAIRS / "providence_new_precincts.zip",
    "Providence, blocks": PAIRS / "providence_blocks.zip",
}
DIRTY = (
    PAIRS / "CO_bad_gap_region.zip",
    PAIRS / "DenverCo_precincts2020_orig.zip",
    PAIRS / "providence_precincts.zip",
    *(
        COVERAGE / name
        for name in (
            "ex1_yemen.json",
            "ex2_yemen.json",
            "ex5_three_precincts.json",
            "ex7_britain.json",
            "ex8_britain.json",
            "ex9_FranklinTwoPrecinctsDetail.json",
            "ex22_three_ia_precincts.json",
            "ex23_three_ca_precincts.json",
        )
    ),
)


def read(path: Path) -> gpd.GeoDataFrame:
    """Read a layer and bring it to metres."""
    frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    if frame.crs is not None and frame.crs.is_geographic and abs(frame.total_bounds).max() <= 360:
        frame = frame.to_crs(frame.estimate_utm_crs())
    elif frame.crs is not None and not frame.crs.is_geographic:
        frame = frame.to_crs(frame.to_crs(4326).estimate_utm_crs())
    shapes = shapely.make_valid(frame.geometry.to_numpy(), method="structure", keep_collapsed=False)
    return gpd.GeoDataFrame(geometry=shapes, index=[f"g{n}" for n in range(len(frame))], crs=CRS)


def fitted(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a layer that spans MOST_M at the most: some cases are drawn over half a country, and their shape is what counts."""
    west, south, east, north = layer.total_bounds
    scale = min(1.0, MOST_M / max(east - west, north - south))
    shapes = shapely.transform(layer.geometry.to_numpy(), lambda xy: (xy - (west, south)) * scale)
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=CRS))


def degraded(truth: np.ndarray, way: str) -> np.ndarray:
    """Draw every grid up to a metre wrong on its own."""
    random = np.random.default_rng(1)
    if way == "moved":
        xy, of = shapely.get_coordinates(truth, return_index=True)
        return shapely.set_coordinates(truth.copy(), xy + random.uniform(-1, 1, (len(truth), 2))[of])
    sign = -1 if way == "shrunk" else 1
    return shapely.buffer(truth, sign * random.uniform(0, 1, len(truth)), join_style="mitre")


def peer(shapes: np.ndarray) -> np.ndarray:
    """Clean with GEOS's coverage cleaner."""
    return shapely.coverage_clean(shapes, gap_width=20, snapping_distance=0, merge_strategy="max_area")


def wrong(shapes: np.ndarray, truth: np.ndarray) -> float:
    """Count the m² that are not with the grid they truly belong to."""
    return float(shapely.area(truth).sum() - shapely.area(shapely.intersection(shapes, truth)).sum())


def known(data: Path) -> Iterator[str]:
    """Compare where the truth is known."""
    yield "| layer | grids | drawn | gridmap, m² wrong | coverage_clean, m² wrong | ratio |"
    yield "|---|---|---|---|---|---|"
    for name, path in TRUE.items():
        truth = read(data / path).geometry.to_numpy()
        nest = gpd.GeoDataFrame(geometry=[shapely.union_all(truth)], index=["n"], crs=CRS)
        for way in WAYS:
            worse = gpd.GeoDataFrame(geometry=degraded(truth, way), index=[f"g{n}" for n in range(len(truth))], crs=CRS)
            ours = clean(worse, nest=nest).layer.geometry.reindex(worse.index).fillna(shapely.Polygon()).to_numpy()
            mine, theirs = wrong(ours, truth), wrong(peer(worse.geometry.to_numpy()), truth)
            yield f"| {name} | {len(truth):,} | {way} | {mine:,.0f} | {theirs:,.0f} | {mine / theirs:.2f} |"


def left(shapes: np.ndarray, before: np.ndarray, ground: shapely.Geometry) -> str:
    """Say what is left: gap and overlap in m², grids lost, grids in more parts than before."""
    union = shapely.union_all(shapes)
    gap, overlap = shapely.difference(ground, union).area, shapely.area(shapes).sum() - union.area
    lost = int(((shapely.area(shapes) == 0) & (shapely.area(before) > 0)).sum())
    parts = int((shapely.get_num_geometries(shapes) > shapely.get_num_geometries(before)).sum())
    return f"{gap:,.1f} | {abs(overlap):,.1f} | {lost} / {parts}"


def unknown(data: Path) -> Iterator[str]:
    """Compare what is left of real faults."""
    yield "| layer | grids | gridmap: gap m² | overlap m² | lost / parted | peer: gap m² | overlap m² | lost / parted |"
    yield "|---|---|---|---|---|---|---|---|"
    for path in DIRTY:
        layer = fitted(read(data / path))
        before = layer.geometry.to_numpy()
        # The frame: all that is drawn, and what lies within it in gaps too narrow to be meant.
        drawn = shapely.union_all(before)
        holes = [shapely.Polygon(ring) for part in shapely.get_parts(drawn) for ring in part.interiors]
        narrow = [hole for hole in holes if hole.buffer(-10).is_empty]
        ground = shapely.union_all([drawn, *narrow])
        nest = gpd.GeoDataFrame(geometry=[ground], index=["n"], crs=CRS)
        ours = clean(layer, nest=nest).layer.geometry.reindex(layer.index).fillna(shapely.Polygon()).to_numpy()
        yield f"| {path.stem} | {len(layer)} | {left(ours, before, ground)} | {left(peer(before), before, ground)} |"


DIRTY_HEAD = """\
Dirty as they came, what is left within their outline (what we leave is the outline's own rounding to 0.1 mm; cases that span
half a country are scaled to 10 km):"""


def main() -> None:
    """Run."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("GRIDMAP_SHARED", Path(__file__).parents[2] / "shared"))
    )
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    text = [
        "## Clean, beside the truth",
        "",
        "`python benchmarks/clean_truth.py`: real layers, every grid drawn up to a metre wrong on its own, cleaned again.",
        "",
    ]
    with warnings.catch_warnings(action="ignore"):
        for rows in (known, unknown):
            for row in rows(asked.shared / "data"):
                print(row, flush=True)
                text.append(row)
            text += ["", DIRTY_HEAD, ""] if rows is known else []
    if asked.write:
        harness.write("clean_truth", "\n".join(text))


if __name__ == "__main__":
    main()
