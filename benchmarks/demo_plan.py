"""The plan of a whole demo district beside the overlay of the same layers by shapely, in one warm process.

    python benchmarks/demo_plan.py DATA [--runs 3] [--write]

DATA is a folder that ``gridmap demo --out DATA`` made. Shapely nodes and polygonizes the unique arcs of the clean layers and
names the faces, as benchmarks/overlay.py does; the plan is the partition of the district's atoms, with its compounds and
barriers, without proofs, and as the merge runs it, with those it tries unasked. Cleaning, reading and writing are in neither.
CPU seconds, medians, taken in turn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import geopandas as gpd
import harness
import overlay
import pandas as pd

from gridmap import merge
from gridmap.demo import making
from gridmap.merge.whole import Effort

BAR = 10
"""How many times the overlay the plan may take."""


def inputs(data: Path) -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[float, float]]:
    """Give the clean layers with their nest, the atoms, the barriers and the norm."""
    manifest = json.loads((data / "source" / "manifest.json").read_text("utf-8"))
    nest = gpd.read_parquet(data / "source" / manifest["nest"]["file"]).set_index(manifest["nest"]["id"])
    metric = merge.common_crs(nest)
    nest = merge.clean(nest).layer
    sent = making.read_layers(data / "source", manifest)
    clean = {name: merge.clean(merge.project(frame, metric, name), nest=nest).layer for name, frame in sent.items()}
    barriers = gpd.read_parquet(data / "source" / manifest["barriers"]["file"]).to_crs(metric)
    low, high = manifest["norm"]
    return {"nest": nest, **clean}, gpd.read_parquet(data / "merge" / "atoms.parquet"), barriers, (low, high)


def main() -> None:
    """Run, print, and write where asked."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("data", type=Path)
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    city, atoms, barriers, norm = inputs(asked.data)
    weights = pd.Series(atoms["weight"].to_numpy(), index=atoms.index)
    plain = atoms.drop(columns=["weight", "grid_code"])
    one = plain["nest_id"] == plain["nest_id"].iloc[0]
    merge.partition(plain[one].reset_index(drop=True), weights=weights[one].reset_index(drop=True), norm=norm)  # compiled
    overlays, plans, proofs, faces, made = [], [], [], 0, None
    for _ in range(asked.runs):
        began = time.process_time()
        faces = len(overlay.geos_arcs(city))
        overlays.append(time.process_time() - began)
        began = time.process_time()
        merge.partition(plain, weights=weights, norm=norm, barriers=barriers, effort=Effort(small=0))
        plans.append(time.process_time() - began)
        began = time.process_time()
        made = merge.partition(plain, weights=weights, norm=norm, barriers=barriers)
        proofs.append(time.process_time() - began)
    assert made is not None
    bounds = sum(unit["bound"] is not None for unit in made.units)
    beside, plan, proof = (statistics.median(values) for values in (overlays, plans, proofs))
    ratio = f"{plan / beside:.1f} (bar {BAR}: {'held' if plan <= BAR * beside else 'MISSED'})"
    text = [
        "## The plan of the demo district (`python benchmarks/demo_plan.py var/demo`)",
        "",
        f"CPU seconds in one warm process, medians of {asked.runs}, taken in turn.",
        "",
        "| | CPU s | |",
        "|---|---|---|",
        f"| shapely: arcs noded, polygonized, named, {len(city) - 1} layers, {faces:,} faces | {beside:.2f} | 1 |",
        f"| the plan: {len(atoms):,} atoms, {len(made.units)} communities, {len(made.grids)} grids | {plan:.2f} | {ratio} |",
        f"| with the proofs that are tried without being given time | {proof:.2f} | {proof / beside:.1f} |",
        "",
        f"Of {len(made.units)} communities {bounds} have a bound without time given for proofs.",
    ]
    print("\n".join(text))
    if asked.write:
        harness.write("demo_plan", "\n".join(text))


if __name__ == "__main__":
    main()
