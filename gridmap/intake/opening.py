"""Open an uploaded boundary file: the frame, and everything that is to be known of it before it is used."""

from __future__ import annotations

import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from gridmap.errors import IntakeError
from gridmap.intake import encodings, ids, remarks, sealed
from gridmap.intake.limits import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from gridmap.finding import Finding

PIECE = 100_000
"""Rows of a file that are made shapes at once, where it is read in pieces."""

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CALLED = {".geojson": ".json"} | {suffix: suffix for suffix in (*_PARTS, ".gpkg", ".fgb", ".json", ".kml", ".xlsx")}
"""What a file is called in the job's folder, by what it is called outside: as its reader wants it, if it is what it says."""
_KEEPS_LOG = b"\2\2"
"""Bytes 18 and 19 of an SQLite file whose last changes may lie in a log beside it."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A boundary file that was read.

    frame: the layer, index = grid id (text, unique), the file's other columns, geometry in ``crs`` (2D, nothing empty).
    findings: what is wrong with the file or was done to read it. layer: the name of the layer read; layers: all the file
    offers. crs: the frame's, None when the file says none and none was given. encoding: what texts were read as;
    encoding_sure: False when another one reads them nearly as well; samples: texts as that encoding reads them, readings: as
    each other choice does. kinds: what shapes each of the layers holds, as far as the file says.
    id_column: the column the index came from, None when rows were numbered. columns: the attributes, as in the file.
    rows: how many the file has, those set aside included. seal: the layers of defence this machine could put up.
    """

    frame: gpd.GeoDataFrame
    findings: list[Finding]
    layers: tuple[str, ...]
    crs: CRS | None
    encoding: str | None
    id_column: str | None
    layer: str
    encoding_sure: bool
    samples: tuple[str, ...]
    readings: dict[str, list[str]]
    kinds: tuple[str, ...]
    rows: int
    seal: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The attribute columns the id can be taken from."""
        return tuple(str(column) for column in self.frame.columns if column != "geometry")


class Piece(NamedTuple):
    """Some rows of a boundary file, and the column their ids came from, None where rows were numbered."""

    frame: gpd.GeoDataFrame
    id_column: str | None


def open_file(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: object = None,
    encoding: str | None = None,
    id_column: str | None = None,
    shapes: Literal["polygons", "any"] = "polygons",
    name: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Intake:
    """Read a boundary file in the sealed process, and say what is wrong with it.

    layer: which one, of several (else the first with areas). crs: the system its coordinates are in, whatever the file says.
    encoding: of its texts, whatever the file says. id_column: the column with the grids' ids (else the first with one whole
    number or text a row; rows are numbered when there is none). shapes: "any" keeps points and lines too.
    name: what to call the file in sentences, where it was uploaded under another name. progress(stage, share) is told how far
    it is; when it raises, the reading process is ended and nothing is left.

    Raises IntakeError, one sentence, for what is not a boundary file, is damaged, is refused, or costs more than the limits.
    """
    called = name or Path(path).name
    job = {"layer": layer, "encoding": encoding, "polygons": shapes == "polygons"}
    parts: list[pa.RecordBatch] = []
    made: list[NDArray[np.object_]] = []

    def take(batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        made.append(shapely.from_wkb(batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=False)))
        parts.append(batch.select(list(range(batch.num_columns - 1))))

    answer = _read(Path(path), called, job, take, progress)
    _require_rows(len(made), shapes, called)
    geometry = np.concatenate(made)
    reference = _reference(crs if crs is not None else answer["crs"], given=crs is not None)
    table = pa.Table.from_batches(parts)
    row = table.column(table.num_columns - 1).to_numpy()
    texts, unscrambled = _unscramble(table.select(list(range(table.num_columns - 1))))
    attributes = texts.to_pandas().rename(columns={"geometry": "geometry_1"})
    if unscrambled:
        answer["damage"]["scrambled"] = {"columns": ", ".join(unscrambled)}
    frame = gpd.GeoDataFrame(attributes, geometry=geometry, crs=reference)
    if reference is not None and crs is None and _is_no_place(frame, reference):
        frame = gpd.GeoDataFrame(attributes, geometry=geometry)
        answer["damage"]["metres_as_degrees"] = {"crs": reference.name}
    frame, column, doubled = ids.index(frame, id_column, row, called)
    return Intake(
        frame=frame,
        findings=remarks.findings(answer, frame, row, doubled, asked_layer=layer is not None),
        layers=tuple(one["name"] for one in answer["layers"]),
        crs=frame.crs,
        encoding=answer["encoding"],
        id_column=column,
        layer=answer["layer"],
        encoding_sure=answer["sure"],
        samples=tuple(answer["samples"]),
        readings=answer["readings"],
        kinds=tuple(one["shape"] for one in answer["layers"]),
        rows=answer["rows"],
        seal=tuple(answer["seal"]),
    )


def open_pieces(
    path: str | Path,
    *,
    id_column: str | None = None,
    shapes: Literal["polygons", "any"] = "polygons",
    rows: int = PIECE,
) -> Iterator[Piece]:
    """Read a boundary file as `open_file` does, and give its rows a piece at a time, in the file's order.

    The file is read once; its ids and attributes are held, its shapes are made only when their piece is asked for.
    Raises IntakeError as `open_file` does.
    """
    called = Path(path).name
    with tempfile.TemporaryDirectory(prefix="gridmap-pieces-") as folder:
        kept = _Kept(Path(folder) / "rows.arrow")
        answer = _read(Path(path), called, {"polygons": shapes == "polygons"}, kept.take, None)
        table = kept.table()
    _require_rows(len(table), shapes, called)
    wkb, row = (table.column(table.num_columns - place) for place in (1, 2))
    reference = _reference(answer["crs"], given=False)
    texts, _ = _unscramble(table.select(list(range(table.num_columns - 2))))
    attributes = texts.to_pandas().rename(columns={"geometry": "geometry_1"})
    named, column, _ = ids.index(attributes.assign(geometry=None), id_column, row.to_numpy(), called)
    for first in range(0, len(table), rows):
        shape = shapely.from_wkb(wkb.slice(first, rows).to_numpy(zero_copy_only=False))
        frame = gpd.GeoDataFrame(named.iloc[first : first + rows].drop(columns="geometry"), geometry=shape, crs=reference)
        if reference is not None and _is_no_place(frame, reference):
            frame = gpd.GeoDataFrame(pd.DataFrame(frame.drop(columns="geometry")), geometry=shape)
        yield Piece(frame, column)


class _Kept:
    """Rows that are kept in a file as they come, and mapped from there: what stands in it need not fit into memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pa.RecordBatchFileWriter | None = None

    def take(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            self._writer = pa.ipc.new_file(self._path, batch.schema)
        self._writer.write_batch(batch)

    def table(self) -> pa.Table:
        if self._writer is None:
            return pa.table({})
        self._writer.close()
        return pa.ipc.open_file(pa.memory_map(str(self._path))).read_all()  # the pages stay when the file goes


def _read(
    path: Path,
    called: str,
    job: Mapping[str, object],
    take: Callable[[pa.RecordBatch], None],
    progress: Callable[[str, float], None] | None,
) -> dict[str, Any]:
    """Have a file read in the sealed process: its rows are handed to ``take``, the reader's answer comes back."""
    with sealed.job_folder() as folder:
        bring_in(path, folder, called)
        return sealed.run({"name": called, "layer": None, "encoding": None, **job}, folder, take, progress)


def _require_rows(count: int, shapes: str, called: str) -> None:
    if count:
        return
    if shapes == "any":
        raise IntakeError("{file} has no shape in it.", file=called)
    raise IntakeError(
        "{file} has no area in it that could be a grid; send a layer of areas, and points as a table.", file=called
    )


def bring_in(path: Path, folder: Path, name: str) -> list[Path]:
    """Lay the file, and a loose shapefile's other parts, into the job's folder, and name them. Links are not followed.

    A link in the folder stands for what is only read: the seal opens what it leads to for reading and nothing beside it. What
    a reader may write to is copied.
    """
    try:
        kind = path.lstat().st_mode
    except (OSError, ValueError) as error:
        raise IntakeError("There is no file {file}.", file=name) from error
    if stat.S_ISLNK(kind):
        raise IntakeError("{file} is a link to another file; links are not followed.", file=name)
    if stat.S_ISDIR(kind):
        raise IntakeError("{file} is a folder; name a file in it, or pack it as .zip.", file=name)
    if not stat.S_ISREG(kind):
        raise IntakeError("{file} is not a plain file.", file=name)
    parts = [path]
    if path.suffix.lower() in _PARTS:
        beside = [other for other in path.parent.iterdir() if other.stem == path.stem and other.suffix.lower() in _PARTS]
        parts = [other for other in beside if stat.S_ISREG(other.lstat().st_mode)]
    if sum(part.stat().st_size for part in parts) > limits().file_mb * 1024 * 1024:
        raise IntakeError("{file} is larger than {most} MB.", file=name, most=limits().file_mb)
    for part in parts:
        suffix = _CALLED.get(part.suffix.lower(), "")
        inside = folder / sealed.IN / f"{_plain(path.stem)}{suffix}"
        if suffix == ".shx" or _keeps_log(part):  # it is mended where it is broken, and a log is written beside it
            shutil.copyfile(part, inside, follow_symlinks=False)
        else:
            inside.symlink_to(part.absolute())
    return parts


def _keeps_log(path: Path) -> bool:
    """Say whether a file is an SQLite database that was not closed, or keeps a log beside it."""
    with path.open("rb") as file:
        head = file.read(20)
    return head.startswith(b"SQLite format 3") and (head[18:] == _KEEPS_LOG or path.with_name(f"{path.name}-journal").exists())


def _unscramble(attributes: pa.Table) -> tuple[pa.Table, list[str]]:
    """Give columns of Chinese that was read as Latin letters before it was sent their texts back; name them."""
    found = []
    for place, name in enumerate(attributes.column_names):
        texts = attributes[name]
        if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
            continue
        strange = pc.unique(texts.filter(pc.invert(pc.string_is_ascii(texts))))
        right = [encodings.unscrambled(text) for text in strange.to_pylist()]
        if right and None not in right:
            back = pa.array(right, texts.type).take(pc.index_in(texts, value_set=strange))
            attributes = attributes.set_column(place, name, pc.coalesce(back, texts))
            found.append(name)
    return attributes, found


def _plain(stem: str) -> str:
    """Give a stem the readers take for nothing but a name."""
    return "".join(letter for letter in stem if letter.isalnum() or letter in "-_() ").strip()[:80] or "layer"


def _reference(crs: object, *, given: bool) -> CRS | None:
    if crs is None:
        return None
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        if given:
            raise IntakeError("{crs} is not a coordinate system; give an EPSG code such as 4549.", crs=crs) from error
        return None


def _is_no_place(frame: gpd.GeoDataFrame, crs: CRS) -> bool:
    """Say whether coordinates that are called degrees cannot be, of most rows: metres that took on GeoJSON's default."""
    return bool(crs.is_geographic and np.median(np.abs(shapely.bounds(frame.geometry.to_numpy())).max(axis=1)) > 360)
