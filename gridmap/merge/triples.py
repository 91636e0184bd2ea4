"""Cuts that make the linear program nearly whole: of any three nodes, at most one chosen zone can hold two or more.

A fractional solution mixes zones that overlap; three nodes that are paired up three ways show it. Each such triple becomes a
row of the linear program, and its price a charge on every zone that holds two of its nodes (subset-row inequalities:
Jepsen, Petersen, Spoorendonk and Pisinger, Operations Research 56, 2008).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

if TYPE_CHECKING:
    from gridmap.merge.objective import Floats, Ints

CLEAR = 1.02
"""How much of two-node zones a triple must hold to be worth a row."""


class Triples(NamedTuple):
    """Triples of nodes, one a row of ``nodes``; ``of[pointer[u]:pointer[u + 1]]`` are those that node u belongs to."""

    nodes: Ints
    pointer: Ints
    of: Ints


def triples(nodes: Ints, count: int) -> Triples:
    """Index triples (rows of three nodes) by node, of ``count`` nodes."""
    flat = nodes.ravel()
    order = np.argsort(flat, kind="stable")
    return Triples(nodes, np.searchsorted(flat[order], np.arange(count + 1)).astype(np.int64), (order // 3).astype(np.int64))


def twice(held: npt.NDArray[np.int8], nodes: Ints) -> npt.NDArray[np.int8]:
    """Give a row a zone, with 1 at each triple (a row of ``nodes``) of which it holds two nodes or three."""
    return np.asarray(held[:, nodes].sum(axis=2) >= 2, np.int8)


@njit(cache=True)
def broken(pointer: Ints, nodes: Ints, share: Floats, count: int, most: int) -> Ints:
    """Find up to ``most`` triples that a fractional solution breaks, the worst ones.

    pointer, nodes: the zones of the solution; share: how much of each is chosen; count: how many nodes there are.
    """
    pair = np.zeros((count, count))
    three = np.zeros((count, count, count))
    for z in range(len(share)):
        for i in range(pointer[z], pointer[z + 1]):
            for j in range(pointer[z], pointer[z + 1]):
                if nodes[j] > nodes[i]:
                    pair[nodes[i], nodes[j]] += share[z]
                    for k in range(pointer[z], pointer[z + 1]):
                        if nodes[k] > nodes[j]:
                            three[nodes[i], nodes[j], nodes[k]] += share[z]
    found = np.zeros((most, 3), np.int64)
    worth = np.zeros(most)
    size, weakest = 0, 0
    for i in range(count):
        for j in range(i + 1, count):
            for k in range(j + 1, count):
                value = pair[i, j] + pair[i, k] + pair[j, k] - 2 * three[i, j, k]
                if value <= CLEAR or (size == most and value <= worth[weakest]):
                    continue
                at = size if size < most else weakest
                found[at, 0], found[at, 1], found[at, 2] = i, j, k
                worth[at] = value
                size = min(size + 1, most)
                if size == most:
                    weakest = int(np.argmin(worth))
    return found[:size]


@njit(cache=True)
def reduced(
    pointer: Ints, nodes: npt.NDArray[np.int32], cost: Floats, price: Floats, cut_pointer: Ints, cut: Ints, charge: Floats
) -> Floats:
    """Give each zone's cost less its nodes' prices, plus the charge of each triple of which it holds two or more."""
    found = np.empty(len(cost))
    met = np.zeros(len(charge), np.int64)
    for z in range(len(cost)):
        value = cost[z]
        for at in range(pointer[z], pointer[z + 1]):
            u = nodes[at]
            value -= price[u]
            for c in range(cut_pointer[u], cut_pointer[u + 1]):
                met[cut[c]] += 1
                if met[cut[c]] == 2:
                    value += charge[cut[c]]
        for at in range(pointer[z], pointer[z + 1]):
            u = nodes[at]
            for c in range(cut_pointer[u], cut_pointer[u + 1]):
                met[cut[c]] = 0
        found[z] = value
    return found
