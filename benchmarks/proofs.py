"""Plans against what is proven of them, Washington DC: each nest unit's cost, bound and seconds, without and with a proof.

    python benchmarks/proofs.py [--shared DIR] [--limit SECONDS] [--write]

The whole `gridmap merge` runs without time for proofs and with it, on atoms as the overlay gives them and on atoms cut along
block groups. A plan is judged by the proven optimum, or by the bound where there is none. --write replaces the table in
RESULTS.md; what is said below it stays.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import harness
from main_job import ALONG, LAYERS, NEST, ROOT, WEIGHTS

SIZES = ((1, 60), (61, 100))
SAME = 1e-5
"""Share of the cost below which a gap is none: prices are rounded to a thousandth of a metre in the report."""


def units(data: Path, limit: float, *, cut: bool) -> dict[str, dict[str, Any]]:
    """Merge in a process of its own; give the report's record of each nest unit by its id."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-c", "from gridmap.cli import main; main()", "merge", "--nest", f"{data / NEST}.parquet"]
        command += [part for key, name in LAYERS.items() for part in ("--layer", f"{key}={data / name}.parquet")]
        command += ["--weights", f"{data / WEIGHTS}.parquet:HHBYTAZ", "--norm", "600:1000", "--crs", "26985", "--out", scratch]
        command += ["--cut-along", f"{data / ALONG}.parquet"] if cut else []
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRIDMAP_MERGE__TIME_LIMIT_S": str(limit)}
        subprocess.run(command, check=True, capture_output=True, env=environment, cwd=ROOT)
        report = json.loads((Path(scratch) / "report.json").read_text("utf-8"))
    return {unit["nest_id"]: unit for unit in report["units"]}


def rows(name: str, plans: dict[str, dict[str, Any]], proofs: dict[str, dict[str, Any]]) -> list[str]:
    """Give the table's rows of one case."""
    found = []
    for least, most in SIZES:
        here = [key for key, unit in proofs.items() if least <= unit["atoms"] <= most]
        if not here:
            continue
        gaps = [proofs[key]["gap"] for key in here]
        proven = [key for key in here if proofs[key]["gap"] is not None and proofs[key]["gap"] <= SAME]
        off = [plans[key]["objective"] / max(proofs[key]["objective"], 1e-9) - 1 for key in proven]
        near = sum(value <= 0.01 for value in off)
        plan, proof = ([one[key]["seconds"] for key in here] for one in (plans, proofs))
        ratio = statistics.median(p / max(q, 1e-3) for p, q in zip(plan, proof, strict=True))
        found.append(
            f"| {name} | {least}-{most} | {len(here)} | {len(proven)} | {sum(gap is None for gap in gaps)} | "
            f"{100 * max((gap for gap in gaps if gap is not None), default=0):.2f} % | {near} of {len(proven)} | "
            f"{100 * max(off, default=0):.1f} % | {statistics.median(plan):.3f} / {max(plan):.2f} | "
            f"{statistics.median(proof):.3f} / {max(proof):.2f} | {ratio:.2f} |"
        )
    return found


def main() -> None:
    """Run, print, and write where asked."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=Path(os.environ.get("GRIDMAP_SHARED", ROOT.parent / "shared")))
    ask.add_argument("--limit", type=float, default=5.0)
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    heads = ("atoms", "a unit", "units", "proven", "no bound", "widest gap", "plan within 1 %", "plan at worst",
             "plan s, median / worst", "plan and proof s", "plan's share (median)")  # fmt: skip
    table = [
        "| " + " | ".join(heads) + " |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, cut in (("as overlaid", False), ("cut along block groups", True)):
        plans, proofs = (units(asked.shared / "data" / "dc", limit, cut=cut) for limit in (0.0, asked.limit))
        table += rows(name, plans, proofs)
        for key, unit in proofs.items():
            if unit["gap"] is None or unit["gap"] > SAME:
                print("open:", name, key, {field: unit[field] for field in ("atoms", "objective", "bound", "gap", "seconds")})
    print("\n".join(table))
    if asked.write:
        about = f"Washington DC, norm 600:1000, one worker, `time_limit_s={asked.limit:g}`; CPU seconds of one run."
        head = f"## Proofs (`python benchmarks/proofs.py --limit {asked.limit:g}`)"
        harness.write("proofs", "\n".join([head, "", about, "", *table]))


if __name__ == "__main__":
    main()
