"""What lies in an area: its people, grids, organisations and places, where they are, and the registers that name them."""

from gridmap.analysis.area import Area, Post, area
from gridmap.analysis.parties import PARTIES, STANDS, parties, stands
from gridmap.analysis.registers import blanks, classes, ground, matters, setting
from gridmap.analysis.sites import ENOUGH_M2, centres, party_orgs
from gridmap.analysis.walking import FACILITIES, Reach, reach, sites

__all__ = [
    "ENOUGH_M2", "FACILITIES", "PARTIES", "STANDS", "Area", "Post", "Reach", "area", "blanks", "centres",
    "classes", "ground", "matters", "parties", "party_orgs", "reach", "setting", "sites", "stands",
]  # fmt: skip
