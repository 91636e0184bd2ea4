"""Read what a shapefile's table says of itself, straight from its bytes: encoding, rows, damage."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from gridmap.intake import encodings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SAMPLE = 4 * 1024 * 1024
_ASCII = 127


def encoding(dbf: Path, cpg: Path | None) -> encodings.Told:
    """Tell the encoding of a DBF's texts and column names from their bytes, its .cpg and its language byte."""
    with dbf.open("rb") as file:
        head = file.read(_SAMPLE)
    declared = cpg.read_bytes()[:64].decode("ascii", "ignore") if cpg is not None else None
    if encodings.known(declared) is None and len(head) > 29:
        declared = encodings.DBF_LANGUAGES.get(head[29])
    return encodings.tell(texts(head), declared=declared)


def texts(data: bytes) -> Iterator[bytes]:
    """Give the column names, then each column's different texts beyond ASCII, from ``data``, which starts with the header."""
    if len(data) < 32:
        return
    header, record = struct.unpack_from("<HH", data, 8)
    spans, at = [], 1
    for start in range(32, min(header, len(data)) - 31, 32):
        if data[start] == 0x0D:
            break
        yield data[start : start + 11].split(b"\0")[0]
        width = data[start + 16]
        if data[start + 11 : start + 12] == b"C":
            width += data[start + 17] << 8
            spans.append((at, at + width))
        at += width
    count = max(0, len(data) - header) // record if record else 0
    rows = np.frombuffer(data, np.uint8, count * record, header if count else 0).reshape(count, record)
    for left, right in spans:
        cells = rows[:, left:right]
        cells = np.ascontiguousarray(cells[(cells > _ASCII).any(axis=1)])
        if cells.size:
            different = dict.fromkeys(cells.view(f"S{cells.shape[1]}").ravel().tolist())
            yield from (value.strip(b" \0") for value in different)
