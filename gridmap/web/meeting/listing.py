"""The places in dispute of a street or of all the reader sees, found once for each set of atoms, street by street."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import shapely
import streamlit as st

from gridmap import analysis, crs, terms
from gridmap.merge import disputes
from gridmap.merge.board import Board
from gridmap.web import district, progress, tables, words
from gridmap.web.meeting import room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.merge.disputes import Dispute
    from gridmap.merge.plan import Draft
    from gridmap.web.jobs import Progress

MOST_STREETS = 2000
"""Streets of sets of atoms whose places are kept; a city has some hundred and fifty."""

By = Literal["households", "metres"]


@dataclass(frozen=True)
class Place:
    """One place in dispute: its street, what the engine knows of it, its ground in EPSG:4490 and what it is called."""

    street: str
    dispute: Dispute
    ground: shapely.Geometry

    @property
    def key(self) -> str:
        """Name the place by what the departments call it."""
        return self.dispute.key

    @property
    def name(self) -> str:
        """Call it by its community and the compounds that lie in it."""
        known = _compounds(district.db().data_version("compounds"))
        grounds = [known[unit] for unit in self.dispute.units if known.get(unit)]
        head = tables.names("community").get(self.dispute.nest, self.dispute.nest)
        inside = words.joined(grounds[:2]) if grounds else terms.say("ground {n}", n=self.dispute.atoms[0] + 1)
        return f"{head} · {inside}"


_found: dict[tuple[str, str, str], list[Place]] = {}
_lock = threading.Lock()


def places(draft: str, streets: Sequence[str], by: By) -> list[Place] | None:
    """List the places in dispute of some streets, the gravest first; None while they are being found, which is drawn."""
    atom_set, folder = str(room.known(draft)["atom_set"]), str(district.folder())
    missing = [street for street in streets if (folder, atom_set, street) not in _found]

    def work(report: Progress) -> None:
        for number, street in enumerate(missing):
            report(terms.key("Looking for places in dispute"), number / len(missing))
            _find(folder, atom_set, street)

    if missing and not progress.done(f"disputes-{atom_set}-{missing[0]}-{len(missing)}", work):
        return None
    listed = [place for street in streets for place in _find(folder, atom_set, street)]
    listed.sort(key=lambda place: (-round(getattr(place.dispute, by)), -place.dispute.metres, place.key))
    return listed


def at_hand(now: Draft, place: Place) -> Dispute | None:
    """Give a place as the plan has its ground now; None when a line has been drawn through it since."""
    return next((one for one in _of(now.board) if one.key == place.key), None)


def _find(folder: str, atom_set: str, street: str) -> list[Place]:
    with _lock:
        kept = _found.get((folder, atom_set, street))
    if kept is not None:
        return kept
    atoms = district.db().atoms(atom_set, street).drop(columns="grid_code")
    board = Board(atoms)
    found = disputes.disputes(board)
    shapes = atoms.geometry.to_numpy()
    grounds = [shapely.coverage_union_all(shapes[list(one.atoms)]) for one in found]
    stored = gpd.GeoSeries(grounds, crs=board.crs).to_crs(crs.STORED)
    made = [Place(street, one, ground) for one, ground in zip(found, stored, strict=True)]
    with _lock:
        while len(_found) > MOST_STREETS:
            del _found[next(iter(_found))]
        return _found.setdefault((folder, atom_set, street), made)


@st.cache_resource(show_spinner=False, max_entries=64, hash_funcs={"gridmap.merge.board.Board": lambda board: board.serial})
def _of(board: Board) -> list[Dispute]:
    return disputes.disputes(board)


@st.cache_resource(show_spinner=False, max_entries=2)
def _compounds(data_version: str) -> dict[str, str]:  # noqa: ARG001  the key
    return analysis.compound_names(district.db())
