"""Divides a merge into streets: sets of nest units that are merged apart from each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gridmap import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gridmap.merge.inputs import Inputs


MARGIN_M = 100.0
"""Metres around a street within which its layers are looked at."""

UNITS = 12
"""Nest units without official codes that are merged together at most: fewer cost more in borders done twice."""


def street_of(nest: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give the street of each nest unit: the first 9 digits of its 12-digit community code.

    Where ids are no such codes, units are halved by where they lie (at the median along the longer side) until at most
    UNITS are together. The street does not depend on the order of rows.
    """
    text = nest.index.astype(str)
    if text.str.fullmatch(r"[0-9]{12}").all():
        return text.str[: codes.STREET].to_numpy(dtype=object)
    middle = shapely.get_coordinates(shapely.centroid(nest.geometry.to_numpy()))
    found = np.full(len(nest), "", dtype=object)
    _halve(found, middle, np.argsort(text.to_numpy(), kind="stable"), "")
    return found


def _halve(found: NDArray[np.object_], middle: NDArray[np.float64], units: NDArray[np.intp], name: str) -> None:
    if len(units) <= UNITS:
        found[units] = name or "0"
        return
    axis = int(np.argmax(np.ptp(middle[units], axis=0)))
    order = units[np.argsort(middle[units, axis], kind="stable")]
    _halve(found, middle, order[: len(order) // 2], name + "0")
    _halve(found, middle, order[len(order) // 2 :], name + "1")


def divide(inputs: Inputs) -> Iterator[tuple[str, Inputs]]:
    """Give every street's own inputs, streets in the order of their names.

    A street gets its nest units and whatever meets them. Points go to one street only: on a border, to the street of the
    nest unit with the smallest id. Rows keep their order, so that the result does not depend on where a street is computed.
    """
    names = street_of(inputs.nest)
    home = {name: _unit_of_points(frame, inputs.nest) for name, frame in _points(inputs).items()}
    for street in sorted(set(names)):
        mine = np.asarray(names == street)
        nest = inputs.nest[mine]
        ground = shapely.union_all(nest.geometry.to_numpy())
        shapely.prepare(ground)
        here = {
            name: frame[nest.index.get_indexer(pd.Index(home[name])) >= 0] if name in home else meeting(frame, ground)
            for name, frame in inputs.frames().items()
            if name not in inputs.layers and name not in {"nest", "around"}
        }
        layers = {name: meeting(frame, ground) for name, frame in inputs.layers.items()}
        reach = shapely.box(*shapely.total_bounds(np.concatenate([frame.geometry.to_numpy() for frame in layers.values()])))
        around = meeting(inputs.nest[~mine], reach)
        yield street, replace(inputs, nest=nest, layers=layers, around=around, **here)


def meeting(frame: gpd.GeoDataFrame, ground: BaseGeometry) -> gpd.GeoDataFrame:
    """Give the rows whose shape meets ``ground``, in their order; invalid shapes are judged by what they repair to."""
    at = np.sort(frame.sindex.query(shapely.box(*ground.bounds)))
    near = frame.iloc[at]
    shapes = near.geometry.to_numpy()
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    return near[shapely.intersects(ground, shapes)]


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


def _points(inputs: Inputs) -> dict[str, gpd.GeoDataFrame]:
    given = {"weights": inputs.weights, "points": inputs.points}
    return {
        name: frame
        for name, frame in given.items()
        if frame is not None and (shapely.get_dimensions(frame.geometry.to_numpy()) == 0).all()
    }


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
