"""What codes of the work are called: matters, departments, people, places; looked up once for each version of their tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st

from gridmap import codes, terms
from gridmap.cases import books, search
from gridmap.web import district, tables, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmap.cases.search import Matter


def matters() -> list[Matter]:
    """Give every kind of matter."""
    return _matters(district.db().data_version("matter_types", "matter_synonyms"))


def matter(code: str | None) -> str:
    """Give what a matter is called."""
    found = next((one for one in matters() if one.code == code), None)
    if found is None:
        return code or "—"
    return found.name_zh if terms.language() == "zh" else words.capital(found.name_en or found.name_zh)


def departments() -> dict[str, str]:
    """Give the departments by their id."""
    spoken = terms.LANGUAGES.index(terms.language())
    known = _departments(district.db().data_version("departments"))
    return {code: words.capital(names[spoken]) for code, names in known.items()}


def dept(code: str | None) -> str:
    """Give what a department is called; nothing for none."""
    return departments().get(code, code) if code else ""


def person(staff: str | None) -> str:
    """Give a person's masked name; nothing for none."""
    return books.person(district.db(), staff) if staff else ""


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Give names to choose from by their id, each different: where several are called alike, as masked, the id follows.

    A choice is told by what is read; of two lines that read the same the wrong one would be taken.
    """
    often = Counter(names.values())
    return {ident: f"{name} · {ident}" if often[name] > 1 else name for ident, name in names.items()}


def where(code: object) -> str:
    """Give a place in words: street and community or grid, else the district; None, or pandas' word for it, is no grid."""
    if not isinstance(code, str) or not code:
        return terms.say("outside every grid")
    if len(code) < codes.STREET:
        return tables.names("district").get(code, code)
    parts = [tables.names("street").get(code[: codes.STREET], code[: codes.STREET])]
    community = tables.names("community").get(code[: codes.COMMUNITY], code[: codes.COMMUNITY])
    grid = tables.names("grid").get(code, "") if len(code) == codes.GRID else ""
    if len(code) >= codes.COMMUNITY and not grid.startswith(community):
        parts.append(community)
    if len(code) == codes.GRID:
        parts.append(grid if grid and grid != code else terms.say("grid {n}", n=code[codes.COMMUNITY :]))
    return " ".join(parts)


@st.cache_resource(show_spinner=False, max_entries=4)
def _matters(data_version: str) -> list[Matter]:  # noqa: ARG001  the key
    return search.matters(district.db())


@st.cache_resource(show_spinner=False, max_entries=4)
def _departments(data_version: str) -> dict[str, tuple[str, str]]:  # noqa: ARG001  the key
    return books.departments(district.db())
