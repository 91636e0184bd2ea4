"""All connected zones of a nest unit in one small diagram: a zone is a path, node by node taken in or left out.

Nodes are decided in an order in which few of them at a time have both decided and undecided neighbours. Of what was decided,
only this frontier matters for what may follow: which of its nodes are in, which of these hang together already, and which
old grids, parted pairs and triples (see triples) the zone has met so far. Paths that agree in this are one state, so that a
unit of 60 atoms with its billions of zones has some thousand states (the frontier method of Sekine, Imai and Tani, 1995,
and Kawahara et al., 2017). A zone that falls in two pieces has no path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints, Unit
    from gridmap.merge.triples import Triples
    from gridmap.merge.zones import Bits

Next = npt.NDArray[np.int32]

NOWHERE, DONE = -1, -2
"""In place of a next state: no zone goes on like this; the zone is complete."""

WIDEST = 15
"""Frontier nodes a state can hold: four bits each."""

SLOTS = 64
"""Bits for what a zone has met."""

ALONE = -2
"""In place of a bit: an old grid that one node alone touches."""

SIZES = (20_000, 200_000)
"""States a diagram may have: room is made for the first number, and for the second where that is not enough."""

PARTS = (1.0, 0.6, 0.35, 0.2, 0.1)
"""How many of the triples get bits, the weightiest, until the states suffice."""


class Diagram(NamedTuple):
    """States by layer: those of layer i, ``first[i]`` to ``first[i + 1]``, decide node ``order[i]``.

    take, leave: the next state where the node is taken in or left out, with what that adds to the zone's cost (borders and
    old grids). met: a state's bits. triple_pointer, triple, slot: the triples of each node, and each one's bit, -1 where
    it has none (such a triple's charge is not foreseen).
    """

    order: Ints
    first: Ints
    take: Next
    leave: Next
    take_cost: Floats
    leave_cost: Floats
    met: Bits
    triple_pointer: Ints
    triple: Ints
    slot: Ints


class _Things(NamedTuple):
    """What a zone can meet: old grids (``need`` 1 node), parted pairs and triples (2), with their price on being met."""

    pointer: Ints
    of: Ints
    need: Ints
    price: Floats
    last: Ints
    slot: Ints


def diagram(unit: Unit, triples: Triples, worth: Floats) -> Diagram | None:
    """Lay out all connected zones of a unit; None where its graph is too wide for that.

    worth: how much each triple matters; those above 0 get bits as far as there are any. Where bits or states run out, triples
    and then old grids go without: the diagram's costs are then too low, never too high.
    """
    order = best_order(unit.pointer, unit.neighbour)
    heavy = np.sort(worth[worth > 0])[::-1]
    tries = [(True, float(heavy[int(len(heavy) * share) - 1])) for share in PARTS if int(len(heavy) * share)]
    for labels, least in [*tries, (True, np.inf), (False, np.inf)]:
        things = _things(unit, triples, np.where(worth >= least, worth, 0.0), order, labels=labels)
        for size in SIZES:
            done, count, first, take, leave, take_cost, leave_cost, met = _build(unit, order, things, size)
            if done:
                own = np.zeros(len(worth), np.int64) - 1 if not len(worth) else things.slot[-len(worth) :]
                return Diagram(
                    order, first, take[:count], leave[:count], take_cost[:count], leave_cost[:count], met[:count],
                    triples.pointer, triples.of, own,
                )  # fmt: skip
    return None


def _things(unit: Unit, triples: Triples, worth: Floats, order: Ints, *, labels: bool) -> _Things:
    """List what a zone can meet, and give it bits from its first node to its last."""
    n = len(order)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    tail = np.repeat(np.arange(n), np.diff(unit.clash_pointer))
    once = tail < unit.clash
    pairs = np.column_stack([tail[once], unit.clash[once]])
    labelled = np.repeat(np.arange(n), np.diff(unit.label_pointer))
    names = len(unit.label_price)
    node = np.concatenate([pairs.ravel(), labelled, triples.nodes.ravel()])
    thing = np.concatenate([
        np.repeat(np.arange(len(pairs)), 2), len(pairs) + unit.label,
        len(pairs) + names + np.repeat(np.arange(len(worth)), 3),
    ])  # fmt: skip
    count = len(pairs) + names + len(worth)
    need = np.concatenate([np.full(len(pairs), 2), np.ones(names, np.int64), np.full(len(worth), 2)])
    price = np.concatenate([np.full(len(pairs), np.inf), unit.label_price, np.zeros(len(worth))])
    first, last = np.full(count, n), np.full(count, -1)
    np.minimum.at(first, thing, place[node])
    np.maximum.at(last, thing, place[node])
    slot = np.where((need == 1) & (first == last), ALONE, -1)
    busy = np.zeros((SLOTS, n), bool)
    tracked = np.concatenate([np.full(len(pairs), True), np.full(names, labels), worth > 0]) & (last > first)  # noqa: FBT003
    for x in np.flatnonzero(tracked):  # triples last
        for bit in range(SLOTS - need[x] + 1):
            if not busy[bit : bit + need[x], first[x] : last[x] + 1].any():
                slot[x] = bit
                busy[bit : bit + need[x], first[x] : last[x] + 1] = True
                break
    by = np.argsort(node, kind="stable")
    pointer = np.searchsorted(node[by], np.arange(n + 1)).astype(np.int64)
    return _Things(pointer, thing[by], need, price, last, slot)


@njit(cache=True)
def best_order(pointer: Ints, neighbour: Ints) -> Ints:
    """Give an order of the nodes that keeps the frontier narrow: the best of greedy ones, from every node."""
    n = len(pointer) - 1
    best, lowest = np.arange(n), np.inf
    order = np.zeros(n, np.int64)
    open_ = np.zeros(n, np.int64)  # undecided neighbours
    decided = np.zeros(n, np.bool_)
    for start in range(n):
        decided[:] = False
        for v in range(n):
            open_[v] = pointer[v + 1] - pointer[v]
        width, cost = 0, 0.0
        for i in range(n):
            chosen, least = -1, np.inf
            for j in range(i):
                if open_[order[j]] == 0:
                    continue
                for k in range(pointer[order[j]], pointer[order[j] + 1]):
                    v = neighbour[k]
                    if decided[v]:
                        continue
                    closed = 0
                    for q in range(pointer[v], pointer[v + 1]):
                        if decided[neighbour[q]] and open_[neighbour[q]] == 1:
                            closed += 1
                    score = 1000.0 * (min(open_[v], 1) - closed) + 30.0 * open_[v] + j  # narrow, then few new, then old first
                    if score < least:
                        chosen, least = v, score
            if chosen < 0:
                chosen = start
                while decided[chosen]:
                    chosen = (chosen + 1) % n
            decided[chosen] = True
            order[i] = chosen
            width += open_[chosen] > 0
            for q in range(pointer[chosen], pointer[chosen + 1]):
                v = neighbour[q]
                open_[v] -= 1
                if decided[v] and open_[v] == 0:
                    width -= 1
            cost += 2.6**width
            if cost >= lowest:
                break
        if cost < lowest:
            lowest = cost
            best = order.copy()
    return best


@njit(cache=True)
def _build(unit: Unit, order: Ints, things: _Things, size: int) -> tuple[bool, int, Ints, Next, Next, Floats, Floats, Bits]:
    """Build the states layer by layer. Gives whether there was room for all of them, their number, and a Diagram's arrays."""
    n = len(order)
    place = np.zeros(n, np.int64)
    for i in range(n):
        place[order[i]] = i
    until = place.copy()  # the layer that decides a node's last neighbour
    for v in range(n):
        for k in range(unit.pointer[v], unit.pointer[v + 1]):
            until[v] = max(until[v], place[unit.neighbour[k]])
    first = np.zeros(n + 1, np.int64)
    take, leave = np.full(size, NOWHERE, np.int32), np.full(size, NOWHERE, np.int32)
    take_cost, leave_cost = np.zeros(size), np.zeros(size)
    joined, met = np.zeros(size, np.uint64), np.zeros(size, np.uint64)  # a frontier node's piece, four bits each; 0: out
    first[1], total = 1, 1
    front, width = np.zeros(WIDEST + 1, np.int64), 0
    before, piece = np.zeros(WIDEST + 1, np.int64), np.zeros(WIDEST + 1, np.int64)
    stays = np.zeros(WIDEST + 1, np.int64)
    name = np.zeros(WIDEST + 2, np.int64)
    fresh = WIDEST + 1  # the piece of the node being decided
    table = np.full(1024, -1, np.int32)
    one = np.uint64(1)
    for i in range(n):
        v = order[i]
        need = 1024
        while need < 4 * (first[i + 1] - first[i]) + 16:
            need *= 2
        if need > len(table):
            table = np.full(need, -1, np.int32)
        else:
            table[:] = -1
        mask = np.uint64(len(table) - 1)
        front[width] = v
        kept = 0
        for p in range(width + 1):
            if until[front[p]] > i:
                stays[kept] = p
                kept += 1
        if kept > WIDEST:
            return False, total, first, take, leave, take_cost, leave_cost, met
        for s in range(first[i], first[i + 1]):
            for p in range(width):
                before[p] = np.int64((joined[s] >> np.uint64(4 * p)) & np.uint64(15))
            for way in range(2):
                piece[:width] = before[:width]
                piece[width] = fresh * way
                bits = met[s]
                cost = 0.0
                if way == 1:
                    cost += unit.fixed[v]
                    for q in range(things.pointer[v], things.pointer[v + 1]):
                        x = things.of[q]
                        if things.slot[x] < 0:
                            if things.slot[x] == ALONE:
                                cost += things.price[x]
                            continue
                        bit = one << np.uint64(things.slot[x])
                        if things.need[x] == 2 and bits & bit == 0:
                            bits |= bit
                            continue
                        if things.need[x] == 2:
                            bit <<= one
                        if bits & bit == 0:
                            bits |= bit
                            cost += things.price[x]
                for q in range(unit.pointer[v], unit.pointer[v + 1]):
                    u = unit.neighbour[q]
                    if place[u] > i:
                        continue
                    p = 0
                    while front[p] != u:
                        p += 1
                    if before[p] > 0 and way == 1:
                        cost += unit.inside[q]
                        old = piece[p]
                        if old != fresh:
                            for r in range(width):
                                if piece[r] == old:
                                    piece[r] = fresh
                    elif before[p] > 0 or way == 1:
                        cost += unit.leaving[q]
                name[:] = 0
                pieces, alive = 0, 0
                for p in range(width + 1):
                    if piece[p] > 0 and name[piece[p]] == 0:
                        name[piece[p]] = -1
                        pieces += 1
                key = np.uint64(0)
                for r in range(kept):
                    at = piece[stays[r]]
                    if at > 0:
                        if name[at] == -1:
                            alive += 1
                            name[at] = alive
                        key |= np.uint64(name[at]) << np.uint64(4 * r)
                to = NOWHERE
                if cost == np.inf:
                    to = NOWHERE
                elif alive == 0 and pieces == 1:
                    to = DONE
                elif alive == pieces and i < n - 1:  # a piece that leaves the frontier beside another can never join it
                    for q in range(things.pointer[v], things.pointer[v + 1]):
                        x = things.of[q]
                        if things.slot[x] >= 0 and things.last[x] == i:
                            bits &= ~(((one << np.uint64(things.need[x])) - one) << np.uint64(things.slot[x]))
                    h = (key * np.uint64(0x9E3779B97F4A7C15)) ^ (bits * np.uint64(0xC2B2AE3D27D4EB4F))
                    h ^= h >> np.uint64(29)
                    h *= np.uint64(0xBF58476D1CE4E5B9)
                    h = (h ^ (h >> np.uint64(32))) & mask
                    while table[h] >= 0 and (joined[table[h]] != key or met[table[h]] != bits):
                        h = (h + one) & mask
                    if table[h] < 0:
                        if total == size:
                            return False, total, first, take, leave, take_cost, leave_cost, met
                        table[h] = total
                        joined[total] = key
                        met[total] = bits
                        total += 1
                    to = table[h]
                if way == 1:
                    take[s], take_cost[s] = to, cost
                else:
                    leave[s], leave_cost[s] = to, cost
        if i < n - 1:
            first[i + 2] = total
        for r in range(kept):
            front[r] = front[stays[r]]
        width = kept
    return True, total, first, take, leave, take_cost, leave_cost, met
