"""Inside the sealed process: find the layers of a file, read one, sort its rows, and send them to the program outside."""

from __future__ import annotations

import re
import shutil
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import shapely

from gridmap.errors import IntakeError
from gridmap.intake import archive, content, drawing, excel, gdal, kinds, open311, othersheets, parquet, rows, text, vertices
from gridmap.intake.content import Layer, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from types import ModuleType

    from gridmap.intake.content import Piece
    from gridmap.intake.limits import Limits

_BESIDE = {
    ".shx", ".prj", ".cpg", ".dbf", ".sbn", ".sbx", ".qix", ".xml", ".pdf", ".png", ".jpg", ".md", ".docx",
    ".gdbtablx", ".gdbindexes", ".atx", ".spx", ".freelist",
}  # fmt: skip

_SUFFIXES = {
    "gpkg": ".gpkg",
    "flatgeobuf": ".fgb",
    "geojson": ".json",
    "kml": ".kml",
    "shp": ".shp",
    "parquet": "",
    "dxf": "",
    "text": "",
    "xlsx": ".xlsx",
    "othersheets": "",
    "dbf": ".dbf",
    "open311": "",
}
"""What each kind of file is called while it is read: some readers go by the name."""

_AREAS = re.compile("Polygon|Surface")
_WORKBOOKS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "othersheets", "content.xml": "othersheets"}
"""The member by which an archive is known to be a workbook, and the kind of it."""

ROW, WKB = "__row__", "__shape__"
"""The last two columns that are sent: each row's number in the file, and its geometry as WKB."""

T = TypeVar("T")

_READERS: dict[str, ModuleType] = {
    **dict.fromkeys(("gpkg", "flatgeobuf", "geojson", "kml", "shp"), gdal),
    "parquet": parquet,
    "dxf": drawing,
    "text": text,
    "xlsx": excel,
    "othersheets": othersheets,
    "dbf": gdal,
    "open311": open311,
}

_LISTS = {"text", "xlsx", "othersheets", "parquet"}
"""Kinds that may list the vertices of borders row by row."""

_TELLS_S = 0.1

_BESIDE_READING = 2
"""Pieces whose rows are sorted out at once."""

_TABLES = {"parquet", "text", "xlsx", "othersheets", "dbf", "open311"}


def do(job: dict[str, Any], folder: Path, limits: Limits, send: Callable[[pa.Table], None]) -> dict[str, Any]:
    """Do one job: read a layer of the file in ``folder/in`` and answer what is known of it.

    job: name (the file's own), layer, encoding, polygons. send: is given the rows that are kept, piece by piece: their
    attributes, then their number in the file, then their geometry as WKB. Raises IntakeError.
    """
    name, polygons = str(job["name"]), bool(job.get("polygons", True))
    layers, refused = _layers(folder, name, job.get("encoding"), limits)
    layer = _chosen(layers, job.get("layer"), name)
    _tell(folder, 0.1)
    found = _READERS[layer.source.kind].read(layer.source, layer.inner)
    damage = dict(found.remarks or {})
    pieces = iter(found.pieces)
    if polygons and layer.source.kind in _LISTS:
        pieces = _areas(pieces, damage)
    remarks: dict[str, list[int]] = {}
    count = corners = sent = 0
    size, told = layer.source.path.stat().st_size, time.monotonic()
    for (table, wkb), done in _ahead(_sorted(_pieces(pieces), polygons=polygons)):
        if table.num_columns > limits.columns:
            raise IntakeError("{file} has more than {most} columns.", file=name, most=limits.columns)
        corners += done.vertices
        if corners > limits.vertices:
            raise IntakeError("{file} has more than {most} vertices.", file=name, most=limits.vertices)
        if len(done.kept) < len(wkb):
            table = table.take(pa.array(done.kept))  # noqa: PLW2901 - what is left of it
        send(pa.table([*table.columns, pa.array(done.kept + count), done.wkb], [*table.column_names, ROW, WKB]))
        for kind, which in done.remarks.items():
            remarks.setdefault(kind, []).extend((which + count).tolist())
        count += len(wkb)
        if count > limits.rows:
            raise IntakeError("{file} has more than {most} rows.", file=name, most=limits.rows)
        sent += wkb.nbytes
        if time.monotonic() >= told + _TELLS_S:
            told = time.monotonic()
            _tell(folder, 0.1 + 0.9 * min(1.0, sent / max(size, 1)))
    return {
        "layer": layer.name,
        "layers": [{"name": one.name, "shape": one.shape} for one in layers],
        "crs": found.crs,
        "encoding": found.encoding,
        "declared": found.declared,
        "sure": found.sure,
        "samples": found.samples,
        "readings": found.readings,
        "rows": count,
        "remarks": remarks,
        "damage": {**damage, **({"unread": {"files": ", ".join(refused)}} if refused else {})},
    }


def _sorted(pieces: Iterator[Piece], *, polygons: bool) -> Iterator[tuple[Piece, rows.Sorted]]:
    """Sort the rows of several pieces out, each by itself, while the next is read; give them in order."""
    with ThreadPoolExecutor(_BESIDE_READING) as beside:
        waiting: deque[tuple[Piece, Future[rows.Sorted]]] = deque()
        for piece in pieces:
            waiting.append((piece, beside.submit(rows.sort, piece[1], polygons=polygons)))
            if len(waiting) > _BESIDE_READING:
                read, job = waiting.popleft()
                yield read, job.result()
        for read, job in waiting:
            yield read, job.result()


def _areas(pieces: Iterator[Piece], damage: dict[str, dict[str, Any]]) -> Iterator[Piece]:
    """Give the rows as they are, or the areas whose vertices they list, noted in ``damage``."""
    first = next(pieces, None)
    if first is None or not vertices.may_list(first[1]):
        return chain(() if first is None else (first,), pieces)
    table, wkb = content.joined(chain((first,), pieces))
    listed = vertices.joined(table, wkb)
    if listed is not None:
        damage["vertices"] = {"vertices": len(wkb), "areas": len(listed[1])}
    return iter((listed or (table, wkb),))


def _pieces(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Cut pieces to a size; a bare geometry collection, with nothing said of it, is a row a member."""
    first = next(pieces, None)
    if first is None:
        return
    table, wkb = first
    if len(wkb) == 1 and table.num_columns == 0:
        first = _members(wkb)
    for piece in chain((first,), pieces):
        yield from content.cut(piece, rows.PIECE)


def do_table(job: dict[str, Any], folder: Path, limits: Limits, send: Callable[[pa.Table], None]) -> dict[str, Any]:
    """Do one job: read a table of the file in ``folder/in``, every value as text; ``send`` is given its rows.

    job: name, layer (a sheet), encoding. Raises IntakeError.
    """
    name = str(job["name"])
    layers, _ = _layers(folder, name, job.get("encoding"), limits, tables=True)
    layer = _chosen(layers, job.get("layer"), name)
    stream = text.Stream(layer.source, plain=True) if layer.source.kind == "text" else None
    if stream is not None:
        schema, batches = stream.schema, stream.batches()
    else:
        whole = _READERS[layer.source.kind].read_table(layer.source, layer.inner)
        schema, batches = whole.schema, iter(whole.to_batches())
    count = 0
    for batch in _ahead(batches):
        send(pa.Table.from_batches([batch]))
        count += batch.num_rows
        if count > limits.rows:
            raise IntakeError("{file} has more than {most} rows.", file=name, most=limits.rows)
    if not count:
        send(schema.empty_table())
    told = stream.told if stream else None
    return {
        "layer": layer.name,
        "layers": [one.name for one in layers],
        "encoding": None if told is None else told.name,
        "sure": told is None or told.sure,
        "samples": () if told is None else told.samples,
        "readings": {} if told is None else told.readings,
        "torn": stream.torn if stream else [],
        "above": stream.above if stream else int((schema.metadata or {}).get(excel.ABOVE, 0)),
    }


def _ahead(pieces: Iterator[T]) -> Iterator[T]:
    """Read each piece while the one before it is sent."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = beside.submit(next, pieces, None)
            yield piece


def _tell(folder: Path, share: float) -> None:
    """Note how far the reading is (0-1) where the program outside looks."""
    (folder / "out" / "progress").write_text(str(share), "ascii")


def _layers(
    folder: Path, name: str, encoding: str | None, limits: Limits, *, tables: bool = False
) -> tuple[list[Layer], list[str]]:
    """List the layers of every file of the job, archives unpacked; and the members of an archive that could not be read."""
    layers: list[Layer] = []
    refused: dict[str, IntakeError] = {}
    packed = False
    for path, packed in _files(folder, name, limits):
        try:
            kind = _kind(path, name, limits, packed=packed)
            if kind is None or (kind == "dbf" and not tables):
                continue
            if tables and kind == "geojson":
                kind = "open311"  # JSON that comes as a table holds service requests
            if tables and kind not in _TABLES:
                refused[path.name] = IntakeError("{file} is no table; send .xlsx, .csv, .dbf or .parquet.", file=name)
                continue
            source = Source(_called(path, _SUFFIXES[kind]), kind, name, encoding, limits, packed=packed)
            offered = list(_READERS[kind].layers(source))
        except IntakeError as error:
            if not packed:
                raise
            refused[path.name] = error
            continue
        for inner, shape in offered:
            shown = inner or source.path.stem
            if any(layer.name == shown for layer in layers):
                shown = f"{source.path.stem}/{shown} {len(layers) + 1}"
            layers.append(Layer(shown, source, inner, shape))
            if len(layers) > limits.layers:
                raise IntakeError("{file} has more than {most} layers.", file=name, most=limits.layers)
    if not layers:
        telling = [error for error in refused.values() if error.message != kinds.UNKNOWN]
        raise next(iter([*telling, *refused.values()]), _nothing(name, tables=tables, packed=packed))
    return layers, list(refused)


def _nothing(name: str, *, tables: bool, packed: bool) -> IntakeError:
    if tables:
        return IntakeError("{file} is no table; send .xlsx, .csv, .dbf or .parquet.", file=name)
    if packed:
        return IntakeError("{file} holds no boundary file that can be read (a shapefile needs its .shp).", file=name)
    return IntakeError("{file} holds no layer of boundaries, or is damaged; export it again.", file=name)


def _files(folder: Path, name: str, limits: Limits) -> Iterator[tuple[Path, bool]]:
    """Give every file to look at, and whether it came out of an archive."""
    parts = [path for path in sorted((folder / "in").iterdir()) if path.suffix not in {".shx", ".prj", ".cpg"}]
    if len(parts) > 1:  # a loose shapefile: its table lies beside it
        parts = [path for path in parts if path.suffix == ".shp"]
    for part in parts:
        if kinds.sniff(part, name) == "zip" and _workbook(part) is None:
            for member in archive.unpack(part, folder / "work", name=name, limits=limits):
                yield member, True
        else:
            yield part, False


def _called(path: Path, suffix: str) -> Path:
    """Give a file the ending its reader goes by. A link is not renamed here, and may not be: a copy takes its place."""
    if path.name.endswith(suffix):
        return path
    named = path.with_name(path.name + suffix)
    if not path.is_symlink():
        return path.rename(named)
    shutil.copyfile(path, named)
    path.unlink()
    return named


def _kind(path: Path, name: str, limits: Limits, *, packed: bool) -> str | None:
    """Say what a file is, or None for what only stands beside a layer (a readme, a style, a shapefile's other parts)."""
    if packed and (path.suffix in _BESIDE or path.stat().st_size == 0):
        return None
    kind = kinds.sniff(path, name)
    if kind == "zip":
        workbook = _workbook(path)
        if workbook is not None:
            archive.look_at(path, name=name, limits=limits)
        return workbook
    return None if kind == "text" and packed and path.suffix not in {".csv", ".tsv"} else kind


def _workbook(path: Path) -> str | None:
    """Say which kind of workbook an archive is, None where it is none."""
    return next((kind for member, kind in _WORKBOOKS.items() if archive.holds(path, member)), None)


def _chosen(layers: list[Layer], asked: str | None, name: str) -> Layer:
    if asked is not None:
        for layer in layers:
            if asked in {layer.name, layer.inner}:
                return layer
        raise IntakeError(
            "{file} has no layer {layer}; it has {layers}.",
            file=name,
            layer=asked,
            layers=", ".join(layer.name for layer in layers[:20]),
        )
    ranked = sorted(layers, key=lambda layer: 0 if _AREAS.search(layer.shape) else 1 if layer.shape in {"", "Unknown"} else 2)
    return ranked[0]


def _members(wkb: pa.ChunkedArray) -> Piece:
    """Make a bare geometry collection, with nothing said of it, a row a member."""
    whole = shapely.from_wkb(wkb[0].as_py(), on_invalid="ignore")
    if shapely.get_type_id(whole) != rows.COLLECTION:
        return pa.table({"number": ["1"]}), wkb
    members = shapely.to_wkb(shapely.get_parts(whole))
    return pa.table({"number": [str(place + 1) for place in range(len(members))]}), content.column(members)
