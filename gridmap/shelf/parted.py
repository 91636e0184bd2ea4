"""The inputs of a merge on disk, split by street: no more is read at once than one street needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridmap.errors import InputError, MergeError
from gridmap.merge import inputs as rules
from gridmap.merge import streets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

WKB, NAME = "__shape__", "__name__"
"""Columns that hold a row's geometry and its index."""

CHUNK = 100_000
"""Rows written to one file at most."""


class Parted:
    """The inputs of a merge by street (a `merge.streets.Source`), in files of a folder.

    Every frame comes in pieces, in one metric CRS, and is written in files whose rows are sorted by the streets whose box they
    meet, once for each; for every file it is known where a street's rows stand. Raises MergeError or InputError as
    `merge.run` does.
    """

    def __init__(self, folder: Path, nest: Iterable[gpd.GeoDataFrame], options: rules.Options) -> None:
        """Begin with the nest: which street each unit belongs to is known when all units are."""
        self._folder, self._options = folder, options
        self._files: dict[str, list[tuple[Path, Ints, Ints]]] = {}
        self._hashes: dict[str, list[NDArray[np.uint64]]] = {}
        self._empty: dict[str, gpd.GeoDataFrame] = {}
        self._loose: list[gpd.GeoDataFrame] | None = None
        self.layers: tuple[str, ...] = ()
        self.pinned: tuple[str, ...] = ()
        raw: list[Path] = []
        ids: list[pd.Index] = []
        middle: list[Floats] = []
        bounds: list[Floats] = []
        for frame in nest:
            self._require("nest", frame)
            for piece in _pieces(frame):
                raw.append(self._write("raw", len(raw), piece))
                ids.append(piece.index)
                middle.append(shapely.get_coordinates(shapely.centroid(piece.geometry.to_numpy())))
                bounds.append(piece.bounds.to_numpy())
        if not raw:
            raise InputError("The file given with {option} has no rows.", option="--nest")
        of = streets.street_of(ids[0].append(ids[1:]), np.concatenate(middle))
        self.names, self.boxes = streets.boxes_of(of, np.concatenate(bounds))
        self._bounds = np.concatenate([self.boxes[:, :2].min(axis=0), self.boxes[:, 2:].max(axis=0)])
        self._tree = shapely.STRtree(streets.rectangles(self.boxes))
        number = np.searchsorted(np.array(self.names), of.astype(str))
        first = 0
        for path, rows in zip(raw, ids, strict=True):
            self._sorted("nest", _read(path, 0, len(rows), self._crs), np.arange(len(rows)), number[first : first + len(rows)])
            first += len(rows)
            path.unlink()
        self._unique("nest")

    def put(self, name: str, frames: Iterable[gpd.GeoDataFrame], *, layer: bool = False) -> None:
        """Take in a frame of `merge.Inputs`, or a layer of that key, in pieces."""
        known = len(self._files.get(name, ()))
        if layer:
            self.layers = (*self.layers, name)
        if name == "points":
            self._loose = []
        meets = False
        for frame in frames:
            self._require(name, frame, layer=layer)
            if name == "pins":
                self.pinned = (*self.pinned, *frame.index)
            for piece in _pieces(frame):
                row, street = self._tree.query(piece.geometry.to_numpy())
                west, south, east, north = piece.total_bounds
                meets |= bool(
                    (np.array([west, south]) <= self._bounds[2:]).all() and (np.array([east, north]) >= self._bounds[:2]).all()
                )
                self._sorted(name, piece, row, street)
                if self._loose is not None and name == "points":
                    self._loose.append(piece[~np.isin(np.arange(len(piece)), row)])
        if len(self._files.get(name, ())) == known:
            if layer:
                raise MergeError("The layer {layer} has no grids.", layer=name)
            raise MergeError("The file given with {option} has no rows.", option=rules.OPTION.get(name, f"--{name}"))
        if layer and not meets:
            raise MergeError("The nest does not overlap the layer {layer}; compare their coordinate systems.", layer=name)
        if layer:
            self._unique(name)

    def near(self, number: int) -> streets.Near:
        """Give what lies near a street."""
        box = self.boxes[number]
        layers = {name: self._of(name, number) for name in self.layers}
        others: dict[str, Any] = {name: self._of(name, number) for name in self._files if name not in {"nest", *self.layers}}
        close = np.sort(self._tree.query(shapely.box(*streets.reach(box, layers.values()))))
        units = pd.concat([self._of("nest", int(other)) for other in close])
        nest = streets.within(units, streets.reach(box, layers.values()))
        own = self._of("nest", number).index
        return streets.near(rules.Inputs(nest=nest, layers=layers, **others), own, self.boxes, number)

    def loose(self) -> gpd.GeoDataFrame | None:
        """Give the incidents that lie in no street's box; None where none were given."""
        if self._loose is None:
            return None
        loose: gpd.GeoDataFrame = pd.concat(self._loose)
        return loose

    def _require(self, name: str, frame: gpd.GeoDataFrame, *, layer: bool = False) -> None:
        if name == "nest" and not self._files:
            self._crs = rules.require_metric(frame, name, None)
        else:
            rules.require_metric(frame, name, self._crs)
        if layer or name == "nest":
            rules.require_areas(name, frame)
        if name == "weights":
            rules.require_households(frame, self._options.weight_column)
        rules.require_told(name, frame)

    def _sorted(self, name: str, piece: gpd.GeoDataFrame, row: NDArray[np.intp], street: NDArray[np.intp]) -> None:
        """Write the given rows of a piece, each for a street, sorted by street."""
        if name not in self._empty:
            self._empty[name] = piece.iloc[:0]
        if name in {"nest", *self.layers}:
            self._hashes.setdefault(name, []).append(pd.util.hash_array(piece.index.to_numpy(dtype=object)))
        order = np.lexsort((row, street))
        row, street = row[order], street[order]
        files = self._files.setdefault(name, [])
        path = self._write(f"{len(self._empty)}-{len(files)}", 0, piece.iloc[row])
        there, first = np.unique(street, return_index=True)
        files.append((path, there, np.append(first, len(street))))

    def _write(self, name: str, number: int, piece: gpd.GeoDataFrame) -> Path:
        columns = {
            column: pa.array(piece[column], from_pandas=True) for column in piece.columns if column != piece.geometry.name
        }
        columns[NAME] = pa.array(piece.index.astype(str), pa.large_string())
        columns[WKB] = pa.array(shapely.to_wkb(piece.geometry.to_numpy()), pa.large_binary())
        table = pa.table(columns)
        path = self._folder / f"{name}-{number}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        return path

    def _of(self, name: str, street: int) -> gpd.GeoDataFrame:
        """Give the rows of a frame that were written for a street, in their order."""
        found = []
        for path, there, first in self._files[name]:
            at = np.searchsorted(there, street)
            if at < len(there) and there[at] == street:
                found.append(_read(path, int(first[at]), int(first[at + 1]), self._crs))
        rows: gpd.GeoDataFrame = pd.concat(found) if found else self._empty[name]
        return rows

    def _unique(self, name: str) -> None:
        hashes = np.concatenate(self._hashes.pop(name))
        if len(np.unique(hashes)) < len(hashes):
            raise MergeError("The layer {layer} has an id more than once.", layer=name)


def _pieces(frame: gpd.GeoDataFrame) -> Iterable[gpd.GeoDataFrame]:
    return (frame.iloc[first : first + CHUNK] for first in range(0, len(frame), CHUNK))


def _read(path: Path, first: int, last: int, crs: CRS) -> gpd.GeoDataFrame:
    """Read some rows of a file and nothing else of it."""
    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all().slice(first, last - first)
        shapes = shapely.from_wkb(table[WKB].to_numpy(zero_copy_only=False))
        index = pd.Index(table[NAME].to_pandas(), dtype="str")
        attributes = {name: table[name].to_pandas().set_axis(index) for name in table.column_names if name not in {WKB, NAME}}
    return gpd.GeoDataFrame(attributes, index=index, geometry=shapes, crs=crs)
