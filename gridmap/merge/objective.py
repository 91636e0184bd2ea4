"""What a good set of grids is: the settings of the merge's objective, and its value for any partition.

A partition's cost is a length in metres, the sum over its zones z of

    Σ_{e inside z} l_e·D_e + ½·Σ_{e leaving z} l_e·(1 − min(1, D_e)) + G·Σ_k w_k·T_k(z) + N(h_z)

with l_e the length of a shared border e; D_e = max(barrier on e, β·Σ_k w_k·[layer k differs across e]), which is not
capped at 1, so that erasing a border costs more the more departments hold it;
T_k(z) the number of layer-k grids that z touches; w_k a department's weight, scaled to sum to 1; h_z the households of z; and
N(h) = 0 within the norm, else M + S·(per cent of the norm's middle by which h misses the norm).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GRAIN = 1024.0
"""Lengths and households are rounded to 1/1024, so that sums are exact in any order."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The settings of the objective; every length is in metres.

    beta: how strongly old borders count. With four equal departments, erasing a metre of a border that m of them hold
    costs β·m/4 metres, and drawing a metre of it anew costs 1 − β·m/4, or nothing from β·m/4 = 1 on.
    touch_m: G, the price of each old grid that a new grid touches, shared among the departments by weight.
    outside_m: S, the price of each per cent of the norm's middle by which a grid misses the norm.
    miss_m: M, the price of missing the norm at all.
    barrier: how many times its length a barrier costs inside a grid, where its own table gives no weight.
    barrier_within_m: how far a border may lie from a barrier to count as running along it.
    departments: a weight for each layer; a layer that is not named weighs 1.
    """

    beta: float = 8.0
    touch_m: float = 20.0
    outside_m: float = 150.0
    miss_m: float = 400.0
    barrier: float = 2.0
    barrier_within_m: float = 10.0
    departments: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        for name in ("beta", "touch_m", "outside_m", "miss_m", "barrier", "barrier_within_m"):
            value = getattr(self, name)
            if not np.isfinite(value) or value < 0:
                raise InputError("The setting {name} must be a number of at least 0, not {value}.", name=name, value=value)
        for layer, weight in self.departments.items():
            if not np.isfinite(weight) or weight < 0:
                raise InputError("The weight of the layer {layer} must be at least 0, not {value}.", layer=layer, value=weight)

    def shares(self, layers: tuple[str, ...]) -> Floats:
        """Give each layer's share of all departments' weight, which sum to 1."""
        weights = np.array([float(self.departments.get(layer, 1.0)) for layer in layers])
        total = weights.sum()
        if len(layers) and total <= 0:
            raise InputError("At least one layer must have a weight above 0.")
        return np.asarray(weights / total) if len(layers) else weights


class Unit(NamedTuple):
    """One nest unit as the search sees it: nodes (one or more atoms each) and the borders between them.

    pointer, neighbour: the graph, each border listed from both ends; inside and leaving: what a border costs in a zone
    that holds both its ends, and in each of the two zones it parts. weight: households a node. fixed: what a node costs
    in any zone. label_pointer, label: the old grids a node touches; label_price: what touching each costs a zone.
    clash_pointer, clash: nodes that must not share a zone. low, high, slope, miss: the norm, S a household, M.
    """

    pointer: Ints
    neighbour: Ints
    inside: Floats
    leaving: Floats
    weight: Floats
    fixed: Floats
    label_pointer: Ints
    label: Ints
    label_price: Floats
    clash_pointer: Ints
    clash: Ints
    low: float
    high: float
    slope: float
    miss: float


def grain(values: Floats) -> Floats:
    """Round to 1/1024: such numbers add up exactly, in whatever order."""
    return np.asarray(np.round(values * GRAIN) / GRAIN)


def norm_cost(weight: float, unit: Unit) -> float:
    """Give what a zone of ``weight`` households costs for missing the norm."""
    if weight < unit.low:
        return unit.miss + unit.slope * (unit.low - weight)
    if weight > unit.high:
        return unit.miss + unit.slope * (weight - unit.high)
    return 0.0


def zone_cost(unit: Unit, nodes: Ints) -> float:
    """Give the cost of one zone, straight from the formula: slow, plain, and what the fast paths are tested against."""
    members = {int(node) for node in nodes}
    cost = 0.0
    labels: set[int] = set()
    for node in members:
        cost += float(unit.fixed[node])
        labels.update(int(x) for x in unit.label[unit.label_pointer[node] : unit.label_pointer[node + 1]])
        for at in range(int(unit.pointer[node]), int(unit.pointer[node + 1])):
            if int(unit.neighbour[at]) in members:
                cost += float(unit.inside[at]) / 2  # seen from both ends
            else:
                cost += float(unit.leaving[at])
    cost += sum(float(unit.label_price[x]) for x in labels)
    return cost + norm_cost(float(unit.weight[list(members)].sum()), unit)


def cost(unit: Unit, zone: Ints) -> float:
    """Give the cost of a partition: ``zone`` holds each node's zone number."""
    return sum(zone_cost(unit, np.flatnonzero(zone == z)) for z in np.unique(zone))
