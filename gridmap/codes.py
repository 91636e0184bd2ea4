"""Division and grid codes: text, digit by digit (dossier §2.2).

district 6 digits, street 9, community 12, grid 15 = community + a sequence 001-999. A city, where a store holds several
districts, is the 4 digits that they share; it has no row and no officially written code of its own.
"""

from __future__ import annotations

import re

from gridmap.errors import InputError

CITY, DISTRICT, STREET, COMMUNITY, GRID = 4, 6, 9, 12, 15
LEVELS = {CITY: "city", DISTRICT: "district", STREET: "street", COMMUNITY: "community", GRID: "grid"}
SEQUENCE_DIGITS = 3
SEQUENCE_MAX = 999

_OFFICIAL = re.compile(r"[0-9]{12}([0-9A-Z]{3})?|[0-9]{6}|[0-9]{9}")


def level(code: str) -> str:
    """Say which level a division or grid code names: district, street, community or grid.

    Raises InputError when the text is no such code.
    """
    if not _OFFICIAL.fullmatch(code):
        raise InputError("The code {code} is not one of 6, 9, 12 or 15 digits.", code=code)
    return LEVELS[len(code)]


def parent(code: str) -> str | None:
    """Give the code one level up, or None for a district."""
    own = level(code)
    return None if own == "district" else code[: len(code) - SEQUENCE_DIGITS]


def grid_code(nest_id: str, sequence: int) -> str:
    """Make a grid's code: its nest unit's code and three digits.

    Raises InputError when the sequence does not fit into three digits.
    """
    if not 1 <= sequence <= SEQUENCE_MAX:
        raise InputError(
            "{nest} would need grid number {sequence}; a code has room for 001-999.", nest=nest_id, sequence=sequence
        )
    return f"{nest_id}{sequence:0{SEQUENCE_DIGITS}d}"
