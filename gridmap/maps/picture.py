"""A map as a picture: what the browser shows, drawn again on the server for reports, slides and print."""

from __future__ import annotations

import gzip
import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from gridmap.maps import figures, haze, held, lettering, print_font

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from gridmap.maps.district import DistrictMap, Repaint

    Message = Mapping[str, Any]

GROUND = {
    "light": {
        "sea": "#e4eaec",
        "land": "#f6f6f3",
        "edge": "#b8c2c4",
        "water": "#cfdfe6",
        "road": "#ffffff",
        "line": "#44545e",
        "border": "#ffffff",
        "ink": "#14212b",
        "halo": "#ffffff",
        "panel": "#ffffff",
        "soft": "#56646e",
    },
    "dark": {
        "sea": "#0e161c",
        "land": "#17222a",
        "edge": "#3b4c57",
        "water": "#0d2a3a",
        "road": "#31424d",
        "line": "#9fb0ba",
        "border": "#0e161c",
        "ink": "#eef3f5",
        "halo": "#0b1319",
        "panel": "#16212a",
        "soft": "#9aa9b3",
    },
}

DPI = 200
_WIDE_IN, _HIGH_IN = 9.6, 6.0
_FAINT = 0.22
_ROOM = 1.15
"""A name may be so much wider than its area, as in the browser."""
_ROADS = {1: 2.2, 2: 1.5, 3: 0.8}


@dataclass(frozen=True)
class _Shapes:
    """Shapes as the browser gets them: codes, geometries in degrees, properties."""

    codes: list[str]
    geometry: np.ndarray
    properties: list[dict[str, Any]]


def picture(base: DistrictMap, now: Repaint, *, title: str = "") -> bytes:
    """Give the map with its message as a PNG of 1920 x 1200 pixels: ground, areas, lines, signs, names, legend, scale, source.

    It shows what the message asks to look at, else the whole district; of two states that are compared, both side by side.
    The ground is drawn in an equirectangular projection true to scale in the middle. Raises MapError when content the message
    names is no longer held.
    """
    fixed, message = base.content, now.content
    look = GROUND[fixed.get("theme", "light")]
    sides = [message] if "other" not in message else [message, {**message, **message["other"]}]
    names = message["other"]["names"] if "other" in message else ("",)
    drawn = Figure(figsize=(_WIDE_IN, _HIGH_IN), dpi=DPI, facecolor=look["sea"])
    for number, (side, name) in enumerate(zip(sides, names, strict=True)):
        axes = drawn.add_axes((number / len(sides), 0, 1 / len(sides), 1))
        _draw(axes, fixed, side, look)
        if name:
            lettering.words(axes, (0.5, 0.96), name, look, size=11, weight=print_font.BOLD, middle=True)
    panel = drawn.add_axes((0, 0, 1, 1), frameon=False)
    panel.set_axis_off()
    if title:
        lettering.words(panel, (0.02, 0.955), title, look, size=14, weight=print_font.BOLD)
    if fixed.get("source"):
        lettering.words(panel, (0.02, 0.018), fixed["source"], look, size=8)
    if message.get("legend"):
        lettering.legend(panel, message["legend"], look)
    file = io.BytesIO()
    drawn.savefig(file, format="png", facecolor=look["sea"])
    return file.getvalue()


def _draw(axes: Axes, fixed: Message, message: Message, look: Mapping[str, str]) -> None:
    (south, west), (north, east) = message.get("focus") or fixed["bounds"]
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    axes.set_axis_off()
    axes.set_facecolor(look["sea"])
    box = axes.get_window_extent()
    shape = box.height / box.width * (1 / stretch)
    wide, high = 1.08 * (east - west), 1.12 * (north - south)
    wide, high = (wide, wide * shape) if high < wide * shape else (high / shape, high)
    middle = (west + east) / 2 + (0.10 * wide if message.get("legend") else 0), (south + north) / 2
    axes.set_xlim(middle[0] - wide / 2, middle[0] + wide / 2)
    axes.set_ylim(middle[1] - high / 2, middle[1] + high / 2)
    axes.set_aspect(stretch, adjustable="datalim")
    for layer in fixed.get("base", ()):
        _ground(axes, layer, look, above=False)
    if "areas" in message:
        _areas(axes, message, look)
        for layer in fixed.get("base", ()):
            _ground(axes, layer, look, above=True)
    if "density" in message:
        haze.haze(axes, _held(message["density"]), fixed.get("theme", "light"))
    for layer in message.get("patches", ()):
        _patches(axes, layer)
    for line in message.get("outlines", ()):
        borders = _lined(line)
        dash = (0, tuple(line["dash"])) if line.get("dash") else "solid"
        _lines(axes, borders.geometry, line.get("colour") or look["line"], line["width"] * 0.7, dash)
    _selected(axes, message, look)
    for layer in message.get("points", ()):
        _signs(axes, layer, look)
    taken: list[tuple[float, ...]] = []
    for line in message.get("outlines", ()):
        if "labels" in line:
            _names(axes, line, look, taken)
    lettering.scale_bar(axes, middle[1], look)


def _ground(axes: Axes, layer: Message, look: Mapping[str, str], *, above: bool) -> None:
    """Draw one layer of the ground; water and main roads are drawn once more, thinly, above coloured areas."""
    found = _shapes(layer["url"])
    strength = 0.55 if above else 1.0
    if layer["kind"] == "land":
        if not above:
            _fill(axes, found.geometry, look["land"], edge=look["edge"])
    elif layer["kind"] == "water":
        closed = np.isin(shapely.get_type_id(found.geometry), (3, 6))
        _fill(axes, found.geometry[closed], look["water"], alpha=strength)
        _lines(axes, found.geometry[~closed], look["water"], 1.5, alpha=strength)
    else:
        ranks = np.array([shown.get("rank", 4) for shown in found.properties])
        for rank, width in _ROADS.items():
            _lines(axes, found.geometry[ranks == rank], look["road"], width, alpha=strength)


def _areas(axes: Axes, message: Message, look: Mapping[str, str]) -> None:
    shown, scale = message["areas"], message.get("scale", {})
    found = _shapes(shown["url"])
    classes = figures.classes(shown.get("values", ""), scale, len(found.codes))
    inside = np.array([code.startswith(message.get("within", "")) for code in found.codes], bool)
    colours = [*scale.get("colours", ()), scale.get("none") or "none"]
    for position, colour in enumerate(colours):
        here = classes == (position if position < len(colours) - 1 else -1)
        for group, alpha in ((here & inside, shown["opacity"]), (here & ~inside, shown["opacity"] * _FAINT)):
            _fill(axes, found.geometry[group], colour, alpha=alpha)
    _lines(axes, shapely.boundary(found.geometry), look["border"], 0.25 if len(found.codes) > 900 else 0.5, alpha=0.8)


def _patches(axes: Axes, layer: Message) -> None:
    found = _shapes(layer["url"])
    which = np.array([shown["look"] for shown in found.properties])
    for number, look in enumerate(layer["looks"]):
        group = found.geometry[which == number]
        areal = np.isin(shapely.get_type_id(group), (3, 6))
        hatch = "//////" if look["hatch"] else None
        _fill(axes, group[areal], look["colour"], alpha=look["fill"] or 0.0, hatch=hatch, edge=look["colour"])
        _lines(axes, group[~areal], look["colour"], look["width"])


def _selected(axes: Axes, message: Message, look: Mapping[str, str]) -> None:
    chosen = message.get("selected")
    if chosen is None or "areas" not in message:
        return
    found = _shapes(message["areas"]["url"])
    group = found.geometry[np.array(found.codes) == chosen]
    _lines(axes, shapely.boundary(group), look["halo"], 4.0)
    _lines(axes, shapely.boundary(group), look["ink"], 2.2)


def _signs(axes: Axes, layer: Message, look: Mapping[str, str]) -> None:
    content = _held(layer["url"])
    for number, style in enumerate(content["styles"]):
        points = [point for point in content["points"] if point["style"] == number]
        if points:
            at = np.array([point["at"] for point in points])
            size = np.array([point.get("size", style["size"]) for point in points])
            star = 1.5 if style["shape"] == "star" else 1.0
            face = "none" if style.get("hollow") else style["colour"]
            edge = style["colour"] if style.get("hollow") else look["halo"]
            axes.scatter(
                at[:, 0],
                at[:, 1],
                s=(1.1 * star * size) ** 2,
                marker=lettering.MARKERS[style["shape"]],
                c=face,
                edgecolors=edge,
                linewidths=0.5,
                zorder=6,
            )


def _names(axes: Axes, line: Message, look: Mapping[str, str], taken: list[tuple[float, ...]]) -> None:
    """Write the names that fit their areas, the largest first, clear of those in ``taken``, to which they are added."""
    found, size = _lined(line), line["labels"]["size"]
    axes.apply_aspect()
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    bounds = shapely.bounds(found.geometry)
    for place in np.argsort(-shapely.area(found.geometry), kind="stable"):
        shown = found.properties[place]
        x, y = shown.get("at") or (math.inf, math.inf)
        if not (shown.get("name") and west < x < east and south < y < north):
            continue
        written = lettering.words(
            axes, (x, y), shown["name"], look, size=size * 0.5, weight=print_font.BOLD, halo=2.2, middle=True, on_map=True
        )
        x0, y0, x1, y1 = written.get_window_extent().extents
        (left, low), (right, high) = axes.transData.transform(bounds[place].reshape(2, 2)).tolist()
        narrow = x1 - x0 > _ROOM * (right - left) or y1 - y0 > high - low
        if narrow or any(x0 < t[2] and x1 > t[0] and y0 < t[3] and y1 > t[1] for t in taken):
            written.remove()
        else:
            taken.append((x0, y0, x1, y1))


def _fill(
    axes: Axes, polygons: np.ndarray, colour: str, *, alpha: float = 1.0, edge: str = "none", hatch: str | None = None
) -> None:
    parts = shapely.orient_polygons(shapely.get_parts(polygons))  # a hole that runs as its shell does would be filled
    paths = [_path(part) for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if paths:
        face = colour if not hatch else "none"
        axes.add_collection(
            PathCollection(
                paths,
                facecolors=face,
                edgecolors=edge,
                linewidths=0.6 if edge != "none" else 0,
                alpha=alpha if not hatch else None,
                hatch=hatch,
                antialiaseds=True,
                zorder=2,
            ),
            autolim=False,
        )


def _lines(axes: Axes, lines: np.ndarray, colour: str, width: float, style: Any = "solid", *, alpha: float = 1.0) -> None:  # noqa: ANN401 - matplotlib's own
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(_linear(lines))]
    if parts:
        axes.add_collection(
            LineCollection(parts, colors=colour, linewidths=width, linestyles=style, alpha=alpha, capstyle="round", zorder=4),
            autolim=False,
        )


def _linear(shapes: np.ndarray) -> np.ndarray:
    known = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    areal = np.isin(shapely.get_type_id(known), (3, 6))
    lines: np.ndarray = np.where(areal, shapely.boundary(known), known)
    return lines


def _path(polygon: shapely.Polygon) -> Outline:
    rings = [np.asarray(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]
    codes = [np.r_[Outline.MOVETO, np.full(len(ring) - 2, Outline.LINETO), Outline.CLOSEPOLY] for ring in rings]
    return Outline(np.concatenate(rings), np.concatenate(codes))


def _shapes(url: str) -> _Shapes:
    features = _held(url)["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) if feature["geometry"] else None for feature in features])
    return _Shapes([feature["id"] for feature in features], np.asarray(shapes), [feature["properties"] for feature in features])


def _lined(line: Message) -> _Shapes:
    """Give what an outline goes round: its shapes, or the groups that it makes of them."""
    found = _shapes(line["url"])
    if "groups" not in line:
        return found
    of = figures.unpack(line["groups"])
    whole = [shapely.coverage_union_all(found.geometry[of == group]) for group in np.unique(of[np.isfinite(of)])]
    told: list[dict[str, Any]] = [{"name": name, "at": at} for name, *at in line["names"]] or [{} for _ in whole]
    return _Shapes([str(group) for group in range(len(whole))], np.array(whole, dtype=object), told)


def _held(url: str) -> Any:  # noqa: ANN401 - JSON of any depth
    return json.loads(gzip.decompress(held.packed(url.removeprefix(held.ROOT).removesuffix(".json"))))
