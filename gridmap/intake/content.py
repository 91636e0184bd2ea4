"""What readers say to each other inside the sealed process: a layer that a file offers, and what lies in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gridmap.intake.encodings import Told
    from gridmap.intake.limits import Limits


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read. kind: as told from its bytes; name: what people call it; encoding: the one asked for, if any.

    packed: it came out of an archive. told: what the bytes told of the encoding when the file was rewritten in UTF-8.
    """

    path: Path
    kind: str
    name: str
    encoding: str | None
    limits: Limits
    packed: bool = False
    told: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer that a file offers. name: as it is asked for; inner: the reader's own name of it; shape: what lies in it."""

    name: str
    source: Source
    inner: str
    shape: str


Piece = tuple[pa.Table, pa.ChunkedArray]
"""Some rows of a layer: their attributes, and a geometry each as WKB or None."""


@dataclass(slots=True)
class Content:
    """What a reader found in one layer.

    pieces: its rows, in order, all with the same columns; crs: WKT or an authority's code, None when the file says none;
    encoding: as told; remarks: kinds of damage seen while reading, with figures for the sentence.
    """

    pieces: Iterable[Piece]
    crs: str | None
    encoding: str | None = None
    declared: str | None = None
    sure: bool = True
    samples: tuple[str, ...] = ()
    readings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: dict[str, dict[str, Any]] | None = None


def rewrite(path: Path, data: bytes) -> None:
    """Put other bytes in the place of a file of the job's folder; what was sent stays as it is."""
    path.unlink()
    path.write_bytes(data)


def column(wkb: Iterable[bytes | None]) -> pa.ChunkedArray:
    """Give geometries as WKB the form `Content` has them in."""
    return pa.chunked_array([pa.array(wkb, pa.large_binary())])


def joined(pieces: Iterable[Piece]) -> Piece:
    """Make one of several pieces."""
    tables, shapes = zip(*pieces, strict=True)
    return pa.concat_tables(tables), pa.chunked_array([chunk for shape in shapes for chunk in shape.chunks], shapes[0].type)


def cut(piece: Piece, most: int) -> Iterator[Piece]:
    """Make pieces of at most so many rows."""
    table, wkb = piece
    for start in range(0, len(wkb), most):
        yield table.slice(start, most), wkb.slice(start, most)
