"""The maps of the upload walk: how a file lies on the district, its faults, before and after cleaning, what a version moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st
from pyproj import Transformer

from gridmap import crs, intake, maps, terms, uploads
from gridmap.errors import GridmapError
from gridmap.web import atlas, charts, chrome, district, findings_list, map_frame, uploading, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gridmap.finding import Finding
    from gridmap.uploads import Changes, Upload

HEIGHT = 620
MOST = 3000
"""Places of findings drawn at once, the worst and largest first."""

STEPS_M2 = (1, 100, 1000, 5000)
"""Where the colours of moved ground change, m²."""

_COLOURS = {
    "light": {
        "error": "#b3261e",
        "warning": "#d27f2c",
        "note": "#6b7a84",
        "layer": "#0f4c75",
        "raw": "#c0392b",
        "picked": "#7b1fa2",
    },
    "dark": {
        "error": "#ff8a80",
        "warning": "#f0b35a",
        "note": "#93a3ae",
        "layer": "#7fc0e6",
        "raw": "#ff8a80",
        "picked": "#e0a3ff",
    },
}
_SHAPES = {"error": "diamond", "warning": "circle", "note": "square"}
STATES = {
    "light": {"added": "#2e8b57", "removed": "#b3261e", "reshaped": "#3b82b5"},
    "dark": {"added": "#5fbf8f", "removed": "#ff8a80", "reshaped": "#5ba4d8"},
}


def colour(name: str) -> str:
    """Give one of this module's colours in the reader's scheme."""
    both = _COLOURS[charts.scheme()] | STATES[charts.scheme()]
    return both[name]


def reading(path: Path, system: str, plain: str | None) -> None:
    """Show a layer as it lies when its coordinates are read in ``system``, and dashed as it lies read as ``plain``."""
    drawn = [atlas.borders("community", width=1.2), *atlas.inner_borders(district.home())]
    focus = None
    for name, how, looks in ((plain, "raw", {"dash": (6.0, 4.0), "width": 1.4}), (system, "layer", {"width": 2.0})):
        line = None if name is None else _line(str(path), _stamp(path), name, colour(how))
        if line is not None:
            outline, bounds = line
            drawn.append(maps.Outline(outline.url, colour=outline.colour, **looks))
            focus = bounds
    home = atlas.focus(district.home())
    _show(maps.repaint(outlines=drawn, focus=_near(focus, home)), "reading")


def meanwhile(upload: Upload) -> None:
    """Show the layer that is being worked on, where it was read already: what there is to see need not wait for the rest."""
    path = uploads.being_checked(uploading.shelf(), upload)
    line = None if path is None else _line(str(path), _stamp(path), "", colour("layer"))
    if line is None:
        return
    drawn = [atlas.borders("community", width=0.8), *atlas.inner_borders(district.home())]
    outline = maps.Outline(line[0].url, colour=line[0].colour, width=1.1)
    _show(maps.repaint(outlines=[*drawn, outline], focus=_near(line[1], atlas.focus(district.home()))), "meanwhile")


def findings(upload: Upload, path: Path, kinds: tuple[str, ...], picked: int | None) -> None:
    """Show where findings of some kinds are, the picked one with its whole shape; a click on one picks it."""
    layer = _line(str(path), _stamp(path), "", colour("layer"))
    drawn = [atlas.borders("community", width=0.8), *atlas.inner_borders(district.home())]
    if layer is not None:
        drawn.append(maps.Outline(layer[0].url, colour=layer[0].colour, width=1.1))
    focus = _near(None if layer is None else layer[1], atlas.focus(district.home()))
    spots = _spots(upload.id, findings_list.changed(upload), kinds, terms.language(), charts.scheme())
    dots = [] if spots is None else [spots]
    one = None if picked is None else findings_list.listed(upload, kinds)[picked]
    if one is not None and one.place is not None:
        place = gpd.GeoDataFrame({"code": ["x"]}, geometry=[_lined(one.place)], crs=uploads.table_crs(path)).to_crs(crs.STORED)
        if shapely.get_dimensions(place.geometry.iloc[0]) > 0:
            drawn.append(maps.outline(place, width=4.0, colour=colour("picked")))
        at = gpd.GeoDataFrame(
            {"name_zh": [one.sentence()], "sign": ["x"]}, geometry=place.representative_point(), crs=crs.STORED
        )
        sign = maps.Sign(terms.say("Chosen finding"), colour("picked"), "star", 10)
        dots.append(maps.point_layer(at, {"x": sign}, key="picked"))
        focus = around(place)
    _show(maps.repaint(outlines=drawn, dots=dots, focus=focus), "findings", findings_list.clicked)


def swipe(before: Path, after: Path, moved: pd.Series, focus: maps.Bounds | None) -> None:
    """Show a layer before and after cleaning with a divider to drag; moved: m² each grid gained or lost, by id."""
    left, right = (_areas(str(path), _stamp(path)) for path in (before, after))
    title = terms.say("Ground that cleaning moved")
    scale = maps.scale_for(moved, meaning="count", title=title, unit="m²", breaks=STEPS_M2, theme=charts.scheme())
    values = {side: moved.reindex(list(side.codes)).fillna(0.0) for side in (left, right)}
    other = maps.Other(right, values[right], (terms.say("Before"), terms.say("After")))
    now = maps.repaint(
        left, values[left], scale, other=other, outlines=[atlas.borders("community", width=1.6)], focus=focus or right.bounds
    )
    _show(now, "swipe")


def changes(found: Changes, frame: gpd.GeoDataFrame, picked: str | None) -> None:
    """Show what a version changes: grids added, removed and reshaped, the ground that differs drawn strongly."""
    grids = found.grids
    drawn = [atlas.borders("community", width=0.8), *atlas.inner_borders(district.home())]
    if len(frame):
        drawn.append(maps.borders(frame, width=1.0, colour=colour("note")))
    for change in ("reshaped", "removed", "added"):
        part = grids[(grids["change"] == change) & ~grids.geometry.is_empty]
        if len(part):
            drawn.append(maps.outline(_polygons(part), width=2.4, colour=colour(change)))
    focus = _near(_bounds(grids) if len(grids) else _bounds(frame) if len(frame) else None, atlas.focus(district.home()))
    if picked is not None and picked in grids.index:
        one = _polygons(grids.loc[[picked]])
        drawn.append(maps.outline(one, width=4.0, colour=colour("picked")))
        focus = around(one)
    _show(maps.repaint(outlines=drawn, focus=focus), "changes")


def _show(now: Any, name: str, on_click: Callable[[dict[str, Any]], None] | None = None) -> None:  # noqa: ANN401 - folium's
    with st.container(key=f"stage-upload-{name}"):
        map_frame.show(atlas.base(chrome.demo()), now, key=f"upload-{name}", height=HEIGHT, on_click=on_click)


@st.cache_resource(show_spinner=False, max_entries=32)
def _line(path: str, changed: int, system: str, shade: str) -> tuple[maps.Outline, maps.Bounds] | None:  # noqa: ARG001  the key
    """Hold a layer's borders, read in a system; None where it cannot be read so."""
    try:
        frame = intake.read_as(gpd.read_parquet(path, columns=["geometry"]), system)
        bounds = _bounds(frame)
    except GridmapError:
        return None
    return (maps.borders(frame, colour=shade), bounds) if np.isfinite(bounds).all() else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _areas(path: str, changed: int) -> maps.AreaLayer:  # noqa: ARG001  the key
    frame = gpd.read_parquet(path)
    named = frame.assign(code=frame.index.astype(str), name_zh=frame.get("name_zh", pd.Series(frame.index, frame.index)))
    return maps.area_layer(named[["code", "name_zh", "geometry"]], level="grid", labels=0, opacity=0.72)


@st.cache_resource(show_spinner=False, max_entries=64)
def _spots(ident: str, changed: int, kinds: tuple[str, ...], language: str, scheme: str) -> maps.PointLayer | None:  # noqa: ARG001  the key
    upload = uploading.shelf().get(ident)
    known = enumerate(findings_list.listed(upload, kinds))
    shown = [(number, one) for number, one in known if one.place is not None and not shapely.is_empty(one.place)][:MOST]
    if not shown:
        return None
    system = uploads.table_crs(uploading.shelf().path(upload, upload.layer))
    frame = gpd.GeoDataFrame(
        {
            "sign": [one.severity for _, one in shown],
            "name_zh": [one.sentence() for _, one in shown],
            "line": [one.advice() for _, one in shown],
            "size": _radii([one for _, one in shown]),
        },
        geometry=shapely.point_on_surface(np.array([one.place for _, one in shown], dtype=object)),
        crs=system,
        index=[number for number, _ in shown],
    )
    signs = {name: maps.Sign(terms.say(text), colour(name), _SHAPES[name]) for name, text in words.SEVERITIES.items()}
    return maps.point_layer(frame, signs, key="finding", size="size", lines=["line"])


def _radii(shown: Sequence[Finding]) -> list[float]:
    """Give each finding's size on the map: by its ground, so that the large ones stand out; the smaller, the more there are."""
    crowd = float(np.clip((400 / len(shown)) ** 0.3, 0.45, 1.0))
    return [
        crowd * (float(np.clip(1.2 + 0.5 * (one.size or 1.0) ** 0.25, 2.2, 9.0)) if one.unit == "m²" else 4.5) for one in shown
    ]


def _polygons(part: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": part.index.astype(str)}, geometry=part.geometry.to_numpy(), crs=part.crs)


def _lined(place: shapely.Geometry) -> shapely.Geometry:
    """Give a place the map can outline: collections keep their largest dimension only."""
    if shapely.get_type_id(place) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return place
    parts = shapely.get_parts(place)
    most = shapely.get_dimensions(parts).max()
    return shapely.union_all(parts[shapely.get_dimensions(parts) == most])


def around(place: gpd.GeoDataFrame) -> maps.Bounds:
    """Give what to show of a single place: itself and its surroundings."""
    west, south, east, north = _bounds(place)
    wide, high = max(east - west, 0.004), max(north - south, 0.003)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide, y - high, x + wide, y + high


def _near(bounds: maps.Bounds | None, home: maps.Bounds) -> maps.Bounds:
    """Give what to show: the layer where it lies by the district, else the district."""
    if bounds is None:
        return home
    west, south, east, north = bounds
    apart = west > home[2] + 0.5 or east < home[0] - 0.5 or south > home[3] + 0.5 or north < home[1] - 0.5
    return home if apart else bounds


def _bounds(frame: gpd.GeoDataFrame) -> maps.Bounds:
    into = Transformer.from_crs(crs.require(frame, "layer"), crs.STORED, always_xy=True)
    west, south, east, north = into.transform_bounds(*frame.total_bounds)
    return float(west), float(south), float(east), float(north)


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns
