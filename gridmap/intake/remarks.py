"""Turn what the sealed process noted about a file into findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridmap.finding import Finding, Severity
from gridmap.terms import key

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_ROWS: dict[str, tuple[Severity, str, str]] = {
    "damaged": (
        "error",
        key("Set aside: {count:# row|# rows} whose shape is damaged."),
        key("Ask the department for the file again."),
    ),
    "no_shape": (
        "warning",
        key("Set aside: {count:# row|# rows} without a shape."),
        key("Ask the department whether grids are missing."),
    ),
    "no_place": (
        "error",
        key("Set aside: {count:# row|# rows} with coordinates that are no place on Earth."),
        key("Ask the department for the file again."),
    ),
    "not_area": (
        "warning",
        key("Set aside: {count:# row|# rows} with points or lines, no areas."),
        "",
    ),
    "flattened": ("note", key("{count:# row|# rows} had heights, which were dropped."), ""),
    "curved": ("note", key("{count:# row|# rows} had arcs, which became short straight lines."), ""),
    "invalid_geom": (
        "warning",
        key("{count:# grid has|# grids have} a border that crosses or touches itself."),
        key("Cleaning repairs it and lists what changed."),
    ),
}

_FILE: dict[str, tuple[Severity, str, str]] = {
    "cut_short": (
        "error",
        key("The .shp ends {missing} bytes before its end; the last rows are lost."),
        key("Ask the department for the file again."),
    ),
    "fewer_rows": (
        "error",
        key("The .dbf has {rows} rows for the {shapes} shapes of the .shp; the last {lost} are lost."),
        key("Ask the department for the file again."),
    ),
    "vertices": ("note", key("{vertices} vertices that the file lists row by row were joined to {areas} areas."), ""),
    "torn_rows": (
        "error",
        key("Set aside: {count:# row|# rows} with more or fewer values than the table has columns."),
        key("Mend these rows and send the file again."),
    ),
    "unread": (
        "warning",
        key("Some files in the archive could not be read: {files}."),
        key("Send them again if they belong to the layer."),
    ),
    "scrambled": (
        "warning",
        key("Chinese in {columns} had been read in a wrong encoding before it was sent; it was given back."),
        key("Look at the names; choose another encoding if they are wrong."),
    ),
    "metres_as_degrees": (
        "error",
        key("The file says {crs}, but its coordinates are too large for degrees; they are metres of another system."),
        key("Name the coordinate system it is really in."),
    ),
}

_LOOK = key("Look at the names; choose another encoding if they are wrong.")
_MOST_IDS = 1000
"""Ids a finding carries; the count is always whole."""


def findings(
    answer: dict[str, Any],
    frame: gpd.GeoDataFrame,
    row: NDArray[np.int64],
    doubled: list[str],
    *,
    asked_layer: bool,
) -> list[Finding]:
    """Give the findings about the file itself.

    answer: of the sealed process; row: the number in the file of each row of the frame; doubled: ids that came more than once.
    """
    found = [_about_rows(kind, rows, frame, row) for kind, rows in answer["remarks"].items() if kind in _ROWS]
    found += [
        Finding(kind, severity, message, values, remedy)
        for kind, values in answer["damage"].items()
        for severity, message, remedy in [_FILE[kind]]
    ]
    if frame.crs is None and "metres_as_degrees" not in answer["damage"]:
        message = key("The file says no coordinate system.")
        remedy = key("Name the coordinate system it is in; nothing is guessed in silence.")
        found.append(Finding("no_crs", "error", message, {}, remedy))
    if doubled:
        count, example = len(doubled), doubled[0]
        message = key("{count} ids stand in more than one row, {example} for one; the others were numbered #2, #3.")
        remedy = key("Join the rows of one grid, or give each its own id.")
        values = {"count": count, "example": example}
        ids = tuple(doubled[:_MOST_IDS])
        found.append(Finding("duplicate_id", "warning", message, values, remedy, size=count, unit="rows", ids=ids))
    if len(answer["layers"]) > 1 and not asked_layer:
        message = key("The file has {count} layers; {layer} was read.")
        found.append(Finding("layers", "note", message, {"count": len(answer["layers"]), "layer": answer["layer"]}))
    return found + _about_text(answer)


def _about_rows(kind: str, rows: list[int], frame: gpd.GeoDataFrame, row: NDArray[np.int64]) -> Finding:
    severity, message, remedy = _ROWS[kind]
    kept = np.isin(row, rows)
    ids = tuple(frame.index[kept][:_MOST_IDS]) if kept.any() else tuple(f"#{number + 1}" for number in rows[:_MOST_IDS])
    return Finding(kind, severity, message, {"count": len(rows)}, remedy, None, float(len(rows)), "rows", ids)


def _about_text(answer: dict[str, Any]) -> list[Finding]:
    told, declared = answer["encoding"], answer["declared"]
    found = []
    if declared and told and declared != told and answer["samples"]:
        message = key("The file says its texts are {declared}, but the bytes are {told}: {sample}.")
        values = {"declared": declared, "told": told, "sample": answer["samples"][0]}
        found.append(Finding("encoding", "warning", message, values, _LOOK))
    elif not answer["sure"]:
        message = key("The texts could be in more than one encoding; {told} reads {sample}.")
        values = {"told": told, "sample": (answer["samples"] or [""])[0]}
        found.append(Finding("encoding", "warning", message, values, _LOOK))
    return found
