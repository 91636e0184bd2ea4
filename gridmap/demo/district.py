"""One district from its seed: ground, roads, blocks, homes, divisions and departmental layers, in this order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.demo import arterials, blocks, divisions, faults, ground, homes, layers


@dataclass
class District:
    """Everything that stands on the ground; geometry in EPSG:4549 metres once ``move`` has put it there."""

    code: str
    name_zh: str
    ground: ground.Ground
    plan: blocks.Plan
    homes: homes.Homes
    divisions: divisions.Divisions
    layers: dict[str, layers.Layer]
    sheets: dict[str, faults.Sheet]
    shift: np.ndarray

    def at(self, shapes: np.ndarray) -> np.ndarray:
        """Put shapes from local metres onto the map (EPSG:4549), to the centimetre."""
        moved = shapely.transform(np.asarray(shapes, dtype=object), lambda xy: np.round(xy + self.shift, 2))
        return np.asarray(moved)


def build(
    seed: int, *, code: str, name_zh: str, streets: tuple[int, ...] | None = None, offset_m: tuple[float, float] = (0, 0)
) -> District:
    """Build a district; the same seed builds the same one.

    streets: only these streets (0-7); None means all. offset_m: how far from ORIGIN it stands.
    """
    rng = np.random.default_rng([seed, int(code)])
    land = ground.draw(rng)
    main = arterials.draw(land, rng)
    quarters = blocks.quarters(land, main)
    if streets is not None:
        quarters = quarters[np.isin(divisions.street_of(land, quarters), streets)]
    plan = blocks.divide(quarters, main, rng)
    built = homes.build(land, plan, rng)
    grouped = divisions.group(land, plan, built, rng, district=code)
    drawn = layers.draw(land, plan, built, grouped)
    sheets = {key: faults.spoil(layer, grid_ids(layer, grouped), rng) for key, layer in drawn.items()}
    return District(code, name_zh, land, plan, built, grouped, drawn, sheets, np.array(ground.ORIGIN) + offset_m)


def grid_ids(layer: layers.Layer, divided: divisions.Divisions) -> list[str]:
    """Give the numbers of a layer's grids, the way its office counts."""
    prefix = {"zongzhi": "ZZ", "yingji": "YJ", "chengguan": "CG", "huanjing": "HJ"}[layer.key]
    seen: dict[str, int] = {}
    found = []
    for street, community in zip(layer.street, layer.community, strict=True):
        area = divided.community_codes[community] if layer.key == "zongzhi" else divided.street_codes[street]
        seen[area] = seen.get(area, 0) + 1
        found.append(f"{prefix}{area}{seen[area]:0{3 if layer.key == 'zongzhi' else 4}d}")
    return found
