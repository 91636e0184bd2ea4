"""Frames in, folium maps out: layers, legends, escaping, offline assets.

A page calls ``district_map`` (what stays) and ``repaint`` (what changes), and shows both with ``gridmap.web.map_frame.show``.
"""

from gridmap.maps.assets import FONT_FAMILY, fonts_url
from gridmap.maps.district import AreaLayer, Bounds, Ground, Outline, area_layer, district_map, ground, outline, repaint
from gridmap.maps.legends import legend, number
from gridmap.maps.points import PointLayer, Sign, point_layer
from gridmap.maps.scales import Scale, departments, scale_for

__all__ = [
    "FONT_FAMILY", "AreaLayer", "Bounds", "Ground", "Outline", "PointLayer", "Scale", "Sign", "area_layer", "departments",
    "district_map", "fonts_url", "ground", "legend", "number", "outline", "point_layer", "repaint", "scale_for",
]  # fmt: skip
