"""Read Shapefile, GeoPackage, GeoJSON, KML and FlatGeobuf with GDAL, inside the sealed process."""

from __future__ import annotations

import codecs
import re
import struct
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyogrio
from pyogrio.errors import CRSError, DataLayerError, DataSourceError

from gridmap.errors import IntakeError
from gridmap.intake import content, dbf, encodings, rows
from gridmap.intake.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gridmap.intake.content import Piece, Source

_SAMPLE = 8 * 1024 * 1024
_XML_ENCODING = re.compile(rb"""(<\?xml[^>]*encoding=["'])([A-Za-z0-9_.-]+)(["'])""")
_BREAKS = (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError, pa.ArrowException)
"""What GDAL and its readers raise for a file that is not what it says."""
_SHX_HEAD = 100
_NO_CRS = ("Undefined geographic SRS", "Undefined Cartesian SRS", "Undefined SRS")


def layers(source: Source) -> Iterator[tuple[str, str]]:
    """Give the name and the kind of shape of every layer. Raises IntakeError when GDAL cannot open the file."""
    if source.kind in {"geojson", "kml"}:
        source.told.append(_to_utf8(source.path, source.encoding))
    if source.kind == "geojson" and not source.packed:
        yield "", ""  # it holds one layer, and to ask for its name is to read it all
        return
    if source.kind == "shp":
        _look_at_index(source.path)
    if source.kind == "shp" and not source.packed and (drawn := _drawn_in(source.path)):
        yield "", drawn  # the same, said by its first bytes
        return
    try:
        for layer, shape in pyogrio.list_layers(source.path):
            if shape is not None or source.kind == "dbf":
                yield str(layer), str(shape)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise _damaged(source) from error


def _drawn_in(shp: Path) -> str | None:
    """Give the kind of shape a .shp says it holds, with heights or without; None where it says none that is known."""
    with shp.open("rb") as file:
        head = file.read(36)
    code = int(struct.unpack("<i", head[32:])[0]) if len(head) == 36 and head[:4] == b"\0\0\x27\x0a" else -1
    return {1: "Point", 3: "LineString", 5: "Polygon", 8: "MultiPoint"}.get(code % 10) if 0 < code < 30 else None


def read(source: Source, inner: str) -> Content:
    """Read one layer: attributes as text GDAL has put into UTF-8, geometry as WKB."""
    told = source.told[0] if source.told else encodings.Told("utf-8", None, sure=True)
    if source.kind == "shp":
        _look_at_index(source.path)
        table = _beside(source.path, ".dbf")
        told = dbf.encoding(table, _beside(source.path, ".cpg")) if table is not None else told
    chosen = encodings.known(source.encoding) or told.name
    options: dict[str, Any] = {"encoding": _for_gdal(chosen)} if source.kind == "shp" else {}
    until = ExitStack()
    meta, stream = _opened(source, until, layer=inner or None, **options)
    crs = meta["crs"]
    if crs is not None and any(word in crs for word in _NO_CRS):
        crs = None
    return Content(
        pieces=_pieces(source, meta, stream, until),
        crs=crs,
        encoding=chosen,
        declared=told.declared,
        sure=told.sure or source.encoding is not None,
        samples=told.readings.get(chosen, told.samples),
        readings=told.readings,
        remarks={**_cut_short(source.path), **_fewer_rows(source.path)} if source.kind == "shp" else None,
    )


def _opened(source: Source, until: ExitStack, **options: Any) -> tuple[dict[str, Any], pa.RecordBatchReader]:  # noqa: ANN401 - pyogrio's
    """Open a layer; a .prj that names no system is left out, and the layer is read without one, and says so."""
    try:
        meta, stream = until.enter_context(pyogrio.open_arrow(source.path, use_pyarrow=True, batch_size=rows.PIECE, **options))
    except CRSError:
        prj = _beside(source.path, ".prj")
        if prj is None:
            raise _damaged(source) from None
        prj.unlink()
        return _opened(source, until, **options)
    except _BREAKS as error:
        raise _damaged(source) from error
    return meta, stream


def _pieces(source: Source, meta: dict[str, Any], stream: pa.RecordBatchReader, until: ExitStack) -> Iterator[Piece]:
    """Read a layer piece by piece, as long as it stays within the limits."""
    if len(meta["fields"]) > source.limits.columns:
        raise IntakeError("{file} has more than {most} columns.", file=source.name, most=source.limits.columns)
    column = meta["geometry_name"] or "wkb_geometry"
    with until:
        while True:
            try:
                batch = stream.read_next_batch()
            except StopIteration:
                return
            except _BREAKS as error:
                raise _damaged(source) from error
            table = pa.Table.from_batches([batch])
            yield table.drop_columns([column]), table[column]


def read_table(source: Source, inner: str) -> pa.Table:
    """Read a DBF that came without shapes, every value as text."""
    chosen = encodings.known(source.encoding) or dbf.encoding(source.path, _beside(source.path, ".cpg")).name
    try:
        _, table = pyogrio.read_arrow(source.path, layer=inner, encoding=_for_gdal(chosen))
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError, pa.ArrowException) as error:
        raise _damaged(source) from error
    return pa.table({name: table[name].cast(pa.string()) for name in table.column_names})


def _for_gdal(name: str) -> str:
    return {"gb18030": "GB18030", "big5": "BIG5", "utf-8": "UTF-8", "cp1252": "CP1252"}.get(name, name.upper())


def _look_at_index(shp: Path) -> None:
    """Have GDAL make a new .shx unless the one there fits: a new one costs a look at every record."""
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": not _index_fits(shp, _beside(shp, ".shx"))})


def _index_fits(shp: Path, shx: Path | None) -> bool:
    """Say whether an index leads from each record of a .shp to the next, up to its end."""
    data = shx.read_bytes() if shx is not None else b""
    if len(data) <= _SHX_HEAD or len(data) % 8 != _SHX_HEAD % 8:
        return False
    start, length = np.frombuffer(data, ">i4", offset=_SHX_HEAD).astype(np.int64).reshape(-1, 2).T
    ends = start + length + 4  # in words of two bytes, a record's own head of four among them
    return bool(2 * start[0] == _SHX_HEAD and (start[1:] == ends[:-1]).all() and 2 * ends[-1] == shp.stat().st_size)


def _beside(path: Path, suffix: str) -> Path | None:
    other = path.with_suffix(suffix)
    return other if other.exists() else None


def _cut_short(shp: Path) -> dict[str, dict[str, Any]]:
    """Compare the length a .shp gives in its header with the bytes that are there."""
    with shp.open("rb") as file:
        head = file.read(28)
    promised = 2 * int(struct.unpack(">i", head[24:28])[0]) if len(head) == 28 else 0
    there = shp.stat().st_size
    return {"cut_short": {"missing": promised - there}} if promised > there else {}


def _fewer_rows(shp: Path) -> dict[str, dict[str, Any]]:
    """Compare the shapes that a .shx lists with the rows of the .dbf: GDAL reads no more shapes than there are rows."""
    index, table = _beside(shp, ".shx"), _beside(shp, ".dbf")
    if index is None or table is None:
        return {}
    with table.open("rb") as file:
        head = file.read(8)
    shapes, rows = (index.stat().st_size - 100) // 8, int(struct.unpack("<I", head[4:])[0]) if len(head) == 8 else 0
    return {"fewer_rows": {"shapes": shapes, "rows": rows, "lost": shapes - rows}} if 0 < rows < shapes else {}


def _to_utf8(path: Path, encoding: str | None) -> encodings.Told:
    """Rewrite a text file that is not UTF-8 as UTF-8, and what its XML head says with it; tell what it was."""
    data = path.read_bytes()
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            content.rewrite(path, _XML_ENCODING.sub(rb"\1UTF-8\3", data.decode(name, "replace").encode()))
            return encodings.Told(name, name, sure=True)
    head = _XML_ENCODING.search(data[:200])
    declared = head.group(2).decode() if head else None
    if data.isascii() and encodings.known(declared) in {None, "utf-8"} and encodings.known(encoding) is None:
        return encodings.Told("utf-8", None, sure=True)
    told = encodings.tell(_lines(data[:_SAMPLE]), declared=declared)
    chosen = encodings.known(encoding) or told.name
    if chosen != "utf-8":
        content.rewrite(path, _XML_ENCODING.sub(rb"\1UTF-8\3", data.decode(chosen, "replace").encode(), count=1))
    return replace(told, name=chosen)


def _lines(data: bytes) -> Iterator[bytes]:
    """Give the pieces of text between ASCII quotes, tags and line ends: each is whole in any encoding."""
    for piece in re.split(rb"[\"<>\r\n]", data):
        if not piece.isascii():
            yield piece


def _damaged(source: Source) -> IntakeError:
    if source.kind == "geojson":
        return IntakeError("{file} is JSON, but not GeoJSON, or damaged; export it as GeoJSON again.", file=source.name)
    return IntakeError("{file} is damaged or not what its name says; export it again.", file=source.name)
