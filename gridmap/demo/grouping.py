"""Joining blocks to larger pieces along the tree they were divided by: by roads, up to a size, as offices draw their areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from shapely.geometry import LineString

    from gridmap.demo.blocks import Parcel


class Borders(NamedTuple):
    """Pairs of neighbouring blocks and the metres they share (a river between them counts for little)."""

    left: np.ndarray
    right: np.ndarray
    shared_m: np.ndarray


def middles(shapes: np.ndarray) -> np.ndarray:
    """Give a point inside each shape, as x and y."""
    return shapely.get_coordinates(shapely.point_on_surface(shapes))


def borders(shapes: np.ndarray, river: LineString) -> Borders:
    """Find which shapes share a border, and how many metres of it."""
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.length(shapely.intersection(shapes[left], shapes[right]))
    long = shared > 0.5
    left, right, shared = left[long], right[long], shared[long]
    middle = middles(shapes)
    across = shapely.crosses(shapely.linestrings(np.stack([middle[left], middle[right]], axis=1)), river)
    return Borders(left, right, np.where(across, shared * 0.05, shared))


def blocks_of(parcel: Parcel) -> list[int]:
    """List the blocks a parcel was divided into."""
    return [block for piece in parcel.pieces for block in blocks_of(piece)] if parcel.pieces else [parcel.block]


def pieces(roots: list[Parcel], sizes: np.ndarray, most: np.ndarray | float, within: np.ndarray) -> np.ndarray:
    """Find the largest parcels whose size stays under ``most`` and that lie in one value of ``within``.

    sizes: one figure a block, or several in columns, each with its own ``most``. Gives the piece's number for each block.
    """
    part = np.full(len(sizes), -1)
    number = 0
    stack = list(reversed(roots))
    while stack:
        parcel = stack.pop()
        blocks = blocks_of(parcel)
        fits = np.all(sizes[blocks].sum(axis=0) <= most) and len(set(within[blocks])) == 1
        if parcel.pieces and not fits:
            stack.extend(reversed(parcel.pieces))
            continue
        part[blocks] = number
        number += 1
    return part


def merge_small(
    part: np.ndarray,
    *,
    within: np.ndarray,
    sizes: np.ndarray,
    least: np.ndarray | float,
    most: float,
    touching: Borders,
    alike: np.ndarray | None = None,
) -> np.ndarray:
    """Join each piece under its ``least`` to the neighbour in the same ``within`` that it fits best.

    least: a figure, or one a block (a piece takes the mean over its blocks); most: a sum above which joining is a last resort;
    alike: a truth a block (village or not): pieces of unlike majority join reluctantly.
    """
    part = part.copy()
    given_up: set[int] = set()
    each = np.broadcast_to(np.asarray(least, float), part.shape)
    kind = np.zeros(len(part), bool) if alike is None else alike
    while True:
        count = np.maximum(np.bincount(part), 1)
        total = np.bincount(part, weights=sizes)
        floor = np.bincount(part, weights=each) / count
        majority = np.bincount(part, weights=kind) * 2 > count
        short = [int(p) for p in np.unique(part) if total[p] < floor[p] and int(p) not in given_up]
        if not short:
            return np.asarray(np.unique(part, return_inverse=True)[1])
        small = min(short, key=lambda p: float(total[p] / floor[p]))
        left, right = part[touching.left], part[touching.right]
        beside = ((left == small) ^ (right == small)) & (within[touching.left] == within[touching.right])
        if not beside.any():
            given_up.add(small)
            continue
        other = np.where(left == small, right, left)[beside]
        border = np.bincount(other, weights=touching.shared_m[beside], minlength=len(total))
        fit = border * np.where(total + total[small] <= most, 1.0, 0.02) * np.where(majority == majority[small], 1.0, 0.3)
        part[part == small] = int(np.argmax(fit))


def dissolve(shapes: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Dissolve the shapes of each part, numbered from 0."""
    order = np.argsort(part, kind="stable")
    cuts = np.flatnonzero(np.diff(part[order])) + 1
    return np.array([shapely.coverage_union_all(group) for group in np.split(shapes[order], cuts)], dtype=object)
