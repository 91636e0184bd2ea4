"""Tell from its first bytes what a file is, whatever its name says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridmap.errors import IntakeError
from gridmap.intake import open311
from gridmap.terms import key

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 65536
"""Bytes looked at."""

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"SQLite format 3\0", "gpkg"),
    (b"fgb\x03fgb", "flatgeobuf"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"AutoCAD Binary DXF", "dxf"),
)

_FOREIGN = (
    (re.compile(rb"AC10\d\d"), key("{file} is an AutoCAD DWG drawing; save it as DXF.")),
    (re.compile(rb"\xd0\xcf\x11\xe0"), key("{file} is an old Excel or Office file; save it as .xlsx.")),
    (
        re.compile(rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ"),
        key("{file} is packed in a way that is not read; pack it as .zip."),
    ),
    (re.compile(rb"%PDF"), key("{file} is a PDF; ask for the boundaries themselves.")),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|II\*\0|MM\0\*"),
        key("{file} is a picture; ask for the boundaries themselves."),
    ),
)

_DXF = re.compile(rb"\s*(?:999[^\n]*\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def sniff(path: Path, name: str) -> str:
    """Give the kind of a file: zip, gpkg, flatgeobuf, parquet, shp, dbf, dxf, geojson, kml, open311 or text.

    name: what the file is called where it came from, for the sentence. Raises IntakeError for what is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\0 \t\r\n"):
        raise IntakeError("{file} is empty.", file=name)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    for pattern, sentence in _FOREIGN:
        if pattern.match(head):
            raise IntakeError(sentence, file=name)
    if _DXF.match(head):
        return "dxf"
    if path.suffix.lower() == ".dbf":
        return "dbf"
    return _text(head, name)


def _text(head: bytes, name: str) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            head = head.decode(encoding, "replace").encode()
            break
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return "geojson"
    if start.startswith(b"<"):
        if re.search(rb"<(?:\w+:)?kml[\s>]", head):
            return "kml"
        if open311.ROOT.search(head):
            return "open311"
        raise IntakeError("{file} is XML, but not KML; it was not read.", file=name)
    if b"\0" in head:
        raise IntakeError("{file} is none of the formats that are read.", file=name)
    return "text"
