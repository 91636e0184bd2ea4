"""The main job, Washington DC: the whole `gridmap merge` against a chained geopandas.overlay of the same layers.

    python benchmarks/main_job.py [--shared DIR] [--runs N] [--seeds N ...] [--write]

Each run takes both, one after the other, each in a process of its own, and counts user and system CPU seconds of the process
and its children. The chain is counted twice: its overlay calls alone, and its whole process with imports and reading. gridmap
is always counted whole: start, reading in sealed processes, cleaning, overlay, partition, checks, writing. The outside judge
then scores the grids of every seed. --write puts the tables into RESULTS.md; what is said below them stays.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import harness

ROOT = Path(__file__).parents[1]
NEST = "advisory-neighborhood-commission-2013"
LAYERS = {
    "zongzhi": "police-service-areas-psa",
    "yingji": "fire-alarm-districts",
    "chengguan": "snow-removal-areas",
    "huanjing": "leaf-boundary",
}
ADOPT = 36
"""PR_SET_CHILD_SUBREAPER: what a child leaves running becomes ours, and its CPU seconds count."""
WEIGHTS, ALONG = "traffic-analysis-zones-by-population", "census-block-groups-2010"

CHAIN = """
import sys, time, geopandas as gpd
frames = [gpd.read_parquet(path)[["geometry"]].to_crs(26985) for path in sys.argv[1:]]
for frame in frames:
    frame["geometry"] = frame.make_valid()
began = time.process_time()
whole = frames[0]
for frame in frames[1:]:
    whole = gpd.overlay(whole, frame, how="intersection", keep_geom_type=True)
print(time.process_time() - began)
"""


def cpu(command: list[str | Path]) -> tuple[float, str]:
    """CPU seconds of a command and its children, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRIDMAP_LANGUAGE": "en"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    with contextlib.suppress(ChildProcessError):
        while True:  # the sealed reading process ends a moment after the program that started it
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main() -> None:
    """Run both, judge the grids, print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--shared", type=Path, default=Path(os.environ.get("GRIDMAP_SHARED", ROOT.parent / "shared")))
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    ctypes.CDLL(None).prctl(ADOPT, 1)
    data = given.shared / "data" / "dc"
    nest = data / f"{NEST}.parquet"
    layers = {key: data / f"{name}.parquet" for key, name in LAYERS.items()}
    layer_options = [part for key, path in layers.items() for part in ("--layer", f"{key}={path}")]
    weights = f"{data / WEIGHTS}.parquet:HHBYTAZ"
    shared_options = [*layer_options, "--weights", weights, "--norm", "600:1000", "--crs", "26985"]
    overlays, chains, merges, digests, judged = [], [], [], set(), []
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        command = [sys.executable, "-c", "from gridmap.cli import main; main()", "merge", "--nest", nest, *shared_options]
        command += ["--cut-along", data / f"{ALONG}.parquet", "--out", out]
        judge = [sys.executable, given.shared / "checks" / "score_merge.py", "--json", "--grids", out / "grids.parquet"]
        for seed in given.seeds:  # the first run compiles: functions are cached, as on any machine that has merged before
            cpu([*command, "--seed", str(seed)])
            said = subprocess.run([*judge, "--nest", nest, *shared_options], capture_output=True, text=True, check=False)
            score = json.loads(said.stdout)
            judged.append(f"| {seed} | {score['recall']:.3f} | {score['precision']:.3f} | {score['norm_ok']:.3f} | "
                          f"{score['grids']} | {', '.join(score['broken']) or 'nothing'} |")  # fmt: skip
            print(judged[-1], flush=True)
        for _ in range(given.runs):
            whole, said_by_chain = cpu([sys.executable, "-W", "ignore", "-c", CHAIN, nest, *layers.values()])
            chains.append(whole)
            overlays.append(float(said_by_chain))
            merges.append(cpu(command)[0])
            digests.add(hashlib.sha256((out / "grids.parquet").read_bytes()).hexdigest())
        stages = json.loads((out / "report.json").read_text("utf-8"))["seconds"]["stages"]
    overlay, chain, merge = (statistics.median(values) for values in (overlays, chains, merges))
    ratios = f"{merge / chain:.1f} × the process, {merge / overlay:.1f} × the calls"
    text = [
        f"## The whole merge (`python benchmarks/main_job.py --runs {given.runs}`)",
        "",
        "Washington DC: four layers, cut along block groups, norm 600:1000, one worker, the sealed reading process counted;",
        f"medians of {given.runs}; the same bytes each time: {'yes' if len(digests) == 1 else 'NO'}.",
        "",
        "| | CPU s | ratio |",
        "|---|---|---|",
        f'| chained `geopandas.overlay(how="intersection")`, its calls alone | {overlay:.2f} | 1 |',
        f"| the same as a whole process, with imports and reading | {chain:.2f} | |",
        f"| `gridmap merge`, the whole process | {merge:.2f} | {ratios} |",
        "",
        "Of that: " + ", ".join(f"{name.lower()} {spent:.1f}" for name, spent in stages.items()) + ".",
        "",
        "| seed | recall | precision | norm | grids | broken |",
        "|---|---|---|---|---|---|",
        *judged,
    ]
    print("\n".join(text))
    if given.write:
        harness.write("main_job", "\n".join(text))


if __name__ == "__main__":
    main()
