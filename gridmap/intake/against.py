"""Find what is wrong with a layer against the district: land outside, borders of communities crossed, compounds cut, codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gridmap import codes
from gridmap.errors import InputError
from gridmap.finding import Finding
from gridmap.intake.drawn import areal
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from gridmap.intake.drawn import Drawn, Shapes


def find(drawn: Drawn, units: gpd.GeoDataFrame, frame: Shapes, district: shapely.Geometry) -> Iterator[Finding]:
    """Find land outside the district, borders of communities and streets crossed, codes of another parent.

    units: the communities, index = code; frame: their areas, valid, in the layer's metres; district: all of them together.
    """
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    names, called = [str(name) for name in units.index], _called(units)
    shapely.prepare(district)
    outside = np.full(len(shapes), shapely.Polygon(), dtype=object)
    over = ~shapely.covers(district, shapes)
    outside[over] = shapely.difference(shapes[over], district)
    for row in np.flatnonzero(_deep(outside, tolerances.slack_m)):
        yield Finding(
            "outside",
            "warning",
            key("{grid} reaches out of the district."),
            {"grid": ids[row]},
            key("Cleaning cuts it at the district's border."),
            areal(outside[row]),
            float(shapely.area(outside[row])),
            "m²",
            (ids[row],),
        )
    tree = shapely.STRtree(frame)
    row, unit = tree.query(shapes, predicate="intersects")
    shared = _shared(shapes[row], frame[unit])
    deep = _deep(shared, tolerances.slack_m)
    row, unit, shared = row[deep], unit[deep], shared[deep]
    for grid in np.flatnonzero(np.bincount(row, minlength=len(shapes)) > 1):
        mine = np.flatnonzero(row == grid)
        order = mine[np.argsort(-shapely.area(shared[mine]), kind="stable")]
        rest = shapely.union_all(shared[order[1:]])
        within = [names[place] for place in unit[order]]
        said = [called[place] for place in unit[order]]
        streets = len({name[: codes.STREET] for name in within}) > 1 and all(is_code(name, codes.COMMUNITY) for name in within)
        message = key("{grid} crosses from {unit} into {others}.")
        yield Finding(
            "cross_street" if streets else "cross_community",
            "error" if streets else "warning",
            message,
            {"grid": ids[grid], "unit": said[0], "others": list(said[1:4])},
            key("Merging cuts it at the border of the community."),
            areal(rest),
            float(shapely.area(rest)),
            "m²",
            (ids[grid],),
        )
    yield from _codes(shapes, ids, tree, names)


def _codes(shapes: Shapes, ids: Shapes, tree: shapely.STRtree, names: list[str]) -> Iterator[Finding]:
    """Find codes that are malformed, or name another community than the one the grid lies in; where ids are codes at all."""
    coded = np.array([is_code(name, codes.GRID) for name in ids])
    if coded.mean() < 0.5:
        return
    middles = shapely.point_on_surface(shapes)
    inside = dict(zip(*tree.query(middles, predicate="within"), strict=True))
    for row, name in enumerate(ids):
        unit = names[inside[row]] if row in inside else None
        if not coded[row]:
            message, values = key("{grid} is not a code of 15 digits."), {"grid": name}
        elif unit is not None and is_code(unit, codes.COMMUNITY) and codes.parent(name) != unit:
            message = key("{grid} lies in community {unit}, but its code names {parent}.")
            values = {"grid": name, "unit": unit, "parent": str(codes.parent(name))}
        else:
            continue
        remedy = key("Merging numbers the grids anew; the old code stays in the crosswalk.")
        yield Finding("code_mismatch", "warning", message, values, remedy, middles[row], ids=(name,))


def cuts(drawn: Drawn, compounds: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Find compounds that lie in more than one grid."""
    shapes, ids, tolerances = drawn.shapes, drawn.ids, drawn.tolerances
    areas = shapely.make_valid(compounds.geometry.to_numpy(), method="structure", keep_collapsed=False)
    compound, row = shapely.STRtree(shapes).query(areas, predicate="intersects")
    shared = shapely.intersection(areas[compound], shapes[row])
    deep = _deep(shared, tolerances.slack_m)
    compound, row, shared = compound[deep], row[deep], shared[deep]
    names = _called(compounds)
    for place in np.flatnonzero(np.bincount(compound, minlength=len(areas)) > 1):
        mine = compound == place
        sizes = shapely.area(shared[mine])
        yield Finding(
            "cuts_compound",
            "warning",
            key("Compound {compound} is cut between {grids}."),
            {"compound": names[place], "grids": list(ids[row[mine]][:4])},
            key("Merging keeps a compound whole where it is given as a unit."),
            areas[place],
            float(sizes.sum() - sizes.max()),
            "m²",
            tuple(ids[row[mine]]),
        )


def _called(units: gpd.GeoDataFrame) -> list[str]:
    """Give what people call each unit: its name where it has one, else its id."""
    named = units["name_zh"] if "name_zh" in units else [None] * len(units)
    return [name if isinstance(name, str) and name else str(code) for code, name in zip(units.index, named, strict=True)]


def _shared(shapes: Shapes, grounds: Shapes) -> Shapes:
    """Give what each shape shares with the ground beside it; most lie in it whole, which is told much sooner than cut."""
    shapely.prepare(grounds)
    shared = shapes.copy()
    cut = ~shapely.covers(grounds, shapes)
    shared[cut] = shapely.intersection(shapes[cut], grounds[cut])
    return shared


def _deep(shapes: Shapes, slack_m: float) -> NDArray[np.bool_]:
    """Say which areas hold a circle wider than the slack: drawn there, not strayed there."""
    wide = 2 * shapely.area(shapes) > slack_m * shapely.length(shapes) / 2
    deep = np.zeros(len(shapes), dtype=bool)
    deep[wide] = ~shapely.is_empty(shapely.buffer(shapes[wide], -slack_m))
    return deep


def is_code(name: str, digits: int) -> bool:
    """Say whether a text is an official code of so many digits."""
    try:
        return codes.level(name) == codes.LEVELS[digits]
    except InputError:
        return False
