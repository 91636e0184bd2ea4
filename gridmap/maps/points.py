"""Points on the map: service centres by size and rule, party branches as stars, small numbers of incidents as dots."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import shapely

from gridmap import crs, terms
from gridmap.errors import MapError
from gridmap.maps import held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gridmap.maps.scales import Theme
import pandas as pd

SHAPES = ("circle", "star", "square", "diamond", "triangle")


@dataclass(frozen=True)
class Sign:
    """How one kind of point looks and what the legend says of it. size: radius in pixels where points have none."""

    text: str
    colour: str
    shape: str = "circle"
    size: float = 6
    hollow: bool = False


RAMP = {
    "light": ((0.0, "#f6f6f300"), (0.15, "#f3cf93"), (0.4, "#e08b36"), (0.7, "#a63c1e"), (1.0, "#4f0f1c")),
    "dark": ((0.0, "#17222a00"), (0.15, "#4a2f16"), (0.4, "#b06a24"), (0.7, "#f0ad5a"), (1.0, "#fff3d6")),
}
"""Colours of density by how much of the top lies there, as the browser has them too (static/density.js)."""

_STEPS = (terms.key("Density: low"), terms.key("Density: medium"), terms.key("Density: high"), terms.key("Density: highest"))


@dataclass(frozen=True)
class Density:
    """Places added up to a density: where they are, and the legend's rows (its colours say more and less, not how many)."""

    url: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class PointLayer:
    """Points the browser fetches once. key: what a click reports. rows: their lines in the legend."""

    url: str
    key: str
    rows: tuple[Mapping[str, Any], ...] = field(default=())


def point_layer(
    frame: gpd.GeoDataFrame, signs: Mapping[str, Sign], *, key: str, sign: str = "sign", name: str = "name_zh",
    ident: str | None = None, size: str | None = None, lines: Sequence[str] = (),
) -> PointLayer:  # fmt: skip
    """Hold points for the browser and give the layer that shows them.

    frame: one point a row, any CRS. signs: how each value of the column ``sign`` looks, in legend order. name: the column
    with what the card says first; lines: columns with further lines of it, as text. ident: the id a click reports (else the
    index). size: a column with the radius in pixels. Raises MapError for a sign of no known shape or a point without sign.
    """
    for text, look in signs.items():
        if look.shape not in SHAPES:
            raise MapError("The sign {sign} has a shape no map knows: {shape}.", sign=text, shape=look.shape)
    crs.require(frame, key)
    known = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(crs.STORED)
    position = {value: number for number, value in enumerate(signs)}
    if not set(known[sign]) <= set(position):
        raise MapError("Points of {layer} have a sign the legend does not explain: {sign}.", layer=key,
                       sign=min(set(map(str, known[sign])) - set(map(str, position))))  # fmt: skip
    listed = []
    spots = shapely.get_coordinates(known.geometry.to_numpy())
    for (index, row), (x, y) in zip(known.iterrows(), spots, strict=True):
        point: dict[str, Any] = {
            "id": str(row[ident] if ident else index),
            "at": [round(float(x), 6), round(float(y), 6)],
            "style": position[row[sign]],
            "name": str(row[name]),
        }
        if size:
            point["size"] = round(float(row[size]), 1)
        if lines:
            point["lines"] = [str(row[column]) for column in lines if pd.notna(row[column]) and row[column] != ""]
        listed.append(point)
    looks = [{"colour": s.colour, "shape": s.shape, "size": s.size, "hollow": s.hollow} for s in signs.values()]
    body = json.dumps({"key": key, "styles": looks, "points": listed}, ensure_ascii=False, separators=(",", ":"))
    rows = tuple({"text": s.text, "colour": s.colour, "shape": s.shape, "size": 7, "hollow": s.hollow} for s in signs.values())
    return PointLayer(held.hold(body.encode()), key, rows)


def density(frame: gpd.GeoDataFrame, *, weight: str | None = None, radius_m: float = 250, theme: Theme = "light") -> Density:
    """Hold places for the density layer that ``repaint`` takes.

    frame: points, any CRS; aggregate them in the store first, a few thousand are enough. weight: the column that says how
    much lies at each (else one). radius_m: how far a place reaches. What nine places in ten stay below is drawn in full.
    """
    crs.require(frame, "density")
    known = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(crs.STORED)
    much = known[weight].astype(float) if weight else pd.Series(1.0, index=known.index)
    top = float(much.quantile(0.9)) * 2 if len(much) else 1.0
    spots = shapely.get_coordinates(known.geometry.to_numpy())
    places = [[round(float(x), 5), round(float(y), 5), round(float(w), 2)] for (x, y), w in zip(spots, much, strict=True)]
    body = {"radius_m": radius_m, "top": top or 1.0, "places": places}
    rows = tuple({"text": terms.say(text), "colour": colour} for (_, colour), text in zip(RAMP[theme][1:], _STEPS, strict=True))
    return Density(held.hold(json.dumps(body, separators=(",", ":")).encode()), rows)
