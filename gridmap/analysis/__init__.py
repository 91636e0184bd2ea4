"""What lies in an area: its people, grids, organisations and places, where they are, and the registers that name them."""

from gridmap.analysis.area import Area, Post, area
from gridmap.analysis.closures import Closure, closure
from gridmap.analysis.grid_card import GridCard, Walk, WaysToCentres, Worker, grid_card, ways_to_centres
from gridmap.analysis.ground_layers import bare_grids, buildings, companies, compounds, patrols, restricted, units
from gridmap.analysis.inquiry import Drawn, along, around, drawn, listed
from gridmap.analysis.parties import PARTIES, STANDS, parties, stands
from gridmap.analysis.pieces import homes, monthly
from gridmap.analysis.registers import (
    blanks,
    classes,
    compound_names,
    ground,
    matters,
    named_places,
    open_whistles,
    setting,
    shape_of,
)  # fmt: skip
from gridmap.analysis.sites import ENOUGH_M2, centres, party_orgs
from gridmap.analysis.walking import FACILITIES, Reach, reach, require_walks, sites

__all__ = [
    "ENOUGH_M2", "FACILITIES", "PARTIES", "STANDS", "Area", "Closure", "Drawn", "GridCard", "Post", "Reach", "Walk",
    "WaysToCentres", "Worker", "along", "area", "around", "bare_grids", "blanks", "buildings", "centres", "classes",
    "closure", "companies", "compound_names", "compounds", "drawn", "grid_card", "ground", "homes", "listed", "matters",
    "monthly", "named_places", "open_whistles", "parties", "party_orgs", "patrols", "reach", "require_walks", "restricted",
    "setting", "shape_of", "sites", "stands", "units", "ways_to_centres",
]  # fmt: skip
