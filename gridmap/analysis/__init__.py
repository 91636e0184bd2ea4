"""What lies in an area: its people, grids, organisations and places, where they are, and the registers that name them."""

from gridmap.analysis.area import Area, Post, area
from gridmap.analysis.registers import blanks, classes, ground, matters, setting
from gridmap.analysis.sites import centres, party_orgs

__all__ = [
    "Area", "Post", "area", "blanks", "centres", "classes", "ground", "matters", "party_orgs", "setting",
]  # fmt: skip
