"""The merge benchmarks keep working: their short forms run through. No time is asserted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "says"), [("overlay", "| gridmap |"), ("clean", "| gridmap |"), ("partition", "| gridmap |")])
def test_a_benchmark_runs_in_its_short_form(name, says):
    pytest.importorskip("maup", reason="maup, a peer of the benchmarks, is not installed (pip install gridmap[bench])")
    done = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", "--short"],
        capture_output=True,
        text=True,
        cwd=BENCHMARKS.parent,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)},
        check=False,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
    assert "no:" not in done.stdout.splitlines()[0]
