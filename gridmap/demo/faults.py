"""What goes wrong with boundary files in real life, planted on purpose and written down, so that a check can be tested on it.

Every file is drawn by hand a metre or two beside the ground (``misfit``), and carries some faults of its own (``plant``).
Each planted fault is a record {layer, kind, ids, x, y, note}; kinds are those of a check's findings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from shapely.ops import substring

from gridmap.demo.ground import PRECISION_M

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gridmap.demo.layers import Layer

MOST_MISFIT_M = 3.0
"""No border lies farther than this from where it should."""


@dataclass
class Sheet:
    """A layer as it will be handed over: outlines and ids (which may repeat), which grid each row was, and what was planted."""

    key: str
    shapes: list[BaseGeometry | None]
    ids: list[str]
    source: list[int]
    planted: list[dict[str, object]] = field(default_factory=list)

    def touched(self) -> set[str]:
        """Give the ids some planted fault concerns already."""
        return {name for fault in self.planted for name in cast("list[str]", fault["ids"])}

    def note(self, kind: str, rows: list[int], place: BaseGeometry, note: str) -> None:
        """Write down a planted fault: rows are row numbers of the sheet."""
        at = place.centroid
        self.planted.append(
            {
                "layer": self.key,
                "kind": kind,
                "ids": [self.ids[row] for row in rows],
                "x": round(float(at.x), 1),
                "y": round(float(at.y), 1),
                "note": note,
            }
        )


PLANTED: dict[str, dict[str, int]] = {
    "zongzhi": {"gap": 6, "overlap": 8, "invalid_geom": 2, "duplicate_id": 2, "sliver": 3},
    "yingji": {"gap": 3, "overlap": 3, "invalid_geom": 1, "duplicate_geometry": 2},
    "chengguan": {"overlap": 10, "gap": 4, "sliver": 6, "multipart": 3, "no_shape": 1, "duplicate_id": 1},
    "huanjing": {"gap": 2, "overlap": 2, "invalid_geom": 1},
}
"""How many faults of each kind a district's layer carries; a smaller layer carries fewer."""

_REDRAWN = {"zongzhi": 0.10, "yingji": 0.22, "chengguan": 0.06, "huanjing": 0.30}
"""Share of grids drawn again by hand, apart from their neighbours: thin gaps and overlaps all along their border."""


def spoil(layer: Layer, ids: list[str], rng: np.random.Generator) -> Sheet:
    """Draw a layer as a hand draws it and plant its faults."""
    shapes = misfit(layer.shapes, rng, redrawn=_REDRAWN[layer.key])
    sheet = Sheet(layer.key, list(shapes), list(ids), list(range(len(ids))))
    plant(sheet, rng)
    return sheet


def misfit(shapes: np.ndarray, rng: np.random.Generator, *, redrawn: float) -> np.ndarray:
    """Move every vertex by a smooth drift and a tremor, together under MOST_MISFIT_M; redrawn grids tremble on their own.

    A grid that would become invalid only drifts.
    """
    phase = rng.uniform(0, 2 * np.pi, 4)
    alone = rng.random(len(shapes)) < redrawn
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    x, y = coordinates.T
    drift = 0.8 * np.column_stack(
        [np.sin(x / 1700 + phase[0]) * np.cos(y / 2300 + phase[1]), np.sin(x / 2100 + y / 1500 + phase[2])]
    )
    # one tremor a place, or a place and grid where it is redrawn: a ring closes where it began
    places = np.column_stack([np.where(alone[owner], owner + 1, 0), np.round(coordinates, 2)])
    _, place = np.unique(places, axis=0, return_inverse=True)
    tremor = rng.normal(0, 1.0, (int(place.max()) + 1, 2))[place.ravel()] * np.where(alone[owner], 0.6, 0.35)[:, None]
    slip = rng.normal(0, 0.5, (len(shapes), 2))[owner] * alone[owner][:, None]
    move = drift + tremor + slip
    move *= np.minimum(1, MOST_MISFIT_M * 0.95 / np.maximum(np.hypot(*move.T), 1e-9))[:, None]
    moved = shapely.set_coordinates(shapes.copy(), np.round(coordinates + move, 2))
    moved[alone] = shapely.simplify(moved[alone], 0.7)
    steady = shapely.set_coordinates(shapes.copy(), np.round(coordinates + drift, 2))
    found = np.where(shapely.is_valid(moved), moved, steady)
    return np.where(shapely.is_valid(found), found, shapely.set_precision(shapes, PRECISION_M))


def plant(sheet: Sheet, rng: np.random.Generator) -> None:
    """Plant each kind of fault on grids of its own, so that one does not hide another."""
    fraction = min(1.0, len(sheet.shapes) / 60)
    free = [int(row) for row in rng.permutation(len(sheet.shapes))]
    for kind, count in PLANTED[sheet.key].items():
        done = 0
        while done < max(1, round(count * fraction)) and free:
            row = free.pop()
            if isinstance(sheet.shapes[row], shapely.Polygon) and sheet.ids[row] not in sheet.touched():
                done += _PLANTERS[kind](sheet, row, rng)
    kept = [row for row, source in enumerate(sheet.source) if source >= 0]
    sheet.shapes = [sheet.shapes[row] for row in kept]
    sheet.ids = [sheet.ids[row] for row in kept]
    sheet.source = [sheet.source[row] for row in kept]


def _polygon(sheet: Sheet, row: int) -> shapely.Polygon:
    shape = sheet.shapes[row]
    assert isinstance(shape, shapely.Polygon)  # noqa: S101  # planters take rows nothing was planted on
    return shape


def _beside(sheet: Sheet, row: int) -> int | None:
    """Find the neighbour a grid shares most border with."""
    shape = _polygon(sheet, row)
    others = np.array(sheet.shapes, dtype=object)
    near = np.flatnonzero(shapely.dwithin(others, shape, 3.0) & (shapely.get_type_id(others) == shapely.GeometryType.POLYGON))
    near = near[near != row]
    if not len(near):
        return None
    shared = np.zeros(len(others))
    shared[near] = shapely.area(shapely.intersection(shapely.buffer(others[near], 1.5), shape.buffer(1.5)))
    best = int(np.argmax(shared))
    return best if shared[best] > 300 and sheet.ids[best] not in sheet.touched() else None


def _gap(sheet: Sheet, row: int, rng: np.random.Generator) -> int:
    """Take a bite out of a grid at its border with a neighbour, claimed by neither."""
    other = _beside(sheet, row)
    if other is None:
        return 0
    shape = _polygon(sheet, row)
    border = shapely.intersection(shape.exterior, _polygon(sheet, other).buffer(4))
    bite = shapely.buffer(shapely.line_interpolate_point(_longest(border), 0.5, normalized=True), rng.uniform(18, 38))
    left = shapely.set_precision(shapely.difference(shape, bite), PRECISION_M)
    if left.geom_type != "Polygon" or shape.area - left.area < 200:
        return 0
    sheet.shapes[row] = left
    sheet.note("gap", [row, other], bite, f"{shape.area - left.area:.0f} m2 belong to nobody")
    return 1


def _overlap(sheet: Sheet, row: int, rng: np.random.Generator) -> int:
    """Draw a grid 8-25 m into its neighbour."""
    other = _beside(sheet, row)
    if other is None:
        return 0
    shape, neighbour = _polygon(sheet, row), _polygon(sheet, other)
    taken = shapely.intersection(neighbour, shape.buffer(rng.uniform(8, 25)))
    grown = shapely.set_precision(shapely.union(shape, taken), PRECISION_M)
    if grown.geom_type != "Polygon" or taken.area < 200:
        return 0
    sheet.shapes[row] = grown
    sheet.note("overlap", [row, other], taken, f"{taken.area:.0f} m2 belong to both")
    return 1


def _bow_tie(sheet: Sheet, row: int, rng: np.random.Generator) -> int:
    """Put two vertices in the wrong order: the ring crosses itself."""
    ring = shapely.get_coordinates(_polygon(sheet, row).simplify(1.5))
    for at in rng.permutation(len(ring) - 3):
        turned = ring.copy()
        turned[[at + 1, at + 2]] = turned[[at + 2, at + 1]]
        if at + 2 == len(ring) - 1 or at == 0:
            continue
        crossed = shapely.Polygon(turned)
        if not crossed.is_valid and shapely.make_valid(crossed).area > 0.5 * _polygon(sheet, row).area:
            sheet.shapes[row] = crossed
            sheet.note("invalid_geom", [row], shapely.Point(ring[at + 1]), "the ring crosses itself")
            return 1
    return 0


def _same_id(sheet: Sheet, row: int, rng: np.random.Generator) -> int:
    other = int((row + 1 + rng.integers(0, max(1, len(sheet.ids) - 1))) % len(sheet.ids))
    if other == row or sheet.ids[other] in sheet.touched():
        return 0
    sheet.ids[row] = sheet.ids[other]
    sheet.note("duplicate_id", [row], _polygon(sheet, row), "two grids carry one number")
    return 1


def _twice(sheet: Sheet, row: int, _rng: np.random.Generator) -> int:
    sheet.shapes.append(sheet.shapes[row])
    sheet.ids.append(f"{sheet.ids[row]}-1")
    sheet.source.append(sheet.source[row])
    sheet.note("duplicate_geometry", [row, len(sheet.ids) - 1], _polygon(sheet, row), "one grid was copied")
    return 1


def _sliver(sheet: Sheet, row: int, rng: np.random.Generator) -> int:
    """Leave a thread of a polygon on a border, as editing does."""
    other = _beside(sheet, row)
    if other is None:
        return 0
    border = _longest(shapely.intersection(_polygon(sheet, row).exterior, _polygon(sheet, other).buffer(4)))
    part = substring(border, 0.3, 0.7, normalized=True)
    thread = shapely.set_precision(shapely.buffer(part, rng.uniform(0.15, 0.5), cap_style="flat"), PRECISION_M)
    if thread.geom_type != "Polygon" or thread.area < 2:
        return 0
    sheet.shapes.append(thread)
    sheet.ids.append(f"{sheet.ids[row]}-X")
    sheet.source.append(sheet.source[row])
    sheet.note("sliver", [len(sheet.ids) - 1], thread, f"{thread.area:.0f} m2 of {part.length:.0f} m length")
    return 1


def _two_parts(sheet: Sheet, row: int, rng: np.random.Generator) -> int:
    """Give one number to two places that do not touch: a grid of the neighbourhood swallowed into this one's row."""
    shape = _polygon(sheet, row)
    others = np.array(sheet.shapes, dtype=object)
    away = shapely.distance(others, shape)
    near = np.flatnonzero((away > 60) & (away < 900) & (shapely.get_type_id(others) == shapely.GeometryType.POLYGON))
    touched = sheet.touched()
    near = near[[sheet.ids[n] not in touched for n in near]]
    if not len(near):
        return 0
    other = int(near[rng.integers(0, len(near))])
    sheet.shapes[row] = shapely.MultiPolygon([shape, _polygon(sheet, other)])
    sheet.note("multipart", [row], shape, f"one number for two places that do not touch; the other was {sheet.ids[other]}")
    sheet.shapes[other], sheet.source[other] = None, -1
    return 1


def _null(sheet: Sheet, row: int, _rng: np.random.Generator) -> int:
    sheet.shapes.append(None)
    sheet.ids.append(f"{sheet.ids[row]}-N")
    sheet.source.append(sheet.source[row])
    sheet.note("no_shape", [len(sheet.ids) - 1], _polygon(sheet, row), "a row without an outline")
    return 1


def _longest(shape: BaseGeometry) -> shapely.LineString:
    parts = shapely.get_parts(shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape)
    return cast("shapely.LineString", parts[int(np.argmax(shapely.length(parts)))])


_PLANTERS = {
    "gap": _gap,
    "overlap": _overlap,
    "invalid_geom": _bow_tie,
    "duplicate_id": _same_id,
    "duplicate_geometry": _twice,
    "sliver": _sliver,
    "multipart": _two_parts,
    "no_shape": _null,
}
