"""The district's map for ``st_folium``: a base that never changes while a page is open, and a small message that repaints it.

A page builds ``district_map(...)`` anew on every run (its script comes out the same, so the browser keeps the map) and passes
``repaint(...)`` as ``feature_group_to_add``. ``gridmap.web.map_frame.show`` does both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import folium
from branca.element import MacroElement
from folium.template import Template

from gridmap import terms
from gridmap.errors import MapError
from gridmap.maps import assets, escape, figures, held, legends, patches, points, scales, stored, thin
from gridmap.maps.shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

MANY = 6000
"""Areas up to which a map is sent exact shapes of all of them; more are drawn coarse until one comes near."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

FONT = '"PingFang SC","Microsoft YaHei","HarmonyOS Sans SC","Source Han Sans SC","Noto Sans SC",system-ui,sans-serif'
"""The reader's own Chinese font where there is one, else the one this server carries."""


Tool = Literal["polygon", "circle", "line", "lasso"]
"""What can be drawn on a map."""

_TOOLS: dict[Tool, dict[str, str]] = {
    "polygon": {
        "polygon": terms.key("Draw an area"),
        "polygonHint": terms.key("Click the corners; a double click ends the area, Esc drops it."),
    },
    "circle": {"circle": terms.key("Draw a circle"), "circleHint": terms.key("Press in the middle and drag outwards.")},
    "line": {"line": terms.key("Draw a line"), "lineHint": terms.key("Click along the line; a double click ends it.")},
    "lasso": {"lasso": terms.key("Draw a loop"), "lassoHint": terms.key("Press and drag round what you mean.")},
}
"""Each tool's name and how it is used."""


@dataclass(frozen=True)
class AreaLayer:
    """Areas that can be coloured: where their shapes are, and their codes in the order of the shapes.

    level: what a click reports (district, street, community, grid, or a department's layer key).
    bounds: what to show when these areas come on. labels: size of names in pixels, 0 for none. figures: write figures beneath.
    near: where exact shapes are, when those under ``url`` are coarse: an address to which a street's code and .json are added.
    """

    url: str
    codes: tuple[str, ...]
    level: str
    bounds: Bounds
    labels: int = 13
    figures: bool = False
    opacity: float = 0.82
    near: str = ""


@dataclass(frozen=True)
class Outline:
    """Lines drawn above the coloured areas: the borders of a level, with its names where ``labels`` has a size.

    text: what the legend says of them; it needs a colour. groups: the group of each shape under ``url``, packed
    (figures.pack); then the borders are those between groups, and names what is written in each, and where (lon, lat).
    """

    url: str
    width: float = 1.5
    colour: str = ""
    dash: tuple[float, ...] = ()
    labels: int = 0
    text: str = ""
    groups: str = ""
    names: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class Other:
    """A second state to compare with: areas, figures, what both states are called. scale: None takes the first state's."""

    areas: AreaLayer
    values: pd.Series | None
    names: tuple[str, str]
    scale: scales.Scale | None = None


@dataclass(frozen=True)
class Ground:
    """One layer of the base map. kind: land, water or road (roads carry ``rank`` 1, the widest, to 4)."""

    url: str
    kind: str


def area_layer(
    frame: gpd.GeoDataFrame,
    *,
    level: str,
    code: str = "code",
    name: str = "name_zh",
    folder: Path | None = None,
    **looks: Any,  # noqa: ANN401
) -> AreaLayer:
    """Hold a frame of polygons for the browser and give the layer that shows it.

    frame: polygons in any CRS with a column ``code`` (else the index is the code) and ``name``. looks: AreaLayer's labels,
    figures, opacity, near (taken only for more than MANY areas, whose shapes are then coarse). folder: where coarse shapes are
    kept from run to run. Raises MapError when there is no polygon in it.
    """
    if frame.empty or frame.geometry.is_empty.all():
        raise MapError("The layer {layer} has nothing to show.", layer=level)
    ids = frame[code] if code in frame else frame.index.to_series()
    coarse = bool(looks.get("near")) and len(frame) > MANY
    if coarse and folder is not None:
        url = stored.coarse(frame, folder, code=code, name=name)
    else:
        url = held.hold(shapes(frame, code=code, name=name, coarse=coarse))
    layer = AreaLayer(url, tuple(map(str, ids)), level, _bounds(frame), **looks)
    return layer if coarse else replace(layer, near="")


def outline(frame: gpd.GeoDataFrame, *, code: str = "code", name: str = "name_zh", **looks: Any) -> Outline:  # noqa: ANN401
    """Hold a frame of polygons or lines for the browser and give the outline that draws it. looks: Outline's own."""
    return Outline(held.hold(shapes(frame, code=code, name=name)), **looks)


def borders(frame: gpd.GeoDataFrame, **looks: Any) -> Outline:  # noqa: ANN401
    """Hold the borders of a layer just sent, without names, thinned in one pass however many they are. looks: Outline's own."""
    return Outline(held.hold(thin.borders(frame) or shapes(frame, name=None)), **looks)


def ground(frame: gpd.GeoDataFrame, kind: str, *, rank: str = "rank") -> Ground:
    """Hold a frame for the base map: ``land`` (the district), ``water`` or ``road``; rank: a road's width, 1 to 4."""
    if kind not in {"land", "water", "road"}:
        raise MapError("A base map has land, water and road, no {kind}.", kind=kind)
    return Ground(held.hold(shapes(frame, name=None, rank=rank)), kind)


class Start(MacroElement):
    """Starts gridmap's own stage on the map, with everything that stays the same while the page is open."""

    _template = Template(
        "{% macro script(this, kwargs) %}gridmap.start({{ this._parent.get_name() }}, {{ this.options }});{% endmacro %}"
    )

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's own is untyped
        self._name = "Start"
        self.content = options
        self.options = escape.script(options)


class DistrictMap(folium.Map):
    """A folium map that loads Leaflet and gridmap's own script from this server, and nothing else.

    content: what it is started with: bounds, ground, theme, words. Showing a map changes it; ``again`` gives it unchanged.
    """

    def __init__(self, content: dict[str, Any], *, max_zoom: int) -> None:
        (south, west), (north, east) = content["bounds"]
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=12,
            zoom_snap=0.1,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=120,
            double_click_zoom=False,
            tiles=None,
            attribution_control=False,
            zoom_control=False,
        )
        # folium hands the zooms to tiles alone, and there are none; gridmap watches the map's size by itself (static/view.js)
        self.options.update(min_zoom=8, max_zoom=max_zoom, track_resize=False)
        self.content, self._max_zoom = content, max_zoom
        self.default_js = [("leaflet", assets.url("leaflet/dist/leaflet.js")), ("gridmap", assets.url("own/gridmap.js"))]
        self.default_css = [
            ("leaflet_css", assets.url("leaflet/dist/leaflet.css")),
            ("fonts", assets.fonts_url()),
            ("gridmap_css", assets.url("own/gridmap.css")),
        ]
        Start(content).add_to(self)

    def again(self) -> DistrictMap:
        """Give the same map as it was made."""
        return DistrictMap(self.content, max_zoom=self._max_zoom)


def district_map(
    bounds: Bounds,
    *,
    base: Sequence[Ground] = (),
    theme: scales.Theme = "light",
    language: str | None = None,
    source: str = "",
    max_zoom: int = 19,
) -> DistrictMap:
    """Make the map a page shows: ground, zoom buttons, scale bar, place for legend and notes; no areas yet.

    bounds: what to show first. base: the ground, lowest first. source: a line in the corner (such as 演示数据).
    Build it anew on every run of a page, with the same arguments: streamlit-folium keeps the map as long as its script is
    the same. Raises MapError where a script or style is not installed.
    """
    west, south, east, north = bounds
    spoken = language or terms.language()
    words = {
        "map": "Map of the district", "legend": "Legend", "zoomIn": "Zoom in", "zoomOut": "Zoom out",
        "failed": "The map's data did not arrive; load the page again.", "compare": "Divider between the two states",
        "period": "Period shown", "play": "Play", "pause": "Pause", "measure": "Measure distance and area",
        "whole": "Full screen", "print": "Print the map", "pick": "Press Enter to choose what lies under the cross",
        "here": "Where I am", "nowhere": "The device does not say where it is.",
        "measuring": "Click to measure; double-click or Esc ends", "fold": "Fold or unfold the legend",
    }  # fmt: skip
    return DistrictMap(
        {
            "bounds": [[south, west], [north, east]],
            "base": [{"url": layer.url, "kind": layer.kind} for layer in base],
            "theme": theme,
            "locale": {"zh": "zh-CN"}.get(spoken, spoken),
            "font": FONT,
            "source": source,
            "words": {key: terms.say(text, language=spoken) for key, text in words.items()},
        },
        max_zoom=max_zoom,
    )


class Repaint(folium.FeatureGroup):
    """The message, in the one place streamlit-folium evaluates without building the map again.

    streamlit-folium keeps every group it was ever given; the empty group here costs nothing, and the list is emptied.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}var {{ this.get_name() }} = L.layerGroup(); window.feature_group = [];"
        "gridmap.paint({{ this._parent.get_name() }}, {{ this.message }});{% endmacro %}"
    )

    def __init__(self, message: dict[str, Any]) -> None:
        super().__init__(control=False)
        self.content = message
        self.message = escape.script(message)


def repaint(
    areas: AreaLayer | None = None,
    values: pd.Series | None = None,
    scale: scales.Scale | None = None,
    *,
    outlines: Sequence[Outline] = (),
    patched: Sequence[patches.PatchLayer] = (),
    dots: Sequence[points.PointLayer] = (),
    density: points.Density | None = None,
    other: Other | None = None,
    periods: Mapping[str, pd.Series] | None = None,
    selected: str | None = None,
    focus: Bounds | None = None,
    within: str = "",
    heading: str = "",
    note: str = "",
    chosen: Sequence[str] = (),
    tools: Sequence[Tool] = (),
    stamp: str = "",
    language: str | None = None,
) -> Repaint:
    """Make the message that says what the map shows now: which areas, their figures, lines, points, what is selected.

    values: figures by area code; codes that are missing have no figure. scale: their colours and the legend.
    density: from ``points.density``. other: a second state of the areas, right of a divider the reader drags.
    periods: figures by name of period, first to last, on ``scale``; a slider plays them without asking the server. The last
    is shown first. focus: bounds to move to when they differ from the last message's; None leaves the view alone.
    within: areas whose code does not begin so are shown faintly, as the surroundings of what is looked at.
    selected: the code of the area or patch that is marked. heading: what a print and the full screen say above the map.
    note: a sentence on the map, such as why it shows less than was asked for.
    chosen: codes of areas shown as chosen together. tools: what can be drawn; a drawing is reported like a click (map_frame).
    stamp: any text; the map's element carries it as ``data-stamp`` once it has painted this message.
    Everything is in every message, so a lost one does no harm. Raises MapError for values without a scale, and for a second
    state or periods without areas.
    """
    message: dict[str, Any] = {"stamp": stamp, "outlines": [_line(line) for line in outlines]}
    if areas is not None:
        message["areas"] = _shown(areas, values, scale)
    elif other is not None or periods:
        raise MapError("A second state or periods of a map need a first one.")
    if scale is not None:
        message["scale"] = _scale(scale, language)
    if other is not None:
        right = {"areas": _shown(other.areas, other.values, other.scale or scale), "names": other.names}
        message["other"] = right | {"scale": _scale(other.scale or scale, language)}
    if periods and areas is not None:
        packed = [_shown(areas, figures_then, scale)["values"] for figures_then in periods.values()]
        message["frames"] = {"labels": list(periods), "values": packed}
    message["points"] = [{"url": layer.url, "key": layer.key} for layer in dots]
    if patched:
        message["patches"] = [_patched(layer) for layer in patched]
    drawn = [
        {"text": line.text, "colour": line.colour, "line": True, "dash": bool(line.dash)} for line in outlines if line.text
    ]
    signs = [density.rows if density else (), drawn, *(layer.rows for layer in patched), *(layer.rows for layer in dots)]
    message["legend"] = legends.panel(scale, signs, language=language)
    if heading:
        message["heading"] = heading
    if note:
        message["note"] = note
    if density:
        message["density"] = density.url
    if selected is not None:
        message["selected"] = selected
    if within:
        message["within"] = within
    if chosen:
        message["chosen"] = list(chosen)
    if tools:
        said = {name: terms.say(text, language=language) for tool in tools for name, text in _TOOLS[tool].items()}
        message["tools"] = {"modes": list(tools), "words": said}
    if focus is not None:
        west, south, east, north = (round(side, 5) for side in focus)
        message["focus"] = [[south, west], [north, east]]
    return Repaint(message)


def _shown(areas: AreaLayer, values: pd.Series | None, scale: scales.Scale | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"url": areas.url, "level": areas.level, "opacity": areas.opacity}
    if areas.near:
        shown["near"] = areas.near
    if areas.labels:
        shown["labels"] = {"size": areas.labels, "figures": areas.figures}
    if values is not None:
        if scale is None:
            raise MapError("Figures for a map need a scale.")
        shown["values"] = figures.pack(values.reindex(list(areas.codes)), factor=_factor(scale), signed=_signed(scale))
    return shown


def _patched(layer: patches.PatchLayer) -> dict[str, Any]:
    looks = [{"colour": o.colour, "fill": o.fill, "width": o.width, "hatch": o.hatch, "dash": o.dash} for o in layer.looks]
    return {"url": layer.url, "key": layer.key, "looks": looks, **({"labels": {"size": layer.labels}} if layer.labels else {})}


def _line(line: Outline) -> dict[str, Any]:
    drawn: dict[str, Any] = {"url": line.url, "width": line.width}
    if line.colour:
        drawn["colour"] = line.colour
    if line.dash:
        drawn["dash"] = line.dash
    if line.groups:
        drawn |= {"groups": line.groups, "names": line.names}
    if line.labels:
        drawn["labels"] = {"size": line.labels, "weight": 600, "tight": 0.8}
    return drawn


def _factor(scale: scales.Scale) -> int:
    return int(10**scale.digits)


def _signed(scale: scales.Scale) -> bool:
    return scale.meaning == "change"


def _scale(scale: scales.Scale | None, language: str | None) -> dict[str, Any]:
    if scale is None:
        return {"kind": "graded", "breaks": (), "colours": (), "none": ""}
    shared: dict[str, Any] = {"colours": scale.colours, "none": scale.none, "title": scale.title}
    if not scale.graded:
        return shared | {"kind": "categories", "names": scale.names}
    return shared | {
        "kind": "graded", "breaks": scale.breaks, "unit": scale.unit, "digits": scale.digits, "factor": _factor(scale),
        "signed": _signed(scale), "absent": terms.say("no figure", language=language),
    }  # fmt: skip


def _bounds(frame: gpd.GeoDataFrame) -> Bounds:
    west, south, east, north = frame.to_crs(4490).total_bounds
    return float(west), float(south), float(east), float(north)
