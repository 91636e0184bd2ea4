"""Tell from its first bytes what a file is, whatever its name says."""

from __future__ import annotations

import mmap
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

LOCKED = key("{file} is locked with a password; take the password off and send it again.")
UNKNOWN = key(
    "{file} is none of the formats that are read; send boundaries as a zipped shapefile, GeoPackage, GeoJSON, KML or DXF, "
    "tables as .xlsx or .csv."
)

_EXPORT = key("{file} is a {program} file; export its layers as a zipped shapefile or GeoPackage.")
_FOREIGN = (
    (re.compile(rb"AC10\d\d"), key("{file} is an AutoCAD DWG drawing; save it as DXF.")),
    (
        re.compile(rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ"),
        key("{file} is packed in a way that is not read; pack it as .zip."),
    ),
    (re.compile(rb"%PDF"), key("{file} is a PDF; ask for the boundaries themselves.")),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|II\*\0|MM\0\*"),
        key("{file} is a picture; ask for the boundaries themselves."),
    ),
    (re.compile(rb"L\x00\x00\x00\x01\x14\x02\x00"), key("{file} is a shortcut; send the file that it points to.")),
    (
        re.compile(rb"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE),
        key("{file} is a web page and no data; download it again, signed in where that is needed."),
    ),
)
_PROGRAMS = (
    (re.compile(rb"!table|version\s+\d+\s+charset", re.IGNORECASE), "MapInfo (.tab, .mif)"),
    (re.compile(rb"EXP +[01] "), "ArcInfo (.e00)"),
    (re.compile(rb"\x00\x01\x00\x00Standard (?:Jet|ACE) DB"), "Access (.mdb, .accdb)"),
)

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENT = key("{file} is a document (.doc, .mxd or the like) and no data; send the layers or tables themselves.")

_DXF = re.compile(rb"\s*(?:999[^\n]*\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def sniff(path: Path, name: str) -> str:
    """Give the kind of a file: zip, gpkg, flatgeobuf, parquet, shp, dbf, dxf, geojson, kml, othersheets, open311 or text.

    name: what the file is called where it came from, for the sentence. Raises IntakeError for what is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\0 \t\r\n"):
        raise IntakeError("{file} is empty.", file=name)
    _refuse(path, head, name)
    if head.startswith(_OLD_OFFICE):
        _require_sheets(path, name)
        return "othersheets"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _DXF.match(head):
        return "dxf"
    if path.suffix.lower() == ".dbf":
        return "dbf"
    return _text(head, name)


def _refuse(path: Path, head: bytes, name: str) -> None:
    """Say of files that are not read what they are and what to send instead."""
    for pattern, sentence in _FOREIGN:
        if pattern.match(head):
            raise IntakeError(sentence, file=name)
    program = next((program for pattern, program in _PROGRAMS if pattern.match(head)), None)
    if path.suffix.lower() == ".gdbtable":
        program = "ArcGIS (.gdb)"
    if program is not None:
        raise IntakeError(_EXPORT, file=name, program=program)


def _require_sheets(path: Path, name: str) -> None:
    """Look at what the parts of an old Office file are called. Raises IntakeError where it is locked or holds no sheets."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        holds = {part for part in ("EncryptedPackage", "Workbook", "Book") if whole.find(part.encode("utf-16-le")) >= 0}
    if "EncryptedPackage" in holds:
        raise IntakeError(LOCKED, file=name)
    if not holds:
        raise IntakeError(_DOCUMENT, file=name)


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
        raise IntakeError("{file} is XML, but not KML; export it as KML, GeoPackage or a zipped shapefile.", file=name)
    if b"\0" in head:
        raise IntakeError(UNKNOWN, file=name)
    return "text"
