"""What lies in an area: its people, grids, organisations and places, where they are, and the registers that name them."""

from gridmap.analysis.alarms import blanks, open_whistles, repeats
from gridmap.analysis.area import Area, Post, area
from gridmap.analysis.registers import classes, ground, setting
from gridmap.analysis.sites import centres, party_orgs

__all__ = [
    "Area", "Post", "area", "blanks", "centres", "classes", "ground", "open_whistles", "party_orgs", "repeats", "setting",
]  # fmt: skip
