"""What a column of a table refers to: codes people wrote as names are given their code, those no register has are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridmap.finding import Finding
from gridmap.terms import key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gridmap.intake.forms import Column

NOT_THERE = key("{column}: {value} is not in the district's register.")


@dataclass(frozen=True, slots=True)
class Register:
    """What a register has of the words that stand in a column.

    codes: the code each known word stands for, a code for itself, a name for the one thing that bears it. must: a row that
    refers to nothing cannot be kept; otherwise it is kept, and said.
    """

    codes: Mapping[str, str]
    must: bool


def coded(texts: pa.Array, register: Register) -> pa.Array:
    """Give each text its code where the register knows it, else the text as it is."""
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    words = [register.codes.get(word.strip(), word) for word in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)


def unknown(
    column: Column, typed: pa.Array, register: Register, findings: list[Finding], called: str
) -> list[tuple[NDArray[np.bool_], str, Column | None]]:
    """Find values that the register does not have: rows set aside where they must refer to something, else a finding."""
    there = pc.is_in(typed, value_set=pa.array(sorted(set(register.codes.values())), pa.string()))
    lost = pc.and_(pc.is_valid(typed), pc.invert(there))
    count = int(pc.sum(lost).as_py() or 0)
    if not count:
        return []
    if register.must:
        return [(np.asarray(lost.to_numpy(zero_copy_only=False), dtype=bool), NOT_THERE, column)]
    message = key("{column}: {count:# row names|# rows name} what the district's register does not have, {example} for one.")
    about = {"column": called, "count": count, "example": typed.filter(lost)[0].as_py()}
    findings.append(Finding("not_registered", "note", message, about, size=float(count), unit="rows"))
    return []
