"""What a merge is given: one coordinate system, one id a row, and a sentence for whatever cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from gridmap import crs as systems
from gridmap.errors import GridmapError, InputError, MergeError
from gridmap.merge.crosswalk import NOT_LAYERS
from gridmap.merge.objective import Objective
from gridmap.merge.slivers import SLIVER_M2
from gridmap.merge.whole import TIME_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd


OPTION = {"along": "--cut-along"}
"""What the command line calls a frame, where that is not its own name."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to merge, the same for every street.

    norm: households low, high of a grid, or m² without households. weight_column: where the weights' frame has its
    households. objective: what a plan costs. seed: for the search. sliver_m2: a face smaller than this joins a neighbour.
    time_limit_s: what the proof of one nest unit may take on an ordinary machine; it is counted in branches, not by the
    clock, so that the same limit gives the same plan and the same bounds everywhere. priority: who keeps ground that several
    grids of one layer claim, the first most: names in its column ``department``, or grid ids where it has none.
    """

    norm: tuple[float, float] | None = None
    weight_column: str | None = None
    objective: Objective = field(default_factory=Objective)
    seed: int = 0
    sliver_m2: float = SLIVER_M2
    time_limit_s: float = TIME_LIMIT_S
    priority: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a norm that no grid can meet."""
        for name in ("sliver_m2", "time_limit_s"):
            value = getattr(self, name)
            if not np.isfinite(value) or value < 0:
                raise InputError("The setting {name} must be a number of at least 0, not {value}.", name=name, value=value)
        if self.norm is None:
            return
        low, high = self.norm
        if not (np.isfinite(low) and np.isfinite(high) and 0 <= low <= high and high > 0):
            raise InputError(
                "The norm {low}:{high} is no range; give the smaller number first, e.g. 300:500.", low=low, high=high
            )


def options(told: Mapping[str, Any], **given: Any) -> Options:  # noqa: ANN401 -- the options' own types
    """Give options with what the district's settings say (``told``: names of Objective's and of Options' settings)."""
    weighing = {item.name for item in fields(Objective)}
    objective = Objective(**{name: value for name, value in told.items() if name in weighing})
    rest = {name: value for name, value in told.items() if name not in weighing}
    return Options(objective=objective, **rest, **given)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The frames of a merge (or of one street of it), all in one metric CRS.

    nest: index = nest id. layers: by key, index = old id. weights: points or polygons with a column of households. units:
    compounds or buildings that are never cut, index = unit id. along: borders that an atom above the norm may be cut by.
    barriers: lines (or outlines of areas) that a grid should not cross, with a ``weight`` each if wanted: how many times its
    length one costs inside a grid. points: incidents to count. previous: the plan before, whose codes stay.
    pins: places with the name of their grid, a row a name (pinning.by_name).
    around: of one street, the nest units next door, so that what goes on there does not pass for outside.
    """

    nest: gpd.GeoDataFrame
    layers: Mapping[str, gpd.GeoDataFrame]
    weights: gpd.GeoDataFrame | None = None
    units: gpd.GeoDataFrame | None = None
    along: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    points: gpd.GeoDataFrame | None = None
    previous: gpd.GeoDataFrame | None = None
    pins: gpd.GeoDataFrame | None = None
    around: gpd.GeoDataFrame | None = None

    def frames(self) -> dict[str, gpd.GeoDataFrame]:
        """Give every frame there is, by the name a person knows it by."""
        others = ("weights", "units", "along", "barriers", "points", "previous", "pins")
        named = {name: getattr(self, name) for name in others}
        return {"nest": self.nest, **self.layers} | {name: frame for name, frame in named.items() if frame is not None}


def common_crs(nest: gpd.GeoDataFrame, *, crs: int | str | None = None) -> CRS:
    """Choose the metric CRS a merge is computed in.

    The one asked for; else the nest's own, if it is in metres; else the CGCS2000 3-degree zone of the nest's middle (dossier
    §2.11). Raises InputError when that lies outside China, or when what was asked for is unknown or not in metres.
    """
    if crs is not None:
        try:
            asked = CRS.from_user_input(crs)
        except Exception as error:  # pyproj raises several kinds for the many ways a CRS can be wrong
            raise InputError("The coordinate system {crs} is unknown; give an EPSG number, e.g. 4549.", crs=crs) from error
        if not systems.is_metric(asked):
            raise InputError("The coordinate system {crs} is not in metres; a merge measures metres and m².", crs=crs)
        return asked
    own = systems.require(nest, "nest")
    if systems.is_metric(own):
        return own
    west, south, east, north = nest.total_bounds
    to_degrees = Transformer.from_crs(own, 4490, always_xy=True)
    longitude, _ = to_degrees.transform((west + east) / 2, (south + north) / 2)
    try:
        return CRS.from_epsg(systems.zone(round(float(longitude), 6)))
    except GridmapError as error:
        raise InputError("The nest is not in metres and not in China; name a metric coordinate system with --crs.") from error


def project(frame: gpd.GeoDataFrame, crs: CRS, name: str) -> gpd.GeoDataFrame:
    """Give the frame in ``crs``, without rows that have no shape. Raises InputError when it says no CRS of its own."""
    own = systems.require(frame, name)
    shaped = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    projected = shaped if own == crs else shaped.to_crs(crs)
    if not np.isfinite(projected.total_bounds).all():
        raise InputError(
            "The layer {layer} does not lie where its coordinate system says; it cannot be put into metres.", layer=name
        )
    return projected


def require_usable(inputs: Inputs, options: Options) -> None:
    """Raise the one sentence a person needs when the inputs cannot be merged: MergeError or InputError."""
    if not inputs.layers:
        raise InputError("Give at least one layer to merge.")
    own = systems.require(inputs.nest, "nest")
    for name, frame in inputs.frames().items():
        if len(frame) == 0 and name in inputs.layers:
            raise MergeError("The layer {layer} has no grids.", layer=name)
        if len(frame) == 0:
            raise MergeError("The file given with {option} has no rows.", option=OPTION.get(name, f"--{name}"))
        require_metric(frame, name, own)
    for name, frame in [("nest", inputs.nest), *inputs.layers.items()]:
        require_areas(name, frame)
        if not frame.index.is_unique:
            raise MergeError("The layer {layer} has an id more than once.", layer=name)
    home = shapely.box(*inputs.nest.total_bounds)
    for name, frame in inputs.layers.items():
        if not shapely.intersects(home, shapely.box(*frame.total_bounds)):
            raise MergeError("The nest does not overlap the layer {layer}; compare their coordinate systems.", layer=name)
    if inputs.weights is not None:
        require_households(inputs.weights, options.weight_column)
    require_told("barriers", inputs.barriers)
    require_told("previous", inputs.previous)


def require_metric(frame: gpd.GeoDataFrame, name: str, crs: CRS | None) -> CRS:
    """Give a frame's CRS; raise MergeError or InputError where it is not in metres or not ``crs``."""
    theirs = systems.require(frame, name)
    if (crs is not None and theirs != crs) or not systems.is_metric(theirs):
        raise MergeError("The layer {layer} is not in the common metric coordinate system.", layer=name)
    return theirs


def require_areas(name: str, frame: gpd.GeoDataFrame) -> None:
    """Raise where the rows are not areas, or the name cannot be a layer's."""
    if name in NOT_LAYERS or not name:
        raise InputError("A layer cannot be called {layer}; that name has a meaning of its own.", layer=name)
    if not (shapely.get_dimensions(frame.geometry.to_numpy()) == 2).all():
        raise MergeError("The layer {layer} has shapes that are not areas.", layer=name)


def require_households(weights: gpd.GeoDataFrame, column: str | None) -> None:
    """Raise InputError where the weights have no such column of numbers of at least 0."""
    if column is None or column not in weights.columns:
        known = ", ".join(str(c) for c in weights.columns if c != weights.geometry.name)
        raise InputError("The weights have no column {column}; they have: {known}.", column=column, known=known)
    numbers = pd.to_numeric(weights[column], errors="coerce")
    if not np.isfinite(numbers.fillna(0)).all() or (numbers.fillna(0) < 0).any() or numbers.isna().all():
        raise InputError("The column {column} of the weights must hold numbers of at least 0.", column=column)


def require_told(name: str, frame: gpd.GeoDataFrame | None) -> None:
    """Raise InputError where barriers have weights that are no numbers of at least 0, or a plan before lacks its columns."""
    if frame is None:
        return
    if name == "previous" and not {"grid_code", "nest_id"} <= set(frame.columns):
        raise InputError("The plan before needs the columns grid_code and nest_id; give the grids.parquet of that merge.")
    if name == "barriers" and "weight" in frame.columns:
        given = frame["weight"].dropna()
        numbers = pd.to_numeric(given, errors="coerce")
        if not np.isfinite(numbers).all() or (numbers < 0).any():
            raise InputError("The column weight of the barriers must hold numbers of at least 0.")
