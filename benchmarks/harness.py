"""What the merge benchmarks share: CPU of this process and its children, the outside checks, mapshaper, and RESULTS.md."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS = Path(__file__).with_name("RESULTS.md")
MAPSHAPER = Path(__file__).parent / "node_modules" / ".bin" / "mapshaper"


@dataclass(frozen=True)
class Took:
    """Median seconds of one thing done several times, children's included, and what it gave the last time."""

    cpu: float
    wall: float
    result: object


def timed(work: Callable[[], object], runs: int) -> Took:
    """Do something several times; give the medians."""
    cpus, walls, result = [], [], None
    for _ in range(runs):
        result = None  # what was made before is not held beside what is made now
        wall, cpu = time.perf_counter(), cpu_seconds()
        result = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu_seconds() - cpu)
    return Took(statistics.median(cpus), statistics.median(walls), result)


def cpu_seconds() -> float:
    """Give the user and system seconds of this process and its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def checked(frame: gpd.GeoDataFrame, area: float) -> str:
    """Judge a coverage from the outside: its edges match, its parts are single and valid, its area is that of the ground."""
    shapes = shapely.get_parts(frame.geometry.to_numpy())
    shapes = shapes[shapely.get_type_id(shapes) == 3]
    faults = int((~shapely.is_valid(shapes)).sum())
    edges = int((~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).sum())
    said = f"no: {edges} with bad edges" if edges else "yes"
    return f"{said}{f', {faults} invalid' if faults else ''} | {shapely.area(shapes).sum() - area:+.3f}"


def mapshaper() -> str | None:
    """Find mapshaper: installed beside the benchmarks (``npm install --prefix benchmarks``), or on the path."""
    return str(MAPSHAPER) if MAPSHAPER.exists() else shutil.which("mapshaper")


def run_mapshaper(command: str, inputs: dict[str, gpd.GeoDataFrame], options: list[str], *, read: bool = True) -> Took:
    """Run mapshaper's whole command line on GeoJSON files; the time is its own, without writing the inputs or reading back."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for key, frame in inputs.items():
            paths.append(Path(folder) / f"{key}.geojson")
            named = gpd.GeoDataFrame({key: frame.index}, geometry=frame.geometry.to_numpy(), crs=None)
            paths[-1].write_text(named.to_json())
        out = Path(folder) / "out.geojson"
        args = ["-i", *map(str, paths), *(["combine-files"] if len(paths) > 1 else []), *options, "-o", str(out)]
        took = timed(lambda: subprocess.run([command, *args], check=True, capture_output=True), 1)
        return Took(took.cpu, took.wall, gpd.read_file(out).set_crs(None, allow_override=True) if read else None)


def write(section: str, text: str) -> None:
    """Put a section between its own marks into RESULTS.md, and leave the others as they are."""
    start, end = f"<!-- {section}:start -->", f"<!-- {section}:end -->"
    old = RESULTS.read_text("utf-8") if RESULTS.exists() else "# Results\n"
    body = f"{start}\n{text.strip()}\n{end}"
    if start in old:
        before, rest = old.split(start, 1)
        new = before + body + rest.split(end, 1)[1]
    else:
        new = f"{old.rstrip()}\n\n{body}\n"
    RESULTS.write_text(new, "utf-8")
