"""Files named on the command line: what is read, and how results replace older ones in one step."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gridmap import intake, merge, terms
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
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
