"""A partition in motion: zones, their figures and every zone seen so far, for the compiled search.

All arrays are preallocated; all sums are exact (see objective.GRAIN), so adding and taking away never drifts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints, Unit

Bits = npt.NDArray[np.uint64]


class Pool(NamedTuple):
    """Zones seen, each once: ``nodes[pointer[i]:pointer[i + 1]]`` at ``cost[i]``; ``size[0]`` of them, found by ``slots``."""

    pointer: Ints
    nodes: npt.NDArray[np.int32]
    cost: Floats
    key: Bits
    slots: npt.NDArray[np.int32]
    size: Ints


class State(NamedTuple):
    """Each node's zone, and each zone's number of nodes, households, border and fixed costs, hash, and old grids touched."""

    zone: Ints
    nodes: Ints
    weight: Floats
    border: Floats
    key: Bits
    touched: npt.NDArray[np.int32]
    names: Floats


def pool(nodes: int, zones: int, total: int) -> Pool:
    """Make an empty pool for up to ``zones`` zones of ``total`` members altogether (of ``nodes`` nodes)."""
    slots = 1 << max(4, int(np.ceil(np.log2(zones * 2))))
    return Pool(
        np.zeros(zones + 1, np.int64),
        np.zeros(max(total, nodes), np.int32),
        np.zeros(zones),
        np.zeros(zones, np.uint64),
        np.full(slots, -1, np.int32),
        np.zeros(1, np.int64),
    )


@njit(cache=True)
def draw(random: Bits) -> np.uint64:
    """Give the next 64 random bits (splitmix64)."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits: np.uint64 = z ^ (z >> np.uint64(31))
    return bits


@njit(cache=True)
def below(random: Bits, n: int) -> int:
    """Give a random whole number from 0 to n - 1."""
    return int(np.int64(draw(random) % np.uint64(n)))


@njit(cache=True)
def uniform(random: Bits) -> float:
    """Give a random number from 0 up to 1."""
    share: float = float(draw(random) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
    return share


@njit(cache=True)
def norm_price(h: float, low: float, high: float, slope: float, miss: float) -> float:
    """Give the cost of missing the norm (objective.norm_cost, compiled)."""
    if h < low:
        return miss + slope * (low - h)
    if h > high:
        return miss + slope * (h - high)
    return 0.0


@njit(cache=True)
def zone_price(state: State, z: int, unit: Unit) -> float:
    """Give the cost of zone z from its running figures."""
    norm: float = norm_price(state.weight[z], unit.low, unit.high, unit.slope, unit.miss)
    return float(state.border[z] + state.names[z] + norm)


@njit(cache=True)
def fill(state: State, unit: Unit, keys: Bits) -> float:
    """Compute every zone's figures from ``state.zone``; give the partition's cost."""
    n = len(state.zone)
    state.nodes[:] = 0
    state.weight[:] = 0.0
    state.border[:] = 0.0
    state.key[:] = np.uint64(0)
    state.touched[:] = 0
    state.names[:] = 0.0
    for u in range(n):
        z = state.zone[u]
        state.nodes[z] += 1
        state.weight[z] += unit.weight[u]
        state.border[z] += unit.fixed[u]
        state.key[z] ^= keys[u]
        for at in range(unit.pointer[u], unit.pointer[u + 1]):
            v = unit.neighbour[at]
            if state.zone[v] == z:
                if u < v:
                    state.border[z] += unit.inside[at]
            else:
                state.border[z] += unit.leaving[at]
        for at in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
            x = unit.label[at]
            if state.touched[z, x] == 0:
                state.names[z] += unit.label_price[x]
            state.touched[z, x] += 1
    total = 0.0
    for z in range(n):
        if state.nodes[z] > 0:
            total += zone_price(state, z, unit)
    return total


@njit(cache=True)
def seen(kept: Pool, key: np.uint64) -> int:
    """Find the slot of a zone's hash: of the zone itself, or the empty one where it belongs."""
    mask = np.uint64(len(kept.slots) - 1)
    slot = key & mask
    while kept.slots[slot] >= 0 and kept.key[kept.slots[slot]] != key:
        slot = (slot + np.uint64(1)) & mask
    return int(np.int64(slot))


@njit(cache=True)
def keep(kept: Pool, key: np.uint64, price: float, members: Ints, length: int) -> None:
    """Keep a zone with its cost unless it is there already or the pool is full."""
    slot = seen(kept, key)
    i = kept.size[0]
    start = kept.pointer[i] if i < len(kept.cost) else 0
    if kept.slots[slot] >= 0 or i >= len(kept.cost) or start + length > len(kept.nodes):
        return
    for k in range(length):
        kept.nodes[start + k] = members[k]
    kept.pointer[i + 1] = start + length
    kept.cost[i] = price
    kept.key[i] = key
    kept.slots[slot] = i
    kept.size[0] = i + 1


@njit(cache=True)
def collect(state: State, unit: Unit, start: int, members: Ints, mark: Ints, stamp: int, without: int) -> int:
    """Walk the zone of ``start`` (never entering node ``without``) into ``members``; give how many nodes were reached."""
    z = state.zone[start]
    members[0] = start
    mark[start] = stamp
    head, tail = 0, 1
    while head < tail:
        u = members[head]
        head += 1
        for at in range(unit.pointer[u], unit.pointer[u + 1]):
            v = unit.neighbour[at]
            if v != without and mark[v] != stamp and state.zone[v] == z:
                mark[v] = stamp
                members[tail] = v
                tail += 1
    return tail


@njit(cache=True)
def clashes(state: State, unit: Unit, u: int, z: int) -> bool:
    """Tell whether node u must not join zone z."""
    for at in range(unit.clash_pointer[u], unit.clash_pointer[u + 1]):  # noqa: SIM110 - numba compiles no any()
        if state.zone[unit.clash[at]] == z:
            return True
    return False


@njit(cache=True)
def move(state: State, unit: Unit, u: int, to: int, keys: Bits) -> None:
    """Put node u into zone ``to`` and bring both zones' figures up to date (connectivity is the caller's)."""
    z = state.zone[u]
    for at in range(unit.pointer[u], unit.pointer[u + 1]):
        w = state.zone[unit.neighbour[at]]
        if w == z:  # was inside, now leaves both z (from the neighbour) and `to` (from u)
            state.border[z] += unit.leaving[at] - unit.inside[at]
            state.border[to] += unit.leaving[at]
        elif w == to:  # was leaving both, now inside
            state.border[z] -= unit.leaving[at]
            state.border[to] += unit.inside[at] - unit.leaving[at]
        else:
            state.border[z] -= unit.leaving[at]
            state.border[to] += unit.leaving[at]
    for at in range(unit.label_pointer[u], unit.label_pointer[u + 1]):
        x = unit.label[at]
        state.touched[z, x] -= 1
        if state.touched[z, x] == 0:
            state.names[z] -= unit.label_price[x]
        if state.touched[to, x] == 0:
            state.names[to] += unit.label_price[x]
        state.touched[to, x] += 1
    state.border[z] -= unit.fixed[u]
    state.border[to] += unit.fixed[u]
    state.weight[z] -= unit.weight[u]
    state.weight[to] += unit.weight[u]
    state.nodes[z] -= 1
    state.nodes[to] += 1
    state.key[z] ^= keys[u]
    state.key[to] ^= keys[u]
    state.zone[u] = to
