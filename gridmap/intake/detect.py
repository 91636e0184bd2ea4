"""Propose which coordinate system a layer is really in, from its numbers and from how it fits what is known of the district.

Nothing is decided here: every proposal says how well it fits and how far it lies from the next best, and a person confirms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from gridmap import crs as systems
from gridmap import terms
from gridmap.errors import InputError
from gridmap.intake import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Places = NDArray[np.float64]

_CHINA = (73.0, 3.0, 136.0, 54.0)
_MERCATOR = (8.1e6, 0.3e6, 15.2e6, 7.2e6)
_SAMPLES = 2000
"""Border points a fit is measured with."""
_FOLLOWS_M = 10.0
"""A border point this near the district's borders follows them."""
_FAR_M = 20_000.0
"""A layer farther than this from the district is not proposed to lie there."""

TELLS = 0.2
"""Share of border points that must follow the district's borders in some reading, for a fit to outweigh what the file says.

A layer laid over a town anyhow follows up to a sixth of its borders and roads."""

_INSIDE = 0.1
"""How much more of a layer may lie inside in another reading before what the file says is left."""

_ALIKE = 0.03
"""Two readings whose shares differ by less than this follow the borders as well as each other."""

_MOVED = 1000
"""Border points that the constant distance is measured with."""

_NEAR_M = 100.0
_STEPS, _SETTLED_M = 30, 0.05


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read a layer's coordinates.

    code: EPSG code; swapped: northing (or latitude) stands first; shifted: "gcj02" or "bd09" where the numbers are shifted
    degrees. follows: share of the layer's border points within 10 m of the district's borders or roads; inside: share of them
    within the district or 100 m of it; both None where no district is known. shift_m: how far this reading moves the layer from
    where the plain one (not shifted; else CGCS2000 of the same zone) puts it; left_m: the constant distance, east and north,
    by which the layer would still have to move to fit best.
    """

    code: int
    swapped: bool = False
    shifted: systems.Shifted | None = None
    follows: float | None = None
    inside: float | None = None
    shift_m: float | None = None
    left_m: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """Name the system as GIS staff do."""
        plain = {"gcj02": "GCJ-02", "bd09": "BD-09"}.get(self.shifted or "") or names.called(CRS.from_epsg(self.code))
        return terms.say("{system}, northing first", system=plain) if self.swapped else plain

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Give the layer with its coordinates put right, in EPSG:4490 where they were shifted, else in EPSG ``code``."""
        moved = shapely.transform(frame.geometry.to_numpy(), self._upright)
        return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=moved, crs=CRS.from_epsg(self.code))

    def _upright(self, places: Places) -> Places:
        if self.swapped:
            places = places[:, ::-1]
        if self.shifted is not None:
            places = np.column_stack(systems.from_shifted(places[:, 0].copy(), places[:, 1].copy(), system=self.shifted))
        return np.ascontiguousarray(places)


def propose(
    frame: gpd.GeoDataFrame, *, near: gpd.GeoDataFrame | None = None, roads: gpd.GeoDataFrame | None = None, most: int = 6
) -> list[Proposal]:
    """Give the ways to read the layer's coordinates, the likeliest first; none when its numbers fit no known system.

    near: areas known to be right (communities, streets), which the layer should lie on; roads: lines that its borders may
    follow too. Without areas only the range of the
    numbers is known: a zone without number, a datum, GCJ-02 and BD-09 cannot be told apart then, and several come back. Where
    too little of the layer follows them to tell, what the file says comes first.
    """
    places = _border(frame)
    plain = [Proposal(code, swapped) for code, swapped in _by_range(places)]
    code = None if frame.crs is None else CRS.from_user_input(frame.crs).to_epsg()
    if code is not None:
        plain = [Proposal(code), *(proposal for proposal in plain if proposal != Proposal(code))]
    degrees = [proposal for proposal in plain if CRS.from_epsg(proposal.code).is_geographic]
    plain += [Proposal(systems.STORED, proposal.swapped, shifted) for proposal in degrees for shifted in ("gcj02", "bd09")]
    plain = list(dict.fromkeys(plain))
    if near is None:
        return plain[:most]
    frame_of_reference = _Known(near, roads)
    measured = _ranked([one for proposal in plain if (one := frame_of_reference.fit(proposal, places)) is not None])
    if code is not None and measured and (measured[0].follows or 0) < TELLS:
        least = (measured[0].inside or 0) - _INSIDE
        measured.sort(key=lambda one: (one.code, one.swapped, one.shifted) != (code, False, None) or (one.inside or 0) < least)
    return measured[:most]


def _ranked(measured: list[Proposal]) -> list[Proposal]:
    """Order proposals by the share that fits; those about as good as the best by how little is left to move.

    Two datums may lie metres apart, which shares hardly tell and metres do.
    """

    def order(one: Proposal) -> tuple[bool, float]:
        alike = _share(one) >= best - _ALIKE
        return not alike, round(float(np.hypot(*(one.left_m or (0, 0)))), 1) if alike else -_share(one)

    best = max(map(_share, measured), default=0.0)
    return sorted(measured, key=order)


def _share(one: Proposal) -> float:
    return (one.follows or 0) + (one.inside or 0)


class _Known:
    """The known district, its borders and roads ready to be measured against."""

    def __init__(self, near: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None) -> None:
        reference = CRS.from_user_input(near.crs)
        self.crs = reference if systems.is_metric(reference) else metric(near)
        areas = near.to_crs(self.crs).geometry.to_numpy()
        rings = shapely.get_rings(shapely.get_parts(areas))
        ways = np.array([], dtype=object) if roads is None else shapely.get_parts(roads.to_crs(self.crs).geometry.to_numpy())
        self.lines = shapely.STRtree(_segments(np.concatenate([rings, ways])))
        self.land = shapely.buffer(shapely.union_all(shapely.buffer(areas, 1.0)), _NEAR_M)
        west, south, east, north = shapely.total_bounds(areas)
        self.box = west - _FAR_M, south - _FAR_M, east + _FAR_M, north + _FAR_M
        shapely.prepare(self.land)

    def fit(self, proposal: Proposal, raw: Places) -> Proposal | None:
        """Measure how a reading fits, or None when it puts the layer elsewhere altogether."""
        read = self._projected(proposal, raw)
        if read is None:
            return None
        near = read[((read >= self.box[:2]) & (read <= self.box[2:])).all(axis=1)]  # a stray row far off says nothing, slowly
        if not len(near):
            return None
        away = np.hypot(*self._steps(near).T)
        plain = self._projected(Proposal(self._plain_code(proposal), proposal.swapped), raw)
        return Proposal(
            proposal.code,
            proposal.swapped,
            proposal.shifted,
            float((away <= _FOLLOWS_M).sum() / len(read)),
            float(shapely.contains_xy(self.land, read).mean()),
            None if plain is None else float(np.median(np.hypot(*(read - plain).T))),
            self._left(near),
        )

    def _steps(self, places: Places) -> Places:
        """Give the way, east and north, from each place to the nearest border."""
        points = shapely.points(places)
        ways = shapely.shortest_line(points, self.lines.geometries.take(self.lines.nearest(points)))
        ends = shapely.get_coordinates(ways).reshape(-1, 2, 2)
        return np.asarray(ends[:, 1] - ends[:, 0])

    def _left(self, places: Places) -> tuple[float, float]:
        """Find the constant move that brings the places onto the borders: step by step, the far half left out."""
        moved, places = np.zeros(2), places[:: max(1, len(places) // _MOVED)]
        for _ in range(_STEPS):
            ways = self._steps(places + moved)
            away = np.hypot(*ways.T)
            step = 1.5 * ways[away <= np.median(away)].mean(axis=0)
            moved += step
            if np.hypot(*step) < _SETTLED_M:
                break
        return float(moved[0]), float(moved[1])

    def _projected(self, proposal: Proposal, raw: Places) -> Places | None:
        try:
            read = _transformer(proposal.code, self.crs.to_wkt()).transform(*proposal._upright(raw).T)  # noqa: SLF001 - its own class
        except ProjError:
            return None
        places = np.column_stack(read)
        return places if np.isfinite(places).all() else None

    def _plain_code(self, proposal: Proposal) -> int:
        name = CRS.from_epsg(proposal.code).name
        same = name.replace("Beijing 1954", "CGCS2000").replace("Xian 1980", "CGCS2000")
        return _zones().get(same, proposal.code)


@cache
def _transformer(code: int, target: str) -> Transformer:
    return Transformer.from_crs(CRS.from_epsg(code), CRS.from_wkt(target), always_xy=True)


def metric(frame: gpd.GeoDataFrame) -> CRS:
    """Give a metric system for where a frame lies: China's 3-degree zone, else the UTM zone. Raises InputError for nowhere."""
    west, south, east, north = frame.to_crs(systems.STORED).total_bounds
    longitude = float(west + east) / 2
    if not np.isfinite(longitude):
        raise InputError("The coordinates are not where their coordinate system says; they cannot be put into metres.")
    if 73.5 <= longitude <= 136.5 and 3 <= north <= 54:
        return CRS.from_epsg(systems.zone(longitude))
    return CRS.from_epsg((32601 if south + north >= 0 else 32701) + min(59, int((longitude + 180) // 6)))


def _segments(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    same = owner[1:] == owner[:-1]
    return np.asarray(shapely.linestrings(np.stack([coordinates[:-1][same], coordinates[1:][same]], axis=1)))


def _border(frame: gpd.GeoDataFrame) -> Places:
    """Give up to 2,000 vertices of the layer, evenly taken."""
    coordinates = shapely.get_coordinates(frame.geometry.to_numpy())
    return coordinates[:: max(1, len(coordinates) // _SAMPLES)][: 2 * _SAMPLES]


def _by_range(places: Places) -> Iterator[tuple[int, bool]]:
    """Give EPSG codes and whether the axes are swapped, as the numbers allow."""
    for swapped in (False, True):
        x, y = np.median(places[:, ::-1] if swapped else places, axis=0)
        if _CHINA[0] <= x <= _CHINA[2] and _CHINA[1] <= y <= _CHINA[3]:
            yield systems.STORED, swapped
        elif abs(x) <= 180 and abs(y) <= 90 and not swapped:
            yield 4326, False
        elif 0.3e6 <= y <= 6e6 and 1e5 <= x % 1e6 <= 9e5:
            for datum in ("CGCS2000", "Xian 1980", "Beijing 1954"):
                yield from ((code, swapped) for code in _zone_codes(datum, int(x // 1e6)))
        if _MERCATOR[0] <= x <= _MERCATOR[2] and _MERCATOR[1] <= y <= _MERCATOR[3]:
            yield 3857, swapped


def _zone_codes(datum: str, number: int) -> Iterator[int]:
    """Give the codes of a datum's zones with this number, or, for 0, those without a number, by central meridian."""
    if number:
        names = [f"{datum} / 3-degree Gauss-Kruger zone {number}", f"{datum} / Gauss-Kruger zone {number}"]
    else:
        names = [f"{datum} / 3-degree Gauss-Kruger CM {meridian}E" for meridian in sorted(range(75, 136, 3), key=_from_middle)]
        names += [f"{datum} / Gauss-Kruger CM {meridian}E" for meridian in range(75, 136, 6)]
    yield from (_zones()[name] for name in names if name in _zones())


def _from_middle(meridian: int) -> int:
    """Order meridians by how far they are from where most people live."""
    return abs(meridian - 117)


@cache
def _zones() -> dict[str, int]:
    """Map the names of China's Gauss-Kruger zones to their EPSG codes, as the numbers in the register run."""
    known: dict[str, int] = {}
    for datum, with_number, without, six_number, six_without in (
        ("CGCS2000", 4513, 4534, 4491, 4502),
        ("Xian 1980", 2349, 2370, 2327, 2338),
        ("Beijing 1954", 2401, 2422, 21413, 21453),
    ):
        for step in range(21):
            known[f"{datum} / 3-degree Gauss-Kruger zone {25 + step}"] = with_number + step
            known[f"{datum} / 3-degree Gauss-Kruger CM {75 + 3 * step}E"] = without + step
        for step in range(11):
            known[f"{datum} / Gauss-Kruger zone {13 + step}"] = six_number + step
            known[f"{datum} / Gauss-Kruger CM {75 + 6 * step}E"] = six_without + step
    return known
