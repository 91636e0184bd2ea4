"""A street's plan as a map: its pieces of ground, its grids with their names, what the departments had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from gridmap import crs, maps, terms
from gridmap.web import atlas, charts, chrome, map_frame, numbers, words
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gridmap.merge.board import Board
    from gridmap.merge.plan import Draft, State

STANDING = {"light": ("#3b82b5", "#dde5e2", "#c0652a"), "dark": ("#5ba4d8", "#2b3a42", "#e08a4b")}
"""Colours below, within and above the norm: what is as it should be stays quiet."""

LOCKED = {"light": "#0f4c75", "dark": "#6db4dd"}
STEADY = 1

STRIPES = (10.0, 7.6, 5.4, 3.2)
"""Widths of departments' borders, one upon the other: a border that several share shows all their colours."""


def show(
    draft: Draft,
    *,
    key: str,
    height: int = 640,
    chosen: Sequence[int] = (),
    tools: Sequence[maps.Tool] = (),
    layers: Sequence[str] = (),
    focus: maps.Bounds | None = None,
    other: Draft | None = None,
    names: tuple[str, str] | None = None,
    on_click: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Draw a street's plan, coloured by how its grids stand to the norm.

    layers: departments whose borders are drawn too. other: a second plan of the street, right of a divider, called by
    ``names``; lines may have been drawn through its ground or through this one's. Once painted, the map's ``data-stamp`` says
    how many steps of the draft it shows.
    """
    board, state = draft.board, draft.state
    areas = _pieces(board, terms.language())
    wide = dict(zip(layers, STRIPES[-len(layers) :], strict=False)) if layers else {}
    outlines = [replace(_layer(board, name), width=width) for name, width in wide.items()]
    outlines.append(
        grids(board, state, width=1.8 if layers else 2.8)
        if other is None
        else grids(other.board, other.state, colour="#d55e00", width=1.8, labels=0)
    )
    if other is not None:
        outlines.append(grids(board, state, width=3.0, labels=0))
    outlines += _fixed(board, state)
    second = None
    if other is not None and names is not None:
        second = maps.Other(_pieces(other.board, terms.language()), _values(other.board, other.state), names)
    with st.container(key=f"stage-{key}"):
        map_frame.show(
            atlas.base(chrome.demo()),
            maps.repaint(
                areas,
                _values(board, state),
                _scale(board),
                outlines=outlines,
                other=second,
                chosen=[str(atom) for atom in chosen],
                tools=tools,
                focus=focus or _bounds(board),
                stamp=str(len(draft.done)),
            ),
            key=f"map-{key}",
            height=height,
            on_click=on_click,
        )


def grids(
    board: Board, state: State, *, only: Sequence[str] | None = None, colour: str = "", width: float = 2.8, labels: int = 14
) -> maps.Outline:
    """Give the borders of a plan's grids, each with its short name and households in the middle."""
    members = state.members()
    listed = {name: members[name] for name in (sorted(members) if only is None else sorted(only))}
    said = None
    if labels:
        held = {name: round(float(board.weight[list(atoms)].sum())) for name, atoms in listed.items()}
        said = {name: f"{room.short(name)} · {numbers.count(households)}" for name, households in held.items()}
    return _groups(board).outline(_pieces(board, terms.language()), listed, said, colour=colour, width=width, labels=labels)


def _fixed(board: Board, state: State) -> list[maps.Outline]:
    """Give what people fixed, as lines that the legend names: locked grids, pinned ground, ground never in one grid."""
    colour, drawn = LOCKED[charts.scheme()], []
    locked = [name for name in state.locked if state.atoms_of(name)]
    if locked:
        drawn.append(
            replace(grids(board, state, only=locked, colour=colour, width=5.0, labels=0), text=terms.say("locked grid"))
        )
    for kind, text, dash in (
        ("stay", terms.say("pinned ground"), (7.0, 4.0)),
        ("apart", terms.say("ground never in one grid"), (2.0, 4.0)),
    ):
        ground = {str(piece): (piece,) for what, pieces in sorted(state.rules) if what == kind for piece in pieces}
        if ground:
            pieces = _pieces(board, terms.language())
            drawn.append(_groups(board).outline(pieces, ground, colour=colour, width=3.4, dash=dash, text=text))
    return drawn


def bounds_of(board: Board, atoms: Sequence[int], *, margin: float = 0.5) -> maps.Bounds:
    """Give the bounds of some atoms in degrees, with a margin that is a share of their size."""
    frame = board.atoms.iloc[list(atoms)].to_crs(4490)
    west, south, east, north = frame.total_bounds
    wide, high = max(east - west, 0.002) * margin, max(north - south, 0.002) * margin
    return float(west - wide), float(south - high), float(east + wide), float(north + high)


def inside(board: Board, click: Mapping[str, Any]) -> list[int]:
    """Give the atoms whose middle lies in a loop or area drawn on the map."""
    lat_lon = np.array(click["points"], float)
    drawn = gpd.GeoSeries([shapely.Polygon(lat_lon[:, ::-1].tolist())], crs=4490)
    loop = shapely.make_valid(drawn.to_crs(board.crs).to_numpy()[0])
    middle = shapely.point_on_surface(board.atoms.geometry.to_numpy())
    return [int(atom) for atom in np.flatnonzero(shapely.contains(loop, middle))]


def atoms_in(board: Board, ground: shapely.Geometry) -> list[int]:
    """Give the atoms whose middle lies in some ground in EPSG:4490."""
    here = gpd.GeoSeries([ground], crs=crs.STORED).to_crs(board.crs).to_numpy()[0]
    middle = shapely.point_on_surface(board.atoms.geometry.to_numpy())
    return [int(atom) for atom in np.flatnonzero(shapely.contains(here, middle))]


def line(board: Board, click: Mapping[str, Any]) -> shapely.LineString:
    """Give a line drawn on the map in the board's CRS."""
    lat_lon = np.array(click["points"], float)
    found: shapely.LineString = gpd.GeoSeries([shapely.LineString(lat_lon[:, ::-1])], crs=4490).to_crs(board.crs).to_numpy()[0]
    return found


def borders_of(layers: Sequence[str]) -> dict[str, str]:
    """Give the legend of departments' borders: colour -> name."""
    names = {layer: words.called(layer, words.LAYERS) for layer in layers}
    return {colour: names[layer] for layer, colour in maps.departments(layers, names, theme=charts.scheme()).items()}


def _union(shapes: np.ndarray, atoms: Any) -> shapely.Geometry:  # noqa: ANN401  whatever numpy takes for places
    return shapes[atoms[0]] if len(atoms) == 1 else shapely.coverage_union_all(shapes[list(atoms)])


def _values(board: Board, state: State) -> pd.Series:
    """Give each atom the class of its grid: 0 below the norm, 1 within, 2 above."""
    if board.norm is None:
        return pd.Series(STEADY, index=[str(atom) for atom in range(len(board))])
    low, high = board.norm
    name, grid = pd.factorize(np.array(state.grid, dtype=object))
    held = np.bincount(name, weights=board.weight, minlength=len(grid)).round(6)
    standing = (held > high).astype(int) - (held < low).astype(int) + STEADY
    return pd.Series(standing[name], index=[str(atom) for atom in range(len(board))])


def _scale(board: Board) -> maps.Scale:
    kinds = [terms.say("below the norm"), terms.say("within the norm"), terms.say("above the norm")]
    unit = "" if board.norm is None else f"{board.norm[0]:.0f}–{board.norm[1]:.0f}"
    scale = maps.scale_for([], meaning="kind", title=terms.say("Households"), names=kinds, unit=unit)
    return replace(scale, colours=STANDING[charts.scheme()])


def _serial(board: Board) -> int:
    return board.serial


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs={"gridmap.merge.board.Board": _serial})
def _pieces(board: Board, language: str) -> maps.AreaLayer:
    said = [
        terms.say(
            "{households:# household|# households} · {area}",
            language=language,
            households=round(weight),
            area=numbers.area(area),
        )
        for weight, area in zip(board.weight.tolist(), board.area.tolist(), strict=True)
    ]
    frame = gpd.GeoDataFrame(
        {"code": [str(atom) for atom in range(len(board))], "name_zh": said},
        geometry=board.atoms.geometry.to_numpy(),
        crs=board.atoms.crs,
    )
    return maps.area_layer(frame, level="atom", labels=0, opacity=0.78)


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs={"gridmap.merge.board.Board": _serial})
def _groups(board: Board) -> maps.Groups:
    return maps.Groups(board.atoms)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs={"gridmap.merge.board.Board": _serial})
def _bounds(board: Board) -> maps.Bounds:
    return bounds_of(board, range(len(board)), margin=0.02)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs={"gridmap.merge.board.Board": _serial})
def _layer(board: Board, name: str) -> maps.Outline:
    known = board.atoms[board.atoms[name].notna()]
    groups = known.groupby(name, sort=True).indices
    shapes = known.geometry.to_numpy()
    frame = gpd.GeoDataFrame(
        {"code": list(groups)}, geometry=[_union(shapes, atoms) for atoms in groups.values()], crs=board.atoms.crs
    )
    names = {key: words.called(key, words.LAYERS) for key in board.layers}
    return maps.outline(frame, colour=maps.departments(board.layers, names, theme=charts.scheme())[name], width=1.8)
