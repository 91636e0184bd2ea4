"""Inside the sealed process: find the layers of a file, read one, sort its rows, and write them for the program outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from pyarrow import feather

from gridmap.errors import IntakeError
from gridmap.intake import archive, drawing, gdal, kinds, parquet, rows, text
from gridmap.intake.content import Layer, Source

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from gridmap.intake.limits import Limits

_BESIDE = {".shx", ".prj", ".cpg", ".dbf", ".sbn", ".sbx", ".qix", ".xml", ".pdf", ".png", ".jpg", ".md", ".docx"}

_SUFFIXES = {
    "gpkg": ".gpkg",
    "flatgeobuf": ".fgb",
    "geojson": ".json",
    "kml": ".kml",
    "shp": ".shp",
    "parquet": "",
    "dxf": "",
    "text": "",
}
"""What each kind of file is called while it is read: some readers go by the name."""

WKB = "__shape__"
"""The column of the written table that holds each row's geometry as WKB."""

_READERS: dict[str, ModuleType] = {
    **dict.fromkeys(("gpkg", "flatgeobuf", "geojson", "kml", "shp"), gdal),
    "parquet": parquet,
    "dxf": drawing,
    "text": text,
}


def do(job: dict[str, Any], folder: Path, limits: Limits) -> dict[str, Any]:
    """Do one job: read a layer of the file in ``folder/in`` into ``folder/out/layer.arrow`` and answer what is known of it.

    job: name (the file's own), layer, encoding, polygons. Raises IntakeError.
    """
    name = str(job["name"])
    layers = _layers(folder, name, job.get("encoding"), limits)
    layer = _chosen(layers, job.get("layer"), name)
    content = _READERS[layer.source.kind].read(layer.source, layer.inner)
    if content.table.num_columns > limits.columns:
        raise IntakeError("{file} has more than {most} columns.", file=name, most=limits.columns)
    if len(content.wkb) > limits.rows:
        raise IntakeError("{file} has more than {most} rows.", file=name, most=limits.rows)
    shapes, table = content.wkb, content.table
    if len(shapes) == 1 and table.num_columns == 0:
        shapes, table = _members(shapes)
    done = rows.sort(shapes, polygons=bool(job.get("polygons", True)), name=name, limits=limits)
    kept = np.flatnonzero(~shapely.is_missing(done.shapes))
    table = table.append_column("__row__", pa.array(np.arange(len(shapes)))).take(pa.array(kept))
    table = table.append_column(WKB, pa.array(shapely.to_wkb(done.shapes[kept]), pa.large_binary()))
    feather.write_feather(table, folder / "out" / "layer.arrow", compression="uncompressed")
    return {
        "layer": layer.name,
        "layers": [{"name": one.name, "shape": one.shape} for one in layers],
        "crs": content.crs,
        "encoding": content.encoding,
        "declared": content.declared,
        "sure": content.sure,
        "samples": content.samples,
        "rows": len(shapes),
        "remarks": {kind: which.tolist() for kind, which in done.remarks.items()},
        "damage": content.remarks or {},
    }


def _layers(folder: Path, name: str, encoding: str | None, limits: Limits) -> list[Layer]:
    """List the layers of every file of the job, archives unpacked."""
    parts = [path for path in sorted((folder / "in").iterdir()) if path.suffix not in {".shx", ".prj", ".cpg"}]
    if len(parts) > 1:  # a loose shapefile: its table lies beside it
        parts = [path for path in parts if path.suffix == ".shp"]
    sources: list[Source] = []
    for part in parts:
        members = [(part, kinds.sniff(part, name))]
        if members[0][1] == "zip":
            unpacked = archive.unpack(part, folder / "work", name=name, limits=limits)
            members = [(member, kind) for member in unpacked if (kind := _member_kind(member, name)) is not None]
        for path, kind in members:
            if kind == "dbf":
                continue
            plain = path.rename(path.with_name(path.name.removesuffix(_SUFFIXES[kind]) + _SUFFIXES[kind]))
            sources.append(Source(plain, kind, name, encoding, limits))
    layers: list[Layer] = []
    for source in sources:
        for inner, shape in _READERS[source.kind].layers(source):
            shown = inner or source.path.stem
            if any(layer.name == shown for layer in layers):
                shown = f"{source.path.stem}/{shown} {len(layers) + 1}"
            layers.append(Layer(shown, source, inner, shape))
            if len(layers) > limits.layers:
                raise IntakeError("{file} has more than {most} layers.", file=name, most=limits.layers)
    if not layers:
        raise IntakeError("{file} holds no boundary file that can be read (a shapefile needs its .shp).", file=name)
    return layers


def _member_kind(member: Path, name: str) -> str | None:
    """Say what an archive's member is, or None for what is only beside a layer (a readme, a style, a shapefile's parts)."""
    if member.suffix in _BESIDE or member.stat().st_size == 0:
        return None
    kind = kinds.sniff(member, name)
    return None if kind == "text" and member.suffix not in {".csv", ".tsv", ".txt"} else kind


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
    ranked = sorted(layers, key=lambda layer: 0 if "Polygon" in layer.shape else 1 if layer.shape in {"", "Unknown"} else 2)
    return ranked[0]


def _members(wkb: np.ndarray) -> tuple[np.ndarray, pa.Table]:
    """Make a bare geometry collection, with nothing said of it, a row a member."""
    whole = shapely.from_wkb(wkb, on_invalid="ignore")
    if shapely.get_type_id(whole)[0] != rows.COLLECTION:
        return wkb, pa.table({"number": ["1"]})
    members = shapely.to_wkb(shapely.get_parts(whole))
    return np.asarray(members, dtype=object), pa.table({"number": [str(place + 1) for place in range(len(members))]})
