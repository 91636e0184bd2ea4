"""Areas and lines with a meaning of their own above the coloured areas: compounds, buildings, patrols, closed ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridmap.errors import MapError
from gridmap.maps import held
from gridmap.maps.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd


@dataclass(frozen=True)
class Look:
    """How one kind of patch looks and what the legend says of it.

    fill: how much of the colour covers the ground, 0-1 (0: lines and empty frames). width: of the edge, in pixels.
    hatch: filled with slanting lines instead. dash: lengths of strokes and gaps in pixels.
    """

    text: str
    colour: str
    fill: float = 0.55
    width: float = 1.2
    hatch: bool = False
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class PatchLayer:
    """Patches the browser fetches once. key: what a click reports. rows: their lines in the legend.

    labels: size of names in pixels, 0 for none.
    """

    url: str
    key: str
    looks: tuple[Look, ...]
    rows: tuple[Mapping[str, Any], ...] = field(default=())
    labels: int = 0


def patch_layer(
    frame: gpd.GeoDataFrame, looks: Mapping[str, Look], *, key: str, look: str = "look", name: str = "name_zh",
    lines: Sequence[str] = (), labels: int = 0,
) -> PatchLayer:  # fmt: skip
    """Hold polygons or lines for the browser and give the layer that shows them.

    frame: polygons or lines, any CRS; the index is what a click reports. looks: how each value of the column ``look`` looks,
    in legend order; those that do not occur are left out of the legend. name, lines: columns with what the card says.
    Raises MapError for a patch the legend does not explain.
    """
    known = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    position = {value: number for number, value in enumerate(looks)}
    strange = set(known[look]) - set(position)
    if strange:
        raise MapError(
            "Points of {layer} have a sign the legend does not explain: {sign}.", layer=key, sign=min(map(str, strange))
        )
    told = [
        [str(row[column]) for column in lines if pd.notna(row[column]) and row[column] != ""] for _, row in known.iterrows()
    ]
    more = [{"look": position[value], "lines": said} for value, said in zip(known[look], told, strict=True)]
    url = held.hold(shapes(known, code="", name=name, more=more))
    present = set(known[look])
    rows = tuple(
        {
            "text": one.text,
            "colour": one.colour,
            "line": not one.fill and not one.hatch,
            "hatch": one.hatch,
            "dash": bool(one.dash),
        }
        for value, one in looks.items()
        if value in present
    )
    return PatchLayer(url, key, tuple(looks.values()), rows, labels)
