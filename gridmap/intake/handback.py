"""Write findings so that they can go back to the department that sent the file: an Excel list, or a GeoPackage with places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from gridmap import terms
from gridmap.errors import IntakeError
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from gridmap.finding import Finding

_COLUMNS = (
    key("No."),
    key("severity"),
    key("what is wrong"),
    key("what to do"),
    key("size"),
    key("unit"),
    key("grids concerned"),
    "x",
    "y",
)
_WIDTHS = (6, 12, 60, 50, 14, 10, 40, 14, 14)
_MOST_IDS = 200


def table(findings: Sequence[Finding], *, language: str | None = None) -> pd.DataFrame:
    """Give findings as a table in one language: number, severity, what, what to do, size, unit, ids, and a point in each place.

    The last two columns are x and y in the findings' own CRS.
    """
    severities = {"error": key("error"), "warning": key("warning"), "note": key("note")}
    rows = []
    for number, one in enumerate(findings, 1):
        point = None if one.place is None or shapely.is_empty(one.place) else shapely.point_on_surface(one.place)
        rows.append(
            (
                number,
                terms.say(severities[one.severity], language=language),
                one.sentence(language),
                one.advice(language),
                None if one.size is None else round(one.size, 2),
                terms.say(one.unit, language=language) if one.unit else "",
                ", ".join(one.ids[:_MOST_IDS]) + " …" * (len(one.ids) > _MOST_IDS),
                *((None, None) if point is None else map(_written, (point.x, point.y))),
            )
        )
    return pd.DataFrame(rows, columns=[terms.say(name, language=language) for name in _COLUMNS])


def _written(coordinate: float) -> float:
    """Give a coordinate to a centimetre, in metres or in degrees."""
    return round(coordinate, 2 if abs(coordinate) > 360 else 7)


def write(findings: Sequence[Finding], path: str | Path, *, crs: CRS | None = None, language: str | None = None) -> Path:
    """Write findings to ``path``: .xlsx a list, .gpkg three layers of places (areas, lines, points) in ``crs``.

    The headings of x and y name its EPSG code. Raises IntakeError for another ending.
    """
    path = Path(path)
    rows = table(findings, language=language)
    if crs is not None and crs.to_epsg():
        rows = rows.rename(columns={axis: f"{axis} (EPSG:{crs.to_epsg()})" for axis in ("x", "y")})
    if path.suffix.lower() == ".xlsx":
        _excel(rows, path, terms.say("Findings", language=language))
    elif path.suffix.lower() == ".gpkg":
        _places(rows, findings, path, crs)
    else:
        raise IntakeError("Findings are written as .xlsx or .gpkg, not as {file}.", file=path.name)
    return path


def _excel(rows: pd.DataFrame, path: Path, title: str) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(rows.columns))
    for row in rows.itertuples(index=False):
        sheet.append([safe(value) for value in row])
    for cell, width in zip(sheet[1], _WIDTHS, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    book.save(path)


def safe(value: object) -> object:
    """Give a cell's value that no spreadsheet takes for a formula and no file format refuses."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, str):
        plain = ILLEGAL_CHARACTERS_RE.sub("", value)
        return "'" + plain if plain.startswith(("=", "+", "-", "@", "\t", "\r")) else plain
    return value


def _places(rows: pd.DataFrame, findings: Sequence[Finding], path: Path, crs: CRS | None) -> None:
    places = np.array([one.place for one in findings], dtype=object)
    kinds = shapely.get_dimensions(places)
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(rows, geometry=places, crs=crs)
    for name, dimension in (("areas", 2), ("lines", 1), ("points", 0)):
        part = frame[kinds == dimension]
        if len(part):
            part.to_file(path, layer=name, driver="GPKG")
    if (kinds < 0).any() or not len(rows):
        frame[kinds < 0].to_file(path, layer="file", driver="GPKG")
