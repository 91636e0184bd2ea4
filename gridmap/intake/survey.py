"""Look a read file over as a whole: what was noted while reading, how its coordinate system fits, every fault of the layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmap import crs as systems
from gridmap.errors import InputError
from gridmap.finding import Finding
from gridmap.intake import detect, faults
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from gridmap.intake.drawn import Tolerances
    from gridmap.intake.opening import Intake

_BETTER = 0.1
"""How much more of a layer must fit (share following borders + share inside) before another system is named."""


def survey(
    opened: Intake,
    *,
    near: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    compounds: gpd.GeoDataFrame | None = None,
    tolerances: Tolerances | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> list[Finding]:
    """Give all findings about a file that was read, the file's own first.

    near: the communities, index = code, in any CRS; roads: lines that borders may follow; compounds: not to be cut. A layer
    without a coordinate system is not looked at further: where it lies is not known; what it could be, by its fit, is said.
    """
    found = list(opened.findings)
    if near is not None:
        found += _fit(opened.frame, near, roads)
    if opened.crs is None:
        return found
    try:
        more = faults.find_faults(opened.frame, near=near, compounds=compounds, tolerances=tolerances, progress=progress)
    except InputError as error:
        return [
            *found,
            Finding("wrong_crs", "error", error.message, error.values, key("Name the coordinate system it is really in.")),
        ]
    return [one for one in found if one.kind != "invalid_geom"] + more  # rings are said grid by grid there


def _fit(frame: gpd.GeoDataFrame, near: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None) -> list[Finding]:
    """Say which other reading of the coordinates fits the district clearly better than the file's own."""
    if frame.crs is not None and frame.crs.to_epsg() is None:
        frame = frame.to_crs(systems.STORED)  # a city's own system: it is held to the district by where it puts the layer
    proposals = detect.propose(frame, near=near, roads=roads)
    if not proposals:
        message = key("In no known coordinate system does the layer lie on the district.")
        return [Finding("crs_fit", "error", message, {}, key("Ask the department which coordinate system it used."))]
    best = proposals[0]
    own = next((one for one in proposals if frame.crs is not None and one == _as_read(one, frame)), None)
    if own is not None and _score(best) < _score(own) + _BETTER:
        return []
    values = {
        "system": best.name,
        "follows": f"{best.follows or 0:.0%}",
        "shift": f"{best.shift_m or 0:.0f}",
        "own": "" if own is None else f"{own.follows or 0:.0%}",
    }
    remedy = key("Confirm the coordinate system; nothing is changed until then.")
    if own is None:
        message = key("It fits best as {system}: {follows} of its borders then follow the district's borders and roads.")
    else:
        message = key(
            "It fits best as {system}: {follows} of it follow the district's borders and roads, {own} as the file says."
        )
    return [Finding("crs_fit", "warning", message, values, remedy, size=best.shift_m, unit="m")]


def _as_read(one: detect.Proposal, frame: gpd.GeoDataFrame) -> detect.Proposal | None:
    """Give the proposal itself if it is how the file was read."""
    code = None if frame.crs is None else frame.crs.to_epsg()
    return (
        one if not one.swapped and one.shifted is None and code in {one.code, 4326 if one.code == 4490 else one.code} else None
    )


def _score(one: detect.Proposal) -> float:
    return (one.follows or 0) + (one.inside or 0)
