"""Divides a merge into streets: sets of nest units that are merged apart from each other, each from what lies near it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap import codes
from gridmap.merge import arcs, edits
from gridmap.merge.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gridmap.merge.inputs import Inputs

    Floats = NDArray[np.float64]

MARGIN_M = 100.0
"""Metres around a street within which its layers are looked at."""

UNITS = 12
"""Nest units without official codes that are merged together at most: fewer cost more in borders done twice."""


@dataclass(frozen=True, kw_only=True)
class Near:
    """All that one street can need, chosen by boxes alone.

    inputs: the rows of each frame whose box meets the street's; its nest holds the street's own units and those next door.
    own: ids of the street's own units. earlier: boxes of streets before this one that meet its box: a point in no unit is the
    first one's to report. touching: numbers of the other streets whose boxes meet this one's; sharing: those and all that rows
    of the layers here may also lie in.
    """

    inputs: Inputs
    own: pd.Index
    earlier: Floats
    touching: tuple[int, ...]
    sharing: tuple[int, ...]


class Source(Protocol):
    """Where a merge's inputs come from, by street: held in memory, or on disk."""

    names: tuple[str, ...]
    """The streets in the order they are numbered."""

    boxes: Floats
    """The box of each street's units: west, south, east, north."""

    layers: tuple[str, ...]
    """The keys of the layers."""

    pinned: tuple[str, ...]
    """The names of the pins."""

    def near(self, number: int) -> Near:
        """Give what lies near a street."""

    def loose(self) -> gpd.GeoDataFrame | None:
        """Give the incidents that lie in no street's box; None where none were given."""


@dataclass
class Divided:
    """The inputs of a merge that are held in memory, by street."""

    inputs: Inputs

    def __post_init__(self) -> None:
        """Find the streets."""
        nest = self.inputs.nest
        self._of = street_of(nest.index, shapely.get_coordinates(shapely.centroid(nest.geometry.to_numpy())))
        self.names, self.boxes = boxes_of(self._of, nest.bounds.to_numpy())
        self.layers = tuple(self.inputs.layers)
        self.pinned = () if self.inputs.pins is None else tuple(self.inputs.pins.index)

    def near(self, number: int) -> Near:
        """Give what lies near a street."""
        box = self.boxes[number]
        inputs = self.inputs
        layers = {name: within(frame, box) for name, frame in inputs.layers.items()}
        others = {
            name: within(frame, box)
            for name, frame in inputs.frames().items()
            if name not in inputs.layers and name not in {"nest", "around"}
        }
        nest = within(inputs.nest, reach(box, layers.values()))
        own = inputs.nest.index[self._of == self.names[number]]
        return near(replace(inputs, nest=nest, layers=layers, **others), own, self.boxes, number)

    def loose(self) -> gpd.GeoDataFrame | None:
        """Give the incidents that lie in no street's box; None where none were given."""
        points = self.inputs.points
        return None if points is None else points[~in_a_box(points, self.boxes)]


def near(inputs: Inputs, own: pd.Index, boxes: Floats, number: int) -> Near:
    """Put together what lies near street ``number``, once its rows are found."""
    rows = np.concatenate([boxes[number : number + 1], *(frame.bounds.to_numpy() for frame in inputs.layers.values())])
    streets = shapely.STRtree(rectangles(boxes))
    sharing = np.unique(streets.query(rectangles(rows[np.isfinite(rows).all(axis=1)]))[1])
    touching = np.sort(streets.query(shapely.box(*boxes[number])))
    return Near(
        inputs=inputs,
        own=own,
        earlier=boxes[touching[touching < number]],
        touching=tuple(touching[touching != number].tolist()),
        sharing=tuple(sharing[sharing != number].tolist()),
    )


def reach(box: Floats, layers: Iterable[gpd.GeoDataFrame]) -> Floats:
    """Give the box of a street and of all rows of layers near it: how far off nest units matter to it."""
    bounds = np.array([box, *(frame.total_bounds for frame in layers if len(frame))])
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def within(frame: gpd.GeoDataFrame, box: Floats) -> gpd.GeoDataFrame:
    """Give the rows whose box meets ``box``, in their order."""
    return frame.iloc[np.sort(frame.sindex.query(shapely.box(*box)))]


def rectangles(boxes: Floats) -> NDArray[np.object_]:
    """Give boxes (n, 4) as polygons."""
    return np.asarray(shapely.box(*boxes.T), dtype=object)


def in_a_box(points: gpd.GeoDataFrame, boxes: Floats) -> NDArray[np.bool_]:
    """Say which points lie in one of the boxes."""
    inside = np.zeros(len(points), bool)
    inside[shapely.STRtree(rectangles(boxes)).query(points.geometry.to_numpy())[0]] = True
    return inside


def boxes_of(street: NDArray[np.object_], bounds: Floats) -> tuple[tuple[str, ...], Floats]:
    """Give the streets' names in order, and the box of each; bounds: the box of each nest unit."""
    names, of = np.unique(street.astype(str), return_inverse=True)
    boxes = np.tile([np.inf, np.inf, -np.inf, -np.inf], (len(names), 1))
    for side in (0, 1):
        np.minimum.at(boxes[:, side], of, bounds[:, side])
        np.maximum.at(boxes[:, side + 2], of, bounds[:, side + 2])
    return tuple(names.tolist()), boxes


def street_of(ids: pd.Index, middle: Floats) -> NDArray[np.object_]:
    """Give the street of each nest unit: the first 9 digits of its 12-digit community code.

    Where ids are no such codes, units are halved by where their ``middle`` lies (at the median along the longer side) until at
    most UNITS are together. The street does not depend on the order of rows.
    """
    text = ids.astype(str)
    if text.str.fullmatch(r"[0-9]{12}").all():
        return text.str[: codes.STREET].to_numpy(dtype=object)
    found = np.full(len(ids), "", dtype=object)
    _halve(found, middle, np.argsort(text.to_numpy(), kind="stable"), "")
    return found


def _halve(found: NDArray[np.object_], middle: Floats, units: NDArray[np.intp], name: str) -> None:
    if len(units) <= UNITS:
        found[units] = name or "0"
        return
    axis = int(np.argmax(np.ptp(middle[units], axis=0)))
    order = units[np.argsort(middle[units, axis], kind="stable")]
    _halve(found, middle, order[: len(order) // 2], name + "0")
    _halve(found, middle, order[len(order) // 2 :], name + "1")


@dataclass(frozen=True, kw_only=True)
class Own:
    """One street's own inputs; the edits that mended its nest units; incidents that lie in no unit and are its to report."""

    inputs: Inputs
    edits: gpd.GeoDataFrame
    outside: gpd.GeoDataFrame | None


def own(near: Near) -> Own:
    """Choose a street's own inputs from what lies near it: its nest units, mended, and whatever meets them.

    Points go to one street only: on a border, to the street of the nest unit with the smallest id. Rows keep their order, so
    that the result does not depend on where a street is computed.
    """
    inputs = near.inputs
    mine = inputs.nest.index.isin(near.own)
    box = inputs.nest[mine].total_bounds
    close = np.zeros(len(inputs.nest), bool)
    close[inputs.nest.sindex.query(shapely.box(*box))] = True
    mended, changes = _mended(inputs.nest[close])
    nest = mended[mended.index.isin(near.own)]
    beyond = inputs.nest[~close]
    beyond = beyond.set_geometry(gpd.GeoSeries(shapely.make_valid(beyond.geometry.to_numpy()), beyond.index, crs=beyond.crs))
    around = pd.concat([mended[~mended.index.isin(near.own)], beyond])
    ground = shapely.union_all(nest.geometry.to_numpy())
    shapely.prepare(ground)
    here = {}
    outside = None
    for name, frame in inputs.frames().items():
        if name in inputs.layers or name in {"nest", "around"}:
            continue
        if name in {"weights", "points"} and (shapely.get_dimensions(frame.geometry.to_numpy()) == 0).all():
            home = _unit_of_points(frame, mended)
            here[name] = frame[nest.index.get_indexer(pd.Index(home, dtype=object)) >= 0]
            if name == "points":
                lost = frame[pd.isna(home)]
                outside = lost[~in_a_box(lost, near.earlier)] if len(near.earlier) else lost
        else:
            here[name] = meeting(frame, ground)
    layers = {name: meeting(frame, ground) for name, frame in inputs.layers.items()}
    chosen = replace(inputs, nest=nest, layers=layers, around=around, **here)
    return Own(inputs=chosen, edits=changes[changes["id"].isin(near.own)], outside=outside)


def _mended(nest: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give nest units as a coverage on the noding's grid, and the edits that made it one: none where nothing was wrong."""
    shapes = nest.geometry.to_numpy()
    polygons = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if polygons.all() and shapely.is_valid(shapes).all():
        shapes = shapely.transform(shapes, lambda xy: np.floor(xy * arcs.UNITS + 0.5) / arcs.UNITS)
        if shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes):
            return nest.set_geometry(gpd.GeoSeries(shapes, nest.index, crs=nest.crs)), edits.nothing(nest.crs)
    mended = clean(nest)
    return mended.layer, mended.edits


def meeting(frame: gpd.GeoDataFrame, ground: BaseGeometry) -> gpd.GeoDataFrame:
    """Give the rows whose shape meets ``ground``, in their order; invalid shapes are judged by what they repair to."""
    frame = within(frame, np.array(ground.bounds))
    shapes = frame.geometry.to_numpy().copy()
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    return frame[shapely.intersects(ground, shapes)]


def clipped(frame: gpd.GeoDataFrame, nest: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the frame's shapes without what lies MARGIN_M and farther from the nest's box.

    A district-wide grid then costs a street only what it has there. Invalid shapes stay whole, so that their faults are seen.
    """
    west, south, east, north = nest.total_bounds
    shapes = frame.geometry.to_numpy()
    inside = shapely.clip_by_rect(shapes, west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    areas = shapely.is_valid(shapes) & (shapely.get_dimensions(inside) == 2)
    areas &= np.isin(shapely.get_type_id(inside), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    areas &= shapely.is_valid(inside)
    return frame.set_geometry(np.where(areas, inside, shapes), crs=frame.crs)


def _unit_of_points(frame: gpd.GeoDataFrame, nest: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give the nest id of each point, None outside: on a border the smallest."""
    order = np.argsort(nest.index.astype(str).to_numpy(), kind="stable")
    shapes = nest.geometry.to_numpy()[order]
    found = np.full(len(frame), len(order), dtype=np.intp)
    point, unit = shapely.STRtree(shapes).query(frame.geometry.to_numpy(), predicate="intersects")
    np.minimum.at(found, point, unit)
    ids = np.full(len(order) + 1, None, dtype=object)
    ids[:-1] = nest.index.to_numpy(dtype=object)[order]
    named: NDArray[np.object_] = ids[found]
    return named
