"""Questions in SQL that nobody foresaw: asked of a snapshot, in a child process that can touch nothing else.

The snapshot is a DuckDB file with only what may be seen; the child opens it for reading with external access off and
the configuration locked, refuses anything but one SELECT, and works under limits that the operating system holds.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import geopandas as gpd
import pyarrow as pa
import shapely

from gridmap import terms
from gridmap.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

_CHILD = Path(__file__).with_name("child.py")

LOOK_S = 0.25
"""Seconds between looks at a question that runs."""

_REFUSED = {
    "syntax": terms.key("The question is not valid SQL: {detail}"),
    "not_select": terms.key("Only one SELECT can be asked here; this one would do something else."),
    "function": terms.key("{detail} cannot be used here; the views listed beside the question can."),
    "memory": terms.key("The question needed more than {memory_mb} MB and was stopped; ask for fewer rows or one month."),
    "time": terms.key("The question took longer than {seconds} s and was stopped; ask for less, for instance one street."),
    "crash": terms.key("The question broke the query engine and was stopped; nothing else was touched."),
    "error": terms.key("The question cannot be answered: {detail}"),
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one question may use. rows: rows given back; memory_mb: working memory; seconds: from asking to answer."""

    rows: int = 10_000
    memory_mb: int = 1_024
    seconds: int = 20
    threads: int = 2


@dataclass(frozen=True)
class Answer:
    """What a question brought: the frame (with geometry where a column holds any), whether there was more, seconds taken."""

    frame: pd.DataFrame
    more: bool
    seconds: float


def ask(snapshot: Path, sql: str, *, limits: Limits | None = None, waiting: Callable[[float], None] | None = None) -> Answer:
    """Ask one question of a snapshot file.

    waiting: called while it runs with the share of its time that is gone; what it raises stops the question.

    A geometry column makes the frame a GeoDataFrame in the snapshot's CRS (EPSG:4490); the first such column is active.
    Raises SandboxError, saying why, when the question is refused or had to be stopped.
    """
    limits = limits or Limits()
    question = {"snapshot": str(snapshot), "sql": sql, **vars(limits)}
    started = time.monotonic()
    child = subprocess.Popen(  # noqa: S603 -- our own script, isolated from the environment by -I
        [sys.executable, "-I", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"HOME": os.environ.get("HOME", "/"), "PATH": ""},
        start_new_session=True,
    )
    try:
        output: bytes | None = None
        told: bytes | None = json.dumps(question).encode() + b"\n"
        while output is None:
            try:
                output, _ = child.communicate(told, timeout=LOOK_S)
            except subprocess.TimeoutExpired:
                told = None
                gone = (time.monotonic() - started) / limits.seconds
                if gone >= 1:
                    _refuse("time", limits)
                if waiting is not None:
                    waiting(gone)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    head, _, body = output.partition(b"\n")
    header: dict[str, Any] = json.loads(head) if head else {"refused": "crash"}
    if child.returncode != 0 and "refused" not in header:
        header = {"refused": "crash"}
    if "refused" in header:
        _refuse(header["refused"], limits, header.get("detail", ""))
    with pa.ipc.open_stream(io.BytesIO(body)) as stream:
        table = stream.read_all()
    return Answer(_frame(table), header["more"], time.monotonic() - started)


def _refuse(kind: str, limits: Limits, detail: str = "") -> NoReturn:
    raise SandboxError(_REFUSED[kind], detail=detail, **vars(limits))


def _frame(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a frame, geometry columns into geometry; columns of one name get a number behind."""
    names: list[str] = []
    for name in table.column_names:
        names.append(name if name not in names else f"{name}_{names.count(name) + len(names)}")
    places = [
        names[at]
        for at, field in enumerate(table.schema)
        if (field.metadata or {}).get(b"ARROW:extension:name") == b"geoarrow.wkb"
    ]
    frame: pd.DataFrame = table.rename_columns(names).to_pandas()
    if not places:
        return frame
    for place in places:
        frame[place] = gpd.GeoSeries(shapely.from_wkb(frame[place]), crs=4490)
    return gpd.GeoDataFrame(frame, geometry=places[0], crs=4490)
