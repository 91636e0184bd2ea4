"""What people fix before the search: these atoms together, these apart, this atom with that grid, this grid as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmap.errors import MergeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.merge.objective import Ints


@dataclass(frozen=True)
class Together:
    """These atoms belong to one grid."""

    atoms: tuple[int, ...]


@dataclass(frozen=True)
class Apart:
    """No two of these atoms belong to one grid."""

    atoms: tuple[int, ...]


@dataclass(frozen=True)
class InGrid:
    """One atom belongs to the grid of that name: atoms pinned to one name go together, to different names apart."""

    atom: int
    grid: str


@dataclass(frozen=True)
class Locked:
    """These atoms are one grid, and nothing else is in it."""

    atoms: tuple[int, ...]


Pin = Together | Apart | InGrid | Locked


@dataclass(frozen=True)
class Rules:
    """The pins in the search's terms: atoms that form one node, pairs of atoms that clash, and atoms closed to others."""

    groups: tuple[tuple[int, ...], ...]
    apart: tuple[tuple[int, int], ...]
    locked: tuple[tuple[int, ...], ...]


def rules(pins: Sequence[Pin], *, nest: Sequence[str]) -> Rules:
    """Check the pins and put them in the search's terms.

    nest: the nest unit of each atom, by position. Raises MergeError, with the reason, for an atom that does not exist, a
    group that spans two nest units, and a grid that is locked and yet shares an atom with another locked grid.
    """
    named: dict[str, set[int]] = {}
    groups: list[tuple[int, ...]] = []
    apart: list[tuple[int, int]] = []
    locked: list[tuple[int, ...]] = []
    for pin in pins:
        atoms = (pin.atom,) if isinstance(pin, InGrid) else pin.atoms
        for atom in atoms:
            if not 0 <= atom < len(nest):
                raise MergeError("A pin names the atom {atom}, which does not exist.", atom=atom)
        if isinstance(pin, InGrid):
            named.setdefault(pin.grid, set()).add(pin.atom)
        elif isinstance(pin, Apart):
            distinct = sorted(set(atoms))
            apart.extend((a, b) for i, a in enumerate(distinct) for b in distinct[i + 1 :] if nest[a] == nest[b])
        else:
            groups.append(_one_nest(atoms, nest))
            if isinstance(pin, Locked):
                locked.append(groups[-1])
    groups.extend(_one_nest(tuple(atoms), nest) for atoms in named.values())
    names = sorted(named)
    for i, one in enumerate(names):
        for two in names[i + 1 :]:
            if named[one] & named[two]:
                atom = min(named[one] & named[two])
                raise MergeError("The atom {atom} is pinned to two grids, {one} and {two}.", atom=atom, one=one, two=two)
            a, b = min(named[one]), min(named[two])
            if nest[a] == nest[b]:
                apart.append((a, b))
    taken: set[int] = set()
    for group in locked:
        if taken & set(group):
            raise MergeError("The atom {atom} lies in two locked grids.", atom=min(taken & set(group)))
        taken |= set(group)
    return Rules(tuple(g for g in groups if g), tuple(apart), tuple(locked))


def _one_nest(atoms: tuple[int, ...], nest: Sequence[str]) -> tuple[int, ...]:
    homes = sorted({nest[atom] for atom in atoms})
    if len(homes) > 1:
        raise MergeError(
            "Atoms pinned together lie in {one} and in {two}; a grid stays inside one of them.", one=homes[0], two=homes[1]
        )
    return tuple(sorted(set(atoms)))


def join(group: Sequence[int], *, pointer: Ints, neighbour: Ints, closed: Ints) -> list[int] | None:
    """Give the nodes of ``group`` and, where they do not touch, the fewest nodes that link them; None if nothing can.

    closed: 1 for nodes that may not serve as a link. Ties go to the node that comes first.
    """
    target = np.zeros(len(pointer) - 1, bool)
    target[list(group)] = True
    joined = [group[0]]
    inside = {group[0]}
    while True:
        before: dict[int, int] = dict.fromkeys(joined, -1)
        queue = list(joined)
        reached = -1
        head = 0
        while head < len(queue):
            node = queue[head]
            head += 1
            if target[node] and node not in inside:
                reached = node
                break
            for other in neighbour[pointer[node] : pointer[node + 1]]:
                v = int(other)
                if v not in before and (target[v] or not closed[v]):
                    before[v] = node
                    queue.append(v)
        if reached < 0:
            return joined if all(node in inside for node in group) else None
        while reached >= 0 and reached not in inside:
            inside.add(reached)
            joined.append(reached)
            reached = before[reached]
