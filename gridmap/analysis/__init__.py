"""What lies in an area: its people, grids, organisations and places, where they are, and the registers that name them."""

from gridmap.analysis.area import Area, Post, area
from gridmap.analysis.registers import classes, ground, setting
from gridmap.analysis.sites import centres, party_orgs

__all__ = ["Area", "Post", "area", "centres", "classes", "ground", "party_orgs", "setting"]
