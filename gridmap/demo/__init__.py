"""Makes the fictional demo district: coast and river, streets, homes, four offices' layers with faults, a year's work."""

from gridmap.demo.making import Made, make
from gridmap.demo.source import SIZES, TODAY, make_source

__all__ = ["SIZES", "TODAY", "Made", "make", "make_source"]
