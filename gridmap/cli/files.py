"""Files named on the command line: what is read, and how results replace older ones in one step."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gridmap import intake, merge, terms
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyproj import CRS


class Named(NamedTuple):
    """A file and, behind its last colon, a column."""

    path: Path
    column: str | None


def named(text: str) -> Named:
    """Read ``FILE`` or ``FILE:COLUMN``. A file of just that name goes first, as paths may hold colons themselves.

    Raises InputError when there is no such file.
    """
    if Path(text).exists():
        return Named(Path(text), None)
    path, colon, column = text.rpartition(":")
    if colon and path and column and Path(path).exists():
        return Named(Path(path), column)
    raise InputError("There is no file {path}.", path=text)


def read(text: str, role: str, *, crs: CRS | None = None, areas: bool = True) -> gpd.GeoDataFrame:
    """Read ``FILE[:ID]``, with its ids as index, in ``crs`` if one is given.

    role: what a sentence calls the file (``nest``, a layer's key). areas: False reads points and lines too.
    """
    path, column = named(text)
    frame = intake.open_file(path, id_column=column, shapes="polygons" if areas else "any").frame
    return frame if crs is None else merge.project(frame, crs, role)


def pieces(text: str, role: str, *, crs: CRS | None = None, areas: bool = True) -> Iterator[gpd.GeoDataFrame]:
    """Read ``FILE[:ID]`` as `read` does, a piece at a time, or so every file of a folder, in the order of their names.

    In a folder every file needs the same column of ids; rows of files without one are called by file and number.
    Raises InputError where a folder holds nothing to read.
    """
    path, column = named(text)
    shapes: Literal["polygons", "any"] = "polygons" if areas else "any"
    if not path.is_dir():
        for piece in intake.open_pieces(path, id_column=column, shapes=shapes):
            yield piece.frame if crs is None else merge.project(piece.frame, crs, role)
        return
    found = [one for one in sorted(path.iterdir()) if one.is_file() and one.suffix.lower() not in BESIDE and one.name[0] != "."]
    if not found:
        raise InputError("There is no file in {path}.", path=path)
    for one in found:
        for frame, found_column in intake.open_pieces(one, id_column=column, shapes=shapes):
            column = column or found_column
            if found_column is None:
                frame = frame.set_axis([f"{one.stem}/{name}" for name in frame.index], axis=0)  # noqa: PLW2901
            yield frame if crs is None else merge.project(frame, crs, role)


BESIDE = frozenset({".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj"})
"""Endings of a shapefile's other parts."""


def nested(text: str, *, crs: int | None) -> tuple[CRS, Iterable[gpd.GeoDataFrame]]:
    """Read a nest as `pieces` does, in the metric system that it asks for (merge.common_crs), which comes with it."""
    if not named(text).path.is_dir():
        frame = read(text, "nest")
        metric = merge.common_crs(frame, crs=crs)
        return metric, iter([merge.project(frame, metric, "nest")])
    boxes = []
    for frame in pieces(text, "nest"):
        boxes.append(gpd.GeoDataFrame(geometry=[shapely.box(*frame.total_bounds)], crs=frame.crs))
        if crs is not None or frame.crs is None or frame.crs.is_projected:
            break  # only degrees need the whole to find its middle
    metric = merge.common_crs(pd.concat(boxes), crs=crs)
    return metric, pieces(text, "nest", crs=metric)


@contextmanager
def replacing(out: Path, *, holding: frozenset[str]) -> Iterator[Path]:
    """Give a new folder beside ``out`` to write into; it takes the place of ``out`` at the end, or vanishes on failure.

    holding: the file names such a folder has. Raises InputError when ``out`` is a file or holds anything else, so that a
    mistyped name never costs somebody's files.
    """
    out = out.absolute()
    if out.exists() and (not out.is_dir() or {entry.name for entry in out.iterdir()} - holding):
        raise InputError("{out} holds other files; name a folder of its own for the results.", out=out)
    fresh = out.with_name(f".{out.name}.{os.getpid()}.new")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        fresh.mkdir(parents=True)
    except OSError as error:
        raise InputError("{out} cannot be written: {reason}.", out=out, reason=error.strerror or error) from error
    try:
        yield fresh
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    except OSError as error:
        raise InputError("{out} cannot be written: {reason}.", out=out, reason=error.strerror or error) from error
    finally:
        if old.exists() and not out.exists():
            old.rename(out)
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """Show a progress bar on standard error, where that is a terminal; gives what long work reports to."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=1.0)

        def report(stage: str, share: float) -> None:
            progress.update(task, description=terms.say(stage), completed=share)

        yield report


def out(record: Any, lines: list[str], *, as_json: bool) -> None:  # noqa: ANN401 -- whatever JSON can hold
    """Print one JSON object, or lines for a person."""
    text = json.dumps(record, ensure_ascii=False, indent=2, default=str) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")
