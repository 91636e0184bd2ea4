"""The engine: cleans departmental layers, overlays them, and joins the pieces to unified grids. Pure: no files, no output."""

from gridmap.merge.checks import check, locate
from gridmap.merge.crosswalk import crosswalk
from gridmap.merge.finding import Finding
from gridmap.merge.numbering import number

__all__ = ["Finding", "check", "crosswalk", "locate", "number"]
